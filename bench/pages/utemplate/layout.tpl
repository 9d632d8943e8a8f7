{% args title, places, fields, count, version %}
{% include "top.tpl" title, places %}
<form method="post">
{% for one in fields %}
{% include "field.tpl" one["name"], one["label"], one["value"] %}
{% endfor %}
{% include "field.tpl" "pin", "PIN", kind="password" %}
</form>
{% include "bottom.tpl" count, version %}
