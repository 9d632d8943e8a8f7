{% args site, title %}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title }} · {{ site["title"] }}</title>
<link rel="stylesheet" href="/static/style.css">
<link rel="icon" href="/favicon.ico" sizes="32x32">
<link rel="apple-touch-icon" href="/static/leaf.png">
</head>
<body>
<header>
<a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M11 23v-9C4 15 1 10 1 4c7 0 10 3 11 8 1-6 5-9 11-9 0 7-4 11-10 11v9z"/></svg>{{ site["title"] }}</a>
<nav aria-label="Pages">
<a href="/"{{ ' aria-current="page"' if title == "Status" else "" }}>Status</a>
<a href="/about"{{ ' aria-current="page"' if title == "About" else "" }}>About</a>
</nav>
</header>
