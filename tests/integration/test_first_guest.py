# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job by Debian's own virsh, with its own library: straight and through virtproxyd.

The virsh of the main suite is the installed one. That of the backports suite is taken, unpacked beside
the guest's files, where that suite is configured; VIR_TEST_VIRSH=DIR names one unpacked elsewhere.
"""

import os
import pathlib
import re
import subprocess

import pytest

import guest
from conftest import host_program, run
from terminal import Terminal

DOMAIN = """<domain type='qemu'>
  <name>first</name>
  <memory unit='MiB'>192</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='x86_64' machine='{machine}'>hvm</type>
    <kernel>{kernel}</kernel><initrd>{initrd}</initrd><cmdline>console=ttyS0</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/><source file='{disk}'/><target dev='vda' bus='virtio'/>
    </disk>
    <interface type='user'><model type='virtio'/></interface>
    <serial type='pty'/><console type='pty'/>
    <graphics type='vnc' autoport='yes'/>
  </devices>
</domain>"""


def backports_virsh():
    """(program, environment) of the newest libvirt-clients of a configured backports suite."""
    folder = os.environ.get("VIR_TEST_VIRSH")
    if not folder:
        listing = subprocess.run(["apt-cache", "madison", "libvirt-clients"], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        found = re.search(r"\| (\S+) \|.*-backports/", listing)
        if not found:
            pytest.skip("no backports suite is configured")
        folder = pathlib.Path(guest.cache_dir()) / f"virsh-{found[1]}"
        if not folder.exists():
            folder.mkdir(parents=True)
            for package in ("libvirt-clients", "libvirt0"):
                run(["apt-get", "download", f"{package}={found[1]}"], cwd=folder)
            for package in folder.glob("*.deb"):
                run(["dpkg", "-x", package, folder])
    library, = pathlib.Path(folder).glob("usr/lib/*/libvirt.so.0")
    return str(pathlib.Path(folder) / "usr/bin/virsh"), {"LD_LIBRARY_PATH": str(library.parent)}


@pytest.fixture(params=["main", "backports"])
def virsh(request):
    """virsh(uri, *args) -> what it prints; with its program and environment."""
    program, extra = (host_program("virsh"), {}) if request.param == "main" else backports_virsh()
    env = {**os.environ, **extra}

    def call(uri, *args):
        return run([program, "-c", uri, *args], env=env).stdout

    call.program, call.env = program, {**env, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    return call


@pytest.mark.parametrize("through", ["virtqemud", "virtproxyd"])
@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_the_main_job(daemon_factory, virsh, through, machine, tmp_path):
    qemud = daemon_factory("virtqemud", start=False)
    qemud.take_displays()
    qemud.start()
    uri = (qemud if through == "virtqemud" else daemon_factory(through)).uri()
    kernel, initrd = guest.build()
    disk = tmp_path / "disk.qcow2"
    run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "16M"])
    xml = tmp_path / "first.xml"
    xml.write_text(DOMAIN.format(machine=machine, kernel=kernel, initrd=initrd, disk=disk))

    assert "Running hypervisor: QEMU" in virsh(uri, "version")
    assert virsh(uri, "define", str(xml)) == f"Domain 'first' defined from {xml}\n\n"
    assert re.search(r"-\s+first\s+shut off", virsh(uri, "list", "--all"))
    events = Terminal([virsh.program, "-c", uri, "event", "--all", "--loop", "--timeout", "120"],
                      virsh.env)
    # It prints nothing once it listens: an event tells.
    virsh(uri, "start", "first", "--paused")
    console = Terminal([virsh.program, "-c", uri, "console", "first"], virsh.env)
    console.until("Escape character")
    virsh(uri, "resume", "first")
    console.until("GUEST-READY", timeout=90)
    console.until("#")
    console.send("echo $((40+2))\r")
    console.until("42")

    assert re.search(r"1\s+first\s+running", virsh(uri, "list"))
    assert "running (unpaused)" in virsh(uri, "domstate", "first", "--reason")
    assert "Used memory:    196608 KiB" in virsh(uri, "dominfo", "first")
    assert "block.0.path=" in virsh(uri, "domstats", "first")
    assert "/dev/pts/" in virsh(uri, "dumpxml", "first")
    assert virsh(uri, "vncdisplay", "first").startswith("127.0.0.1:")
    virsh(uri, "suspend", "first")
    assert "paused (user)" in virsh(uri, "domstate", "first", "--reason")
    virsh(uri, "resume", "first")

    # The console ends with the guest, and the events told its life.
    virsh(uri, "shutdown", "first")
    assert console.end() == 0
    for text in ("Resumed", "Suspended", "Shutdown", "Stopped"):
        events.until(text)
    os.kill(events.pid, 2)
    events.end()
    assert virsh(uri, "domstate", "first").strip() == "shut off"
    virsh(uri, "undefine", "first")
    assert "first" not in virsh(uri, "list", "--all")
