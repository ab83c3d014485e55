# SPDX-License-Identifier: GPL-2.0-or-later
"""A client's session, as python3-libvirt sees it: prints the same on every library and daemon.

lib_session.py URI. What differs by nature (ids, UUIDs, times) is not printed.
"""

import sys
import threading
import time

import libvirt

DOMAIN = """<domain type='qemu'>
  <name>session</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type><bios useserial='yes'/></os>
  <devices><serial type='pty'/><console type='pty'/></devices>
</domain>"""


def loop():
    while True:
        libvirt.virEventRunDefaultImpl()


def wait_for(what, condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    print("never:", what)


def failure(func, *args):
    try:
        return f"no error, {func(*args)}"
    except libvirt.libvirtError as e:
        return f"{e.get_error_code()} {e.get_error_domain()} {e.get_error_level()} {e}"


def console(domain):
    """The first words of the firmware, through a stream that the event loop serves."""
    got = bytearray()

    def readable(stream, events, opaque):
        data = stream.recv(1024)
        if data != -2:
            got.extend(data)

    stream = domain.connect().newStream(libvirt.VIR_STREAM_NONBLOCK)
    domain.openConsole(None, stream, 0)
    stream.eventAddCallback(libvirt.VIR_STREAM_EVENT_READABLE, readable, None)
    domain.resume()
    wait_for("SeaBIOS on the console", lambda: b"SeaBIOS" in got)
    stream.eventRemoveCallback()
    stream.abort()
    print("console:", b"SeaBIOS" in got)


def domain_session(conn):
    events = []
    reboots = []
    conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT,
                                lambda *args: reboots.append(args), None)
    ident = conn.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
        lambda c, d, event, detail, data: events.append((d.name(), event, detail, data)), "data")
    domain = conn.defineXML(DOMAIN)
    print([d.name() for d in conn.listAllDomains()], domain.ID(), domain.state(), domain.info()[:4])
    print(domain.isActive(), domain.isPersistent(), domain.autostart(), domain.OSType(),
          domain.maxMemory(), domain.vcpusFlags(libvirt.VIR_DOMAIN_AFFECT_CONFIG))
    print("<name>session</name>" in domain.XMLDesc(), domain.UUIDString() in domain.XMLDesc())
    print(conn.lookupByUUIDString(domain.UUIDString()).name(),
          conn.lookupByUUID(domain.UUID()).name(), conn.listDefinedDomains())
    domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
    print(domain.ID() > 0, domain.state(), conn.numOfDomains(),
          conn.lookupByID(domain.ID()).name(), domain.hasManagedSaveImage())
    console(domain)
    print(domain.state(), [v[1] for v in domain.vcpus()[0]], sorted(domain.jobStats()))
    (record,) = conn.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE)
    print(record[0].name(), record[1])
    (record,) = conn.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_BALLOON)
    print(record[0].name(), "balloon.current" in record[1])
    domain.suspend()
    print(domain.state())
    print(failure(domain.suspend) and "suspended twice")
    domain.destroy()
    print(domain.ID(), domain.state())
    domain.undefine()
    wait_for("the last event", lambda: events and events[-1][1] == libvirt.VIR_DOMAIN_EVENT_UNDEFINED)
    # The distribution's daemon destroys with SIGTERM first, and QEMU tells of that signal.
    seen = [e for e in events if e[1] != libvirt.VIR_DOMAIN_EVENT_SHUTDOWN]
    print(*seen, sep="\n")
    conn.domainEventDeregisterAny(ident)
    print(failure(conn.lookupByName, "session"))
    print(failure(conn.defineXML, "<domain").split()[0])
    print(failure(domain.create)[:6])


def main(uri):
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=loop, daemon=True).start()
    conn = libvirt.open(uri)
    print(conn.getType(), conn.getURI() == uri, conn.isAlive(), conn.isSecure(),
          conn.isEncrypted(), conn.setKeepAlive(5, 3))
    print(conn.getVersion() > 0, conn.getLibVersion() > 0, len(conn.getInfo()),
          "<capabilities>" in conn.getCapabilities(), conn.getMaxVcpus("qemu") > 0)
    print(failure(conn.lookupByUUIDString, "not-a-uuid"))
    print(failure(conn.lookupByName, "none"))
    domain_session(conn)
    many = [threading.Thread(target=lambda: [conn.getLibVersion() for _ in range(200)])
            for _ in range(4)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()
    conn.close()


if __name__ == "__main__":
    main(sys.argv[1])
