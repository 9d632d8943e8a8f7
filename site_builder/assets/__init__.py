"""Files to what is served: types, names that are hashes of the content, minified and compressed forms.

`files` knows types and hashes, `store` holds what a bundle ships, `served` knows which file is at which address and
makes of it what a browser gets: with `minify`, a module for each kind of file, and `links` for the url()s of CSS.
"""

from .files import Files, content_type, digest, files_below, names_below
from .store import Asset, Store

__all__ = ["Asset", "Files", "Store", "content_type", "digest", "files_below", "names_below"]
