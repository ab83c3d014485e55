# SPDX-License-Identifier: LGPL-2.1-or-later
"""A checked schema as C: a header of plain structs and a source of engine tables."""
from schema_model import FLAGS, LIMITS, MORE_FLAGS, SCALARS, UNITS, upper

KINDS = {"attr": "ATTR", "text": "TEXT", "leaf": "LEAF", "leaves": "LEAVES", "group": "GROUP",
         "child": "CHILD", "children": "CHILDREN", "self": "SELF", "aside": "ASIDE", "verbatim": "VERBATIM"}
NOTICE = "/* SPDX-License-Identifier: LGPL-2.1-or-later */\n/* Made by schema_gen.py from {} */\n"


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def basename(schema):
    return f"vir-{schema.name}-def.h"


def row_flag(word):
    return "VIR_XML_ROW_" + word.replace("-", "_").upper()


def row_flags():
    """The header with a bit for each."""
    bits = [f"    {row_flag(word)} = 1 << {i}," for i, word in enumerate(FLAGS + MORE_FLAGS)]
    return "\n".join([NOTICE.format("its own words") + "#pragma once", "", "enum {", *bits, "};", ""])


def comment(text):
    return f" /* {text} */" if text else ""


# -- header ------------------------------------------------------------------------------------
def enum_text(enum):
    up = upper(enum.ctype)
    lines = [f"/* {enum.doc} */", "typedef enum {", f"    {up}_UNSET = 0,"]
    lines += [f"    {enum.constant(v)}, /* {v} */" for v in enum.values]
    lines += [f"    {up}_LAST", f"}} {enum.ctype};", f"extern const VirEnum {enum.table};",
              f"static inline const char *{enum.table[:-5]}_to_string(int value)", "{",
              f"    return vir_xml_enum_name(&{enum.table}, value);", "}", ""]
    return lines


def member_text(m):
    gap = "" if m.ctype.endswith(("*", " ")) else " "
    array = f"[{m.array}]" if m.array else ""
    doc = m.doc
    if m.row is not None and m.role == "value":
        row = m.row
        if row.enum:
            doc = f"{row.enum.ctype}: {doc}"
        elif row.type in ("yesno", "onoff"):
            doc = f"VirTristate: {doc}"
        elif row.type == "size":
            doc = f"{row.arg}: {doc}"
    return f"    {m.ctype}{gap}{m.name}{array};{comment(doc)}"


def struct_text(struct):
    members = sorted(struct.members.values(), key=lambda m: -m.align)
    out = [f"/* {struct.doc} */", f"struct {struct.ctype} {{"]
    out += [member_text(m) for m in members] or ["    guint8 unused;"]
    return out + ["};", ""]


def accessors(struct):
    t, s = struct.ctype, struct.sym
    return [f"extern const VirXmlType {s}_type;",
            f"static inline {t} *{s}_new(void)", "{",
            f"    return ({t} *)vir_xml_new(&{s}_type);", "}",
            f"static inline void {s}_free({t} *it)", "{",
            f"    vir_xml_free(&{s}_type, it);", "}",
            f"static inline {t} *{s}_clone(const {t} *it)", "{",
            f"    return ({t} *)vir_xml_clone(&{s}_type, it);", "}",
            f"G_DEFINE_AUTOPTR_CLEANUP_FUNC({t}, {s}_free)", ""]


def by_dependency(schema):
    done, out = set(), []

    def visit(struct):
        if struct.name in done or struct.schema is not schema:
            return
        done.add(struct.name)
        for m in struct.members.values():
            if m.struct:
                visit(m.struct)
        out.append(struct)

    for struct in schema.structs.values():
        visit(struct)
    return out


def header(schema):
    out = [NOTICE.format(schema.name + ".schema") + "#pragma once", "",
           '#include "vir-xml.h"']
    out += [f'#include "{basename(s)}"' for s in schema.imports] + [""]
    for enum in schema.enums.values():
        out += enum_text(enum)
    structs = by_dependency(schema)
    out += [f"typedef struct {s.ctype} {s.ctype};" for s in structs] + [""]
    for struct in structs:
        out += struct_text(struct)
    for struct in structs:
        out += accessors(struct)
    for doc in schema.documents:
        out += [f"/* {doc.doc} */", f"extern const VirXmlDoc {doc_symbol(schema, doc)};"]
    return "\n".join(out) + "\n"


def doc_symbol(schema, doc):
    return f"{upper(schema.prefix + '_' + doc.name).lower()}_doc"


