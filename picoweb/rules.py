"""How programs add routes to an app. Imported by the first one."""

from .compat import is_async
from .routing import ANY, GET, is_pattern, split

_NONE = {}


def add_routes(app, rules):
    """Adds a list of (path, handler) or (path, handler, options); they answer all methods unless they say otherwise."""
    for rule in rules:
        options = rule[2] if len(rule) > 2 else _NONE
        app.add_url_rule(rule[0], rule[1], **(options if "methods" in options else dict(options, methods=ANY)))


def route(app, url, methods=None, **options):
    """Decorator: the function answers `url`. Parts such as <int:n> arrive as its arguments."""

    def decorate(func):
        app.add_url_rule(url, func, methods, **options)
        return func

    return decorate


def add_url_rule(app, url, func, methods=None, **options):
    """Makes `func(req, resp, **parts)` answer `url` for `methods` (GET and HEAD when None).

    Options: headers, "parse", "skip" or "leave", see options.py; name, for url_for(), else the function's own. Of
    two functions for the same path and method, the first answers.
    """
    if options or not isinstance(url, str) or not is_async(func):
        from .options import wrapped

        func = wrapped(url, func, **options)
    app._head = None
    methods = (methods,) if isinstance(methods, str) else tuple(methods) if methods else GET
    if not isinstance(url, str):
        app.patterns.append((url, (func, methods)))
        app.varies = True
    elif is_pattern(url):
        app.patterns.append((split(url), (func, methods)))
    elif url in app.exact:
        by_method, known = app.exact[url]
        by_method = by_method if type(by_method) is dict else dict.fromkeys(known, by_method)
        methods = tuple([method for method in methods if method not in known])
        by_method.update(dict.fromkeys(methods, func))
        app.exact[url] = by_method, known + methods
    else:
        app.exact[url] = func, methods
