{% args name, label, value="", kind="text" %}
<label for="{{ name }}">{{ label }}</label>
<input id="{{ name }}" name="{{ name }}" type="{{ kind }}" value="{{ value }}">
