"""What each user and role may do, counted by service and access level."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iamaudit.account import PrincipalPermissions, ReportRow
from iamaudit.collector import collector_paused
from iamaudit.frames.columns import ANSWERS, COLUMNS, build_frame, empty_frame
from iamaudit.iam.actions import ACCESS_LEVELS, Catalogue, packed
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


def permission_sets_frame(principals: Sequence[PrincipalPermissions], catalogue: Catalogue) -> pd.DataFrame:
    """Return a row per distinct permission set, service and access level with at least one possible action.

    Principals that may do the same point to one ``permission_set`` with their row in ``breadth``.
    ``actions_possible`` are allowed on something under some condition, ``actions_on_all_resources`` on
    every resource under some condition, ``actions_certain`` on every resource under none, as far as the
    principal's own side goes (a KMS key's policy and a role's trust policy must agree as well); of
    ``actions_known`` that AWS has there and ``actions_in_service`` over all access levels. ``scope`` is
    ``all resources``, ``scoped`` or ``both``.
    """
    cells = _Cells.of(catalogue)
    named = {p.sets.permission_set: p.sets for p in principals}
    distinct = list(named.values())
    parts = [
        _counted(distinct[at : at + _CHUNK], at, cells, catalogue) for at in range(0, len(distinct), _CHUNK)
    ]
    if not any(len(part[0]) for part in parts):
        return empty_frame("permission_sets")
    number, cell, possible, everywhere, certain = (np.concatenate(one) for one in zip(*parts, strict=True))
    scope = np.select([everywhere == possible, everywhere == 0], [0, 1], 2).astype(np.int8)
    columns = {
        "permission_set": _category(number, list(named)),
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
    names_of = cache(catalogue.names_of)
    counted = _breadths({p.sets.permission_set: p.sets for p in principals}, catalogue)
    rows = [
        {
            "principal": principal.arn,
            "principal_type": principal.type,
            "principal_name": principal.name,
            **counted[principal.sets.permission_set],
            "administrator": principal.administrator,
            **_sign_in(credentials.get(principal.arn)),
            **_open_fields(everywhere.get(principal.arn), names_of),
            "condition_keys": sorted(principal.sets.condition_keys),
            "is_complete": principal.sets.is_complete,
            "is_service_linked": ":role/aws-service-role/" in principal.arn,
            "permission_set": principal.sets.permission_set,
            "arn": principal.arn,
            "evidence": f"authorization_details.json Arn = {principal.arn}",
        }
        for principal in principals
    ]
    frame = build_frame("breadth", rows)
    return frame.sort_values(["actions_possible", "principal"], ascending=[False, True], ignore_index=True)


def _breadths(named: Mapping[str, EffectivePermissions], catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Return how much each permission set allows, as columns of ``breadth``."""
    identities, data = catalogue.expand_patterns(_IDENTITIES), catalogue.expand_patterns(_DATA)
    reads = cache(catalogue.names_of)  # many read the same
    possible = _packed([sets.possible for sets in named.values()], len(catalogue.names))
    masks = _packed([catalogue.level_mask(level) for level in ACCESS_LEVELS], len(catalogue.names))
    levels = [np.bitwise_count(possible & mask).sum(axis=1, dtype=np.intp).tolist() for mask in masks]
    columns = [level.lower().replace(" ", "_") for level in ACCESS_LEVELS]
    last = sum(1 << span[-1] for span in catalogue.services.values())  # the last action of each service
    others = catalogue.everything ^ last
    found = {}
    for (name, sets), counts in zip(named.items(), zip(*levels, strict=True), strict=True):
        # Adding up carries into the bit of a service's last action where any other one is there.
        services = ((sets.possible & others) + others | sets.possible) & last
        found[name] = {
            "actions_possible": sum(counts),
            "share_possible": sum(counts) / len(catalogue.names),
            **dict(zip(columns, counts, strict=True)),
            "manages_identities": bool(sets.possible & identities),
            "reads_data": reads(sets.possible & data),
            "actions_certain": sets.certain.bit_count(),
            "services": services.bit_count(),
        }
    return found


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


def _counted(
    sets: Sequence[EffectivePermissions], first: int, cells: _Cells, catalogue: Catalogue
) -> tuple[npt.NDArray[Any], ...]:
    """Return, for the cells with a possible action: the set's number, the cell and the three counts."""
    edges = np.append(cells.starts, cells.starts[-1] + cells.sizes[-1])
    rows = _packed([actions for each in sets for actions in each.counted], len(catalogue.names))
    possible, *others = (_Counter.of(rows[kind::3]) for kind in range(3))
    grid = np.diff(possible.below_each(edges), axis=1)
    number, cell = np.divmod(np.flatnonzero(grid > 0), len(cells.sizes))
    rest = (each.below(number, edges[cell + 1]) - each.below(number, edges[cell]) for each in others)
    return (number + first).astype(np.int32), cell.astype(np.int16), grid[number, cell], *rest


def _packed(sets: Sequence[int], actions: int) -> npt.NDArray[np.uint64]:
    """Return sets of so many actions as rows of bits, in words of 64."""
    words = actions // 64 + 1
    return np.frombuffer(packed(sets, 8 * words), dtype="<u8").reshape(len(sets), words)


@dataclass(frozen=True, slots=True)
class _Counter:
    """Counts actions in rows of packed sets: whole words through a running sum, the rest by a mask."""

    packed: npt.NDArray[np.uint64]
    before: npt.NDArray[np.uint16]

    @classmethod
    def of(cls, packed: npt.NDArray[np.uint64]) -> "_Counter":
        before = np.zeros((len(packed), packed.shape[1] + 1), dtype=np.uint16)
        np.cumsum(np.bitwise_count(packed), axis=1, dtype=np.uint16, out=before[:, 1:])
        return cls(packed, before)

    def below_each(self, edges: npt.NDArray[np.intp]) -> npt.NDArray[np.uint16]:
        """Return how many actions each row has below each edge of the catalogue, rows x edges."""
        word, mask = _places(edges)
        found: npt.NDArray[np.uint16] = np.take(self.before, word, axis=1)
        found += np.bitwise_count(np.take(self.packed, word, axis=1) & mask)
        return found

    def below(self, rows: npt.NDArray[np.intp], edges: npt.NDArray[np.intp]) -> npt.NDArray[np.uint16]:
        """Return how many actions some rows have below an edge each."""
        word, mask = _places(edges)
        found: npt.NDArray[np.uint16] = self.before[rows, word]
        found += np.bitwise_count(self.packed[rows, word] & mask)
        return found


def _places(edges: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]]:
    """Return in which word each edge is, and a mask of what is below it there."""
    return edges >> 6, (np.uint64(1) << (edges & 63).astype(np.uint64)) - np.uint64(1)


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
