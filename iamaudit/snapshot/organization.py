"""The SCPs and RCPs above an account, from a file that is handed over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iamaudit.errors import SnapshotError
from iamaudit.snapshot.documents import with_plain_documents
from iamaudit.snapshot.manifest import SourceResult
from iamaudit.snapshot.reading import json_values, read_text
from iamaudit.snapshot.shapes import shape_problem

_LISTS = ("ServiceControlPolicies", "ResourceControlPolicies")
_CURE = "write it as docs/evaluation.md shows"


def read_organization_policies(path: Path) -> SourceResult:
    """Return the levels of SCPs and RCPs, the organization's root first and the account last.

    Each list holds levels ``{"Target": ..., "Policies": [...]}``; a policy has ``Name`` and ``Content``, an
    object or text, or is what ``aws organizations describe-policy`` prints. A list that is not there says
    that policies of this type are not enabled, a level of SCPs without policies that it allows nothing.

    Raises
    ------
    SnapshotError
        The file cannot be read or has another shape.
    """
    (data, *more) = json_values(path, read_text(path), _CURE)
    if more or not isinstance(data, dict) or not any(name in data for name in _LISTS):
        raise SnapshotError(f"`{path}` has neither {' nor '.join(_LISTS)}: {_CURE}")
    levels = {
        name: [_level(path, name, level) for level in _list(path, name, data[name])]
        for name in _LISTS
        if name in data
    }
    content = with_plain_documents({**data, **levels})
    problem = shape_problem("organization_policies", content)
    if problem:
        raise SnapshotError(f"`{path}`: {problem}: {_CURE}")
    rows = {name: sum(len(level["Policies"]) for level in found) for name, found in levels.items()}
    return SourceResult("collected", content, rows=rows)


def _level(path: Path, name: str, level: Any) -> dict[str, Any]:
    if not isinstance(level, dict) or not isinstance(level.get("Target"), str) or "Policies" not in level:
        raise SnapshotError(f"`{path}`: a level of `{name}` has no Target or no Policies: {_CURE}")
    where = f"{name} {level['Target']}"
    return {**level, "Policies": [_policy(path, where, p) for p in _list(path, where, level["Policies"])]}


def _policy(path: Path, where: str, policy: Any) -> dict[str, Any]:
    found = policy.get("Policy", policy) if isinstance(policy, Mapping) else {}
    found = {**found.get("PolicySummary", {}), **found} if isinstance(found, Mapping) else {}
    if not isinstance(found.get("Name"), str) or "Content" not in found:
        raise SnapshotError(f"`{path}`: a policy of `{where}` has no Name or no Content: {_CURE}")
    return {key: found[key] for key in ("Name", "Id", "Arn", "Content") if key in found}


def _list(path: Path, where: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise SnapshotError(f"`{path}`: `{where}` is not a list: {_CURE}")
    return value
