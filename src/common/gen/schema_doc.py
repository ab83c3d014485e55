# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reference page of a schema: Markdown, a section for each struct, a line for each row."""

from schema_model import BUILT_DRIVERS, DRIVERS

TYPES = {"yesno": "`yes` or `no`", "onoff": "`on` or `off`", "present": "empty: its presence counts",
         "uint": "number", "int": "number, may be negative", "u8": "0 to 255", "u16": "0 to 65535",
         "u64": "number", "i64": "number, may be negative", "hex": "hexadecimal number",
         "hex64": "hexadecimal number", "hex8": "hexadecimal number", "hex16": "hexadecimal number",
         "oct": "octal number", "ip": "IP address", "mac": "hardware address `52:54:00:…`",
         "uuid": "UUID", "cpuset": "list such as `0-3,7,^2`", "string": "text", "codec": "text"}
FLAGS = (("required", "required"), ("needed", "required where the element is there"),
         ("live", "running objects only"), ("status", "status files only"),
         ("secure", "shown only with the right to see secrets"), ("abi", "seen by the guest"),
         ("alternative", "one of several: the first counts"))
INTRO = """Attributes are written `@name`, elements by their names; `a/b` is an element `b` within `a`. *Only*
says when a row counts: by another attribute or element, mostly of the same section. *Drivers* are
those that act on a row; others pass over it. What is *seen by the guest* cannot change while it runs
or moves."""


def title(schema, struct):
    roots = [doc.root for doc in schema.documents if doc.struct is struct]
    return f"`<{roots[0]}>`" if roots else struct.name


def anchor(struct):
    return struct.ctype.lower()


def link(schema, struct):
    return f"[{title(schema, struct)}](#{anchor(struct)})"


def value_text(schema, row):
    many = "any number of: " if row.kind in ("children", "leaves") else ""
    if row.kind == "verbatim":
        return "any XML, kept as it is written"
    if row.struct:
        return many + link(schema, row.struct)
    if row.enum:
        return many + ", ".join(f"`{v}`" for v in row.enum.values)
    if row.type == "size":
        return f"size, in {row.bare or row.arg} unless `@{row.unit}` says otherwise"
    text = TYPES.get(row.type, "")
    if row.range:
        text = f"{row.range[0]} to {row.range[1]}"
    return many + text


def guard_text(guard, labels):
    name, values, negate = guard
    name = labels.get(name, name)
    if values:
        return f"`{name}` {'is not' if negate else 'is'} " + " or ".join(f"`{v}`" for v in values)
    return f"{'without' if negate else 'with'} `{name}`"


def default_text(row):
    if row.implied is not None:
        return f"`{row.implied}` where the element is there"
    known = row.default is not None and (row.default != "0" or "always" in row.flags)
    return f"`{row.default}`" if known else ""


def driver_text(row):
    out = []
    for name in row.drivers:
        text = DRIVERS[name] + ("" if name in BUILT_DRIVERS else " (not built)")
        out.append(text + (": refused at a start" if name in row.refused else ""))
    return ", ".join(out)


def label(row, prefix):
    name = f"{row.ns}:{row.name}" if row.ns else row.name
    if row.kind == "attr":
        return f"`{prefix}@{name}`"
    if row.kind == "text":
        return f"`{prefix}text()`" if not prefix else f"`{prefix[:-1]}`, its text"
    return f"`{prefix}{name}`"


def labels_of(rows, prefix=""):
    """Member of the program to what a document calls it."""
    out = {}
    for row in rows:
        inner = prefix + (f"{row.ns}:" if row.ns else "") + row.name + "/"
        if row.kind not in ("field", "self", "aside"):
            out.setdefault(row.field, label(row, prefix).strip("`"))
        if row.kind == "group" and not row.embedded:
            out.update({k: v for k, v in labels_of(row.rows, inner).items() if k not in out})
        elif row.struct and (row.kind == "self" or row.embedded):
            below = labels_of(row.struct.rows, inner if row.embedded else prefix)
            out.update({f"{row.field}.{k}": v for k, v in below.items()})
    return out


def cells(schema, row, prefix, above, labels):
    """What, value, default, only, drivers, since, meaning; @above: rows that hold this one."""
    only = [guard_text(g, labels) for holder in above + [row] for g in holder.guards]
    extra = [text for flag, text in FLAGS if flag in row.flags
             and not (flag == "required" and row.kind == "group" and not row.embedded)]
    return [label(row, prefix), value_text(schema, row), default_text(row), "; ".join(only),
            driver_text(row), row.since or "",
            row.doc + (f" ({'; '.join(extra)})" if extra else "")]


def row_cells(schema, rows, labels, prefix="", above=()):
    out = []
    for row in rows:
        if row.kind == "field":
            continue
        if row.kind in ("self", "aside"):
            got = cells(schema, row, prefix, list(above), labels)
            got[0], got[1] = "as well", "the rows of " + link(schema, row.struct)
            out.append(got)
        elif row.kind == "group" and not row.embedded:
            inner = prefix + (f"{row.ns}:" if row.ns else "") + row.name + "/"
            # An element that has nothing but one attribute says the same as this.
            if not (len(row.rows) == 1 and row.rows[0].line is row.line):
                out.append(cells(schema, row, prefix, list(above), labels))
            out += row_cells(schema, row.rows, labels, inner, list(above) + [row])
        else:
            out.append(cells(schema, row, prefix, list(above), labels))
    return out


def table(schema, struct):
    """Columns that would be empty are left out."""
    head = ["What", "Value", "Default", "Only", "Drivers", "Since", "Meaning"]
    body = row_cells(schema, struct.rows, labels_of(struct.rows))
    keep = [i for i in range(len(head)) if i == 0 or any(line[i] for line in body)]
    lines = [head, ["---"] * len(head)] + body
    return ["| " + " | ".join(line[i].replace("|", "\\|") for i in keep) + " |" for line in lines]


def structs_of(rows):
    for row in rows:
        if row.struct and row.kind != "field":
            yield row.struct
        if row.kind == "group" and not row.embedded:
            yield from structs_of(row.rows)


def reachable(schema):
    """Structs of the documents, each before what it is made of."""
    out = []

    def visit(struct):
        if struct in out:
            return
        out.append(struct)
        for inner in structs_of(struct.rows):
            visit(inner)

    for doc in schema.documents:
        visit(doc.struct)
    return out


def page(schema, example=None):
    """@example: text of a document, shown as it is."""
    seen = reachable(schema)
    out = [f"# {schema.doc}", ""]
    for doc in schema.documents:
        out.append(f"* [`<{doc.root}>`](#{anchor(doc.struct)}): {doc.doc}")
    built = [DRIVERS[d] for d in schema.drivers if d in BUILT_DRIVERS]
    out += ["", "Drivers that serve these documents: " + (", ".join(built) or "none yet; the library "
            "and `virt-xml-validate` read, check and print them") + ".", "", INTRO]
    if example:
        out += ["", "## Example", "", "```xml", example.strip(), "```"]
    out += ["", "## Contents", ""]
    out += [f"* {link(schema, struct)}: {struct.doc}" for struct in seen]
    for struct in seen:
        out += ["", f'<a id="{anchor(struct)}"></a>', "", f"## {title(schema, struct)}", "",
                struct.doc + ".", ""]
        out += table(schema, struct) if struct.rows else ["It is empty."]
    return "\n".join(out) + "\n"
