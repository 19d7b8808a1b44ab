"""Every change between two judged snapshots in one frame, the gravest first."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

import pandas as pd

from iamaudit.checks import SEVERITIES
from iamaudit.comparison.change import AREAS, Change
from iamaudit.comparison.credentials import credential_changes
from iamaudit.comparison.inventory import inventory_changes
from iamaudit.comparison.observed import observation_changes
from iamaudit.comparison.permissions import permission_changes
from iamaudit.comparison.side import Side, missing_sources
from iamaudit.comparison.trust import trust_changes
from iamaudit.frames import build_frame

_COMPARED = {
    "breadth": "permissions, trust, users, groups, roles and policies",
    "access_keys": "access keys, passwords and MFA",
    "identity_providers": "identity providers",
}


def changes_frame(before: Side, after: Side, observed: pd.DataFrame) -> pd.DataFrame:
    """Return a row per change, the gravest first; ``observed`` is the frame ``observation_changes``.

    Compared with itself a snapshot gives no row; compared the other way round, each change is the mirrored
    one (``MIRRORED``), with ``before`` and ``after`` in each other's place.
    """
    found = [
        *permission_changes(before, after),
        *trust_changes(before, after),
        *credential_changes(before, after),
        *observation_changes(observed),
        *inventory_changes(before, after),
    ]
    return frame_of_changes(found)


def frame_of_changes(found: Iterable[Change]) -> pd.DataFrame:
    """Return a row per change, the gravest first."""
    ranked = sorted(
        found,
        key=lambda c: (SEVERITIES.index(c.severity), AREAS.index(c.area), c.what, c.who, c.before, c.after),
    )
    return build_frame("changes", [{"rank": rank, **asdict(each)} for rank, each in enumerate(ranked, 1)])


def not_compared(before: Side, after: Side) -> Iterator[str]:
    """Yield a sentence on each area that one of two snapshots has no evidence for."""
    for frame, words in _COMPARED.items():
        for name, side in (("older", before), ("newer", after)):
            missing = missing_sources(frame, side)
            if missing:
                are = "was" if len(missing) == 1 else "were"
                why = f"{', '.join(missing)} {are} not collected in the {name} snapshot"
                yield f"{words[0].upper()}{words[1:]} are not compared: {why}."
