# picoweb_site.py PORT: boots a built site as its main.py does on a board, without a log, as all others here.
import json
import sys

with open("routes.json") as f:
    sys.path[:1] = json.load(f)["path"]

import picoweb

picoweb.run("127.0.0.1", int(sys.argv[1]), debug=-1)
