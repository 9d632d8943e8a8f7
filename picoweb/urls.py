"""From a route's name back to its path. Imported by the first url_for()."""

_SAFE = b"-._~!$'()*,:@"


def url_for(*args, **parts):
    """url_for(app, name, **parts): the path of the route whose function has that name, or that was given it:
    url_for("item", n=3) -> "/item/3".

    Parts that the path does not have become the query. Routes of mounted apps are found too. Raises LookupError.
    """
    app, name = args  # so that a part may be called `name`
    best = _best(app, name, parts)
    if best is None:
        raise LookupError("no route named %r takes %s" % (name, ", ".join(sorted(parts)) or "no parts"))
    url, used = best
    query = "&".join([quote(key) + "=" + quote(str(value)) for key, value in sorted(parts.items()) if key not in used])
    return _prefix(app) + (url or "/") + ("?" + query if query else "")


def _prefix(app):
    return _prefix(app.parent) + app.url if app.parent else ""


def _best(app, name, parts):
    """(path, names of its parts) of the route that takes the most of `parts`."""
    best = None
    for pattern, func in _routes(app):
        if getattr(func, "__name__", None) == name:
            used = [part[1] for part in pattern if not isinstance(part, str)]
            if all(key in parts for key in used) and (best is None or len(used) > len(best[1])):
                best = "".join(["/" + _text(part, parts) for part in pattern]), used
    for sub in app.mounts if best is None else ():
        found = _best(sub, name, parts)
        if found:
            return sub.url + found[0], found[1]
    return best


def _routes(app):
    for path, route in app.exact.items():
        funcs = route[0].values() if type(route[0]) is dict else (route[0],)
        for func in funcs:
            yield path[1:].split("/"), func
    for pattern, route in app.patterns:
        if type(pattern) is tuple:
            yield pattern, route[0]


def _text(part, parts):
    return quote(part) if isinstance(part, str) else quote(str(parts[part[1]]), b"/" if part[0] == "path" else b"")


def quote(text, more=b""):
    """Percent-encoding (RFC 3986 §2.1): "a b" -> "a%20b"; `more`: other characters that stay."""
    out = ""
    for c in text.encode():
        plain = 48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c in _SAFE or c in more
        out += chr(c) if plain else "%%%02X" % c
    return out
