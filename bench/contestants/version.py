# version.py: which MicroPython this is.
import sys

print(sys.version.split("; ")[-1])
