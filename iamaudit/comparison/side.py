"""``Side``: one of the two judged snapshots, as the comparison sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pandas as pd

from iamaudit.account import PrincipalPermissions
from iamaudit.frames import SOURCES_OF
from iamaudit.iam.actions import Catalogue


class Side(Protocol):
    """What a judged snapshot must have to be compared; an ``Audit`` has it."""

    @property
    def as_of(self) -> datetime:
        """The moment that it speaks for."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Its frames by name."""

    @property
    def principals(self) -> Sequence[PrincipalPermissions]:
        """The effective permissions of every user and role."""

    @property
    def catalogue(self) -> Catalogue:
        """The actions over which these are sets."""


def has_evidence(frame: str, *sides: Side) -> bool:
    """Say whether each side collected what a frame is made of."""
    return not any(missing_sources(frame, side) for side in sides)


def missing_sources(frame: str, side: Side) -> list[str]:
    """Return the sources of a frame that a side does not have."""
    sources = side.frames["sources"]
    collected = set(sources.source[sources.status == "collected"])
    return [name for name in SOURCES_OF.get(frame, ()) if name not in collected]
