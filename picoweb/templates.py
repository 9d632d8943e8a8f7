"""Find and run a compiled template: a module with a generator `render`, and the names it takes in ARGS."""

from .compat import both
from .errors import reason
from .response import start_response

_modules = {}  # by the template's name: an import each time would search for it again
_GIVEN = {
    "site": lambda app, req, resp: app.site,
    "req": lambda app, req, resp: req,
    "status": lambda app, req, resp: resp.status,
    "reason": lambda app, req, resp: reason(resp.status),
}


def load(name, package=""):
    """The module of a template: "index.tpl" -> templates.index_tpl. Raises ImportError."""
    return __import__(package + "templates." + name.replace(".", "_").replace("/", "."), None, None, ("render",))


async def write(resp, chunks):
    """Writes the pieces of a page; most only go into the connection's buffer."""
    buf = resp.buf
    limit = resp.limit
    at = resp.fill
    drop = resp.drops()
    for chunk in chunks:
        if type(chunk) is str:
            chunk = chunk.encode()
        end = at + len(chunk)
        if end <= limit:
            if not drop:
                buf[at:end] = chunk
                at = end
        else:
            resp.fill = at
            await resp.awrite(chunk)
            at = resp.fill
            drop = resp.drops()
    resp.fill = at


async def respond(app, req, resp, route, params):
    """Renders a page: ["t", methods, headers, type, template, data function or null, context or null].

    The template gets the names it takes: of what the data function returned, the context, or what every page can have.
    """
    _, _, _, kind, name, data, values = route
    if data:
        found = app.named(data)(req, **params)
        if not isinstance(found, dict) and hasattr(found, "send"):
            found = await found
        if not isinstance(found, dict):
            raise TypeError("%s returned a %s, not a dict" % (data, type(found).__name__))
        if values:
            values = dict(values)
            values.update(found)
        else:
            values = found
    module = _modules.get(name)
    if module is None:
        module = _modules[name] = load(name)
    given = {}
    for arg in module.ARGS:
        if values and arg in values:
            given[arg] = values[arg]
        elif arg in _GIVEN:
            given[arg] = _GIVEN[arg](app, req, resp)
    chunks = module.render(**given)
    start_response(resp, kind)
    try:
        await write(resp, chunks)
    except Exception as e:
        if app.log and not resp.broken:
            from .places import tell

            tell(app.log, name, module, e)
        raise


# Methods of WebApp


def _find(app, name):
    """The render() of a template in templates/ beside the program, and the names it takes, None when it does not say.

    Raises ImportError: there is no compiled one, nor utemplate to compile it here.
    """
    for package in (app.pkg.split(".")[0] + ".", "") if app.pkg and app.pkg != "__main__" else ("",):
        try:
            module = load(name, package)
            return module.render, getattr(module, "ARGS", None)
        except ImportError:
            pass
    try:
        from utemplate.source import Loader
    except ImportError:
        raise ImportError("templates/%s is not compiled: there is no module for it in templates/" % name)
    return Loader(app.pkg if app.pkg and app.pkg != "__main__" else None, "templates").load(name), None


def render(app, name, args=()):
    """The pieces of a page: a generator. args: a tuple of what the template takes, or a dict of it and maybe more."""
    func, names = _find(app, name)
    if isinstance(args, dict):
        return func(**{key: args[key] for key in (args if names is None else names) if key in args})
    return func(*args)


def render_str(app, name, args=()):
    """The page as a str."""
    return "".join([piece if isinstance(piece, str) else str(piece, "utf-8") for piece in render(app, name, args)])


@both
async def render_template(app, resp, name, args=()):
    """Writes the page; starts the answer as HTML when start_response() has not."""
    chunks = render(app, name, args)
    if not resp.started():
        resp.start(resp.status, "Content-Type: text/html; charset=utf-8\r\n")
    await write(resp, chunks)
