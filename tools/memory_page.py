"""docs/memory.md: the memory guide, with the boards of site_builder/boards.py."""

from site_builder import units
from site_builder.boards import BOARDS

INTRO = """\
# Memory

A board has two kinds of it. *Flash* holds files: the site, its code, what your handlers store. *Heap* is what running
programs use. Files cost flash alone, however many there are. Heap is what is short.

This page is written by `tools/write_docs.py` from what `picoweb boards` knows.

## What boards have

"""

MORE = """
Heap is what is free at boot, with Wi-Fi on. `picoweb boards` prints the same.

## What sites take

| site | flash | heap, at most |
|---|---|---|
| `picoweb new --template blank` | 168 KB | 63 KB |
| `picoweb new --template status` | 196 KB | 66 KB |
| the greenhouse, `sites/example` | 244 KB | 79 KB |

The smallest fits every board above but the ESP8266, whose heap is too small for any site that has its code in files.
That smallest one has 45 KB in use when it has booted; the rest is for a page that is being made, and a busy connection.

`picoweb size` says it for your site, [page by page and module by module](budget.md). Heap is measured with this
computer's MicroPython, which has words of 64 bits, and is taken as four fifths for boards, which have 32.

## Before the board tells you

`site.yaml`

```yaml
title: Log
board: pico-w
routes:
  /list:   {json: log.as_list}
  /stream: {handler: log.as_stream}
server: {connections: 4}
```

With `board:` a build fails when the site is over what the board has. `picoweb serve --board pico-w` runs it here with
that heap and so many connections, and tells [which page does not fit, and why](serve.md#what-a-board-can-hold). On a
board, `picoweb info` shows what is free.

## When it does not fit

A page that finds no memory is answered with 503, and the site goes on. The log says where it was: `MemoryError`, with a
traceback. In the order of what helps most:

**Send piece by piece.** A list that is built whole is the usual reason. A generator has one piece at a time:

`handlers/log.py`

```python
def lines():
    for number in range(5000):
        yield "line %d of the log\\n" % number


def as_list(req):
    return list(lines())


async def as_stream(req, resp):
    return lines()
```

With a heap of 192 KB here, `/list` is a 503, and `/stream` sends all of it. In a template, `{% for line in lines %}`
takes a generator too.

**Let the computer do it.** A template whose values are all known ahead, from `context:`, is made by the build and sent
as a file. With `data:` the board makes it, at each request.

**Keep values small.** Numbers from -2³⁰ to 2³⁰ take no heap of their own, a float does on most boards, a str or a list
takes 16 bytes and more. `array.array("f", …)` or a `bytearray` holds a thousand readings in one piece.

**Read bodies in pieces.** `await req.read()` takes the whole body. Read with `await req.read(512)`, and let
[files go to flash](safety.md). `body_limit` in `server:` is the most that is read at once.

**Fewer connections.** Each busy one takes its `buffer`, 2 KB unless you say otherwise, and about 1 KB more. An idle one
takes next to nothing. `server: {connections: 3, buffer: 1K}` is enough for one reader at a time; what does not fit the
buffer, long heads of requests, is answered with 431 then.

**Collect early.** Many small objects that come and go leave holes in the heap. `gc.collect()` before a large piece is
made finds room where there was none.
"""


def page() -> str:
    """The whole page."""
    lines = ["| board | flash | heap | connections | |", "|---|---|---|---|---|"]
    for board in BOARDS.values():
        sizes = f"{units.size(board.flash)} | {units.size(board.heap)} | {board.sockets}"
        lines.append(f"| `{board.name}` | {sizes} | {board.about} |")
    return INTRO + "\n".join(lines) + "\n" + MORE
