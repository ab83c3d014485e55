# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the parsed files mean: types by name, programs and their procedures, wire sizes."""

import os
from collections import namedtuple

from idl_parse import Const, Decl, Enum, IdlError, Include, Struct, Typedef, Union, parse

Primitive = namedtuple("Primitive", "table ctype wire")

PRIMITIVES = {
    "int": Primitive("int", "int", 4),
    "unsigned int": Primitive("uint", "u_int", 4),
    "hyper": Primitive("hyper", "quad_t", 8),
    "unsigned hyper": Primitive("uhyper", "u_quad_t", 8),
    "char": Primitive("char", "char", 4),
    "unsigned char": Primitive("uchar", "u_char", 4),
    "short": Primitive("short", "short", 4),
    "unsigned short": Primitive("ushort", "u_short", 4),
    "bool": Primitive("bool", "int", 4),
    "double": Primitive("double", "double", 8),
}

# Handle structure (without its prefix): the class to look up and where its parts are.
HANDLES = {
    "nonnull_domain": ("DOMAIN", "DOMAIN", dict(name="name", uuid="uuid", id="id")),
    "nonnull_network": ("NETWORK", "NETWORK", dict(name="name", uuid="uuid")),
    "nonnull_network_port": ("NETWORK_PORT", "NETWORK",
                             dict(name="net.name", uuid="net.uuid", sub_uuid="uuid")),
    "nonnull_nwfilter": ("NWFILTER", "NWFILTER", dict(name="name", uuid="uuid")),
    "nonnull_nwfilter_binding": ("NWFILTER_BINDING", "NWFILTER_BINDING", dict(name="portdev")),
    "nonnull_interface": ("INTERFACE", "INTERFACE", dict(name="name")),
    "nonnull_storage_pool": ("STORAGE_POOL", "STORAGE_POOL", dict(name="name", uuid="uuid")),
    "nonnull_storage_vol": ("STORAGE_VOL", "STORAGE_POOL", dict(name="pool", sub="name")),
    "nonnull_node_device": ("NODE_DEVICE", "NODE_DEVICE", dict(name="name")),
    "nonnull_secret": ("SECRET", "SECRET", dict(uuid="uuid")),
    "nonnull_domain_checkpoint": ("DOMAIN_CHECKPOINT", "DOMAIN", dict(
        name="dom.name", uuid="dom.uuid", id="dom.id", sub="name")),
    "nonnull_domain_snapshot": ("DOMAIN_SNAPSHOT", "DOMAIN", dict(
        name="dom.name", uuid="dom.uuid", id="dom.id", sub="name")),
    "nonnull_server": ("ADMIN_SERVER", "ADMIN_SERVER", dict(name="name")),
    "nonnull_client": ("ADMIN_CLIENT", "ADMIN_SERVER", dict(name="srv.name")),
}
HANDLE_PARTS = ("name", "uuid", "id", "sub", "sub_uuid")


class Proc:
    def __init__(self, program, member, number, notes):
        self.program = program
        self.member = member
        self.number = int(number, 0)
        self.notes = notes
        self.short = member.split("_PROC_", 1)[1].lower()
        self.op = self.short if program.name == "remote" else f"{program.name}_{self.short}"
        self.kind = "CALL"
        self.args = self.ret = None


class Program:
    def __init__(self, name, const, version):
        self.name, self.const, self.version = name, const, version
        self.procs = []

    @property
    def has_ops(self):
        return self.name != "keepalive"


