# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reference page of a schema: Markdown, one section a struct, one line a row."""

KINDS = {"children": "repeated", "child": "element", "group": "element", "leaf": "element",
         "leaves": "repeated", "attr": "attribute", "text": "text", "verbatim": "kept as written"}
TYPES = {"yesno": "`yes` or `no`", "onoff": "`on` or `off`", "present": "presence counts",
         "uint": "number", "int": "number", "u8": "0 to 255", "u16": "0 to 65535",
         "u64": "number", "i64": "number", "hex": "hexadecimal", "hex64": "hexadecimal",
         "hex8": "hexadecimal", "hex16": "hexadecimal",
         "oct": "octal", "ip": "IP address", "mac": "hardware address", "uuid": "UUID",
         "cpuset": "list such as `0-3,7`", "string": "text", "codec": "text"}


def anchor(struct):
    return struct.ctype.lower()


def type_text(row):
    if row.kind == "verbatim":
        return "any XML"
    if row.struct:
        return f"[{row.struct.name}](#{anchor(row.struct)})"
    if row.enum:
        return ", ".join(f"`{v}`" for v in row.enum.values)
    if row.type == "size":
        return f"size in {row.arg}; `{row.unit}` attribute"
    text = TYPES.get(row.type, "")
    if row.range:
        text = f"{row.range[0]} to {row.range[1]}"
    return text


def notes(row):
    out = []
    for name, values, negate in row.guards:
        what = f"`{name}`" + (f" is {' or '.join(f'`{v}`' for v in values)}" if values
                              else " is given")
        out.append(("unless " if negate else "when ") + what)
    if "required" in row.flags and row.kind != "group":
        out.append("required")
    if row.default is not None and row.default != "0":
        out.append(f"default `{row.default}`")
    if "live" in row.flags:
        out.append("running objects only")
    if "status" in row.flags:
        out.append("status files only")
    if "secure" in row.flags:
        out.append("secret")
    if "abi" in row.flags:
        out.append("guest ABI")
    if row.since:
        out.append(f"since {row.since}")
    return "; ".join(out)


def label(row, prefix):
    name = f"{row.ns}:{row.name}" if row.ns else row.name
    if row.kind == "attr":
        return f"`{prefix}@{name}`"
    if row.kind == "text":
        return f"`{prefix}text()`"
    return f"`{prefix}{name}`"


def row_lines(rows, prefix=""):
    out = []
    for row in rows:
        if row.kind == "field":
            continue
        if row.kind in ("self", "aside"):
            out.append(f"| | | as [{row.struct.name}](#{anchor(row.struct)}) | {row.doc} |")
            continue
        what = type_text(row)
        kind = KINDS[row.kind]
        extra = notes(row)
        out.append(f"| {label(row, prefix)} | {kind} | {what} | {row.doc}"
                   f"{' (' + extra + ')' if extra else ''} |")
        if row.kind == "group" and not row.embedded:
            out += row_lines(row.rows, prefix + (f"{row.ns}:" if row.ns else "") + row.name + "/")
    return out


def page(schema):
    out = [f"# {schema.doc}", ""]
    for doc in schema.documents:
        out.append(f"* `<{doc.root}>`: {doc.doc} ([{doc.struct.name}](#{anchor(doc.struct)}))")
    seen = list(schema.structs.values())
    for other in schema.imports:
        seen += [s for s in other.structs.values() if s not in seen]
    for struct in seen:
        out += ["", f'<a id="{anchor(struct)}"></a>', "", f"## {struct.name}", "",
                struct.doc + ".", "", "| what | kind | value | meaning |", "|---|---|---|---|"]
        out += [line.replace("|", "\\|", 0) for line in row_lines(struct.rows)]
    return "\n".join(out) + "\n"
