"""AWS's decision on one request, with the statements that made it (sections A to D of the rules)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from iamaudit.iam.evaluate.layers import Layer, Match, evaluate_layer
from iamaudit.iam.evaluate.principals import Naming
from iamaudit.iam.evaluate.request import Request
from iamaudit.iam.evaluate.resources import covers_by_wide_reading
from iamaudit.iam.evaluate.services import (
    ASSUME_ROOT,
    BUCKET_POLICY_ACTIONS,
    needs_no_permission,
    never_may,
    takes_rcps,
)
from iamaudit.iam.evaluate.ternary import Ternary, all_of, any_of
from iamaudit.iam.policy import Document

Verdict = Literal["allowed", "explicit deny", "implicit deny", "depends"]

_ROOT_MAY = "root has full access, unless an SCP, an RCP or the resource's policy denies it"
_OWNER_MAY = "root of the bucket's owner may, whatever the bucket policy says; an SCP or an RCP can deny it"
_SEVERITY: tuple[Verdict, ...] = ("explicit deny", "implicit deny", "depends", "allowed")


@dataclass(frozen=True, slots=True)
class Decision:
    """What AWS would answer, and why.

    ``blocked_by`` names the layer that allows too little: it is never allowed then, and when the verdict
    ``depends`` only on which deny it is. ``regardless`` is what AWS's rules say where no statement decides.
    ``unknown`` are the statements that nobody can decide on, ``surely``
    those that allow whatever they say, ``missing`` the policies whose text is not known, ``unreadable`` the
    documents of which a statement cannot be read. ``wide`` are those deciding statements that cover the
    resource by the wider of two readings of ``*`` only (rule G2).
    """

    verdict: Verdict
    allowed_by: tuple[Match, ...] = ()
    denied_by: tuple[Match, ...] = ()
    blocked_by: str | None = None
    unknown: tuple[Match, ...] = ()
    missing: tuple[str, ...] = ()
    wide: tuple[Match, ...] = ()
    unreadable: tuple[Document, ...] = ()
    surely: tuple[Match, ...] = ()
    regardless: str | None = None

    @property
    def is_denied(self) -> bool:
        """Whether it is not allowed, whatever else is unknown."""
        return self.verdict.endswith("deny") or self.blocked_by is not None


@dataclass(frozen=True, slots=True)
class _Layers:
    """Every layer of a request, evaluated."""

    identity: Layer
    boundary: Layer | None
    session: Layer | None
    resource: Layer
    scps: tuple[Layer, ...]
    rcps: tuple[Layer, ...]

    def __iter__(self) -> Iterator[Layer]:
        optional = (layer for layer in (self.boundary, self.session) if layer is not None)
        return iter((self.identity, *optional, self.resource, *self.scps, *self.rcps))


def authorize(request: Request) -> Decision:
    """Decide one request; what is passed to a role session needs its own permission (rule B7).

    Where nobody knows whether it is passed, nothing is allowed if it is neither so with it nor without it.
    """
    decision = _authorize(request)
    for action in request.passes:
        decision = _together(decision, _authorize(replace(request, action=action)))
    if decision.verdict == "depends" and not decision.is_denied:
        for action, keys in request.may_pass:
            if _authorize(replace(request, action=action)).is_denied:
                without = authorize(request.lacking(keys))
                if without.is_denied:
                    return without
    return decision


def _together(one: Decision, other: Decision) -> Decision:
    """Return the decision on a request that needs two permissions: the worse, or both when they are alike."""
    if one.is_denied != other.is_denied:
        return one if one.is_denied else other
    if one.is_denied or one.verdict != other.verdict:
        return min(one, other, key=lambda each: _SEVERITY.index(each.verdict))
    return replace(
        one,
        allowed_by=(*one.allowed_by, *other.allowed_by),
        unknown=(*one.unknown, *other.unknown),
        missing=tuple(dict.fromkeys((*one.missing, *other.missing))),
        wide=(*one.wide, *other.wide),
        unreadable=tuple(dict.fromkeys((*one.unreadable, *other.unreadable))),
        surely=(*one.surely, *other.surely),
    )


def _authorize(request: Request) -> Decision:
    kind, action = request.principal.kind, request.action
    if needs_no_permission(kind, action):
        return Decision("allowed", regardless="no permission is needed")  # rule B8
    never = never_may(kind, action)
    if never:
        return Decision("implicit deny", regardless=never)  # rule B8
    layers = _evaluate(request)
    every = tuple(layers)
    denied = any_of([layer.denied for layer in every])
    if denied:
        by = tuple([match for layer in every for match in layer.denies if match.applies])
        return Decision("explicit deny", denied_by=by, wide=_wide(by, request))  # rule A2
    allowed, blocked_by = _allowed(request, layers)
    by = tuple([match for layer in every for match in layer.allows if match.applies])
    if denied is None or allowed is None:
        return Decision(
            "depends",
            blocked_by=blocked_by if allowed is False else None,
            unknown=tuple(m for layer in every for m in (*layer.denies, *layer.allows) if m.applies is None),
            missing=tuple(_missing(request)),
            unreadable=tuple(document for layer in every for document in layer.unreadable),
            surely=by,
        )
    if not allowed:
        return Decision("implicit deny", blocked_by=blocked_by)
    return Decision(
        "allowed",
        allowed_by=by,
        wide=_wide(by, request),
        regardless=_of_root(request) if kind == "root" else None,
    )


def _of_root(request: Request) -> str | None:
    """Return by what rule root may do something; on a key or elsewhere it is a statement that says so."""
    if not request.is_same_account or request.is_on_kms_key:
        return None
    return _OWNER_MAY if _is_bucket_owner(request) else _ROOT_MAY


def _missing(request: Request) -> Iterator[str]:
    yield from request.missing
    if request.missing_resource_policy:
        yield request.missing_resource_policy


def _wide(matches: tuple[Match, ...], request: Request) -> tuple[Match, ...]:
    return tuple(m for m in matches if covers_by_wide_reading(m.statement, request.resource))


def _is_bucket_owner(request: Request) -> bool:
    """Say whether root of a bucket's owner asks for what the bucket policy cannot keep from it (rule B9)."""
    is_owner = request.principal.kind == "root" and request.is_same_account
    return is_owner and request.action.lower() in BUCKET_POLICY_ACTIONS


