#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Generate C structs, engine tables, RELAX NG and a reference page from *.schema files.

usage: schema_gen.py --header OUT.h --source OUT.c --flags OUT.h --rng OUT.rng --doc OUT.md
                     --dict OUT.dict -I DIR FILE.schema

Every output is optional. The language is described in docs/internals/schema.md. A bad line is
reported as FILE:LINE: text on standard error, all of them in one run; the exit status is then 1.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import schema_c  # noqa: E402
import schema_dict  # noqa: E402
import schema_doc  # noqa: E402
import schema_rng  # noqa: E402
from schema_model import SchemaErrors, load  # noqa: E402


def write(path, text):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    ap.add_argument("schema")
    ap.add_argument("-I", dest="include", action="append", default=[])
    ap.add_argument("--header")
    ap.add_argument("--source")
    ap.add_argument("--flags", help="bits of the rows, the same for every schema")
    ap.add_argument("--rng", help="RELAX NG of the document --document, default the first")
    ap.add_argument("--document")
    ap.add_argument("--doc")
    ap.add_argument("--example", help="a document that --doc shows")
    ap.add_argument("--dict", help="words of the documents, for a fuzzer")
    opts = ap.parse_args(argv)
    include = [os.path.dirname(os.path.abspath(opts.schema))] + opts.include
    try:
        schema = load(opts.schema, include)
    except SchemaErrors as e:
        print("\n".join(e.lines), file=sys.stderr)
        return 1
    if opts.header:
        write(opts.header, schema_c.header(schema))
    if opts.source:
        write(opts.source, schema_c.source(schema))
    if opts.flags:
        write(opts.flags, schema_c.row_flags())
    if opts.rng:
        docs = [d for d in schema.documents if opts.document in (None, d.name)]
        if not docs:
            print(f"{opts.schema}: no document {opts.document or ''}", file=sys.stderr)
            return 1
        write(opts.rng, schema_rng.document(schema, docs[0]))
    if opts.doc:
        example = None
        if opts.example:
            with open(opts.example, encoding="utf-8") as f:
                example = f.read()
        write(opts.doc, schema_doc.page(schema, example))
    if opts.dict:
        write(opts.dict, schema_dict.dictionary(schema))
    return 0


if __name__ == "__main__":
    sys.exit(main())
