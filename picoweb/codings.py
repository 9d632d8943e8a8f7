"""Content codings (RFC 9110 §8.4.1): whether a client takes gzip. Imported by the first request for such a file."""


def accepts_gzip(field):
    """True when Accept-Encoding allows gzip (RFC 9110 §12.5.3); None, no such field, does not."""
    others = False
    for item in (field or b"").lower().split(b","):
        coding, _, weight = item.replace(b" ", b"").partition(b";q=")
        allowed = not weight or weight.strip(b"0.") != b""
        if coding in (b"gzip", b"x-gzip"):
            return allowed
        if coding == b"*":
            others = allowed
    return others
