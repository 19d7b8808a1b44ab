"""Judge a large snapshot in a copy of this process, whose memory is gone when the notebooks start.

What it judged is in the store; whoever started it reads it back.
"""

import sys
from contextlib import redirect_stdout

from iamaudit.audit import Audit
from iamaudit.collector import collector_paused
from iamaudit.forked import forking, in_a_copy
from iamaudit.report.warm import warm_server

_LARGE_BYTES = 3_000_000  # of a snapshot: a smaller one leaves little behind
_BUSIEST = "escalation_paths"  # after this step a processor is idle


def judge(audit: Audit, *, progress: bool) -> list[tuple[str, float]]:
    """Judge an audit, here or in a copy of this process; return what ``Audit.judge`` does.

    Meanwhile the process that forks the notebooks' kernels reads the account, so that none of them need.
    """
    server = warm_server()

    def prepare(step: str) -> None:
        if server and step == _BUSIEST:
            server.read(audit.snapshot.path, audit.as_of)

    def judged() -> list[tuple[str, float]]:
        # An analyst's own checks may print: stdout is for where the report is.
        with collector_paused(), forking(), redirect_stdout(sys.stderr):
            return audit.judge(progress=progress, on_step=prepare)

    return in_a_copy(judged) if is_large(audit) and audit.is_kept else judged()


def is_large(audit: Audit) -> bool:
    """Say whether an account is so large that its run has to be careful with memory."""
    return sum(path.stat().st_size for path in audit.snapshot.path.iterdir()) > _LARGE_BYTES
