#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes from conf-keys.tsv:

conf.py tables TSV HEADER SOURCE   the VirConfTable of each file: vir_conf_<file>
conf.py sample TSV FILE            a commented configuration file, on standard output
conf.py sample-ip TSV FILE         the same with the keys of daemons that listen on IP
"""

import csv
import sys

TYPES = ("int", "bool", "string", "list")
GROUPS = {
    "network": "Network", "sock": "Unix sockets", "auth": "Authentication",
    "authz": "Authorization", "limits": "Limits", "admin": "Administration socket",
    "log": "Logging", "audit": "Auditing", "misc": "Various", "keepalive": "Keepalive",
    "client": "Client", "tls": "TLS", "display": "Remote displays", "security": "Security",
    "process": "Processes of a guest", "device": "Devices", "firmware": "Firmware",
    "save": "Saving and stopping guests", "migration": "Migration",
}


def load(path):
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    seen = set()
    for row in rows:
        name = f"{row['file']}.{row['key']}"
        if name in seen:
            sys.exit(f"{path}: {name} is there twice")
        seen.add(name)
        if not row["doc"] or not row["doc"].endswith("."):
            sys.exit(f"{path}: {name} has no documentation that ends in a full stop")
        if any(t not in TYPES for t in row["type"].split("|")):
            sys.exit(f"{path}: {name} has the unknown type {row['type']}")
        if row["group"] not in GROUPS:
            sys.exit(f"{path}: {name} has the unknown group {row['group']}")
    return rows


def symbol(name):
    return "vir_conf_" + name.replace("-", "_")


def table(name, rows):
    """The C of one file's table; rows are sorted, for the binary search."""
    out, keys = [], []
    for row in sorted(rows, key=lambda r: r["key"]):
        values, low, high = "NULL", "0", "G_MAXINT"
        if row["type"] == "int" and row["values"]:
            low, high = row["values"].split("..")
        elif row["values"]:
            values = f"{symbol(name)}_{row['key']}"
            words = ", ".join(f'"{w}"' for w in row["values"].split("|"))
            out.append(f"static const char *const {values}[] = {{ {words}, NULL }};")
        if "string" in row["type"].split("|") and "int" in row["type"].split("|"):
            low, high = "G_MININT64", "G_MAXINT64"
        types = " | ".join(f"VIR_CONF_{t.upper()}" for t in row["type"].split("|"))
        ip = "TRUE" if name == "daemon" and row["group"] == "network" else "FALSE"
        keys.append(f'    {{ "{row["key"]}", {types}, {values}, {low}, {high}, {ip} }},')
    out.append(f"static const VirConfKey {symbol(name)}_keys[] = {{")
    out += keys + ["};"]
    out.append(f"const VirConfTable {symbol(name)} = {{ {symbol(name)}_keys, {len(keys)} }};\n")
    return out


def tables(rows, header, source):
    files = list(dict.fromkeys(r["file"] for r in rows))
    with open(header, "w", encoding="utf-8") as f:
        f.write("/* Generated from conf-keys.tsv by conf.py; do not edit. */\n#pragma once\n\n"
                '#include "vir-conf.h"\n\n')
        f.writelines(f"extern const VirConfTable {symbol(n)};\n" for n in files)
    out = ["/* Generated from conf-keys.tsv by conf.py; do not edit. */",
           '#include "vir-conf-keys.h"\n']
    for name in files:
        out += table(name, [r for r in rows if r["file"] == name])
    with open(source, "w", encoding="utf-8") as f:
        f.write("\n".join(out))


def sample(rows, name, ip):
    out = ["# Every key is shown with an example; what is commented out has its default."]
    group = None
    for row in rows:
        if row["file"] != name or (name == "daemon" and row["group"] == "network" and not ip):
            continue
        if row["group"] != group:
            group = row["group"]
            out += ["", "", "#", f"# {GROUPS[group]}", "#"]
        out += ["", f"# {row['doc']}"]
        if row["type"] != "int" and row["values"]:
            out.append("# One of: " + row["values"].replace("|", ", "))
        out.append(f"# Default: {row['default'] or '(not set)'}")
        out.append(f"#{row['key']} = {row['example']}")
    sys.stdout.write("\n".join(out) + "\n")


def main():
    verb, path = sys.argv[1:3]
    rows = load(path)
    if verb == "tables":
        tables(rows, sys.argv[3], sys.argv[4])
    else:
        sample(rows, sys.argv[3], verb == "sample-ip")


if __name__ == "__main__":
    main()