class Model:
    def __init__(self, files):
        self.items = []
        self.types = {}
        self.programs = []
        for path in files:
            items = parse(path)
            self.items += items
            for item in items:
                if isinstance(item, (Enum, Typedef, Struct, Union)):
                    if item.name in self.types:
                        raise IdlError(f"{path}: {item.name} defined twice")
                    self.types[item.name] = item
            self.add_program(os.path.basename(path)[:-2], items)
        self.check()

    def add_program(self, name, items):
        consts = {i.name for i in items if isinstance(i, Const)}
        up = name.upper()
        if f"{up}_PROGRAM" not in consts:
            return
        program = Program(name, f"{up}_PROGRAM", f"{up}_PROTOCOL_VERSION")
        self.programs.append(program)
        for member, number, notes in self.types[f"{name}_procedure"].members:
            p = Proc(program, member, number, notes)
            p.notes.setdefault("class", ["connect"])
            stem = f"{name}_{p.short}"
            if f"{stem}_msg" in self.types or name == "keepalive":
                p.kind = "EVENT"
                p.args = f"{stem}_msg" if f"{stem}_msg" in self.types else None
            else:
                p.args = f"{stem}_args" if f"{stem}_args" in self.types else None
                p.ret = f"{stem}_ret" if f"{stem}_ret" in self.types else None
            program.procs.append(p)

    def check(self):
        """Every *_args, *_ret, *_msg belongs to a procedure or lies within another structure."""
        used = {d.type for t in self.types.values() for d in self.members(t)}
        used |= {n for p in self.procs() for n in (p.args, p.ret) if n}
        for name in self.types:
            if name.endswith(("_args", "_ret", "_msg")) and name not in used:
                raise IdlError(f"no procedure has {name}")
        for t in self.types.values():
            for d in self.members(t):
                if d.type not in self.types and d.type not in PRIMITIVES \
                        and d.type not in ("string", "opaque"):
                    raise IdlError(f"{t.name}.{d.name}: unknown type {d.type}")

    def procs(self):
        return [p for program in self.programs for p in program.procs]

    @staticmethod
    def members(item):
        if isinstance(item, Typedef):
            return [item.decl]
        if isinstance(item, Struct):
            return item.fields
        if isinstance(item, Union):
            return [item.switch] + [d for _, d in item.cases]
        return []

    def c_type(self, name):
        return PRIMITIVES[name].ctype if name in PRIMITIVES else name

    def size(self, d):
        """C expression of the memory a field @d takes."""
        if d.shape == "var" and d.type != "string":
            return "sizeof(VirXdrArray)"
        if d.shape == "optional" or d.type == "string":
            return "sizeof(void *)"
        t = "char" if d.type == "opaque" else self.c_type(d.type)
        return f"sizeof({t}) * {d.limit}" if d.shape == "fixed" else f"sizeof({t})"

    def wire_min_named(self, name):
        if name in PRIMITIVES:
            return str(PRIMITIVES[name].wire)
        t = self.types[name]
        if isinstance(t, Enum):
            return "4"
        if isinstance(t, Typedef):
            return self.wire_min(t.decl)
        if isinstance(t, Struct):
            return "(" + " + ".join(self.wire_min(d) for d in t.fields) + ")"
        return "4"  # a union: the switch alone

    def wire_min(self, d):
        """C expression of the fewest bytes that @d takes on the wire."""
        if d.shape in ("optional", "var") or d.type == "string":
            return "4"
        if d.type == "opaque":
            return f"(({d.limit} + 3) / 4 * 4)"
        one = self.wire_min_named(d.type)
        return f"({one} * {d.limit})" if d.shape == "fixed" else one

    def find_field(self, struct, name):
        if struct is None:
            return None
        for d in self.types[struct].fields:
            if d.name == name:
                return d
        return None

    def field(self, struct, name):
        d = self.find_field(struct, name)
        if d is None:
            raise IdlError(f"{struct} has no member {name}")
        return d

    def handle_field(self, struct, depth=0):
        """Path and type of the handle: the first member, after callbackID in an event."""
        for d in self.types[struct].fields:
            kind = d.type.split("_", 1)[-1]
            if d.shape == "one" and kind in HANDLES:
                return d.name, kind
            if d.name == "msg" and depth == 0:
                path, kind = self.handle_field(d.type, 1)
                return (f"msg.{path}", kind) if path else (None, None)
            if not struct.endswith("_msg"):
                break
        return None, None

    def handle(self, p):
        """VirProcHandle initialiser."""
        none = ("{ .handle = VIR_CLASS_CONNECT, .klass = VIR_CLASS_CONNECT, .offset = -1, "
                + ", ".join(f".{n} = -1" for n in HANDLE_PARTS) + " }")
        if p.args is None:
            return none
        path, kind = self.handle_field(p.args)
        if path is None:
            return none
        handle, klass, parts = HANDLES[kind]
        rows = [f".handle = VIR_CLASS_{handle}", f".klass = VIR_CLASS_{klass}",
                f".offset = offsetof({p.args}, {path})"]
        rows += [f".{n} = offsetof({p.args}, {path}.{parts[n]})" if n in parts else f".{n} = -1"
                 for n in HANDLE_PARTS]
        return "{ " + ", ".join(rows) + " }"
