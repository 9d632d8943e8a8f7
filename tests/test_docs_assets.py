"""docs/assets.md: its files are a site, and it is what the page says."""

from __future__ import annotations

import re
from urllib.parse import unquote

from site_builder import bundle, runner

from .test_docs import blocks, write_file
from .wireclient import ask


def test_the_site_of_the_page_is_what_the_page_says(tmp_path):
    described, shown = [], {}
    for file, kind, text in blocks("docs/assets.md"):
        if file == "site.yaml":
            described.append(text)
        elif file:
            write_file(tmp_path / "site", file, text)
        else:
            shown[kind] = text
    assert described[1].startswith("routes:\n")
    write_file(tmp_path / "site", "site.yaml", described[0] + described[1].removeprefix("routes:\n") + described[2])
    made = bundle.build(tmp_path / "site", python=True)
    assert made.checked.problems == []
    bundle.write(made, tmp_path / "out")
    with runner.running(tmp_path / "out", python=True) as port:
        page = ask(port, "GET", "/").body.decode()
        assert shown["html"] in page
        names = re.findall(r'(?:href|src)="([^"]+)"', page)
        assert len(names) == 3
        assert {ask(port, "GET", name)["Cache-Control"] for name in names} == {"max-age=31536000, immutable"}
        assert "max-age=86400" in ask(port, "GET", "/static/style.css")["Cache-Control"]
        small = ask(port, "GET", "/small").body.decode()
        assert "<style>body{" in small
        assert "<svg " in small
        assert '<path fill="green"' in unquote(small)
        assert 'src="data:image/svg+xml' in small
        assert "console.log(`Hello" in small
        assert "href" not in small
        sizes = re.findall(r"^static/(\S+) +(\d+) -> (\d+) bytes$", shown["text"], re.M)
        assert [name for name, _, _ in sizes] == ["style.css", "leaf.svg", "app.js"]
        for name, before, after in sizes:
            assert int(before) == (tmp_path / "site" / "static" / name).stat().st_size
            assert int(after) == len(ask(port, "GET", f"/static/{name}").body)
