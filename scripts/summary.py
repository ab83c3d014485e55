#!/usr/bin/python3
"""summary.py FOLDER FAILED-STEPS: adds up the results of meson (*.json) and pytest (*.xml)
and prints 'N passed, N failed, N skipped'. Each of FAILED-STEPS that is no test (a build, say) counts as
one failure. Exit status 1 where anything failed or nothing ran."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


def meson_counts(path):
    """Subtests of TAP programs where they were printed, else the program."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for line in path.read_text().splitlines():
        row = json.loads(line)
        lines = (row.get("stdout") or "").splitlines()
        oks = [x for x in lines if re.match(r"ok\b", x)]
        skips = [x for x in oks if re.search(r"# SKIP", x, re.I)]
        bad = [x for x in lines if re.match(r"not ok\b", x)]
        if row["result"] in ("OK", "EXPECTEDFAIL"):
            counts["passed"] += max(1, len(oks)) - len(skips) if len(skips) < max(1, len(oks)) else 0
            counts["skipped"] += len(skips)
        elif row["result"] == "SKIP":
            counts["skipped"] += 1
        else:
            counts["failed"] += max(1, len(bad))
            counts["passed"] += len(oks) - len(skips)
    return counts


def pytest_counts(path):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in ElementTree.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
        elif case.find("skipped") is not None:
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    return counts


def main():
    folder, failed_steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(folder.iterdir()):
        counts = meson_counts(path) if path.suffix == ".json" else pytest_counts(path)
        for key, value in counts.items():
            total[key] += value
    total["failed"] += failed_steps
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**total))
    sys.exit(1 if total["failed"] or not total["passed"] else 0)


if __name__ == "__main__":
    main()
