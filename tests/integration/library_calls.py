# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls nearly every function of the Python binding once, on the test driver of a daemon.

library_calls.py SOCKET prints one line per call: what came back, or the error. Whichever library
the binding is loaded with, the lines are to be the same.
"""

import re
import sys

import libvirt
import libvirt_lxc
import libvirt_qemu

libvirt.registerErrorHandler(lambda context, error: None, None)
URI = f"test+unix:///default?socket={sys.argv[1]}"
DOMAIN = """<domain type='test'><name>second</name><memory>8192</memory><os><type>hvm</type></os>
</domain>"""
VOLUME = """<volume><name>{0}</name><capacity>1000</capacity>
<target><path>/default-pool/{0}</path></target></volume>"""
PORT = """<networkport><owner><uuid>{0}</uuid><name>test</name></owner>
<mac address='52:54:00:7b:35:93'/></networkport>"""


def shape(value):
    """A value without what differs from run to run: big numbers are times and counters."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return "big" if abs(value) > 1 << 24 else value
    if isinstance(value, str):
        return re.sub(r"\d{8,}", "big", value)
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, dict):
        return {shape(k): shape(v) for k, v in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [shape(v) for v in value]
    if isinstance(value, float):
        return "float"
    return type(value).__name__


def show(name, function, *args):
    try:
        print(name, shape(function(*args)))
    except libvirt.libvirtError as e:
        print(name, "fails", e.err and (e.err[0], e.err[3]))


def connection(c):
    for f in (c.getType, c.getVersion, c.getLibVersion, c.getHostname, c.getInfo, c.getURI,
              c.getCapabilities, c.isSecure, c.isEncrypted, c.isAlive, c.listDomainsID,
              c.numOfDomains, c.listDefinedDomains, c.numOfDefinedDomains, c.getCPUMap,
              c.getFreeMemory, c.getSecurityModel, c.getMemoryParameters, c.getSysinfo):
        show(f.__name__, f)
    show("getMaxVcpus", c.getMaxVcpus, None)
    show("listAllDomains", lambda: [d.name() for d in c.listAllDomains()])
    show("getCPUModelNames", lambda: len(c.getCPUModelNames("x86_64")) > 10)
    show("getCPUStats", c.getCPUStats, -1)
    show("getMemoryStats", c.getMemoryStats, -1)
    show("getCellsFreeMemory", c.getCellsFreeMemory, 0, 2)
    show("getFreePages", c.getFreePages, [4], 0, 1)
    show("allocPages", c.allocPages, {4: 1}, 0, 1)
    show("baselineCPU", c.baselineCPU, ["<cpu/>"], 0)
    show("compareCPU", c.compareCPU, "<cpu/>")
    show("getDomainCapabilities", c.getDomainCapabilities, None, None, None, None)
    show("getAllDomainStats", lambda: [(d.name(), s) for d, s in c.getAllDomainStats()])


def domain(c):
    d = c.lookupByName("test")
    for f in (d.UUIDString, d.ID, d.info, d.state, d.XMLDesc, d.OSType, d.maxMemory, d.maxVcpus,
              d.autostart, d.vcpus, d.isActive, d.isPersistent, d.isUpdated, d.suspend, d.state,
              d.resume, d.schedulerType, d.schedulerParameters, d.memoryParameters,
              d.numaParameters, d.blkioParameters, d.schedulerParametersFlags, d.memoryStats,
              d.controlInfo, d.jobInfo, d.jobStats, d.diskErrors, d.fsInfo, d.getTime, d.hostname,
              d.ioThreadInfo, d.guestInfo, d.perfEvents, d.guestVcpus, d.messages,
              d.vcpuPinInfo, d.emulatorPinInfo, d.vcpusFlags, d.hasManagedSaveImage,
              d.listAllCheckpoints, d.fsFreeze, d.fsThaw, d.metadata, d.securityLabel):
        show(f.__name__, f, *([0, None] if f == d.metadata else []))
    show("lookupByUUIDString", lambda: c.lookupByUUIDString(d.UUIDString()).name())
    show("lookupByUUID", lambda: c.lookupByUUID(d.UUID()).name())
    show("lookupByID", lambda: c.lookupByID(d.ID()).name())
    show("no such name", c.lookupByName, "nobody")
    show("no such id", c.lookupByID, 99)
    show("getCPUStats", d.getCPUStats, True)
    for f, args in ((d.setSchedulerParameters, [{"weight": 50}]), (d.interfaceParameters, ["x", 0]),
                    (d.blockStats, ["vda"]), (d.blockStatsFlags, ["vda"]), (d.blockInfo, ["vda"]),
                    (d.interfaceStats, ["testnet0"]), (d.interfaceAddresses, [0]),
                    (d.setMetadata, [1, "title", None, None]), (d.metadata, [1, None]),
                    (d.pinVcpu, [0, (True, False)]), (d.setVcpusFlags, [1, 1]),
                    (d.setMemory, [4096]), (d.sendKey, [0, 0, [1, 2], 2]), (d.setAutostart, [1]),
                    (d.blockJobInfo, ["vda"]), (d.blockCopy, ["vda", "<disk/>", {}]),
                    (c.domainListGetStats, [[d], 0]), (d.attachDevice, ["<x/>"]),
                    (d.setUserPassword, ["user", "secret"]), (d.blockPull, ["vda", 0])):
        show(f.__name__, f, *args)


def second_domain(c):
    d = c.defineXML(DOMAIN)
    show("defined", lambda: (d.name(), d.ID()))
    show("create", lambda: (d.create(), d.ID() > 0))
    show("shutdown", d.shutdown)
    show("createWithFlags", lambda: (d.createWithFlags(0), d.ID() > 0))
    show("rename running", d.rename, "other")
    show("destroy", d.destroy)
    show("rename", d.rename, "third")
    show("undefine", lambda: c.lookupByName("third").undefine())


def snapshots(c):
    d = c.lookupByName("test")
    s = d.snapshotCreateXML("<domainsnapshot><name>s1</name></domainsnapshot>")
    for f in (s.getName, s.isCurrent, s.hasMetadata, s.getXMLDesc, s.getParent, s.listAllChildren,
              s.numChildren, d.snapshotListNames, d.snapshotNum, d.hasCurrentSnapshot):
        show(f.__name__, f)
    show("current", lambda: d.snapshotCurrent().getName())
    show("lookup", lambda: d.snapshotLookupByName("s1").getName())
    show("list", lambda: [x.getName() for x in d.listAllSnapshots()])
    show("revert", d.revertToSnapshot, s)
    show("delete", s.delete)


def networks(c):
    n = c.networkLookupByName("default")
    for f in (c.listNetworks, c.numOfNetworks, c.listDefinedNetworks, n.XMLDesc, n.bridgeName,
              n.isActive, n.isPersistent, n.autostart, n.DHCPLeases, n.UUIDString):
        show(f.__name__, f)
    show("list", lambda: [x.name() for x in c.listAllNetworks()])
    show("by uuid", lambda: c.networkLookupByUUIDString(n.UUIDString()).name())
    show("update", n.update, 1, 1, -1, "<x/>")
    show("port", n.portCreateXML, PORT.format(c.lookupByName("test").UUIDString()))
    show("ports", n.listAllPorts)


def storage(c):
    p = c.storagePoolLookupByName("default-pool")
    for f in (p.info, p.XMLDesc, p.listVolumes, p.numOfVolumes, p.autostart, p.isActive,
              p.refresh):
        show(f.__name__, f)
    v = p.createXML(VOLUME.format("v1"))
    for f in (v.name, v.key, v.path, v.info, v.infoFlags, v.XMLDesc):
        show(f.__name__, f)
    show("pools", lambda: [x.name() for x in c.listAllStoragePools()])
    show("volumes", lambda: [x.name() for x in p.listAllVolumes()])
    show("by key", lambda: c.storageVolLookupByKey(v.key()).name())
    show("by path", lambda: c.storageVolLookupByPath(v.path()).name())
    show("by name", lambda: p.storageVolLookupByName("v1").name())
    show("pool of it", lambda: v.storagePoolLookupByVolume().name())
    show("clone", lambda: p.createXMLFrom(VOLUME.format("v2"), v).name())
    show("delete", v.delete)
    show("sources", c.findStoragePoolSources, "logical", None)


def others(c):
    i = c.interfaceLookupByName("eth1")
    dev = c.nodeDeviceLookupByName("computer")
    for f in (c.listInterfaces, c.numOfInterfaces, i.XMLDesc, i.MACString, i.isActive,
              c.changeBegin, c.changeRollback, dev.XMLDesc, dev.parent, dev.listCaps, dev.numOfCaps,
              c.listAllSecrets, c.listAllNWFilters):
        show(f.__name__, f)
    show("by mac", lambda: c.interfaceLookupByMACString(i.MACString()).name())
    show("devices", lambda: sorted(x.name() for x in c.listAllDevices()))
    show("numOfDevices", c.numOfDevices, None)
    show("listDevices", lambda: sorted(c.listDevices(None)))
    show("parent", lambda: c.nodeDeviceLookupByName("scsi_host11").parent())


def companions(c):
    d = c.lookupByName("test")
    show("monitor", libvirt_qemu.qemuMonitorCommand, d, "{}", 0)
    show("agent", libvirt_qemu.qemuAgentCommand, d, "{}", 1, 0)
    show("attach", libvirt_qemu.qemuAttach, c, 1, 0)
    show("namespace", libvirt_lxc.lxcOpenNamespace, d, 0)


def main():
    c = libvirt.open(URI)
    for part in (connection, domain, second_domain, snapshots, networks, storage, others,
                 companions):
        part(c)
    ro = libvirt.openReadOnly(URI)
    d = ro.lookupByName("test")
    show("read-only", d.info)
    show("read-only", lambda: d.suspend() and None)


main()
