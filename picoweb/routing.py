"""A path to its route.

A route is a list or tuple: (target, methods, …). `target` is an async function, or the name of a kind of target from
routes.json; `methods` a list, or None for GET alone. HEAD comes with GET, OPTIONS with everything.
"""

from .errors import HTTPError

GET = ("GET",)
_NONE = {}
ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")


def split(pattern):
    """ "/relay/<int:n>" -> ("relay", ("int", "n")); "/static/*" -> ("static", ("path", "*")).

    Parts: <name> one segment that is not empty, <int:name> digits, <path:name> all the rest, also empty or with
    slashes. Raises ValueError for another kind, or something after <path:…>.
    """
    parts = []
    for part in pattern[1:].split("/"):
        if parts and not isinstance(parts[-1], str) and parts[-1][0] == "path":
            raise ValueError("nothing can follow <path:…> in %r" % pattern)
        if part == "*":
            part = ("path", "*")
        elif part.startswith("<") and part.endswith(">"):
            kind, _, name = part[1:-1].rpartition(":")
            if kind not in ("", "str", "int", "path") or not name:
                raise ValueError("%r in %r is not <name>, <int:name> or <path:name>" % (part, pattern))
            part = (kind or "str", name)
        parts.append(part)
    return tuple(parts)


def is_pattern(path):
    """True when the path has parts that stand for many paths."""
    return "<" in path or path.endswith("/*")


def match(parts, segments):
    """The values of a split pattern's parts for the path's segments, as a dict, None when it does not match."""
    params = {}
    at = 0
    for part in parts:
        if isinstance(part, tuple) and part[0] == "path":
            params[part[1]] = "/".join(segments[at:])
            return params if at < len(segments) else None
        if at == len(segments):
            return None
        segment = segments[at]
        if isinstance(part, str):
            if part != segment:
                return None
        elif part[0] == "int":
            if not segment.encode().isdigit():  # ASCII digits alone
                return None
            params[part[1]] = int(segment)
        elif segment:
            params[part[1]] = segment
        else:
            return None
        at += 1
    return params if at == len(segments) else None


def match_path(matcher, path):
    """What a matcher finds in a path, as {"url_match": match}, None for nothing.

    It is a compiled regular expression, another object with match(path), or can be called with the path.
    """
    found = matcher.match(path) if hasattr(matcher, "match") else matcher(path)
    return {"url_match": found} if found else None


def accepts(route, method):
    """True when the route answers the method."""
    methods = route[1]
    if methods is None:
        return method == "GET" or method == "HEAD"
    return method in methods or (method == "HEAD" and "GET" in methods)


def allow(routes):
    """The value of Allow for routes of one path (RFC 9110 §10.2.1): "GET, HEAD, OPTIONS"."""
    names = []
    for route in routes:
        for method in route[1] or GET:
            for name in (method, "HEAD") if method == "GET" else (method,):
                if name not in names:
                    names.append(name)
    return ", ".join(names + ["OPTIONS"])


def find(app, path, method):
    """The route for a path, and the values of its parts. Raises HTTPError 404, or 405 with Allow."""
    others = ()
    if path in app.exact:
        route = app.exact[path]
        if accepts(route, method):
            return route, _NONE
        others = [route]
    for route, params in _candidates(app, path):
        if accepts(route, method):
            return route, params
        others = list(others) + [route]
    if path == "*":
        raise HTTPError(204 if method == "OPTIONS" else 400, "Allow: GET, HEAD, POST, OPTIONS\r\n")
    if not others:
        if app.serve_static and path.startswith("/static/") and method in ("GET", "HEAD"):
            return (app.handle_static, None), _NONE
        raise HTTPError(404)
    raise HTTPError(204 if method == "OPTIONS" else 405, "Allow: %s\r\n" % allow(others))


def _candidates(app, path):
    if app.patterns:
        segments = path[1:].split("/")
        for parts, route in app.patterns:
            if type(parts) is int:  # an index of patterns on flash
                yield from app.spilled(parts, route, segments)
                continue
            params = match(parts, segments) if type(parts) is tuple else match_path(parts, path)
            if params is not None:
                route = app.expand(route, params)
                if route is not None:
                    yield route, params
