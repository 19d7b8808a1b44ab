"""Judge a large snapshot in a process of its own, whose memory is gone when the notebooks start.

What it judged is in the store; whoever started it reads it back. It takes the notebooks' parameters as JSON
on its standard input, shows its progress on stderr, and writes how long each step took as JSON. It ends when
whoever started it is gone.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

from iamaudit.audit import Audit, open_notebook
from iamaudit.collector import collector_paused
from iamaudit.forked import end_with, forking

_LARGE_BYTES = 3_000_000  # of a snapshot: from there on a process that takes a second to start is worth it


def judge(audit: Audit, parameters: Mapping[str, Any], *, progress: bool) -> list[tuple[str, float]]:
    """Judge an audit that ``parameters`` open, here or beside; return what ``Audit.judge`` does."""
    steps = _beside(parameters, progress=progress) if is_large(audit) and audit.is_kept else None
    if steps is None:
        with collector_paused(), forking():
            steps = audit.judge(progress=progress)
    return steps


def is_large(audit: Audit) -> bool:
    """Say whether an account is so large that its run has to be careful with memory."""
    return sum(path.stat().st_size for path in audit.snapshot.path.iterdir()) > _LARGE_BYTES


def _beside(parameters: Mapping[str, Any], *, progress: bool) -> list[tuple[str, float]] | None:
    """Judge in a process of its own; ``None`` when it failed, so that the fault shows where it is handled."""
    done = subprocess.run(  # noqa: S603 - this interpreter, our own module
        [sys.executable, "-P", "-m", __name__, str(os.getpid())],
        input=json.dumps({"parameters": dict(parameters), "progress": progress}),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return None if done.returncode else [(name, seconds) for name, seconds in json.loads(done.stdout)]


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    asked = json.load(sys.stdin)
    # An analyst's own checks may print.
    with collector_paused(), forking(), redirect_stdout(sys.stderr):
        steps = open_notebook(asked["parameters"]).judge(progress=asked["progress"])
    json.dump(steps, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # taking millions of values apart would only keep whoever waits
