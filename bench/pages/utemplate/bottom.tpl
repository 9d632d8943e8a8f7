{% args count, version %}
</main>
<footer>{{ count }} sensors, version {{ version }}</footer>
</html>
