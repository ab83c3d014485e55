# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: real daemons of a build in private roots.

VIR_BUILDDIR names the build folder (default: `build` of the source tree). A build with sanitizers
works as well: a daemon that ends with a finding fails its test.
"""

import contextlib
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIR_BUILDDIR", SOURCE / "build")).resolve()
START_TIMEOUT = 60
STOP_TIMEOUT = 60
WAIT = 60
FINDINGS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than some seconds")


def program(name):
    """Path of a program of the build; skips the test, by name, where it is not built."""
    for folder in (f"src/{name}", "tests/integration", "src/virsh"):
        path = BUILD / folder / name
        if path.is_file():
            return str(path)
    pytest.skip(f"{name} is not in {BUILD}")


def host_program(name):
    """Path of a program of the host; skips the test, by name, where it is not installed."""
    path = shutil.which(name)
    if not path:
        pytest.skip(f"{name} is not installed")
    return path


class Daemon:
    """A daemon in its root. Made by the fixture daemon_factory."""

    def __init__(self, name, root, args=(), env=None, conf=None, user=None):
        self.name = name
        self.root = pathlib.Path(root)
        self.args = list(args)
        self.extra_env = dict(env or {})
        self.user = user
        self.privileged = os.geteuid() == 0 and user is None
        self.process = None
        self.stderr_path = self.root / f"{name}.stderr"
        if conf is not None:
            self.write_conf(conf)

    # Paths

    @property
    def run_dir(self):
        return self.root / ("run/libvirt" if self.privileged else "run/user/libvirt")

    @property
    def config_dir(self):
        return self.root / ("etc/libvirt" if self.privileged else "config/libvirt")

    @property
    def pid_file(self):
        return (self.root / "run" if self.privileged else self.run_dir) / f"{self.name}.pid"

    def socket(self, kind="sock"):
        """kind: sock, sock-ro, admin-sock"""
        prefix = "libvirt" if self.name == "virtproxyd" else self.name
        prefix = self.extra_env.get("VIRTTESTD_SOCKET", prefix)
        return self.run_dir / f"{prefix}-{kind}"

    def uri(self, base="qemu:///system", kind="sock"):
        return f"{base}?socket={self.socket(kind)}"

    def admin_uri(self):
        return f"libvirtd:///system?socket={self.socket('admin-sock')}"

    def write_conf(self, text, name=None):
        self.config_dir.mkdir(parents=True, exist_ok=True)
        (self.config_dir / f"{name or self.name}.conf").write_text(text)

    def take_displays(self):
        """Ports that no test of another process takes; the first of them."""
        first = 6000 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
        self.write_conf(f"remote_display_port_min = {first}\n"
                        f"remote_display_port_max = {first + 99}\n", "qemu")
        return first

    # Life

    def command(self):
        return [program(self.name), "--root", str(self.root), *self.args]

    def environment(self):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("LIBVIRT_", "LISTEN_", "NOTIFY_", "XDG_"))}
        env.update(XDG_RUNTIME_DIR="/run/user", XDG_CONFIG_HOME="/config", XDG_CACHE_HOME="/cache",
                   ASAN_OPTIONS="detect_leaks=1:exitcode=66",
                   UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:exitcode=66",
                   TSAN_OPTIONS=f"exitcode=66:suppressions={SOURCE}/tests/tsan.supp")
        env.update(self.extra_env)
        return env

    def start(self, wait=True, **popen):
        """Starts it and waits, by its READY=1, until clients can connect."""
        assert self.process is None or self.process.poll() is not None
        env = self.environment()
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify_path = str(self.root / "notify")
        if os.path.exists(notify_path):
            os.unlink(notify_path)
        notify.bind(notify_path)
        os.chmod(notify_path, 0o777)
        env["NOTIFY_SOCKET"] = notify_path
        if self.user is not None:
            popen.setdefault("user", self.user)
            popen.setdefault("group", self.user)
            popen.setdefault("extra_groups", [])
        with open(self.stderr_path, "ab") as err:
            self.process = subprocess.Popen(self.command(), env=env, stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err, **popen)
        try:
            if wait:
                self._wait_ready(notify)
        finally:
            notify.close()
        return self

    def _wait_ready(self, notify):
        pidfd = os.pidfd_open(self.process.pid)
        deadline = time.monotonic() + START_TIMEOUT
        try:
            while True:
                left = deadline - time.monotonic()
                ready, _, _ = select.select([notify, pidfd], [], [], max(left, 0))
                if notify in ready:
                    if b"READY=1" in notify.recv(4096).split(b"\n"):
                        return
                elif pidfd in ready:
                    status = self.process.wait()
                    raise AssertionError(f"{self.name} ended with status {status} at its start:\n"
                                         + self.stderr())
                elif left <= 0:
                    raise AssertionError(f"{self.name} was not ready in {START_TIMEOUT} s:\n"
                                         + self.stderr())
        finally:
            os.close(pidfd)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=STOP_TIMEOUT):
        """Its exit status; it has to end by itself."""
        return self.process.wait(timeout)

    def kill(self):
        """As a crash: SIGKILL."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """An orderly end, which has to succeed."""
        if self.alive():
            self.process.terminate()
            try:
                status = self.process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGABRT)
                self.process.wait()
                raise AssertionError(f"{self.name} did not end in {STOP_TIMEOUT} s") from None
            assert status == 0, f"{self.name} ended with status {status}:\n{self.stderr()}"
        self.check_findings()

    def check_findings(self):
        text = self.stderr()
        assert not any(f in text for f in FINDINGS), text

    # Looking at it

    def stderr(self):
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    def status(self, field):
        """A number of /proc/PID/status."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    def n_fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def print_logs(self):
        """On standard output: pytest shows it for a test that failed."""
        logs = [self.stderr_path, *self.root.glob("**/log/libvirt/**/*.log"),
                *self.root.glob("cache/libvirt/*.log")]
        for path in logs:
            if path.is_file() and path.stat().st_size:
                print(f"--- {path}\n{path.read_text(errors='replace')[-20000:]}")


