# SPDX-License-Identifier: GPL-2.0-or-later
"""Upstream's libvirtd in a mount namespace of its own, with private directories and users."""

import grp
import pwd
from pathlib import Path

STATE_DIRS = ["/etc/libvirt", "/run/libvirt", "/var/lib/libvirt", "/var/log/libvirt",
              "/var/cache/libvirt"]
QEMU_CONF = """user = "root"
group = "root"
stdio_handler = "file"
security_driver = "none"
remember_owner = 0
namespaces = []
cgroup_controllers = []
"""
# It must know them, whatever its configuration says; a package that is not needed here adds them.
ACCOUNTS = [("/etc/passwd", pwd.getpwnam, "libvirt-qemu", "64055:64055::/nonexistent:/bin/false"),
            ("/etc/group", grp.getgrnam, "libvirt-qemu", "64055:")]


def accounts(root):
    """Pairs of a file below @root and the one that it stands for, where an account is missing."""
    for path, look_up, name, rest in ACCOUNTS:
        try:
            look_up(name)
        except KeyError:
            copy = root / Path(path).name
            copy.write_text(f"{Path(path).read_text()}{name}:x:{rest}\n")
            yield copy, path


def command(root, program="libvirtd", conf=""):
    """(arguments, socket) of a daemon below the folder @root, which ends with 77 where it cannot
    mount; @conf is added to its libvirtd.conf."""
    for path in STATE_DIRS:
        (root / "state" / path.strip("/")).mkdir(parents=True)
    (root / "state/etc/libvirt/qemu.conf").write_text(QEMU_CONF)
    (root / "sock").mkdir()
    (root / "libvirtd.conf").write_text(
        f'unix_sock_dir = "{root}/sock"\nauth_unix_rw = "none"\nauth_unix_ro = "none"\n{conf}')
    binds = [(f"{root}/state{path}", path) for path in STATE_DIRS] + list(accounts(root))
    script = "".join(f"mkdir -p {path}; " for path in STATE_DIRS)
    script += "".join(f"mount --bind {ours} {path} || exit 77; " for ours, path in binds)
    script += f"exec {program} --config {root}/libvirtd.conf --pid-file {root}/pid"
    return ["unshare", "-m", "sh", "-c", script], root / "sock/libvirt-sock"
