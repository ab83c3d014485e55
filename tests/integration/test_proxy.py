# SPDX-License-Identifier: GPL-2.0-or-later
"""virtproxyd between Debian's clients and a hypervisor's daemon that dies often."""

import errno
import os
import pty
import resource
import select
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import BUILD, host_program, stop
from rawrpc import AUTH_LIST, NODE_SUSPEND, OPEN, frame, open_payload

URI = "qemu:///system"
PATIENCE = 60
SANITIZED = "asan" in BUILD.name or "tsan" in BUILD.name


@pytest.fixture
def hypervisor(daemon_factory):
    return daemon_factory("virtfakehvd")


@pytest.fixture
def proxy(daemon_factory, hypervisor):
    return daemon_factory("virtproxyd")


@pytest.fixture
def events(libvirt):
    """Python's event loop in a thread; yields the module."""
    libvirt.virEventRegisterDefaultImpl()
    stop = threading.Event()

    def loop():
        while not stop.is_set():
            libvirt.virEventRunDefaultImpl()

    timer = libvirt.virEventAddTimeout(50, lambda *args: None, None)
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield libvirt
    stop.set()
    thread.join(PATIENCE)
    libvirt.virEventRemoveTimeout(timer)


def virsh(uri, *args):
    done = subprocess.run([host_program("virsh"), "-c", uri, *args], capture_output=True,
                          text=True, timeout=PATIENCE, env={**os.environ, "LC_ALL": "C"},
                          check=False)
    return done.returncode, done.stdout, done.stderr


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.02)


def words(*values):
    return b"".join(v.to_bytes(4, "big") for v in values)


def raw_connect(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(PATIENCE)
    sock.connect(str(path))
    return sock


def raw_reply(sock):
    data = b""
    while len(data) < 4 or len(data) < int.from_bytes(data[:4], "big"):
        part = sock.recv(65536)
        if not part:
            return None
        data += part
    return data


def test_virsh(proxy):
    uri = proxy.uri()
    status, out, err = virsh(uri, "list", "--all")
    assert status == 0, err
    assert "web" in out and "db" in out
    assert virsh(uri, "dumpxml", "web")[1].startswith("<domain type='qemu'>")
    assert virsh(uri, "suspend", "web")[0] == 0
    assert virsh(uri, "domstate", "web")[1].strip() == "paused"
    status, out, err = virsh(uri, "net-list")
    assert status == 1
    assert "virtnetworkd is not running" in err


def test_uri_decides(proxy, hypervisor):
    for base in ("lxc:///system", "xen:///system"):
        status, _, err = virsh(proxy.uri(base), "list")
        assert status == 1
        assert "is not running" in err, err
    sock = raw_connect(proxy.socket())
    sock.sendall(frame(OPEN, words(0, 0), 0))
    assert raw_reply(sock)[24:28] == words(0), "no name: the daemon that is there"
    sock.sendall(frame(110, serial=1))
    assert b"qemu:///system" in raw_reply(sock)


def test_read_only(proxy, libvirt):
    conn = libvirt.openReadOnly(proxy.uri(kind="sock-ro"))
    dom = conn.lookupByName("web")
    assert dom.state()[0] == libvirt.VIR_DOMAIN_RUNNING
    with pytest.raises(libvirt.libvirtError) as caught:
        dom.suspend()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_DENIED


def test_no_daemon(daemon_factory, libvirt):
    proxy = daemon_factory("virtproxyd")
    with pytest.raises(libvirt.libvirtError) as caught:
        libvirt.open(proxy.uri())
    assert "virtqemud is not running" in str(caught.value)


def test_events(proxy, events):
    libvirt = events
    got = []
    conn = libvirt.open(proxy.uri())
    ident = conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                        lambda c, d, event, detail, data: got.append(
                                            (d.name(), event)), None)
    dom = conn.lookupByName("db")
    dom.suspend()
    dom.resume()
    wait_for(lambda: len(got) == 2, "two events")
    assert got == [("db", libvirt.VIR_DOMAIN_EVENT_SUSPENDED),
                   ("db", libvirt.VIR_DOMAIN_EVENT_RESUMED)]
    conn.domainEventDeregisterAny(ident)
    dom.suspend()
    assert conn.isAlive()
    conn.close()
    assert len(got) == 2


