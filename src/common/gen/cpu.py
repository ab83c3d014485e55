#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the C tables of processor models: cpu.py FEATURES VENDORS MODELS HEADER SOURCE

The columns are described in the TSV files.
"""

import csv
import sys

REGISTERS = ("eax", "ebx", "ecx", "edx")
ARCHES = ("x86", "ppc64", "arm")


def load(path):
    with open(path, encoding="utf-8", newline="") as f:
        lines = (line for line in f if not line.startswith("#"))
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def unique(path, rows, key):
    seen = {}
    for row in rows:
        name = (row["arch"], row[key])
        if row["arch"] not in ARCHES:
            sys.exit(f"{path}: unknown architecture {row['arch']}")
        if name in seen:
            sys.exit(f"{path}: {row['arch']} {row[key]} is there twice")
        seen[name] = len(seen)
    return seen


def string(text):
    return f'"{text}"' if text else "NULL"


def feature_row(row):
    where, leaf, sub = row["where"].partition(":")[0], 0, 0
    if where:
        leaf, _, sub = row["where"].partition(":")[2].partition(".")
        leaf, sub = int(leaf, 16), int(sub or "0", 16)
    masks = dict(bit.split("=") for bit in row["bits"].split())
    if where and not masks or any(name not in REGISTERS for name in masks):
        sys.exit(f"{row['arch']} {row['feature']}: bad bits '{row['bits']}'")
    words = ", ".join(f"{int(masks.get(name, '0'), 16):#x}" for name in REGISTERS)
    kind = {"": "NONE", "cpuid": "CPUID", "msr": "MSR"}[where]
    return (f'    {{"{row["feature"]}", {string(row["aliases"])}, VIR_CPU_ARCH_{row["arch"].upper()}, '
            f'VIR_CPU_BY_{kind}, {int(row["migratable"] != "no")}, {leaf:#x}, {sub:#x}, {{{words}}}}},')


def bitset(names, arch, features, words, what):
    out = [0] * words
    for name in names:
        if (arch, name) not in features:
            sys.exit(f"{what}: unknown feature {name}")
        index = features[arch, name]
        out[index // 64] |= 1 << index % 64
    return "{{" + ", ".join(f"{word:#x}ULL" for word in out) + "}}"


def signature(row, text):
    parts = text.split("/")
    a = int(parts[0], 0)
    b = int(parts[1], 0) if len(parts) > 1 else 0
    low, high = parts[2].split("-") if len(parts) > 2 else (0, 0xffffffff)
    return f"{{{a:#x}, {b:#x}, {int(low)}, {int(high)}u}}"


def model_row(row, by_name, models, vendors, features, words):
    what = f"{row['arch']} {row['model']}"
    base = row
    while base["ancestor"]:
        if (row["arch"], base["ancestor"]) not in models:
            sys.exit(f"{what}: unknown ancestor {base['ancestor']}")
        base = by_name[row["arch"], base["ancestor"]]
    vendor = -1
    if base["vendor"]:
        if (row["arch"], base["vendor"]) not in vendors:
            sys.exit(f"{what}: unknown vendor {base['vendor']}")
        vendor = vendors[row["arch"], base["vendor"]]
    # What a model lost is its own matter: another name of it is a model that never had it.
    names = ([n for n in base["features"].split() if n[0] != "-"] +
             [n for n in row["features"].split() if n[0] == "-"])
    sets = [bitset([n.lstrip("+-") for n in names if (n[0] if n[0] in "+-" else "") == sign],
                   row["arch"], features, words, what) for sign in ("", "+", "-")]
    signatures = [signature(row, s) for s in base["signatures"].split()]
    decode = row["decode"].split()
    return (f'    {{"{row["model"]}", {string(row["ancestor"])}, '
            f'VIR_CPU_ARCH_{row["arch"].upper()}, {vendor}, '
            f'{int("host" in decode)}, {int("guest" in decode)}, {len(signatures)}, '
            f'{{{", ".join(signatures) or "{0}"}}}, {sets[0]}, {sets[1]}, {sets[2]}}},'), len(signatures)


def main():
    features, vendors, models = (load(path) for path in sys.argv[1:4])
    feature_index = unique(sys.argv[1], features, "feature")
    vendor_index = unique(sys.argv[2], vendors, "vendor")
    model_index = unique(sys.argv[3], models, "model")
    by_name = {(row["arch"], row["model"]): row for row in models}
    words = (len(features) + 63) // 64
    rows = [model_row(row, by_name, model_index, vendor_index, feature_index, words)
            for row in models]
    with open(sys.argv[4], "w", encoding="utf-8") as f:
        f.write("/* SPDX-License-Identifier: LGPL-2.1-or-later */\n#pragma once\n\n"
                f"#define VIR_CPU_N_FEATURES {len(features)}\n"
                f"#define VIR_CPU_N_VENDORS {len(vendors)}\n"
                f"#define VIR_CPU_N_MODELS {len(models)}\n"
                f"#define VIR_CPU_SET_WORDS {words}\n"
                f"#define VIR_CPU_MAX_SIGNATURES {max(n for _, n in rows)}\n")
    with open(sys.argv[5], "w", encoding="utf-8") as f:
        f.write('/* SPDX-License-Identifier: LGPL-2.1-or-later */\n#include "vir-cpu-map.h"\n\n')
        f.write("const VirCpuFeatureRow vir_cpu_features[VIR_CPU_N_FEATURES] = {\n")
        f.write("\n".join(feature_row(row) for row in features))
        f.write("\n};\n\nconst VirCpuVendorRow vir_cpu_vendors[VIR_CPU_N_VENDORS] = {\n")
        for row in vendors:
            f.write(f'    {{"{row["vendor"]}", {string(row["id"])}, '
                    f'VIR_CPU_ARCH_{row["arch"].upper()}}},\n')
        f.write("};\n\nconst VirCpuModelRow vir_cpu_models[VIR_CPU_N_MODELS] = {\n")
        f.write("\n".join(text for text, _ in rows))
        f.write("\n};\n")


if __name__ == "__main__":
    main()
