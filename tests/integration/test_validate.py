# SPDX-License-Identifier: GPL-2.0-or-later
"""virt-xml-validate: what it says, and its exit status."""

import subprocess

import pytest

from conftest import program

GOOD = "<network><name>n</name><bridge name='b0'/></network>"


def validate(*args, text=None):
    done = subprocess.run([program("virt-xml-validate"), *args], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout, done.stderr


def test_valid_document(tmp_path):
    path = tmp_path / "net.xml"
    path.write_text(GOOD)
    assert validate(str(path)) == (0, f"{path} validates as network\n", "")
    assert validate(str(path), "network")[0] == 0
    assert validate("-", text=GOOD)[0] == 0


def test_every_finding_with_its_place(tmp_path):
    path = tmp_path / "net.xml"
    path.write_text("<network>\n  <name>n</name>\n  <bridge nmae='b0'/>\n  <doomain/>\n</network>")
    status, _, err = validate(str(path))
    assert status == 5
    assert err.splitlines() == [
        f"{path}:3:11: /network/bridge/@nmae: no such attribute; did you mean 'name'?",
        f"{path}:4:3: /network/doomain: no such element; did you mean <domain>?",
        f"{path} fails to validate"]


@pytest.mark.parametrize("args,text,status,said", [
    (("-",), "<foo/>", 3, "expected the root element"),
    (("-", "nonsense"), GOOD, 3, "no schema 'nonsense'"),
    (("-", "storagevol"), GOOD, 3, "expected the root element <volume>"),
    (("-",), "<network><name>", 5, "stdin:1:"),
    (("-",), "<network><uuid>1</uuid></network>", 5, "is missing"),
    (("/nonexistent/x.xml",), None, 1, "No such file"),
    ((), None, 1, "usage:"),
])
def test_what_is_refused(args, text, status, said):
    got, _, err = validate(*args, text=text)
    assert (got, said in err) == (status, True), err
