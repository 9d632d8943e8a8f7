# As the build makes it of a template with a heading and a paragraph for each row.
ARGS = ("title", "rows")


def render(title, rows=()):
    yield b"<h1>"
    yield str(title)
    yield b"</h1>"
    for row in rows:
        yield b"<p>"
        yield str(row)
        yield b"</p>"
