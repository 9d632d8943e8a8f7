"""What runs before and after handlers, and for their exceptions. Imported by the first one that is set."""

from .app import WebApp
from .compat import DONE
from .errors import HTTPError
from .request import Request
from .values import Plain, settle, unpack


async def _handle_exc(app, req, resp, exc):
    """For subclasses, see docs/framework.md."""


WebApp.handle_exc = _handle_exc
WebApp.before = WebApp.after = WebApp.catches = ()
Request.failed = False


def before_request(app, func):
    """Decorator: `func(req, resp)` runs before each handler; what it returns, other than None, is the answer instead.

    It may also write the answer itself. `def` and `async def` are the same to us.
    """
    _install(app)
    app.before += (func,)
    return func


def after_request(app, func):
    """Decorator: `func(req, resp)` runs after each handler, and before its answer goes out when that was returned, so
    that it can add to resp.headers; also before the answer to an error."""
    _install(app)
    app.after += (func,)
    return func


def errorhandler(app, kind):
    """Decorator: the function answers for a status, `func(req, resp)`, or for a class of exceptions,
    `func(req, resp, exc)`: the nearest class counts, and a status before a class. It answers as a handler does."""

    def decorate(func):
        if isinstance(kind, int):
            app.errors[kind] = (Plain(func), None)
        else:
            app.catches += ((kind, func),)
            own_errors(app)
        return func

    return decorate


def _install(app):
    if not app.before and not app.after:
        app.inner = app.dispatch
        app.dispatch = lambda req, resp: _dispatch(app, req, resp)
        own_errors(app)


def own_errors(app):
    """Has an app answer errors with the functions of this module."""
    app.answer_error = lambda *args: _answer_error(app, *args)
    app.fail = lambda *args: _fail(app, *args)


async def _dispatch(app, req, resp):
    """What stands for app.dispatch() once there are hooks."""
    for func in app.before:
        value = func(req, resp)
        if value is not None:
            value = await settle(value)
        if value is not None or resp.started():
            break
    else:
        app._head = None  # they may have changed the path
        value = await app.inner(req, resp)
    if app.after and not req.failed:
        if type(value) is tuple and value is not DONE:
            unpack(req, resp, value)  # so that they see the status
        await _run_after(app, req, resp)
    return value


async def _run_after(app, req, resp):
    for func in app.after:
        value = func(req, resp)
        if value is not None:
            await settle(value)


async def _answer_error(app, req, resp, status, headers=""):
    """What stands for app.answer_error() once there are hooks, or it is mounted: with the hooks of all apps around it,
    and the page of the innermost that has one."""
    if req and resp.withdraw():
        resp.status = status
        resp.headers = headers
        await _after_error(app, req, resp)
        headers = resp.headers
        while status not in app.errors and app.parent:
            req.path = app.url + req.path
            app = app.parent
    await type(app).answer_error(app, req, resp, status, headers)


async def _after_error(app, req, resp):
    """The hooks of an app, and of those it is mounted in, for the answer to an error."""
    req.failed = True
    while app:
        try:
            await _run_after(app, req, resp)
        except Exception as e:
            app.report(e, req)
        app = app.parent


def handler_of(app, exc):
    """The function of an app for the nearest class of an exception, None when there is none, or a page for it."""
    best = found = None
    for kind, func in app.catches:
        if isinstance(exc, kind) and (best is None or issubclass(kind, best)):
            best, found = kind, func
    return None if getattr(exc, "status", 0) in app.errors else found


async def _fail(app, exc, req, resp):
    """What stands for app.fail()."""
    if not await _caught(app, exc, req, resp):
        await type(app).fail(app, exc, req, resp)


async def _caught(app, exc, req, resp):
    """Answers with the function that is set for an exception, or with handle_exc() of a subclass: of the app, or else
    of the one that it is mounted in. Returns False when there is neither, or it wrote nothing, or it is too late."""
    late = not resp.withdraw()
    resp.status = getattr(exc, "status", 500)
    resp.headers = getattr(exc, "headers", "")
    owner = app
    while owner:
        func = handler_of(owner, exc)
        if func and not late:
            await _after_error(app, req, resp)
            return await _answered(owner, req, resp, func(req, resp, exc))
        if type(owner).handle_exc is not _handle_exc and not isinstance(exc, HTTPError):
            done = await _answered(owner, req, resp, owner.handle_exc(req, resp, exc)) and not late
            if done:
                app.report(exc, req)
            return done
        if resp.status in owner.errors:
            return False
        owner = owner.parent
    return False


async def _answered(app, req, resp, value):
    try:
        value = await settle(value)
        if value is not None:
            await app.returned(req, resp, value)
    except HTTPError as e:
        await app.answer_error(req, resp, e.status, e.headers)
    except Exception as e:
        app.report(e, req)
        return False
    return resp.started()
