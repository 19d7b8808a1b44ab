"""Re-perform the checks of a snapshot and print a line for each: equal, or what differs."""

import argparse
import sys
from pathlib import Path

import yaml

from iamaudit.demo.collected import demo_snapshot
from tests.reperformance.report import re_perform


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.reperformance", description=__doc__)
    parser.add_argument("snapshot", help="folder of one snapshot, or demo")
    parser.add_argument("--params", type=Path, help="YAML file of parameters")
    given = parser.parse_args()
    parameters = yaml.safe_load(given.params.read_text(encoding="utf-8")) if given.params else {}
    parameters.pop("snapshot", None)
    folder = demo_snapshot() if given.snapshot == "demo" else Path(given.snapshot)
    found = re_perform(folder, **parameters)
    for check, lines in found.items():
        sys.stdout.write(f"{check}: {'; '.join(lines) or 'equal'}\n")
    wrong = sum(map(bool, found.values()))
    sys.stdout.write(f"{len(found)} checks re-performed, {wrong} differ\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
