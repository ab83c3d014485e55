# SPDX-License-Identifier: GPL-2.0-or-later
"""Displays of guests: a password of the document is the one that clients need."""

import shutil
import socket
import subprocess

import pytest

libvirt = pytest.importorskip("libvirt")

DOMAIN = """<domain type='qemu'>
  <name>shown</name>
  <memory unit='MiB'>32</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <graphics type='vnc' {attributes}><listen type='socket'/></graphics>
    <memballoon model='virtio'><stats period='5'/></memballoon>
  </devices>
</domain>"""


def encrypt(password, challenge):
    """DES as VNC has it: the bits of each byte of the key are reversed."""
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode().ljust(8, b"\0"))
    done = subprocess.run(
        ["openssl", "enc", "-provider", "legacy", "-provider", "default", "-des-ecb", "-nopad",
         "-K", key.hex()], input=challenge, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("openssl cannot encrypt with DES")
    return done.stdout


def admits(path, password):
    """Whether the server at `path` lets in who has `password`."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(path)
        stream = client.makefile("rwb")
        assert stream.read(12) == b"RFB 003.008\n"
        stream.write(b"RFB 003.008\n")
        stream.flush()
        assert stream.read(2) == b"\x01\x02"
        stream.write(b"\x02")
        stream.flush()
        stream.write(encrypt(password, stream.read(16)))
        stream.flush()
        return stream.read(4) == b"\0\0\0\0"


@pytest.fixture
def shown(daemon_factory):
    if not shutil.which("openssl"):
        pytest.skip("no openssl")
    daemon = daemon_factory("virtqemud")
    conn = libvirt.open(daemon.uri())

    def start(attributes):
        domain = conn.createXML(DOMAIN.format(attributes=attributes), 0)
        text = domain.XMLDesc()
        path = text.split("socket='", 1)[1].split("'", 1)[0]
        return domain, path

    yield start
    conn.close()


def test_password(shown):
    domain, path = shown("passwd='right'")
    assert admits(path, "right")
    assert not admits(path, "wrong")
    domain.destroy()


def test_password_that_has_ended(shown):
    domain, path = shown("passwd='right' passwdValidTo='2001-01-01T00:00:00'")
    assert not admits(path, "right")
    domain.destroy()
