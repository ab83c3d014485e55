# SPDX-License-Identifier: LGPL-2.1-or-later
"""The schema language: lines to rows, rows to structs with checked names, types and guards."""
import os
import re

# C type, alignment, whether absence needs a `has_` member of its own
SCALARS = {
    "string": ("char *", 8, False), "ip": ("char *", 8, False), "cpuset": ("VirBitmap *", 8, False),
    "codec": ("char *", 8, False), "verbatim": ("char *", 8, False),
    "yesno": ("guint8", 1, False), "onoff": ("guint8", 1, False), "enum": ("guint8", 1, False),
    "present": ("bool", 1, False),
    "int": ("int", 4, True), "uint": ("guint", 4, True), "u8": ("guint8", 1, True),
    "u16": ("guint16", 2, True), "i64": ("gint64", 8, True), "u64": ("guint64", 8, True),
    "hex": ("guint", 4, True), "hex8": ("guint8", 1, True), "hex16": ("guint16", 2, True),
    "hex64": ("guint64", 8, True), "oct": ("guint", 4, True),
    "size": ("guint64", 8, True), "uuid": ("guint8", 1, True), "mac": ("guint8", 1, True),
}
LIMITS = {
    "int": (-2**31, 2**31 - 1), "uint": (0, 2**32 - 1), "u8": (0, 255), "u16": (0, 65535),
    "i64": (-2**63, 2**63 - 1), "u64": (0, 2**64 - 1), "hex": (0, 2**32 - 1), "hex8": (0, 255), "hex16": (0, 65535),
    "hex64": (0, 2**64 - 1), "oct": (0, 2**32 - 1), "size": (0, 2**64 - 1),
}
UNITS = {"bytes": 1, "B": 1, "M": 1 << 20, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
ARRAY = {"uuid": 16, "mac": 6}
FLAGS = ("required", "always", "live", "status", "secure", "abi", "nomigrate", "paired",
         "drop-empty", "anybase", "persistent", "exact", "foreign", "once",
         "unprinted", "alternative", "mixed", "base16", "needed", "fitting")
# What a row gets a bit for without the word
MORE_FLAGS = ("present", "has", "default", "implied", "refused")
KEYED = {"default", "implied", "since", "unit", "bare"}
# Who acts on a row, as the reference calls them; and those of them that there are
DRIVERS = {"qemu": "QEMU", "lxc": "LXC", "xen": "Xen", "bhyve": "bhyve", "vmware": "VMware"}
BUILT_DRIVERS = {"qemu"}


class SchemaErrors(Exception):
    def __init__(self, lines):
        super().__init__("\n".join(lines))
        self.lines = lines


class Line:
    def __init__(self, file, number, indent, text, doc):
        self.file, self.number, self.indent, self.text, self.doc = file, number, indent, text, doc
        self.children = []


class Enum:
    def __init__(self, schema, name, values, doc, line):
        self.schema, self.name, self.values, self.doc, self.line = schema, name, values, doc, line

    @property
    def ctype(self):
        return self.schema.prefix + self.name

    def constant(self, value):
        return upper(self.ctype) + "_" + re.sub(r"[^A-Za-z0-9]", "_", value).upper()

    @property
    def table(self):
        return snake(self.ctype) + "_enum"


class Row:
    """One line. kind: attr text leaf leaves group child children self aside verbatim field."""

    def __init__(self, kind, name, line):
        self.kind, self.name, self.line, self.doc = kind, name, line, line.doc
        self.ns = None
        self.type = None          # key of SCALARS
        self.enum = None
        self.arg = None           # width, unit, codec
        self.range = None
        self.struct = None        # child, children, self, embedded group
        self.rows = []            # group
        self.field = None         # path of the C member
        self.maps = False         # `->`: the member is declared elsewhere
        self.count = None         # member with the number of items
        self.has = None           # member that says whether there is a value
        self.flags = set()
        self.default = None
        self.implied = None  # value where the element is there without the attribute
        self.since = None
        self.unit = "unit"
        self.bare = None          # unit of a size without the attribute, where another one
        self.guards = []          # (member, values or None, negate)
        self.drivers = ()         # keys of DRIVERS: who acts on it
        self.refused = ()         # those of them whose start refuses it
        self.embedded = False


class Struct:
    def __init__(self, schema, name, line):
        self.schema, self.name, self.line, self.doc = schema, name, line, line.doc
        self.rows = []
        self.check = None
        self.closed = False       # unknown elements are refused
        self.members = {}         # name -> Member
        self.declared = False

    @property
    def ctype(self):
        return self.schema.prefix + self.name

    @property
    def sym(self):
        return snake(self.ctype)


class Member:
    def __init__(self, name, ctype, align, doc, row=None, struct=None, array=0, role="value"):
        self.name, self.ctype, self.align, self.doc = name, ctype, align, doc
        self.row, self.struct, self.array, self.role = row, struct, array, role


class Document:
    def __init__(self, name, root, struct, doc, line):
        self.name, self.root, self.struct, self.doc, self.line = name, root, struct, doc, line


class Schema:
    def __init__(self, path):
        self.path = path
        self.name = self.prefix = None
        self.imports, self.enums, self.structs, self.groups = [], {}, {}, {}
        self.namespaces, self.documents, self.doc = {}, [], ""
        self.codecs, self.checks = [], []
        self.drivers = ()

    def find(self, kind, name):
        for schema in [self] + self.imports:
            found = getattr(schema, kind).get(name)
            if found is not None:
                return found
        return None


def snake(name):
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()


def upper(name):
    return snake(name).upper()


C_WORDS = {"default", "switch", "case", "int", "long", "short", "char", "register", "static", "if",
           "const", "auto", "do", "for", "while", "void", "union", "enum", "struct", "inline"}


def plural(name):
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch")) else "s")


class Parser:
    def __init__(self, path, include):
        self.path, self.include = path, include
        self.errors = []
        self.inherited = []       # (drivers, refused) of the rows around the one that is read
        self.schema = Schema(path)

    def fail(self, line, text):
        self.errors.append(f"{line.file}:{line.number}: {text}")

    # -- lines ---------------------------------------------------------------------------------
    def lines(self):
        top, stack = [], []
        with open(self.path, encoding="utf-8") as f:
            for number, raw in enumerate(f, 1):
                if not raw.strip() or raw.lstrip().startswith("#"):
                    continue
                text, _, doc = raw.rstrip("\n").partition(" -- ")
                body = text.lstrip(" ")
                line = Line(self.path, number, len(text) - len(body), body.rstrip(), doc.strip())
                if "\t" in raw or line.indent % 2:
                    self.fail(line, "indent with two spaces a level, no tabs")
                while stack and stack[-1].indent >= line.indent:
                    stack.pop()
                (stack[-1].children if stack else top).append(line)
                stack.append(line)
        return top

    # -- statements ----------------------------------------------------------------------------
    def run(self):
        top = self.lines()
        handlers = {"schema": self.do_schema, "import": self.do_import, "enum": self.do_enum,
                    "namespace": self.do_namespace, "group": self.do_group}
        later = []
        for line in top:
            word = line.text.split(" ", 1)[0]
            if word in handlers:
                handlers[word](line, line.text.split()[1:])
            elif word in ("struct", "document"):
                later.append((word, line))
            else:
                self.fail(line, f"'{word}' begins no statement: expected schema, import, enum, "
                                "namespace, group, struct or document")
        if self.schema.prefix is None:
            self.errors.append(f"{self.path}:1: no 'schema NAME PREFIX' statement")
            raise SchemaErrors(self.errors)
        for word, line in later:
            if word == "struct":
                self.declare(line)
        for word, line in later:
            if word == "struct":
                self.do_struct(line)
        for word, line in later:
            if word == "document":
                self.do_document(line, line.text.split()[1:])
        for struct in list(self.schema.structs.values()):
            Resolver(self, struct).run()
        if self.errors:
            raise SchemaErrors(self.errors)
        return self.schema

    def need_doc(self, line, what):
        if not line.doc:
            self.fail(line, f"{what} has no documentation: end the line with ' -- what it is'")

    def do_schema(self, line, words):
        self.need_doc(line, "the schema")
        if len(words) == 3 and words[2].startswith("drivers="):
            self.schema.drivers = self.drivers(line, words.pop().partition("=")[2])
        if len(words) != 2:
            return self.fail(line, "expected: schema NAME C_PREFIX drivers=NAME|NAME")
        self.schema.name, self.schema.prefix = words
        self.schema.doc = line.doc

    def drivers(self, line, text):
        names = tuple(text.split("|"))
        for name in names:
            if name not in DRIVERS:
                self.fail(line, f"no driver '{name}': expected some of {' '.join(DRIVERS)}")
        return tuple(name for name in names if name in DRIVERS)

    def do_import(self, line, words):
        for name in words:
            for folder in self.include:
                path = os.path.join(folder, name + ".schema")
                if os.path.exists(path):
                    try:
                        self.schema.imports.append(load(path, self.include))
                    except SchemaErrors as e:
                        self.errors += e.lines
                    break
            else:
                self.fail(line, f"no {name}.schema beside this file")

    def do_enum(self, line, words):
        self.need_doc(line, "the enum")
        values = words[1:] + [w for child in line.children for w in child.text.split()]
        self.add_enum(line, words[0] if words else "", values, line.doc)

    def add_enum(self, line, name, values, doc):
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
            self.fail(line, f"'{name}' is no name of an enum: begin with a capital letter")
        if not values:
            self.fail(line, f"enum {name} has no values")
        enum = Enum(self.schema, name, values, doc, line)
        constants = [enum.constant(v) for v in values]
        for v, c in zip(values, constants):
            if constants.count(c) > 1 or values.count(v) > 1:
                self.fail(line, f"enum {name}: value '{v}' is there twice (as {c})")
        if name in self.schema.enums or name in self.schema.structs:
            old = self.schema.enums.get(name)
            if not old or old.values != values:
                self.fail(line, f"{name} is defined twice: give the member another name with 'as'")
        self.schema.enums.setdefault(name, enum)
        return self.schema.enums[name]

    def do_namespace(self, line, words):
        self.need_doc(line, "the namespace")
        if len(words) != 2:
            return self.fail(line, "expected: namespace PREFIX URI")
        self.schema.namespaces[words[0]] = words[1]

    def do_group(self, line, words):
        self.need_doc(line, "the group")
        self.schema.groups[words[0]] = line

    def do_document(self, line, words):
        self.need_doc(line, "the document")
        m = re.fullmatch(r"(\w+) <([\w:-]+)> (\w+)", " ".join(words))
        if not m:
            return self.fail(line, "expected: document NAME <root> Struct")
        struct = self.schema.find("structs", m[3])
        if not struct:
            return self.fail(line, f"no struct {m[3]}")
        self.schema.documents.append(Document(m[1], m[2], struct, line.doc, line))

    def declare(self, line):
        words = line.text.split()
        name = words[1] if len(words) > 1 else ""
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
            return self.fail(line, f"'{name}' is no name of a struct: begin with a capital letter")
        if name in self.schema.structs:
            return self.fail(line, f"struct {name} is defined twice")
        self.schema.structs[name] = Struct(self.schema, name, line)

    def do_struct(self, line):
        self.need_doc(line, "the struct")
        words = line.text.split()
        struct = self.schema.structs.get(words[1]) if len(words) > 1 else None
        if not struct:
            return
        drivers, refused = self.schema.drivers, ()
        for word in words[2:]:
            m = re.fullmatch(r"check=(\w+)", word)
            if m:
                struct.check = m[1]
                self.schema.checks.append(m[1])
            elif word == "closed":
                struct.closed = True
            elif word.startswith("drivers="):
                drivers = self.drivers(line, word.partition("=")[2])
            elif word.startswith("refused="):
                refused = self.drivers(line, word.partition("=")[2])
            else:
                self.fail(line, f"'{word}' is no option of a struct (check=FUNCTION, closed, "
                                "drivers=NAME, refused=NAME)")
        self.inherited.append((drivers, refused))
        self.rows(line.children, struct, struct.rows, "", [])
        self.inherited.pop()

    # -- rows ----------------------------------------------------------------------------------
    def rows(self, lines, struct, out, prefix, guards):
        for line in lines:
            word = line.text.split(" ", 1)[0]
            if word.startswith("when("):
                self.rows(line.children, struct, out, prefix,
                          guards + self.guards(line, line.text))
            elif word == "use":
                self.use(line, struct, out, prefix, guards)
            else:
                row = self.row(line, struct, prefix, guards)
                if row:
                    out.append(row)

    def use(self, line, struct, out, prefix, guards):
        for name in line.text.split()[1:]:
            group = self.schema.find("groups", name)
            if not group:
                self.fail(line, f"no group {name}")
            else:
                self.rows(group.children, struct, out, prefix, guards)

    def guards(self, line, text):
        m = re.fullmatch(r"when\(([^)]*)\)", text.strip())
        if not m:
            self.fail(line, "expected: when(member=value|value, member, !member)")
            return []
        out = []
        for part in m[1].split(","):
            name, eq, values = part.strip().partition("=")
            negate = name.startswith("!")
            if name.endswith("!"):
                name, negate = name[:-1], True
            out.append((name.lstrip("!"), values.split("|") if eq else None, negate))
        return out

    def row(self, line, struct, prefix, guards):
        text = line.text
        m = re.fullmatch(r"<([\w:.-]+)>@([\w:.-]+)(.*)", text)
        if m:       # <a>@b: an element with a single attribute
            group = Row("group", m[1], line)
            self.split_ns(group)
            row = self.one(line, "attr", m[2], m[3], struct, prefix + snake(m[1]) + "_", [])
            if not row:
                return None
            group.flags = row.flags & {"live", "status", "abi", "secure", "nomigrate", "persistent",
                                       "required"}
            group.since, row.flags = row.since, row.flags - {"live", "status"}
            group.drivers, group.refused = row.drivers, row.refused
            group.guards = guards + row.guards
            row.guards = []
            group.rows = [row]
            self.need_doc(line, f"<{m[1]}>")
            if line.children:
                self.fail(line, "a row <a>@b has no rows beneath it")
            return group
        m = re.fullmatch(r"@([\w:.-]+)(.*)", text)
        if m:
            return self.one(line, "attr", m[1], m[2], struct, prefix, guards)
        m = re.fullmatch(r"<([\w:.-]+|\*)>(.*)", text)
        if m:
            return self.one(line, "elem", m[1], m[2], struct, prefix, guards)
        m = re.fullmatch(r"(text|embed|field|verbatim)(?: (.*))?", text)
        if m:
            return self.one(line, m[1], "", m[2] or "", struct, prefix, guards)
        self.fail(line, f"'{text.split()[0]}' begins no row: expected @attribute, <element>, text, "
                        "field, embed, use or when(...)")
        return None

    def split_ns(self, row):
        if ":" in row.name:
            row.ns, row.name = row.name.split(":", 1)
            if row.ns not in self.schema.namespaces:
                self.fail(row.line, f"no namespace {row.ns}")

    def one(self, line, kind, name, rest, struct, prefix, guards):
        row = Row(kind, name, line)
        row.drivers = self.inherited[-1][0] if self.inherited else self.schema.drivers
        row.refused = self.inherited[-1][1] if self.inherited else ()
        self.need_doc(line, f"'{line.text.split(' ')[0]}'")
        self.split_ns(row)
        words = re.findall(r"when\([^)]*\)|\{[^}]*\}|\S+", rest)
        alias = target = None
        i = 0
        if kind == "field" and words:
            row.name = words.pop(0)
        type_word = None
        while i < len(words):
            w = words[i]
            key, eq, value = w.partition("=")
            if w == "as" and i + 1 < len(words):
                alias = words[i + 1]
                i += 1
            elif w == "->" and i + 1 < len(words):
                target = words[i + 1]
                i += 1
            elif w.startswith("when("):
                guards = guards + self.guards(line, w)
            elif w in FLAGS:
                row.flags.add(w)
            elif key == "drivers" and eq:
                row.drivers = self.drivers(line, value)
            elif key == "refused" and eq:
                row.refused = self.drivers(line, value)
            elif eq and key in KEYED:
                setattr(row, key, value)
            elif type_word is None and i == 0:
                type_word = w
            else:
                self.fail(line, f"'{w}' is no option of a row")
            i += 1
        row.guards = guards
        if not self.typed(row, type_word, struct, prefix, alias):
            return None
        self.name_field(row, prefix, alias, target)
        if row.enum == "anonymous":
            base = "".join(p[:1].upper() + p[1:] for p in row.field.split(".")[-1].split("_"))
            sname = "" if struct.name == "Def" else struct.name
            row.enum = self.add_enum(line, sname + base, row.arg, line.doc)
            row.arg = None
        self.inherited.append((row.drivers, row.refused))
        if row.kind == "group":
            sub = "" if alias == "-" else row.field + "_"
            self.rows(line.children, struct, row.rows, sub, [])
        elif row.struct and line.children:
            self.nested(row, line)
        elif line.children:
            self.fail(line.children[0], "rows beneath a row that holds a plain value")
        self.inherited.pop()
        return row

    def nested(self, row, line):
        """Rows beneath `<x> Name[]` define struct Name in place."""
        if row.struct in self.schema.structs:
            return self.fail(line, f"struct {row.struct} is defined twice")
        inner = Struct(self.schema, row.struct, line)
        self.schema.structs[row.struct] = inner
        self.rows(line.children, inner, inner.rows, "", [])

    def typed(self, row, word, struct, prefix, alias):
        line = row.line
        if row.kind == "verbatim" or word == "verbatim":
            row.kind = row.type = "verbatim"
            return True
        if row.kind == "elem" and (word is None or (word == "present" and line.children)):
            row.kind = "group"
            if word == "present":
                row.flags.add("present")
            elif not line.children:
                self.fail(line, "an element needs a type or rows beneath it")
                return False
            return True
        if word is None:
            self.fail(line, "no type")
            return False
        m = re.fullmatch(r"([A-Z]\w*)(\[\]|\?)?", word)
        if m and not (m[2] is None and self.schema.find("enums", m[1])):
            if m[2] == "[]" and self.schema.find("enums", m[1]):
                row.type, row.enum = "enum", self.schema.find("enums", m[1])
                row.kind = "leaves"
                return True
            row.struct = m[1]
            if row.kind == "embed":
                row.kind = "aside" if m[2] == "?" else "self"
            elif row.kind == "elem":
                row.kind = {"[]": "children", "?": "child", None: "group"}[m[2]]
                row.embedded = row.kind == "group"
            elif row.kind != "field":
                self.fail(line, f"a {row.kind} cannot hold the struct {m[1]}")
                return False
            return True
        repeated = word.endswith("[]")
        base = word[:-2] if repeated else word
        m = re.fullmatch(r"\{([^}]*)\}", base)
        if m:
            row.type, row.enum, row.arg = "enum", "anonymous", m[1].split("|")
        else:
            m = re.fullmatch(r"(\w+)(?:\(([^)]*)\))?(?:\[(-?\d*)\.\.(-?\d*)\])?", base)
            if not m:
                self.fail(line, f"'{word}' is no type")
                return False
            enum = self.schema.find("enums", m[1])
            if enum:
                row.type, row.enum = "enum", enum
            elif m[1] in SCALARS:
                row.type, row.arg = m[1], m[2]
            else:
                self.fail(line, f"no type '{m[1]}': expected one of {' '.join(sorted(SCALARS))}, "
                                "{a|b}, or the name of an enum or struct")
                return False
            self.range(row, m)
        if row.kind == "elem":
            row.kind = "leaves" if repeated else "leaf"
        elif repeated:
            self.fail(line, "only an element can be repeated")
        if row.kind == "field" and SCALARS[row.type][1] == 8 and SCALARS[row.type][0][-1] == "*":
            self.fail(line, f"a field cannot be a {row.type}: no row would free it")
        if row.type == "codec":
            if not row.arg:
                self.fail(line, "codec(NAME) needs a name")
            else:
                self.schema.codecs.append(row.arg)
        if row.type == "size" and row.arg not in UNITS:
            self.fail(line, f"size(UNIT): UNIT is one of {' '.join(UNITS)}")
        return True

    def range(self, row, m):
        if m[3] is None and m[4] is None:
            return
        limits = LIMITS.get(row.type)
        if not limits:
            return self.fail(row.line, f"a {row.type} has no range")
        low = int(m[3]) if m[3] else limits[0]
        high = int(m[4]) if m[4] else limits[1]
        if low > high or low < limits[0] or high > limits[1]:
            self.fail(row.line, f"{low}..{high} is no range of {row.type} "
                                f"({limits[0]}..{limits[1]})")
        row.range = (low, high)

    def name_field(self, row, prefix, alias, target):
        if target:
            row.field, row.maps = target, True
            return
        if alias and alias != "-":
            name = alias
        elif row.kind in ("self", "aside"):
            name = snake(row.struct)
        elif row.kind == "text":
            name = prefix[:-1] if prefix else "text"
        else:
            name = prefix + snake(row.name)
            if row.kind in ("leaves", "children"):
                name = plural(name)
        if name in C_WORDS:
            name += "_"
        row.field = name


class Resolver:
    """Gives every row of a struct its members, and checks names, guards and defaults."""

    def __init__(self, parser, struct):
        self.p, self.struct, self.schema = parser, struct, parser.schema

    def run(self):
        self.ensure()
        self.check(self.struct.rows)

    def add(self, row, member):
        old = self.struct.members.get(member.name)
        if old is None:
            self.struct.members[member.name] = member
        elif not (old.ctype == member.ctype and old.array == member.array
                  and (row.guards or old.row.guards)):
            self.p.fail(row.line, f"member '{member.name}' of {self.struct.ctype} is declared twice "
                                  f"(line {old.row.line.number}): use 'as NAME' or '-> {old.name}'")

    def declare(self, rows):
        for row in rows:
            if isinstance(row.struct, str):
                found = self.schema.find("structs", row.struct)
                if not found:
                    self.p.fail(row.line, f"no struct or enum {row.struct}")
                    continue
                row.struct = found
            if not row.maps:
                self.members(row)
            if row.kind == "group" and not row.embedded:
                self.declare(row.rows)

    def members(self, row):
        f, doc, kind = row.field, row.doc, row.kind
        if kind == "group" and not row.embedded:
            if "present" in row.flags:
                row.has = f
                self.add(row, Member(f, "bool", 1, doc, row, role="present"))
        elif kind in ("group", "self") or (kind == "field" and row.struct):
            self.add(row, Member(f, row.struct.ctype + " ", 8, doc, row, struct=row.struct))
        elif kind in ("child", "aside"):
            self.add(row, Member(f, row.struct.ctype + " *", 8, doc, row))
        elif kind in ("children", "leaves"):
            row.count = "n_" + f
            ctype = row.struct.ctype + " **" if row.struct else self.leaves_ctype(row)
            self.add(row, Member(f, ctype, 8, doc, row))
            self.add(row, Member(row.count, "guint", 4, "", row, role="count"))
        else:
            ctype, align, optional = SCALARS[row.type]
            if row.enum:
                ctype = "guint8"
            self.add(row, Member(f, ctype, align, doc, row, array=ARRAY.get(row.type, 0)))
            if optional and row.default is None and "required" not in row.flags:
                row.has = "has_" + f
                self.add(row, Member(row.has, "bool", 1, "", row, role="has"))

    def leaves_ctype(self, row):
        if row.type not in ("string", "ip", "enum", "uint", "codec"):
            self.p.fail(row.line, f"no list of {row.type}")
        return {"enum": "guint8 *", "uint": "guint *"}.get(row.type, "char **")

    def lookup(self, path):
        """Member and its struct for a path such as src.type."""
        struct = self.struct
        parts = path.split(".")
        for i, part in enumerate(parts):
            Resolver(self.p, struct).ensure()
            member = struct.members.get(part)
            if member is None:
                return None
            if i + 1 < len(parts):
                if not member.struct:
                    return None
                struct = member.struct
        return member

    def ensure(self):
        if not self.struct.declared:
            self.struct.declared = True
            self.declare(self.struct.rows)

    def check(self, rows):
        for row in rows:
            for name, values, _ in row.guards:
                self.check_guard(row, name, values)
            if row.maps:
                member = self.lookup(row.field)
                if member is None:
                    self.p.fail(row.line, f"{self.struct.ctype} has no member {row.field}")
                elif member.row.type != row.type and row.type:
                    self.p.fail(row.line, f"{row.field} is a {member.row.type}, no {row.type}")
                elif member.row.has and not row.has:
                    row.has = row.field.rpartition(".")[0] + "." * ("." in row.field) + \
                        member.row.has
            self.check_default(row)
            # Who sees what the items say sees how many there are.
            if row.kind == "children" and self.seen(row.struct, set()):
                row.flags.add("abi")
            if row.kind == "group" and not row.embedded:
                self.check(row.rows)
                # An element that must say something must be there itself.
                if "present" not in row.flags and any(
                        "required" in r.flags and not r.guards for r in row.rows):
                    row.flags.add("required")

    def seen(self, struct, known):
        """Whether the guest can see anything that is in @struct."""
        if struct in known:
            return False
        known.add(struct)
        Resolver(self.p, struct).ensure()
        rows = list(struct.rows)
        while rows:
            row = rows.pop()
            if "abi" in row.flags or (isinstance(row.struct, Struct) and self.seen(row.struct, known)):
                return True
            rows += row.rows
        return False

    def check_guard(self, row, name, values):
        member = self.lookup(name)
        if member is None:
            return self.p.fail(row.line, f"guard: {self.struct.ctype} has no member '{name}'")
        target = member.row
        if values is None:
            return None
        known = target.enum.values if target.enum else \
            ["yes", "no"] if target.type == "yesno" else ["on", "off"] if target.type == "onoff" \
            else None
        if known is None:
            return self.p.fail(row.line, f"guard: '{name}' is no enum, write when({name})")
        for v in values:
            if v not in known:
                self.p.fail(row.line, f"guard: '{v}' is no value of {name} ({' '.join(known)})")
            elif known.index(v) > 61:
                self.p.fail(row.line, f"guard: '{v}' is past the 62nd value of {name}")
        return None

    def check_default(self, row):
        if row.implied is not None and (row.kind != "attr" or row.default is not None
                                        or not (row.enum or row.type in ("yesno", "onoff"))):
            return self.p.fail(row.line, "implied= is for attributes with a word as value")
        if "fitting" in row.flags and row.type != "size":
            return self.p.fail(row.line, "fitting is for sizes")
        if row.bare is not None and (row.type != "size" or row.bare not in UNITS):
            return self.p.fail(row.line, f"bare= is for sizes, and one of {' '.join(UNITS)}")
        if "needed" in row.flags and (row.kind != "attr" or row.default is not None
                                      or row.implied is not None):
            return self.p.fail(row.line, "needed is for attributes without default= and implied=")
        d = row.default if row.implied is None else row.implied
        if d is None:
            return None
        if row.type in LIMITS:
            low, high = row.range or LIMITS[row.type]
            try:
                value = int(d, 0)
            except ValueError:
                return self.p.fail(row.line, f"default '{d}' is no number")
            if not (low <= value <= high) and value != 0:
                self.p.fail(row.line, f"default {d} is not in {low}..{high}")
        elif row.enum:
            if d not in row.enum.values:
                self.p.fail(row.line, f"default '{d}' is none of {' '.join(row.enum.values)}")
        elif row.type in ("yesno", "onoff"):
            if d not in ("yes", "no", "on", "off"):
                self.p.fail(row.line, f"default '{d}' of a {row.type}")
        else:
            self.p.fail(row.line, f"a {row.type or row.kind} has no default")


_cache = {}


def load(path, include):
    path = os.path.normpath(path)
    if path not in _cache:
        _cache[path] = Parser(path, include).run()
    return _cache[path]
