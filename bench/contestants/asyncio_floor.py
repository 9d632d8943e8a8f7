# asyncio_floor.py PORT CHUNK: one bulk read, and an answer that was made beforehand. What no framework can go below
# that is built on asyncio's streams: it parses nothing and checks nothing.
import asyncio
import sys

from answers import ANSWERS

CHUNK = int(sys.argv[2])
BUFFER = memoryview(bytearray(CHUNK))  # one for all: nobody else runs between a read and what it is used for


async def send_file(writer, head, name):
    BUFFER[: len(head)] = head
    at = len(head)
    with open(name, "rb") as f:
        while True:
            n = f.readinto(BUFFER[at:])
            if not n:
                break
            writer.write(BUFFER[: at + n])
            await writer.drain()
            at = 0


async def serve(reader, writer):
    writer.s.setsockopt(6, 1, 1)  # TCP_NODELAY: else a file's last piece waits 44 ms for an acknowledgement
    try:
        while True:
            n = await reader.readinto(BUFFER)
            if not n:
                break
            request = bytes(BUFFER[:n])
            answer = ANSWERS[request.split(b" ", 2)[1]]
            if isinstance(answer, tuple):
                await send_file(writer, *answer)
            else:
                writer.write(answer)
                await writer.drain()
            if b"Connection: close" in request:
                break
    finally:
        writer.close()
        await writer.wait_closed()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=100)
    await server.wait_closed()


asyncio.run(main())
