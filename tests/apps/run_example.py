# Runs a program on another port than it says, on MicroPython and CPython: run_example.py PORT PROGRAM
import sys

import picoweb

port = int(sys.argv[1])
program = sys.argv[2]
sys.argv[:] = [program]
sys.path[0] = program[: program.rfind("/")]
run = picoweb.WebApp.run


def run_there(app, host="127.0.0.1", _=0, *args, **kwargs):
    kwargs.pop("port", None)
    run(app, host, port, *args, **kwargs)


picoweb.WebApp.run = run_there
with open(program) as f:
    exec(f.read(), {"__name__": "__main__", "__file__": program})
