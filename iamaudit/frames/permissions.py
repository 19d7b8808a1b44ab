"""What each user and role may do, counted by service and access level."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iamaudit.account import PrincipalPermissions, administrator
from iamaudit.frames.columns import COLUMNS, build_frame, empty_frame
from iamaudit.iam.actions import ACCESS_LEVELS, Catalogue

_IDENTITIES = (
    *("iam:CreateUser", "iam:CreateRole", "iam:PutUserPolicy", "iam:PutRolePolicy", "iam:AttachUserPolicy"),
    *("iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
)
_DATA = (
    *("s3:GetObject", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "secretsmanager:GetSecretValue"),
    *("ssm:GetParameter", "ssm:GetParameters", "kms:Decrypt", "sqs:ReceiveMessage", "athena:GetQueryResults"),
    *("rds-data:ExecuteStatement", "redshift-data:GetStatementResult", "logs:GetLogEvents"),
)
_CHUNK = 1024  # principals counted at once: about 50 MB


def permissions_frame(principals: Sequence[PrincipalPermissions], catalogue: Catalogue) -> pd.DataFrame:
    """Return a row per principal, service and access level with at least one possible action.

    ``actions_possible`` are allowed on something under some condition, ``actions_on_all_resources`` on
    every resource under some condition, ``actions_certain`` on every resource under none; of
    ``actions_known`` that AWS has there and ``actions_in_service`` over all access levels. ``scope`` is
    ``all resources``, ``scoped`` or ``both``.
    """
    cells = _Cells.of(catalogue)
    parts = [
        _counted(principals[start : start + _CHUNK], start, cells)
        for start in range(0, len(principals), _CHUNK)
    ]
    if not parts:
        return empty_frame("permissions")
    who, cell, possible, everywhere, certain = (np.concatenate(column) for column in zip(*parts, strict=True))
    scope = np.select([everywhere == possible, everywhere == 0], [0, 1], 2)
    columns = {
        "principal": _repeated([p.arn for p in principals], who),
        "principal_type": _repeated([p.type for p in principals], who),
        "principal_name": _repeated([p.name for p in principals], who),
        "service": _repeated(cells.services, cell),
        "access_level": _repeated(cells.levels, cell),
        "actions_possible": pd.array(possible.astype(np.int64), dtype="Int64"),
        "actions_on_all_resources": pd.array(everywhere.astype(np.int64), dtype="Int64"),
        "actions_certain": pd.array(certain.astype(np.int64), dtype="Int64"),
        "actions_known": pd.array(cells.sizes[cell], dtype="Int64"),
        "actions_in_service": pd.array(cells.service_sizes[cell], dtype="Int64"),
        "scope": _repeated(["all resources", "scoped", "both"], scope),
        "is_complete": pd.array(np.array([p.sets.is_complete for p in principals])[who], dtype="boolean"),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS["permissions"]))


def breadth_frame(
    principals: Sequence[PrincipalPermissions], catalogue: Catalogue, control: int | None = None
) -> pd.DataFrame:
    """Return a row per user and role, the broadest first: possible actions in all and by access level.

    ``share_possible`` is of all actions in the catalogue, ``services`` counts those with a possible action,
    ``condition_keys`` are those that any statement about the principal tests. ``administrator`` is ``yes``
    when every action in ``control`` (unless given, all that change IAM) is certain, ``perhaps`` when all are
    possible on every resource under some condition: whoever has that can become anything, whatever its
    policies are called.
    """
    control = catalogue.control if control is None else control
    identities, data = catalogue.expand_patterns(_IDENTITIES), catalogue.expand_patterns(_DATA)
    levels = {level.lower().replace(" ", "_"): catalogue.level_mask(level) for level in ACCESS_LEVELS}
    spans = catalogue.services.values()
    edges = np.array([*(span.start for span in spans), len(catalogue.names)], dtype=np.intp)
    services = (_counts([p.sets.possible for p in principals], edges) > 0).sum(axis=1)
    rows = [
        {
            "principal": principal.arn,
            "principal_type": principal.type,
            "principal_name": principal.name,
            "actions_possible": principal.sets.possible.bit_count(),
            "share_possible": principal.sets.possible.bit_count() / len(catalogue.names),
            "actions_certain": principal.sets.certain.bit_count(),
            **{name: (principal.sets.possible & mask).bit_count() for name, mask in levels.items()},
            "services": int(count),
            "administrator": administrator(principal.sets, control),
            "manages_identities": bool(principal.sets.possible & identities),
            "reads_data": catalogue.names_of(principal.sets.possible & data),
            "condition_keys": sorted(principal.sets.condition_keys),
            "is_complete": principal.sets.is_complete,
            "arn": principal.arn,
            "evidence": f"authorization_details.json {principal.arn}",
        }
        for principal, count in zip(principals, services, strict=True)
    ]
    frame = build_frame("breadth", rows)
    return frame.sort_values(["actions_possible", "principal"], ascending=[False, True], ignore_index=True)


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
    principals: Sequence[PrincipalPermissions], first: int, cells: _Cells
) -> tuple[npt.NDArray[Any], ...]:
    """Return, for the cells with a possible action: principal, cell and the three counts."""
    sets = [p.sets for p in principals]
    triple = [*(s.possible for s in sets), *(s.everywhere for s in sets), *(s.certain for s in sets)]
    edges = np.append(cells.starts, cells.starts[-1] + cells.sizes[-1])
    possible, everywhere, certain = np.split(_counts(triple, edges), 3)
    who, cell = np.nonzero(possible)
    return who + first, cell, possible[who, cell], everywhere[who, cell], certain[who, cell]


def _counts(sets: Sequence[int], edges: npt.NDArray[np.intp]) -> npt.NDArray[np.uint16]:
    """Return how many actions each set has between each two ``edges`` of the catalogue, sets x runs.

    The bits below each edge are counted, whole bytes through a running sum and the rest by a mask; the count
    of a run is the difference of its two edges.
    """
    width = int(edges[-1]) // 8 + 1
    rows = {actions: row for row, actions in enumerate(dict.fromkeys(sets))}
    data = b"".join(actions.to_bytes(width, "little") for actions in rows)
    packed = np.frombuffer(data, dtype=np.uint8).reshape(len(rows), width)
    below = np.zeros((len(rows), width + 1), dtype=np.uint16)
    np.cumsum(np.bitwise_count(packed), axis=1, dtype=np.uint16, out=below[:, 1:])
    byte, mask = edges >> 3, ((1 << (edges & 7)) - 1).astype(np.uint8)
    upto = below[:, byte] + np.bitwise_count(packed[:, byte] & mask)
    counts: npt.NDArray[np.uint16] = np.diff(upto, axis=1)
    return np.take(counts, [rows[actions] for actions in sets], axis=0)


def _repeated(values: Sequence[str], positions: npt.NDArray[np.intp]) -> Any:
    return pd.array(list(values), dtype="string").take(positions)
