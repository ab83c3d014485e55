# SPDX-License-Identifier: GPL-2.0-or-later
"""What upstream's driver and ours make of random documents: the same, but for what is wanted.

A walk begins with a plain guest and changes it step by step. What both sides take is the next
step's document, so that valid ones grow out of the schema alone.
"""

import collections
import difflib
import json
import os
import re
import shlex
import xml.etree.ElementTree as ElementTree

import peers
import pytest
import wanted
from documents import MACHINES, Documents


def lines_of_xml(text):
    def walk(element, path):
        path += "/" + element.tag
        attributes = "".join(f" {k}='{v}'" for k, v in sorted(element.items()))
        yield f"{path}{attributes} {(element.text or '').strip()}".rstrip()
        for child in element:
            yield from walk(child, path)
    return list(walk(ElementTree.fromstring(text), ""))


def lines_of_argv(text):
    """An option with its value a line; members of objects by their names."""
    lines = []
    for word in shlex.split(text.replace("\\\n", " ")):
        if word.startswith("{"):
            word = json.dumps(json.loads(word), sort_keys=True)
        if lines and word[0] != "-" and lines[-1][0] == "-" and " " not in lines[-1]:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def normal(text, split, folder, rules):
    for line in split(text):
        for pattern, place in [(rf"{folder}/(var/)?(\w+)(/libvirt)?", r"\2"), *rules]:
            line = re.sub(pattern, place, line)
        if line:
            yield line


def differences(answers, folders, rules):
    """None where neither side can start it: when it says so is its own affair."""
    if not any("argv" in answer for answer in answers):
        return []
    for part, split in ("xml", lines_of_xml), ("argv", lines_of_argv):
        if not all(part in answer for answer in answers):
            return [f"{side}: {answer.get('error', 'takes it')}"
                    for side, answer in zip(("upstream", "ours"), answers)]
        sides = [list(normal(answer[part], split, folder, rules))
                 for answer, folder in zip(answers, folders)]
        if sides[0] != sides[1]:
            found = list(difflib.unified_diff(*sides, lineterm="", n=0))[2:]
            return [line for line in found if line[0] in "-+"]
    return []


def kind_of(found):  # … differs from another in more than numbers and names
    return re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "…", " ".join(found[:2]))[:200]


def shrink(document, still):
    """Takes away from @document what the difference does without."""
    for node in document.walk():
        for child in list(node.children):
            place = node.children.index(child)
            del node.children[place]
            if not still(document):
                node.children.insert(place, child)
        for name, value in list(node.attributes.items()):
            del node.attributes[name]
            if not still(document):
                node.attributes[name] = value


class Comparison:
    def __init__(self, upstream, ours, folders):
        self.sides, self.folders = (upstream, ours), folders
        self.followed = upstream.version >= wanted.FOLLOWED
        self.rules = wanted.ALWAYS + ([] if self.followed else wanted.OLDER)
        self.counts, self.found = collections.Counter(), {}

    def ask(self, document):
        """(differences, whether both sides take it)"""
        answers = [side.ask(str(document)) for side in self.sides]
        lines = differences(answers, self.folders, self.rules) if "gone" not in answers[0] else []
        return lines, all("argv" in answer for answer in answers)

    def step(self, document):
        """Whether both sides take @document and agree on it."""
        lines, taken = self.ask(document)
        self.counts["different" if lines else "same" if taken else "refused"] += 1
        kind = kind_of(lines)
        if kind in self.found:
            self.found[kind][0] += 1
        elif lines:
            shrink(document, lambda smaller: kind_of(self.ask(smaller)[0]) == kind)
            self.found[kind] = [1, self.ask(document)[0], str(document)]
        return taken and not lines

    def walk(self, documents, steps):
        machines = [row for row in MACHINES
                    if (peers.SYSTEM / f"usr/bin/qemu-system-{row[0]}").exists()]
        for step in range(steps):
            if step % 25 == 0:
                document = documents.base(machines)
            candidate = documents.change(document)
            if self.step(candidate):
                document = candidate


def compare(seed, steps):
    """(a report, whether it tells of something that is to be mended)"""
    with peers.both() as (upstream, ours, folders):
        comparison = Comparison(upstream, ours, folders)
        comparison.walk(Documents(seed), steps)
    report = [f"upstream {upstream.version // 1000 / 1000}, seed {seed}: {comparison.counts}"]
    for count, lines, document in sorted(comparison.found.values(), reverse=True):
        report += ["", f"{count} times:", *lines[:20], document]
    if comparison.found and not comparison.followed:
        report += ["", "this upstream is older than the one that is followed: nothing is judged"]
    return "\n".join(report), comparison.followed and bool(comparison.found)


@pytest.mark.skipif(bool(peers.obstacle()), reason=str(peers.obstacle()))
@pytest.mark.parametrize("seed", os.environ.get("VIR_COMPARE_SEEDS", "1").split())
def test_random_documents(seed):
    report, wrong = compare(seed, int(os.environ.get("VIR_COMPARE_STEPS", "300")))
    print(report)
    assert not wrong, "unexplained differences, see above"
