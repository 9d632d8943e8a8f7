{% args title, places %}
<!doctype html>
<html lang="en">
<title>{{ title }} - Greenhouse</title>
<nav>
{% for place in places %}
<a href="{{ place["path"] }}"{% if place["title"] == title %} class="here"{% endif %}>{{ place["title"] }}</a>
{% endfor %}
</nav>
<main>
<h1>{{ title }}</h1>
