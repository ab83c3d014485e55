#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guest of the integration tests: Debian's cloud kernel and an initrd of busybox.

It boots under TCG within seconds, prints GUEST-READY on ttyS0, gives a shell there, and powers
off on the ACPI button. `guest.py DIR` makes it in DIR and prints the two paths.
"""

import glob
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

MODULES = ["button", "evdev", "virtio_pci", "virtio_blk", "virtio_net", "virtio_console",
           "virtio_balloon", "virtio_scsi", "sd_mod", "sr_mod", "ata_piix", "pvpanic-pci"]

# For a guest that tells of all its devices.
DEVICE_MODULES = ["nfit", "nd_pmem", "virtio_pmem", "virtio_mem", "virtio_rng", "virtio_input",
                  "virtio_crypto", "qemu_fw_cfg", "vmxnet3"]

INIT = b"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ PS1='guest# '
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for m in $(cat /modules/order); do insmod /modules/$m; done
for e in /dev/input/event*; do
    exec 3<$e
    (head -c 24 <&3 >/dev/null && echo GUEST-BUTTON >/dev/ttyS0 && poweroff -f) &
    exec 3<&-
done
[ -e /report ] && sh /report
echo GUEST-READY
while :; do setsid cttyhack sh; done
"""

# A line for each thing: of what kind it is, then its facts.
REPORT = rb"""
exec 2>/dev/null
stty -F /dev/ttyS0 -opost
say() { echo "$*" | tr -s ' ' | tr -d '\000\r'; }
number() { ls $1 | wc -l; }
echo REPORT-BEGIN
for d in /sys/bus/pci/devices/*; do
    say "pci $(readlink -f $d) $(cut -c3- $d/vendor):$(cut -c3- $d/device)"
done
for d in /sys/block/*; do
    say "block ${d##*/} $(cat $d/size) ro=$(cat $d/ro) queues=$(number $d/mq)" \
        "physical=$(cat $d/queue/physical_block_size) serial=$(cat $d/serial)"
done
for d in /sys/bus/scsi/devices/*:*:*:*; do
    say "scsi ${d##*/} $(cat $d/vendor) $(cat $d/model) $(cat $d/wwid)"
done
for d in /sys/class/net/*; do
    ip link set ${d##*/} up
    say "net $(cat $d/address) mtu=$(cat $d/mtu) queues=$(ls -d $d/queues/rx-* | wc -l)"
done
sed -n 's/^N: Name="\(.*\)"/input \1/p' /proc/bus/input/devices
sed -n 's/^\([0-9]*\): uart:\([^u]\S*\).*/uart \1 \2/p' /proc/tty/driver/serial
for d in /sys/class/virtio-ports/*; do say "port ${d##*/} $(cat $d/name)"; done
for f in /sys/class/dmi/id/*; do [ -f $f ] && say "dmi ${f##*/} $(cat $f)"; done
say "oem $(tail -c +6 /sys/firmware/dmi/entries/11-0/raw | tr '\000' '|')"
for f in /sys/firmware/acpi/tables/*; do [ -f $f ] && say "acpi ${f##*/}"; done
for d in /sys/bus/acpi/devices/*; do [ -f $d/hid ] && say "hid $(cat $d/hid)"; done
for d in /sys/devices/system/node/node*; do
    say "node ${d##*node} cpus=$(cat $d/cpulist) distance=$(tr ' ' , <$d/distance)" \
        "latency=$(cat $d/access0/initiators/read_latency)"
done
for d in /sys/bus/nd/devices/namespace*; do say "nd ${d##*/} $(cat $d/size)"; done
for d in /sys/bus/virtio/devices/*; do
    driver=$(readlink $d/driver)
    say "virtio $(cat $d/device) ${driver##*/}"
done
say "rng $(cat /sys/class/misc/hw_random/rng_available)"
for d in /sys/class/rtc/*; do say "rtc $(cat $d/name)"; done
say "iommu $(ls /sys/class/iommu | tr '\n' ' ')"
say "groups $(number /sys/kernel/iommu_groups)"
say "firmware $([ -d /sys/firmware/efi ] && echo efi || echo bios)"
say "clocksource $(cat /sys/devices/system/clocksource/clocksource0/available_clocksource)"
say "cpus $(cat /sys/devices/system/cpu/online)"
say "model $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2)"
for d in /sys/firmware/qemu_fw_cfg/by_name/opt/com.example/*; do
    say "fwcfg ${d##*/} $(cat $d/raw)"
done
for d in /sys/class/virtio-ports/*; do
    [ "$(cat $d/name)" = org.example.file ] && echo through the channel >/dev/${d##*/}
done
echo through the console >/dev/hvc0
echo through the port >/dev/ttyS1
say "vdb $(dd if=/dev/vdb bs=8 count=1)"
echo REPORT-END
"""


