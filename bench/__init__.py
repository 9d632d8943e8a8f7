"""The same work on the same MicroPython, by picoweb and by others, side by side: `python -m bench`."""
