import { twice } from "./lib.mjs"
import * as all from './lib.mjs'
export default { a : 1 }
window.results.module = [ twice( 4 ) , Object.keys( all ) ]
