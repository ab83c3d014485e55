#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write virsh's command tables.

usage: gen_commands.py commands.tsv OUT.h OUT.c SOURCE.c...

A command is built when one of the sources says VIRSH_COMMAND(name_with_underscores).
"""
import re
import sys

TYPES = {"flag", "string", "number"}
FORMS = {  # form: (C constant, required, repeats)
    "data": ("VIRSH_FORM_DATA", 1, 0),
    "data?": ("VIRSH_FORM_DATA", 0, 0),
    "data+": ("VIRSH_FORM_DATA", 1, 1),
    "data*": ("VIRSH_FORM_DATA", 0, 1),
    "old": ("VIRSH_FORM_OLD", 0, 0),
    "named": ("VIRSH_FORM_NAMED", 0, 0),
    "named*": ("VIRSH_FORM_NAMED", 0, 1),
}


def quote(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def field(text):
    return "NULL" if text == "-" else quote(text)


def parse(path):
    groups, commands, texts = [], [], {}
    with open(path, encoding="utf-8") as table:
        for number, line in enumerate(table, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            cells = line.split("\t")
            kind, cells = cells[0], cells[1:]
            want = {"group": 2, "command": 5, "option": 6, "text": 2}.get(kind)
            if want != len(cells):
                sys.exit(f"{path}:{number}: '{kind}' with {len(cells)} columns")
            if kind == "group":
                groups.append(cells)
            elif kind == "command":
                commands.append((number, cells, []))
            elif kind == "text":
                texts[cells[0]] = cells[1]
            elif cells[1] not in TYPES or cells[2] not in FORMS:
                sys.exit(f"{path}:{number}: bad type or form of --{cells[0]}")
            else:
                commands[-1][2].append((number, cells))
    return groups, commands, texts


def built_commands(sources):
    built = set()
    for source in sources:
        with open(source, encoding="utf-8") as text:
            built.update(re.findall(r"^VIRSH_COMMAND\((\w+)\)", text.read(), re.M))
    return built


def main():
    path, header, body = sys.argv[1:4]
    groups, commands, texts = parse(path)
    built = built_commands(sys.argv[4:])
    names = {cells[0].replace("-", "_") for _, cells, _ in commands}
    for name in sorted(built - names):
        sys.exit(f"{path}: no row for VIRSH_COMMAND({name})")

    with open(header, "w", encoding="utf-8") as out:
        out.write("#pragma once\n#include \"virsh.h\"\n")
        for name in sorted(built):
            out.write(f"VIRSH_COMMAND({name});\n")

    with open(body, "w", encoding="utf-8") as out:
        out.write('#include "commands.h"\n\n')
        for _, (name, _, _, _, _), options in commands:
            if not options:
                continue
            ident = name.replace("-", "_")
            out.write(f"static const VirshOpt {ident}_options[] = {{\n")
            for number, (opt, kind, form, aliases, completer, text) in options:
                text = texts.get(opt, "-") if text == "-" else text
                if text == "-" and ident in built:
                    sys.exit(f"{path}:{number}: --{opt} of '{name}' needs a text")
                form, required, repeats = FORMS[form]
                out.write(
                    f"    {{{quote(opt)}, {field(text)}, {field(aliases)}, {field(completer)}, "
                    f"VIRSH_TYPE_{kind.upper()}, {form}, {required}, {repeats}}},\n"
                )
            out.write("};\n\n")
        out.write("const VirshCmdDef virsh_commands[] = {\n")
        for _, (name, group, aliases, flags, text), options in commands:
            ident = name.replace("-", "_")
            group = "" if group == "-" else group
            handler = f"virsh_cmd_{ident}" if ident in built else "NULL"
            table = f"{ident}_options" if options else "NULL"
            out.write(
                f"    {{{quote(name)}, {quote(group)}, {field(aliases)}, {quote(text)}, {table}, "
                f"{len(options)}, {int('noconn' not in flags)}, {handler}}},\n"
            )
        out.write("};\n\n")
        out.write("const gsize virsh_n_commands = G_N_ELEMENTS(virsh_commands);\n\n")
        out.write("const VirshGroup virsh_groups[] = {\n")
        for name, title in groups:
            out.write(f"    {{{quote(name)}, {quote(title)}}},\n")
        out.write("};\n\n")
        out.write("const gsize virsh_n_groups = G_N_ELEMENTS(virsh_groups);\n")


if __name__ == "__main__":
    main()
