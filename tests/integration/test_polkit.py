# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that are not root, on a private bus with a polkit that says what the test wants."""

import os
import pwd
import socket
import subprocess
import time

import pytest

from conftest import host_program, program, run
from rawrpc import OPEN, Client, frame, open_payload

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="another user's client needs root")

CONF = 'auth_unix_rw = "polkit"\nauth_unix_ro = "polkit"\n'
BUS = """<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow receive_sender="*"/></policy></busconfig>
"""
AUTH_POLKIT = 70
PATIENCE = 60
NOBODY = pwd.getpwnam("nobody").pw_uid


@pytest.fixture
def bus(private_root):
    """Address of a bus."""
    conf = private_root / "bus.conf"
    path = private_root / "bus"
    conf.write_text(BUS.format(path=path))
    daemon = subprocess.Popen([host_program("dbus-daemon"), "--nofork", "--print-address",
                               f"--config-file={conf}"], stdout=subprocess.PIPE)
    assert daemon.stdout.readline()
    yield f"unix:path={path}"
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()


@pytest.fixture
def polkit(bus):
    """polkit(answer): starts one; its process, whose stdout tells the questions."""
    started = []

    def start(answer):
        process = subprocess.Popen([program("virtfakepolkit"), answer], stdout=subprocess.PIPE,
                                   env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus}, text=True)
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def hypervisor(daemon_factory, bus, wait_ms=0, conf=CONF):
    hv = daemon_factory("virtfakehvd", start=False, env={
        "DBUS_SYSTEM_BUS_ADDRESS": bus, "VIRTFAKEHVD_POLKIT_WAIT": str(wait_ms),
        "VIRTTESTD_SOCKET": "virtqemud"})
    hv.write_conf(conf, "virtqemud")
    return hv.start()


@pytest.fixture
def daemon(daemon_factory, bus):
    def start(wait_ms=0):
        return hypervisor(daemon_factory, bus, wait_ms)

    return start


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.01)


def virsh(daemon, *args, readonly=False):
    """As nobody; without a terminal, so that virsh starts no agent of its own."""
    kind = "sock-ro" if readonly else "sock"
    return run([host_program("virsh"), *(["-r"] if readonly else []), "-c",
                daemon.uri(kind=kind), *args], check=False, user=NOBODY, group=NOBODY,
               extra_groups=[], cwd="/", start_new_session=True)


def test_allowed(daemon, polkit):
    hv = daemon()
    fds = hv.n_fds()
    authority = polkit("yes")
    for readonly, action in ((False, "manage"), (True, "monitor")):
        done = virsh(hv, "domstate", "web", readonly=readonly)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "running"
        kind, pid, start, uid, asked, flags = authority.stdout.readline().split()
        assert (kind, int(uid), asked, flags) == ("unix-process", NOBODY,
                                                  f"org.libvirt.unix.{action}", "1")
        assert int(pid) > 0 and int(start) > 0
    wait_for(lambda: hv.n_fds() <= fds, "nothing to be open towards the bus")
    assert hv.status("Threads") == 1


def test_default(daemon_factory, bus, polkit):
    """A daemon of the system asks polkit unless told otherwise."""
    authority = polkit("yes")
    hv = hypervisor(daemon_factory, bus, conf="")
    assert virsh(hv, "list").returncode == 0
    assert "unix.manage" in authority.stdout.readline()
    assert virsh(hv, "list", readonly=True).returncode == 0
    assert "unix.monitor" in authority.stdout.readline()


def test_root_is_not_asked(daemon):
    assert run([host_program("virsh"), "-c", daemon().uri(), "list"]).returncode == 0


