"""Where in a template an error was made. Imported when there is one."""

import io

from .compat import print_exception


def find(name, file, exc):
    """The template and line that an exception came from: "base.html:12", None when that is not known.

    name: of the template. file: of its module; the map beside it says what each of its lines was made of: a line with
    the names of templates, then lines of a line number in the module, which of the templates, and its line there.
    """
    mark = 'templates/%s.py", line ' % name.replace(".", "_")
    text = io.StringIO()
    print_exception(exc, text)
    rest = text.getvalue().rsplit(mark, 1)[1:]
    if not rest:
        return None
    digits = ""
    for char in rest[0]:
        if not char.isdigit():
            break
        digits += char
    return _look_up(file.rsplit(".", 1)[0] + ".map", int(digits))


def _look_up(path, line):
    place = None
    try:
        with open(path) as f:
            names = f.readline().rstrip("\n").split("\t")
            for entry in f:
                start, which, at = entry.split(" ")
                if int(start) > line:
                    break
                place = "%s:%d" % (names[int(which)], int(at))
    except OSError:
        pass
    return place


def tell(log, name, module, exc):
    """Writes the place of an error to the log."""
    place = find(name, module.__file__, exc)
    if place:
        log.error("templates/%s: %s: %s", place, type(exc).__name__, exc)
