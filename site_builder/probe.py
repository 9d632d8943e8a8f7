# Runs the bundle in the working folder as its main.py does on a board, and tells what is on the heap:
#     micropython probe.py
# For each "c" on stdin it collects garbage and prints "heap N", the bytes in use since the start; for each "a" it
# prints them with the garbage that was made since. This is for the computer alone and is in no bundle.
# mypy: ignore-errors
import gc
import sys


async def answer():
    while True:
        core._io_queue.queue_read(sys.stdin)
        await (None,)
        command = sys.stdin.read(1)
        if not command:
            return
        if command == "c":
            gc.enable()
            gc.collect()
            gc.disable()  # so that nothing is collected before it is counted
        print("heap", gc.mem_alloc() - before)


sys.path[0] = ""
gc.collect()
before = gc.mem_alloc()
import asyncio  # noqa: E402  it is part of what a site takes
from asyncio import core  # noqa: E402

at = gc.mem_alloc()
asyncio.create_task(answer())  # noqa: RUF006  it is kept by the loop
before += gc.mem_alloc() - at
import main  # noqa: E402, F401
