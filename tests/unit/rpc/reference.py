#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs rpcgen over the IDL: reference.py SOURCE_ROOT OUTDIR RPCGEN FILE.x...

Writes per file NAME.h and NAME.c, and reference.c with a table of every type.
"""

import os
import shutil
import subprocess
import sys


def main(argv):
    root, outdir, rpcgen, files = argv[1], argv[2], argv[3], argv[4:]
    sys.path.insert(0, os.path.join(root, "src/common/gen"))
    sys.dont_write_bytecode = True
    import idl_model  # pylint: disable=import-outside-toplevel

    model = idl_model.Model(files)
    names = []
    for path in files:
        # rpcgen derives the header's name from the path it is given
        base = os.path.basename(path)
        name = base[:-2]
        names.append(name)
        shutil.copyfile(path, os.path.join(outdir, base))
        for option, suffix in (("-h", "h"), ("-c", "c")):
            out = os.path.join(outdir, f"{name}.{suffix}")
            if os.path.exists(out):
                os.unlink(out)
            subprocess.run([rpcgen, option, "-o", f"{name}.{suffix}", base], cwd=outdir,
                           check=True)
    lines = ['#include "reference.h"'] + [f'#include "{n}.h"' for n in names]
    lines.append("const Reference references[] = {")
    for name in model.types:
        lines.append(f'    {{ "{name}", sizeof({name}), (xdrproc_t)xdr_{name} }},')
    lines += ["    { 0 }", "};", ""]
    with open(os.path.join(outdir, "reference.c"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv)
