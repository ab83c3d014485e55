# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that break the protocol, or use it without measure: others are served meanwhile."""

import array
import os
import random
import resource
import select
import socket
import struct
import time

import pytest
import rawrpc

DAEMONS = ["virttestd", "virtqemud", "virtproxyd"]
N_PROCEDURES = 453
LENGTH_MAX = 33554432 + 4
IDLE_CLIENTS = 5000
# What a daemon opens only when it is first needed; every test here would leak many more.
FDS_OF_ITS_OWN = 5
CALL_WITH_FDS = 4

HANDSHAKE = (rawrpc.frame(rawrpc.AUTH_LIST, serial=1) +
             rawrpc.frame(rawrpc.OPEN, rawrpc.open_payload(), serial=2))


@pytest.fixture(params=DAEMONS)
def daemon(request, daemon_factory):
    """Each kind of daemon; the proxy with one behind it."""
    if request.param == "virtproxyd":
        daemon_factory("virttestd", env={"VIRTTESTD_SOCKET": "virtqemud"})
    return daemon_factory(request.param)


def serves(daemon):
    """Whether a new client gets its answer."""
    with rawrpc.Client(daemon.socket()) as client:
        client.call(rawrpc.AUTH_LIST)
    return daemon.alive()


def settled_fds(daemon, expected):
    """Waits until the daemon has closed what its clients left."""
    assert serves(daemon)
    deadline = time.monotonic() + 30
    expected += FDS_OF_ITS_OWN
    while daemon.n_fds() > expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return daemon.n_fds() <= expected


def answered_or_closed(client):
    """Reads one answer; what is wrong must not be answered with success."""
    try:
        _, kind, _, status, _ = client.receive()
    except (EOFError, ConnectionResetError):
        return True
    return kind == rawrpc.REPLY and status == rawrpc.ERROR


def test_byte_at_a_time(daemon):
    with rawrpc.Client(daemon.socket()) as client:
        for byte in HANDSHAKE:
            client.send(bytes([byte]))
        assert [client.receive()[2:4] for _ in range(2)] == [(1, rawrpc.OK), (2, rawrpc.OK)]
        for byte in rawrpc.frame(rawrpc.GET_VERSION, serial=3):
            client.send(bytes([byte]))
        assert client.receive()[2:4] == (3, rawrpc.OK)
    assert serves(daemon)


def test_closes_after_every_byte(daemon):
    before = daemon.n_fds()
    for n in range(len(HANDSHAKE)):
        with rawrpc.Client(daemon.socket()) as client:
            client.send(HANDSHAKE[:n])
    assert settled_fds(daemon, before)


def test_illegal_frame_lengths(daemon):
    before = daemon.n_fds()
    lengths = [*range(28), LENGTH_MAX + 1, LENGTH_MAX + 4, 0x7fffffff, 0x80000000, 0xffffffff]
    for length in lengths:
        with rawrpc.Client(daemon.socket()) as client:
            client.send(struct.pack(">I", length))
            assert client.closed(), length
    assert settled_fds(daemon, before)


def test_large_frame_that_never_comes(daemon):
    """A promise of 32 MiB costs the daemon nothing before the bytes are there."""
    before = daemon.status("VmRSS")
    clients = [rawrpc.Client(daemon.socket()) for _ in range(50)]
    for client in clients:
        client.send(struct.pack(">I", LENGTH_MAX) + HANDSHAKE[4:28])
    assert serves(daemon)
    assert daemon.status("VmRSS") - before < 16 * 1024
    for client in clients:
        client.close()


@pytest.mark.parametrize("payload", [b"", b"\0", b"\xff" * 4, b"\xff" * 64, b"\0" * 4096],
                         ids=["empty", "one-byte", "huge-counts", "garbage", "zeros"])
def test_broken_arguments_for_every_procedure(daemon, payload):
    """Truncated, over-long and senseless arguments; after CLOSE and the like comes a new client."""
    client = rawrpc.Client(daemon.socket()).open()
    for proc in range(N_PROCEDURES + 2):
        try:
            client.send(rawrpc.frame(proc, payload, serial=proc + 1000))
            client.receive()
        except (EOFError, ConnectionError):
            assert daemon.alive(), proc
            client.close()
            client = rawrpc.Client(daemon.socket()).open()
    client.close()
    assert serves(daemon)


def test_overlong_arguments_are_refused(daemon):
    with rawrpc.Client(daemon.socket()).open() as client:
        with pytest.raises(RuntimeError):
            client.call(rawrpc.GET_VERSION, b"\0\0\0\0")
        with pytest.raises(RuntimeError):
            client.call(rawrpc.OPEN, rawrpc.open_payload() + b"more")