def _evaluate(request: Request) -> _Layers:
    principal = request.principal
    own = principal.kind in ("user", "role", "session", "federated")
    kind: Literal["trust", "resource"] = "trust" if request.is_on_trust_policy else "resource"
    # Service-linked roles are exempt, and who has no account has no SCP above it (rules D1, D4).
    has_scps = principal.account is not None and not principal.is_service_linked
    has_rcps = takes_rcps(request.action) and not request.is_exempt_from_rcps
    is_ignored = _is_bucket_owner(request)
    policy = () if request.resource_policy is None or is_ignored else (request.resource_policy,)
    identity = evaluate_layer(
        "identity policies", (*request.identity, *request.groups) if own else (), "identity", request
    )
    resource = evaluate_layer("trust policy" if kind == "trust" else "resource policy", policy, kind, request)
    return _Layers(
        identity=identity.unknown() if request.missing else identity,
        boundary=None
        if request.boundary is None or not own
        else evaluate_layer("permissions boundary", (request.boundary,), "boundary", request),
        session=None
        if request.session is None or not own
        else evaluate_layer("session policy", (request.session,), "session", request),
        resource=resource.unknown() if request.missing_resource_policy and not is_ignored else resource,
        scps=tuple(
            evaluate_layer(f"SCP level {number}", level, "scp", request)
            for number, level in enumerate(request.scps if has_scps else ())
        ),
        rcps=tuple(
            evaluate_layer(f"RCP level {number}", level, "rcp", request)
            for number, level in enumerate(request.rcps if has_rcps else ())
        ),
    )


def _allowed(request: Request, layers: _Layers) -> tuple[Ternary, str | None]:
    """Say whether all that must allow does, and which layer does not."""
    for level in layers.scps:  # an RCP only ever denies: RCPFullAWSAccess allows at every level (rule A3)
        if level.allowed is False:
            return False, level.name  # rule A4
    ceilings = all_of(level.allowed for level in layers.scps)
    identity, missing = _identity_path(request, layers)
    if request.principal.account is not None and request.needs_both_sides:
        # No policy of root lets anybody in; whether the caller's account may ask is not in the request.
        theirs = None if request.action.lower() == ASSUME_ROOT else layers.resource.allowed
        granted = all_of((identity, theirs))  # rules C1, C2, C4
        blocked = missing if identity is False else layers.resource.name
    elif request.principal.kind == "root":
        needs_key_policy = request.is_on_kms_key
        granted = layers.resource.allowed if needs_key_policy else True  # rules A1, B7
        blocked = layers.resource.name
    else:
        by_resource = any_of(_resource_paths(layers, identity))
        if request.missing_resource_policy or layers.resource.unreadable:
            by_resource = None
        must_be_named = request.is_on_trust_policy or request.is_on_kms_key  # rule B7
        granted = by_resource if must_be_named else any_of((identity, by_resource))  # rule B1
        is_named = layers.resource.allowed is not False  # then it is the account that must delegate
        of_resource = (must_be_named and not (is_named and missing)) or not request.principal.account
        blocked = layers.resource.name if of_resource else missing
    verdict = all_of((ceilings, granted))
    return verdict, None if verdict else blocked


def _identity_path(request: Request, layers: _Layers) -> tuple[Ternary, str]:
    """Say whether the caller's own side allows: identity, boundary and session policy (rules B3, B4)."""
    kind = request.principal.kind
    if kind == "root":
        return True, ""  # rule A1
    if kind in ("anonymous", "service"):
        return False, "resource policy"
    parts = [layers.identity]
    parts += [layer for layer in (layers.boundary, layers.session) if layer is not None]
    if kind == "federated" and layers.session is None:
        return False, "session policy"  # rule B4
    blocked = next((layer.name for layer in parts if not layer.allowed), "")
    return all_of(layer.allowed for layer in parts), blocked


def _resource_paths(layers: _Layers, identity: Ternary) -> Iterator[Ternary]:
    """Yield for each Allow of the resource policy whether it grants, within one account (rule B2)."""
    limits = [layer.allowed for layer in (layers.boundary, layers.session) if layer is not None]
    limited = all_of(limits)
    for match in layers.resource.allows:
        naming = match.named.naming if match.named else Naming.ITSELF
        if naming is Naming.ACCOUNT:
            yield all_of((match.applies, identity))
        elif naming in (Naming.ROLE, Naming.PARENT_USER):
            yield all_of((match.applies, limited))
        elif naming is Naming.EVERYONE and limited is not True:
            yield all_of((match.applies, None))  # what a boundary does to a bare * is not documented
        else:
            yield match.applies
