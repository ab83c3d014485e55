#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The IDL reader and its model: what they take, and how they refuse what is wrong."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "src/common/gen"))

import idl  # noqa: E402
import idl_model  # noqa: E402
import idl_parse  # noqa: E402

SMALL = """
typedef string demo_nonnull_string<10>;
typedef demo_nonnull_string *demo_string;
struct demo_nonnull_domain { demo_nonnull_string name; opaque uuid[16]; int id; };
struct demo_ask_args { demo_nonnull_domain dom; unsigned hyper sizes<4>; unsigned int flags; };
struct demo_ask_ret { int answer; };
struct demo_told_msg { int callbackID; demo_nonnull_domain dom; };
const DEMO_PROGRAM = 0x99;
const DEMO_PROTOCOL_VERSION = 1;
enum demo_procedure {
    /* @api virDemoAsk @class domain @acl domain:read domain:write:DEMO_A|DEMO_B
     * @job query @readonly !DEMO_A */
    DEMO_PROC_ASK = 1,
    /* @class domain */
    DEMO_PROC_TOLD = 3
};
"""


def model(text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "demo.x")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return idl_model.Model([path])


class Parse(unittest.TestCase):
    def test_structures(self):
        header = idl.protocol_header(model(SMALL))
        self.assertIn("typedef char *demo_nonnull_string;", header)
        self.assertIn("typedef demo_nonnull_string *demo_string;", header)
        self.assertIn("u_int sizes_len;\n        u_quad_t *sizes_val;\n    } sizes;", header)
        self.assertIn("char uuid[16];", header)
        self.assertIn("#define DEMO_PROGRAM 0x99", header)

    def test_procedures(self):
        m = model(SMALL)
        ask, told = m.programs[0].procs
        self.assertEqual((ask.kind, ask.args, ask.ret), ("CALL", "demo_ask_args", "demo_ask_ret"))
        self.assertEqual((told.kind, told.args, told.ret), ("EVENT", "demo_told_msg", None))
        self.assertEqual(ask.op, "demo_ask")
        rows = idl.procs_source(m)
        self.assertIn("[1] = {", rows)
        self.assertIn("[3] = {", rows)
        self.assertIn(".mask = DEMO_A | DEMO_B", rows)
        self.assertIn(".handle = VIR_CLASS_DOMAIN", m.handle(ask))
        self.assertIn("offsetof(demo_told_msg, dom.uuid)", m.handle(told))

    def refused(self, text, message):
        with self.assertRaises(idl_parse.IdlError) as caught:
            idl.procs_source(model(text))
        self.assertIn(message, str(caught.exception))

    def test_unknown_annotation(self):
        self.refused(SMALL.replace("@job", "@jop"), "demo.x:11: unknown annotation @jop")

    def test_repeated_annotation(self):
        self.refused(SMALL.replace("@job query", "@api x"), "@api given twice")

    def test_unknown_type(self):
        self.refused(SMALL.replace("int answer", "remote_thing answer"),
                     "demo_ask_ret.answer: unknown type remote_thing")

    def test_condition_without_flags(self):
        self.refused(SMALL.replace("unsigned int flags;", ""), "demo_ask_args has no member flags")

    def test_structure_without_procedure(self):
        self.refused(SMALL.replace("DEMO_PROC_TOLD", "DEMO_PROC_TOLT"),
                     "no procedure has demo_told_msg")

    def test_twice(self):
        self.refused(SMALL + "struct demo_ask_ret { int x; };", "demo_ask_ret defined twice")

    def test_syntax(self):
        self.refused(SMALL.replace("int answer;", "int answer"), "';' expected, not '}'")
        self.refused(SMALL + "struct $;", "cannot read '$;'")
        self.refused(SMALL + "class x;", "no definition begins with 'class'")


class Protocol(unittest.TestCase):
    def test_every_call_says_what_it_needs(self):
        files = [os.path.join(ROOT, "src/common/rpc", f + ".x")
                 for f in ("net", "keepalive", "remote", "qemu", "lxc", "admin")]
        for p in idl_model.Model(files).procs():
            if p.kind == "EVENT":
                continue
            self.assertIn("job", p.notes, p.member)
            self.assertIn(p.notes["job"][0], ("none", "query", "modify", "long", "urgent"))
            if p.program.name in ("remote", "qemu", "lxc"):
                self.assertIn("acl", p.notes, p.member)
            if p.notes["job"][0] in ("modify", "long", "urgent"):
                self.assertNotIn("readonly", p.notes, p.member)


if __name__ == "__main__":
    unittest.main()
