# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon skeleton: options, configuration, sockets, signals, limits, admin API."""

import os
import pathlib
import select
import signal
import socket
import stat
import struct
import subprocess

import pytest
import rawrpc
from conftest import host_program, program, run

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def refused(daemon, *args):
    """Runs a daemon that has to refuse to start; returns what it says."""
    result = run([*daemon.command(), *args], check=False, env=daemon.environment())
    assert result.returncode == 1, result
    assert "virttestd: " in result.stderr
    return result.stderr


def virt_admin(daemon, *args, check=True):
    return run([host_program("virt-admin"), "-c", daemon.admin_uri(), *args], check=check)


def suspend(client, seconds):
    """Sends a call that takes so long; its answer is not waited for."""
    client.serial += 1
    client.send(rawrpc.frame(rawrpc.NODE_SUSPEND, struct.pack(">IQI", 0, seconds, 0),
                             client.serial))


# Options

def test_version():
    result = run([program("virttestd"), "--version"])
    assert result.stdout.startswith("virttestd (libvirt) ")
    assert run([program("virttestd"), "-V"]).stdout == result.stdout


def test_help():
    text = run([program("virttestd"), "--help"]).stdout
    for option in ("--root", "--config", "--timeout", "--pid-file", "--verbose", "--daemon",
                   "--version", "virttestd.conf"):
        assert option in text


@pytest.mark.parametrize("args, what", [
    (["--nothing"], "unknown option '--nothing'"),
    (["-x"], "unknown option '-x'"),
    (["-vx"], "unknown option '-x'"),
    (["here"], "unexpected argument 'here'"),
    (["--"], "unexpected argument '--'"),
    (["--timeout", "soon"], "option --timeout: 'soon'"),
    (["--timeout=0"], "option --timeout: '0'"),
    (["-t"], "option --timeout needs SECONDS"),
    (["--daemon=1"], "option --daemon takes no value"),
    (["--config="], "option --config: the path is empty"),
    (["--listen"], "option --listen is not supported"),
])
def test_bad_options(args, what):
    result = run([program("virttestd"), *args], check=False)
    assert result.returncode == 1
    assert what in result.stderr


# Start and end

def test_sockets_and_files(daemon_factory):
    daemon = daemon_factory()
    assert daemon.pid_file.read_text() == str(daemon.pid)
    assert mode(daemon.pid_file) == 0o644
    assert mode(daemon.socket()) == (0o777 if daemon.privileged else 0o700), "polkit decides"
    assert mode(daemon.socket("admin-sock")) == 0o700
    if daemon.privileged:
        assert mode(daemon.socket("sock-ro")) == 0o777
    with rawrpc.Client(daemon.socket()) as client:
        assert client.open().call(rawrpc.GET_VERSION) == struct.pack(">Q", 1002003)
    daemon.stop()
    for kind in ("sock", "sock-ro", "admin-sock"):
        assert not daemon.socket(kind).exists()
    assert not daemon.pid_file.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_signals_end_it(daemon_factory, number):
    daemon = daemon_factory()
    daemon.signal(number)
    assert daemon.wait() == 0
    assert not daemon.socket().exists()


def test_everything_beneath_root(daemon_factory):
    before = {p: os.stat(p).st_mtime_ns for p in ("/run", "/etc", "/var/log", "/run/libvirt")
              if os.path.exists(p)}
    daemon = daemon_factory()
    links = [os.readlink(f"/proc/{daemon.pid}/fd/{n}") for n in os.listdir(
        f"/proc/{daemon.pid}/fd")]
    files = [link for link in links if link.startswith("/") and not link.startswith("/dev/")]
    assert files and all(f.startswith(str(daemon.root)) for f in files)
    daemon.stop()
    assert before == {p: os.stat(p).st_mtime_ns for p in before}


def test_close_on_exec(daemon_factory):
    daemon = daemon_factory()
    with rawrpc.Client(daemon.socket()) as client:
        client.open()
        for fd in os.listdir(f"/proc/{daemon.pid}/fd"):
            info = pathlib.Path(f"/proc/{daemon.pid}/fdinfo/{fd}").read_text().splitlines()
            flags = next(int(line.split()[1], 8) for line in info if line.startswith("flags:"))
            assert int(fd) < 3 or flags & os.O_CLOEXEC, os.readlink(
                f"/proc/{daemon.pid}/fd/{fd}")


