#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which prototypes fit their procedure, and what is made of them."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "src/common/gen"))

import idl_model  # noqa: E402
import idl_shim  # noqa: E402
from c_header import Headers  # noqa: E402
from idl_parse import IdlError  # noqa: E402

TYPES = """
typedef string remote_nonnull_string<10>;
typedef remote_nonnull_string *remote_string;
struct remote_nonnull_domain { remote_nonnull_string name; int id; };
struct remote_thing { int alpha; remote_nonnull_string word; };
%s
const REMOTE_PROGRAM = 1;
const REMOTE_PROTOCOL_VERSION = 1;
enum remote_procedure {
    /* @api virDemo @class domain @job none %s */
    REMOTE_PROC_DEMO = 1
};
"""


def fit(structs, prototype, notes="@readonly"):
    with tempfile.TemporaryDirectory() as folder:
        idl, header = os.path.join(folder, "remote.x"), os.path.join(folder, "demo.h")
        with open(idl, "w", encoding="utf-8") as f:
            f.write(TYPES % (structs, notes))
        with open(header, "w", encoding="utf-8") as f:
            f.write("struct _virThing {\n    int alpha;\n    char *word;\n};\n" + prototype + "\n")
        model, headers = idl_model.Model([idl]), Headers([header])
    proc = model.procs()[0]
    return idl_shim.Shim(model, headers, headers.functions["virDemo"], proc).emit("-1")


ARGS = "struct remote_demo_args { remote_nonnull_domain dom; %s unsigned int flags; };"


class Fit(unittest.TestCase):
    def test_by_name_before_order(self):
        text = fit(ARGS % "remote_string second; remote_nonnull_string first;",
                   "int virDemo(virDomainPtr dom, const char *first, const char *second,\n"
                   "            unsigned int flags);")
        self.assertRegex(text, r"TEXT_OPT, \.cell = 2, .*args, second\)")
        self.assertRegex(text, r"TEXT, \.cell = 1, .*args, first\)")
        self.assertIn("virDemo(virDomainPtr dom, const char *first, const char *second, "
                      "unsigned int flags)\n{", text)

    def test_count_beside_its_array(self):
        text = fit(ARGS % "unsigned int sizes<4>;",
                   "int virDemo(virDomainPtr dom, unsigned int nsizes, unsigned int *sizes,\n"
                   "            unsigned int flags);")
        self.assertRegex(text, r"ARRAY, \.cell = 2, \.cell2 = 1")

    def test_struct_by_name(self):
        text = fit("struct remote_demo_args { remote_nonnull_domain dom; };"
                   "struct remote_demo_ret { remote_nonnull_string word; int alpha; };",
                   "int virDemo(virDomainPtr dom, virThingPtr info);")
        self.assertRegex(text, r"FIELD_TEXT, offsetof\(remote_demo_ret, word\)")
        self.assertRegex(text, r"FIELD_INT, .*, offsetof\(struct _virThing, alpha\)")

    def test_checks(self):
        text = fit(ARGS % "remote_nonnull_string xml;",
                   "int virDemo(virDomainPtr dom, const char *xml, unsigned int flags);",
                   "@check nonnull:xml exclusive:DEMO_A,DEMO_B requires:DEMO_A,DEMO_C")
        self.assertIn("{ VIR_SHIM_CHECK_WRITABLE, .cell = -1 }", text)
        self.assertIn('{ VIR_SHIM_CHECK_NONNULL, .cell = 1, .name = "xml" }', text)
        self.assertIn(".cell = 2, .a = DEMO_A, .b = DEMO_B", text)
        text = fit(ARGS % "", "int virDemo(virDomainPtr dom, unsigned int flags);",
                   "@readonly !DEMO_A|DEMO_B")
        self.assertIn("WRITABLE_IF, .cell = 1, .a = DEMO_A | DEMO_B", text)


class Irregular(unittest.TestCase):
    def refused(self, structs, prototype, message):
        with self.assertRaises(idl_shim.Irregular) as caught:
            fit(structs, prototype)
        self.assertIn(message, str(caught.exception))

    def test_parameter_too_many(self):
        self.refused(ARGS % "", "int virDemo(virDomainPtr dom, int x, unsigned int flags);",
                     "nothing is done with x")

    def test_parameter_too_few(self):
        self.refused(ARGS % "remote_nonnull_string xml;",
                     "int virDemo(virDomainPtr dom, unsigned int flags);", "no parameter for xml")

    def test_answer_left_over(self):
        self.refused("struct remote_demo_args { remote_nonnull_domain dom; };"
                     "struct remote_demo_ret { int one; remote_nonnull_string two; };",
                     "int virDemo(virDomainPtr dom);", "nothing takes two of the answer")

    def test_struct_without_the_member(self):
        self.refused("struct remote_demo_args { remote_nonnull_domain dom; };"
                     "struct remote_demo_ret { int beta; };",
                     "int virDemo(virDomainPtr dom, virThingPtr info);", "virThing has no beta")

    def test_check_of_nothing(self):
        with self.assertRaises(IdlError) as caught:
            fit(ARGS % "", "int virDemo(virDomainPtr dom, unsigned int flags);",
                "@check nonnull:xml")
        self.assertIn("@check of xml, which is no parameter", str(caught.exception))


class Public(unittest.TestCase):
    def test_headers_are_read(self):
        folder = os.path.join(ROOT, "include/libvirt")
        headers = Headers(os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".h"))
        with open(os.path.join(ROOT, "src/libvirt/symbols.tsv"), encoding="utf-8") as f:
            rows = [line.split("\t") for line in f if not line.startswith("#")]
        for symbol, _, _, fails in rows:
            if fails.strip() != "data":
                self.assertIn(symbol, headers.functions)


if __name__ == "__main__":
    unittest.main()
