"""Questions to a snapshot: may this principal do that, why, and who else may.

A snapshot knows identity policies, groups, boundaries and the trust policies of roles. It does not know the
policies of other resources, SCPs, RCPs, session policies, nor the context of a request beyond the caller: a
verdict here is about what it knows, and *depends* wherever a condition needs more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iamaudit.errors import ParameterError
from iamaudit.evaluate import Context, Decision, Principal, Request, authorize
from iamaudit.evaluate.layers import Match
from iamaudit.frames import PolicyRecord
from iamaudit.frames.principals import boundary_arn
from iamaudit.policy import Document


@dataclass(frozen=True, slots=True)
class Actor:
    """A user or role of the snapshot with the policies that apply to it.

    ``missing`` are policies that it holds and that were not collected.
    """

    arn: str
    label: str
    identity: tuple[Document, ...]
    groups: tuple[Document, ...]
    boundary: Document | None
    missing: tuple[str, ...]
    context: Mapping[str, str]


def read_actors(details: Mapping[str, Any] | None, records: Sequence[PolicyRecord]) -> dict[str, Actor]:
    """Return every user and role by ARN."""
    if details is None:
        return {}
    by_policy = {record.policy: record for record in records}
    groups = {group["GroupName"]: group for group in details.get("GroupDetailList", ())}
    found: dict[str, Actor] = {}
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
    named = [actor for actor in actors.values() if text in (actor.label, actor.label.partition("/")[2])]
    if len(named) == 1:
        return named[0]
    if named:
        raise ParameterError(f"`{text}` names {' and '.join(a.label for a in named)}: say which")
    raise ParameterError(f"`{text}` is no user or role of the snapshot: give an ARN, user/name or role/name")


def decide(
    actor: Actor,
    action: str,
    resource: str,
    *,
    context: Mapping[str, str],
    trust: Mapping[str, Document],
) -> Decision:
    """Decide what the snapshot can; ``trust`` maps the account's roles to their trust policies.

    Raises
    ------
    ParameterError
        ``action`` is not ``service:Action``, or ``resource`` is neither ``*`` nor an ARN.
    """
    if action.count(":") != 1 or "*" in action:
        raise ParameterError(f"`{action}` is no action: write it like s3:GetObject")
    if resource != "*" and not resource.startswith("arn:"):
        raise ParameterError(f"`{resource}` is no resource: give an ARN, or * for an action without one")
    principal = Principal.of(actor.arn)
    is_trust = action.lower().startswith("sts:assumerole")
    account = resource.split(":")[4] if is_trust and resource.count(":") >= 5 else principal.account
    return authorize(
        Request(
            principal=principal,
            action=action,
            resource=resource,
            resource_account=account or str(principal.account),
            context=Context.of({**actor.context, **context}, is_complete=False),
            identity=actor.identity,
            groups=actor.groups,
            boundary=actor.boundary,
            resource_policy=trust.get(resource) if is_trust else None,
            missing=(*actor.missing, *_unknown_policies(action, resource, trust)),
        )
    )


def _unknown_policies(action: str, resource: str, trust: Mapping[str, Document]) -> Iterator[str]:
    """Yield the resource policies that must allow and that the snapshot does not have (rule B7)."""
    if action.lower().startswith("sts:assumerole") and resource not in trust:
        yield f"the trust policy of {resource}"
    if action.lower().startswith("kms:") and ":key/" in resource:
        yield f"the key policy of {resource}"


def explain(decision: Decision, names: Mapping[Document, str]) -> Iterator[str]:
    """Yield a decision in words, a line each; ``names`` say what a document is called."""
    yield decision.verdict
    for match in decision.denied_by:
        yield f"denied by {_place(match, names)}"
    for match in decision.allowed_by:
        yield f"allowed by {_place(match, names)}"
    if decision.blocked_by:
        yield f"nothing in the {decision.blocked_by} allows it"
    for match in decision.unknown:
        conditions = "; ".join(
            f"{c.operator} {c.key} {', '.join(c.values)}" for c in match.statement.conditions
        )
        yield f"depends on {_place(match, names)}" + (f": {conditions}" if conditions else "")
    for policy in decision.missing:
        yield f"depends on {policy}, which was not collected"
    yield "not looked at: policies of the resource, SCPs, RCPs and session policies"


def _place(match: Match, names: Mapping[Document, str]) -> str:
    statement = match.statement
    sid = f" ({statement.sid})" if statement.sid else ""
    return f"{names.get(match.document, match.layer)} Statement[{statement.index}]{sid}, {statement.effect}"


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
    name = principal[f"{kind}Name"]
    return Actor(
        arn=principal["Arn"],
        label=f"{kind.lower()}/{name}",
        identity=tuple(records[p].document for p in own if p not in missing),
        groups=tuple(records[p].document for p in inherited if p not in missing),
        boundary=records[boundary].document if boundary and boundary not in missing else None,
        missing=tuple(missing),
        context=_known_context(principal, kind),
    )


def _held(principal: Mapping[str, Any], kind: str) -> Iterator[str]:
    yield from (attached["PolicyArn"] for attached in principal.get("AttachedManagedPolicies", ()))
    yield from (f"{principal['Arn']}#{p['PolicyName']}" for p in principal.get(f"{kind}PolicyList", ()))


def _known_context(principal: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Return the condition keys that every request of this principal carries."""
    known = {"aws:PrincipalArn": principal["Arn"], "aws:PrincipalAccount": principal["Arn"].split(":")[4]}
    if kind == "User":
        known |= {"aws:username": principal["UserName"], "aws:PrincipalType": "User"}
    known |= {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in principal.get("Tags") or ()}
    return known


def document_names(records: Sequence[PolicyRecord]) -> dict[Document, str]:
    """Return what each document is called; of equal documents the first name."""
    names: dict[Document, str] = {}
    for record in records:
        names.setdefault(record.document, record.arn or record.policy)
    return names


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
