# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prototypes and plain structures of the public headers."""

import re
from collections import namedtuple

Param = namedtuple("Param", "type name array")
Function = namedtuple("Function", "name returns params")


def tidy(ctype):
    """One spelling for a type: `const char *`, `virDomainPtr **`."""
    ctype = re.sub(r"\s*(\*+)\s*", r" \1", " ".join(ctype.split()))
    return re.sub(r"\*const", "* const", ctype).strip()


def split_params(text):
    params = []
    for part in text.split(","):
        part = part.strip()
        if part in ("void", ""):
            continue
        if re.fullmatch(r"\w+", part):
            part += f" arg{len(params)}"  # a parameter without a name
        m = re.match(r"(.*?[\s*])(\w+)\s*(\[[^\]]*\])?$", part, re.S)
        if not m:
            return None
        params.append(Param(tidy(m.group(1)), m.group(2), m.group(3) or ""))
    return params


class Headers:
    """`functions` by name; `structs`: typedef name -> [(member, type, array bound or None)]."""

    def __init__(self, paths):
        self.functions = {}
        self.structs = {}
        for path in paths:
            with open(path, encoding="utf-8") as f:
                self.read(f.read())

    def read(self, text):
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        text = re.sub(r"^\s*#.*(?:\\\n.*)*$", " ", text, flags=re.M)
        for m in re.finditer(r"^struct (_\w+) \{(.*?)^\};", text, re.M | re.S):
            if "union" not in m.group(2) and "(*" not in m.group(2):
                self.structs[m.group(1)[1:]] = self.members(m.group(2))
        for m in re.finditer(r"^((?:const |unsigned |long |struct )*\w+(?:[\s*]+))(vir\w+)"
                             r"\(([^;{]*?)\)[^;(]*;", text, re.M | re.S):
            if m.group(1).startswith("typedef") or "(*" in m.group(3):
                continue
            params = split_params(m.group(3))
            if params is not None:
                returns = tidy(m.group(1))
                self.functions[m.group(2)] = Function(m.group(2), returns, params)

    @staticmethod
    def members(body):
        found = []
        for line in body.split(";"):
            m = re.match(r"\s*(.*?[\s*])(\w+)\s*(?:\[(\w+)\])?\s*$", line, re.S)
            if m:
                found.append((m.group(2), tidy(m.group(1)), m.group(3)))
        return found
