# SPDX-License-Identifier: GPL-2.0-or-later
"""What virtqemud says of the host and of its emulators, through python3-libvirt."""

import json
import os
import shlex
import xml.etree.ElementTree as ET

import pytest

from conftest import host_program


@pytest.fixture
def conn(daemon_factory, libvirt):
    connection = libvirt.open(daemon_factory("virtqemud").uri())
    yield connection
    connection.close()


def test_node_facts(conn, libvirt):
    info = conn.getInfo()
    assert info[0] == os.uname().machine
    assert info[2] == len(os.sched_getaffinity(0)) or info[2] == os.cpu_count()
    assert info[4] * info[5] * info[6] * info[7] >= info[2]
    stats = conn.getCPUStats(libvirt.VIR_NODE_CPU_STATS_ALL_CPUS)
    assert set(stats) == {"kernel", "user", "idle", "iowait"}
    with pytest.raises(libvirt.libvirtError) as caught:
        conn.getCPUStats(100000)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG
    memory = conn.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS)
    assert memory["free"] <= memory["total"]
    present, online, count = conn.getCPUMap()
    assert present == len(online) and count == sum(online) == info[2]
    assert conn.getFreeMemory() > 0
    assert len(conn.getCellsFreeMemory(0, info[4])) == info[4]
    page = os.sysconf("SC_PAGESIZE") // 1024
    assert conn.getFreePages([page], 0, 1)[0][page] > 0
    with pytest.raises(libvirt.libvirtError):
        conn.getFreePages([3], 0, 1)


def test_cpu_models(conn, libvirt):
    names = conn.getCPUModelNames("x86_64")
    assert "Haswell-noTSX" in names and "EPYC" in names
    assert "POWER9" in conn.getCPUModelNames("ppc64le")
    assert conn.getCPUModelNames("riscv64") == []
    with pytest.raises(libvirt.libvirtError) as caught:
        conn.getCPUModelNames("nothing")
    assert caught.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG
    if os.uname().machine == "x86_64":
        cpu = ET.fromstring(conn.getCapabilities()).find("host/cpu")
        assert cpu.findtext("model") in names


def test_capabilities(conn, libvirt):
    emulator = host_program("qemu-system-x86_64")
    root = ET.fromstring(conn.getCapabilities())
    arch = root.find("guest/arch[@name='x86_64']")
    assert arch.findtext("emulator") == emulator
    # Beneath a private root there is no /dev/kvm.
    assert [domain.get("type") for domain in arch.findall("domain")] == ["qemu"]
    machines = {machine.text: machine for machine in arch.findall("machine")}
    assert machines["q35"].get("canonical") in machines
    root = ET.fromstring(conn.getDomainCapabilities(None, "x86_64", "q35", "qemu"))
    assert root.findtext("machine") == machines["q35"].get("canonical")
    assert "virtio" in [value.text for value in root.findall("devices/disk/enum[@name='bus']/value")]
    with pytest.raises(libvirt.libvirtError) as caught:
        conn.getDomainCapabilities(None, "x86_64", "q35", "kvm")
    assert caught.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG


def test_compare_cpu(conn, libvirt):
    host = ET.fromstring(conn.getCapabilities()).find("host/cpu")
    if os.uname().machine != "x86_64" or host.findtext("model") is None:
        pytest.skip("no model of this host's processor")
    # What the host is, it can run; an old model is less than that.
    text = ET.tostring(host, encoding="unicode")
    assert conn.compareCPU(text) == libvirt.VIR_CPU_COMPARE_IDENTICAL
    old = "<cpu><arch>x86_64</arch><model>pentium2</model></cpu>"
    assert conn.compareCPU(old) == libvirt.VIR_CPU_COMPARE_SUPERSET
    odd = "<cpu><arch>x86_64</arch><model>pentium2</model><feature name='tbm'/></cpu>"
    if host.find("feature[@name='tbm']") is None:
        assert conn.compareCPU(odd) == libvirt.VIR_CPU_COMPARE_INCOMPATIBLE
        with pytest.raises(libvirt.libvirtError) as caught:
            conn.compareCPU(odd, libvirt.VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE)
        assert caught.value.get_error_code() == libvirt.VIR_ERR_CPU_INCOMPATIBLE
        assert "tbm" in str(caught.value)
    old = "<cpu><arch>x86_64</arch><model>kvm32</model></cpu>"
    assert conn.compareHypervisorCPU(None, "x86_64", "q35", "qemu", old) in (
        libvirt.VIR_CPU_COMPARE_SUPERSET, libvirt.VIR_CPU_COMPARE_IDENTICAL)


def test_baseline_cpu(conn, libvirt):
    cpus = ["<cpu><arch>x86_64</arch><model>%s</model></cpu>" % model
            for model in ("Haswell", "Broadwell")]
    cpu = ET.fromstring(conn.baselineCPU(cpus))
    assert cpu.findtext("model") == "Haswell"
    cpu = ET.fromstring(conn.baselineCPU(cpus, libvirt.VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES))
    assert cpu.find("feature[@name='avx2']") is not None
    cpu = ET.fromstring(conn.baselineHypervisorCPU(None, "x86_64", "q35", "qemu", cpus))
    assert cpu.findtext("model") is not None
    with pytest.raises(libvirt.libvirtError):
        conn.baselineCPU(["<cpu/>"])


