"""Apps within apps. Imported by the first mount()."""

from .boot import begin
from .hooks import own_errors


def mount(app, url, sub):
    """Makes the app `sub` answer what is below `url`, with its own routes, hooks and error handlers.

    It sees paths without `url`, and is initialised before its first request at the latest. The longest url that fits
    counts, and before the routes of `app` itself.
    """
    sub.url = url.rstrip("/")
    sub.parent = app
    own_errors(sub)
    if not app.mounts:
        inner = app.inner if app.before or app.after else app.dispatch

        def dispatch(req, resp):
            return _dispatch(app, inner, req, resp)

        if app.before or app.after:
            app.inner = dispatch
        else:
            app.dispatch = dispatch
    app.mounts = tuple(sorted(app.mounts + (sub,), key=lambda one: -len(one.url)))


def _dispatch(app, inner, req, resp):
    path = req.path
    for sub in app.mounts:
        url = sub.url
        if path.startswith(url) and path[len(url) : len(url) + 1] in ("", "/"):
            return _call(app, sub, req, resp)
    return inner(req, resp)


async def _call(app, sub, req, resp):
    if not sub.inited:
        begin(sub, app)
    path = req.path
    req.path = path[len(sub.url) :] or "/"
    try:
        return await sub.dispatch(req, resp)
    except Exception as e:
        if resp.broken and isinstance(e, OSError):
            raise
        await sub.fail(e, req, resp)
    finally:
        req.path = path
