# SPDX-License-Identifier: LGPL-2.1-or-later
"""virtqemud with real guests under TCG, through Debian's client library.

Every guest of these tests is of type 'qemu', boots the kernel of guest.py or nothing at all, and
is ended with its test whatever happens.
"""
import os
import pathlib
import signal
import threading
import time
import uuid

import pytest

import guest
from conftest import WAIT, host_program, run, stop, until


def domain_xml(name, extra="", devices="", os_extra="", memory=96, machine="pc", kind="qemu",
               number=None):
    number = number or uuid.uuid5(uuid.NAMESPACE_DNS, name)
    return f"""<domain type='{kind}'><name>{name}</name><uuid>{number}</uuid>
<memory unit='MiB'>{memory}</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='{machine}'>hvm</type>{os_extra}</os>
<features><acpi/></features>{extra}
<devices>{devices}<memballoon model='none'/></devices></domain>"""


def booting_xml(name, extra="", devices=""):
    kernel, initrd = guest.build()
    boot = (f"<kernel>{kernel}</kernel><initrd>{initrd}</initrd>"
            "<cmdline>console=ttyS0 quiet</cmdline>")
    return domain_xml(name, extra, "<serial type='pty'/>" + devices, boot)


class Events:
    """Events of a connection, in order, waited for without a poll."""

    def __init__(self, libvirt, conn):
        self.libvirt = libvirt
        self.seen = []
        self.changed = threading.Condition()
        for number, callback in ((libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self.lifecycle),
                                 (libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, self.reboot),
                                 (libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, self.metadata),
                                 (libvirt.VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, self.balloon),
                                 (libvirt.VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, self.control)):
            conn.domainEventRegisterAny(None, number, callback, None)

    def add(self, what):
        with self.changed:
            self.seen.append(what)
            self.changed.notify_all()

    def lifecycle(self, conn, dom, event, detail, opaque):
        self.add((dom.name(), event, detail))

    def reboot(self, conn, dom, opaque):
        self.add((dom.name(), "reboot"))

    def metadata(self, conn, dom, kind, uri, opaque):
        self.add((dom.name(), "metadata", kind, uri))

    def balloon(self, conn, dom, actual, opaque):
        self.add((dom.name(), "balloon", actual))

    def control(self, conn, dom, opaque):
        self.add((dom.name(), "control"))

    def expect(self, *wanted):
        """The next events are these, whatever else of other kinds is between."""
        with self.changed:
            ok = self.changed.wait_for(lambda: len(self.seen) >= len(wanted), WAIT)
            assert ok and self.seen[:len(wanted)] == list(wanted), self.seen
            del self.seen[:len(wanted)]

    def wait_for(self, wanted):
        """This event comes; those before it are dropped."""
        with self.changed:
            assert self.changed.wait_for(lambda: wanted in self.seen, WAIT), (wanted, self.seen)
            del self.seen[:self.seen.index(wanted) + 1]


@pytest.fixture(scope="session")
def event_loop():
    module = pytest.importorskip("libvirt")
    module.virEventRegisterDefaultImpl()

    def turn():
        while True:
            module.virEventRunDefaultImpl()

    threading.Thread(target=turn, daemon=True).start()
    return module


class Host:
    """A virtqemud and clients of it."""

    def __init__(self, daemon, libvirt):
        self.daemon = daemon
        self.libvirt = libvirt
        self.connections = []

    def open(self, readonly=False):
        kind = "sock-ro" if readonly else "sock"
        opener = self.libvirt.openReadOnly if readonly else self.libvirt.open
        conn = opener(self.daemon.uri(kind=kind))
        self.connections.append(conn)
        return conn

    def close(self):
        for conn in self.connections:
            try:
                conn.close()
            except self.libvirt.libvirtError:
                pass
        self.connections.clear()

    def state_file(self, name, suffix="xml"):
        return self.daemon.run_dir / "qemu" / f"{name}.{suffix}"

    def config_file(self, name):
        return self.daemon.config_dir / "qemu" / f"{name}.xml"

    def pid(self, name):
        return int(self.state_file(name, "pid").read_text())

    def log(self, name):
        return (self.daemon.root / "var/log/libvirt/qemu" / f"{name}.log").read_text()

    def virsh(self, *args, check=True):
        return run([host_program("virsh"), "-c", self.daemon.uri(), *args], check=check)


@pytest.fixture
def host(daemon_factory, private_root, event_loop, libvirt):
    host_program("qemu-system-x86_64")
    daemon = daemon_factory("virtqemud", start=False)
    daemon.write_conf("monitor_timeout = 2\n", "qemu")
    daemon.start()
    made = Host(daemon, libvirt)
    yield made
    made.close()


def error_of(libvirt, function, *args):
    with pytest.raises(libvirt.libvirtError) as caught:
        function(*args)
    return caught.value


# ---- definitions -------------------------------------------------------------------------------

