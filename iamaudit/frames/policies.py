"""Policies, where they are attached, and their statements, from the authorization details.

A policy is named by its ARN when it has one. An inline policy is ``<principal arn>#<policy name>`` and a
role's trust policy ``<role arn>@trust``; neither can be mistaken for the other, as ``#`` is in no IAM name.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.frames.principals import boundary_arn
from iamaudit.frames.times import parse_time
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import refusals
from iamaudit.iam.policy import Document, PolicyKind, Problem, Statement, parse_document, write_statement

_FILE = "authorization_details.json"
# Each of these hangs on exactly one thing; every other kind is an identity policy.
_READ_AS: Mapping[str, PolicyKind] = {"trust": "trust", "SCP": "scp", "RCP": "rcp"}
_PRINCIPALS = (("UserDetailList", "User"), ("GroupDetailList", "Group"), ("RoleDetailList", "Role"))


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """One policy document with its place in the account; ``raw`` is ``None`` when it was not collected.

    ``kind`` is ``aws managed``, ``customer managed``, ``inline``, ``trust``, ``SCP`` or ``RCP``; ``owner`` is
    the principal that an inline or trust policy belongs to, or the organization's root, unit or account that
    an SCP or RCP is attached to.
    """

    policy: str
    name: str
    arn: str | None
    kind: str
    owner: str | None
    version: str | None
    created_at: datetime | None
    updated_at: datetime | None
    raw: Any
    document: Document
    evidence: str

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What AWS would refuse in the document, or that it was not collected."""
        return refusals(self.document, self.reading)

    @property
    def reading(self) -> PolicyKind:
        """The grammar that the document is read by."""
        return _READ_AS.get(self.kind, "identity")

    @property
    def is_aws_managed(self) -> bool:
        """Whether AWS wrote this policy; its text is not the account's doing (trap 8)."""
        return self.kind == "aws managed" or (self.arn or "").startswith("arn:aws:organizations::aws:")


def read_policies(details: Mapping[str, Any] | None) -> list[PolicyRecord]:
    """Return every policy of the account: managed (default version), inline and trust, each parsed once.

    A managed policy that an attachment or boundary names and that was not collected is a record without
    text, so that it stays visible as missing.
    """
    if details is None:
        return []
    records = {record.policy: record for record in _managed(details.get("Policies", ()))}
    reasons = {entry["Arn"]: entry["Reason"] for entry in details.get("PoliciesNotCollected", ())}
    for arn in sorted({*_named_policies(details)} - records.keys()):
        reason = reasons.get(arn, "not among the policies handed over")
        records[arn] = policy_record(
            arn,
            arn.rpartition("/")[2],
            arn=arn,
            raw=None,
            document=Document(
                None, (), (Problem("", f"its document was not collected ({reason})", "Missing document"),)
            ),
            evidence=f"{_FILE} attachments",
        )
    for type_name, principal in _principals(details):
        for inline in principal.get(f"{type_name}PolicyList", ()):
            policy = f"{principal['Arn']}#{inline['PolicyName']}"
            records[policy] = policy_record(
                policy,
                inline["PolicyName"],
                kind="inline",
                owner=principal["Arn"],
                raw=inline.get("PolicyDocument"),
                evidence=f"{_FILE} {principal['Arn']} {type_name}PolicyList {inline['PolicyName']}",
            )
        if type_name == "Role":
            policy = f"{principal['Arn']}@trust"
            records[policy] = policy_record(
                policy,
                f"trust policy of {principal['RoleName']}",
                kind="trust",
                owner=principal["Arn"],
                raw=principal.get("AssumeRolePolicyDocument"),
                evidence=f"{_FILE} {principal['Arn']} AssumeRolePolicyDocument",
            )
    return sorted(records.values(), key=lambda record: record.policy)


def policies_frame(details: Mapping[str, Any] | None, records: Sequence[PolicyRecord]) -> pd.DataFrame:
    """Return a row per policy; counts of attachments and boundary uses are counted here, not taken from AWS.

    ``size`` is in characters without white space, as AWS counts it. ``problems`` says what AWS would refuse;
    a policy that is not ``is_readable`` has no document.
    """
    attached: dict[str, int] = {}
    bounding: dict[str, int] = {}
    for row in _attachments(details):
        counts = bounding if row["how"] == "boundary" else attached
        if row["how"] != "group":  # the group's own row counts once, not once a member
            counts[row["policy"]] = counts.get(row["policy"], 0) + 1
    rows = []
    for record in records:
        text = _text(record.raw)
        rows.append(
            {
                "policy": record.policy,
                "name": record.name,
                "arn": record.arn or record.owner,
                "kind": record.kind,
                "owner": record.owner,
                "is_aws_managed": record.is_aws_managed,
                "version": record.version,
                "created_at": record.created_at,
                "updated_at": record.updated_at,
                "attachment_count": attached.get(record.policy, int(record.kind in _READ_AS)),
                "boundary_count": bounding.get(record.policy, 0),
                "size": None if text is None else sum(not char.isspace() for char in text),
                "problems": [f"{p.path}: {p.message}" if p.path else p.message for p in record.problems],
                "is_readable": not record.problems,
                "document": text,
                "evidence": record.evidence,
            }
        )
    return build_frame("policies", rows)


def attachments_frame(details: Mapping[str, Any] | None) -> pd.DataFrame:
    """Return a row per policy on a principal, how it is there, and ``via`` which group if it is inherited."""
    return build_frame("attachments", _attachments(details))


