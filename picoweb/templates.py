"""Find and run a compiled template: a module with a generator `render`, and the names it takes in ARGS."""

from .errors import reason


def load(name):
    """The module of a template: "index.tpl" -> templates.index_tpl. Raises ImportError."""
    return __import__("templates." + name.replace(".", "_").replace("/", "."), None, None, ("render",))


def bind(module, values):
    """The arguments that a template takes, out of `values`: a dict for render(**…)."""
    return {name: values[name] for name in module.ARGS if name in values}


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
    """Renders a page: ["t", methods, headers, type, template, data function or null, context or null]."""
    _, _, _, kind, name, data, context = route
    values = {"site": app.site, "req": req, "status": resp.status, "reason": reason(resp.status)}
    if context:
        values.update(context)
    if data:
        values.update(await app.value(data, req, params))
    module = load(name)
    chunks = module.render(**bind(module, values))
    resp.start(resp.status, "Content-Type: %s\r\n" % kind)
    try:
        await write(resp, chunks)
    except Exception as e:
        if app.log and not resp.broken:
            from .places import tell

            tell(app.log, name, module, e)
        raise
