"""What each user and role may do, counted by service and access level."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iamaudit.account import PrincipalPermissions, ReportRow
from iamaudit.collector import collector_paused
from iamaudit.frames.columns import ANSWERS, COLUMNS, build_frame, empty_frame
from iamaudit.iam.actions import ACCESS_LEVELS, Catalogue
from iamaudit.iam.evaluate import EffectivePermissions

_IDENTITIES = (
    *("iam:CreateUser", "iam:CreateRole", "iam:PutUserPolicy", "iam:PutRolePolicy", "iam:AttachUserPolicy"),
    *("iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
)
_DATA = (
    *("s3:GetObject", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "secretsmanager:GetSecretValue"),
    *("ssm:GetParameter", "ssm:GetParameters", "kms:Decrypt", "sqs:ReceiveMessage", "athena:GetQueryResults"),
    *("rds-data:ExecuteStatement", "redshift-data:GetStatementResult", "logs:GetLogEvents"),
)
_CHUNK = 256  # sets counted at once: about 10 MB
_Triple = tuple[int, int, int]
"""Actions possible, possible on every resource, and certain: what makes a permission set."""


def permission_sets_frame(principals: Sequence[PrincipalPermissions], catalogue: Catalogue) -> pd.DataFrame:
    """Return a row per distinct permission set, service and access level with at least one possible action.

    Principals that may do the same point to one ``permission_set`` with their row in ``breadth``.
    ``actions_possible`` are allowed on something under some condition, ``actions_on_all_resources`` on
    every resource under some condition, ``actions_certain`` on every resource under none, as far as the
    principal's own side goes (a KMS key's policy and a role's trust policy must agree as well); of
    ``actions_known`` that AWS has there and ``actions_in_service`` over all access levels. ``scope`` is
    ``all resources``, ``scoped`` or ``both``.
    """
    cells, width = _Cells.of(catalogue), _width(catalogue)
    distinct = list(dict.fromkeys(_triple(p.sets) for p in principals))
    parts = [_counted(distinct[at : at + _CHUNK], at, cells) for at in range(0, len(distinct), _CHUNK)]
    if not any(len(part[0]) for part in parts):
        return empty_frame("permission_sets")
    number, cell, possible, everywhere, certain = (np.concatenate(one) for one in zip(*parts, strict=True))
    scope = np.select([everywhere == possible, everywhere == 0], [0, 1], 2).astype(np.int8)
    columns = {
        "permission_set": _category(number, [_named(triple, width) for triple in distinct]),
        "service": _category(cell, cells.services),
        "access_level": _category(cell, cells.levels),
        "actions_possible": _integers(possible),
        "actions_on_all_resources": _integers(everywhere),
        "actions_certain": _integers(certain),
        "actions_known": _integers(cells.sizes[cell]),
        "actions_in_service": _integers(cells.service_sizes[cell]),
        "scope": _category(scope, ["all resources", "scoped", "both"]),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS["permission_sets"]), copy=False)


def permissions_frame(breadth: pd.DataFrame, permission_sets: pd.DataFrame) -> pd.DataFrame:
    """Return a row per principal, service and access level: every row of ``breadth`` with those of its set.

    Users come first, then roles, each by name.
    """
    who = breadth.assign(_low=breadth.principal_name.str.lower())
    who = who.sort_values(
        ["principal_type", "_low", "principal"], ascending=[False, True, True], ignore_index=True
    )
    numbers = permission_sets.permission_set.cat.codes.to_numpy()
    # The rows of a set stand together, so a principal's are the `size` rows from `start` on.
    starts = np.flatnonzero(np.diff(numbers, prepend=-1)).astype(np.int32)
    sizes = np.diff(starts, append=np.int32(len(numbers)))
    own = pd.Index(permission_sets.permission_set.iloc[starts].astype("string"))
    place = own.get_indexer(pd.Index(who.permission_set))  # -1: a set of no action has no row
    size = np.where(place < 0, 0, sizes[place]) if len(sizes) else np.zeros(len(who), dtype=np.int32)
    person = np.repeat(np.arange(len(who), dtype=np.int32), size)
    first = np.repeat((starts[place] if len(starts) else size) - (np.cumsum(size) - size), size)
    row = (first + np.arange(len(person))).astype(np.int32)
    columns: dict[str, Any] = {}
    for name in ANSWERS["permissions"]:
        if name in permission_sets:
            columns[name] = permission_sets[name].array.take(row)
        elif name == "is_complete":
            columns[name] = who[name].array.take(person)
        else:
            columns[name] = _category(person, who[name].tolist())
    return pd.DataFrame(columns, columns=list(ANSWERS["permissions"]), copy=False)


@collector_paused()
def breadth_frame(
    principals: Sequence[PrincipalPermissions],
    catalogue: Catalogue,
    credentials: Mapping[str, ReportRow] = MappingProxyType({}),
    everywhere: Mapping[str, EffectivePermissions] = MappingProxyType({}),
) -> pd.DataFrame:
    """Return a row per user and role, the broadest first: possible actions in all and by access level.

    ``share_possible`` is of all actions in the catalogue, ``services`` counts those with a possible action,
    ``condition_keys`` are those that any statement about the principal tests. ``administrator`` is ``yes``,
    or ``perhaps`` under some condition, for whoever is given all that changes IAM and keeps, within its
    limits, enough of it to become anything. ``permission_set`` names the rows of the frame
    ``permission_sets`` that say what it may do, service by service. ``has_password`` and ``mfa_active`` are
    what the credential report (``credentials``, by ARN) says of a user. ``everywhere`` holds by ARN what each
    may do on every resource: ``open_actions`` are the sensitive actions that it may do so in any case,
    ``open_conditional`` those that it may under some condition, or perhaps because a policy of it was not
    collected.
    """
    names_of, named = cache(catalogue.names_of), cache(partial(_named, width=_width(catalogue)))
    identities, data = catalogue.expand_patterns(_IDENTITIES), catalogue.expand_patterns(_DATA)
    levels = {level.lower().replace(" ", "_"): catalogue.level_mask(level) for level in ACCESS_LEVELS}

    @cache
    def counted(possible: int) -> dict[str, Any]:  # many may do the same
        return {
            "actions_possible": possible.bit_count(),
            "share_possible": possible.bit_count() / len(catalogue.names),
            **{name: (possible & mask).bit_count() for name, mask in levels.items()},
            "manages_identities": bool(possible & identities),
            "reads_data": names_of(possible & data),
        }

    spans = catalogue.services.values()
    edges = np.array([*(span.start for span in spans), len(catalogue.names)], dtype=np.intp)
    services = (_counts([p.sets.possible for p in principals], edges) > 0).sum(axis=1)
    rows = [
        {
            "principal": principal.arn,
            "principal_type": principal.type,
            "principal_name": principal.name,
            **counted(principal.sets.possible),
            "actions_certain": principal.sets.certain.bit_count(),
            "services": int(count),
            "administrator": principal.administrator,
            **_sign_in(credentials.get(principal.arn)),
            **_open_fields(everywhere.get(principal.arn), names_of),
            "condition_keys": sorted(principal.sets.condition_keys),
            "is_complete": principal.sets.is_complete,
            "is_service_linked": ":role/aws-service-role/" in principal.arn,
            "permission_set": named(_triple(principal.sets)),
            "arn": principal.arn,
            "evidence": f"authorization_details.json Arn = {principal.arn}",
        }
        for principal, count in zip(principals, services, strict=True)
    ]
    frame = build_frame("breadth", rows)
    return frame.sort_values(["actions_possible", "principal"], ascending=[False, True], ignore_index=True)


def _sign_in(row: ReportRow | None) -> dict[str, bool | None]:
    return (
        {}
        if row is None
        else {"has_password": row.flag("password_enabled"), "mfa_active": row.flag("mfa_active")}
    )


def _open_fields(
    sets: EffectivePermissions | None, names_of: Callable[[int], list[str]]
) -> dict[str, list[str]]:
    if sets is None:
        return {}
    return {
        "open_actions": names_of(sets.certain),
        "open_conditional": names_of(sets.possible & ~sets.certain),
    }


@dataclass(frozen=True, slots=True)
class _Cells:
    """The runs of the catalogue with one service and access level: what they are, where, how long."""

    services: list[str]
    levels: list[str]
    starts: npt.NDArray[np.intp]
    sizes: npt.NDArray[np.intp]
    service_sizes: npt.NDArray[np.intp]

    @classmethod
    def of(cls, catalogue: Catalogue) -> "_Cells":
        runs = [
            (key, sum(1 for _ in run))
            for key, run in groupby(
                (name.partition(":")[0], level)
                for name, level in zip(catalogue.names, catalogue.levels, strict=True)
            )
        ]
        sizes = np.array([size for _, size in runs], dtype=np.intp)
        starts = np.cumsum(sizes) - sizes
        services = [service for (service, _), _ in runs]
        service_sizes = np.array([len(catalogue.services[service]) for service in services], dtype=np.intp)
        return cls(services, [level for (_, level), _ in runs], starts, sizes, service_sizes)


def _triple(sets: EffectivePermissions) -> _Triple:
    return sets.possible, sets.everywhere, sets.certain


def _width(catalogue: Catalogue) -> int:
    """Return how many bytes an action set takes."""
    return len(catalogue.names) // 8 + 1


def _named(triple: _Triple, width: int) -> str:
    """Return the id of a permission set, the same wherever it is found under one catalogue."""
    return hashlib.sha256(b"".join(actions.to_bytes(width, "little") for actions in triple)).hexdigest()[:12]


def _counted(sets: Sequence[_Triple], first: int, cells: _Cells) -> tuple[npt.NDArray[Any], ...]:
    """Return, for the cells with a possible action: the set's number, the cell and the three counts."""
    edges = np.append(cells.starts, cells.starts[-1] + cells.sizes[-1])
    columns = [actions for kind in zip(*sets, strict=True) for actions in kind]
    possible, everywhere, certain = np.split(_counts(columns, edges), 3)
    number, cell = np.nonzero(possible)
    counts = (kind[number, cell] for kind in (possible, everywhere, certain))
    return (number + first).astype(np.int32), cell.astype(np.int16), *counts


