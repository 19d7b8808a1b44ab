"""The users and roles of an account, each with the documents that apply to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iamaudit.errors import ParameterError
from iamaudit.frames import PolicyRecord
from iamaudit.frames.principals import boundary_arn
from iamaudit.iam.evaluate import Context, Principal
from iamaudit.iam.policy import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Root, or a user or role, with the policies that apply to it.

    ``type`` is ``root``, ``user`` or ``role``. ``policies`` names all that it holds, also through groups and
    as boundary (``boundary_policy``); ``missing`` those of them that were not collected. ``context`` holds
    the condition keys that every request of it carries, ``member_of`` the ARNs of its groups.
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

    @property
    def label(self) -> str:
        """``user/name`` or ``role/name``."""
        return f"{self.type}/{self.name}"

    @property
    def principal(self) -> Principal:
        """Who this is in a request."""
        return Principal.of(self.arn)

    def context_with(self, more: Mapping[str, str]) -> Context:
        """Return the context of a request of which only ``more`` is known beside the caller."""
        return Context.of({**self.context, **more}, is_complete=False)


def read_actors(
    details: Mapping[str, Any] | None, records: Sequence[PolicyRecord], account_id: str
) -> dict[str, Actor]:
    """Return root and every user and role, by ARN."""
    root = f"arn:aws:iam::{account_id}:root"
    found = {root: Actor(arn=root, type="root", name="root", context=_account_context(root))}
    if details is None:
        return found
    by_policy = {record.policy: record for record in records}
    groups = {group["GroupName"]: group for group in details.get("GroupDetailList", ())}
    for list_name, kind in (("UserDetailList", "User"), ("RoleDetailList", "Role")):
        for principal in details.get(list_name, ()):
            found[principal["Arn"]] = _actor(principal, kind, groups, by_policy)
    return found


def find_actor(actors: Mapping[str, Actor], text: str) -> Actor:
    """Return the actor that ``text`` names: an ARN, ``user/name``, or a name that only one has.

    Raises
    ------
    ParameterError
        Nobody is called so, or several are.
    """
    if text in actors:
        return actors[text]
    named = [actor for actor in actors.values() if text in (actor.label, actor.name)]
    if len(named) == 1:
        return named[0]
    if named:
        raise ParameterError(f"`{text}` names {' and '.join(a.label for a in named)}: say which")
    raise ParameterError(f"`{text}` is no user or role of the snapshot: give an ARN, user/name or role/name")


def parse_context(pairs: Sequence[str]) -> dict[str, str]:
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
            raise ParameterError(f"`{pair}` is no context key: write it like aws:SourceIp=10.0.0.1")
        values[key] = value
    return values


def _actor(
    principal: Mapping[str, Any],
    kind: str,
    groups: Mapping[str, Mapping[str, Any]],
    records: Mapping[str, PolicyRecord],
) -> Actor:
    own = list(_held(principal, kind))
    inherited = [p for name in principal.get("GroupList", ()) for p in _held(groups.get(name, {}), "Group")]
    boundary = boundary_arn(principal)
    every = [*own, *inherited, *([boundary] if boundary else [])]
    missing = [p for p in every if p not in records or records[p].raw is None]
    missing += [f"group {name}" for name in principal.get("GroupList", ()) if name not in groups]
    return Actor(
        arn=principal["Arn"],
        type=kind.lower(),
        name=principal[f"{kind}Name"],
        identity=tuple(records[p].document for p in own if p not in missing),
        groups=tuple(records[p].document for p in inherited if p not in missing),
        boundary=records[boundary].document if boundary and boundary not in missing else None,
        policies=frozenset(every),
        missing=tuple(missing),
        context=_known_context(principal, kind),
        member_of=tuple(groups[n]["Arn"] for n in principal.get("GroupList", ()) if n in groups),
        boundary_policy=boundary,
    )


def _held(principal: Mapping[str, Any], kind: str) -> Iterator[str]:
    yield from (attached["PolicyArn"] for attached in principal.get("AttachedManagedPolicies", ()))
    yield from (f"{principal['Arn']}#{p['PolicyName']}" for p in principal.get(f"{kind}PolicyList", ()))


def _account_context(arn: str) -> dict[str, str]:
    return {"aws:PrincipalArn": arn, "aws:PrincipalAccount": arn.split(":")[4]}


def _known_context(principal: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Return the condition keys that every request of this principal carries."""
    known = _account_context(principal["Arn"])
    if kind == "User":
        known |= {"aws:username": principal["UserName"], "aws:PrincipalType": "User"}
    return known | {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in principal.get("Tags") or ()}
