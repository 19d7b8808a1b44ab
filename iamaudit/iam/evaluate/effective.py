"""Effective permissions as sets over the action catalogue.

``certain`` holds what is allowed on every resource with no condition attached; ``possible`` what is allowed
on something under some condition. A Deny that is conditional or scoped takes away from ``certain`` only; an
unconditional Deny on every resource takes from both (rules A2, A6, B3, B5). Every SCP level is a ceiling like
a boundary (rule A4). RCPs guard the resources of this account only (rule D4): what they deny is not certain
any more, and may still be possible elsewhere.

The sets are the caller's side of a decision: its policies and what limits them. The policies of resources
are not in them. They may deny, and those of KMS keys and roles must allow as well (rule B7). Nor is in them
what AWS gives or refuses whatever policies say: ``sts:GetCallerIdentity``, ``sts:GetSessionToken`` (rule B8).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from iamaudit.iam.actions import load_catalogue, packed, without
from iamaudit.iam.evaluate.grants import UNKNOWN, Grants, Known, held_once, settled, united


@dataclass(frozen=True)
class EffectivePermissions:
    """The action sets of one principal after every layer.

    ``everywhere`` is allowed on every resource under some condition; so ``certain <= everywhere <= possible``
    always holds. ``broad`` is certain but for some resources that a statement names, ``broadly`` the same
    under some condition. When a document is missing, ``is_complete`` is false: nothing is sure then, because
    the missing document may deny, and ``possible`` is only what the documents at hand allow.
    ``condition_keys`` are those that separate the sets, whichever layer tests them.
    """

    certain: int
    everywhere: int
    broad: int
    broadly: int
    possible: int
    is_complete: bool
    condition_keys: frozenset[str] = frozenset()

    @property
    def counted(self) -> tuple[int, int, int]:
        """What makes a permission set: actions possible, possible on every resource, and certain."""
        return self.possible, self.everywhere, self.certain

    @cached_property
    def permission_set(self) -> str:
        """The id of the permission set, the same wherever the same is allowed under one catalogue."""
        width = len(load_catalogue().names) // 8 + 1
        return hashlib.sha256(packed(self.counted, width)).hexdigest()[:12]


def effective_permissions(
    identity: Iterable[Grants],
    boundary: Grants | None = None,
    *,
    scps: Sequence[Grants] = (),
    rcps: Sequence[Grants] = (),
    known: Known = UNKNOWN,
) -> EffectivePermissions:
    """Combine a principal's identity policies (direct, inline and of its groups) with what limits them.

    A boundary and an SCP level never grant: the sets are cut down to what each allows (rules A4, B3, B5), and
    their denies count like any other (rule A2). ``None`` means that the principal has no boundary. ``known``
    settles conditions on who asks.
    """
    grants = settled(united(identity), known)
    ceilings = [settled(each, known) for each in (*(() if boundary is None else (boundary,)), *scps)]
    layers = [grants, *ceilings, *rcps]
    is_complete = all(layer.is_complete for layer in layers)
    denied = reduce(or_, (layer.denied for layer in (grants, *ceilings)))
    denied_on_some = reduce(or_, (layer.denied_on_some for layer in layers))
    certain, broad = grants.certain, grants.broad
    everywhere, broadly, possible = grants.everywhere, grants.broadly, grants.possible
    for ceiling in ceilings:
        certain &= ceiling.certain
        broad &= ceiling.broad
        everywhere &= ceiling.everywhere
        broadly &= ceiling.broadly if ceiling.is_complete else broadly
        possible &= ceiling.possible if ceiling.is_complete else possible
    for layer in layers:
        certain = without(certain, layer.denied_somewhere)
        broad = without(broad, layer.maybe_denied_broadly)
        broadly = without(broadly, layer.denied_broadly)
    possible = without(possible, denied)
    certain, everywhere, broad, broadly, possible = held_once(
        certain if is_complete else 0,
        without(everywhere & possible, denied_on_some),
        broad & possible if is_complete else 0,
        broadly & possible,
        possible,
    )
    return EffectivePermissions(
        certain=certain,
        everywhere=everywhere,
        broad=broad,
        broadly=broadly,
        possible=possible,
        is_complete=is_complete,
        condition_keys=frozenset().union(*(layer.condition_keys for layer in layers)),
    )
