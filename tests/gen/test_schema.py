#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema language: what it turns rows into, and how it refuses what is wrong."""

import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
GEN = os.path.join(ROOT, "src/common/gen")
sys.path.insert(0, GEN)

import schema_c  # noqa: E402
import schema_doc  # noqa: E402
import schema_model  # noqa: E402
import schema_rng  # noqa: E402

HEAD = """schema demo VirDemo -- A demonstration
namespace x urn:x -- Foreign
enum Colour red light-green -- A colour
document Thing <thing> Thing -- A thing
"""


def load(text, head=HEAD):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "demo.schema")
        with open(path, "w", encoding="utf-8") as f:
            f.write(head + text)
        schema_model._cache.clear()
        return schema_model.load(path, [folder])


def members(schema, name="Thing"):
    return {m.name: m.ctype.strip() for m in schema.structs[name].members.values()}


class Rows(unittest.TestCase):
    def test_values(self):
        got = members(load("""
struct Thing -- A thing
  @id uint -- Optional
  @level uint required -- Needed
  @rate uint default=3 -- Defaulted
  @kind {a|b-c} -- Anonymous
  @colour Colour -- Named
  <on> present -- Presence
  <mac>@address mac as hw -- One attribute
  <driver> -- Inline
    @ioThread yesno -- Flattened
    <deep>@x u8 -- Deeper
  <name> string[] -- Names
  <part> Part[] -- Defined in place
    @size size(KiB) -- Size
  <extra> Part? -- Optional struct
  embed Base as base -- Embedded
  <qux> Base as other -- Embedded in an element

struct Base -- Shared
  @type Colour -- Type
"""))
        self.assertEqual(got, {
            "id": "guint", "has_id": "bool", "level": "guint", "rate": "guint",
            "kind": "guint8", "colour": "guint8", "on": "bool", "hw": "guint8",
            "has_hw": "bool", "driver_io_thread": "guint8", "driver_deep_x": "guint8",
            "has_driver_deep_x": "bool", "names": "char **", "n_names": "guint",
            "parts": "VirDemoPart **", "n_parts": "guint", "extra": "VirDemoPart *",
            "base": "VirDemoBase", "other": "VirDemoBase"})

    def test_constants(self):
        text = schema_c.header(load("struct Thing -- T\n  @c Colour -- C\n  @k {802.1Q} -- K\n"))
        self.assertIn("VIR_DEMO_COLOUR_LIGHT_GREEN, /* light-green */", text)
        self.assertIn("VIR_DEMO_THING_K_802_1Q, /* 802.1Q */", text)
        self.assertIn("extern const VirXmlDoc vir_demo_thing_doc;", text)

    def test_guards_share_a_member(self):
        schema = load("""
struct Thing -- T
  @type {file|block} -- Type
  @file string as path when(type=file) -- File
  when(type=block)
    @dev string as path -- Device
""")
        self.assertEqual(members(schema)["path"], "char *")
        text = schema_c.source(schema)
        self.assertIn(".mask = G_GUINT64_CONSTANT(0x2)", text)
        self.assertIn(".mask = G_GUINT64_CONSTANT(0x4)", text)

    def test_group(self):
        schema = load("""
group Both -- Shared rows
  @a yesno -- A
  @b yesno -- B
struct Thing -- T
  use Both -- Rows
""")
        self.assertEqual(list(members(schema)), ["a", "b"])

    def test_mapped(self):
        schema = load("""
struct Src -- S
  field type Colour -- From the owner
  @file string when(type=red) -- File
struct Thing -- T
  @type Colour -> src.type default=red -- Type
  <source> Src as src -- Source
""")
        self.assertEqual(members(schema), {"src": "VirDemoSrc"})
        self.assertIn("offsetof(VirDemoThing, src.type)", schema_c.source(schema))


