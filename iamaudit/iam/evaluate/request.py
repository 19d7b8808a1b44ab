"""A request, and everything that decides it; nothing is looked up elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.principals import SERVICE_LINKED, Principal
from iamaudit.iam.policy import Document

_ASSUME, _FEDERATE = "sts:assumerole", "sts:getfederationtoken"
_PASSED = {
    "sts:setsourceidentity": ("sts:sourceidentity", "aws:sourceidentity"),
    "sts:tagsession": ("aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys"),
}
"""What is passed to a role session, and the condition keys that tell of it; ``/`` ends the start of a key."""
_TELLING = tuple(key for keys in _PASSED.values() for key in keys)

Level = tuple[Document, ...]
"""The documents of one level: the organization's root, an OU on the path, or the account itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who wants to do what to which resource, under which policies.

    ``resource_account`` owns the resource. ``identity`` are the caller's own policies, ``groups`` those
    of its groups. ``resource_policy`` is the role's trust policy for ``sts:AssumeRole*`` and for what comes
    with it, and the key policy for a KMS key. ``scps`` are the levels above the caller's account, ``rcps``
    those above the resource's; none means that there are none, an empty SCP level allows nothing, an RCP
    only ever denies. ``missing`` names policies of the caller whose text nobody has,
    ``missing_resource_policy`` the one of the resource: they may allow and may deny.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Context = Context({})  # noqa: RUF009 - frozen
    identity: tuple[Document, ...] = ()
    groups: tuple[Document, ...] = ()
    boundary: Document | None = None
    session: Document | None = None
    resource_policy: Document | None = None
    scps: tuple[Level, ...] = ()
    rcps: tuple[Level, ...] = ()
    missing: tuple[str, ...] = ()
    missing_resource_policy: str | None = None

    @property
    def is_same_account(self) -> bool:
        """Whether the caller's account owns the resource."""
        return self.principal.account == self.resource_account

    @property
    def is_on_trust_policy(self) -> bool:
        """Whether the resource policy is a role's trust policy (rule B7)."""
        return asks_trust_policy(self.action, self.resource)

    @property
    def needs_both_sides(self) -> bool:
        """Whether the caller's policies and the resource's must allow, whoever owns the resource.

        Across accounts they must (rule C1), and for what is passed to the session of a role (rule B7).
        """
        return not self.is_same_account or (self.is_on_trust_policy and self.action.lower() in _PASSED)

    @property
    def passes(self) -> tuple[str, ...]:
        """The permissions that making a session needs beside: for a source identity and for session tags.

        A source identity stays when a session with one assumes the next role.
        """
        return tuple(action for action, keys in self._passable if any(map(self.context.has, keys)))

    @property
    def may_pass(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What making a session may need beside, as nobody knows: each permission with the keys for it."""
        asked = ((action, keys) for action, keys in self._passable if not any(map(self.context.has, keys)))
        return tuple((action, keys) for action, keys in asked if any(map(self.context.is_unknown, keys)))

    @property
    def _passable(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return _PASSED.items() if self.action.lower().startswith((_ASSUME, _FEDERATE)) else ()

    def lacking(self, keys: tuple[str, ...]) -> "Request":
        """Return the same request without some condition keys of which nobody knows whether it has them."""
        return replace(self, context=replace(self.context, absent=(*self.context.absent, *keys)))

    @property
    def is_on_kms_key(self) -> bool:
        """Whether the resource policy is a key policy (rule B7)."""
        return self.action.lower().startswith("kms:") and ":key/" in self.resource

    @property
    def is_exempt_from_rcps(self) -> bool:
        """Whether no RCP is asked: service-linked roles and their trust policies are exempt (rule D4)."""
        is_for_service = self.is_on_trust_policy and SERVICE_LINKED in self.resource
        return is_for_service or self.principal.is_service_linked


def tells_of_passed(key: str) -> bool:
    """Say whether a condition key, in lower case, tells of what is passed to a role session (rule B7)."""
    return key.startswith(_TELLING)


def asks_trust_policy(action: str, resource: str) -> bool:
    """Say whether it is a role's trust policy that must allow an action (rule B7)."""
    name = action.lower()
    return name.startswith(_ASSUME) or (name in _PASSED and ":role/" in resource)
