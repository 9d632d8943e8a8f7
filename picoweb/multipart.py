"""Forms with files: multipart/form-data (RFC 7578), to a folder or into memory.

    await multipart.read(req, folder="/uploads", file_limit=100_000)
    req.form["title"][0], req.files["photo"][0].path

or part by part:

    parts = multipart.Parts(req, 1_000_000)
    part = await parts.next()
    while part:
        n = await part.readinto(buf)
"""

import os

from .errors import HTTPError
from .parts import SIZE, Part, Parts, safe_name  # noqa: F401  for others too
from .targets import decode

_replace = getattr(os, "replace", os.rename)
_count = 0  # of files that were begun, for the names that they have meanwhile


class File:
    """A file that was sent. filename: a safe name. content_type: what the client says. size: in bytes. body: bytes, or
    None when it was written to a folder; path: where it is then."""

    path = body = _meanwhile = None

    def __init__(self, part):
        self.filename = part.filename
        self.content_type = part.content_type

    async def save(self, part, folder, limit):
        """Writes the content into the folder, under another name until keep(). Raises HTTPError 413, or 507 when it
        does not fit there."""
        global _count

        _count += 1
        self._meanwhile = "%s/.upload-%d" % (folder, _count)
        self.size = 0
        with open(self._meanwhile, "wb") as f:
            piece = await part.piece()
            while piece:
                self.size += len(piece)
                if self.size > limit:
                    raise HTTPError(413)
                self._write(f, piece)
                piece = await part.piece()
            self._write(f, None)

    def _write(self, f, piece):
        try:
            f.flush() if piece is None else f.write(piece)
        except OSError:
            raise HTTPError(507)

    def keep(self):
        """Gives the file its name."""
        _replace(self._meanwhile, self.path)
        self._meanwhile = None

    def drop(self):
        """Removes what is not kept."""
        if self._meanwhile:
            try:
                os.remove(self._meanwhile)
            except OSError:
                pass


async def read(req, folder=None, file_limit=None, field_limit=8192, fields=32):
    """Reads a form: req.form is {"name": [text, …]}, req.files {"name": [File, …]}.

    folder: where files are written, each under its safe name, in place of one that has it; of two in one form the
    second becomes name-1. All of them appear when the whole form has come, none when it fails. None: they are kept in
    memory. file_limit: bytes of all files together, by default 1 MiB in a folder, 16 KiB in memory. field_limit: bytes
    of all other values, and of all names. fields: the number of both.

    Raises HTTPError 413 beyond a limit, 400 for a malformed form or text that is not UTF-8, 415 for another type,
    507 when the folder is full; OSError when the folder is not there.
    """
    if file_limit is None:
        file_limit = 1048576 if folder else 16384
    parts = Parts(req, file_limit + field_limit + fields * SIZE)
    req.form = {}
    req.files = {}
    files = []
    try:
        await _read(parts, req, folder, file_limit, field_limit, fields, files)
        if folder:
            for file in files:
                file.keep()
    except BaseException:
        req.form = {}
        req.files = {}
        for file in files:
            file.drop()
        raise


async def _read(parts, req, folder, file_limit, field_limit, fields, files):
    part = await parts.next()
    while part:
        fields -= 1
        field_limit -= len(part.name)
        if fields < 0 or field_limit < 0:
            raise HTTPError(413)
        if part.filename is None:
            value = await part.content(field_limit)
            field_limit -= len(value)
            try:
                req.form.setdefault(part.name, []).append(decode(value))
            except ValueError:
                raise HTTPError(400)
        elif part.filename:
            file = File(part)
            files.append(file)
            req.files.setdefault(part.name, []).append(file)
            if folder:
                await file.save(part, folder, file_limit)
            else:
                file.body = await part.content(file_limit)
                file.size = len(file.body)
            file_limit -= file.size
        part = await parts.next()
    for n, file in enumerate(files if folder else ()):
        _name(file, folder, files[:n])


def _name(file, folder, others):
    """Gives a file a name that the others do not have."""
    taken = [other.filename.lower() for other in others]
    stem, dot, end = file.filename.rpartition(".")
    if not dot:
        stem, end = end, ""
    n = 0
    while file.filename.lower() in taken:
        n += 1
        file.filename = "%s-%d%s%s" % (stem, n, dot, end)
    file.path = "%s/%s" % (folder, file.filename)
