"""Random sites whose links are right have no warnings; one link that is made wrong is told, where it stands."""

from __future__ import annotations

import posixpath
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import write_files
from .hut import told

NAMES = st.sampled_from(["a", "b-2", "über", "index", "x.y", "team"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
QUERIES = st.sampled_from(["", "?", "?a=1&amp;b=/x"])


@st.composite
def sites(draw):
    """A site.yaml's routes and files, and a list of (file, the text of a link in it)."""
    pages = [f"/{path}" for path in draw(st.sets(PATHS, min_size=1, max_size=5)) if not path.startswith("x.y")]
    files = [f"/static/{path}.html" for path in draw(st.sets(PATHS, max_size=4))]
    files = [path for path in files if not any(other.startswith(f"{path}/") for other in files)]
    # Where a page is: its file and what it is made of; its id is that of its place in the list.
    places = [(url, f"templates/p{i}.html", draw(st.booleans())) for i, url in enumerate(pages)]
    places += [(url, url[1:], False) for url in files]
    targets = [(url, f"id{i}") for i, (url, _, _) in enumerate(places)] + [("/item/5", ""), ("/static/s.css", "")]
    routes = [
        f"  {url}: {{template: {file.removeprefix('templates/')}{', data: h.now' if live else ''}}}\n"
        for url, file, live in places
        if file.startswith("templates/")
    ]
    written, links = {"static/s.css": "a{}"}, []
    for i, (url, file, live) in enumerate(places):
        text = f"<!doctype html>\n<p id=id{i}>{'{{ value }}' if live else ''}\n"
        for target, name in draw(st.lists(st.sampled_from(targets), max_size=4)):
            link = quote(target) if draw(st.booleans()) else target
            if draw(st.booleans()):
                start = posixpath.dirname(url if link == target else quote(url))
                link = f"{posixpath.relpath(posixpath.dirname(link), start)}/{posixpath.basename(link)}"
            link += draw(QUERIES) + (f"#{name}" if name and draw(st.booleans()) else "")
            text += draw(st.sampled_from(["<a href='{}'>x</a>\n", '<p><a class="b" HREF="{}">y</a>\n'])).format(link)
            links.append((file, link))
        written[file] = text
    yaml = "routes:\n  /static/*: {dir: static}\n  /item/<int:n>: {handler: h.item}\n" + "".join(routes)
    handlers = "def now(req):\n    return {'value': 1}\n\n\nasync def item(req, resp, n):\n    return 'x'\n"
    return {"site.yaml": yaml, "handlers/h.py": handlers, **written}, links


def lines(files):
    with tempfile.TemporaryDirectory() as folder:
        return told(write_files(Path(folder), files))


@settings(max_examples=30, deadline=None)
@given(sites(), st.data())
def test_right_links_are_not_told_and_a_wrong_one_is(made, data):
    files, links = made
    assert lines(files) == []
    if links:
        file, link = data.draw(st.sampled_from(links))
        wrong = re.sub(r"^(\./|\.\./|/)*", lambda found: f"{found[0]}nowhere/", link)
        broken = {**files, file: files[file].replace(f'"{link}"', f'"{wrong}"').replace(f"'{link}'", f"'{wrong}'")}
        found = lines(broken)
        places = [i + 1 for i, line in enumerate(broken[file].split("\n")) if wrong in line]
        assert [int(line.split(":")[1]) for line in found] == places
        assert all(line.startswith(f"{file}:") and "leads nowhere" in line for line in found)