def statements_frame(records: Sequence[PolicyRecord], catalogue: Catalogue) -> pd.DataFrame:
    """Return a row per readable statement of every policy.

    ``service_wildcards`` are the services of which the statement names every action (``s3:*``);
    ``unknown_actions`` the patterns that match no action AWS has.
    """
    rows = [
        {
            "policy": record.policy,
            "policy_name": record.name,
            "kind": record.kind,
            "owner": record.owner,
            "is_aws_managed": record.is_aws_managed,
            **_statement_fields(statement, catalogue),
            "arn": record.arn or record.owner,
            "evidence": " ".join(
                part
                for part in (record.policy, record.version, f"Statement[{statement.index}]")
                if part is not None
            ),
        }
        for record in records
        for statement in record.document.statements
    ]
    return build_frame("statements", rows)


def _statement_fields(statement: Statement, catalogue: Catalogue) -> dict[str, Any]:
    named = statement.actions or statement.not_actions or ()
    conditions = {f"{c.operator} {c.key}": list(c.values) for c in statement.conditions}
    return {
        "index": statement.index,
        "sid": statement.sid,
        "effect": statement.effect,
        "actions": statement.actions,
        "not_actions": statement.not_actions,
        "resources": statement.resources,
        "not_resources": statement.not_resources,
        "principals": [f"{kind}: {value}" for kind, value in statement.principals or ()],
        "conditions": json.dumps(conditions, sort_keys=True, ensure_ascii=False) if conditions else None,
        "is_conditional": statement.is_conditional,
        "is_all_actions": statement.actions is not None
        and catalogue.expand_patterns(statement.actions) == catalogue.everything,
        "is_all_resources": statement.is_all_resources,
        "service_wildcards": [
            action.partition(":")[0].lower()
            for action in statement.actions or ()
            if ":" in action and set(action.partition(":")[2]) == {"*"}
        ],
        "unknown_actions": [action for action in named if not catalogue.expand_pattern(action)],
        "text": json.dumps(write_statement(statement), ensure_ascii=False),
    }


def _managed(policies: Iterable[Mapping[str, Any]]) -> Iterator[PolicyRecord]:
    for policy in policies:
        versions = policy.get("PolicyVersionList", ())
        default: Mapping[str, Any] = next((v for v in versions if v.get("IsDefaultVersion")), {})
        yield policy_record(
            policy["Arn"],
            policy.get("PolicyName") or policy["Arn"].rpartition("/")[2],
            arn=policy["Arn"],
            version=default.get("VersionId", policy.get("DefaultVersionId")),
            created_at=parse_time(policy.get("CreateDate")),
            updated_at=parse_time(default.get("CreateDate") or policy.get("UpdateDate")),
            raw=default.get("Document"),
            evidence=f"{_FILE} Policies {policy['Arn']}",
        )


def policy_record(policy: str, name: str, *, raw: Any, evidence: str, **fields: Any) -> PolicyRecord:
    """Return the record of one policy, its document parsed; unless given, its kind follows from the ARN."""
    arn = fields.get("arn")
    managed = "aws managed" if arn and ":iam::aws:" in arn else "customer managed"
    kind = fields.get("kind", managed)
    return PolicyRecord(
        policy=policy,
        name=name,
        arn=arn,
        kind=kind,
        owner=fields.get("owner"),
        version=fields.get("version"),
        created_at=fields.get("created_at"),
        updated_at=fields.get("updated_at"),
        raw=raw,
        document=fields.get("document") or parse_document(raw, kind=_READ_AS.get(kind, "identity")),
        evidence=evidence,
    )


def _principals(details: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for list_name, type_name in _PRINCIPALS:
        for principal in details.get(list_name, ()):
            yield type_name, principal


def _named_policies(details: Mapping[str, Any]) -> Iterator[str]:
    for _, principal in _principals(details):
        yield from (attached["PolicyArn"] for attached in principal.get("AttachedManagedPolicies", ()))
        boundary = boundary_arn(principal)
        if boundary:
            yield boundary


def _attachments(details: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if details is None:
        return []
    groups = {group["GroupName"]: group for group in details.get("GroupDetailList", ())}
    rows: list[dict[str, Any]] = []
    for type_name, principal in _principals(details):
        row = {
            "principal": principal["Arn"],
            "principal_type": type_name.lower(),
            "principal_name": principal[f"{type_name}Name"],
        }
        rows += [{**row, **own} for own in _own_policies(type_name, principal)]
        for name in principal.get("GroupList", ()):
            inherited = _own_policies("Group", groups[name]) if name in groups else ()
            rows += [{**row, **one, "how": "group", "via": name} for one in inherited]
        boundary = boundary_arn(principal)
        if boundary:
            rows.append({**row, **_attached(boundary, boundary.rpartition("/")[2], "boundary")})
    rows.sort(key=lambda r: (r["principal"], r["how"], r.get("via") or "", r["policy"]))
    return rows


def _own_policies(type_name: str, principal: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for attached in principal.get("AttachedManagedPolicies", ()):
        yield _attached(attached["PolicyArn"], attached.get("PolicyName"), "direct")
    for inline in principal.get(f"{type_name}PolicyList", ()):
        name = inline["PolicyName"]
        yield {
            **_attached(f"{principal['Arn']}#{name}", name, "inline"),
            "kind": "inline",
        }


def _attached(policy: str, name: str | None, how: str) -> dict[str, Any]:
    return {
        "policy": policy,
        "policy_name": name or policy.rpartition("/")[2],
        "kind": "aws managed" if ":iam::aws:" in policy else "customer managed",
        "how": how,
        "evidence": f"{_FILE} {how} {policy}",
    }


def _text(raw: Any) -> str | None:
    if raw is None or isinstance(raw, str):
        return raw
    return json.dumps(raw, ensure_ascii=False, indent=1)
