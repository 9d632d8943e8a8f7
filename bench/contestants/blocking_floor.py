# blocking_floor.py PORT CHUNK: a plain socket, one client at a time, answers that were made beforehand. What the
# interpreter and the system take alone.
import socket
import sys

from answers import ANSWERS

BUFFER = memoryview(bytearray(int(sys.argv[2])))


def send_file(client, head, name):
    BUFFER[: len(head)] = head
    at = len(head)
    with open(name, "rb") as f:
        while True:
            n = f.readinto(BUFFER[at:])
            if not n:
                break
            client.write(BUFFER[: at + n])
            at = 0


def serve(client):
    while True:
        request = client.recv(1024)  # readinto() on a blocking socket would wait until the buffer is full
        if not request:
            break
        answer = ANSWERS[request.split(b" ", 2)[1]]
        if isinstance(answer, tuple):
            send_file(client, *answer)
        else:
            client.write(answer)
        if b"Connection: close" in request:
            break


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("127.0.0.1", int(sys.argv[1]))[0][-1])
    listener.listen(100)
    while True:
        client, _ = listener.accept()
        client.setsockopt(6, 1, 1)  # TCP_NODELAY: else a file's last piece waits 44 ms for an acknowledgement
        try:
            serve(client)
        finally:
            client.close()


main()
