"""What AWS would refuse to store (rules I1 to I5, D3, D5, E4).

It is for who proposes a document, and for lint. A document that AWS stores is in force, whatever this thinks
of its grammar: nothing that decides about permissions asks here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from iamaudit.iam.actions.reference import iam_paths
from iamaudit.iam.evaluate.conditions import parse_operator
from iamaudit.iam.policy import Document, PolicyKind, Problem, Statement, statement_place

_PARTITIONS = r"aws(-cn|-us-gov|-iso|-iso-b|-iso-e|-iso-f|-eusc)?"
# AWS's own policies write `arn:*:` for any partition, so a wildcard is known enough there.
_ARN = re.compile(rf"arn:({_PARTITIONS}|[a-z-]*\*):[a-z0-9-]+(:.*)?", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL_ARN = re.compile(rf"arn:{_PARTITIONS}:(iam|sts)::[^:]*:[^*?]+")
_UNIQUE_ID = re.compile(r"A(IDA|ROA|GPA)[A-Z0-9]{12,}")
_S3_REGIONAL = ("accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens")
_Refusal = tuple[str, str, str]
"""Element, message and check."""

_IAM_KINDS = {"identity", "boundary", "session"}


@lru_cache(maxsize=65_536)
def refusals(document: Document, kind: PolicyKind) -> tuple[Problem, ...]:
    """Return why AWS would refuse ``document`` as a policy of this kind; nothing when it would accept it."""
    return (*document.problems, *_of_document(document, kind), *_of_statements(document, kind))


def _of_document(document: Document, kind: PolicyKind) -> Iterator[Problem]:
    if kind == "scp" and document.version != "2012-10-17":
        yield Problem("Version", "an SCP needs 2012-10-17", "Missing version")
    if kind != "resource":
        sids = Counter(s.sid for s in document.statements if s.sid)
        for sid, count in sids.items():
            if count > 1:
                yield Problem("Statement", f"the Sid `{sid}` stands {count} times", "Duplicate Sid")


def _of_statements(document: Document, kind: PolicyKind) -> Iterator[Problem]:
    for statement in document.statements:
        for element, message, check in _of_statement(statement, kind):
            yield Problem(statement_place(statement.index, element), message, check)


def _of_statement(statement: Statement, kind: PolicyKind) -> Iterator[_Refusal]:
    for condition in statement.conditions:
        if parse_operator(condition.operator) is None:
            message = f"`{condition.operator}` is not a condition operator"
            yield f"Condition.{condition.operator}", message, "Invalid condition operator"
    if any(":" not in a and a != "*" for a in statement.actions or statement.not_actions or ()):
        yield "Action", "an action has no vendor", "Invalid action"
    if kind in _IAM_KINDS:
        yield from _of_resources(statement)
    if kind in ("trust", "resource", "rcp"):
        yield from _of_principals(statement, kind)
    if kind == "rcp":
        yield from _of_rcp(statement)


def _of_resources(statement: Statement) -> Iterator[_Refusal]:
    for resource in statement.resources or statement.not_resources or ():
        if resource == "*":
            continue
        if not _ARN.fullmatch(resource):
            message = f"the resource `{resource}` is neither * nor an ARN of a service"
            yield "Resource", message, "Invalid ARN prefix"
            continue
        _, _, service, region, _, path, *_ = (*resource.split(":", 5), "", "", "")
        if service == "iam" and path and path != "*" and not path.startswith(iam_paths()):
            yield "Resource", f"the IAM resource `{resource}` is of no known type", "Invalid ARN resource"
        is_global = service == "iam" or (service == "s3" and not path.startswith(_S3_REGIONAL))
        if is_global and region and path:
            yield "Resource", f"the resource `{resource}` has a region", "ARN Region not allowed"


def _of_principals(statement: Statement, kind: PolicyKind) -> Iterator[_Refusal]:
    if statement.not_principals is not None and (kind == "trust" or statement.effect == "Allow"):
        message = "goes with Deny in a resource policy only"
        yield "NotPrincipal", message, "Unsupported element combination"
    for kind_name, value in (*(statement.principals or ()), *(statement.not_principals or ())):
        if kind_name == "Service" and value == "*":
            yield "Principal", "Service is never *", "Unsupported wildcard in principal"
        if kind_name == "AWS" and not _is_aws_principal(value):
            yield "Principal", f"`{value}` is not a principal", "Invalid principal format"


def _is_aws_principal(value: str) -> bool:
    return (
        value == "*"
        or _ACCOUNT.fullmatch(value) is not None
        or _UNIQUE_ID.fullmatch(value) is not None
        or (_PRINCIPAL_ARN.fullmatch(value) is not None and ":group/" not in value)
    )


def _of_rcp(statement: Statement) -> Iterator[_Refusal]:
    if statement.principals != (("AWS", "*"),):
        yield "Principal", 'must be "*" in an RCP', "Invalid principal format"
    if statement.not_actions is not None:
        yield "NotAction", "has no place in an RCP", "Unsupported element combination"
    is_full_access = (
        statement.actions == ("*",) and statement.resources == ("*",) and not statement.conditions
    )
    if statement.effect == "Allow" and not is_full_access:
        yield "Effect", "Allow is for RCPFullAWSAccess alone", "Invalid effect"
    if statement.effect == "Deny" and "*" in (statement.actions or ()):
        yield "Action", "an RCP does not deny every action at once", "Invalid action"
