{% args site, note %}
<footer>
<p>{{ site["owner"] }}’s {{ site["title"].lower() }}</p>
<p id="note">{{ note }}</p>
</footer>
</body>
</html>
