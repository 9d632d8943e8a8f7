"""Patterns on flash, for a site that has many."""

import json

from .lookup import bucket
from .routing import match, split


def find(name, buckets, depth, segments):
    """Routes and the values of their parts, for the patterns that match and begin with `depth` parts of text.

    The lines of this index are key, tab, pattern, tab, route as JSON; a key is those parts of text, joined by "/".
    Patterns of one key stand in the order in which they are tried.
    """
    if len(segments) > depth:
        key = "/".join(segments[:depth]).encode()
        for line in bucket(name, buckets, key):
            pattern, _, route = line.partition(b"\t")
            params = match(split(pattern.decode()), segments)
            if params is not None:
                yield json.loads(route), params
