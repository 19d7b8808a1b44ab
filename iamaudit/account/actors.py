"""Who there is in an account: root, users, roles and groups, and the policies that apply to each."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeVar

from iamaudit.account.principal_keys import request_context, session_beginnings
from iamaudit.errors import ParameterError, did_you_mean, require_text
from iamaudit.iam.evaluate import Context, Principal
from iamaudit.iam.policy import Document

_Holder = TypeVar("_Holder", bound="Actor")

How = Literal["direct", "inline", "group", "boundary"]

TELLS_OF_NONE = "it tells of none: collect or import the authorization details"
"""What to do where there is nobody, or no policy, to ask about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A policy on a principal or group, how it is there, and ``via`` which group if it is inherited."""

    policy: str
    name: str
    how: How
    via: str | None = None

    @property
    def is_inline(self) -> bool:
        """Whether the policy is written into a principal or group: ``#`` is in no ARN of a managed one."""
        return "#" in self.policy

    def through(self, group: str) -> "Attachment":
        """Return what a member of a group holds by this."""
        return replace(self, how="group", via=group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group with its members and the policies that they inherit; ``documents`` are those collected."""

    arn: str
    name: str
    id: str | None = None
    path: str | None = None
    created_at: datetime | None = None
    members: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies of the group, in the order in which AWS lists them."""
        return tuple(attachment.policy for attachment in self.attachments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Root, or a user or role, with the policies that apply to it.

    ``type`` is ``root``, ``user`` or ``role``. ``attachments`` say how it holds which policies, its own
    first, then those of its groups and the boundary; ``policies`` names them all. ``missing`` are those of
    them that were not collected, ``unknown_groups`` the groups that the details lack. ``context`` holds the
    condition keys that every request of it carries, ``member_of`` the ARNs of its groups. A user ``may_sign``
    with an access key unless the credential report knows of no active one, and ``signs_in`` if that report
    knows of a password.
    """

    arn: str
    type: str
    name: str
    identity: tuple[Document, ...] = ()
    groups: tuple[Document, ...] = ()
    boundary: Document | None = None
    policies: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    member_of: tuple[str, ...] = ()
    boundary_policy: str | None = None
    attachments: tuple[Attachment, ...] = ()
    unknown_groups: tuple[str, ...] = ()
    may_sign: bool = True
    signs_in: bool = False

    @property
    def label(self) -> str:
        """``user/name`` or ``role/name``; root is ``root``."""
        return self.name if self.type == "root" else f"{self.type}/{self.name}"

    @property
    def principal(self) -> Principal:
        """Who this is in a request."""
        return Principal.of(self.arn)

    @property
    def own_policies(self) -> tuple[str, ...]:
        """The policies attached to it and written into it, without those of its groups and the boundary."""
        return tuple(a.policy for a in self.attachments if a.how in ("direct", "inline"))

    def context_with(self, more: Mapping[str, str], absent: tuple[str, ...] = ()) -> Context:
        """Return the context of a request of which only ``more`` is known beside the caller.

        What the caller surely lacks is absent, and so are the keys that ``absent`` names.
        """
        return request_context(self.type, {**self.context, **more}, absent, self.beginnings)

    @property
    def beginnings(self) -> Mapping[str, str]:
        """How the values of condition keys begin that every request carries, where no more is known."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Actor):
    """A user of the authorization details; ``group_names`` are its groups as AWS lists them."""

    id: str | None = None
    path: str | None = None
    created_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    group_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Actor):
    """A role; AWS keeps its last use for 400 days."""

    id: str | None = None
    path: str | None = None
    created_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    instance_profiles: tuple[str, ...] = ()
    last_used_at: datetime | None = None
    last_used_region: str | None = None

    @property
    def beginnings(self) -> Mapping[str, str]:
        """A role is used through sessions, whose names are free."""
        return session_beginnings(self.id)

    @property
    def is_service_linked(self) -> bool:
        """Whether a service made the role for itself."""
        return (self.path or "").startswith("/aws-service-role/")


def with_document(actor: _Holder, old: Document, new: Document) -> _Holder:
    """Return a user or role that holds another document in place of one."""
    return replace(
        actor,
        identity=swapped(actor.identity, old, new),
        groups=swapped(actor.groups, old, new),
        boundary=new if actor.boundary is old else actor.boundary,
    )


def swapped(documents: tuple[Document, ...], old: Document, new: Document) -> tuple[Document, ...]:
    """Return documents with another one in place of one."""
    return tuple(new if document is old else document for document in documents)


def find_actor(actors: Mapping[str, Actor], text: str) -> Actor:
    """Return the actor that ``text`` names: an ARN, ``user/name``, or a name that only one has.

    Raises
    ------
    ParameterError
        Nobody is called so, or several are.
    """
    require_text(text, "give an ARN, user/name or role/name")
    if text in actors:
        return actors[text]
    named = [actor for actor in actors.values() if text in (actor.label, actor.name)]
    if len(named) == 1:
        return named[0]
    if named:
        raise ParameterError(f"`{text}` names {' and '.join(a.label for a in named)}: say which")
    known = [name for actor in actors.values() for name in (actor.name, actor.label)]
    is_nobody = all(actor.type == "root" for actor in actors.values())
    hint = did_you_mean(text, known, TELLS_OF_NONE if is_nobody else "give an ARN, user/name or role/name")
    raise ParameterError(f"`{text}` is not a user or role of the snapshot: {hint}")


def is_break_glass(arn: str, tags: Mapping[str, str], named: Collection[str]) -> bool:
    """Say whether a principal is kept for an emergency: ``named`` has it (ARN, ``role/NAME``), or a tag."""
    resource = arn.rpartition(":")[2]  # role/path/name
    if arn in named or f"{resource.partition('/')[0]}/{resource.rpartition('/')[2]}" in named:
        return True
    words = {re.sub(r"[-_ ]", "", word.lower()) for tag in tags.items() for word in tag}
    return "breakglass" in words and "false" not in words


def parse_context(pairs: Iterable[str]) -> dict[str, str]:
    """Read ``key=value`` pairs.

    Raises
    ------
    ParameterError
        A pair without ``=``, or a key without vendor.
    """
    values = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or ":" not in key:
            raise ParameterError(f"`{pair}` is not a context key: write it like aws:SourceIp=10.0.0.1")
        values[key] = value
    return values
