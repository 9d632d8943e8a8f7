{% args rows %}
<!doctype html>
<title>Sensors</title>
<h1>Sensors</h1>
<table>
{% for row in rows %}
<tr><td>{{ row["n"] }}</td><td>{{ row["name"] }}</td><td>{{ row["value"] }} °C</td></tr>
{% endfor %}
</table>
