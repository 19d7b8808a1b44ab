"""Policies, where they are attached, and their statements."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from iamaudit.account import Account, Actor, Attachment, Group
from iamaudit.frames.columns import build_frame
from iamaudit.iam.actions import Catalogue, without
from iamaudit.iam.evaluate import (
    NOTHING,
    EveryResource,
    document_grants,
    left_of,
    statement_actions,
    whole_services,
)
from iamaudit.iam.policy import Document, Statement, statement_place, write_statement

_JSON = json.JSONEncoder(ensure_ascii=False)


def policies_frame(account: Account) -> pd.DataFrame:
    """Return a row per policy; counts of attachments and boundary uses are counted here, not taken from AWS.

    ``size`` is in characters without white space, as AWS counts it. ``problems`` says what AWS would refuse,
    and takes no permission away; of a policy that is not ``is_readable`` nobody knows all that it says.
    """
    own = [a for _, a in _attachments(account) if a.how != "group"]  # the group's own counts once
    attached = Counter(a.policy for a in own if a.how != "boundary")
    bounding = Counter(a.policy for a in own if a.how == "boundary")
    rows = []
    for policy in account.policies.values():
        text = _text(policy.raw)
        rows.append(
            {
                "policy": policy.policy,
                "name": policy.name,
                "arn": policy.arn or policy.owner,
                "kind": policy.kind,
                "owner": policy.owner,
                "is_aws_managed": policy.is_aws_managed,
                "version": policy.version,
                "created_at": policy.created_at,
                "updated_at": policy.updated_at,
                "attachment_count": attached[policy.policy] or int(policy.hangs_on_one_thing),
                "boundary_count": bounding[policy.policy],
                "size": None if text is None else len("".join(text.split())),
                "problems": [f"{p.path}: {p.message}" if p.path else p.message for p in policy.problems],
                "is_readable": policy.is_readable,
                "document": text,
                "evidence": policy.evidence,
            }
        )
    return build_frame("policies", rows)


def attachments_frame(account: Account) -> pd.DataFrame:
    """Return a row per policy on a principal, how it is there, and ``via`` which group if it is inherited."""
    rows = [
        {
            "principal": holder.arn,
            "principal_type": holder.type if isinstance(holder, Actor) else "group",
            "principal_name": holder.name,
            "policy": attachment.policy,
            "policy_name": attachment.name,
            "kind": account.policies[attachment.policy].kind,
            "how": attachment.how,
            "via": attachment.via,
            "evidence": _evidence(attachment),
        }
        for holder, attachment in _attachments(account)
    ]
    rows.sort(key=lambda r: (r["principal"], r["how"], r["via"] or "", r["policy"]))
    return build_frame("attachments", rows)


def statements_frame(account: Account) -> pd.DataFrame:
    """Return a row per readable statement of every policy.

    ``open_actions`` are the sensitive actions that it allows on every resource of their type, ``*`` or a
    pattern that covers any name, under a condition or not, less what an unconditional Deny of the same policy
    takes away and what lacks a key that its condition asks for. ``whole_services`` are the services of which
    it covers every action, less those that are denied so or have no resource that it reaches; ``is_void``
    says that nothing is left.
    ``unknown_actions`` are the patterns that match no action AWS has.
    """
    catalogue, every = account.catalogue, account.every_resource
    names_of = cache(catalogue.names_of)  # many allow the same
    rows = [
        {
            "policy": policy.policy,
            "policy_name": policy.name,
            "kind": policy.kind,
            "owner": policy.owner,
            "is_aws_managed": policy.is_aws_managed,
            **fields,
            "open_actions": names_of(fields["open_actions"]),
            "arn": policy.arn or policy.owner,
            "evidence": statement_place(fields["index"], policy=policy.policy, version=policy.version),
        }
        for policy in account.policies.values()
        for fields in _statements(policy.document, catalogue, every)
    ]
    return build_frame("statements", rows)


def _statements(document: Document, catalogue: Catalogue, every: EveryResource) -> Iterator[dict[str, Any]]:
    denials = replace(document, statements=tuple(s for s in document.statements if s.effect == "Deny"))
    grants, denied = NOTHING, 0
    if denials.statements:
        grants, denied = document_grants(denials, catalogue), every.grants(denials).denied
    has_variables = document.version == "2012-10-17"
    for statement in document.statements:
        left = left_of(statement, document, grants, catalogue)
        covered = every.covered(statement, has_variables=has_variables)
        whole = whole_services(statement, catalogue)
        yield {
            **_statement_fields(statement, catalogue),
            "is_all_resources": every.reached(statement, has_variables=has_variables) == every.everything,
            "is_void": not left,
            "open_actions": without(covered & left, denied) if statement.effect == "Allow" else covered,
            "whole_services": [service for service in whole if catalogue.service_mask(service) & left],
        }


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
        "is_all_actions": statement_actions(statement, catalogue) == catalogue.everything,
        "unknown_actions": [action for action in named if not catalogue.expand_pattern(action)],
        "text": _JSON.encode(write_statement(statement)),
    }


def _attachments(account: Account) -> Iterator[tuple[Actor | Group, Attachment]]:
    for holders in (account.users, account.groups, account.roles):
        for holder in holders.values():
            yield from ((holder, attachment) for attachment in holder.attachments)


def _evidence(attachment: Attachment) -> str:
    how = attachment.how
    if how == "group":
        how = "inline" if attachment.is_inline else "direct"
    return f"authorization_details.json {how} {attachment.policy}"


def _text(raw: Any) -> str | None:
    if raw is None or isinstance(raw, str):
        return raw
    return json.dumps(raw, ensure_ascii=False, indent=1)
