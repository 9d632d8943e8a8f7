"""What runs before and after handlers, and for their exceptions. Imported by the first one that is set."""

from .compat import DONE
from .errors import HTTPError
from .values import Plain, settle, unpack


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
        return func

    return decorate


def _install(app):
    if not app.before and not app.after:
        app.inner = app.dispatch
        app.dispatch = lambda req, resp: _dispatch(app, req, resp)
        app.answer_error = lambda req, resp, status, headers="": _answer_error(app, req, resp, status, headers)


async def _dispatch(app, req, resp):
    """What stands for app.dispatch() once there are hooks."""
    for func in app.before:
        value = await settle(func(req, resp))
        if value is not None or resp.started():
            break
    else:
        value = await app.inner(req, resp)
    if app.after and not req.failed:
        if type(value) is tuple and value is not DONE:
            unpack(req, resp, value)  # so that they see the status
        await _run_after(app, req, resp)
    return value


async def _run_after(app, req, resp):
    for func in app.after:
        await settle(func(req, resp))


async def _answer_error(app, req, resp, status, headers):
    """What stands for app.answer_error() once there are hooks."""
    if req and resp.withdraw():
        resp.status = status
        resp.headers = headers
        await _after_error(app, req, resp)
        headers = resp.headers
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
    """The function that is set for the nearest class of an exception, None when there is none."""
    best = found = None
    for kind, func in app.catches:
        if isinstance(exc, kind) and (best is None or issubclass(kind, best)):
            best, found = kind, func
    return None if getattr(exc, "status", 0) in app.errors else found


def handles(app, exc):
    """True when a mounted app answers for an exception itself."""
    if handler_of(app, exc) is not None:
        return True
    return getattr(exc, "status", 500) in app.errors or (app.handle_exc and not isinstance(exc, HTTPError))


async def caught(app, exc, req, resp):
    """Answers with the function that is set for an exception, or else with handle_exc() of a subclass. Returns False
    when there is neither, or it wrote nothing, or part of an answer has gone out."""
    func = handler_of(app, exc)
    late = not resp.withdraw()
    if func is None and (isinstance(exc, HTTPError) or not app.handle_exc):
        return False
    resp.status = getattr(exc, "status", 500)
    resp.headers = getattr(exc, "headers", "")
    if func is None:
        done = await _answered(app, req, resp, app.handle_exc(req, resp, exc)) and not late
        if done:
            app.report(exc, req)
        return done
    if late:
        return False
    await _after_error(app, req, resp)
    return await _answered(app, req, resp, func(req, resp, exc))


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
