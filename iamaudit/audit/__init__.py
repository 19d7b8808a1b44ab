"""``Audit``: one snapshot judged, and what notebooks hold."""

from iamaudit.audit.audit import Audit
from iamaudit.audit.opening import DEMO, open_notebook, open_snapshot, refuse_other_account

__all__ = ["DEMO", "Audit", "open_notebook", "open_snapshot", "refuse_other_account"]
