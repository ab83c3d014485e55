#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""qemu_caps.py FLAGS TRIGGERS HEADER SOURCE

Writes the enumeration of what a QEMU binary can do, its names, what shows each, and what a probe
has to look at for that."""

import sys

PLAIN = ("command", "migration", "cpu", "tpm", "type", "schema", "option")
TYPED = ("device", "object", "machine")

HEADER = """\
    VIR_QEMU_CAPS_LAST
} VirQemuCapsFlag;

/** A flag, and the fact that shows it: "KIND NAME", of a property "KIND TYPE.NAME". */
typedef struct {
    const char *fact;
    VirQemuCapsFlag flag;
} VirQemuTrigger;

extern const char *const vir_qemu_flag_names[VIR_QEMU_CAPS_LAST];
extern const char *const vir_qemu_flag_words[VIR_QEMU_CAPS_LAST]; /* of the constants */
extern const VirQemuTrigger vir_qemu_triggers[];
extern const unsigned vir_qemu_n_triggers;

/** What a probe looks at; each ends with NULL. */
extern const char *const vir_qemu_probe_schema[];
"""


def rows(path):
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.strip() and not line.startswith("#"):
                yield f"{path}:{number}", line.rstrip("\n").split("\t")


def read_triggers(path, named):
    """[(fact, constant)], and what the probe asks for: {kind: {type or path: None}} in order."""
    facts = []
    asked = {kind: {} for kind in TYPED + ("schema",)}
    for where, row in rows(path):
        kind, name, constant = row[:3]
        if kind not in PLAIN + TYPED or constant not in named or (kind in TYPED) != (len(row) == 4):
            sys.exit(f"{where}: kind '{kind}' or flag '{constant}' is not known, or no types")
        if kind in PLAIN:
            facts.append((f"{kind} {name}", constant))
            if kind == "schema":
                asked[kind][name] = None
        else:
            for of in row[3].split():
                facts.append((f"{kind} {of}.{name}", constant))
                asked[kind][of] = None
    return facts, asked


def main():
    flags, triggers, header, source = sys.argv[1:]
    named = {}
    for where, (name, constant) in rows(flags):
        if constant in named or name in named.values():
            sys.exit(f"{where}: '{name}' stands here twice")
        named[constant] = name
    facts, asked = read_triggers(triggers, named)
    with open(header, "w", encoding="utf-8") as f:
        f.write("/* Made by qemu_caps.py */\n#pragma once\n\ntypedef enum {\n")
        f.writelines(f"    VIR_QEMU_CAPS_{constant},\n" for constant in named)
        f.write(HEADER)
        f.writelines(f"extern const char *const vir_qemu_probe_{kind}s[];\n" for kind in TYPED)
    with open(source, "w", encoding="utf-8") as f:
        f.write('#include "vir-qemu-flags.h"\n\n#include <stddef.h>\n\n'
                "const char *const vir_qemu_flag_names[VIR_QEMU_CAPS_LAST] = {\n")
        f.writelines(f'    "{name}",\n' for name in named.values())
        f.write("};\n\nconst char *const vir_qemu_flag_words[VIR_QEMU_CAPS_LAST] = {\n")
        f.writelines(f'    "{constant}",\n' for constant in named)
        f.write("};\n\nconst VirQemuTrigger vir_qemu_triggers[] = {\n")
        f.writelines(f'    {{"{fact}", VIR_QEMU_CAPS_{constant}}},\n' for fact, constant in facts)
        f.write(f"}};\nconst unsigned vir_qemu_n_triggers = {len(facts)};\n")
        for kind, things in asked.items():
            f.write(f"\nconst char *const vir_qemu_probe_{kind}{'' if kind == 'schema' else 's'}"
                    "[] = {\n")
            f.writelines(f'    "{thing}",\n' for thing in things)
            f.write("    NULL};\n")


main()
