"""A request, and everything that decides it; nothing is looked up elsewhere."""

from dataclasses import dataclass

from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.principals import Principal
from iamaudit.iam.policy import Document

Level = tuple[Document, ...]
"""The documents of one level: the organization's root, an OU on the path, or the account itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who wants to do what to which resource, under which policies.

    ``resource_account`` owns the resource. ``identity`` are the caller's own policies, ``groups`` those
    of its groups. ``resource_policy`` is the role's trust policy for ``sts:AssumeRole*`` and the key policy
    for a KMS key. ``scps`` are the levels above the caller's account, ``rcps`` those above the resource's;
    none means that there are none, an empty SCP level allows nothing, an RCP only ever denies. ``missing``
    names policies of the caller whose text nobody has, ``missing_resource_policy`` the one of the resource:
    they may allow and may deny.
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
    def is_assume_role(self) -> bool:
        """Whether the resource policy is a role's trust policy (rule B7)."""
        return self.action.lower().startswith("sts:assumerole")

    @property
    def is_on_kms_key(self) -> bool:
        """Whether the resource policy is a key policy (rule B7)."""
        return self.action.lower().startswith("kms:") and ":key/" in self.resource
