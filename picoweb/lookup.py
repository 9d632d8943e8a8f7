"""The files of a folder of a site, by their names. Imported by the first request for one."""

import json
import struct

from .compat import const, crc32

_CACHED = const(8)
_cache = {}


def lookup(name, buckets, key):
    """The route of `key` in a directory's index, None when it has none.

    The index is a file of the bundle: `buckets` + 1 offsets (uint32, little endian), then lines of key, tab, route
    as JSON. The line is in the bucket crc32(key) % buckets. So a directory costs no heap, however large it is; the
    few routes that were asked for last are kept.
    """
    route = _cache.get((name, key))
    if route is None:
        for line in bucket(name, buckets, key.encode()):
            route = json.loads(line)
            if len(_cache) >= _CACHED:
                _cache.clear()
            _cache[name, key] = route
    return route


def bucket(name, buckets, key):
    """What stands behind a key in the lines of an index."""
    with open("site/" + name, "rb") as f:
        f.seek(crc32(key) % buckets * 4)
        start, stop = struct.unpack("<II", f.read(8))
        f.seek(start)
        lines = [line.partition(b"\t") for line in f.read(stop - start).split(b"\n")]
    return [text for found, tab, text in lines if tab and found == key]
