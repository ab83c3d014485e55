#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""qemu_caps.py FLAGS TRIGGERS HEADER SOURCE

Writes the enumeration of what a QEMU binary can do, its names, and the table of what shows each."""

import sys

KINDS = ("command", "type", "schema", "option", "migration", "property", "machine")


def rows(path):
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.strip() and not line.startswith("#"):
                yield f"{path}:{number}", line.rstrip("\n").split("\t")


def main():
    flags, triggers, header, source = sys.argv[1:]
    named = {}
    for where, (name, constant) in rows(flags):
        if constant in named or name in named.values():
            sys.exit(f"{where}: '{name}' stands here twice")
        named[constant] = name
    with open(header, "w", encoding="utf-8") as f:
        f.write("/* Made by qemu_caps.py */\n#pragma once\n\ntypedef enum {\n")
        f.writelines(f"    VIR_QEMU_CAPS_{constant},\n" for constant in named)
        f.write("    VIR_QEMU_CAPS_LAST\n} VirQemuCapsFlag;\n\n"
                "typedef enum {\n")
        f.writelines(f"    VIR_QEMU_TRIGGER_{kind.upper()},\n" for kind in KINDS)
        f.write("} VirQemuTriggerKind;\n\n"
                "/** What shows a flag; @types, of a property: the first that exists is asked. */\n"
                "typedef struct {\n    VirQemuTriggerKind kind;\n    const char *name;\n"
                "    VirQemuCapsFlag flag;\n    const char *const *types;\n} VirQemuTrigger;\n\n"
                "extern const char *const vir_qemu_flag_names[VIR_QEMU_CAPS_LAST];\n"
                "extern const VirQemuTrigger vir_qemu_triggers[];\n"
                "extern const unsigned vir_qemu_n_triggers;\n")
    with open(source, "w", encoding="utf-8") as f:
        f.write('#include "vir-qemu-flags.h"\n\n#include <stddef.h>\n\n'
                "const char *const vir_qemu_flag_names[VIR_QEMU_CAPS_LAST] = {\n")
        f.writelines(f'    "{name}",\n' for name in named.values())
        f.write("};\n\nconst VirQemuTrigger vir_qemu_triggers[] = {\n")
        count = 0
        for where, row in rows(triggers):
            kind, name, constant = row[:3]
            if kind not in KINDS or constant not in named:
                sys.exit(f"{where}: kind '{kind}' or flag '{constant}' is not known")
            types = "NULL"
            if len(row) > 3:
                words = ", ".join(f'"{word}"' for word in row[3].split())
                types = f"(const char *const[]){{{words}, NULL}}"
            f.write(f'    {{VIR_QEMU_TRIGGER_{kind.upper()}, "{name}", VIR_QEMU_CAPS_{constant}, '
                    f"{types}}},\n")
            count += 1
        f.write(f"}};\nconst unsigned vir_qemu_n_triggers = {count};\n")


main()
