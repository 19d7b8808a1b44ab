"""``Audit``: one snapshot judged, and what notebooks hold."""

from iamaudit.audit.audit import Audit
from iamaudit.audit.opening import DEMO, PARAMETERS, open_notebook, open_snapshot

__all__ = ["DEMO", "PARAMETERS", "Audit", "open_notebook", "open_snapshot"]