@pytest.mark.parametrize("change", [
    {"program": 0x12345678}, {"version": 2}, {"proc": 9999}, {"proc": -1}, {"proc": 0},
    {"kind": rawrpc.REPLY}, {"kind": rawrpc.MESSAGE}, {"kind": rawrpc.STREAM}, {"kind": 77},
    {"status": rawrpc.ERROR}, {"status": 55}, {"proc": 107},
], ids=str)
def test_senseless_headers(daemon, change):
    with rawrpc.Client(daemon.socket()).open() as client:
        header = {"program": rawrpc.REMOTE, "version": 1, "proc": rawrpc.GET_VERSION,
                  "kind": rawrpc.CALL, "status": rawrpc.OK, **change}
        body = struct.pack(">IIiIII", header["program"], header["version"], header["proc"],
                           header["kind"], 9, header["status"])
        client.send(struct.pack(">I", len(body) + 4) + body)
        # Some are ignored: then the next call is what is answered.
        client.send(rawrpc.frame(9999, serial=10))
        assert answered_or_closed(client)
    assert serves(daemon)


def test_calls_before_open_are_refused(daemon):
    with rawrpc.Client(daemon.socket()) as client:
        with pytest.raises(RuntimeError):
            client.call(rawrpc.GET_VERSION)


def test_random_bytes(daemon):
    """Valid frames with some bytes changed; the seed makes it the same every time."""
    chance = random.Random(20)
    before = daemon.n_fds()
    for _ in range(300):
        data = bytearray(HANDSHAKE)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with rawrpc.Client(daemon.socket()) as client:
            try:
                client.send(bytes(data))
                client.sock.shutdown(socket.SHUT_WR)
            except OSError:
                continue
            client.closed()
    assert settled_fds(daemon, before)


def test_unwanted_fds_are_closed(daemon):
    """Calls that take no fds, frames that announce other numbers, fds without a frame."""
    before = daemon.n_fds()
    read, write = os.pipe()
    fds = array.array("i", [read] * 8)
    frames = [rawrpc.frame(rawrpc.GET_VERSION, struct.pack(">I", n), kind=CALL_WITH_FDS)
              for n in (0, 1, 8, 32, 33, 0xffffffff)]
    frames += [rawrpc.frame(rawrpc.GET_VERSION), b"", b"\0"]
    for data in frames:
        with rawrpc.Client(daemon.socket()).open() as client:
            client.sock.sendmsg([data or b"\0"],
                                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            client.sock.shutdown(socket.SHUT_WR)
            client.closed()
    assert settled_fds(daemon, before)
    os.close(write)
    os.close(read)


def test_client_that_never_reads(daemon_factory):
    """It asks for much more than it takes: the daemon neither grows nor stops serving others."""
    daemon = daemon_factory(env={"VIRTTESTD_CAPABILITIES": str(1024 * 1024)})
    serves(daemon)
    before = daemon.status("VmRSS")
    client = rawrpc.Client(daemon.socket()).open()
    client.sock.setblocking(False)
    request = rawrpc.frame(rawrpc.GET_CAPABILITIES)
    sent = 0
    try:
        for _ in range(100000):
            # Each of a round's calls goes to the daemon before the next one of ours.
            if not select.select([], [client.sock], [], 0)[1]:
                assert serves(daemon)
                if not select.select([], [client.sock], [], 0.5)[1]:
                    break
            sent += client.sock.send(request)
    except (BlockingIOError, ConnectionError):
        pass
    assert serves(daemon)
    assert sent < 100000 * len(request), "nothing ever held this client back"
    assert daemon.status("VmRSS") - before < 64 * 1024
    client.close()


@pytest.mark.slow
def test_many_idle_clients(daemon_factory):
    """5,000 of them, each opened; one more is served as if they were not there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE_CLIENTS + 200:
        pytest.skip(f"only {hard} open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    daemon = daemon_factory(conf="max_clients = 5100\nmax_queued_clients = 5100\n"
                                 "keepalive_interval = -1\n")
    fds = daemon.n_fds()
    clients = [rawrpc.Client(daemon.socket()) for _ in range(IDLE_CLIENTS)]
    for client in clients:
        client.send(rawrpc.frame(rawrpc.AUTH_LIST, serial=1) +
                    rawrpc.frame(rawrpc.OPEN, rawrpc.open_payload(), serial=2))
    for client in clients:
        assert client.receive()[4] == struct.pack(">II", 1, 0)
        assert client.receive()[3] == rawrpc.OK
    assert daemon.n_fds() >= IDLE_CLIENTS
    with rawrpc.Client(daemon.socket()).open() as client:
        assert client.call(rawrpc.GET_VERSION)
    assert daemon.status("Threads") <= 3
    # Some of them are still well.
    assert clients[0].call(rawrpc.GET_VERSION) == clients[-1].call(rawrpc.GET_VERSION)
    for client in clients:
        client.close()
    assert settled_fds(daemon, fds)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