def test_console(proxy, libvirt):
    conn = libvirt.open(proxy.uri())
    dom = conn.lookupByName("web")
    for ending in ("guest", "client", "abort"):
        stream = conn.newStream()
        dom.openConsole(None, stream)
        assert stream.recv(1024) == b"login: "
        assert stream.send(b"root") == 4
        assert stream.recv(1024) == b"ROOT"
        if ending == "guest":
            assert stream.send(b"quit") == 4
            assert stream.recv(1024) == b"QUIT"
            assert stream.recv(1024) == b""
            stream.finish()
        elif ending == "client":
            stream.finish()
        else:
            stream.abort()
    assert conn.isAlive()
    assert dom.state()[0] == libvirt.VIR_DOMAIN_RUNNING


def test_download(daemon_factory, private_root, libvirt):
    """A file as a stream: whole, in order, and with little memory between."""
    picture = private_root / "picture"
    data = os.urandom(1 << 20) * 40 + b"tail"
    picture.write_bytes(data)
    hypervisor = daemon_factory("virtfakehvd", env={"VIRTFAKEHVD_SCREENSHOT": str(picture)})
    proxy = daemon_factory("virtproxyd")
    conn = libvirt.open(proxy.uri())
    stream = conn.newStream()
    before = proxy.status("VmRSS"), hypervisor.status("VmRSS")
    assert conn.lookupByName("web").screenshot(stream, 0, 0) == "image/png"
    time.sleep(0.2)
    assert proxy.status("VmRSS") - before[0] < (64 if SANITIZED else 16) * 1024
    assert hypervisor.status("VmRSS") - before[1] < (64 if SANITIZED else 16) * 1024
    got = bytearray()
    while part := stream.recv(262120):
        got += part
    stream.finish()
    assert got == data


def test_virsh_console(proxy):
    pid, master = pty.fork()
    if pid == 0:
        os.execv(host_program("virsh"), ["virsh", "-c", proxy.uri(), "console", "web"])
    seen = b""

    def read_until(text):
        nonlocal seen
        deadline = time.monotonic() + PATIENCE
        while text not in seen:
            left = deadline - time.monotonic()
            assert left > 0 and select.select([master], [], [], left)[0], seen
            try:
                seen += os.read(master, 4096)
            except OSError as error:
                assert error.errno == errno.EIO
                break
        assert text in seen, seen

    read_until(b"login: ")
    os.write(master, b"hello")
    read_until(b"HELLO")
    os.write(master, b"\x1d")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(master)


@pytest.mark.slow
def test_killed_under_load(proxy, hypervisor, events):
    """kill -9 fifty times: no client drops, no question fails, every event comes again."""
    libvirt = events
    rounds = 50
    got = []
    closed = []
    failures = []
    counts = [0, 0]
    stop = threading.Event()

    watcher = libvirt.open(proxy.uri())
    watcher.registerCloseCallback(lambda *args: closed.append("watcher"), None)
    watcher.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                   lambda c, d, event, detail, data: got.append(event), None)

    def ask(index):
        conn = libvirt.open(proxy.uri())
        dom = conn.lookupByName("web")
        while not stop.is_set():
            try:
                assert dom.info()[1] == 1024
                counts[index] += 1
            except libvirt.libvirtError as error:
                failures.append(str(error))
        assert conn.isAlive()

    def change():
        conn = libvirt.open(proxy.uri())
        dom = conn.lookupByName("db")
        while not stop.is_set():
            try:
                dom.suspend()
            except libvirt.libvirtError as error:
                if "virtqemud ended while it served" not in str(error):
                    failures.append(str(error))

    threads = [threading.Thread(target=ask, args=(0,)), threading.Thread(target=ask, args=(1,)),
               threading.Thread(target=change)]
    for thread in threads:
        thread.start()
    for _ in range(rounds):
        before = list(counts)
        hypervisor.kill()
        hypervisor.start()
        wait_for(lambda b=before: counts[0] > b[0] + 10 and counts[1] > b[1] + 10,
                 "the askers to go on")
        assert not failures
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert not failures
    assert not closed
    got.clear()
    conn = libvirt.open(proxy.uri())
    conn.lookupByName("web").resume()
    wait_for(lambda: libvirt.VIR_DOMAIN_EVENT_RESUMED in got, "an event after the last restart")
    assert watcher.isAlive()


