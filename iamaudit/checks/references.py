"""The reference of a workpaper, as an audit file is indexed by it: ``WP-CRE-03``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def reference_of(check: str) -> str:
    """Return the reference of a check's workpaper; one that is not in the catalogue goes by its own id."""
    return references().get(check) or f"WP-OWN-{check}"


@cache
def references() -> Mapping[str, str]:
    """Return the references of the catalogue by check, those of checks that are gone included."""
    areas = tomllib.loads(Path(__file__).with_name("references.toml").read_text(encoding="utf-8"))
    return {check: reference for checks in areas.values() for check, reference in checks.items()}