def test_asked_cpu(conn, libvirt):
    """Processors of s390x: QEMU itself compares and combines them."""
    kind = (host_program("qemu-system-s390x"), "s390x", None, "qemu")

    def cpu(model, *features):
        return "<cpu><model>%s</model>%s</cpu>" % (model, "".join(
            "<feature policy='%s' name='%s'/>" % (policy, name) for policy, name in features))

    def names(*args):
        found = ET.fromstring(conn.baselineHypervisorCPU(*kind, *args))
        assert found.attrib == {}
        assert all(feature.get("policy") is None for feature in found.findall("feature"))
        return found.findtext("model"), [feature.get("name") for feature in found.findall("feature")]

    # TCG's widest processor lacks some of the models from z9EC on.
    for model, result in (("qemu", libvirt.VIR_CPU_COMPARE_IDENTICAL),
                          ("z900", libvirt.VIR_CPU_COMPARE_SUPERSET),
                          ("z13-base", libvirt.VIR_CPU_COMPARE_INCOMPATIBLE)):
        assert conn.compareHypervisorCPU(*kind, cpu(model)) == result
    with pytest.raises(libvirt.libvirtError) as caught:
        conn.compareHypervisorCPU(*kind, cpu("z13-base"),
                                  libvirt.VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_CPU_INCOMPATIBLE
    assert "klmd-sha-1" in str(caught.value)

    assert names([cpu("z13-base", ("require", "vx"))]) == ("z13-base", ["vx"])
    assert names([cpu("z14-base"), cpu("z13-base", ("disable", "vx"))]) == ("z13-base", [])
    model, features = names([cpu("z14"), cpu("z13"), cpu("z14-base", ("require", "vx"))],
                            libvirt.VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES)
    assert model == "z13-base" and "zarch" in features and features == sorted(features)

    for call, code, words in (
            (lambda: conn.compareHypervisorCPU(*kind, cpu("z13", ("require", "nothing"))),
             libvirt.VIR_ERR_OPERATION_FAILED, "nothing"),
            (lambda: conn.compareHypervisorCPU(*kind, "<cpu mode='host-model'/>"),
             libvirt.VIR_ERR_INVALID_ARG, "model"),
            (lambda: names([cpu("z13", ("require", "nothing"))]),
             libvirt.VIR_ERR_OPERATION_FAILED, "nothing"),
            (lambda: names([cpu("z13"), cpu("z0")]), libvirt.VIR_ERR_INVALID_ARG, "z0"),
            (lambda: names(["<cpu mode='host-passthrough'/>"]), libvirt.VIR_ERR_INVALID_ARG, "CPU 1"),
    ):
        with pytest.raises(libvirt.libvirtError) as caught:
            call()
        assert caught.value.get_error_code() == code
        assert words in str(caught.value)


def test_domain_capabilities(conn):
    root = ET.fromstring(conn.getDomainCapabilities(None, "x86_64", "pc", "qemu"))
    modes = {mode.get("name"): mode for mode in root.findall("cpu/mode")}
    assert modes["host-passthrough"].get("supported") == "no"
    assert modes["maximum"].get("supported") == "yes"
    models = {model.text: model for model in modes["custom"].findall("model")}
    assert models["qemu64"].get("canonical") == "qemu64-v1"
    blocked = {entry.get("model") for entry in modes["custom"].findall("blockers")}
    assert blocked == {name for name, model in models.items() if model.get("usable") == "no"}
    assert "ide" in [value.text for value in root.findall("devices/disk/enum[@name='bus']/value")]


NATIVE = """<domain type='qemu'><name>shown</name><memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/><source file='/no/such.img'/><target dev='vda' bus='virtio'/>
    </disk>
    <interface type='bridge'><mac address='52:54:00:11:22:33'/><source bridge='no-such'/>
      <model type='virtio'/><driver queues='2'/></interface>
    <interface type='network'><source network='no-such'/></interface>
    <interface type='user'><backend type='passt'/></interface>
    <serial type='file'><source path='/no/such/file' append='on'/><log file='/no/such/log'/></serial>
    <channel type='unix'><target type='virtio' name='org.example.0'/></channel>
    <graphics type='vnc' autoport='yes'/>
    <vsock model='virtio'><cid auto='yes'/></vsock>
  </devices></domain>"""


def test_native_command_line(daemon_factory, libvirt):
    """virConnectDomainXMLToNative: nothing of the host is touched, and the shell can read it."""
    daemon = daemon_factory("virtqemud")
    conn = libvirt.open(daemon.uri())
    before = sorted(os.walk(daemon.root / "var/lib"))
    text = conn.domainXMLToNative("qemu-argv", NATIVE, 0)
    words = shlex.split(text)
    argv = words[words.index(host_program("qemu-system-x86_64")):]
    assert "\n" not in text
    assert words[0] == "LC_ALL=C"
    given = list(zip(argv, argv[1:]))
    assert ("-name", "guest=shown,debug-threads=on") in given
    lib = f"{daemon.root}/var/lib/libvirt/qemu/domain--1-shown"
    assert ("-chardev", f"socket,id=charmonitor,path={lib}/monitor.sock,server=on,wait=off") in given
    assert ("-chardev", "file,id=charserial0,path=/no/such/file,append=on,logfile=/no/such/log") in given
    assert any(a == "-chardev" and b.startswith("socket,id=charchannel0,path=") and
               b.endswith("/org.example.0,server=on,wait=off") for a, b in given)
    taps = [json.loads(b) for a, b in given if a == "-netdev"]
    assert [tap["type"] for tap in taps] == ["tap", "tap", "stream"]
    assert len(taps[0]["fds"].split(":")) == 2
    assert "/no/such.img" in text and "vhost-vsock-pci" in text
    assert sorted(os.walk(daemon.root / "var/lib")) == before
    for kind, document, code in (("vmx", NATIVE, libvirt.VIR_ERR_INVALID_ARG),
                                 ("qemu-argv", "<domain/>", libvirt.VIR_ERR_XML_ERROR)):
        with pytest.raises(libvirt.libvirtError) as caught:
            conn.domainXMLToNative(kind, document, 0)
        assert caught.value.get_error_code() == code
    conn.close()
