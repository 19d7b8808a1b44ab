"""The policies of a user or role cut down to what it used: a proposal that never allows more than before.

Each Allow statement is intersected with the actions that the principal used, or of whose use nobody knows.
Its resources and conditions stay, and so do the Deny statements and the permissions boundary. The action sets
of the principal are computed before and after, and the proposal is refused unless they prove it.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from functools import reduce
from operator import or_

from iamaudit.account.account import Account
from iamaudit.account.actors import Actor, Attachment, Role, User, is_break_glass
from iamaudit.account.last_accessed import TRACKED_DAYS, LastAccessed
from iamaudit.account.permission_use import PermissionUse, permission_use
from iamaudit.account.principal_permissions import permissions_of
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import (
    EffectivePermissions,
    narrowed,
    statement_actions,
    united,
)
from iamaudit.iam.policy import Document, write_document

MAX_MANAGED_SIZE = 6144
"""The characters that a managed policy may have, white space aside (IAM quotas)."""

_SETS = ("certain", "everywhere", "broad", "broadly", "possible")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days before ``as_of`` in which a use counts, and who is kept for an emergency."""

    as_of: datetime
    days: int = TRACKED_DAYS
    break_glass: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The use of one principal against what it is granted, or why nobody says: ``use`` is ``None`` then.

    ``state`` is ``evaluated``, ``left out`` (on purpose) or ``not evaluated`` (for lack of evidence).
    """

    actor: Actor
    state: str
    reason: str | None = None
    use: PermissionUse | None = None
    accessed: LastAccessed | None = None

    @property
    def untracked_services(self) -> tuple[str, ...]:
        """The used services of which AWS reports no single action for this principal."""
        if self.use is None or self.accessed is None:
            return ()
        used, services = self.use.services_where(True), self.accessed.services
        return tuple(service for service in used if not services[service].actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrowedPolicy:
    """One policy that a principal holds, as it is and as it would be; ``lost`` are the actions that go.

    ``after`` without any statement says that nothing of the policy is used.
    """

    attachment: Attachment
    before: Document
    after: Document
    lost: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no statement is left, so that the policy can be detached or deleted."""
        return not self.after.statements

    @property
    def size(self) -> int:
        """The characters of the new document, white space aside."""
        return len("".join(json.dumps(write_document(self.after), separators=(",", ":")).split()))

    @property
    def diff(self) -> str:
        """The lines that change, in the form of ``diff -u``."""
        name = self.attachment.name
        texts = (_lines(self.before), [] if self.is_empty else _lines(self.after))
        return "\n".join(unified_diff(*texts, name, f"{name} (right-sized)", lineterm="", n=2))


@dataclass(frozen=True, slots=True, kw_only=True)
class RightSized:
    """The proposal for one principal: its policies that would lose what was not used for ``days``."""

    compared: Compared
    days: int
    policies: tuple[NarrowedPolicy, ...] = ()


def compare_use(account: Account, actor: Actor, granted: EffectivePermissions, period: Period) -> Compared:
    """Compare the use of one user or role with its effective permissions."""
    accessed = (account.last_accessed or {}).get(actor.arn)
    for state, reason in (
        ("left out", _left_out(actor, period)),
        ("not evaluated", _unknown(account, actor, accessed)),
    ):
        if reason is not None:
            return Compared(actor=actor, state=state, reason=reason, accessed=accessed)
    assert accessed is not None  # noqa: S101 - `_unknown` says so otherwise
    use = permission_use(
        accessed, granted.possible, account.catalogue, as_of=period.as_of, days=_days(period)
    )
    return Compared(actor=actor, state="evaluated", use=use, accessed=accessed)


def right_size(account: Account, actor: Actor, period: Period) -> RightSized:
    """Propose policies for one user or role that keep what it used, and what nobody can say it did not.

    Every policy is one of its own: those of its groups and those shared with others are to be replaced for
    this principal only.
    """
    granted = next((p.sets for p in account.principals if p.arn == actor.arn), None)
    if granted is None:
        reason = "no policy of the account limits the root user"
        return RightSized(days=_days(period), compared=Compared(actor=actor, state="left out", reason=reason))
    compared = compare_use(account, actor, granted, period)
    if compared.use is None:
        return RightSized(days=_days(period), compared=compared)
    kept = ~compared.use.idle
    held = {a.policy: a for a in actor.attachments if a.how != "boundary"}  # each once, however it is held
    policies = [_narrow(account, attachment, kept, compared.use) for attachment in held.values()]
    if not _is_proved(account, actor, granted, kept, policies):
        reason = "the proposal could not be proved to allow no more and keep all that is used"
        return RightSized(
            days=_days(period), compared=Compared(actor=actor, state="not evaluated", reason=reason)
        )
    return RightSized(days=_days(period), compared=compared, policies=tuple(p for p in policies if p.lost))


def _days(period: Period) -> int:
    """Return the days that count: AWS tells nothing of services beyond its tracking period."""
    return min(period.days, TRACKED_DAYS)


def _left_out(actor: Actor, period: Period) -> str | None:
    if isinstance(actor, Role) and actor.is_service_linked:
        return "its service defines the permissions of a service-linked role"
    if isinstance(actor, (User, Role)):
        if is_break_glass(actor.arn, actor.tags, period.break_glass):
            return "it is kept for an emergency (break-glass)"
        if actor.created_at is not None and (period.as_of - actor.created_at).days < _days(period):
            age = (period.as_of - actor.created_at).days
            return f"it is {age} days old, less than the {_days(period)} days that are looked at"
    return None


def _unknown(account: Account, actor: Actor, accessed: LastAccessed | None) -> str | None:
    if account.last_accessed is None:
        return "the source last_accessed was not collected"
    if accessed is None:
        return "the source last_accessed holds no report on it"
    if accessed.problem:
        return accessed.problem
    if getattr(actor, "created_at", None) is None:
        return "its age is unknown"
    unread = [p.name for p in account.policies_of(actor) if not p.is_readable]
    if unread or actor.unknown_groups:
        return f"{', '.join([*unread, *actor.unknown_groups])} was not collected or cannot be read"
    return None


def _narrow(account: Account, attachment: Attachment, kept: int, use: PermissionUse) -> NarrowedPolicy:
    before = account.policies[attachment.policy].document
    after = narrowed(before, kept, account.catalogue, use.unlisted)
    lost = _named(before, account.catalogue) & ~_named(after, account.catalogue)
    return NarrowedPolicy(
        attachment=attachment,
        before=before,
        after=after,
        lost=tuple(account.catalogue.names_of(lost)),
    )


def _named(document: Document, catalogue: Catalogue) -> int:
    allows = (s for s in document.statements if s.effect == "Allow")
    return reduce(or_, (statement_actions(s, catalogue) for s in allows), 0)


def _is_proved(
    account: Account,
    actor: Actor,
    granted: EffectivePermissions,
    kept: int,
    policies: Iterable[NarrowedPolicy],
) -> bool:
    """Say whether the proposal allows no more than before, and all of it that is to be kept."""
    own = united(account.grants_of(p.after) for p in policies)
    boundary = None if actor.boundary_policy is None else account.grants[actor.boundary_policy]
    proposed = permissions_of(actor, own, boundary, account.above).sets
    pairs = [(getattr(granted, name), getattr(proposed, name)) for name in _SETS]
    return all(after & ~before == 0 and before & kept & ~after == 0 for before, after in pairs)


def _lines(document: Document) -> list[str]:
    return json.dumps(write_document(document), indent=2, ensure_ascii=False).splitlines()