def test_daemon_option_returns_when_ready(daemon_factory):
    daemon = daemon_factory(args=["-d"], start=False)
    run(daemon.command(), env=daemon.environment())
    pid = int(daemon.pid_file.read_text())
    pidfd = os.pidfd_open(pid)
    try:
        with rawrpc.Client(daemon.socket()) as client:
            client.open()
        assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
        assert os.readlink(f"/proc/{pid}/fd/2") == "/dev/null"
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        assert os.getsid(pid) == pid
    finally:
        os.kill(pid, signal.SIGTERM)
        assert select.select([pidfd], [], [], 60)[0]
        os.close(pidfd)


def test_daemon_option_reports_failure(daemon_factory):
    daemon = daemon_factory(args=["-d"], env={"VIRTTESTD_FAIL": "no luck today"}, start=False)
    assert "no luck today" in refused(daemon)
    assert not daemon.socket().exists()
    assert not daemon.pid_file.exists()


def test_second_daemon_is_refused(daemon_factory):
    daemon = daemon_factory()
    second = daemon_factory(start=False)
    assert f"already running with pid {daemon.pid}" in refused(second)
    # Another pid file makes no second daemon of it.
    assert f"already running with pid {daemon.pid}" in refused(
        second, "--pid-file", daemon.root / "other.pid")
    with rawrpc.Client(daemon.socket()) as client:
        client.open()


def test_pid_file_option(daemon_factory, private_root):
    path = private_root / "my.pid"
    daemon = daemon_factory(args=["-p", str(path)])
    assert path.read_text() == str(daemon.pid)
    daemon.stop()
    assert not path.exists()


def test_starts_again_after_a_crash(daemon_factory):
    daemon = daemon_factory()
    daemon.kill()
    assert daemon.socket().exists() and daemon.pid_file.exists()
    daemon.start()
    with rawrpc.Client(daemon.socket()) as client:
        client.open()


def test_foreign_file_in_the_way_stays(daemon_factory):
    daemon = daemon_factory(start=False)
    daemon.run_dir.mkdir(parents=True)
    daemon.socket().write_text("precious")
    assert "something else than a socket" in refused(daemon)
    assert daemon.socket().read_text() == "precious"


def test_socket_of_another_process_stays(daemon_factory):
    daemon = daemon_factory(start=False)
    daemon.run_dir.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(daemon.socket()))
        other.listen(1)
        assert "another process does" in refused(daemon)
    assert daemon.socket().exists()


def test_too_long_root(daemon_factory, private_root):
    root = private_root / ("x" * 120)
    root.mkdir()
    assert "is longer than the 107 bytes" in refused(daemon_factory(root=root, start=False))


def test_ends_with_work_in_progress(daemon_factory):
    """What a job waits for is given up after a while."""
    daemon = daemon_factory(args=["-v"])
    client = rawrpc.Client(daemon.socket()).open()
    suspend(client, 100000)
    client.call(rawrpc.GET_HOSTNAME)
    daemon.stop()
    assert client.closed()
    assert "giving up what they wait for" in daemon.stderr()
    assert "nevertheless" not in daemon.stderr()


# Configuration

@pytest.mark.parametrize("text, what", [
    ("\nfoo = 1\n", ":2: unknown key 'foo'"),
    ("max_clients = \"many\"\n", ":1: key 'max_clients' must be an integer"),
    ("listen_tcp = 1\n", ":1: key 'listen_tcp' is for daemons that listen on IP"),
    ("unix_sock_rw_perms = \"0999\"\n", ":1: unix_sock_rw_perms: this is no octal mode"),
    ("unix_sock_group = \"nosuchgroup\"\n", ":1: unix_sock_group: there is no group"),
    ("auth_unix_rw = \"sasl\"\n", ":1: auth_unix_rw: SASL is not available"),
    ("access_drivers = [ \"polkit\" ]\n", "the access driver 'polkit' is not available"),
    ("log_outputs = \"1:nothing\"\n", "1:nothing"),
])
def test_bad_configuration(daemon_factory, text, what):
    daemon = daemon_factory(conf=text, start=False)
    if "group" in text and not daemon.privileged:
        pytest.skip("only a privileged daemon has a socket group")
    message = refused(daemon)
    assert what in message
    if what.startswith(":"):
        assert str(daemon.config_dir / "virttestd.conf") in message
    assert not daemon.pid_file.exists()


