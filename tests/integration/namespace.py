# SPDX-License-Identifier: GPL-2.0-or-later
"""A network namespace of a test's own."""

import ctypes
import os
import subprocess
import time

import pytest

CLONE_NEWNET = 0x40000000


class Namespace:
    """A network namespace that lives as long as a process that sleeps in it."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        for _ in range(600):
            if os.readlink(f"/proc/{self.process.pid}/ns/net") != own:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.end()
        pytest.skip("no right to make a network namespace")

    def enter(self):
        """In a child before it runs its program."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{self.process.pid}/ns/net", "rb") as ns:
            if libc.setns(ns.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def ip(self, *args, check=True):
        done = subprocess.run(["nsenter", "-t", str(self.process.pid), "-n", "ip", *args],
                              capture_output=True, text=True)
        if check and done.returncode:
            pytest.skip(f"ip {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout

    def end(self):
        self.process.kill()
        self.process.wait()
