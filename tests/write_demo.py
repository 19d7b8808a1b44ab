"""Collect the embedded account anew, and write the snapshots that come with the package.

    $ python -m tests.write_demo

A test says when what is in ``iamaudit/demo/taken`` is not what is collected.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from iamaudit.demo.collected import DEMO_SNAPSHOTS, collect_demo
from iamaudit.snapshot import copy_snapshot, read_snapshot


def write_demo(root: Path) -> None:
    """Write both snapshots of the demo account below ``root``, with the ids of access keys masked."""
    with TemporaryDirectory() as folder:
        taken = collect_demo(Path(folder))
        for each in sorted(taken.parent.iterdir()):
            copy_snapshot(read_snapshot(each), root / each.parent.name / each.name)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else DEMO_SNAPSHOTS
    shutil.rmtree(folder, ignore_errors=True)
    write_demo(folder)
