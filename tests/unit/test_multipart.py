"""picoweb.multipart: RFC 7578 and 2046, whole and cut anywhere. Runs on MicroPython and CPython."""

import asyncio
import os
from binascii import hexlify

import picoweb
from picoweb import multipart, testing
from picoweb.errors import HTTPError


class Body:
    """A body that gives at most `piece` bytes at once, as req.read() may."""

    def __init__(self, data, kind=b"multipart/form-data; boundary=b", piece=10000, left=None):
        self.data = data
        self.piece = piece
        self.headers = {b"content-type": kind}
        self.left = len(data) if left is None else left

    async def read(self, n):
        n = min(n, self.piece)
        data, self.data = self.data[:n], self.data[n:]
        return data


async def gather(body, size=256, by=None):
    """[(name, filename, content type, content)] of all parts; read through a buffer of `by` bytes if it is given."""
    parts = multipart.Parts(body, 1000000, size)
    found = []
    part = await parts.next()
    while part:
        if by:
            content = b""
            buf = bytearray(by)
            n = -1
            while n:
                n = await part.readinto(memoryview(buf))
                content += buf[:n]
        else:
            content = await part.content(100000)
        found.append((part.name, part.filename, part.content_type, content))
        part = await parts.next()
    assert await parts.next() is None
    return found


def parsed(data, **more):
    options = {name: more.pop(name) for name in ("size", "by") if name in more}
    return asyncio.run(gather(Body(data, **more), **options))


