#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes C from the annotated XDR files: idl.py OUTDIR FILE.x...

vir-protocol.h  the structures in rpcgen's memory layout, enumerations, constants
vir-protocol.c  the XDR table of each type
vir-ops.h       VirOps, one typed handler per call procedure
vir-procs.c     the row of each procedure, the programs
"""

import os
import sys

import idl_model
import idl_parse

BANNER = "/* Generated from src/common/rpc by src/common/gen/idl.py; do not edit. */\n"


def c_decl(model, d):
    """The C declaration of a field, as rpcgen writes it."""
    t = model.c_type(d.type)
    if d.type == "string":
        return f"char *{d.name};"
    if d.type == "opaque":
        t = "char"
    if d.shape == "one":
        return f"{t} {d.name};"
    if d.shape == "optional":
        return f"{t} *{d.name};"
    if d.shape == "fixed":
        return f"{t} {d.name}[{d.limit}];"
    return f"struct {{\n        u_int {d.name}_len;\n        {t} *{d.name}_val;\n    }} {d.name};"


def protocol_header(model):
    out = [BANNER, "#pragma once\n", "#include <sys/types.h>", '#include "vir-xdr.h"']
    includes = []
    for item in model.items:
        if isinstance(item, idl_parse.Include):
            name = item.text.split()[-1]
            if name.startswith("<") and name not in includes:
                includes.append(name)
    out += [f"#include {name}" for name in includes] + [""]
    for item in model.items:
        if isinstance(item, idl_parse.Const):
            out.append(f"#define {item.name} {item.value}")
        elif isinstance(item, idl_parse.Enum):
            members = "".join(f"    {m} = {v},\n" for m, v, _ in item.members)
            out.append(f"enum {item.name} {{\n{members}}};")
            out.append(f"typedef enum {item.name} {item.name};")
        elif isinstance(item, idl_parse.Typedef):
            out.append("typedef " + c_decl(model, item.decl))
        elif isinstance(item, idl_parse.Struct):
            fields = "".join(f"    {c_decl(model, d)}\n" for d in item.fields)
            out.append(f"struct {item.name} {{\n{fields}}};")
            out.append(f"typedef struct {item.name} {item.name};")
        elif isinstance(item, idl_parse.Union):
            fields = "".join(f"        {c_decl(model, d)}\n" for _, d in item.cases)
            out.append(f"struct {item.name} {{\n    {c_decl(model, item.switch)}\n"
                       f"    union {{\n{fields}    }} {item.name}_u;\n}};")
            out.append(f"typedef struct {item.name} {item.name};")
    out.append("")
    for name in model.types:
        out.append(f"extern const VirXdrType vir_xdr_{name};")
    out.append("\n/** Every named type, NULL terminated. */")
    out.append("extern const VirXdrType *const vir_xdr_types[];")
    return "\n".join(out) + "\n"


class TypeTables:
    """Emits VirXdrType tables; anonymous ones (arrays and the like of fields) are shared."""

    def __init__(self, model):
        self.model = model
        self.out = []
        self.anonymous = {}

    def ref(self, name):
        return "vir_xdr_" + idl_model.PRIMITIVES[name].table if name in idl_model.PRIMITIVES \
            else "vir_xdr_" + name

    def body(self, d, name, size):
        """Initialiser of the type that declaration @d makes."""
        m = self.model
        limit = d.limit or "G_MAXUINT32"
        wire = m.wire_min(d)
        head = f'.name = "{name}", .size = {size}, .wire_min = {wire}'
        if d.type == "string":
            return f"{head}, .kind = VIR_XDR_STRING, .limit = {limit}"
        if d.type == "opaque":
            kind = "OPAQUE" if d.shape == "fixed" else "BYTES"
            return f"{head}, .kind = VIR_XDR_{kind}, .limit = {limit}"
        elem = f".elem = &{self.ref(d.type)}"
        if d.shape == "optional":
            return f"{head}, .kind = VIR_XDR_OPTIONAL, {elem}"
        kind = "VECTOR" if d.shape == "fixed" else "ARRAY"
        return f"{head}, .kind = VIR_XDR_{kind}, .limit = {limit}, {elem}"

    def field_type(self, d):
        """Name of the table for field @d."""
        if d.shape == "one" and d.type not in ("string", "opaque"):
            return self.ref(d.type)
        key = (d.type, d.shape, d.limit)
        if key not in self.anonymous:
            name = f"anonymous_{len(self.anonymous)}"
            self.anonymous[key] = name
            size = self.model.size(d)
            self.out.append(f"static const VirXdrType {name} = {{ "
                            f"{self.body(d, d.type, size)} }};")
        return self.anonymous[key]

    def fields(self, name, rows):
        lines = [f'    {{ "{d.name}", &{self.field_type(d)}, {offset} }},' for d, offset in rows]
        self.out.append(f"static const VirXdrField {name}_fields[] = {{")
        self.out += lines
        self.out.append("};")

    def add(self, item):
        n = item.name
        if isinstance(item, idl_parse.Typedef):
            d = item.decl
            body = self.body(d, n, f"sizeof({n})")
            self.out.append(f"const VirXdrType vir_xdr_{n} = {{ {body} }};")
            return
        head = f'.name = "{n}", .size = sizeof({n}), .wire_min = {self.model.wire_min_named(n)}'
        if isinstance(item, idl_parse.Enum):
            self.out.append(f"const VirXdrType vir_xdr_{n} = {{ {head}, .kind = VIR_XDR_INT }};")
            return
        if isinstance(item, idl_parse.Struct):
            rows = [(d, f"offsetof({n}, {d.name})") for d in item.fields]
            extra = ".kind = VIR_XDR_STRUCT"
        else:
            rows = [(item.switch, f"offsetof({n}, {item.switch.name})")]
            rows += [(d, f"offsetof({n}, {n}_u.{d.name})") for _, d in item.cases]
            values = ", ".join(v for v, _ in item.cases)
            self.out.append(f"static const gint32 {n}_cases[] = {{ {values} }};")
            extra = f".kind = VIR_XDR_UNION, .cases = {n}_cases"
        self.fields(n, rows)
        self.out.append(f"const VirXdrType vir_xdr_{n} = {{ {head}, {extra}, "
                        f".fields = {n}_fields, .n_fields = G_N_ELEMENTS({n}_fields) }};")


def protocol_source(model):
    tables = TypeTables(model)
    for item in model.types.values():
        tables.add(item)
    out = [BANNER, '#include <stddef.h>\n#include "vir-protocol.h"\n']
    out += tables.out
    out.append("const VirXdrType *const vir_xdr_types[] = {")
    out += [f"    &vir_xdr_{n}," for n in model.types]
    out.append("    NULL\n};")
    return "\n".join(out) + "\n"


def ops_header(model):
    out = [BANNER, "#pragma once\n", '#include "vir-proc.h"', '#include "vir-protocol.h"\n',
           "struct VirOps {"]
    for p in model.procs():
        if p.kind != "CALL" or not p.program.has_ops:
            continue
        args = f"const {p.args} *args" if p.args else "const void *args"
        ret = f"{p.ret} *ret" if p.ret else "void *ret"
        out.append(f"    gboolean (*{p.op})(VirCall *call, {args}, {ret}, GError **error);")
    out.append("};")
    return "\n".join(out) + "\n"


def when(model, p, text):
    """VirProcWhen of `FLAG|FLAG`, `!FLAG` or `member=VALUE` (None: no condition)."""
    if text is None:
        return "{ .offset = -1 }"
    negate = text.startswith("!")
    text = text.lstrip("!")
    member, equals, value = "flags", False, text
    if "=" in text:
        member, value = text.split("=")
        equals = True
    model.field(p.args, member)
    return (f"{{ .offset = offsetof({p.args}, {member}), .mask = {value.replace('|', ' | ')}, "
            f".equals = {'TRUE' if equals else 'FALSE'}, "
            f".negate = {'TRUE' if negate else 'FALSE'} }}")


def acl_row(model, p, text):
    parts = text.split(":", 2)
    cond = parts[2] if len(parts) > 2 else None
    return (f"{{ .klass = VIR_CLASS_{parts[0].upper()}, .name = \"{parts[1]}\", "
            f".when = {when(model, p, cond)} }}")


def proc_row(model, p, out):
    """Appends what @p needs before its row to @out and returns the row."""
    note = p.notes
    rows = [f".program = &program_{p.program.name}, .number = {p.number}",
            f".kind = VIR_PROC_{p.kind}, .name = \"{p.op}\""]
    if "api" in note:
        rows.append(f".api = \"{note['api'][0]}\"")
    for part in ("args", "ret"):
        if getattr(p, part):
            rows.append(f".{part} = &vir_xdr_{getattr(p, part)}")
    op = f"offsetof(VirOps, {p.op})" if p.kind == "CALL" and p.program.has_ops else "-1"
    rows.append(f".op = {op}, .klass = VIR_CLASS_{note.get('class', ['connect'])[0].upper()}")
    rows.append(f".handle = {model.handle(p)}")
    flags = model.find_field(p.args, "flags")
    rows.append(f".flags = offsetof({p.args}, flags), .flags_wide = "
                f"{'TRUE' if flags.type == 'unsigned hyper' else 'FALSE'}" if flags
                else ".flags = -1")
    rows.append(f".job = VIR_PROC_JOB_{note.get('job', ['none'])[0].upper()}")
    rows.append(f".high_priority = {'TRUE' if 'priority' in note else 'FALSE'}")
    unless = note.get("readonly") or [None]
    rows.append(f".readonly = {'TRUE' if 'readonly' in note else 'FALSE'}, "
                f".readonly_unless = {when(model, p, unless[0] and unless[0][1:])}")
    rows.append(f".no_auth = {'TRUE' if 'noauth' in note else 'FALSE'}")
    stream = note.get("stream")
    if stream:
        rows.append(f".stream = VIR_PROC_STREAM_{stream[0].upper()}")
        if len(stream) > 1:
            rows.append(f".sparse_flag = {stream[1].removeprefix('sparse=')}")
    if "fds" in note:
        rows.append(".fds = " + " | ".join(f"VIR_PROC_FDS_{w.upper()}" for w in note["fds"]))
    acl = [a for a in note.get("acl", []) if a != "none"]
    name = f"{p.program.name}_{p.number}"
    if acl:
        out.append(f"static const VirProcAcl acl_{name}[] = {{")
        out += [f"    {acl_row(model, p, a)}," for a in acl]
        out.append("};")
        rows.append(f".acl = acl_{name}, .n_acl = {len(acl)}")
    if "aclfilter" in note:
        out.append(f"static const VirProcAcl filter_{name} = "
                   f"{acl_row(model, p, note['aclfilter'][0])};")
        rows.append(f".acl_filter = &filter_{name}")
    rows.append(f".event_id = {note['event'][0] if 'event' in note else '-1'}")
    event = p.kind == "EVENT"
    has_id = event and model.find_field(p.args, "callbackID")
    rows.append(f".callback_id = offsetof({p.args}, callbackID)" if has_id else
                ".callback_id = -1")
    has_msg = event and model.find_field(p.args, "msg")
    rows.append(f".event_msg = offsetof({p.args}, msg)" if has_msg else ".event_msg = -1")
    return f"    [{p.number}] = {{ " + ",\n             ".join(rows) + " },"


def procs_source(model):
    out = [BANNER, '#include <stddef.h>\n#include "vir-ops.h"\n']
    for program in model.programs:
        name = program.name
        out.append(f"static const VirProgram program_{name};")
        rows = [proc_row(model, p, out) for p in program.procs]
        out.append(f"static const VirProc procs_{name}[] = {{")
        out += rows
        out.append("};")
        out.append(f"static const VirProgram program_{name} = {{ .number = {program.const}, "
                   f".version = {program.version}, .name = \"{name}\", .procs = procs_{name}, "
                   f".n_procs = G_N_ELEMENTS(procs_{name}) }};\n")
    out.append("const VirProgram *const vir_programs[] = {")
    out += [f"    &program_{p.name}," for p in model.programs]
    out.append("    NULL\n};")
    return "\n".join(out) + "\n"


def main(argv):
    outdir, files = argv[1], argv[2:]
    try:
        model = idl_model.Model(files)
        texts = {
            "vir-protocol.h": protocol_header(model),
            "vir-protocol.c": protocol_source(model),
            "vir-ops.h": ops_header(model),
            "vir-procs.c": procs_source(model),
        }
    except idl_parse.IdlError as e:
        sys.exit(f"idl.py: {e}")
    for name, text in texts.items():
        with open(os.path.join(outdir, name), "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main(sys.argv)