def _cpio(entries):
    """A `newc` archive; entries are (name, mode, data, (major, minor))."""
    out = bytearray()
    for ino, (name, mode, data, dev) in enumerate(entries + [("TRAILER!!!", 0, b"", (0, 0))], 1):
        raw = name.encode() + b"\0"
        head = [ino, mode, 0, 0, 1, 0, len(data), 0, 0, dev[0], dev[1], len(raw), 0]
        out += b"070701" + b"".join(b"%08X" % v for v in head) + raw
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def _module_order(root, modules):
    """(name, contents) of the modules and what they need, each after its needs."""
    have = {}
    for path in glob.glob(os.path.join(root, "kernel", "**", "*.ko*"), recursive=True):
        have[os.path.basename(path).split(".ko")[0].replace("-", "_")] = path
    order, seen = [], set()

    def add(name):
        name = name.replace("-", "_")
        if name in seen or name not in have:
            return
        seen.add(name)
        data = _module_data(have[name])
        needs = re.search(rb"\0depends=([^\0]*)", data)
        for need in filter(None, needs.group(1).decode().split(",") if needs else []):
            add(need)
        order.append((name + ".ko", data))

    for name in modules:
        add(name)
    return order


def _module_data(path):
    if path.endswith(".xz"):
        return subprocess.run(["xz", "-dc", path], check=True, stdout=subprocess.PIPE).stdout
    with open(path, "rb") as f:
        return f.read()


def _find_kernel(cache):
    """(vmlinuz, modules folder): of this machine, of the cache, or of Debian's package."""
    for boot, lib in (("/boot", "/lib/modules"), (cache + "/k/boot", cache + "/k/lib/modules")):
        for vmlinuz in sorted(glob.glob(boot + "/vmlinuz-*cloud*"), reverse=True):
            modules = os.path.join(lib, os.path.basename(vmlinuz)[len("vmlinuz-"):])
            if os.access(vmlinuz, os.R_OK) and os.path.isdir(modules):
                return vmlinuz, modules
    show = subprocess.run(["apt-cache", "show", "--no-all-versions", "linux-image-cloud-amd64"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    package = re.search(r"linux-image-[0-9][^ ,]*-cloud-amd64", show).group(0)
    with tempfile.TemporaryDirectory(dir=cache) as tmp:
        subprocess.run(["apt-get", "download", package], cwd=tmp, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deb, = glob.glob(tmp + "/*.deb")
        subprocess.run(["dpkg", "-x", deb, tmp + "/k"], check=True)
        shutil.rmtree(cache + "/k", ignore_errors=True)
        os.rename(tmp + "/k", cache + "/k")
    return _find_kernel(cache)


def _initrd(modules, devices):
    busybox = next(p for p in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(p))
    with open(busybox, "rb") as f:
        entries = [("bin/busybox", stat.S_IFREG | 0o755, f.read(), (0, 0))]
    dirs = ["bin", "dev", "proc", "sys", "tmp", "modules"]
    entries = [(d, stat.S_IFDIR | 0o755, b"", (0, 0)) for d in dirs] + entries
    entries.append(("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)))
    order = _module_order(modules, MODULES + (DEVICE_MODULES if devices else []))
    for name, data in order:
        entries.append(("modules/" + name, stat.S_IFREG | 0o644, data, (0, 0)))
    names = "\n".join(name for name, _ in order) + "\n"
    entries.append(("modules/order", stat.S_IFREG | 0o644, names.encode(), (0, 0)))
    if devices:
        entries.append(("report", stat.S_IFREG | 0o755, REPORT, (0, 0)))
    entries.append(("init", stat.S_IFREG | 0o755, INIT, (0, 0)))
    return _cpio(entries)


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("VIR_GUEST_CACHE") or os.path.join(base, "libvirt-test-guest")


def build(cache=None, devices=False):
    """Makes the guest where it is not there yet; returns (kernel, initrd).

    devices: one with more drivers, which tells of its devices between REPORT-BEGIN and REPORT-END.
    """
    cache = cache or cache_dir()
    os.makedirs(cache, exist_ok=True)
    vmlinuz, modules = _find_kernel(cache)
    data = _initrd(modules, devices)
    kernel = os.path.join(cache, "vmlinuz")
    initrd = os.path.join(cache, "initrd-devices" if devices else "initrd")
    for path, content in ((kernel, None), (initrd, data)):
        temp = "%s.%d" % (path, os.getpid())
        if content is None:
            shutil.copyfile(vmlinuz, temp)
        else:
            with open(temp, "wb") as f:
                f.write(content)
        os.chmod(temp, 0o644)
        os.rename(temp, path)
    return kernel, initrd


if __name__ == "__main__":
    print("\n".join(build(sys.argv[1] if len(sys.argv) > 1 else None)))