def test_define_and_undefine(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(domain_xml("one"))
    events.expect(("one", libvirt.VIR_DOMAIN_EVENT_DEFINED, 0))
    assert dom.state() == [libvirt.VIR_DOMAIN_SHUTOFF, 0]
    assert (dom.isActive(), dom.isPersistent(), dom.isUpdated(), dom.ID()) == (0, 1, 0, -1)
    assert dom.OSType() == "hvm" and dom.maxMemory() == 96 * 1024
    assert host.config_file("one").stat().st_mode & 0o777 == 0o600
    assert "virsh edit one" in host.config_file("one").read_text()
    assert conn.listDefinedDomains() == ["one"] and conn.numOfDomains() == 0
    again = conn.defineXML(dom.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    events.expect(("one", libvirt.VIR_DOMAIN_EVENT_DEFINED, 1))
    assert again.UUID() == dom.UUID()
    dom.undefine()
    events.expect(("one", libvirt.VIR_DOMAIN_EVENT_UNDEFINED, 0))
    assert not host.config_file("one").exists() and conn.listAllDomains() == []
    error = error_of(libvirt, dom.state)
    assert error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN
    assert dom.UUIDString() in str(error)


def test_name_clashes(host, libvirt):
    conn = host.open()
    first = conn.defineXML(domain_xml("first"))
    error = error_of(libvirt, conn.defineXML, domain_xml("first", number=uuid.uuid4()))
    assert f"domain 'first' already exists with uuid {first.UUIDString()}" in str(error)
    error = error_of(libvirt, conn.defineXML, domain_xml("other", number=first.UUIDString()))
    assert f"domain 'first' is already defined with uuid {first.UUIDString()}" in str(error)
    assert conn.listDefinedDomains() == ["first"]


def test_lookup_errors(host, libvirt):
    conn = host.open()
    number = str(uuid.uuid4())
    for function, arg, text in ((conn.lookupByName, "nix", "no domain with matching name 'nix'"),
                                (conn.lookupByID, 99, "no domain with matching id 99"),
                                (conn.lookupByUUIDString, number,
                                 f"no domain with matching uuid '{number}'")):
        error = error_of(libvirt, function, arg)
        assert error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN and text in str(error)


def test_filters(host, libvirt):
    conn = host.open()
    for name in ("a", "b"):
        conn.defineXML(domain_xml(name))
    running = conn.createXML(domain_xml("c"), 0)
    conn.lookupByName("b").setAutostart(1)

    def names(flags):
        return sorted(d.name() for d in conn.listAllDomains(flags))

    assert names(0) == ["a", "b", "c"]
    assert names(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE) == ["c"]
    assert names(libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE) == ["a", "b"]
    assert names(libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT) == ["c"]
    assert names(libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART) == ["b"]
    assert names(libvirt.VIR_CONNECT_LIST_DOMAINS_SHUTOFF |
                 libvirt.VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART) == ["a"]
    assert conn.listDomainsID() == [running.ID()]
    running.destroy()
    assert names(0) == ["a", "b"]


def test_autostart_link(host, libvirt):
    conn = host.open()
    dom = conn.defineXML(domain_xml("auto"))
    link = host.daemon.config_dir / "qemu/autostart/auto.xml"
    dom.setAutostart(1)
    assert dom.autostart() == 1 and os.readlink(link) == str(host.config_file("auto"))
    dom.setAutostart(0)
    assert dom.autostart() == 0 and not os.path.lexists(link)


def test_rename(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(domain_xml("old"))
    dom.setAutostart(1)
    events.expect(("old", libvirt.VIR_DOMAIN_EVENT_DEFINED, 0))
    dom.rename("new")
    events.expect(("old", libvirt.VIR_DOMAIN_EVENT_UNDEFINED, 1),
                  ("new", libvirt.VIR_DOMAIN_EVENT_DEFINED, 2))
    assert conn.listDefinedDomains() == ["new"]
    assert host.config_file("new").exists() and not host.config_file("old").exists()
    assert os.path.lexists(host.daemon.config_dir / "qemu/autostart/new.xml")
    assert "cannot contain '/'" in str(error_of(libvirt, conn.lookupByName("new").rename, "a/b"))


def test_metadata(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(domain_xml("meta"))
    events.expect(("meta", libvirt.VIR_DOMAIN_EVENT_DEFINED, 0))
    dom.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "a title", None, None)
    events.expect(("meta", "metadata", 1, None))
    assert dom.metadata(libvirt.VIR_DOMAIN_METADATA_TITLE, None) == "a title"
    error = error_of(libvirt, dom.setMetadata, libvirt.VIR_DOMAIN_METADATA_TITLE, "a\nb", None,
                     None)
    assert "newline" in str(error)
    dom.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<owner>me</owner>", "k", "http://x/y")
    got = dom.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "http://x/y")
    assert got.replace(" ", "") == "<owner>me</owner>", got
    assert "k:owner" in dom.XMLDesc() and "http://x/y" in host.config_file("meta").read_text()
    dom.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, None, "k", "http://x/y")
    error = error_of(libvirt, dom.metadata, libvirt.VIR_DOMAIN_METADATA_ELEMENT, "http://x/y")
    assert error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_METADATA


def test_memory_and_vcpus_of_a_definition(host, libvirt):
    dom = host.open().defineXML(domain_xml("size"))
    dom.setMemoryFlags(64 * 1024, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    assert dom.info()[1:3] == [96 * 1024, 64 * 1024]
    assert "higher than max" in str(error_of(libvirt, dom.setMemoryFlags, 200 * 1024,
                                             libvirt.VIR_DOMAIN_AFFECT_CONFIG))
    dom.setMaxMemory(128 * 1024)
    dom.setVcpusFlags(4, libvirt.VIR_DOMAIN_AFFECT_CONFIG | libvirt.VIR_DOMAIN_VCPU_MAXIMUM)
    dom.setVcpusFlags(2, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    assert dom.vcpusFlags(libvirt.VIR_DOMAIN_AFFECT_CONFIG) == 2
    assert dom.vcpusFlags(libvirt.VIR_DOMAIN_AFFECT_CONFIG | libvirt.VIR_DOMAIN_VCPU_MAXIMUM) == 4
    assert dom.maxMemory() == 128 * 1024


@pytest.mark.parametrize("xml", [
    "", "<", "<domain", "<domain/>", "<network/>", "<domain type='qemu'><name/></domain>",
    "<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><domain type='qemu'>&a;</domain>",
    domain_xml("../../etc/x"), domain_xml("."), domain_xml("x" * 250), domain_xml("x", kind="xen"),
    domain_xml("x", machine="no-such-machine"), domain_xml("x", memory="-1"),
    domain_xml("x", devices="<disk type='file'><target dev='vda'/></disk>" * 2),
    "<domain type='qemu'>" + "<a>" * 5000, "<domain type='qemu'><name>" + "n" * 1000000,
], ids=lambda xml: xml[:20].replace("\n", " "))
def test_hostile_xml(host, libvirt, xml):
    conn = host.open()
    error = error_of(libvirt, conn.defineXML, xml)
    assert error.get_error_code() != libvirt.VIR_ERR_INTERNAL_ERROR, error
    assert conn.listAllDomains() == [] and host.daemon.alive()


def test_thousand_domains(host, libvirt):
    conn = host.open()
    for i in range(1000):
        conn.defineXML(domain_xml(f"d{i:04}"))
    domains = conn.listAllDomains()
    assert sorted(d.name() for d in domains) == [f"d{i:04}" for i in range(1000)]
    for dom in domains:
        assert f"<name>{dom.name()}</name>" in dom.XMLDesc()
    assert len(conn.getAllDomainStats()) == 1000
    conn.close()
    host.daemon.stop()
    host.daemon.start()
    conn = host.open()
    assert len(conn.listDefinedDomains()) == 1000
    for dom in conn.listAllDomains():
        dom.undefine()
    assert conn.listAllDomains() == [] and not list(host.config_file("x").parent.glob("*.xml"))


def test_broken_files_at_start(host, libvirt):
    conn = host.open()
    conn.defineXML(domain_xml("good"))
    folder = host.config_file("x").parent
    broken = {"cut": "<domain type='qemu'><name>cut", "empty": "", "other": domain_xml("another"),
              "binary": "\0\1\2"}
    conn.close()
    host.daemon.stop()
    for name, text in broken.items():
        (folder / f"{name}.xml").write_text(text)
    (folder / "folder.xml").mkdir()
    (folder / "dangling.xml").symlink_to("/nowhere")
    host.daemon.start()
    assert host.open().listDefinedDomains() == ["good"]
    for name, text in broken.items():
        assert (folder / f"{name}.xml").read_text() == text
        assert f"'{name}' is not loaded" in host.daemon.stderr()


def test_readonly_connection(host, libvirt):
    host.open().defineXML(domain_xml("seen"))
    conn = host.open(readonly=True)
    dom = conn.lookupByName("seen")
    assert dom.state() and dom.XMLDesc()
    assert error_of(libvirt, dom.create).get_error_code() == libvirt.VIR_ERR_OPERATION_DENIED
    assert (error_of(libvirt, dom.XMLDesc, libvirt.VIR_DOMAIN_XML_SECURE).get_error_code()
            == libvirt.VIR_ERR_OPERATION_DENIED)


# ---- running guests ----------------------------------------------------------------------------

def test_a_session(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(domain_xml("web"))
    dom.create()
    assert dom.state() == [libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_RUNNING_BOOTED]
    assert dom.ID() > 0 and conn.lookupByID(dom.ID()).name() == "web"
    assert error_of(libvirt, dom.create).get_error_message().endswith("domain is already running")
    dom.suspend()
    assert dom.state() == [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER]
    dom.suspend()
    dom.resume()
    assert dom.state() == [libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_RUNNING_UNPAUSED]
    assert "already running" in str(error_of(libvirt, dom.resume))
    assert dom.info()[0] == libvirt.VIR_DOMAIN_RUNNING
    assert dom.controlInfo()[0] == libvirt.VIR_DOMAIN_CONTROL_OK
    assert len(dom.vcpus()[0]) == 1 and dom.maxVcpus() == 1
    assert dom.memoryStats()["actual"] == 96 * 1024
    assert dom.getCPUStats(True)[0]["cpu_time"] > 0
    assert dom.XMLDesc().startswith(f"<domain type='qemu' id='{dom.ID()}'")
    assert "<alias " not in dom.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    status = host.state_file("web").read_text()
    assert f"pid='{host.pid('web')}'" in status and "<domstatus state='running'" in status
    dom.destroy()
    assert dom.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED]
    assert not host.state_file("web").exists() and not host.state_file("web", "pid").exists()
    assert not list((host.daemon.root / "var/lib/libvirt/qemu").glob("domain-*"))
    events.expect(("web", libvirt.VIR_DOMAIN_EVENT_DEFINED, 0),
                  ("web", libvirt.VIR_DOMAIN_EVENT_RESUMED, 0),
                  ("web", libvirt.VIR_DOMAIN_EVENT_STARTED, 0),
                  ("web", libvirt.VIR_DOMAIN_EVENT_SUSPENDED, 0),
                  ("web", libvirt.VIR_DOMAIN_EVENT_RESUMED, 0),
                  ("web", libvirt.VIR_DOMAIN_EVENT_STOPPED,
                   libvirt.VIR_DOMAIN_EVENT_STOPPED_DESTROYED))
    assert "qemu-system-x86_64" in host.log("web") and "reason=destroyed" in host.log("web")


def test_what_needs_a_running_guest(host, libvirt):
    conn = host.open()
    dom = conn.defineXML(domain_xml("off"))
    for function in (dom.destroy, dom.suspend, dom.resume, dom.shutdown, dom.reboot, dom.reset,
                     dom.memoryStats, dom.controlInfo, dom.maxVcpus):
        error = error_of(libvirt, function)
        assert error.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID, error
        assert "domain is not running" in str(error)
    stats = conn.getAllDomainStats()[0][1]
    assert stats["state.state"] == libvirt.VIR_DOMAIN_SHUTOFF
    assert not [key for key in stats if key.startswith("cpu.")]


def test_transient_paused_and_autodestroy(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.createXML(domain_xml("brief"), libvirt.VIR_DOMAIN_START_PAUSED)
    assert dom.state() == [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER]
    assert (dom.isPersistent(), dom.isActive()) == (0, 1)
    assert "transient" in str(error_of(libvirt, dom.setAutostart, 1))
    dom.destroy()
    events.expect(("brief", libvirt.VIR_DOMAIN_EVENT_STARTED, 0),
                  ("brief", libvirt.VIR_DOMAIN_EVENT_SUSPENDED, 0),
                  ("brief", libvirt.VIR_DOMAIN_EVENT_STOPPED, 1))
    assert error_of(libvirt, dom.state).get_error_code() == libvirt.VIR_ERR_NO_DOMAIN
    second = libvirt.open(host.daemon.uri())
    second.createXML(domain_xml("bound"), libvirt.VIR_DOMAIN_START_AUTODESTROY)
    assert conn.lookupByName("bound").isActive()
    events.wait_for(("bound", libvirt.VIR_DOMAIN_EVENT_STARTED, 0))
    second.close()
    events.wait_for(("bound", libvirt.VIR_DOMAIN_EVENT_STOPPED, 1))
    assert conn.listAllDomains() == []


def test_undefine_and_define_while_running(host, libvirt):
    conn = host.open()
    dom = conn.defineXML(domain_xml("keep"))
    xml = dom.XMLDesc()
    dom.create()
    dom.undefine()
    assert (dom.isActive(), dom.isPersistent()) == (1, 0)
    conn.defineXML(xml)
    assert dom.isPersistent() == 1
    dom.destroy()
    assert dom.isActive() == 0


def test_console_shutdown_and_reboot(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(booting_xml("linux"))
    dom.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
    stream = conn.newStream(0)
    dom.openConsole(None, stream, 0)
    busy = conn.newStream(0)
    assert "Active console session exists" in str(error_of(libvirt, dom.openConsole, None, busy, 0))
    dom.resume()
    read_until(stream, b"GUEST-READY")
    stream.send(b"echo two-$((1+1))\n")
    read_until(stream, b"two-2")
    forced = conn.newStream(0)
    dom.openConsole(None, forced, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
    dom.reboot()
    read_until(forced, b"GUEST-BUTTON")
    read_until(forced, b"GUEST-READY")
    events.wait_for(("linux", "reboot"))
    assert dom.isActive() and dom.state()[0] == libvirt.VIR_DOMAIN_RUNNING
    with events.changed:
        assert not [e for e in events.seen if e[1] == libvirt.VIR_DOMAIN_EVENT_SHUTDOWN]
        events.seen.clear()
    dom.shutdown()
    events.wait_for(("linux", libvirt.VIR_DOMAIN_EVENT_SHUTDOWN,
                     libvirt.VIR_DOMAIN_EVENT_SHUTDOWN_GUEST))
    events.wait_for(("linux", libvirt.VIR_DOMAIN_EVENT_STOPPED,
                     libvirt.VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN))
    assert dom.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN]


def read_until(stream, text):
    got = b""
    end = time.monotonic() + WAIT
    while text not in got:
        assert time.monotonic() < end, got
        got += stream.recv(4096)
    return got


def test_poweroff_restarts_the_guest(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(booting_xml("again", "<on_poweroff>restart</on_poweroff>"))
    dom.create()
    stream = conn.newStream(0)
    dom.openConsole(None, stream, 0)
    read_until(stream, b"GUEST-READY")
    dom.shutdown()
    events.wait_for(("again", "reboot"))
    read_until(stream, b"GUEST-READY")
    assert dom.isActive()
    dom.destroy()


def test_a_reboot_ends_the_guest(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(booting_xml("once", "<on_reboot>destroy</on_reboot>"))
    dom.create()
    stream = conn.newStream(0)
    dom.openConsole(None, stream, 0)
    read_until(stream, b"GUEST-READY")
    stream.send(b"reboot -f\n")
    events.wait_for(("once", libvirt.VIR_DOMAIN_EVENT_SHUTDOWN,
                     libvirt.VIR_DOMAIN_EVENT_SHUTDOWN_GUEST))
    events.wait_for(("once", libvirt.VIR_DOMAIN_EVENT_STOPPED,
                     libvirt.VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN))
    assert not dom.isActive()


@pytest.mark.parametrize("actions", [
    {"on_poweroff": "rename-restart"}, {"on_poweroff": "preserve"}, {"on_reboot": "preserve"},
    {"on_crash": "rename-restart"}, {"on_reboot": "coredump-destroy"},
    {"on_poweroff": "restart", "on_reboot": "destroy"}], ids=str)
def test_actions_that_qemu_has_not(host, libvirt, actions):
    extra = "".join(f"<{key}>{value}</{key}>" for key, value in actions.items())
    error = error_of(libvirt, host.open().defineXML, domain_xml("never", extra))
    assert error.get_error_code() == libvirt.VIR_ERR_CONFIG_UNSUPPORTED


def test_virsh_session(host, tmp_path):
    xml = tmp_path / "guest.xml"
    xml.write_text(domain_xml("shell", devices="<serial type='pty'/>"))
    assert "defined" in host.virsh("define", xml).stdout
    assert "started" in host.virsh("start", "shell").stdout
    assert "running" in host.virsh("list").stdout
    assert host.virsh("domstate", "--reason", "shell").stdout.strip() == "running (booted)"
    for command in ("dominfo", "domid", "vcpuinfo", "dommemstat", "domstats", "domcontrol",
                    "dumpxml", "ttyconsole"):
        host.virsh(command, "shell")
    for command in ("nodeinfo", "capabilities", "domcapabilities", "version", "uri", "hostname",
                    "freecell", "nodecpumap"):
        host.virsh(command)
    assert "destroyed" in host.virsh("destroy", "shell").stdout
    assert "undefined" in host.virsh("undefine", "shell").stdout


def test_reset_and_graceful_destroy(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.createXML(domain_xml("soft"), 0)
    dom.reset()
    events.wait_for(("soft", "reboot"))
    log = host.daemon.root / "var/log/libvirt/qemu/soft.log"
    assert log.exists()
    dom.destroyFlags(libvirt.VIR_DOMAIN_DESTROY_GRACEFUL | 2)
    events.wait_for(("soft", libvirt.VIR_DOMAIN_EVENT_STOPPED, 1))
    until(lambda: not log.exists(), "the removal of the log")


def test_crash_of_qemu(host, libvirt):
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(domain_xml("dies"))
    dom.create()
    os.kill(host.pid("dies"), signal.SIGKILL)
    events.wait_for(("dies", libvirt.VIR_DOMAIN_EVENT_STOPPED,
                     libvirt.VIR_DOMAIN_EVENT_STOPPED_FAILED))
    assert dom.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED]
    assert not host.state_file("dies").exists()
    dom.create()
    os.kill(host.pid("dies"), signal.SIGTERM)
    events.wait_for(("dies", libvirt.VIR_DOMAIN_EVENT_SHUTDOWN,
                     libvirt.VIR_DOMAIN_EVENT_SHUTDOWN_HOST))
    events.wait_for(("dies", libvirt.VIR_DOMAIN_EVENT_STOPPED,
                     libvirt.VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN))


def test_a_qemu_that_fails_at_start_says_why(host, libvirt):
    conn = host.open()
    bad = domain_xml("bad").replace("<domain ", "<domain xmlns:qemu="
                                    "'http://libvirt.org/schemas/domain/qemu/1.0' ")
    bad = bad.replace("</domain>", "<qemu:commandline><qemu:arg value='-no-such-option'/>"
                      "</qemu:commandline></domain>")
    dom = conn.defineXML(bad)
    error = error_of(libvirt, dom.create)
    assert "-no-such-option" in str(error) and "'bad'" in str(error)
    assert dom.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF and not host.state_file("bad").exists()
    gone = conn.defineXML(domain_xml("gone", os_extra="<kernel>/no/such/kernel</kernel>"))
    assert "/no/such/kernel" in str(error_of(libvirt, gone.create))
    assert error_of(libvirt, conn.createXML, bad.replace(">bad<", ">bad2<").replace(
        str(uuid.uuid5(uuid.NAMESPACE_DNS, "bad")), str(uuid.uuid4())), 0)
    assert sorted(conn.listDefinedDomains()) == ["bad", "gone"]


def test_disks_and_block_statistics(host, libvirt, tmp_path):
    image = tmp_path / "disk.qcow2"
    run([host_program("qemu-img"), "create", "-f", "qcow2", image, "16M"])
    os.chmod(tmp_path, 0o755)
    disk = (f"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
            f"<source file='{image}'/><target dev='vda' bus='virtio'/></disk>")
    conn = host.open()
    dom = conn.defineXML(domain_xml("disk", devices=disk))
    assert dom.blockInfo("vda")[0] == 16 << 20
    dom.create()
    assert dom.blockInfo("vda")[0] == 16 << 20
    dom.suspend()
    assert dom.blockStats("vda")[4] == -1
    assert dom.blockStatsFlags(str(image))["rd_operations"] == dom.blockStats("vda")[0]
    assert "invalid path" in str(error_of(libvirt, dom.blockStats, "vdz"))
    stats = conn.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_BLOCK)[0][1]
    assert stats["block.count"] == 1 and stats["block.0.name"] == "vda"
    assert stats["block.0.capacity"] == 16 << 20 and stats["block.0.path"] == str(image)
    dom.destroy()


def test_balloon_event(host, libvirt):
    conn = host.open()
    xml = booting_xml("air").replace("<memballoon model='none'/>", "<memballoon model='virtio'/>")
    dom = conn.defineXML(xml)
    dom.create()
    stream = conn.newStream(0)
    dom.openConsole(None, stream, 0)
    read_until(stream, b"GUEST-READY")
    events = Events(libvirt, conn)
    dom.setMemory(80 * 1024)
    until(lambda: dom.info()[2] == 80 * 1024, "the balloon's new size")
    assert [e for e in events.seen if e[1] == "balloon"]
    dom.destroy()


def test_monitor_commands(host, libvirt):
    import json
    import libvirt_qemu
    dom = host.open().createXML(domain_xml("talk"), 0)
    answer = json.loads(libvirt_qemu.qemuMonitorCommand(dom, '{"execute":"query-name"}', 0))
    assert answer["return"]["name"] == "talk"
    answer = json.loads(libvirt_qemu.qemuMonitorCommand(dom, '{"execute":"no-such"}', 0))
    assert answer["error"]["class"] == "CommandNotFound"
    text = libvirt_qemu.qemuMonitorCommand(dom, "info status",
                                           libvirt_qemu.VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP)
    assert "running" in text
    assert "QMP" in str(error_of(libvirt, libvirt_qemu.qemuMonitorCommand, dom, "{", 0))
    dom.destroy()


# ---- a guest that hangs ------------------------------------------------------------------------

def test_reads_while_a_qemu_is_stopped(host, libvirt, tmp_path):
    conn = host.open()
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(1 << 20))
    hung = conn.defineXML(domain_xml("hung", devices=f"""<disk type='file' device='disk'>
        <driver name='qemu' type='raw'/><source file='{image}'/>
        <target dev='vda' bus='virtio'/></disk>"""))
    well = conn.defineXML(domain_xml("well"))
    hung.create()
    well.create()
    conn.getAllDomainStats()
    stop(host.pid("hung"))
    blocked = threading.Thread(target=lambda: error_of(libvirt, hung.suspend))
    blocked.start()
    for dom in (hung, well):
        assert dom.state()[0] == libvirt.VIR_DOMAIN_RUNNING
        assert dom.info()[0] == libvirt.VIR_DOMAIN_RUNNING and dom.XMLDesc()
    assert len(conn.listAllDomains()) == 2
    for _ in range(20):
        stats = {d.name(): s for d, s in conn.getAllDomainStats()}
    assert stats["hung"]["state.state"] == libvirt.VIR_DOMAIN_RUNNING
    assert stats["hung"]["block.0.capacity"] == 1 << 20
    assert stats["well"]["cpu.time"] > 0
    well.suspend()
    well.resume()
    blocked.join(WAIT)
    error = error_of(libvirt, hung.memoryStats)
    assert error.get_error_code() == libvirt.VIR_ERR_OPERATION_TIMEOUT, error
    assert "'hung'" in str(error) and "query-blockstats" in str(error)
    hung.destroy()
    assert hung.state() == [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED]
    well.destroy()


def test_destroy_cuts_a_waiting_job_short(host, libvirt):
    conn = host.open()
    dom = conn.createXML(domain_xml("stuck"), 0)
    stop(host.pid("stuck"))
    result = []
    waiting = threading.Thread(target=lambda: result.append(error_of(libvirt, dom.suspend)))
    waiting.start()
    until(lambda: dom.controlInfo()[0] == libvirt.VIR_DOMAIN_CONTROL_OCCUPIED, "the waiting job")
    host.open().lookupByName("stuck").destroy()
    waiting.join(WAIT)
    assert result[0].get_error_code() != libvirt.VIR_ERR_OPERATION_TIMEOUT, result
    assert conn.listAllDomains() == []


# ---- the daemon goes and comes -----------------------------------------------------------------

def test_kill_9_of_the_daemon(host, libvirt):
    conn = host.open()
    for name in ("up", "held"):
        conn.defineXML(domain_xml(name)).create()
    conn.createXML(domain_xml("loose"), 0)
    conn.lookupByName("held").suspend()
    before = {d.name(): (d.ID(), host.pid(d.name()), d.XMLDesc()) for d in conn.listAllDomains()}
    host.close()
    host.daemon.kill()
    host.daemon.start()
    conn = host.open()
    events = Events(libvirt, conn)
    after = {d.name(): (d.ID(), host.pid(d.name()), d.XMLDesc()) for d in conn.listAllDomains()}
    assert after == before
    assert conn.lookupByName("up").state() == [libvirt.VIR_DOMAIN_RUNNING,
                                               libvirt.VIR_DOMAIN_RUNNING_BOOTED]
    assert conn.lookupByName("held").state() == [libvirt.VIR_DOMAIN_PAUSED,
                                                 libvirt.VIR_DOMAIN_PAUSED_USER]
    conn.lookupByName("held").resume()
    events.wait_for(("held", libvirt.VIR_DOMAIN_EVENT_RESUMED, 0))
    assert not conn.lookupByName("loose").isPersistent()
    os.kill(host.pid("up"), signal.SIGKILL)
    events.wait_for(("up", libvirt.VIR_DOMAIN_EVENT_STOPPED,
                     libvirt.VIR_DOMAIN_EVENT_STOPPED_FAILED))
    third = conn.lookupByName("up")
    third.create()
    assert third.ID() > max(i for i, _, _ in before.values())
    for dom in conn.listAllDomains():
        dom.destroy()


def test_a_guest_that_ended_meanwhile(host, libvirt):
    conn = host.open()
    conn.defineXML(domain_xml("late")).create()
    conn.createXML(domain_xml("lost"), 0)
    pids = [host.pid("late"), host.pid("lost")]
    host.close()
    host.daemon.kill()
    for pid in pids:
        fd = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        import select
        select.select([fd], [], [], WAIT)
        os.close(fd)
    host.daemon.start()
    conn = host.open()
    late = conn.lookupByName("late")
    until(lambda: not late.isActive(), "the end of 'late'")
    # Each guest is looked at by a job of its own.
    until(lambda: [d.name() for d in conn.listAllDomains()] == ["late"], "the end of 'lost'")
    until(lambda: not host.state_file("late").exists() and not host.state_file("lost").exists(),
          "the removal of the status files")


def test_a_recycled_process_number(host, libvirt):
    conn = host.open()
    conn.defineXML(domain_xml("old")).create()
    host.close()
    host.daemon.kill()
    pid = host.pid("old")
    os.kill(pid, signal.SIGKILL)
    path = host.state_file("old")
    path.write_text(path.read_text().replace(f"pid='{pid}'", f"pid='{os.getpid()}'"))
    host.daemon.start()
    dom = host.open().lookupByName("old")
    until(lambda: not dom.isActive(), "the end of 'old'")


def test_a_stopped_qemu_while_the_daemon_starts(host, libvirt):
    conn = host.open()
    conn.defineXML(domain_xml("asleep")).create()
    pid = host.pid("asleep")
    stop(pid)
    host.close()
    host.daemon.kill()
    host.daemon.start()
    dom = host.open().lookupByName("asleep")
    assert dom.state()[0] == libvirt.VIR_DOMAIN_RUNNING and dom.XMLDesc()
    assert "already running" in str(error_of(libvirt, dom.create))
    os.kill(pid, signal.SIGCONT)
    dom.suspend()
    assert dom.state() == [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER]
    dom.destroy()


def test_what_cannot_be_taken_back_is_kept(host, libvirt):
    conn = host.open()
    conn.defineXML(domain_xml("torn")).create()
    conn.defineXML(domain_xml("mute")).create()
    pids = {name: host.pid(name) for name in ("torn", "mute")}
    host.close()
    host.daemon.kill()
    torn = host.state_file("torn")
    torn.write_text("<domstatus state='running'")
    monitor, = (host.daemon.root / "var/lib/libvirt/qemu").glob("domain-*-mute/monitor.sock")
    monitor.unlink()
    host.daemon.start()
    conn = host.open()
    mute = conn.lookupByName("mute")
    assert mute.isActive() and mute.state()[0] == libvirt.VIR_DOMAIN_RUNNING
    until(lambda: mute.controlInfo()[0] == libvirt.VIR_DOMAIN_CONTROL_ERROR, "the failed monitor")
    assert "monitor" in str(error_of(libvirt, mute.suspend))
    error = error_of(libvirt, conn.lookupByName("torn").create)
    assert str(torn) in str(error)
    assert torn.exists() and all(os.path.exists(f"/proc/{pid}") for pid in pids.values())
    mute.destroy()
    os.kill(pids["torn"], signal.SIGKILL)


def test_a_bound_guest_does_not_outlive_its_connection(host, libvirt):
    host.open().createXML(domain_xml("bound"), libvirt.VIR_DOMAIN_START_AUTODESTROY)
    host.daemon.kill()
    host.close()
    host.daemon.start()
    conn = host.open()
    until(lambda: conn.listAllDomains() == [], "the end of 'bound'")


def test_validation(host, libvirt):
    conn = host.open()
    odd = domain_xml("odd", extra="<nobody-knows/>")
    error = error_of(libvirt, conn.defineXMLFlags, odd, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    assert error.get_error_code() == libvirt.VIR_ERR_XML_INVALID_SCHEMA
    assert "nobody-knows" in str(error)
    assert conn.defineXML(odd).name() == "odd"


def test_autostart_once_a_boot(host, libvirt):
    conn = host.open()
    dom = conn.defineXML(domain_xml("early"))
    dom.setAutostart(1)
    host.close()
    host.daemon.stop()
    host.daemon.start()
    assert not host.open().lookupByName("early").isActive()
    host.close()
    host.daemon.stop()
    (host.daemon.run_dir / "qemu/autostarted").unlink()
    host.daemon.start()
    dom = host.open().lookupByName("early")
    until(dom.isActive, "the start of 'early'")
    dom.destroy()


def test_an_orderly_stop_leaves_guests_alone(host, libvirt):
    conn = host.open()
    conn.createXML(domain_xml("stays"), 0)
    pid = host.pid("stays")
    host.close()
    host.daemon.stop()
    assert os.path.exists(f"/proc/{pid}")
    host.daemon.start()
    dom = host.open().lookupByName("stays")
    assert dom.isActive() and host.pid("stays") == pid
    dom.destroy()


def test_uris(host, libvirt):
    socket = host.daemon.socket()
    assert host.open().getURI().startswith("qemu:///system")
    error = error_of(libvirt, libvirt.open, f"qemu:///nowhere?socket={socket}")
    assert "unexpected QEMU URI path '/nowhere', try qemu:///system" in str(error)


def test_session_mode(daemon_factory, private_root, event_loop, libvirt):
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    host_program("qemu-system-x86_64")
    daemon = daemon_factory("virtqemud", user=65534)
    conn = libvirt.open(daemon.uri("qemu:///session"))
    assert conn.getURI().startswith("qemu:///session")
    dom = conn.defineXML(domain_xml("mine"))
    dom.create()
    assert dom.isActive()
    assert (daemon.config_dir / "qemu/mine.xml").exists()
    assert (daemon.run_dir / "qemu/run/mine.pid").exists()
    pid = int((daemon.run_dir / "qemu/run/mine.pid").read_text())
    assert os.stat(f"/proc/{pid}").st_uid == 65534
    dom.destroy()
    assert "unexpected QEMU URI path" in str(error_of(libvirt, libvirt.open,
                                                      daemon.uri("qemu:///system")))
    conn.close()


def test_the_daemon_is_killed_again_and_again_under_the_proxy(host, daemon_factory, libvirt):
    proxy = daemon_factory("virtproxyd")
    conn = libvirt.open(proxy.uri())
    host.connections.append(conn)
    watcher = libvirt.open(proxy.uri())
    host.connections.append(watcher)
    events = Events(libvirt, watcher)
    for name in ("a", "b", "c"):
        conn.defineXML(domain_xml(name)).create()
    conn.lookupByName("b").suspend()
    pids = {name: host.pid(name) for name in ("a", "b", "c")}
    for _ in range(10):
        host.daemon.kill()
        host.daemon.start()
        assert sorted(d.name() for d in conn.listAllDomains()) == ["a", "b", "c"]
        states = {d.name(): d.state()[0] for d in conn.listAllDomains()}
        assert states == {"a": libvirt.VIR_DOMAIN_RUNNING, "b": libvirt.VIR_DOMAIN_PAUSED,
                          "c": libvirt.VIR_DOMAIN_RUNNING}
    assert {name: host.pid(name) for name in pids} == pids
    assert conn.isAlive() and watcher.isAlive()
    conn.lookupByName("c").destroy()
    events.wait_for(("c", libvirt.VIR_DOMAIN_EVENT_STOPPED, 1))
    for dom in conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
        dom.destroy()


def test_console_through_the_proxy(host, daemon_factory, libvirt):
    proxy = daemon_factory("virtproxyd")
    conn = libvirt.open(proxy.uri())
    host.connections.append(conn)
    dom = conn.createXML(booting_xml("far"), libvirt.VIR_DOMAIN_START_PAUSED)
    stream = conn.newStream(0)
    dom.openConsole(None, stream, 0)
    dom.resume()
    read_until(stream, b"GUEST-READY")
    dom.destroy()


def test_vnc_ports(host, libvirt):
    conn = host.open()
    display = "<graphics type='vnc' autoport='yes'/>"
    first = conn.createXML(domain_xml("v1", devices=display), 0)
    second = conn.createXML(domain_xml("v2", devices=display), 0)

    def port(dom):
        return dom.XMLDesc().split("<graphics type='vnc' port='")[1].split("'")[0]

    assert port(first) != port(second) and int(port(first)) >= 5900
    assert "listen='127.0.0.1'" in first.XMLDesc()
    freed = port(first)
    first.destroy()
    third = conn.createXML(domain_xml("v3", devices=display), 0)
    assert port(third) == freed
    for dom in conn.listAllDomains():
        dom.destroy()


def test_a_state_changed_behind_our_back(host, libvirt):
    import json
    import libvirt_qemu
    conn = host.open()
    events = Events(libvirt, conn)
    dom = conn.defineXML(domain_xml("moody"))
    dom.create()
    seen = []

    def monitor(conn, dom, event, seconds, micros, details, opaque):
        seen.append((event, details))

    libvirt_qemu.qemuMonitorEventRegister(conn, dom, "STOP", monitor, None)
    libvirt_qemu.qemuMonitorCommand(dom, json.dumps({"execute": "stop"}), 0)
    events.wait_for(("moody", libvirt.VIR_DOMAIN_EVENT_SUSPENDED, 0))
    assert dom.state() == [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_UNKNOWN]
    until(lambda: seen, "the monitor's event")
    libvirt_qemu.qemuMonitorCommand(dom, json.dumps({"execute": "cont"}), 0)
    events.wait_for(("moody", libvirt.VIR_DOMAIN_EVENT_RESUMED, 0))
    dom.destroy()
