{% args site, status, reason %}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Error · {{ site["title"] }}</title>
<link rel="stylesheet" href="{{ asset("style.css") }}">
</head>
<body>
<main class="text">
<svg class="pot" viewBox="0 0 80 60" aria-hidden="true">
<path fill="#3f9560" d="M53 46q6-2 12-10-2-10 4-17 6 8-1 17 6-4 11-1-3 7-11 3-6 8-14 10z"/>
<path fill="#5b4537" d="M44 56q4-16 16-9 12 5 16 9z"/>
<path fill="#c0694a" d="M51 16 52 56 43 56 43 52 12 48 10 25 42 20 42 16z"/>
<path fill="currentColor" opacity=".2" d="M2 56h76v2H2z"/>
</svg>
<h1>A pot fell over.</h1>
<p class="lead">The board could not make this page; its log says why. <a href="/">Go back to the greenhouse</a>, or try again in a moment.</p>
</main>
<footer>
<p>{{ site["owner"] }}’s {{ site["title"].lower() }}</p>
<p id="note">{{ status }} {{ reason }}</p>
</footer>
</body>
</html>
