// rjsmin would take the spaces out of the inner text.
window.odd = `a ${ `n   n` } b`