def _counts(sets: Sequence[int], edges: npt.NDArray[np.intp]) -> npt.NDArray[np.uint16]:
    """Return how many actions each set has between each two ``edges`` of the catalogue, sets x runs.

    The bits below each edge are counted, whole words of 64 through a running sum and the rest by a mask; the
    count of a run is the difference of its two edges.
    """
    width = int(edges[-1]) // 64 + 1
    rows = {actions: row for row, actions in enumerate(dict.fromkeys(sets))}
    data = b"".join(actions.to_bytes(8 * width, "little") for actions in rows)
    packed = np.frombuffer(data, dtype="<u8").reshape(len(rows), width)
    below = np.zeros((len(rows), width + 1), dtype=np.uint16)
    np.cumsum(np.bitwise_count(packed), axis=1, dtype=np.uint16, out=below[:, 1:])
    word, mask = edges >> 6, (np.uint64(1) << (edges & 63).astype(np.uint64)) - np.uint64(1)
    upto = np.take(below, word, axis=1) + np.bitwise_count(np.take(packed, word, axis=1) & mask)
    counts: npt.NDArray[np.uint16] = np.diff(upto, axis=1)
    return np.take(counts, [rows[actions] for actions in sets], axis=0)


def _category(positions: npt.NDArray[Any], values: Sequence[str]) -> Any:
    """Return ``values[positions]`` as numbers and a list of the values that there are, in their order."""
    names = {value: number for number, value in enumerate(dict.fromkeys(values))}
    codes = np.array([names[value] for value in values], dtype=np.int32)[positions]
    is_there = np.bincount(codes, minlength=len(names)) > 0
    dense = (np.cumsum(is_there) - 1).astype(np.int32)
    kept = pd.Index([name for name, there in zip(names, is_there, strict=True) if there], dtype="str")
    return pd.Categorical.from_codes(dense[codes], dtype=pd.CategoricalDtype(kept))


def _integers(values: npt.NDArray[Any]) -> Any:
    """Return whole numbers none of which is missing."""
    return pd.arrays.IntegerArray(values.astype(np.int64), np.zeros(len(values), dtype=bool))
