"""A policy as the account stores it: its document with its place.

A policy is named by its ARN when it has one. An inline policy is ``<principal arn>#<policy name>`` and a
role's trust policy ``<role arn>@trust``; neither can be mistaken for the other, as ``#`` is in no IAM name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from iamaudit.iam.evaluate import refusals
from iamaudit.iam.policy import Document, PolicyKind, Problem, parse_document

# Each of these hangs on exactly one thing; every other kind is an identity policy.
_READ_AS: Mapping[str, PolicyKind] = {"trust": "trust", "SCP": "scp", "RCP": "rcp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy document with its place in the account; ``raw`` is the document as AWS gave it.

    ``kind`` is ``aws managed``, ``customer managed``, ``inline``, ``trust``, ``SCP`` or ``RCP``; ``owner`` is
    the principal that an inline or trust policy belongs to, or the organization's root, unit or account that
    an SCP or RCP is attached to. ``older`` are the documents of versions that are not the default one (named
    by ``older_ids``), of ``versions`` that there are. One that is not ``is_listed`` is known by name only,
    from who holds it.
    """

    policy: str
    name: str
    arn: str | None = None
    kind: str
    owner: str | None = None
    version: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Any = None
    document: Document
    older: tuple[Document, ...] = ()
    older_ids: tuple[str, ...] = ()
    versions: int = 1
    is_listed: bool = True
    evidence: str

    @property
    def is_collected(self) -> bool:
        """Whether anybody has the document."""
        return self.raw is not None

    @property
    def is_readable(self) -> bool:
        """Whether it is known what the policy says: it was collected, and every statement could be read."""
        return self.is_collected and self.document.is_complete

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What AWS would refuse in the document, or that it was not collected."""
        return refusals(self.document, self.reading)

    @property
    def reading(self) -> PolicyKind:
        """The grammar that the document is read by."""
        return _READ_AS.get(self.kind, "identity")

    @property
    def hangs_on_one_thing(self) -> bool:
        """Whether the policy hangs on exactly one thing, as a trust policy on its role."""
        return self.kind in _READ_AS

    @property
    def is_aws_managed(self) -> bool:
        """Whether AWS wrote this policy; its text is not the account's doing (trap 8)."""
        return self.kind == "aws managed" or (self.arn or "").startswith("arn:aws:organizations::aws:")


def managed_kind(arn: str) -> str:
    """Return whether AWS or the customer manages a policy, by its ARN."""
    return "aws managed" if ":iam::aws:" in arn else "customer managed"


def stored_policy(policy: str, name: str, *, kind: str, raw: Any, evidence: str, **fields: Any) -> Policy:
    """Return one policy with its document read."""
    document = parse_document(raw, kind=_READ_AS.get(kind, "identity"))
    fields |= {"raw": raw, "document": document, "evidence": evidence}
    return Policy(policy=policy, name=name, kind=kind, **fields)
