"""Methods of an answer that most programs need not. Imported when the first one is used."""

from .compat import DONE, both


def write(resp, data):
    """Writes at once into the buffer, which grows if need be; drain() sends it. awrite() needs less memory.

    Raises ValueError when it would grow beyond the server's body_limit.
    """
    if resp.put(data):
        return
    data = data.encode() if isinstance(data, str) else data
    room = len(resp.buf) - resp.limit
    size = resp.fill + len(data)
    if size > min(resp.server.body_limit, 65535):
        raise ValueError("too much for write(): use awrite(), or drain() in between")
    buf = bytearray(size + room)
    buf[: resp.fill] = resp.view[: resp.fill]
    server = resp.server
    if not server._rested:
        server.buf, server.view, server._rested = resp.buf, resp.view, server
    resp.buf, resp.view, resp.limit = buf, memoryview(buf), size
    resp.keep = False  # the larger buffer goes with the connection
    resp.put(data)


def awritestr(resp, data):
    """Awaitable: as awrite()."""
    return resp.awrite(data)


@both
async def aclose(resp):
    """Ends the answer: sends the rest of it; what is written later is dropped. The connection ends with the handler."""
    resp.keep = False
    if not resp.broken and not resp.end():
        await resp.send_rest()
    resp.abort()


def wait_closed(resp):
    """Awaitable: for programs that close a stream as asyncio's are closed."""
    return DONE


def get_extra_info(resp, name, default=None):
    """The client's (address, port) for "peername", the socket for "socket", as asyncio's streams."""
    if name == "peername":
        from .attributes import address

        return address(resp.address)
    return resp.sock if name == "socket" else default


def at_once(resp):
    """From now on, what is written goes out at once. Before the answer starts: the connection ends with it."""
    resp.keep = False
    awrite = resp.awrite

    @both
    async def write_out(data, off=0, sz=-1):
        await awrite(data, off, sz)
        await resp.drain()

    resp.awrite = write_out
