# SPDX-License-Identifier: GPL-2.0-or-later
"""Our libvirt.so.0 against the distribution's own libvirtd, and beside its own library."""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import time

import pytest

from conftest import BUILD, host_program, running

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
LIBRARY = BUILD / "src/libvirt"


def run_client(script, *args, ours):
    env = dict(os.environ, LC_ALL="C.UTF-8")
    env.pop("LD_LIBRARY_PATH", None)
    if ours:
        env["LD_LIBRARY_PATH"] = str(LIBRARY)
    done = subprocess.run([PYTHON, script, *args], env=env, capture_output=True, text=True,
                          timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def unprivileged():
    """Arguments of Popen() for a session daemon or client: root has no session of its own."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


@contextlib.contextmanager
def libvirtd(root):
    """The distribution's, as an unprivileged user, all of it below @root: daemon and socket."""
    home, run = root / "home", root / "run/libvirt"
    conf = home / ".config/libvirt"
    for folder in (conf, run):
        folder.mkdir(parents=True)
    (conf / "qemu.conf").write_text('stdio_handler = "file"\n')
    (root / "libvirtd.conf").write_text(f'unix_sock_dir = "{run}"\nauth_unix_rw = "none"\n')
    if unprivileged():
        for path in (root, *root.rglob("*")):
            os.chown(path, 65534, 65534)
    env = {"HOME": str(home), "XDG_RUNTIME_DIR": str(root / "run"), "PATH": os.environ["PATH"]}
    command = [host_program("libvirtd"), "-f", str(root / "libvirtd.conf")]
    socket = run / "libvirt-sock"
    with running(command, socket, root / "log", env=env, **unprivileged()) as daemon:
        yield daemon, socket


@pytest.fixture(scope="module")
def upstream(tmp_path_factory):
    host_program("libvirtd")
    host_program("qemu-system-x86_64")
    if not list(LIBRARY.glob("libvirt.so.0")):
        pytest.skip(f"libvirt.so.0 is not in {BUILD}")
    # Sockets have short names, and an unprivileged user must get there.
    with tempfile.TemporaryDirectory(prefix="virlib") as name:
        with libvirtd(pathlib.Path(name)) as (_, socket):
            yield socket


def test_python_bindings_load():
    subprocess.run([PYTHON, "-c", "import libvirt, libvirt_qemu, libvirt_lxc\n"
                    "assert libvirt.getVersion() == 11003000"], check=True,
                   env=dict(os.environ, LD_LIBRARY_PATH=str(LIBRARY)))


def test_session_is_the_same(upstream):
    uri = f"qemu:///session?socket={upstream}"
    ours = run_client(HERE / "lib_session.py", uri, ours=True)
    theirs = run_client(HERE / "lib_session.py", uri, ours=False)
    assert "never" not in ours
    assert ours == theirs


@pytest.mark.parametrize("through", ["virtqemud", "virtproxyd"])
def test_session_on_our_daemons(upstream, daemon_factory, through):
    """The distribution's library and ours on our daemons, beside the distribution's own on its own."""
    uri = daemon_factory("virtqemud").uri()
    if through == "virtproxyd":
        uri = daemon_factory(through).uri()
    ours = run_client(HERE / "lib_session.py", uri, ours=True)
    theirs = run_client(HERE / "lib_session.py", uri, ours=False)
    peer = run_client(HERE / "lib_session.py", f"qemu:///session?socket={upstream}", ours=False)
    assert "never" not in ours
    assert ours == theirs
    assert ours == peer


def test_close_is_noticed():
    """A daemon that goes away: the close callback says so, and calls fail."""
    host_program("libvirtd")
    with tempfile.TemporaryDirectory(prefix="virlib") as name, \
            libvirtd(pathlib.Path(name)) as (daemon, socket):
        script = pathlib.Path(name) / "client.py"
        script.write_text("""
import libvirt, sys, os, signal
libvirt.virEventRegisterDefaultImpl()
conn = libvirt.open(sys.argv[1])
reasons = []
conn.registerCloseCallback(lambda c, reason, data: reasons.append((reason, data)), 7)
os.kill(int(sys.argv[2]), signal.SIGKILL)
while not reasons:
    libvirt.virEventRunDefaultImpl()
print(reasons, conn.isAlive())
try:
    conn.getLibVersion()
except libvirt.libvirtError as e:
    print(e.get_error_domain())
""")
        expected = "[(1, 7)] 0\n7\n"
        out = run_client(script, f"qemu:///session?socket={socket}", str(daemon.pid), ours=True)
        daemon.wait(60)
        assert out == expected


@pytest.mark.parametrize("daemon, expected", [
    ("libvirtd", "QEMU"),
    ("false", "was started and has ended"),
    ("/nonexistent/daemon", "/nonexistent/daemon"),
])
def test_session_daemon_is_started(daemon, expected):
    program = daemon if daemon.startswith("/") else host_program(daemon)
    with tempfile.TemporaryDirectory(prefix="virlib") as name:
        root = pathlib.Path(name)
        if unprivileged():
            os.chown(root, 65534, 65534)
        env = {"HOME": name, "XDG_RUNTIME_DIR": name, "PATH": os.environ["PATH"],
               "LD_LIBRARY_PATH": str(LIBRARY), "VIRTD_PATH": program}
        probe = subprocess.run([PYTHON, "-c", "import libvirt; print(libvirt.getVersion())"],
                               env=env, capture_output=True, text=True, check=False,
                               **unprivileged())
        if probe.stdout.strip() != "11003000":
            pytest.skip(f"an unprivileged user cannot read {LIBRARY}")
        done = subprocess.run([PYTHON, "-c", "import libvirt\nprint(libvirt.open("
                               "'qemu:///session?mode=legacy').getType())"], env=env,
                              capture_output=True, text=True, check=False, timeout=60,
                              **unprivileged())
        pidfile = root / "libvirt/libvirtd.pid"
        if pidfile.exists():
            os.kill(int(pidfile.read_text()), 15)
            while pidfile.exists():
                time.sleep(0.05)
        assert expected in done.stdout + done.stderr
