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
echo GUEST-READY
while :; do setsid cttyhack sh; done
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


def _module_order(root):
    """(name, path) of MODULES and what they need, each after its needs."""
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

    for name in MODULES:
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


def _initrd(modules):
    busybox = next(p for p in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(p))
    with open(busybox, "rb") as f:
        entries = [("bin/busybox", stat.S_IFREG | 0o755, f.read(), (0, 0))]
    dirs = ["bin", "dev", "proc", "sys", "tmp", "modules"]
    entries = [(d, stat.S_IFDIR | 0o755, b"", (0, 0)) for d in dirs] + entries
    entries.append(("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)))
    order = _module_order(modules)
    for name, data in order:
        entries.append(("modules/" + name, stat.S_IFREG | 0o644, data, (0, 0)))
    names = "\n".join(name for name, _ in order) + "\n"
    entries.append(("modules/order", stat.S_IFREG | 0o644, names.encode(), (0, 0)))
    entries.append(("init", stat.S_IFREG | 0o755, INIT, (0, 0)))
    return _cpio(entries)


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("VIR_GUEST_CACHE") or os.path.join(base, "libvirt-test-guest")


def build(cache=None):
    """Makes the guest where it is not there yet; returns (kernel, initrd)."""
    cache = cache or cache_dir()
    os.makedirs(cache, exist_ok=True)
    vmlinuz, modules = _find_kernel(cache)
    data = _initrd(modules)
    kernel, initrd = os.path.join(cache, "vmlinuz"), os.path.join(cache, "initrd")
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