@pytest.mark.parametrize("answer, text", [
    ("no", "authentication failed: polkit does not allow 'org.libvirt.unix.manage' to"),
    ("challenge", "authentication unavailable: no polkit agent is there"),
    ("dismissed", "authentication cancelled: the authentication for"),
    ("die", "authentication unavailable: cannot ask polkit"),
])
def test_refused(daemon, polkit, answer, text):
    hv = daemon()
    polkit(answer)
    done = virsh(hv, "list")
    assert done.returncode == 1
    assert text in done.stderr
    assert "start polkit.service" in done.stderr or answer != "die"
    assert run([host_program("virsh"), "-c", hv.uri(), "list"]).returncode == 0


def test_no_polkit(daemon):
    done = virsh(daemon(), "list")
    assert done.returncode == 1
    assert "authentication unavailable: cannot ask polkit for 'org.libvirt.unix.manage'" in \
        done.stderr


def test_no_bus(daemon_factory, private_root):
    hv = hypervisor(daemon_factory, f"unix:path={private_root}/nothing")
    done = virsh(hv, "list")
    assert done.returncode == 1
    assert "no system bus" in done.stderr


def test_bus_hangs(daemon_factory, private_root):
    path = str(private_root / "deaf")
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(path)
        deaf.listen()
        hv = hypervisor(daemon_factory, f"unix:path={path}", 200)
        done = virsh(hv, "list")
    assert "polkit did not say within 0.2 s" in done.stderr


def test_polkit_hangs(daemon, polkit):
    hv = daemon(wait_ms=300)
    polkit("never")
    done = virsh(hv, "list")
    assert done.returncode == 1
    assert "polkit did not say within 0.3 s whether user 'nobody'" in done.stderr


def raw_client(path):
    """A client of nobody's, by a process that hands over its connection."""
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            here.close()
            os.setuid(NOBODY)
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(str(path))
            socket.send_fds(there, [b"x"], [sock.fileno()])
            there.recv(1)
            status = 0
        finally:
            os._exit(status)
    there.close()
    _, fds, _, _ = socket.recv_fds(here, 1, 1)
    client = socket.socket(fileno=fds[0])
    client.settimeout(PATIENCE)
    return client, here, pid


def test_client_leaves(daemon, polkit):
    """While the question is open: others are served, a second question is refused."""
    hv = daemon()
    authority = polkit("never")
    fds = hv.n_fds()
    client, keep, pid = raw_client(hv.socket())
    client.sendall(frame(AUTH_POLKIT, serial=0))
    assert "unix.manage" in authority.stdout.readline()
    assert run([host_program("virsh"), "-c", hv.uri(), "list"]).returncode == 0
    client.sendall(frame(AUTH_POLKIT, serial=1))
    assert b"being asked already" in client.recv(65536)
    client.sendall(frame(OPEN, open_payload(), 2))
    assert b"needs authentication" in client.recv(65536)
    client.close()
    keep.close()
    os.waitpid(pid, 0)
    other = Client(hv.socket())
    other.sock.close()
    assert run([host_program("virsh"), "-c", hv.uri(), "list"]).returncode == 0
    wait_for(lambda: hv.n_fds() <= fds, "the question to be withdrawn")


def test_daemon_ends(daemon, polkit):
    hv = daemon()
    authority = polkit("never")
    client, keep, pid = raw_client(hv.socket())
    client.sendall(frame(AUTH_POLKIT, serial=0))
    assert "unix.manage" in authority.stdout.readline()
    hv.stop()
    client.close()
    keep.close()
    os.waitpid(pid, 0)


def test_through_the_proxy(daemon, daemon_factory, bus, polkit):
    """The proxy asks; the daemon behind believes the proxy, which is root."""
    daemon()
    authority = polkit("yes")
    proxy = daemon_factory("virtproxyd", conf=CONF, env={"DBUS_SYSTEM_BUS_ADDRESS": bus})
    done = virsh(proxy, "domstate", "web")
    assert done.stdout.strip() == "running", done.stderr
    assert "unix.manage" in authority.stdout.readline()
    authority.kill()
    assert authority.stdout.readline() == ""