def test_orderly_restart(proxy, hypervisor, libvirt):
    conn = libvirt.open(proxy.uri())
    dom = conn.lookupByName("web")
    for _ in range(5):
        hypervisor.stop()
        answers = []
        thread = threading.Thread(target=lambda: answers.append(dom.info()))
        thread.start()
        hypervisor.start()
        thread.join(PATIENCE)
        assert len(answers) == 1
    other = libvirt.open(proxy.uri())
    assert other.lookupByName("db").name() == "db"


def test_handshake_cut(proxy, libvirt):
    """A client that goes after each byte of its handshake."""
    handshake = frame(AUTH_LIST) + frame(OPEN, open_payload(URI), 1) + frame(16, b"\xff" * 8, 2)
    for cut in range(len(handshake)):
        sock = raw_connect(proxy.socket())
        sock.sendall(handshake[:cut])
        sock.close()
    conn = libvirt.open(proxy.uri())
    assert conn.lookupByName("web").name() == "web"


def test_illegal_lengths(proxy, hypervisor, libvirt):
    for length in [*range(28), 33554437, 0x7fffffff, 0xffffffff]:
        for path in (proxy.socket(), hypervisor.run_dir / "virtqemud-sock"):
            sock = raw_connect(path)
            sock.sendall(words(length) + bytes(60))
            try:
                assert sock.recv(1) == b""
            except ConnectionResetError:
                pass
            sock.close()
    conn = libvirt.open(proxy.uri())
    assert conn.lookupByName("web").name() == "web"


def test_never_reads(proxy, libvirt):
    """Who asks and never reads the answers is not read any more, and costs little."""
    sock = raw_connect(proxy.socket())
    sock.sendall(frame(OPEN, open_payload(URI), 0))
    assert raw_reply(sock)[24:28] == words(0)
    before = proxy.status("VmRSS")
    sock.setblocking(False)
    call = frame(273, words(1, 0)) * 1000
    sent = 0
    for _ in range(2000):
        try:
            sent += sock.send(call)
        except BlockingIOError:
            time.sleep(0.002)
            if not select.select([], [sock], [], 0.1)[1]:
                break
    assert sent < 40 * 1000 * 1000
    assert proxy.status("VmRSS") - before < 16 * 1024
    conn = libvirt.open(proxy.uri())
    assert conn.lookupByName("web").name() == "web"


def relay(daemon_factory, answer, probe, wait):
    """In a proxy's place, with other deadlines, in milliseconds."""
    return daemon_factory("virttestd", env={
        "VIRTTESTD_SOCKET": "libvirt", "VIRTTESTD_RELAY_ANSWER": str(answer),
        "VIRTTESTD_RELAY_PROBE": str(probe), "VIRTTESTD_RELAY_WAIT": str(wait)})


@pytest.fixture
def stopped(hypervisor):
    """stopped(): the hypervisor's daemon hangs from now on."""
    yield lambda: stop(hypervisor.process.pid)
    hypervisor.signal(signal.SIGCONT)


