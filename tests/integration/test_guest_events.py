# SPDX-License-Identifier: GPL-2.0-or-later
"""Events that a guest's own doing causes. Each guest is a boot sector of a few bytes: no driver and no
kernel is needed to write a port, and it does so within a second of its start."""

import os
import subprocess

import pytest

from conftest import host_program, run
from terminal import Terminal

DOMAIN = """<domain type='qemu'>
  <name>doer</name><uuid>1c2d3e4f-0000-4000-8000-0000000000d0</uuid>
  <memory unit='MiB'>32</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/><source file='{disk}'/><target dev='hda' bus='ide'/>
    </disk>
    {devices}
  </devices>
</domain>"""

HALT = b"\xf4\xeb\xfd"  # hlt; jump to it again
ARM_IB700 = b"\xba\x43\x04\xb0\x0e\xee"  # out 0x443, 14: two seconds
SET_SECONDS = b"\xb0\x00\xe6\x70\xb0\x30\xe6\x71"  # CMOS register 0 := 30


def boot_sector(code):
    return code.ljust(510, b"\0") + b"\x55\xaa"


@pytest.fixture
def doer(daemon_factory, tmp_path):
    """doer(code, devices) starts such a guest and gives (virsh, terminal of its events)."""
    virsh = host_program("virsh")
    uri = daemon_factory("virtqemud").uri()
    env = {**os.environ, "TERM": "dumb", "LC_ALL": "C.UTF-8"}

    def call(*args):
        return run([virsh, "-c", uri, *args], env=env).stdout

    def start(code, devices=""):
        disk = tmp_path / "boot.img"
        disk.write_bytes(boot_sector(code))
        xml = tmp_path / "doer.xml"
        xml.write_text(DOMAIN.format(disk=disk, devices=devices))
        call("define", str(xml))
        # What listens prints nothing before the first event: definitions go on until it does.
        events = Terminal([virsh, "-c", uri, "event", "--all", "--loop", "--timeout", "120"], env)
        while b"Defined" not in events.seen:
            call("define", str(xml))
            events.peek(1)
        call("start", "doer", "--paused")
        events.until("Suspended")
        call("resume", "doer")
        return call, events

    return start


@pytest.mark.parametrize("action,state", [("pause", "paused (watchdog)"), ("none", "running"),
                                          ("reset", "running"), ("poweroff", "shut off")])
def test_watchdog(doer, action, state):
    call, events = doer(ARM_IB700 + HALT, f"<watchdog model='ib700' action='{action}'/>")
    events.until(f"event 'watchdog' for domain 'doer': {action}")
    if action in ("pause", "poweroff"):
        events.until("Suspended Watchdog" if action == "pause" else "Stopped")
    assert call("domstate", "doer", "--reason").startswith(state)


def test_rtc_change(doer):
    _, events = doer(SET_SECONDS + HALT)
    events.until("event 'rtc-change' for domain 'doer': ")


# BIOS: one sector from here to the first one of the second disk.
WRITE_SECOND = (b"\x31\xc0\x8e\xc0\xbb\x00\x7c\xb8\x01\x03\xb9\x01\x00\xba\x81\x00\xcd\x13")


@pytest.fixture
def full_disk(tmp_path):
    """A sparse image on a file system without room."""
    folder = tmp_path / "full"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)],
                           capture_output=True, check=False)
    if mount.returncode != 0:
        pytest.skip("no file system can be mounted here")
    image = folder / "sparse.img"
    image.touch()
    os.truncate(image, 1 << 20)
    rest = os.open(folder / "rest", os.O_CREAT | os.O_WRONLY)
    try:
        while os.write(rest, b"x" * 4096):
            pass
    except OSError:
        os.close(rest)
    yield image
    subprocess.run(["umount", "-l", str(folder)], check=True)


# QEMU says that there is no room only where it stops the guest for that.
@pytest.mark.parametrize("policy,said,why,state", [
    ("stop", "pause", "enospc", "paused (I/O error)"), ("report", "report", "", "running")])
def test_io_error(doer, full_disk, policy, said, why, state):
    call, events = doer(WRITE_SECOND + HALT, f"""
      <disk type='file' device='disk'>
        <driver name='qemu' type='raw' error_policy='{policy}'/>
        <source file='{full_disk}'/><target dev='hdb' bus='ide'/>
      </disk>""")
    events.until(f"event 'io-error' for domain 'doer': {full_disk} (ide0-0-1) {said}")
    events.until(f"event 'io-error-reason' for domain 'doer': {full_disk} (ide0-0-1) {said} "
                 f"due to {why}")
    assert call("domstate", "doer", "--reason").startswith(state)
    assert f"<source file='{full_disk}' index='1'/>" in call("dumpxml", "doer")
