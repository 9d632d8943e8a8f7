{% args site, status, reason %}
{% include "header.tpl" site, "Not found" %}
<main class="text">
<svg class="pot" viewBox="0 0 80 60" aria-hidden="true">
<path fill="#5b4537" d="M22 16q18-7 36 0v6H22z"/>
<path fill="#c0694a" d="M19 18h42v9h-4l-4 29H27l-4-29h-4z"/>
<path fill="currentColor" opacity=".2" d="M6 56h68v2H6z"/>
</svg>
<h1>Nothing grows here.</h1>
<p class="lead">There is no page at this address. <a href="/">See how the plants are doing</a> instead.</p>
</main>
{% include "footer.tpl" site, "%d %s" % (status, reason) %}
