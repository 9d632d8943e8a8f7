results.inlined = "</script><script>" + `<!--   ${ 1 }` + /<\/script>/.source // ends: </script>
