# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing is lost: virtqemud is killed again and again under clients of virtproxyd."""

import json
import os
import pathlib
import select
import subprocess
import sys
import time

import pytest

import guest

libvirt = pytest.importorskip("libvirt")

KILLS = int(os.environ.get("VIR_TEST_KILLS", "50"))
GUESTS = 3

DOMAIN = """<domain type='qemu'>
  <name>survivor{n}</name>
  <memory unit='MiB'>128</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{kernel}</kernel><initrd>{initrd}</initrd><cmdline>console=ttyS0</cmdline>
  </os>
  <devices><serial type='pty'/></devices>
</domain>"""


class Client:
    """A survivor.py of its own process; its lines are read with a deadline."""

    def __init__(self, what, uri):
        script = pathlib.Path(__file__).with_name("survivor.py")
        self.process = subprocess.Popen([sys.executable, str(script), what, uri], text=True,
                                        bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.buffer = ""
        assert self.line() == "ready"

    def line(self, timeout=60):
        end = time.monotonic() + timeout
        while "\n" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise AssertionError(f"no line within {timeout} s, only {self.buffer!r}")
            data = os.read(self.process.stdout.fileno(), 65536).decode()
            assert data, "the client ended"
            self.buffer += data
        text, self.buffer = self.buffer.split("\n", 1)
        return text

    def send(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        return self.line(), self.process.wait(60)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def guests(daemon_factory):
    qemud = daemon_factory("virtqemud")
    proxy = daemon_factory("virtproxyd", root=qemud.root)
    kernel, initrd = guest.build()
    conn = libvirt.open(qemud.uri())
    for n in range(GUESTS):
        conn.createXML(DOMAIN.format(n=n, kernel=kernel, initrd=initrd))
    conn.close()
    yield qemud, proxy
    if not qemud.alive():
        qemud.start()
    conn = libvirt.open(qemud.uri())
    for dom in conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
        dom.destroy()
    conn.close()


def pids(qemud):
    conn = libvirt.open(qemud.uri())
    try:
        return sorted((d.name(), d.ID(), d.UUIDString(), d.state()[0]) for d in conn.listAllDomains())
    finally:
        conn.close()


def test_kills_of_virtqemud_are_not_seen(guests):
    qemud, proxy = guests
    uri = proxy.uri()
    before = pids(qemud)
    assert len(before) == GUESTS
    caller, watcher = Client("call", uri), Client("watch", uri)
    try:
        for n in range(KILLS):
            qemud.kill()
            qemud.start()
            # Its answer comes from the new daemon, so its events are registered there.
            watcher.send("sync")
            assert watcher.line() == "synced"
            name = f"survivor{n % GUESTS}"
            conn = libvirt.open(qemud.uri())
            dom = conn.lookupByName(name)
            dom.suspend()
            assert dom.state()[0] == libvirt.VIR_DOMAIN_PAUSED
            dom.resume()
            conn.close()
            assert watcher.line() == f"event {name} {libvirt.VIR_DOMAIN_EVENT_SUSPENDED}"
            assert watcher.line() == f"event {name} {libvirt.VIR_DOMAIN_EVENT_RESUMED}"
        assert pids(qemud) == before
        text, status = caller.end()
        result = json.loads(text)
        assert status == 0
        assert result["closed"] == [] and result["alive"] == 1
        assert result["errors"] == []
        assert result["good"] > 0
    finally:
        caller.kill()
        watcher.kill()
