# SPDX-License-Identifier: LGPL-2.1-or-later
"""Parser of the annotated XDR language (RFC 4506 section 6) of src/common/rpc/*.x."""

import re


class IdlError(Exception):
    pass


class Decl:
    """A declaration: `type name`, `type *name`, `type name[n]`, `type name<n>`."""

    def __init__(self, ctype, name, shape, limit):
        self.type = ctype
        self.name = name
        self.shape = shape  # one, optional, fixed, var
        self.limit = limit  # text of the bound, None where there is none


class Const:
    def __init__(self, name, value):
        self.name, self.value = name, value


class Enum:
    def __init__(self, name, members):
        self.name, self.members = name, members  # (name, value, annotations)


class Typedef:
    def __init__(self, decl):
        self.name, self.decl = decl.name, decl


class Struct:
    def __init__(self, name, fields):
        self.name, self.fields = name, fields


class Union:
    def __init__(self, name, switch, cases):
        self.name, self.switch, self.cases = name, switch, cases  # cases: (value, Decl)


class Include:
    def __init__(self, text):
        self.text = text


TOKEN = re.compile(r"""
    (?P<blank>\s+)
  | (?P<comment>/\*.*?\*/)
  | (?P<pass>(?m:^%)[^\n]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>-?(?:0[xX][0-9a-fA-F]+|\d+))
  | (?P<mark>[{}()\[\]<>;:,=*])
""", re.X | re.S)

KNOWN = {"api", "class", "acl", "aclfilter", "job", "priority", "readonly", "noauth", "stream",
         "fds", "since", "event", "check", "endsid"}


def annotations(comment, where):
    """`@key words @key words` of a comment, as a dictionary of lists of words."""
    text = re.sub(r"\n\s*\*", "\n", comment[2:-2])
    found = {}
    key = None
    for word in text.split():
        if word.startswith("@"):
            key = word[1:]
            if key not in KNOWN:
                raise IdlError(f"{where}: unknown annotation @{key}")
            if key in found:
                raise IdlError(f"{where}: @{key} given twice")
            found[key] = []
        elif key:
            found[key].append(word)
    return found


class Parser:
    def __init__(self, path, text):
        self.path = path
        self.tokens = []
        self.at = 0
        pos = line = 0
        while pos < len(text):
            m = TOKEN.match(text, pos)
            line = text.count("\n", 0, pos) + 1
            if not m:
                raise IdlError(f"{path}:{line}: cannot read {text[pos:pos + 20]!r}")
            if m.lastgroup != "blank":
                self.tokens.append((m.lastgroup, m.group(), line))
            pos = m.end()
        self.tokens.append(("end", "", line))

    def where(self):
        return f"{self.path}:{self.tokens[self.at][2]}"

    def comment(self):
        """Annotations of the comments before the next token."""
        notes = {}
        while self.tokens[self.at][0] == "comment":
            text = self.tokens[self.at][1]
            if "@" in text:
                notes = annotations(text, self.where())
            self.at += 1
        return notes

    def peek(self):
        self.comment()
        return self.tokens[self.at][1]

    def next(self, kind=None):
        self.comment()
        token = self.tokens[self.at]
        if kind and token[0] != kind:
            raise IdlError(f"{self.where()}: {kind} expected, not {token[1]!r}")
        self.at += 1
        return token[1]

    def expect(self, text):
        if self.peek() != text:
            raise IdlError(f"{self.where()}: {text!r} expected, not {self.peek()!r}")
        self.at += 1

    def accept(self, text):
        if self.peek() == text:
            self.at += 1
            return True
        return False

    def type(self):
        word = self.next("word")
        if word == "unsigned":
            if self.peek() in ("int", "hyper", "char", "short"):
                return "unsigned " + self.next()
            return "unsigned int"
        return word

    def declaration(self):
        ctype = self.type()
        optional = self.accept("*")
        name = self.next("word")
        if optional:
            return Decl(ctype, name, "optional", None)
        if self.accept("["):
            limit = self.next()
            self.expect("]")
            return Decl(ctype, name, "fixed", limit)
        if self.accept("<"):
            limit = None if self.peek() == ">" else self.next()
            self.expect(">")
            return Decl(ctype, name, "var", limit)
        return Decl(ctype, name, "one", None)

    def enum(self):
        name = self.next("word")
        self.expect("{")
        members = []
        while True:
            notes = self.comment()
            member = self.next("word")
            self.expect("=")
            members.append((member, self.next(), notes))
            if not self.accept(","):
                break
        self.expect("}")
        return Enum(name, members)

    def struct(self):
        name = self.next("word")
        self.expect("{")
        fields = []
        while not self.accept("}"):
            fields.append(self.declaration())
            self.expect(";")
        return Struct(name, fields)

    def union(self):
        name = self.next("word")
        self.expect("switch")
        self.expect("(")
        switch = self.declaration()
        self.expect(")")
        self.expect("{")
        cases = []
        while not self.accept("}"):
            self.expect("case")
            value = self.next()
            self.expect(":")
            cases.append((value, self.declaration()))
            self.expect(";")
        return Union(name, switch, cases)

    def items(self):
        while True:
            self.comment()
            kind, text, _ = self.tokens[self.at]
            if kind == "end":
                return
            self.at += 1
            if kind == "pass":
                yield Include(text[1:].strip())
                continue
            if text == "const":
                name = self.next("word")
                self.expect("=")
                yield Const(name, self.next())
            elif text == "typedef":
                yield Typedef(self.declaration())
            elif text in ("enum", "struct", "union"):
                yield getattr(self, text)()
            else:
                raise IdlError(f"{self.where()}: no definition begins with {text!r}")
            self.expect(";")


def parse(path):
    with open(path, encoding="utf-8") as f:
        return list(Parser(path, f.read()).items())
