{% args site, heading %}
{% include "header.tpl" site, "About" %}
<main class="text">
<img src="/static/leaf.png" width="200" height="200" alt="A leaf under a glass roof">
<h1>{{ heading }}</h1>
<p class="lead">It is small, it stands in {{ site["owner"] }}’s garden, and it has a web page of its own.</p>

<h2>Where this page comes from</h2>
<p>A microcontroller in the greenhouse, smaller than a matchbox, answers your browser itself. It reads the sensors, writes the numbers into a template, and switches the fan, the pump and the lamp. There is no cloud in between: the page works without the internet.</p>

<h2>How it is made</h2>
<p>One file, <code>site.yaml</code>, says what is where:</p>
<pre tabindex="0" role="region" aria-label="Three lines of site.yaml"><code>/:          {template: index.tpl, data: sensors.now}
/about:     {template: about.tpl}
/static/*:  {dir: static}</code></pre>
<p>A laptop checks that file and prepares everything, templates and pictures too. The board only looks up an address and sends.</p>

<h2>For programs</h2>
<p>The readings are also at <a href="/api/now">/api/now</a>, as JSON.</p>
</main>
{% include "footer.tpl" site, "Grown with picoweb." %}
