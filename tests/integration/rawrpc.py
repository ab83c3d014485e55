# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire protocol by hand, for tests that a proper client would not do."""

import socket
import struct

REMOTE = 0x20008086
KEEPALIVE = 0x6b656570
CALL, REPLY, MESSAGE, STREAM = 0, 1, 2, 3
OK, ERROR = 0, 1

OPEN, CLOSE, GET_VERSION, GET_HOSTNAME, GET_CAPABILITIES, AUTH_LIST = 1, 2, 4, 59, 7, 66
NODE_SUSPEND = 250


def string(text):
    data = text.encode()
    return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)


def frame(proc, payload=b"", serial=1, kind=CALL, status=OK, program=REMOTE, version=1):
    body = struct.pack(">IIIIII", program, version, proc, kind, serial, status) + payload
    return struct.pack(">I", len(body) + 4) + body


def open_payload(uri="qemu:///system"):
    return struct.pack(">I", 1) + string(uri) + struct.pack(">I", 0)


class Client:
    """A connection without any library."""

    def __init__(self, path, timeout=60):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.sock.connect(str(path))
        self.serial = 0

    def send(self, data):
        self.sock.sendall(data)

    def receive_exactly(self, n):
        data = b""
        while len(data) < n:
            part = self.sock.recv(n - len(data))
            if not part:
                raise EOFError(f"closed after {len(data)} of {n} bytes")
            data += part
        return data

    def receive(self):
        """(procedure, type, serial, status, payload) of the next message."""
        (length,) = struct.unpack(">I", self.receive_exactly(4))
        body = self.receive_exactly(length - 4)
        _, _, proc, kind, serial, status = struct.unpack(">IIIIII", body[:24])
        return proc, kind, serial, status, body[24:]

    def call(self, proc, payload=b""):
        """Payload of the answer; an error of the daemon is a RuntimeError with its text."""
        self.serial += 1
        self.send(frame(proc, payload, self.serial))
        while True:
            _, kind, serial, status, answer = self.receive()
            if kind == REPLY and serial == self.serial:
                break
        if status != OK:
            raise RuntimeError(error_text(answer))
        return answer

    def open(self):
        self.call(AUTH_LIST)
        self.call(OPEN, open_payload())
        return self

    def closed(self):
        """Whether the daemon closes; what it still sends is dropped."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()


def error_text(payload):
    """The message of a remote_error."""
    _, _, present = struct.unpack(">iiI", payload[:12])
    if not present:
        return ""
    (length,) = struct.unpack(">I", payload[12:16])
    return payload[16:16 + length].decode()
