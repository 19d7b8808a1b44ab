"""Judge a large snapshot in a copy of this process, whose memory is gone when the notebooks start.

What it judged is in the store; whoever started it reads it back.
"""

from iamaudit.audit import Audit
from iamaudit.collector import collector_paused
from iamaudit.forked import begin, forking

_LARGE_BYTES = 3_000_000  # of a snapshot: a smaller one leaves little behind


def judge(audit: Audit, *, progress: bool) -> list[tuple[str, float]]:
    """Judge an audit, here or in a copy of this process; return what ``Audit.judge`` does."""

    def judged() -> list[tuple[str, float]]:
        with collector_paused(), forking():
            return audit.judge(progress=progress)

    if not (is_large(audit) and audit.is_kept):
        return judged()
    with forking():
        return begin(judged)()


def is_large(audit: Audit) -> bool:
    """Say whether an account is so large that its run has to be careful with memory."""
    return sum(path.stat().st_size for path in audit.snapshot.path.iterdir()) > _LARGE_BYTES