def test_config_option(daemon_factory, private_root):
    path = private_root / "my.conf"
    path.write_text("unix_sock_rw_perms = \"0700\"\nfoo = 1\n")
    daemon = daemon_factory(conf="unknown_in_the_usual_file = 1\n", start=False)
    assert f"{path}:2: unknown key" in refused(daemon, "-f", path)
    assert "cannot" in refused(daemon, "-f", private_root / "none.conf")


def test_socket_keys(daemon_factory):
    daemon = daemon_factory(conf="unix_sock_rw_perms = \"0770\"\nunix_sock_ro_perms = '0700'\n"
                                 "unix_sock_admin_perms = \"0750\"\nunix_sock_group = \"daemon\"\n"
                                 "unix_sock_dir = \"/my/sockets\"\n")
    folder = daemon.root / "my/sockets"
    assert mode(folder / "virttestd-sock") == 0o770
    assert mode(folder / "virttestd-admin-sock") == 0o750
    if daemon.privileged:
        assert mode(folder / "virttestd-sock-ro") == 0o700
        assert (folder / "virttestd-sock").group() == "daemon"


def test_sample_configuration_is_accepted(daemon_factory):
    from conftest import BUILD
    daemon_factory(conf=(BUILD / "src/common/base/daemon.conf").read_text())


def test_log_file_and_filters(daemon_factory, private_root):
    path = private_root / "my.log"
    daemon = daemon_factory(conf=f"log_outputs = \"1:file:{path}\"\nlog_filters = \"1:daemon\"\n")
    daemon.stop()
    text = path.read_text()
    assert "is ready" in text and "signal 15" in text
    path.unlink()
    # The environment goes before the file.
    daemon.extra_env = {"LIBVIRT_LOG_OUTPUTS": "1:stderr", "LIBVIRT_LOG_FILTERS": "1:daemon"}
    daemon.start().stop()
    assert not path.exists()
    assert "is ready" in daemon.stderr()


def test_quiet_by_default_and_verbose(daemon_factory):
    daemon = daemon_factory()
    daemon.stop()
    assert daemon.stderr() == ""
    daemon.args = ["--verbose"]
    daemon.start().stop()
    assert "is ready" in daemon.stderr()


def test_log_is_reopened(daemon_factory, private_root):
    path = private_root / "my.log"
    daemon = daemon_factory(conf=f"log_outputs = \"2:file:{path}\"\nlog_level = 2\n")
    path.rename(private_root / "my.log.1")
    daemon.signal(signal.SIGHUP)
    daemon.stop()
    assert "signal 15" in path.read_text()


# Clients and limits

def test_debian_client(daemon_factory, libvirt):
    daemon = daemon_factory()
    with libvirt.open(daemon.uri()) as conn:
        assert conn.getType() == "TEST"
        assert conn.getVersion() == 1002003
        assert conn.isAlive() == 1
        with pytest.raises(libvirt.libvirtError) as error:
            conn.listAllNetworks()
        assert error.value.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT


@needs_root
def test_readonly_socket(daemon_factory, libvirt):
    daemon = daemon_factory()
    with rawrpc.Client(daemon.socket("sock-ro")) as client:
        client.open()
        assert client.call(rawrpc.GET_VERSION)
        with pytest.raises(RuntimeError, match="read only"):
            client.call(rawrpc.NODE_SUSPEND, struct.pack(">IQI", 0, 0, 0))


@needs_root
def test_session_mode(daemon_factory):
    """Not root: user's folders, no read-only socket, nobody else can connect."""
    daemon = daemon_factory(user=NOBODY)
    assert not daemon.socket("sock-ro").exists()
    assert mode(daemon.socket()) == 0o700
    assert mode(daemon.run_dir) == 0o700
    assert daemon.socket().stat().st_uid == NOBODY
    with rawrpc.Client(daemon.socket()) as client:
        client.open()
    daemon.stop()
    assert not daemon.pid_file.exists()


