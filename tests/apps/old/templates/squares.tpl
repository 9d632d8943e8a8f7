{% args req %}
<h1>Squares at {{req.path}}</h1>
{% for i in range(3) %}
{{i}}: {{i ** 2}}
{% endfor %}
