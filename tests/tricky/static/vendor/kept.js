// As it is:   every    space.
window.results.kept = ( function kept ( )   { } ).toString()
