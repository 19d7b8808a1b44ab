"""What each user and role may do after every layer, as action sets."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from iamaudit.account.actors import Actor, Group
from iamaudit.account.administrators import administrator
from iamaudit.account.principal_keys import OF_TEMPORARY, action_keys
from iamaudit.account.stored_policy import Policy
from iamaudit.collector import collector_paused
from iamaudit.iam.arn import parse_arn
from iamaudit.iam.evaluate import (
    UNKNOWN,
    UNREADABLE,
    EffectivePermissions,
    Grants,
    Known,
    effective_permissions,
    settled,
    united,
)
from iamaudit.iam.evaluate.principals import SERVICE_LINKED
from iamaudit.iam.policy import Document


@dataclass(frozen=True, slots=True)
class PrincipalPermissions:
    """One user or role with its action sets; ``administrator`` is ``yes``, ``perhaps`` or ``no``."""

    arn: str
    type: str
    name: str
    sets: EffectivePermissions
    administrator: str


@dataclass(frozen=True, slots=True)
class Above:
    """What applies to everybody in an account: the levels of the organization as action sets, and the time.

    ``now`` are the condition keys of the moment that is asked about, none when nobody knows it.
    """

    scps: Sequence[Grants] = ()
    rcps: Sequence[Grants] = ()
    now: Mapping[str, str] = field(default_factory=dict)


NOTHING_ABOVE = Above()


def policy_grants(policies: Iterable[Policy], read: Callable[[Document], Grants]) -> dict[str, Grants]:
    """Return what each identity policy says as action sets; one without document is not complete.

    ``read`` says what one document says.
    """
    with collector_paused():
        return {
            policy.policy: read(policy.document) if policy.is_collected else UNREADABLE
            for policy in policies
            if policy.reading == "identity"
        }


def group_grants(groups: Mapping[str, Group], grants: Mapping[str, Grants]) -> dict[str, Grants]:
    """Return what the policies of each group say together, by the group's ARN."""
    return {
        arn: united(grants.get(policy, UNREADABLE) for policy in group.policies)
        for arn, group in groups.items()
    }


def principal_permissions(
    actors: Iterable[Actor],
    grants: Mapping[str, Grants],
    groups: Mapping[str, Grants],
    *,
    above: Above,
    only: Container[str] | None = None,
) -> list[PrincipalPermissions]:
    """Return the effective permissions of every user and role, or of those whose ARN is in ``only``.

    Root is not among them: no policy of the account limits it (rule A1).
    """
    with collector_paused():
        return [
            permissions_of(actor, *held_by(actor, grants, groups), above)
            for actor in actors
            if actor.type != "root" and (only is None or actor.arn in only)
        ]


def held_by(
    actor: Actor, grants: Mapping[str, Grants], groups: Mapping[str, Grants]
) -> tuple[Grants, Grants | None]:
    """Return what the policies and groups of a principal say together, and what its boundary says."""
    # A group that the details do not hold may allow or deny anything.
    unknown = [UNREADABLE] if actor.unknown_groups else []
    of_itself = (grants.get(policy, UNREADABLE) for policy in actor.own_policies)
    own = united((*of_itself, *(groups[g] for g in actor.member_of), *unknown))
    return own, None if actor.boundary_policy is None else grants.get(actor.boundary_policy, UNREADABLE)


def permissions_of(
    actor: Actor,
    own: Grants,
    boundary: Grants | None,
    above: Above = NOTHING_ABOVE,
    known: Known | None = None,
) -> PrincipalPermissions:
    """Return the effective permissions of one principal that holds ``own`` within ``boundary``.

    Direct, inline and group policies are united, every Deny, the permissions boundary and the levels of SCPs
    and RCPs applied (rules A3 to A6, B3, B5); service-linked roles are exempt from the last two (rules D1,
    D4). A condition on what is ``known`` of the principal is decided.
    """
    known = known or (known_of(actor, above.now) if _hangs(own, boundary, above) else UNKNOWN)
    given, sets = _under(actor, own, boundary, above, known)
    verdict = administrator(given, sets)
    if verdict == "perhaps":
        suited = (administrator(*each) for each in _worded(actor, own, boundary, above))
        verdict = "yes" if "yes" in suited else verdict
    return PrincipalPermissions(actor.arn, actor.type, actor.name, sets, verdict)


def permissions_at_best(
    actor: Actor, own: Grants, boundary: Grants | None, above: Above
) -> list[EffectivePermissions]:
    """Return the same for each way in which a principal may word its requests, where that matters."""
    return [sets for _, sets in _worded(actor, own, boundary, above)]


def _worded(
    actor: Actor, own: Grants, boundary: Grants | None, above: Above
) -> Iterator[tuple[Grants, EffectivePermissions]]:
    if _hangs(own, boundary, above):
        for known in worded_for(actor, above.now):
            yield _under(actor, own, boundary, above, known)


def _hangs(own: Grants, boundary: Grants | None, above: Above) -> bool:
    """Say whether a condition that applies to a principal hangs on what is known of its requests."""
    return bool(own.cases or (boundary and boundary.cases) or any(level.cases for level in above.scps))


def _under(
    actor: Actor, own: Grants, boundary: Grants | None, above: Above, known: Known
) -> tuple[Grants, EffectivePermissions]:
    given = settled(own, known)
    levels = NOTHING_ABOVE if SERVICE_LINKED in actor.arn else above
    return given, effective_permissions([given], boundary, scps=levels.scps, rcps=levels.rcps, known=known)


def worded_for(actor: Actor, now: Mapping[str, str]) -> Iterator[Known]:
    """Yield what is known of a principal's requests when it words them as suits it best.

    It asks by itself and over TLS. A user signs with its access key, whose requests carry nothing of a
    session, or signs in with its password for a new session.
    """
    chosen = {**now, "aws:SecureTransport": "true", "aws:ViaAWSService": "false"}
    if actor.type == "user" and actor.may_sign:
        yield _known_with(actor, chosen, OF_TEMPORARY)
    if now and (actor.type == "role" or actor.signs_in):
        chosen["aws:TokenIssueTime"] = now["aws:CurrentTime"]
    if actor.type == "role" or not actor.may_sign or actor.signs_in:
        yield _known_with(actor, chosen)


def _known_with(actor: Actor, chosen: Mapping[str, str], absent: tuple[str, ...] = ()) -> Known:
    return Known(actor.context_with(chosen, absent), _of_iam(actor))


def known_of(actor: Actor, now: Mapping[str, str]) -> Known:
    """Return what is surely known of a principal's requests; IAM is asked in one region and over TLS.

    Whoever may use a role gets a new session of it: that the older ones are revoked limits nobody.
    """
    is_session = now and actor.type == "role"
    always = {**now, **({"aws:TokenIssueTime": now["aws:CurrentTime"]} if is_session else {})}
    return Known(actor.context_with(always), {**_of_iam(actor), "aws:ViaAWSService": "false"})


def _of_iam(actor: Actor) -> Mapping[str, str]:
    arn = parse_arn(actor.arn)
    return action_keys("iam:*", arn.partition if arn else "aws")