def test_max_clients(daemon_factory):
    """Beyond the limit a client waits until there is room."""
    daemon = daemon_factory(conf="max_clients = 2\n")
    first = rawrpc.Client(daemon.socket()).open()
    second = rawrpc.Client(daemon.socket()).open()
    third = rawrpc.Client(daemon.socket())
    third.send(rawrpc.frame(rawrpc.AUTH_LIST, serial=7))
    assert second.call(rawrpc.GET_VERSION)
    assert select.select([third.sock], [], [], 0.2)[0] == []
    first.close()
    assert third.receive()[2] == 7
    second.close()
    third.close()


def test_ends_when_idle(daemon_factory):
    daemon = daemon_factory(args=["--timeout", "1"])
    assert daemon.wait() == 0


def test_does_not_end_while_in_use(daemon_factory):
    daemon = daemon_factory(args=["-t1"])
    client = rawrpc.Client(daemon.socket()).open()
    with pytest.raises(subprocess.TimeoutExpired):
        daemon.wait(2)
    # Work that inhibits it goes on without its client.
    suspend(client, 3)
    client.call(rawrpc.GET_HOSTNAME)
    client.close()
    with pytest.raises(subprocess.TimeoutExpired):
        daemon.wait(2)
    assert daemon.wait() == 0


def test_reload(daemon_factory):
    daemon = daemon_factory(conf="max_clients = 7\n")
    assert "nclients_max        : 7\n" in virt_admin(daemon, "srv-clients-info",
                                                     "virttestd").stdout
    daemon.write_conf("max_clients = 8\n")
    daemon.signal(signal.SIGHUP)
    assert "nclients_max        : 8\n" in virt_admin(daemon, "srv-clients-info",
                                                     "virttestd").stdout
    daemon.write_conf("max_clients = x\n")
    daemon.signal(signal.SIGHUP)
    assert "nclients_max        : 8\n" in virt_admin(daemon, "srv-clients-info",
                                                     "virttestd").stdout
    assert "the configuration stays as it was" in daemon.stderr()


def test_few_threads_and_fd_limit(daemon_factory):
    daemon = daemon_factory()
    assert daemon.status("Threads") == 1
    limits = pathlib.Path(f"/proc/{daemon.pid}/limits").read_text()
    soft, hard = next(line for line in limits.splitlines() if "open files" in line).split()[3:5]
    assert soft == hard


# Sockets from the service manager

class Activated:
    """Listening sockets as a service manager passes them: from fd 3 on, by name."""

    def __init__(self, root, names):
        self.names = names
        self.sockets = []
        self.paths = []
        for i, _ in enumerate(names):
            sock = socket.socket(socket.AF_UNIX)
            path = root / f"activated-{i}"
            sock.bind(str(path))
            sock.listen(10)
            self.sockets.append(sock)
            self.paths.append(path)

    def start(self, daemon, **kwargs):
        sources = [s.fileno() for s in self.sockets]
        high = [os.dup2(fd, 100 + i) for i, fd in enumerate(sources)]
        command = daemon.command()

        def place():
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i)
            os.environ.clear()

        env = daemon.environment()
        env.update(LISTEN_FDS=str(len(high)), LISTEN_FDNAMES=":".join(self.names))
        daemon.command = lambda: ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *command]
        daemon.environment = lambda: dict(env)
        try:
            daemon.start(preexec_fn=place, close_fds=False, **kwargs)
        finally:
            for fd in high:
                os.close(fd)

    def close(self):
        for sock in self.sockets:
            sock.close()


def test_activation(daemon_factory, private_root):
    passed = Activated(private_root, ["virttestd.socket", "virttestd-ro.socket",
                                      "virttestd-admin.socket"])
    daemon = daemon_factory(start=False)
    passed.start(daemon)
    assert not daemon.socket().exists()
    with rawrpc.Client(passed.paths[0]) as client:
        assert client.open().call(rawrpc.GET_VERSION)
    with rawrpc.Client(passed.paths[1]) as client:
        client.open()
        with pytest.raises(RuntimeError, match="read only"):
            client.call(rawrpc.NODE_SUSPEND, struct.pack(">IQI", 0, 0, 0))
    daemon.stop()
    # They are the manager's: the next client starts the daemon again.
    assert all(p.exists() for p in passed.paths)
    passed.close()


