"""A snapshot under invented names: judged like any other, and fit to be shared.

Whatever is text and not known to be AWS's own word gets an invented name, so that a field that AWS adds later
does not tell a real one.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iamaudit.snapshot.manifest import SourceResult
from iamaudit.snapshot.pseudonyms import Pseudonyms
from iamaudit.snapshot.read import Snapshot
from iamaudit.snapshot.write import write_snapshot

_AS_IT_IS = {
    *("Status", "CreateDate", "UpdateDate", "EnableDate", "UploadDate", "Expiration", "ValidUntil"),
    *("LastUsedDate", "Region", "VersionId", "DefaultVersionId", "PermissionsBoundaryType"),
    *("Effect", "Action", "NotAction", "Version", "Service", "Type", "type"),
    *("JobStatus", "JobType", "JobCreationDate", "JobCompletionDate", "ServiceName", "ServiceNamespace"),
    *("ActionName", "LastAccessedTime", "LastAccessedRegion", "LastAuthenticated", "LastAuthenticatedRegion"),
    *("ExpirationDate", "EnabledFeatures", "Regions", "status", "resourceType", "findingType"),
    *("createdAt", "updatedAt", "analyzedAt", "lastResourceAnalyzedAt"),
}
_TAG_MAPS = {"tags", "resourceTags"}
"""Tags as one object: Access Analyzer gives them so, for an analyzer and for what it leaves out."""
_DOCUMENTS = {"PolicyDocument", "AssumeRolePolicyDocument", "Document", "Content"}
_OF_AWS = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/|arn:aws[a-z-]*:iam::\d{12}:role/aws-service-role/")
_WITHHELD = "withheld: the names here are invented"
_TAG = re.compile(r"^(.*Tag/)(.+)$", re.IGNORECASE)


def write_pseudonymous(snapshot: Snapshot, root: Path, names: Pseudonyms) -> Path:
    """Write a snapshot again under ``root``, every name in it an invented one, and return its folder.

    Names of services, actions, regions, AWS managed policies and service-linked roles stay.
    """
    manifest = snapshot.manifest
    contents = {name: snapshot.read(name) for name in manifest.sources}
    learn_patterns(snapshot, names)
    results = {
        name: SourceResult(
            record.status,
            _report(contents[name], names) if name == "credential_report" else _value(contents[name], names),
            reason=record.reason and _WITHHELD,
            rows=record.rows,
            calls=record.calls,
            generated_at=record.generated_at,
        )
        for name, record in manifest.sources.items()
    }
    alias = manifest.account_alias
    return write_snapshot(
        root,
        results,
        account_id=names.account(manifest.account_id),
        account_alias=alias and names.name(alias),
        caller_arn=manifest.caller_arn and names.arn(manifest.caller_arn),
        origin="files",
        started_at=manifest.started_at,
        finished_at=manifest.finished_at or manifest.started_at,
    )


def learn_patterns(snapshot: Snapshot, names: Pseudonyms) -> None:
    """Note every pattern of a snapshot, before any name is invented: a pattern may cut a name."""
    for pattern in _patterns({name: snapshot.read(name) for name in snapshot.manifest.sources}):
        names.learn(pattern)


def _patterns(value: Any) -> Iterator[str]:
    """Yield every text with a wildcard, but for actions."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("Action", "NotAction"):
                yield from _patterns(item)
    elif isinstance(value, list):
        for item in value:
            yield from _patterns(item)
    elif isinstance(value, str) and len(value) < 2048 and re.search("[*?]", value):
        yield value


def _value(value: Any, names: Pseudonyms, key: str = "") -> Any:
    if key in _AS_IT_IS:
        return value
    if key in _DOCUMENTS:
        return _document(value, names)
    if key in _TAG_MAPS and isinstance(value, dict):
        return {names.tag_key(tag): _tag_value(text, names) for tag, text in value.items()}
    if isinstance(value, dict):
        return _object(value, names)
    if isinstance(value, list):
        return [_value(item, names, key) for item in value]
    return _text(value, names, key) if isinstance(value, str) else value


