# SPDX-License-Identifier: GPL-2.0-or-later
"""Our virsh beside the virsh of the system, on the driver that upstream's library has for tests.

Both programs run on the library of the system: the shared object has the same name as ours, so
that the linker can be told which one to take. What is compared is the program.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from terminal import Terminal

HERE = Path(__file__).parent
BUILD = Path(os.environ.get("VIR_BUILDDIR", HERE.parent.parent / "build"))
OURS = BUILD / "src" / "virsh" / "virsh"
THEIRS = shutil.which("virsh")
URI = "test:///default"

GUEST = """<domain type='test'>
  <name>guest2</name>
  <uuid>6695eb01-f6a4-8304-79aa-97f2502e1940</uuid>
  <memory>65536</memory>
  <vcpu>1</vcpu>
  <os><type>hvm</type></os>
</domain>
"""

NETWORK = """<network>
  <name>net2</name>
  <uuid>dd8fe884-6c02-601e-7551-cca97df1c5e0</uuid>
  <bridge name='virbr7'/>
</network>
"""

VOLUME = """<volume>
  <name>v1</name>
  <capacity unit='GiB'>1</capacity>
  <allocation unit='MiB'>3</allocation>
</volume>
"""

pytestmark = [
    pytest.mark.skipif(not OURS.exists(), reason=f"no {OURS}"),
    pytest.mark.skipif(THEIRS is None, reason="no virsh on this system"),
]


def system_library_dir():
    listing = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    found = re.search(r"libvirt\.so\.0 .*=> (\S+)/libvirt\.so\.0", listing)
    return found[1] if found else None


def environment(tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("VIRSH_", "LIBVIRT_"))}
    library = system_library_dir()
    if library is None:
        pytest.skip("no libvirt.so.0 on this system")
    env.update(LC_ALL="C.UTF-8", TERM="dumb", LD_LIBRARY_PATH=library, HOME=str(tmp_path),
               XDG_CACHE_HOME=str(tmp_path / "cache"), TZ="UTC")
    return env


def run(program, args, tmp_path, stdin=""):
    return subprocess.run([str(program)] + args, capture_output=True, text=True, input=stdin,
                          env=environment(tmp_path), cwd=tmp_path, timeout=60)


def cases():
    for line in (HERE / "virsh_cases.txt").read_text().splitlines():
        if line and not line.startswith("# "):
            fails = line.startswith("! ")
            yield pytest.param(line[2:] if fails else line, fails, id=line[:60])


# Counters of the test driver follow the clock, and versions are of the program.
VOLATILE = re.compile(
    r"(CPU time: +)[\d.]+|(Compiled against library: libvirt )[\d.]+|(last_update )\d+"
    r"|(Time: )\d+|((?:user|system|idle|iowait): +)\d+|((?:total|free|buffers|cached) *: +)\d+")


# What the distribution's library logs (of a host without a resolvable name, say): time and thread.
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+\+0000: \d+: ", re.M)


def stable(text):
    text = LOG_LINE.sub("", text)
    return VOLATILE.sub(lambda m: "".join(g or "" for g in m.groups()) + "N", text)


@pytest.mark.parametrize("line,fails", cases())
def test_same_as_peer(line, fails, tmp_path):
    for name, text in (("@GUEST@", GUEST), ("@NET@", NETWORK), ("@VOL@", VOLUME)):
        path = tmp_path / (name.strip("@") + ".xml")
        path.write_text(text)
        line = line.replace(name, str(path))
    ours = run(OURS, ["-c", URI, line], tmp_path)
    theirs = run(THEIRS, ["-c", URI, line], tmp_path)
    assert stable(ours.stdout) == stable(theirs.stdout)
    assert stable(ours.stderr) == stable(theirs.stderr)
    assert ours.returncode == theirs.returncode
    if fails:
        assert ours.returncode == 1


GLOBAL = [
    ["-q", "list"], ["-q", "echo", "a"], ["-q", "nodeinfo"], ["--quiet", "list", "--inactive"],
    ["--", "list"], ["--", "-q", "list"], ["-x"], ["--nosuch"], ["-c"], ["-d", "9", "list"],
    ["-d", "x", "list"], ["-k", "-5", "list"], ["-k", "5", "list"], ["-K", "x", "uri"],
    ["--keepalive-interval=foo", "uri"], ["--debug", "foo", "uri"], ["-d"], ["-e", "xx", "list"],
    ["-e", "^a", "uri"], ["--conn", URI, "uri"], ["-qc", URI, "uri"], ["--read", "uri"],
    ["-r", "destroy", "test"], ["-c", "nosuch:///x", "list"], ["-c", "nosuch:///x", "echo", "a"],
    ["-c", "qemu:///system?socket=/nonexistent", "list"], [""], ["list", ";", "list"],
    ["echo a", "b"], ["echo", "a;b"], ["echo", "a", "--shell"], ["echo a\\\nb"], ["echo a\necho b"],
    ["list", "-h"], ["attach-disk", "a"], ["domname", "1"], ["-r", "uri"],
]


@pytest.mark.parametrize("args", GLOBAL, ids=" ".join)
def test_global_options(args, tmp_path):
    ours = run(OURS, ["-c", URI] + args, tmp_path)
    theirs = run(THEIRS, ["-c", URI] + args, tmp_path)
    assert (ours.stdout, ours.stderr, ours.returncode) == (
        theirs.stdout, theirs.stderr, theirs.returncode)


def test_batch_from_stdin(tmp_path):
    script = "list\nnosuch\nlist --bad\necho a\n"
    ours = run(OURS, ["-q", "-c", URI], tmp_path, script)
    theirs = run(THEIRS, ["-q", "-c", URI], tmp_path, script)
    assert (ours.stdout, ours.stderr, ours.returncode) == (
        theirs.stdout, theirs.stderr, theirs.returncode)


@pytest.mark.parametrize("variable", ["VIRSH_DEFAULT_CONNECT_URI", "LIBVIRT_DEFAULT_URI"])
def test_default_uri(variable, tmp_path):
    env = environment(tmp_path)
    env[variable] = URI
    out = subprocess.run([str(OURS), "uri"], capture_output=True, text=True, env=env).stdout
    assert out == f"{URI}\n\n"


def test_timing(tmp_path):
    out = run(OURS, ["-c", URI, "-t", "uri"], tmp_path).stdout
    assert re.fullmatch(r"test:///default\n\n\(Time: [\d.]+ ms\)\n\n", out)


def test_every_synopsis(tmp_path):
    """The synopsis of each command is that of the peer, where it has the command."""
    table = [line.split("\t") for line in
             (HERE.parent.parent / "src/virsh/commands.tsv").read_text().splitlines()]
    commands = [cells[1] for cells in table if cells[0] == "command" and cells[2] != "-"]
    assert len(commands) > 270
    script = "".join(f"help {name}\n" for name in commands)

    def synopses(program):
        out = run(program, ["-q"], tmp_path, script).stdout
        return {name: line for line, name in re.findall(r"SYNOPSIS\n    ((\S+).*)\n", out)}

    ours, theirs = synopses(OURS), synopses(THEIRS)
    assert set(theirs) <= set(ours)

    def names(text):
        return set(re.findall(r"[<\[]-*([a-z0-9-]+)", text)) - {"string", "number"}

    wrong = {name for name, line in theirs.items() if not names(line) <= names(ours[name])}
    assert not wrong, {name: (ours[name], theirs[name]) for name in wrong}


def test_unbuilt_command_says_so(tmp_path):
    out = run(OURS, ["-c", URI, "migrate", "test", "qemu:///system"], tmp_path)
    assert out.returncode == 1
    assert out.stderr == "error: command 'migrate' is not built yet\n"


@pytest.fixture
def terminal(tmp_path):
    term = Terminal([str(OURS), "-c", URI], environment(tmp_path))
    term.until("virsh # ")
    return term


def test_interactive(terminal, tmp_path):
    terminal.send("list --al\t\n")
    assert "list --all" in terminal.until(" running")
    terminal.until("virsh # ")
    terminal.send("domsta\te test\n")
    terminal.until("\nrunning")
    terminal.until("virsh # ")
    terminal.send("dominfo t\t\n")
    terminal.until("Name:           test")
    terminal.until("virsh # ")
    terminal.send("cd /usr\n")
    terminal.until("virsh # ")
    terminal.send("pwd\n")
    terminal.until("\n/usr")
    terminal.until("virsh # ")
    terminal.send("connect --readonly\n")
    terminal.until("virsh > ")
    terminal.send("quit\n")
    assert terminal.end() == 0
    history = (tmp_path / "cache" / "virsh" / "history").read_text().splitlines()
    assert history[-1] == "quit" and "pwd" in history


def test_edit(tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/<title>.*//; s,</name>,</name><title>new one</title>,' $1\n")
    editor.chmod(0o755)
    env = environment(tmp_path)
    env["EDITOR"] = str(editor)
    out = subprocess.run([str(OURS), "-c", URI, "edit test; desc test --title --config"],
                         capture_output=True, text=True, env=env)
    assert "Domain 'test' XML configuration edited.\n" in out.stdout
    assert "new one" in out.stdout
    env["EDITOR"] = "true"
    out = subprocess.run([str(OURS), "-c", URI, "edit test"], capture_output=True, text=True,
                         env=env)
    assert out.stdout == "Domain 'test' XML configuration not changed.\n\n"
    assert out.returncode == 0
