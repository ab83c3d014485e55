#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-symbols.py SYMBOLS.tsv NM LIBRARY FILE: the library exports exactly what the table says."""

import subprocess
import sys

table, nm, library, path = sys.argv[1:]
with open(table, encoding="utf-8") as f:
    rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
want = {f"{symbol}@@{node}" for symbol, lib, node, _ in rows if lib == library}
out = subprocess.run([nm, "-D", "--defined-only", "--with-symbol-versions", path], check=True,
                     capture_output=True, text=True).stdout
have = {line.split()[2] for line in out.splitlines()}
have = {s for s in have if not s.startswith("LIBVIRT_") and "@@LIBVIRT_PRIVATE_" not in s}
for symbol in sorted(want - have):
    print(f"missing: {symbol}")
for symbol in sorted(have - want):
    print(f"not in the table: {symbol}")
sys.exit(want != have)
