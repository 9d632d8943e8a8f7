"""Parts of files (RFC 9110 §14). Imported when the first one is asked for."""

from .errors import HTTPError


def select(fields, etag, size):
    """The part of `size` bytes that Range asks for, as (start, length); None for all of it.

    Several parts, another unit, malformed ranges, and an If-Range that does not name this version of the file give all
    of it (RFC 9110 §13.1.5, §14.2). Raises HTTPError 416 when the part is past the end.
    """
    if fields.get(b"if-range", etag.encode()) != etag.encode():
        return None
    unit, _, text = fields[b"range"].partition(b"=")
    first, dash, last = text.strip(b" \t").partition(b"-")
    if unit.strip(b" \t").lower() != b"bytes" or not dash or not _is_number(first) or not _is_number(last):
        return None
    if first:
        start = int(first)
        stop = int(last) + 1 if last else size
        if last and stop <= start:
            return None
    elif last:
        start, stop = max(0, size - int(last)), size
    else:
        return None
    if start >= size or (not first and not int(last)):
        raise HTTPError(416, "Content-Range: bytes */%d\r\n" % size)
    return start, min(stop, size) - start


def _is_number(text):
    return not text or text.isdigit()
