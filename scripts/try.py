#!/usr/bin/python3
"""try.py BUILD: the main job with the daemons of BUILD, in a private root, by Debian's virsh."""
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import time

# An ordinary user's daemons are session daemons: these put their folders at the same places of the root.
SESSION = os.geteuid() != 0
ENV = {**os.environ, "XDG_RUNTIME_DIR": "/run", "XDG_CONFIG_HOME": "/etc", "XDG_CACHE_HOME": "/var/cache"}

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests/integration"))
import guest  # noqa: E402

DOMAIN = """<domain type='qemu'>
  <name>first</name>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{kernel}</kernel>
    <initrd>{initrd}</initrd>
    <cmdline>console=ttyS0</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <serial type='pty'/>
    <console type='pty'/>
  </devices>
</domain>
"""


def say(text):
    print("\n\033[1m==> %s\033[0m" % text, flush=True)


def virsh(uri, *args, check=True):
    print("$ virsh", " ".join(args), flush=True)
    return subprocess.run(["virsh", "-q", "-c", uri, *args], check=check, timeout=60)


def console(uri, name, wanted, seconds):
    """Shows the guest's console until @wanted is seen; leaves it with the escape character."""
    print("$ virsh console", name, flush=True)
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp("virsh", ["virsh", "-c", uri, "console", name])
    seen, end, left = b"", time.monotonic() + seconds, False
    while time.monotonic() < end:
        if not select.select([fd], [], [], 0.5)[0]:
            continue
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        seen += data
        if wanted in seen and not left:
            os.write(fd, b"\x1d")
            left = True
    os.close(fd)
    os.waitpid(pid, 0)
    return wanted in seen


def start(build, name, root):
    """A daemon in the private root; back once its sockets accept."""
    say("%s --root %s" % (name, root))
    log = open(root / (name + ".out"), "wb")
    child = subprocess.Popen([build / "src" / name / name, "--root", root], stdin=subprocess.DEVNULL,
                             stdout=log, stderr=log, env=ENV if SESSION else None)
    sock = root / "run/libvirt" / ("libvirt-sock" if name == "virtproxyd" else name + "-sock")
    for _ in range(200):
        if sock.exists():
            return child
        if child.poll() is not None:
            sys.exit("%s ended at once: %s" % (name, (root / (name + ".out")).read_text()))
        time.sleep(0.05)
    sys.exit("%s does not answer" % name)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    say("making the guest: Debian's kernel and a busybox initrd")
    kernel, initrd = guest.build()
    with tempfile.TemporaryDirectory(prefix="libvirt-try-") as folder:
        root = pathlib.Path(folder)
        daemons = []
        ok = False
        try:
            daemons.append(start(build, "virtqemud", root))
            daemons.append(start(build, "virtproxyd", root))
            uri = "qemu:///%s?socket=%s/run/libvirt/libvirt-sock" % (
                "session" if SESSION else "system", root)
            xml = root / "first.xml"
            xml.write_text(DOMAIN.format(kernel=kernel, initrd=initrd))
            say("a guest through virtproxyd, by %s" % subprocess.run(
                ["virsh", "--version"], stdout=subprocess.PIPE, text=True).stdout.strip())
            virsh(uri, "version")
            virsh(uri, "define", str(xml))
            virsh(uri, "start", "first")
            virsh(uri, "list", "--all")
            ok = console(uri, "first", b"GUEST-READY", 90)
            print(flush=True)
            virsh(uri, "dominfo", "first")
            virsh(uri, "destroy", "first")
            virsh(uri, "undefine", "first")
        finally:
            if daemons and daemons[0].poll() is None:
                virsh(uri, "destroy", "first", check=False) if not ok else None
            for daemon in reversed(daemons):
                daemon.terminate()
                daemon.wait()
    say("the guest booted and its console was seen" if ok else "FAILED: no GUEST-READY was seen")
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
