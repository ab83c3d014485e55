# SPDX-License-Identifier: LGPL-2.1-or-later
"""Words of the documents of a checked schema as a dictionary of libFuzzer."""

WORDS = {"yesno": ["yes", "no"], "onoff": ["on", "off"]}
# Where numbers end.
NUMBERS = ["-1", "0", "1", "255", "256", "65535", "65536", "2147483648", "4294967295", "4294967296",
           "9223372036854775807", "18446744073709551615", "18446744073709551616", "0xffffffff"]


def words(rows, found, seen):
    """Adds what @rows and those beneath them are called, and their values."""
    for row in rows:
        name = f"{row.ns}:{row.name}" if row.ns else row.name
        if row.kind == "attr":
            found.add(f" {name}='")
        elif row.kind in ("leaf", "leaves", "group", "child", "children", "verbatim") and name:
            found.update((f"<{name}>", f"</{name}>", f"<{name}/>"))
        if row.type == "size":
            found.update((f" {row.unit}='", "GiB"))
        found.update(row.enum.values if row.enum else WORDS.get(row.type, []))
        words(row.rows, found, seen)
        if row.struct and row.struct.ctype not in seen:
            seen.add(row.struct.ctype)
            words(row.struct.rows, found, seen)


def dictionary(schema):
    found = set(NUMBERS)
    for doc in schema.documents:
        found.update((f"<{doc.root}>", f"</{doc.root}>"))
        words(doc.struct.rows, found, set())
    return "".join(f'"{word}"\n' for word in sorted(found))