# -- tables ------------------------------------------------------------------------------------
class Tables:
    def __init__(self, schema):
        self.schema = schema
        self.out = []
        self.guards = {}
        self.serial = 0

    def guard_array(self, struct, row):
        items = []
        for path, values, negate in row.guards:
            member = find_member(struct, path)
            target = member.row
            name = path
            if target.has and values is None:
                name = (path.rpartition(".")[0] + "." if "." in path else "") + target.has
            size = "sizeof(void *)" if member.align == 8 and not target.has else "1"
            if member.role == "present" or (target.has and values is None):
                size = "1"
            if values is None:
                mask = "~G_GUINT64_CONSTANT(1)" if not negate else "1"
            else:
                known = target.enum.values if target.enum else \
                    ["yes", "no"] if target.type == "yesno" else ["on", "off"]
                bits = sum(1 << (known.index(v) + 1) for v in values)
                bits = bits ^ (2**64 - 1) if negate else bits
                mask = f"G_GUINT64_CONSTANT({bits:#x})"
            items.append(f"{{ .offset = offsetof({struct.ctype}, {name}), .size = {size}, "
                         f".mask = {mask} }}")
        if not items:
            return None, 0
        text = ", ".join(items)
        if text not in self.guards:
            name = f"guard_{len(self.guards)}"
            self.guards[text] = name
            self.out.append(f"static const VirXmlGuard {name}[] = {{ {text} }};")
        return self.guards[text], len(items)

    def rows(self, struct, rows, name, static=True):
        lines = [self.row(struct, row, f"{name}_{i}") for i, row in enumerate(rows)
                 if row.kind != "field"]
        if not lines:
            return 0
        self.out.append(f"static const VirXmlRow {name}[] = {{")
        self.out += ["    " + line for line in lines]
        self.out.append("};")
        return len(lines)

    def row(self, struct, row, name):
        f = {".kind": "VIR_XML_" + KINDS[row.kind], ".name": c_string(row.name)}
        if row.ns:
            f[".ns"] = f"&ns_{row.ns}"
        sub_rows = 0
        if row.kind == "group" and not row.embedded:
            sub_rows = self.rows(struct, row.rows, name)
            f[".rows"], f[".n_rows"] = (name if sub_rows else "NULL"), str(sub_rows)
        else:
            f[".offset"] = f"offsetof({struct.ctype}, {row.field})"
        if row.struct:
            f[".type"] = f"&{row.struct.sym}_type"
        if "mixed" in row.flags:
            f[".has"] = f"offsetof({row.struct.ctype}, place)"
        elif row.has:
            f[".has"] = f"offsetof({struct.ctype}, {row.has})"
        if row.count:
            f[".count"] = f"offsetof({struct.ctype}, {row.count})"
        guards, n = self.guard_array(struct, row)
        if guards:
            f[".guards"], f[".n_guards"] = guards, str(n)
        self.value(row, f)
        more = (("refused", row.refused), ("has", row.has), ("default", row.default is not None),
                ("implied", row.implied is not None))
        flags = sorted(row.flags) + [word for word, there in more if there]
        if flags:
            f[".flags"] = " | ".join(map(row_flag, flags))
        return "{ " + ", ".join(f"{k} = {v}" for k, v in f.items()) + " },"

    def value(self, row, f):
        if not row.type or row.type == "verbatim":
            return
        f[".value"] = "VIR_XML_" + row.type.upper()
        if row.enum:
            f[".values"] = f"&{row.enum.table}"
        if row.type in LIMITS:
            low, high = row.range or LIMITS[row.type]
            f[".min"] = "G_MININT64" if low <= -2**63 else str(low)
            f[".max"] = f"G_GUINT64_CONSTANT({high})"
        if row.type in ("hex", "hex8", "hex16", "hex64", "oct"):
            f[".width"] = row.arg or "0"
        if row.type == "size":
            f[".unit"], f[".scale"] = c_string(row.arg), f"G_GUINT64_CONSTANT({UNITS[row.arg]})"
            f[".unit_attr"] = c_string(row.unit)
            f[".bare"] = f"G_GUINT64_CONSTANT({UNITS[row.bare or row.arg]})"
        if row.type == "codec":
            f[".codec"] = f"&vir_xml_codec_{row.arg}"
        if row.default is not None:
            f[".def"] = str(default_value(row, row.default))
        elif row.implied is not None:
            f[".def"] = str(default_value(row, row.implied))


def default_value(row, word):
    if row.enum:
        return row.enum.constant(word)
    if row.type in ("yesno", "onoff"):
        return "VIR_TRISTATE_YES" if word in ("yes", "on") else "VIR_TRISTATE_NO"
    return int(word, 0)


def find_member(struct, path):
    for part in path.split(".")[:-1]:
        struct = struct.members[part].struct
    return struct.members[path.split(".")[-1]]


def source(schema):
    t = Tables(schema)
    head = [NOTICE.format(schema.name + ".schema"), f'#include "{basename(schema)}"',
            '#include "vir-xml-table.h"', ""]
    for check in sorted(set(schema.checks)):
        head.append(f"gboolean {check}(const void *obj, GError **error);")
    for codec in sorted(set(schema.codecs)):
        head.append(f"extern const VirXmlCodec vir_xml_codec_{codec};")
    for enum in schema.enums.values():
        values = ", ".join([c_string("")] + [c_string(v) for v in enum.values] + ["NULL"])
        head += [f"static const char *const {enum.table}_names[] = {{ {values} }};",
                 f"const VirEnum {enum.table} = {{ {enum.table}_names, {len(enum.values) + 1} }};"]
    for prefix, uri in schema.namespaces.items():
        head.append(f"static const VirXmlNs ns_{prefix} = {{ {c_string(prefix)}, "
                    f"{c_string(uri)} }};")
    for struct in schema.structs.values():
        n = t.rows(struct, struct.rows, struct.sym + "_rows")
        check = f", .check = {struct.check}" if struct.check else ""
        check += ", .closed = true" if struct.closed else ""
        rows = f".rows = {struct.sym}_rows, " if n else ""
        t.out.append(f"const VirXmlType {struct.sym}_type = {{ .name = {c_string(struct.ctype)}, "
                     f".size = sizeof({struct.ctype}), {rows}.n_rows = {n}{check} }};")
    for doc in schema.documents:
        t.out.append(f"const VirXmlDoc {doc_symbol(schema, doc)} = {{ .root = "
                     f"{c_string(doc.root)}, .type = &{doc.struct.sym}_type }};")
    return "\n".join(head + [""] + t.out) + "\n"


assert set(SCALARS) >= set(LIMITS)
