"""``Audit``: one snapshot judged, and what notebooks hold."""

from iamaudit.audit.audit import Audit
from iamaudit.audit.frames_page import frame_list, frames_page
from iamaudit.audit.opening import DEMO, open_notebook, open_snapshot, refuse_other_account, reopen_snapshot

__all__ = [
    "DEMO",
    "Audit",
    "frame_list",
    "frames_page",
    "open_notebook",
    "open_snapshot",
    "refuse_other_account",
    "reopen_snapshot",
]
