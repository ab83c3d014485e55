# SPDX-License-Identifier: GPL-2.0-or-later
"""Our virsh, on our library, against upstream's daemon and ours: a guest from definition to end."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import guest
import upstream
from conftest import host_program, program, running
from terminal import Terminal

GUEST = """<domain type='qemu'>
  <name>virsh-guest</name>
  <uuid>6695eb01-f6a4-8304-79aa-97f2502e1941</uuid>
  <memory unit='MiB'>160</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>{kernel}</kernel>
    <initrd>{initrd}</initrd>
    <cmdline>console=ttyS0 quiet</cmdline>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <serial type='pty'/>
    <memballoon model='none'/>
  </devices>
</domain>
"""


def upstream_command(root):
    """Upstream's daemon in a mount namespace of its own, with private state."""
    libvirtd = host_program("libvirtd")
    host_program("unshare")
    if os.geteuid() != 0:
        pytest.skip("needs root for a mount namespace")
    if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("needs a mount namespace, which unshare cannot make here (a chroot?)")
    return upstream.command(root, libvirtd)


def our_command(root):
    return [program("virtqemud"), "--root", str(root)], root / "run/libvirt/virtqemud-sock"


@pytest.fixture(scope="module", params=[upstream_command, our_command], ids=["upstream", "ours"])
def uri(request):
    host_program("qemu-system-x86_64")
    root = Path(tempfile.mkdtemp(prefix="virsh-"))
    try:
        command, path = request.param(root)
        with running(command, path, root / "output"):
            yield f"qemu:///system?socket={path}"
    finally:
        shutil.rmtree(root, ignore_errors=True)


def environment(tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("VIRSH_", "LIBVIRT_", "LD_"))}
    env.update(LC_ALL="C.UTF-8", TERM="dumb", HOME=str(tmp_path),
               XDG_CACHE_HOME=str(tmp_path / "cache"))
    return env


@pytest.fixture
def virsh(uri, tmp_path):
    def call(line, status=0):
        done = subprocess.run([program("virsh"), "-q", "-c", uri, line], capture_output=True,
                              text=True, env=environment(tmp_path), timeout=120)
        assert done.returncode == status, (line, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr
    return call


@pytest.fixture
def defined(virsh, tmp_path):
    """The guest, defined; gone again at the end."""
    kernel, initrd = guest.build()
    path = tmp_path / "guest.xml"
    path.write_text(GUEST.format(kernel=kernel, initrd=initrd))
    virsh(f"define {path}")
    yield "virsh-guest"
    if virsh("list --name").strip():
        virsh("destroy virsh-guest")
    virsh("undefine virsh-guest")


def test_connection(virsh, uri):
    assert virsh("uri").startswith("qemu:///system")
    assert "Running hypervisor: QEMU" in virsh("version --daemon")
    assert virsh("list --all --name").strip() == ""
    assert "<capabilities>" in virsh("capabilities")


def test_errors(virsh):
    assert virsh("dominfo nosuch", status=1) == "error: failed to get domain 'nosuch'\n"
    assert virsh("define /nonexistent", status=1).startswith("error: Failed to open file")


def test_definition(virsh, defined):
    assert virsh("list --all").split() == ["-", defined, "shut", "off"]
    assert f"<name>{defined}</name>" in virsh(f"dumpxml {defined}")
    assert virsh(f"domuuid {defined}").strip() == "6695eb01-f6a4-8304-79aa-97f2502e1941"
    assert virsh(f"domstate {defined} --reason").strip() == "shut off (unknown)"
    virsh(f"autostart {defined}")
    assert "Autostart:      enable" in virsh(f"dominfo {defined}")
    virsh(f"desc {defined} --config --title a title")
    assert "a title" in virsh("list --all --title")


def test_life_console_and_events(virsh, uri, defined, tmp_path):
    env = environment(tmp_path)
    watcher = Terminal([program("virsh"), "-c", uri, "event --event lifecycle --loop"], env)
    # an event that is certain shows that the watcher has registered: until then, ask for one
    deadline = time.monotonic() + 60
    while b"Defined Updated" not in watcher.seen:
        assert time.monotonic() < deadline
        virsh(f"dumpxml {defined} --inactive")
        xml = tmp_path / "guest.xml"
        virsh(f"define {xml}")
        watcher.peek(1)
    shell = Terminal([program("virsh"), "-c", uri, f"start {defined} --console"], env)
    shell.until("Escape character is ^] (Ctrl + ])")
    shell.until("GUEST-READY", 120)
    shell.until("guest#", 60)
    shell.send("echo he''llo\r")
    shell.until("hello\r\n", 60)
    assert virsh(f"domstate {defined} --reason").strip() == "running (booted)"
    assert virsh("list").split()[1:] == [defined, "running"]
    virsh(f"suspend {defined}")
    assert virsh(f"domstate {defined}").strip() == "paused"
    virsh(f"resume {defined}")
    assert "state.state=1" in virsh(f"domstats {defined} --state")
    shell.send("\x1d")
    assert shell.end() == 0
    virsh(f"destroy {defined}")
    for text in ("Started Booted", "Suspended Paused", "Resumed Unpaused", "Stopped Destroyed"):
        watcher.until(f"event 'lifecycle' for domain '{defined}': {text}", 60)
    os.kill(watcher.pid, signal.SIGINT)
    watcher.until("event loop interrupted")
    watcher.until("events received:")
    assert watcher.end() == 0


def test_console_ends_with_the_guest(virsh, uri, defined, tmp_path):
    shell = Terminal([program("virsh"), "-c", uri, f"start {defined} --console"],
                     environment(tmp_path))
    shell.until("Escape character is")
    virsh(f"destroy {defined}")
    assert shell.end() == 0
