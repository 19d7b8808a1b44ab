"""Who asks, and whom a resource policy names (rules E1 to E7, B2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from iamaudit.iam.evaluate.ternary import Ternary
from iamaudit.iam.policy import Condition, Statement

_IAM = re.compile(r"arn:(?P<partition>[\w-]+):iam::(?P<account>\d{12}):(?P<kind>user|role)/(?P<path>.+)")
_STS = re.compile(
    r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d{12}):(?P<kind>assumed-role|federated-user)/(?P<name>.+)"
)
_ROOT = re.compile(r"arn:(?P<partition>[\w-]+):iam::(?P<account>\d{12}):root")

SERVICE_LINKED = ":role/aws-service-role/"
"""What the ARN of a service-linked role holds."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request.

    ``kind`` is ``user``, ``role`` (a session of it, whichever), ``session``, ``federated``, ``root``,
    ``service`` or ``anonymous``. ``role_name`` is that of a role or of a session's role; a session's ARN does
    not carry the role's path (rule E7).
    """

    kind: str
    arn: str
    account: str | None
    partition: str = "aws"
    role_name: str | None = None

    @property
    def is_service_linked(self) -> bool:
        """Whether this is a service-linked role, which no SCP or RCP touches (rules D1, D4)."""
        if self.kind == "role":
            return SERVICE_LINKED in self.arn
        return self.kind == "session" and (self.role_name or "").startswith("AWSServiceRoleFor")

    @classmethod
    def of(cls, text: str) -> "Principal":
        """Read a principal ARN, the word ``anonymous`` or a service such as ``sns.amazonaws.com``.

        Raises
        ------
        ValueError
            It is none of these.
        """
        if text == "anonymous":
            return cls("anonymous", text, None)
        if match := _ROOT.fullmatch(text):
            return cls("root", text, match["account"], match["partition"])
        if match := _IAM.fullmatch(text):
            name = match["path"].rpartition("/")[2] if match["kind"] == "role" else None
            return cls(match["kind"], text, match["account"], match["partition"], name)
        if match := _STS.fullmatch(text):
            is_session = match["kind"] == "assumed-role"
            name = match["name"].partition("/")[0] if is_session else None
            return cls(
                "session" if is_session else "federated", text, match["account"], match["partition"], name
            )
        if re.fullmatch(r"[\w.-]+\.amazonaws\.com(\.cn)?|[\w-]+\.amazon\.com", text):
            return cls("service", text, None)
        raise ValueError(f"`{text}` is not a principal: give an ARN, `anonymous` or a service")


class Naming(IntEnum):
    """How a ``Principal`` element names the caller, the most powerful naming last (rule B2)."""

    ACCOUNT = 1
    PARENT_USER = 2
    ROLE = 3
    EVERYONE = 4
    EVERYONE_BY_ARN = 5  # "*" narrowed by aws:PrincipalArn
    ITSELF = 6


@dataclass(frozen=True, slots=True)
class Named:
    """One way in which a statement names the caller; ``is_certain`` is false when it only may."""

    naming: Naming
    is_certain: bool = True


def namings(statement: Statement, caller: Principal) -> Iterator[Named]:
    """Yield every way in which the ``Principal`` element of ``statement`` names ``caller``."""
    for kind, value in statement.principals or ():
        if kind == "AWS":
            named = _aws(value, statement, caller)
            if named:
                yield named
        elif kind == "Service" and caller.kind == "service" and value.lower() in ("*", caller.arn.lower()):
            yield Named(Naming.ITSELF)
        elif kind == "CanonicalUser" and caller.account:
            yield Named(Naming.ACCOUNT, is_certain=False)


def _aws(value: str, statement: Statement, caller: Principal) -> Named | None:
    if value == "*":
        is_narrowed = any(map(_is_of_principal_arn, statement.conditions))
        return Named(Naming.EVERYONE_BY_ARN if is_narrowed else Naming.EVERYONE)
    if caller.account is None:
        return None
    if _normal(value) == caller.account:
        return Named(Naming.ITSELF if caller.kind == "root" else Naming.ACCOUNT)
    if value == caller.arn:
        return Named(Naming.ROLE if caller.kind == "role" else Naming.ITSELF)
    if caller.kind == "session" and is_role_of(value, caller):
        return Named(Naming.ROLE)
    prefix = f"arn:{caller.partition}:sts::{caller.account}:assumed-role/{caller.role_name}/"
    if caller.kind == "role" and value.startswith(prefix):
        return Named(Naming.ITSELF, is_certain=False)  # a session of the role; which one asks is not said
    if caller.kind == "federated" and value.startswith(f"arn:{caller.partition}:iam::{caller.account}:user/"):
        return Named(Naming.PARENT_USER, is_certain=False)  # whose credentials made it is not in its ARN
    return None


def is_role_of(arn: str, session: Principal) -> bool:
    """Say whether a role ARN, whatever its path, is that of a session's role (rule E7)."""
    prefix = f"arn:{session.partition}:iam::{session.account}:role/"
    return arn.startswith(prefix) and arn.rpartition("/")[2] == session.role_name


def _is_of_principal_arn(condition: Condition) -> bool:
    """Say whether a condition lets in by ``aws:PrincipalArn`` (the sixth row of rule B2)."""
    return condition.key.lower() == "aws:principalarn" and condition.operator in _LETS_IN


_LETS_IN = {
    f"{prefix}{name}{suffix}"
    for prefix in ("", "ForAnyValue:")
    for name in ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike")
    for suffix in ("", "IfExists")
}


def is_excepted(statement: Statement, caller: Principal) -> Ternary:
    """Say whether ``NotPrincipal`` leaves ``caller`` out of a Deny (rules E5, E6).

    Everybody is denied whom it does not name at every level: a user and its account, a session, its role and
    their account. A list with some of the levels *may* deny.
    """
    listed = {_normal(value) for _, value in statement.not_principals or ()}
    if "*" in listed:
        return True
    present = list(_levels_listed(listed, caller))
    if all(present) and caller.kind != "role":
        return True
    return None if any(present) else False


def _normal(value: str) -> str:
    root = _ROOT.fullmatch(value)
    return root["account"] if root else value


def _levels_listed(listed: set[str], caller: Principal) -> Iterator[bool]:
    """Yield for each level at which a caller must be listed whether it is (rule E6)."""
    if caller.kind != "root":
        yield caller.arn in listed
    if caller.kind == "session":
        yield any(is_role_of(value, caller) for value in listed)
    if caller.account is not None:
        yield caller.account in listed