def status_of(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except HTTPError as e:
        return e.status


def field(name, content, more=b""):
    return b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + content + b"\r\n"


END = b"--b--\r\n"
FILE = b'; filename="a.txt"\r\nContent-Type: text/csv'
BODIES = (
    (b"--b--", []),
    (END, []),
    (b"\r\n" + END, []),
    (field(b"a", b"1") + END, [("a", None, "text/plain", b"1")]),
    (field(b"a", b"") + END, [("a", None, "text/plain", b"")]),
    (field(b"a", b"1") + b"--b--", [("a", None, "text/plain", b"1")]),
    (field(b"a", b"1") + END + b"epilogue\r\n--b\r\n", [("a", None, "text/plain", b"1")]),
    (b"preamble\r\n" + field(b"a", b"1") + END, [("a", None, "text/plain", b"1")]),
    (b"--\r\n" * 300 + b"\r\n" + field(b"a", b"1") + END, [("a", None, "text/plain", b"1")]),
    (b"--b \t " + field(b"a", b"1")[3:] + END, [("a", None, "text/plain", b"1")]),
    (
        field(b"a", b"1") + field(b"a", b"2") + field(b"f", b"x,y", FILE) + END,
        [("a", None, "text/plain", b"1"), ("a", None, "text/plain", b"2"), ("f", "a.txt", "text/csv", b"x,y")],
    ),
    (field(b"f", b"", b'; filename=""') + END, [("f", "", "text/plain", b"")]),
    (field(b"a", b"\r\n") + END, [("a", None, "text/plain", b"\r\n")]),
    (field(b"a", b"\r\n\r\n--\r\n-\r\n--c") + END, [("a", None, "text/plain", b"\r\n\r\n--\r\n-\r\n--c")]),
    (field(b"a", b"--b") + END, [("a", None, "text/plain", b"--b")]),
    (field(b"a", b"\n--b\n") + END, [("a", None, "text/plain", b"\n--b\n")]),
    (field(b"a", b"\r--b") + END, [("a", None, "text/plain", b"\r--b")]),
    (field(b"a", b"x" * 3000) + END, [("a", None, "text/plain", b"x" * 3000)]),
    (field(b"a", b"\r\n-" * 1000) + END, [("a", None, "text/plain", b"\r\n-" * 1000)]),
    (field(b"a", bytes(range(256)) * 3) + END, [("a", None, "text/plain", bytes(range(256)) * 3)]),
)


def test_what_is_sent_arrives():
    for data, expected in BODIES:
        assert parsed(data) == expected, data[:100]


def test_it_arrives_whatever_is_read_at_once():
    for data, expected in BODIES:
        for piece in (1, 2, 3, 7, 64):
            if len(data) < 500 or piece > 2:
                assert parsed(data, piece=piece) == expected, (piece, data[:100])


def test_it_arrives_wherever_the_buffer_ends():
    data = field(b"a", b"1\r\n-") + field(b"f", b"\r\n--" * 60, FILE) + END
    expected = [("a", None, "text/plain", b"1\r\n-"), ("f", "a.txt", "text/csv", b"\r\n--" * 60)]
    for size in range(100, 400):
        assert parsed(data, size=size) == expected, size
    for padding in range(260):
        assert parsed(b"x" * padding + b"\r\n" + data) == expected, padding


def test_it_can_be_read_into_a_buffer_of_any_size():
    data = field(b"f", b"\r\n--0123456789" * 30, FILE) + END
    for by in (1, 2, 5, 100, 1000):
        assert parsed(data, by=by) == [("f", "a.txt", "text/csv", b"\r\n--0123456789" * 30)]


def test_a_part_that_is_not_read_is_skipped():
    async def names():
        parts = multipart.Parts(Body(field(b"a", b"x" * 2000) + field(b"c", b"1") + field(b"d", b"2") + END), 5000)
        found = []
        part = before = await parts.next()
        while part:
            found.append(part.name)
            await part.readinto(bytearray(1))
            before, part = part, await parts.next()
            assert await before.readinto(bytearray(9)) == 0
            assert await before.content(9) == b""
        return found

    assert asyncio.run(names()) == ["a", "c", "d"]


NAMES = (
    (b'name="a b"', "a b", None),
    (b"name=a", "a", None),
    (b'NAME="a"', "a", None),
    (b'name = "a" ', "a", None),
    (b'name="\xc3\xa4"', "ä", None),
    (b'name="a%22b"', 'a"b', None),
    (b'name="a%0D%0Ab"', "a\r\nb", None),
    (b'name="a\\"b"', 'a"b', None),
    (b'name="a\\b"', "a\\b", None),
    (b'name="a\\"', "a\\", None),
    (b'name="a;b"', "a;b", None),
    (b'name="a=b"', "a=b", None),
    (b'name=""', "", None),
    (b'filename="x"; name="a"', "a", "x"),
    (b'name="a"; filename="a;b.txt"', "a", "a_b.txt"),
    (b'name="a"; filename=b.txt', "a", "b.txt"),
    (b'name="a"; filename="x"; other=1', "a", "x"),
)


def test_names():
    for text, name, filename in NAMES:
        body = b"--b\r\ncontent-disposition:  Form-Data ;" + text + b"\r\n\r\nx\r\n" + END
        assert parsed(body) == [(name, filename, "text/plain", b"x")], text


SAFE = (
    ("a.txt", "a.txt"),
    ("A-b_c.1.TXT", "A-b_c.1.TXT"),
    ("../../boot.py", "boot.py"),
    ("/etc/passwd", "passwd"),
    ("..\\..\\boot.py", "boot.py"),
    ("C:\\fakepath\\a.txt", "a.txt"),
    ("C:a.txt", "C_a.txt"),
    ("..", "file"),
    (".", "file"),
    ("...", "file"),
    ("/", "file"),
    ("a/", "file"),
    ("../", "file"),
    (".hidden", "hidden"),
    ("..hidden.", "hidden"),
    ("a\0b", "a_b"),
    ("a\r\nb", "a_b".replace("_", "__")),
    ("a\nb", "a_b"),
    ("a b.txt", "a_b.txt"),
    ("na\u00efve.txt", "na_ve.txt"),
    ("\u202etxt.exe", "_txt.exe"),
    ("a/../b", "b"),
    ("%2e%2e%2fboot.py", "_2e_2e_2fboot.py"),
    ("~root", "_root"),
    ("a:b*c?d<e>f|g", "a_b_c_d_e_f_g"),
    ("-rf", "-rf"),
    ("x" * 200, "x" * 64),
    ("x" * 200 + ".jpeg", "x" * 59 + ".jpeg"),
    ("x.y" + "z" * 200, "x.y" + "z" * 61),
)


def test_names_of_files_are_never_paths():
    for name, expected in SAFE:
        assert multipart.safe_name(name) == expected, name
        assert len(expected) <= 64
        assert multipart.safe_name(expected) == expected


MALFORMED = (
    b"",
    b"x",
    b"--b",
    b"--b-",
    b"--b\r\n",
    b"--c--",
    b"--b\r\n\r\n",
    b"--b\r\n--b--",
    field(b"a", b"1"),
    field(b"a", b"1")[:-2],
    field(b"a", b"1") + b"--b-",
    field(b"a", b"1") + b"--c--",
    field(b"a", b"1") + b"-b--",
    b"--bx\r\n" + field(b"a", b"1")[5:] + END,
    b"--b" + field(b"a", b"1")[5:] + END,
    b"--b\n" + field(b"a", b"1")[5:] + END,
    b"--b\r\n\r\nx\r\n" + END,
    b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" + END,
    b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
    b'--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a"b\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a"; filename\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; =a; name="a"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a"; filename="\xff"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a"\r\nno colon\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data;\r\n name="a"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition : form-data; name="a"\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a"\nX: y\r\n\r\nx\r\n' + END,
    b'--b\r\nContent-Disposition: form-data; name="a\0"\r\n\r\nx\r\n' + END,
    field(b"a", b"eA==", b"\r\nContent-Transfer-Encoding: base64") + END,
    field(b"a", b"x", b"\r\nContent-Type: \xff") + END,
)


def test_malformed_bodies():
    for data in MALFORMED:
        for piece in (10000, 1):
            assert status_of(parsed, data, piece=piece) == 400, data


def test_a_body_that_breaks_off_anywhere():
    data = field(b"a", b"1") + field(b"f", b"x,y", FILE) + END[:5]
    for end in range(len(data)):
        assert status_of(parsed, data[:end]) == 400, end
    assert len(parsed(data)) == 2


def test_content_types():
    for kind, status in (
        (b"", 415),
        (b"text/plain", 415),
        (b"multipart/mixed; boundary=b", 415),
        (b"application/x-www-form-urlencoded", 415),
        (b"multipart/form-data", 400),
        (b"multipart/form-data; boundary=", 400),
        (b'multipart/form-data; boundary=""', 400),
        (b'multipart/form-data; boundary="b', 400),
        (b"multipart/form-data; boundary=" + b"b" * 71, 400),
        (b"multipart/form-data; boundary=b", None),
        (b"Multipart/Form-Data; charset=utf-8; Boundary=b", None),
        (b'multipart/form-data; boundary="b"', None),
    ):
        assert status_of(parsed, END, kind=kind) == status, kind
    longest = b"b" * 70
    assert parsed(b"--" + longest + b"--", kind=b"multipart/form-data; boundary=" + longest, size=100) == []


def test_headers_that_do_not_fit_the_buffer():
    assert status_of(parsed, field(b"a" * 300, b"1") + END) == 413
    assert status_of(parsed, b"--b" + b" " * 300 + b"\r\n" + field(b"a", b"1")[5:] + END) == 413


def test_a_body_that_is_longer_than_allowed():
    async def call(left):
        await multipart.Parts(Body(b"x" * 10000, left=left), 5000).next()

    body = Body(b"x" * 10000)
    assert status_of(multipart.Parts, body, 5000) == 413
    assert len(body.data) == 10000
    assert status_of(asyncio.run, call(-1)) == 413


def test_others_have_their_turn_during_a_long_part():
    turns = []

    async def other():
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    async def both():
        task = asyncio.create_task(other())
        await gather(Body(field(b"a", b"x" * 50000) + END), 1024)
        task.cancel()

    asyncio.run(both())
    assert len(turns) >= 3


# The whole form at once, through a server


FOLDER = "test-multipart-%s" % str(hexlify(os.urandom(4)), "ascii")
options = {}
app = picoweb.WebApp("test_multipart")


@app.route("/", methods=["POST"])
async def upload(req, resp):
    await multipart.read(req, **options)
    files = {}
    for name in req.files:
        files[name] = []
        for file in req.files[name]:
            body = file.body
            if file.path:
                with open(file.path, "rb") as f:
                    body = f.read()
            shown = file.filename, file.content_type, file.size, file.path, str(hexlify(body), "ascii")
            files[name].append(shown)
    await picoweb.jsonify(resp, {"form": req.form, "files": files})


def post(data=None, files=None, **more):
    """The answer to a form, read with these options."""
    options.clear()
    options.update(more)
    if isinstance(data, bytes):
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return asyncio.run(testing.Client(app).post("/", data, headers))
    return asyncio.run(testing.Client(app).post("/", data, files=files))


class Folder:
    """A folder that is there meanwhile."""

    def __enter__(self):
        os.mkdir(FOLDER)
        return FOLDER

    def __exit__(self, *_):
        for name in os.listdir(FOLDER):
            os.remove(FOLDER + "/" + name)
        os.rmdir(FOLDER)


def content(name):
    with open(FOLDER + "/" + name, "rb") as f:
        return f.read()


def test_a_form_in_memory():
    seen = post({"a": ["1", "ä"], "b": ""}, {"f": ("x y.txt", b"\0\xff", "image/png")}).json
    assert seen["form"] == {"a": ["1", "ä"], "b": [""]}
    assert seen["files"] == {"f": [["x_y.txt", "image/png", 2, None, "00ff"]]}


def test_a_form_without_a_file():
    assert post(field(b"f", b"", b'; filename=""') + END).json == {"form": {}, "files": {}}


def test_files_go_to_a_folder():
    with Folder() as folder:
        data = bytes(range(256)) * 200
        seen = post({"a": "1"}, {"f": ("../big.bin", data, "x/y"), "g": ("none", b"", "x/y")}, folder=folder).json
        assert seen["files"]["f"] == [["big.bin", "x/y", 51200, folder + "/big.bin", str(hexlify(data), "ascii")]]
        assert seen["files"]["g"] == [["none", "x/y", 0, folder + "/none", ""]]
        assert sorted(os.listdir(folder)) == ["big.bin", "none"]


def test_two_files_of_one_name_and_one_that_is_there():
    with Folder() as folder:
        with open(folder + "/a.txt", "wb") as f:
            f.write(b"before")
        parts = b"".join([field(b"f", content, FILE) for content in (b"1", b"2", b"3")])
        names = [file[0] for file in post(parts + END, folder=folder).json["files"]["f"]]
        assert names == ["a.txt", "a-1.txt", "a-2.txt"]
        assert [content(name) for name in names] == [b"1", b"2", b"3"]
        assert len(os.listdir(folder)) == 3


def test_nothing_is_written_when_the_form_fails():
    with Folder() as folder:
        with open(folder + "/a.txt", "wb") as f:
            f.write(b"before")
        good = field(b"f", b"x" * 3000, FILE)
        for data in (
            good,
            good + b"--c--",
            good[:-500],
            good + field(b"a", b"\xff") + END,
            good + b"--b\r\n\r\nx\r\n" + END,
        ):
            assert post(data, folder=folder).status == 400
            assert os.listdir(folder) == ["a.txt"]
        assert post(good + field(b"g", b"y" * 3000, FILE) + END, folder=folder, file_limit=5000).status == 413
        assert os.listdir(folder) == ["a.txt"]
        assert content("a.txt") == b"before"


def test_limits():
    two = field(b"a", b"123") + field(b"c", b"456") + END
    for data, status, more in (
        (two, 200, {"field_limit": 8}),
        (two, 413, {"field_limit": 7}),
        (two, 200, {"fields": 2}),
        (two, 413, {"fields": 1}),
        (field(b"f", b"x" * 10, FILE) * 2 + END, 200, {"file_limit": 20}),
        (field(b"f", b"x" * 10, FILE) * 2 + END, 413, {"file_limit": 19}),
        (field(b"f", b"x" * 16384, FILE) + END, 200, {}),
        (field(b"f", b"x" * 16385, FILE) + END, 413, {}),
        (field(b"a", b"x" * 8191) + END, 200, {}),
        (field(b"a", b"x" * 8192) + END, 413, {}),
    ):
        assert post(data, **more).status == status, (data[:300], more)


def test_a_folder_that_is_not_there_is_the_programs_mistake():
    try:
        post(field(b"f", b"1", FILE) + END, folder="no-such-folder")
    except OSError:
        return
    raise AssertionError("no OSError")


def test_a_full_flash():
    """On MicroPython, a file system of 16 blocks in memory."""
    if not hasattr(os, "VfsLfs2"):
        return

    class Blocks:
        data = bytearray(16 * 512)

        def readblocks(self, n, buf, off=0):
            at = n * 512 + off
            buf[:] = self.data[at : at + len(buf)]

        def writeblocks(self, n, buf, off=0):
            at = n * 512 + off
            self.data[at : at + len(buf)] = buf

        def ioctl(self, op, arg):
            return {4: 16, 5: 512, 6: 0}.get(op)

    blocks = Blocks()
    os.VfsLfs2.mkfs(blocks)
    os.mount(os.VfsLfs2(blocks), "/full")
    try:
        assert post(field(b"f", b"x" * 20000, FILE) + END, folder="/full").status == 507
        assert os.listdir("/full") == []
        assert post(field(b"f", b"x" * 2000, FILE) + END, folder="/full").status == 200
        assert os.listdir("/full") == ["a.txt"]
    finally:
        os.umount("/full")
