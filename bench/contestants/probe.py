# probe.py PROGRAM ARGUMENT…: runs a server program, and beside it a thread that does what the lines of its input say:
#
#     collect     a garbage collection; prints the bytes that the program has in use
#     hold        no more garbage collections; the same
#     used        prints the bytes in use
#     mark        calls math.erf(), which no server does: callgrind is told to write its counts when that is called
#
# What is in use before the program starts, this thread's too, is not counted.
import _thread
import gc
import math
import sys


def work():
    while True:
        command = sys.stdin.readline().strip()
        if not command:
            return
        if command == "collect":
            gc.collect()
        elif command == "hold":
            gc.disable()
        elif command == "mark":
            math.erf(0.5)
        print("probe", gc.mem_alloc() - base)


base = 0
program = sys.argv[1]
sys.argv[:2] = [program]
folder, _, name = program.rpartition("/")
sys.path[0] = folder
_thread.start_new_thread(work, ())
gc.collect()
base = gc.mem_alloc()
__import__(name[:-3])
