# SPDX-License-Identifier: GPL-2.0-or-later
"""Random domain documents, of what the schema says that there can be."""

import random
import sys
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

SOURCE = Path(__file__).resolve().parents[2]
SCHEMAS = SOURCE / "src/common/schema"
sys.path.insert(0, str(SOURCE / "src/common/gen"))
import schema_model  # noqa: E402 (no package)

MACHINES = [("x86_64", "q35"), ("x86_64", "pc"), ("aarch64", "virt"), ("ppc64", "pseries"),
            ("s390x", "s390-ccw-virtio"), ("riscv64", "virt")]
NUMBERS = [0, 1, 1, 2, 2, 3, 4, 8, 16, 64, 512, 1024]
# By type, or for free text by name: what means something
WORDS = {
    "yesno": ["yes", "no"], "onoff": ["on", "off"], "ip": ["192.0.2.1", "2001:db8::1"],
    "codec": ["ua-1", "ua-2", "ua-3"], "uuid": ["c6faf2ac-7a71-4d5c-ab8f-3f0cbb4c2d4a"],
    "cpuset": ["0", "0-1", "1"], "mac": ["52:54:00:00:00:01", "52:54:00:00:00:02"],
    "dev": ["vda", "vdb", "sda", "hda", "hdc", "fda", "tap0"], "file": ["/tmp/a", "/tmp/b,c"],
    "path": ["/tmp/a", "/dev/null"], "dir": ["/tmp/a", "tag"], "socket": ["/tmp/socket"],
    "host": ["127.0.0.1", "localhost"], "service": ["5555", "6666"], "port": ["1", "2"],
    "model": ["virtio", "e1000", "rtl8139", "qemu64"], "keymap": ["de", "en-us"],
    "bridge": ["br0"], "driver": ["qemu"], "wwn": ["5000c50015ea71ad"], "timezone": ["UTC"],
}


class Node:
    def __init__(self, name, rows, text=None):
        self.name, self.rows, self.text = name, list(flat(rows)), text
        self.attributes, self.children = {}, []

    def copy(self):
        twin = Node(self.name, self.rows, self.text)
        twin.attributes = dict(self.attributes)
        twin.children = [child.copy() for child in self.children]
        return twin

    def walk(self):
        return [self, *(node for child in self.children for node in child.walk())]

    def child(self, name):
        return next((child for child in self.children if child.name == name), None)

    def element(self, name, text=None):
        """A new child, as the schema has it."""
        row = next(row for row in self.rows if row.name == name)
        self.children.append(Node(name, row.struct.rows if row.struct else row.rows, text))
        return self.children[-1]

    def __str__(self):
        head = self.name + "".join(f" {k}={quoteattr(v)}" for k, v in self.attributes.items())
        body = escape(self.text or "") + "".join(map(str, self.children))
        return f"<{head}>{body}</{self.name}>" if body else f"<{head}/>"


def flat(rows):
    """@rows, with those of what stands at the same element in their place."""
    for row in rows:
        if row.kind in ("self", "aside"):
            yield from flat(row.struct.rows)
        elif row.kind not in ("field", "verbatim") and not row.ns and \
                not row.flags & {"status", "live"} and "qemu" in (row.drivers or ["qemu"]):
            yield row


class Documents:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.schema = schema_model.load(str(SCHEMAS / "domain.schema"), [str(SCHEMAS)])

    def value(self, row):
        if row.enum:
            return self.random.choice(row.enum.values)
        if row.type in schema_model.LIMITS:
            low, high = row.range or schema_model.LIMITS[row.type]
            number = self.random.choice([n for n in NUMBERS if low <= n <= high] or [low])
            form = {"hex": "#x", "oct": "o"}.get(row.type[:3], "")
            return format(number * 1024 if row.type == "size" else number, form)
        return self.random.choice(WORDS.get(row.type) or WORDS.get(row.name) or ["text"])

    def add(self, node, row, chance):
        """@row in @node, if there is room; with what has to be in it, and more by @chance."""
        for member, values, negate in row.guards:
            known = node.attributes.get(member)
            if known and values and (known in values) == negate:
                return
        if row.kind == "attr":
            node.attributes[row.name] = self.value(row)
        elif row.kind == "text":
            node.text = self.value(row)
        elif row.kind in ("children", "leaves") or not node.child(row.name):
            leaf = row.kind in ("leaf", "leaves") and row.type != "present"
            child = node.element(row.name, self.value(row) if leaf else None)
            for inner in child.rows:
                if inner.flags & {"required", "needed"} or self.random.random() < chance:
                    self.add(child, inner, chance / 2)

    def base(self, machines):
        arch, machine = self.random.choice(machines)
        root = Node("domain", self.schema.documents[0].struct.rows)
        root.attributes["type"] = "qemu"
        root.element("name", "guest")
        root.element("memory", "1048576")
        root.element("os").element("type", "hvm").attributes.update(arch=arch, machine=machine)
        root.element("devices").element("emulator", f"/usr/bin/qemu-system-{arch}")
        if arch == "x86_64":
            root.element("features").element("acpi")
        return root

    def change(self, root):
        """A copy of @root with something more, or something else, in it."""
        root = root.copy()
        devices = root.child("devices")
        node = self.random.choice([devices, devices, root, *root.walk()])
        rows = [row for row in node.rows if node is not root or row.kind != "attr"]
        if rows:
            self.add(node, self.random.choice(rows), 0.25)
        return root
