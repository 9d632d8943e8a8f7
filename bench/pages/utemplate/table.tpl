{% args rows %}
<table>
{% set n = 0 %}
{% for row in rows %}
{% set n += 1 %}
<tr><td>{{ n }}</td><td>{{ row["name"] }}</td><td>{{ row["value"] }}</td><td>{% if row["on"] %}on{% else %}off{% endif %}</td></tr>
{% endfor %}
</table>
