{% args site, headline, advice, temperature, humidity, light, soil, night, points, low, high, time, uptime, relays %}
{% include "header.tpl" site, "Status" %}
<main class="status">

<div class="intro" aria-live="polite">
<h1 id="headline">{{ headline }}</h1>
<p id="advice">{{ advice }}</p>
</div>

<section class="house" aria-labelledby="inside">
<h2 id="inside" class="quiet">Inside the greenhouse</h2>
<svg class="roof" viewBox="0 0 600 150" aria-hidden="true">
<circle id="sky" class="{{ "moon" if night else "sun" }}" cx="430" cy="54" r="40"/>
<path class="glass" d="M300 14 588 148H12z"/>
<path class="bar" d="M84 148v-34M156 148V81M228 148V48M372 148V48M444 148V81M516 148v-34M12 148 300 14 588 148M300 14V2"/>
<g class="fan"><circle cx="300" cy="96" r="35"/><path d="M300 96q-22-10-13-25 14-3 13 25 20-14 28 1-4 14-28-1 2 24-15 24-10-9 15-24"/></g>
</svg>

<dl aria-live="polite">
<div aria-atomic="true">
<dt>Temperature</dt>
<dd><span id="temperature" data-digits="1">{{ temperature if temperature is not None else "–" }}</span> <small>°C</small></dd>
<dd aria-hidden="true"><meter id="temperature-meter" max="40" low="10" high="29" optimum="20" value="{{ temperature or 0 }}"></meter></dd>
</div>
<div aria-atomic="true">
<dt>Humidity</dt>
<dd><span id="humidity">{{ humidity if humidity is not None else "–" }}</span> <small>%</small></dd>
<dd aria-hidden="true"><meter id="humidity-meter" max="100" low="35" high="90" optimum="60" value="{{ humidity or 0 }}"></meter></dd>
</div>
<div aria-atomic="true">
<dt>Light</dt>
<dd><span id="light">{{ light if light is not None else "–" }}</span> <small>%</small></dd>
<dd aria-hidden="true"><meter id="light-meter" max="100" value="{{ light or 0 }}"></meter></dd>
</div>
<div aria-atomic="true">
<dt>Soil moisture</dt>
<dd><span id="soil">{{ soil if soil is not None else "–" }}</span> <small>%</small></dd>
<dd aria-hidden="true"><meter id="soil-meter" max="100" low="30" high="85" optimum="55" value="{{ soil or 0 }}"></meter></dd>
</div>
</dl>

<div class="day">
{% if points %}
<p>The last day: <span id="low" data-digits="1">{{ low }}</span> to <span id="high" data-digits="1">{{ high }}</span> °C</p>
<svg viewBox="0 0 230 60" preserveAspectRatio="none" aria-hidden="true">
<path id="hill" d="M0 60V60L{{ points }} 230,60z"/>
<polyline id="line" points="{{ points }}"/>
</svg>
{% endif %}
<img src="/static/plants.svg" width="560" height="110" alt="A bed of young plants, a tomato, a sunflower and a cactus">
</div>
</section>

<section class="relays" aria-labelledby="switches">
<h2 id="switches">Switches</h2>
{% for relay in relays %}
<form method="post" action="/relay/{{ relay["n"] }}">
<button id="relay-{{ relay["n"] }}" aria-pressed="{{ "true" if relay["on"] else "false" }}">{{ relay["name"] }} <span>{{ "on" if relay["on"] else "off" }}</span></button>
</form>
{% endfor %}
</section>

</main>
<script src="/static/app.js" defer></script>
{% include "footer.tpl" site, "Measured at " + time + ". Board up for " + uptime + "." %}
