"""The headless run: parameters checked, notebooks executed, pages exported, the bundle put in place whole."""

import sys
from typing import Any

# jsonschema, which nbformat imports, builds a grammar of internationalized addresses when this package is
# there: 1.4 seconds in every process, for a format that no notebook has. Without it, it does without.
_modules: dict[str, Any] = sys.modules
_modules.setdefault("rfc3987_syntax", None)
