/*! A licence that stays. */
// A comment that goes.
"use strict"
const r = window.results
r.template = `two   spaces ${ 1  +  1 } // not a comment
   line`
r.regex = [ /a   b/.test( "a   b" ) , /[/]'   "/.source , "a/b/c".split( /\// ).length ]
let i = 1
let j = i
++j
r.asi = [ i , j ]
const f = function () { return 7 }
;( function () { r.call = f() } )()
r.plus = [ i + +j , i - -j , i+ ++i ]
r.string = 'it\'s  ' + "a  \
  b"
r.nullish = r.nothing ?. x ?? "none"
r.label = ( () => { outer : for ( const a of [ 1 , 2 ] ) { for ( ;; ) { if ( a ) continue outer } } return "done" } )()
class A { static #p = 1 ; static   get p () { return A . #p } ; [ "a b" ] = 2 }
r.class = [ A.p , new A()[ "a b" ] ]
r.number = 1..toString() + 1.0.toFixed( 1 )
r.lines = document.querySelectorAll( "pre" )[ 0 ] ?. textContent
r.area = document.querySelector( "textarea" ) ?. value
r.names = Object.keys( { a : 1 , "b c" : 2 , 3 : 4 } )
r.comma = ( 1 , 2 )
r.unicode = "ü \u00fc  \u2028".length
if ( r ) r.if = 1
else r.if = 2
do r.do = 1 ; while ( 0 )
const text = document.getElementById( "tpl" )
r.tpl = text && text.textContent
r.old = document.styleSheets.length
r.style = getComputedStyle( document.documentElement ).getPropertyValue( "--gap" ).replace( /\s+/g , " " )
//# sourceMappingURL=main.js.map
