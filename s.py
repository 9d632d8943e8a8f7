import socket
s=socket.socket(); print(dir(s))