def _object(value: dict[str, Any], names: Pseudonyms) -> dict[str, Any]:
    arn = value.get("Arn") or value.get("PolicyArn") or value.get("PermissionsBoundaryArn")
    if isinstance(arn, str) and _OF_AWS.match(arn):
        account = names.arn(arn)
        plain = {"Arn": account, "PolicyArn": account, "PermissionsBoundaryArn": account}
        ids = {key: names.name(text) for key, text in value.items() if key in ("RoleId", "PolicyId")}
        return {**value, **ids, **{key: text for key, text in plain.items() if key in value}}
    if "Key" in value and "Value" in value:
        return {**value, "Key": names.tag_key(value["Key"]), "Value": _tag_value(value["Value"], names)}
    return {_key(key, names): _value(item, names, key) for key, item in value.items()}


def _key(key: str, names: Pseudonyms) -> str:
    """Return the key of an object: what was used when stands under the ARN of who used it."""
    return names.arn(key) if key.startswith("arn:") else key


def _tag_value(text: str, names: Pseudonyms) -> str:
    return text if text.lower() in ("true", "false") else names.name(text)


def _text(text: str, names: Pseudonyms, key: str) -> str:
    if text.startswith("arn:"):
        return names.arn(text)
    if key == "Path":
        return text if "aws-service-role" in text or "aws-reserved" in text else names.name(text)
    if key == "Url":
        return names.provider(text.removeprefix("https://"))
    if key in ("Reason", "Message"):
        return _WITHHELD
    return names.value(text) if key == "ClientIDList" else names.name(text)


def _document(value: Any, names: Pseudonyms) -> Any:
    """Return a policy document: effect, actions, operators and condition keys stay."""
    if isinstance(value, list):
        return [_document(item, names) for item in value]
    if not isinstance(value, dict):
        return names.name(value) if isinstance(value, str) else value
    return {key: _element(key, item, names) for key, item in value.items()}


def _element(key: str, item: Any, names: Pseudonyms) -> Any:
    if key in _AS_IT_IS:
        return item
    if key in ("Resource", "NotResource"):
        return _each(item, names.arn)
    if key in ("Principal", "NotPrincipal"):
        return _principal(item, names)
    if key == "Condition" and isinstance(item, dict):
        return {operator: _tests(tests, names) for operator, tests in item.items()}
    return _document(item, names)


def _principal(item: Any, names: Pseudonyms) -> Any:
    if not isinstance(item, dict):
        return item if item == "*" else _document(item, names)
    kinds = {"AWS": names.value, "Federated": lambda text: _federated(text, names)}
    return {
        kind: value if kind == "Service" else _each(value, kinds.get(kind, names.name))
        for kind, value in item.items()
    }


def _federated(text: str, names: Pseudonyms) -> str:
    return names.arn(text) if text.startswith("arn:") else names.provider(text)


def _tests(tests: Any, names: Pseudonyms) -> Any:
    if not isinstance(tests, dict):
        return _document(tests, names)
    return {_condition_key(key, names): _each(values, names.value) for key, values in tests.items()}


def _condition_key(key: str, names: Pseudonyms) -> str:
    """Return a condition key: the key of a tag and the host of a provider are names."""
    tag = _TAG.match(key)
    if tag:
        return tag[1] + names.tag_key(tag[2])
    host, colon, claim = key.rpartition(":")
    return f"{names.provider(host)}{colon}{claim}" if "." in host else key


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return [_each(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def _report(text: str | None, names: Pseudonyms) -> str | None:
    if text is None:
        return None
    rows = list(csv.DictReader(io.StringIO(text)))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        is_root = row["user"] == "<root_account>"
        user = row["user"] if is_root else names.name(row["user"])
        writer.writerow({**row, "user": user, "arn": names.arn(row["arn"])})
    return buffer.getvalue().removesuffix("\n")
