# Serves the app of a module, for MicroPython and CPython; run in the project's folder:
#     serve_module.py PORT MODULE [FOLDER]
import sys

sys.path[:0] = [".", sys.argv[3] if len(sys.argv) > 3 else "examples"]

__import__(sys.argv[2]).app.run("127.0.0.1", int(sys.argv[1]))