def test_activation_with_unknown_socket(daemon_factory, private_root):
    passed = Activated(private_root, ["virttestd.socket", "other.socket"])
    daemon = daemon_factory(start=False)
    passed.start(daemon, wait=False)
    assert daemon.wait() == 1
    assert "a socket 'other.socket' that virttestd does not know" in daemon.stderr()
    passed.close()


# The admin API, through Debian's own virt-admin

def test_admin_servers(daemon_factory):
    daemon = daemon_factory(conf="min_workers = 2\nmax_workers = 9\nprio_workers = 3\n")
    listed = virt_admin(daemon, "srv-list").stdout.split()
    assert listed[-4:] == ["0", "virttestd", "1", "admin"]
    workers = virt_admin(daemon, "srv-threadpool-info", "virttestd").stdout
    assert "minWorkers     : 2\n" in workers
    assert "maxWorkers     : 9\n" in workers
    assert "prioWorkers    : 3\n" in workers
    virt_admin(daemon, "srv-threadpool-set", "virttestd", "--min-workers", "4")
    assert "minWorkers     : 4\n" in virt_admin(daemon, "srv-threadpool-info", "virttestd").stdout
    result = virt_admin(daemon, "srv-threadpool-set", "virttestd", "--min-workers", "99",
                        check=False)
    assert result.returncode == 1
    result = virt_admin(daemon, "srv-threadpool-info", "nosuch", check=False)
    assert "virttestd has no server named 'nosuch'" in result.stderr


def test_admin_clients(daemon_factory):
    daemon = daemon_factory()
    with rawrpc.Client(daemon.socket()) as client:
        client.open()
        listed = virt_admin(daemon, "client-list", "virttestd").stdout
        number = listed.splitlines()[2].split()[0]
        info = dict(line.split(":", 1) for line in virt_admin(
            daemon, "client-info", "virttestd", number).stdout.splitlines() if ":" in line)
        info = {k.strip(): v.strip() for k, v in info.items()}
        assert info["transport"] == "unix"
        assert info["readonly"] == "no"
        assert info["unix_user_id"] == str(os.getuid())
        assert info["unix_process_id"] == str(os.getpid())
        virt_admin(daemon, "client-disconnect", "virttestd", number)
        assert client.closed()
    result = virt_admin(daemon, "client-info", "virttestd", "99", check=False)
    assert "has no client with id 99" in result.stderr


def test_admin_limits(daemon_factory):
    daemon = daemon_factory()
    virt_admin(daemon, "srv-clients-set", "virttestd", "--max-clients", "30",
               "--max-unauth-clients", "4")
    shown = virt_admin(daemon, "srv-clients-info", "virttestd").stdout
    assert "nclients_max        : 30\n" in shown
    assert "nclients_unauth_max : 4\n" in shown
    result = virt_admin(daemon, "srv-clients-set", "virttestd", "--max-unauth-clients", "31",
                        check=False)
    assert result.returncode == 1


def test_admin_logging(daemon_factory, private_root):
    daemon = daemon_factory()
    assert virt_admin(daemon, "daemon-log-outputs").stdout.strip() == "Logging outputs: 3:stderr"
    path = private_root / "admin.log"
    virt_admin(daemon, "daemon-log-outputs", f"1:file:{path}")
    virt_admin(daemon, "daemon-log-filters", "1:daemon 3:rpc")
    assert virt_admin(daemon, "daemon-log-filters").stdout.strip() == \
        "Logging filters: 1:daemon 3:rpc"
    result = virt_admin(daemon, "daemon-log-filters", "nonsense", check=False)
    assert result.returncode == 1
    virt_admin(daemon, "daemon-log-filters", "")
    assert virt_admin(daemon, "daemon-log-filters").stdout.strip() == "Logging filters:"
    virt_admin(daemon, "daemon-log-outputs", "")
    assert virt_admin(daemon, "daemon-log-outputs").stdout.strip() == "Logging outputs: 3:stderr"


def test_admin_timeout(daemon_factory):
    daemon = daemon_factory()
    virt_admin(daemon, "daemon-timeout", "--timeout", "1")
    assert daemon.wait() == 0
