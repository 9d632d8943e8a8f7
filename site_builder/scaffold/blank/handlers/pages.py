"""What the pages show. This runs on the board."""

import sys


def home(req):
    """The values of templates/index.html."""
    return {"board": sys.platform, "python": sys.implementation.name}
