# SPDX-License-Identifier: GPL-2.0-or-later
"""A program on a terminal of its own."""

import os
import pty
import select
import signal
import time


class Terminal:
    """`args[0]` with its arguments; `until` reads what it prints, `send` types."""

    def __init__(self, args, env):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(args[0], args, env)

    def peek(self, timeout):
        """Adds what is there, or comes in time, to `seen`."""
        ready, _, _ = select.select([self.fd], [], [], max(timeout, 0))
        if ready:
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                pass  # the other end is closed: `end` tells how

    def until(self, text, timeout=30):
        """Everything up to and with the text; what follows stays for the next call."""
        while text.encode() not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], timeout)
            assert ready, f"no {text!r} in {self.seen!r}"
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            assert data, f"no {text!r} in {self.seen!r}"
            self.seen += data
        end = self.seen.index(text.encode()) + len(text)
        out, self.seen = self.seen[:end], self.seen[end:]
        return out.decode(errors="replace")

    def ask(self, text, answer, timeout=30):
        """Types the text each second until the answer comes.

        What is typed before a program has set its terminal is echoed by the terminal, and lost.
        """
        for _ in range(timeout):
            self.send(text)
            second = time.monotonic() + 1
            while answer.encode() not in self.seen and time.monotonic() < second:
                self.peek(second - time.monotonic())
            if answer.encode() in self.seen:
                break
        return self.until(answer)

    def send(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.end()
