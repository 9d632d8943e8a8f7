export const   twice = ( n ) => n * 2
export { twice as double }
