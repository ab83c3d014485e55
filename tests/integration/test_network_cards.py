# SPDX-License-Identifier: GPL-2.0-or-later
"""Network cards with devices of the host: made at a start, gone after it.

All of it happens in a network namespace of the test's own.
"""

import os
import re
import signal
import time

import pytest

import conftest
from namespace import Namespace

libvirt = pytest.importorskip("libvirt")

DOMAIN = """<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>32</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>{cards}<memballoon model='none'/></devices>
</domain>"""

BRIDGE = """<interface type='bridge'>
  <mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/>
  <driver name='qemu' queues='2'/><port isolated='yes'/><mtu size='1300'/>
</interface>"""

ETHERNET = """<interface type='ethernet'>
  <mac address='52:54:00:00:00:02'/>
  <source><ip address='192.0.2.1' prefix='24' peer='192.0.2.2'/>
    <route address='10.0.0.0' prefix='8' gateway='192.0.2.2'/></source>
  <script path='{up}'/><downscript path='{down}'/>
  <target dev='mine0'/><model type='e1000'/><link state='down'/>
</interface>"""

DIRECT = """<interface type='direct'>
  <mac address='52:54:00:00:00:03'/><source dev='low0' mode='bridge'/><model type='virtio'/>
</interface>"""


@pytest.fixture
def namespace():
    for name in ("unshare", "nsenter", "ip", "qemu-system-x86_64"):
        conftest.host_program(name)
    if os.geteuid() != 0 or not os.access("/dev/net/tun", os.W_OK):
        pytest.skip("taps need root and /dev/net/tun")
    made = Namespace()
    yield made
    made.end()


@pytest.fixture
def host(namespace, daemon_factory):
    """(namespace, daemon): a bridge br0 and a device low0 to make macvtap devices on."""
    namespace.ip("link", "add", "br0", "type", "bridge")
    namespace.ip("link", "add", "low0", "type", "veth", "peer", "name", "low1")
    return namespace, daemon_factory("virtqemud", preexec_fn=namespace.enter)


def scripts(folder):
    """Two scripts that write what they were told into `folder`."""
    paths = {}
    for name in ("up", "down"):
        path = folder / name
        path.write_text(f"#!/bin/sh\necho \"$1\" > '{folder}/{name}.said'\n")
        path.chmod(0o755)
        paths[name] = path
    return paths


def test_made_and_gone(host, tmp_path):
    namespace, daemon = host
    paths = scripts(tmp_path)
    conn = libvirt.open(daemon.uri())
    cards = BRIDGE + ETHERNET.format(**paths) + DIRECT
    guest = conn.createXML(DOMAIN.format(name="cards", cards=cards))

    xml = guest.XMLDesc()
    assert re.findall(r"<target dev='([^']*)'", xml) == ["vnet0", "mine0", "macvtap0"]
    assert "made=" not in xml
    port = namespace.ip("-d", "link", "show", "vnet0")
    assert "master br0" in port and "mtu 1300" in port and ",UP" in port
    assert "fe:54:00:00:00:01" in port and "isolated on" in port and "multi_queue" in port
    assert "192.0.2.1 peer 192.0.2.2/24" in namespace.ip("addr", "show", "mine0")
    assert "10.0.0.0/8 via 192.0.2.2" in namespace.ip("route", "show")
    assert (tmp_path / "up.said").read_text() == "mine0\n"
    lower = namespace.ip("-d", "link", "show", "macvtap0")
    assert "52:54:00:00:00:03" in lower and "mode bridge" in lower and ",UP" in lower

    guest.destroy()
    left = namespace.ip("link", "show")
    assert not re.search("vnet0|mine0|macvtap0", left)
    assert (tmp_path / "down.said").read_text() == "mine0\n"


def test_a_restarted_daemon_takes_down(host):
    namespace, daemon = host
    conn = libvirt.open(daemon.uri())
    conn.createXML(DOMAIN.format(name="cards", cards=DIRECT))
    conn.close()
    daemon.process.send_signal(signal.SIGKILL)
    daemon.process.wait()
    assert "macvtap0" in namespace.ip("link", "show")
    daemon.start(preexec_fn=namespace.enter)
    conn = libvirt.open(daemon.uri())
    guest = conn.lookupByName("cards")
    assert "<target dev='macvtap0'" in guest.XMLDesc()
    guest.destroy()
    assert "macvtap0" not in namespace.ip("link", "show")


REFUSED = {
    "network": ("<interface type='network'><source network='default'/></interface>",
                "virtnetworkd"),
    "bandwidth": ("<interface type='bridge'><source bridge='br0'/><bandwidth>"
                  "<inbound average='100'/></bandwidth></interface>", "interface[1]/bandwidth"),
    "filter": ("<interface type='bridge'><source bridge='br0'/>"
               "<filterref filter='clean-traffic'/></interface>", "<filterref>"),
    "no-bridge": ("<interface type='bridge'><source bridge='low0'/></interface>",
                  "not a bridge"),
    "unmanaged": ("<interface type='ethernet'><target dev='none0' managed='no'/></interface>",
                  "none0"),
    "script": ("<interface type='ethernet'><script path='/bin/false'/></interface>",
               "/bin/false"),
    "pci": ("<hostdev mode='subsystem' type='pci'><source><address bus='0x3f' slot='0x1f'/>"
            "</source></hostdev>", "vfio-pci"),
    "usb": ("<hostdev mode='subsystem' type='usb'><source><vendor id='0xffff'/>"
            "<product id='0xfffe'/></source></hostdev>", "no USB device ffff:fffe"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(host, what):
    namespace, daemon = host
    cards, word = REFUSED[what]
    before = namespace.ip("-o", "link", "show")
    conn = libvirt.open(daemon.uri())
    with pytest.raises(libvirt.libvirtError) as caught:
        conn.createXML(DOMAIN.format(name="refused", cards=cards))
    assert word in str(caught.value)
    assert len(namespace.ip("-o", "link", "show").splitlines()) == len(before.splitlines())


PASST = """#!/usr/bin/python3
import os, socket, sys
words = sys.argv[1:]
path, pid_file = (words[words.index(k) + 1] for k in ("--socket", "--pid"))
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
pid = os.fork()
if pid:
    with open(pid_file, "w") as out:
        out.write(f"{pid}\\n")
    sys.exit(0)
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for fd in range(3):
    os.dup2(null, fd)
peer, _ = listener.accept()
while True:
    peer.recv(4096) or listener.accept()
"""


def test_passt(daemon_factory, tmp_path):
    """A stand-in that listens, and does not end by itself."""
    conftest.host_program("qemu-system-x86_64")
    script = tmp_path / "passt"
    script.write_text(PASST)
    script.chmod(0o755)
    daemon = daemon_factory("virtqemud", env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    conn = libvirt.open(daemon.uri())
    card = "<interface type='user'><model type='virtio'/><backend type='passt'/></interface>"
    guest = conn.createXML(DOMAIN.format(name="behind-passt", cards=card))
    folder = daemon.run_dir / ("qemu/passt" if daemon.privileged else "qemu/run/passt")
    pid_file, = folder.glob("*-behind-passt-net0.socket.pid")
    pid = int(pid_file.read_text())
    assert os.path.exists(f"/proc/{pid}")
    guest.destroy()
    for _ in range(600):
        if not os.path.exists(f"/proc/{pid}"):
            break
        time.sleep(0.1)
    assert not os.path.exists(f"/proc/{pid}")
    assert list(folder.iterdir()) == []
