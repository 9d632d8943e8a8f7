"""A dict in a JSON file, which is the old one or the new one whenever the power goes."""

import json
import os


def load(file):
    """The dict in a file, an empty one when there is none."""
    for name in (file, file + ".new"):  # on a FAT disk the old file goes just before the new one is renamed
        try:
            with open(name) as f:
                found = json.load(f)
            if isinstance(found, dict):
                return found
        except (OSError, ValueError):  # not there, or broken off
            pass
    return {}


def save(file, values):
    """Writes it all under another name, then renames that. Raises OSError; the old file stays then."""
    with open(file + ".new", "w") as f:
        json.dump(values, f)
        if hasattr(os, "fsync"):  # a computer's disk can be late; a board's flash is written by close()
            f.flush()
            os.fsync(f.fileno())
    os.rename(file + ".new", file)
