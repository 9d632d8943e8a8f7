{% args items, **others %}
<!doctype html>
<html>
  <head>
    <title>  Old  </title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="{{ asset("css/main.css") }}">
    <style>{{ inline("css/inlined.css") }}</style>
  </head>
  <body>
    <ul class="menu">
      {% for item in items %}
      <li>   {{ item.replace("<", "&lt;") }}   </li>
      {% endfor %}
    </ul>
    <pre>   as    is   </pre>
    <img src="{{ asset("dot.svg", inline=True) }}" alt="">
    <script>window.results = {old: `a   b`}</script>
  </body>
</html>
