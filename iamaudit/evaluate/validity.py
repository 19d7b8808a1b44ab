"""Documents that AWS would refuse: whatever they say, they never allow (rules I1 to I5, D3, D5, E4)."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from iamaudit.evaluate.conditions import parse_operator
from iamaudit.policy import Document, PolicyKind, Problem, Statement

_PARTITIONS = r"aws(-cn|-us-gov|-iso|-iso-b|-iso-e|-iso-f|-eusc)?"
# AWS's own policies write `arn:*:` for any partition, so a wildcard is known enough there.
_ARN = re.compile(rf"arn:({_PARTITIONS}|[a-z-]*\*):[a-z0-9-]+(:.*)?", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL_ARN = re.compile(rf"arn:{_PARTITIONS}:(iam|sts)::[^:]*:[^*?]+")
_UNIQUE_ID = re.compile(r"A(IDA|ROA|GPA)[A-Z0-9]{12,}")
_IAM_TYPES = (
    *("user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "sms-mfa/", "policy/"),
    *("server-certificate/", "saml-provider/", "oidc-provider/", "report/", "access-report/"),
    *("root", "role-template/"),  # in AWS's own policies
)  # rule I4
_S3_REGIONAL = ("accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens")
_IAM_KINDS = {"identity", "boundary", "session"}


@lru_cache(maxsize=65_536)
def refusals(document: Document, kind: PolicyKind) -> tuple[Problem, ...]:
    """Return why AWS would refuse ``document`` as a policy of this kind; nothing when it would accept it."""
    return (*document.problems, *_of_document(document, kind), *_of_statements(document, kind))


def _of_document(document: Document, kind: PolicyKind) -> Iterator[Problem]:
    if kind == "scp" and document.version != "2012-10-17":
        yield Problem("Version", "an SCP needs 2012-10-17")
    if kind != "resource":
        sids = Counter(s.sid for s in document.statements if s.sid)
        for sid, count in sids.items():
            if count > 1:
                yield Problem("Statement", f"the Sid `{sid}` stands {count} times")


def _of_statements(document: Document, kind: PolicyKind) -> Iterator[Problem]:
    for statement in document.statements:
        where = f"Statement[{statement.index}]"
        for message in _of_statement(statement, kind):
            yield Problem(where, message)


def _of_statement(statement: Statement, kind: PolicyKind) -> Iterator[str]:
    for condition in statement.conditions:
        if parse_operator(condition.operator) is None:
            yield f"`{condition.operator}` is no condition operator"
        if ":" not in condition.key:
            yield f"the condition key `{condition.key}` has no vendor"
    if any(":" not in a and a != "*" for a in statement.actions or statement.not_actions or ()):
        yield "an action has no vendor"
    if kind in _IAM_KINDS:
        yield from _of_resources(statement)
    if kind in ("trust", "resource", "rcp"):
        yield from _of_principals(statement, kind)
    if kind == "rcp":
        yield from _of_rcp(statement)


def _of_resources(statement: Statement) -> Iterator[str]:
    for resource in statement.resources or statement.not_resources or ():
        if resource == "*":
            continue
        if not _ARN.fullmatch(resource):
            yield f"the resource `{resource}` is neither * nor an ARN of a service"
            continue
        _, _, service, region, _, path, *_ = (*resource.split(":", 5), "", "", "")
        if service == "iam" and path and path != "*" and not path.startswith(_IAM_TYPES):
            yield f"the IAM resource `{resource}` is of no known type"
        is_global = service == "iam" or (service == "s3" and not path.startswith(_S3_REGIONAL))
        if is_global and region and path:
            yield f"the resource `{resource}` has a region"


def _of_principals(statement: Statement, kind: PolicyKind) -> Iterator[str]:
    if statement.principals is None and statement.not_principals is None:
        yield "names no principal"
    if statement.not_principals is not None and (kind == "trust" or statement.effect == "Allow"):
        yield "NotPrincipal goes with Deny in a resource policy only"
    for kind_name, value in (*(statement.principals or ()), *(statement.not_principals or ())):
        if kind_name == "Service" and value == "*":
            yield "Service is never *"
        if kind_name == "AWS" and not _is_aws_principal(value):
            yield f"`{value}` is no principal"


def _is_aws_principal(value: str) -> bool:
    return (
        value == "*"
        or _ACCOUNT.fullmatch(value) is not None
        or _UNIQUE_ID.fullmatch(value) is not None
        or (_PRINCIPAL_ARN.fullmatch(value) is not None and ":group/" not in value)
    )


def _of_rcp(statement: Statement) -> Iterator[str]:
    if statement.principals != (("AWS", "*"),):
        yield 'an RCP has Principal "*"'
    if statement.not_actions is not None:
        yield "an RCP has no NotAction"
    is_full_access = (
        statement.actions == ("*",) and statement.resources == ("*",) and not statement.conditions
    )
    if statement.effect == "Allow" and not is_full_access:
        yield "only RCPFullAWSAccess allows"
    if statement.effect == "Deny" and "*" in (statement.actions or ()):
        yield "an RCP does not deny every action at once"