def until(condition, what, seconds=WAIT):
    """Waits for something that no event tells."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
    return value


def is_stopped(pid):
    """Whether no thread of a process runs."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/stat")
    try:
        return all(task.read_text().rpartition(")")[2].split()[0] == "T" for task in tasks)
    except (FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
        return False


def stop(pid):
    """SIGSTOP, and until it is so: threads stop a while after the signal is sent."""
    os.kill(pid, signal.SIGSTOP)
    until(lambda: is_stopped(pid), f"that process {pid} stands still")


def wait_for_socket(path, daemon, log):
    """Until something accepts on the socket. A daemon that ends with 77 lacks what it needs here."""
    deadline = time.monotonic() + 60
    while True:
        with socket.socket(socket.AF_UNIX) as peer:
            try:
                peer.connect(str(path))
                return
            except OSError:
                if daemon.poll() == 77:
                    pytest.skip("no mount namespaces here")
                assert daemon.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@contextlib.contextmanager
def running(command, path, log, **options):
    """A daemon that accepts on the socket @path; what it writes goes to the file @log."""
    with open(log, "wb") as output:
        daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  **options)
    try:
        wait_for_socket(path, daemon, log)
        yield daemon
    finally:
        daemon.terminate()
        daemon.wait(60)


def end_guests(root):
    """Guests outlive their daemon, and so would those of a test that failed."""
    for path in root.glob("**/libvirt/qemu/**/*.pid"):
        try:
            pid = int(path.read_text())
            if f"={root}/" in pathlib.Path(f"/proc/{pid}/environ").read_text():
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass


@pytest.fixture
def private_root():
    """A short path (socket addresses hold 107 bytes), removed at the end."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="vir-", dir="/tmp"))
    os.chmod(path, 0o755)
    yield path
    end_guests(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def daemon_factory(private_root):
    """daemon_factory(name, root=None, args=(), env=None, conf=None, user=None, start=True)

    Starts a daemon (several share one root unless told otherwise) and returns it when clients can
    connect. At the end of the test each is stopped and must end well.
    """
    daemons = []

    def make(name="virttestd", root=None, args=(), env=None, conf=None, user=None, start=True,
             **popen):
        daemon = Daemon(name, root or private_root, args, env, conf, user)
        program(name)
        if user is not None:
            os.chown(daemon.root, user, user)
        daemons.append(daemon)
        return daemon.start(**popen) if start else daemon

    yield make
    failures = []
    for daemon in reversed(daemons):
        try:
            daemon.stop()
        except AssertionError as error:
            failures.append(str(error))
        daemon.print_logs()
    assert not failures, "\n".join(failures)


@pytest.fixture
def libvirt():
    """Debian's Python binding; its default error handler stays quiet."""
    module = pytest.importorskip("libvirt")
    module.registerErrorHandler(lambda context, error: None, None)
    return module


def run(args, check=True, env=None, timeout=120, **kwargs):
    """Runs a program with an output that does not depend on the locale; returns the result."""
    full = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(env or {})}
    result = subprocess.run([str(a) for a in args], env=full, timeout=timeout, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, **kwargs)
    if check:
        assert result.returncode == 0, (
            f"{args}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result
