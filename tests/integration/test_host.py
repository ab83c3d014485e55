# SPDX-License-Identifier: GPL-2.0-or-later
"""What virtqemud says of the host and of its emulators, through python3-libvirt."""

import os
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