def test_hung_reading(hypervisor, stopped, daemon_factory, libvirt):
    """What only reads fails after its deadline; the answer that comes later is nobody's."""
    proxy = relay(daemon_factory, 200, 150, 60000)
    conn = libvirt.open(proxy.uri())
    dom = conn.lookupByName("web")
    stopped()
    with pytest.raises(libvirt.libvirtError) as caught:
        dom.info()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_TIMEOUT
    assert "virtqemud did not answer virDomainGetInfo within 0.2 s" in str(caught.value)
    hypervisor.signal(signal.SIGCONT)
    for _ in range(3):
        assert dom.info()[1] == 1024
    assert conn.isAlive()


def test_hung_changing(hypervisor, stopped, daemon_factory, events):
    """What changes something waits as long as the daemon lives, and it answers no ping."""
    libvirt = events
    proxy = relay(daemon_factory, 60000, 30, 60000)
    conn = libvirt.open(proxy.uri())
    got = []
    conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                lambda c, d, event, *rest: got.append(event), None)
    dom = conn.lookupByName("web")
    stopped()
    with pytest.raises(libvirt.libvirtError) as caught:
        dom.suspend()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_FAILED
    assert "virtqemud stopped answering while it served virDomainSuspend" in str(caught.value)
    hypervisor.signal(signal.SIGCONT)
    assert dom.info()[1] == 1024
    got.clear()
    dom.resume()
    wait_for(lambda: libvirt.VIR_DOMAIN_EVENT_RESUMED in got, "the event, subscribed to again")


def test_hung_repeated(hypervisor, stopped, daemon_factory, libvirt):
    """What is safe is asked again when a daemon that hung is back, by whoever took its place."""
    proxy = relay(daemon_factory, 60000, 30, 60000)
    conn = libvirt.open(proxy.uri())
    dom = conn.lookupByName("web")
    answers = []
    stopped()
    thread = threading.Thread(target=lambda: answers.append(dom.info()))
    thread.start()
    wait_for(lambda: "treated as ended" in proxy.stderr(), "the proxy to see it")
    hypervisor.kill()
    hypervisor.start()
    thread.join(PATIENCE)
    assert answers[0][1] == 1024


def test_slow_is_not_hung(daemon_factory):
    """A daemon at work answers pings, however many calls it has taken."""
    worker = daemon_factory("virttestd", env={"VIRTTESTD_SOCKET": "virtqemud"},
                            conf="max_client_requests = 1\n")
    proxy = relay(daemon_factory, 60000, 30, 60000)
    sock = raw_connect(proxy.socket())
    sock.sendall(frame(OPEN, open_payload(URI), 0))
    assert raw_reply(sock)[24:28] == words(0)
    sock.sendall(frame(NODE_SUSPEND, words(0, 0, 1, 0), 1))
    assert b"the end of the night" in raw_reply(sock)
    assert "treated as ended" not in proxy.stderr()
    assert worker.alive()


@pytest.mark.slow
def test_idle_clients(hypervisor, daemon_factory, libvirt):
    """5,000 clients that do nothing: each costs a little, and others are served meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    n = 4900
    if hard < 2 * n:
        pytest.skip(f"only {hard} file descriptors are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        server = daemon_factory("virtfakehvd", start=False)
        hypervisor.stop()
        server.start()
        path = server.run_dir / "virtqemud-sock"
        before = server.status("VmRSS")
        clients = []
        for _ in range(n):
            sock = raw_connect(path)
            sock.sendall(frame(OPEN, open_payload(URI), 0))
            assert raw_reply(sock)[24:28] == words(0)
            clients.append(sock)
        per_client = (server.status("VmRSS") - before) * 1024 / n
        conn = libvirt.open(f"qemu:///system?socket={path}")
        assert conn.lookupByName("web").name() == "web"
        print(f"{per_client:.0f} bytes for each idle client")
        assert per_client < (16384 if SANITIZED else 2048)
        for sock in clients:
            sock.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