class Outputs(unittest.TestCase):
    SCHEMA = """
struct Thing -- A thing
  @type {a|b} required -- Type
  @port uint[1..9] -- Port
  <x:opt> string[] -- Foreign
  <any> verbatim -- Kept
  <more> Thing? secure -- Nested
"""

    def test_rng_is_xml(self):
        schema = load(self.SCHEMA)
        root = ET.fromstring(schema_rng.document(schema, schema.documents[0]))
        ns = "{http://relaxng.org/ns/structure/1.0}"
        names = [a.get("name") for a in root.iter(ns + "attribute")]
        self.assertEqual(names[:2], ["type", "port"])
        self.assertEqual([v.text for v in root.iter(ns + "value")], ["a", "b"])

    def test_reference(self):
        page = schema_doc.page(load(self.SCHEMA))
        self.assertIn("| `@port` | 1 to 9 | Port |", page)
        self.assertIn("| `x:opt` | any number of: text | Foreign |", page)
        self.assertIn("Nested (shown only with the right to see secrets)", page)

    def test_reference_in_full(self):
        schema = load("""
struct Thing -- A thing
  @kind {a|b} default=a since=9.1 -- Kind
  <port>@no uint when(kind=b) -- Number
  <box> refused=qemu -- Around
    @x u8 drivers=lxc -- Inner
    <part> Part? -- Nested
struct Part -- A part
  @size size(KiB) required -- Size
struct Apart -- Of no document
  @a u8 -- A
""", HEAD.replace("VirDemo", "VirDemo drivers=qemu"))
        page = schema_doc.page(schema, "<thing/>\n")
        for line in (
                "| What | Value | Default | Only | Drivers | Since | Meaning |",
                "| `@kind` | `a`, `b` | `a` |  | QEMU | 9.1 | Kind |",
                "| `port/@no` | number |  | `@kind` is `b` | QEMU |  | Number |",
                "| `box/@x` | 0 to 255 |  |  | LXC (not built) |  | Inner |",
                "| `box/part` | [Part](#virdemopart) |  |  | QEMU: refused at a start |  | Nested |",
                "* [Part](#virdemopart): A part", '<a id="virdemopart"></a>',
                "```xml\n<thing/>\n```", "Drivers that serve these documents: QEMU."):
            self.assertIn(line, page)
        self.assertNotIn("Apart", page)
        self.assertIn("VIR_XML_ROW_REFUSED", schema_c.source(schema))

    def test_program(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "demo.schema")
            with open(path, "w", encoding="utf-8") as f:
                f.write(HEAD + "struct Thing -- T\n  @a bogus -- A\n")
            p = subprocess.run([sys.executable, os.path.join(GEN, "schema_gen.py"), path],
                               capture_output=True, text=True, check=False)
            self.assertEqual(p.returncode, 1)
            self.assertIn("demo.schema:6: no type 'bogus'", p.stderr)


class Refusals(unittest.TestCase):
    def refuse(self, text, expected, head=HEAD):
        with self.assertRaises(schema_model.SchemaErrors) as caught:
            load(text, head)
        self.assertTrue(any(expected in line for line in caught.exception.lines),
                        caught.exception.lines)

    def struct(self, rows, expected):
        self.refuse("struct Thing -- T\n" + rows, expected)

    def test_rows(self):
        for rows, expected in (
                ("  @a string\n", ":6: '@a' has no documentation"),
                ("  @a\n", ":6: '@a' has no documentation"),
                ("  @a -- A\n", ":6: no type"),
                ("  @a uint[9..1] -- A\n", "9..1 is no range of uint"),
                ("  @a string[1..2] -- A\n", "a string has no range"),
                ("  @a string[] -- A\n", "only an element can be repeated"),
                ("  @a size(furlong) -- A\n", "size(UNIT)"),
                ("  @a uint frob -- A\n", "'frob' is no option"),
                ("  @a uint drivers=frob -- A\n", "no driver 'frob'"),
                ("  <a> -- A\n    @b uint\n", ":7: '@b' has no documentation"),
                ("  @a {x|x} -- A\n", "value 'x' is there twice"),
                ("  @a {x-y|x.y} -- A\n", "(as VIR_DEMO_THING_A_X_Y)"),
                ("  @a Nope? -- A\n", "a attr cannot hold the struct Nope"),
                ("  <a> Nope? -- A\n", "no struct or enum Nope"),
                ("  @a uint default=x -- A\n", "default 'x' is no number"),
                ("  @a Colour default=blue -- A\n", "default 'blue' is none of"),
                ("  @a string -- A\n  @a string -- B\n", ":7: member 'a' of VirDemoThing is"),
                ("  @a string when(zz=1) -- A\n", "has no member 'zz'"),
                ("  @c Colour -- C\n  @a string when(c=blue) -- A\n", "'blue' is no value of c"),
                ("  @c uint -- C\n  @a string when(c=1) -- A\n", "'c' is no enum"),
                ("  @a string -> b.c -- A\n", "has no member b.c"),
                ("  <y:a> string -- A\n", "no namespace y"),
                ("  bogus -- A\n", "'bogus' begins no row"),
                ("   @a string -- A\n", "indent with two spaces"),
                ("  <a> -- A\n", "an element needs a type or rows beneath it"),
                ("  @a string -- A\n    @b string -- B\n", "beneath a row that holds a plain"),
                ("  field a string -- A\n", "a field cannot be a string"),
                ("  use Nope -- A\n", "no group Nope")):
            with self.subTest(rows=rows):
                self.struct(rows, expected)

    def test_statements(self):
        self.refuse("struct thing -- T\n", "is no name of a struct")
        self.refuse("struct Thing -- T\nstruct Thing -- T\n", "defined twice")
        self.refuse("struct Thing frob=1 -- T\n", "no option of a struct")
        self.refuse("blah\n", "'blah' begins no statement")
        self.refuse("enum X -- No values\nstruct Thing -- T\n", "enum X has no values")
        self.refuse("import nowhere\nstruct Thing -- T\n", "no nowhere.schema")
        self.refuse("", "no 'schema NAME PREFIX' statement", "struct A -- A\n")
        self.refuse("", "no struct Thing")


if __name__ == "__main__":
    unittest.main()
