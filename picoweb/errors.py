"""HTTPError: the one exception that crosses the layers."""


class HTTPError(Exception):
    """An error that carries its answer.

    status: the HTTP status code, e.g. 404. headers: extra header lines, each ending in CRLF, as a str
    (e.g. "Allow: GET\\r\\n"). Raised by a handler, or anywhere below it; the app answers with the site's
    error page for `status`.
    """

    def __init__(self, status, headers=""):
        super().__init__(status)
        self.status = status
        self.headers = headers


REASONS = (
    "200 OK\n201 Created\n202 Accepted\n204 No Content\n206 Partial Content\n301 Moved Permanently\n302 Found\n"
    "303 See Other\n304 Not Modified\n307 Temporary Redirect\n308 Permanent Redirect\n400 Bad Request\n"
    "401 Unauthorized\n403 Forbidden\n404 Not Found\n405 Method Not Allowed\n408 Request Timeout\n409 Conflict\n"
    "411 Length Required\n413 Content Too Large\n414 URI Too Long\n415 Unsupported Media Type\n"
    "416 Range Not Satisfiable\n417 Expectation Failed\n422 Unprocessable Content\n429 Too Many Requests\n"
    "431 Request Header Fields Too Large\n500 Internal Server Error\n501 Not Implemented\n"
    "503 Service Unavailable\n505 HTTP Version Not Supported\n"
)


def reason(status):
    """The reason phrase of a status code (RFC 9110 §15), "" for one we do not know.

    One string instead of a dict: it costs no heap until it is looked into.
    """
    start = REASONS.find("%d " % status)
    return REASONS[start + 4 : REASONS.find("\n", start)] if start >= 0 else ""
