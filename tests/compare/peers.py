# SPDX-License-Identifier: GPL-2.0-or-later
"""The two sides: upstream's QEMU driver in a process of its own, our daemon in a private root.

VIR_COMPARE_ROOT names the root directory of another system with upstream's packages; both sides
then run there, so that they see the same QEMU.
"""

import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from documents import SOURCE

BUILD = Path(os.environ.get("VIR_BUILDDIR", SOURCE / "build")).resolve()
SYSTEM = Path(os.environ.get("VIR_COMPARE_ROOT", "/"))
PACKAGES = {"libvirt-daemon-driver-qemu": "usr/lib/*/libvirt/*/libvirt_driver_qemu.so",
            "python3-libvirt": "usr/lib/python3/dist-packages/libvirt.py"}
CONF = """user = "root"\ngroup = "root"\nsecurity_driver = "none"\nstdio_handler = "file"
remember_owner = 0\nnamespaces = []\ncgroup_controllers = []
"""
WORKER = """
import json, libvirt, sys, threading
def loop():
    while True:
        libvirt.virEventRunDefaultImpl()
libvirt.registerErrorHandler(lambda *_: None, None)
libvirt.virEventRegisterDefaultImpl()
threading.Thread(target=loop, daemon=True).start()
conn, flags = libvirt.open(sys.argv[1]), libvirt.VIR_DOMAIN_XML_INACTIVE
print(conn.getLibVersion(), flush=True)
for line in sys.stdin:
    answer = {}
    try:
        guest = conn.defineXML(json.loads(line))
        answer["xml"] = guest.XMLDesc(flags)
        guest.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM)
        answer["argv"] = conn.domainXMLToNative("qemu-argv", answer["xml"], 0)
    except libvirt.libvirtError as error:
        answer["error"] = str(error)
    print(json.dumps(answer), flush=True)
"""


def obstacle():
    """What is not here that a comparison needs, or None."""
    for name, file in PACKAGES.items():
        if not any(SYSTEM.glob(file)):
            return f"the package {name} is not installed in {SYSTEM}"
    return "only root can do this" if os.geteuid() else None


def inside(*command):
    return [*([] if SYSTEM == Path("/") else ["chroot", str(SYSTEM)]), *map(str, command)]


class Peer:
    def __init__(self, uri, stack):
        self.command = inside("/usr/bin/python3", "-c", WORKER, uri)
        self.start()
        stack.callback(self.stop)

    def start(self):
        self.process = subprocess.Popen(self.command, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.version = int(self.process.stdout.readline())

    def ask(self, document):
        """What there is of "xml", "argv" and "error"; "gone" where it ended instead."""
        self.process.stdin.write(json.dumps(document) + "\n")
        self.process.stdin.flush()
        ready = select.select([self.process.stdout], [], [], 30)[0]
        line = self.process.stdout.readline() if ready else ""
        if line:
            return json.loads(line)
        self.stop()
        self.start()
        return {"error": "the process ended, or hangs", "gone": True}

    def stop(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def both():
    """(upstream, ours, [their folders])"""
    folder = Path(tempfile.mkdtemp(prefix="compare-", dir=SYSTEM / "tmp"))
    at = Path("/") / folder.relative_to(SYSTEM)
    for conf in "upstream/etc", "ours/etc/libvirt":
        (folder / conf).mkdir(parents=True)
        (folder / conf / "qemu.conf").write_text(CONF)
    shutil.copy(BUILD / "src/virtqemud/virtqemud", folder)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        daemon = subprocess.Popen(inside(at / "virtqemud", "--root", at / "ours"),
                                  stderr=subprocess.DEVNULL)
        stack.callback(daemon.wait)
        stack.callback(daemon.terminate)
        socket = "ours/run/libvirt/virtqemud-sock"
        while daemon.poll() is None and not (folder / socket).exists():
            time.sleep(0.05)
        yield (Peer(f"qemu:///embed?root={at}/upstream", stack),
               Peer(f"qemu:///system?socket={at}/{socket}", stack), [at / "upstream", at / "ours"])
