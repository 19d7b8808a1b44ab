"""What can be granted: the policies that make an administrator, and how a request names what it grants."""

from collections.abc import Iterator
from functools import cached_property

from iamaudit.account import Account, Actor, Policy, permissions_of
from iamaudit.escalation.caller import Caller
from iamaudit.escalation.documents import More
from iamaudit.iam.evaluate import Grants
from iamaudit.iam.policy import Document

_ATTACH = ("iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy")
_OF_AWS = ("AdministratorAccess", "IAMFullAccess")


class Granting:
    """The managed policies of AWS and of the account that make an administrator of who has no limit."""

    def __init__(self, account: Account, partition: str) -> None:
        self._account, self._partition = account, partition
        self._before: tuple[Granting, str] | None = None

    def edited(self, account: Account, policy: str) -> "Granting":
        """Return the same for a copy of the account in which one policy says something else."""
        other = Granting(account, self._partition)
        other._before = self, policy
        return other

    def asked(self, action: str, caller: Caller) -> list[More]:
        """Return the options of a caller, one if no statement about the action looks at what it grants."""
        options, keys = self.options(action, caller.actor), caller.keys(action.lower())
        is_looked_at = "${" in keys or any(key.lower() in keys for key, _ in options[0])
        return options if is_looked_at else options[:1]

    def options(self, action: str, actor: Actor) -> list[More]:
        """Return the condition keys with which an action can be asked so that it grants what is wanted.

        To attach a policy is to name one that makes an administrator, to set a boundary is to name a wide
        one, to detach a policy is to name one that is attached.
        """
        if action in _ATTACH:
            return self._attaching
        if action in ("iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary"):
            return self._bounding
        if action in ("iam:DetachUserPolicy", "iam:DetachRolePolicy"):
            direct = sorted(a.policy for a in actor.attachments if a.how == "direct")
            return [(("iam:PolicyARN", policy),) for policy in direct] or [()]
        return [()]

    @cached_property
    def full(self) -> list[str]:
        """The policies that surely make an administrator, AWS's own first."""
        return list(dict.fromkeys((*self._of_aws, *self._full)))

    @cached_property
    def _attaching(self) -> list[More]:
        return [(("iam:PolicyARN", arn),) for arn in self.full]

    @cached_property
    def _bounding(self) -> list[More]:
        return [(("iam:PermissionsBoundary", arn),) for arn in self.boundaries]

    @cached_property
    def _full(self) -> dict[str, None]:
        """Those of them that are in the account."""
        return dict.fromkeys(p.policy for p in self._managed if self._is_full(p))

    @cached_property
    def boundaries(self) -> dict[str, Document | None]:
        """The policies that can be set as boundary, AdministratorAccess first: it limits nothing."""
        widest = self._of_aws[0]
        return {widest: None, **{p.policy: p.document for p in self._managed if p.policy != widest}}

    @cached_property
    def _of_aws(self) -> list[str]:
        return [f"arn:{self._partition}:iam::aws:policy/{name}" for name in _OF_AWS]

    @property
    def _managed(self) -> Iterator[Policy]:
        return (p for p in self._account.policies.values() if p.kind.endswith(" managed") and p.is_collected)

    def _is_full(self, policy: Policy) -> bool:
        if self._before is not None and self._before[1] != policy.policy:
            return policy.policy in self._before[0]._full
        nobody = Actor(arn="", type="user", name="")
        grants: Grants = self._account.grants[policy.policy]
        return permissions_of(nobody, grants, None).administrator == "yes"
