# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's own virt-install makes a guest; of disks it needs to know from a storage driver."""

import os
import xml.etree.ElementTree as ET

import pytest

import guest
from conftest import host_program, run


@pytest.mark.parametrize("through", ["virtqemud", "virtproxyd"])
def test_virt_install(daemon_factory, through, tmp_path):
    virt_install, virsh = host_program("virt-install"), host_program("virsh")
    qemud = daemon_factory("virtqemud", start=False)
    first = qemud.take_displays()
    qemud.start()
    uri = (qemud if through == "virtqemud" else daemon_factory(through)).uri()
    kernel, initrd = guest.build()
    env = {**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    said = run([virt_install, "--connect", uri, "--name", "made", "--memory", "200", "--vcpus", "2",
                "--virt-type", "qemu", "--osinfo", "generic", "--disk", "none", "--network", "user",
                "--graphics", "vnc", "--noautoconsole", "--import", "--boot",
                f"kernel={kernel},initrd={initrd},kernel_args=console=ttyS0"], env=env).stdout
    assert "Domain creation completed." in said
    assert run([virsh, "-c", uri, "domstate", "made"]).stdout.strip() == "running"
    live = ET.fromstring(run([virsh, "-c", uri, "dumpxml", "made"]).stdout)
    assert live.find("devices/graphics[@type='vnc']").get("port") == str(first)
    assert "/dev/pts/" in live.find("devices/console/source").get("path")
    assert live.find("vcpu").text == "2"
    run([virsh, "-c", uri, "destroy", "made"])
    assert "made" in run([virsh, "-c", uri, "undefine", "made"]).stdout
