"""AWS's decision on one request, with the statements that made it (sections A to D of the rules)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from iamaudit.iam.evaluate.layers import Layer, Match, evaluate_layer
from iamaudit.iam.evaluate.principals import Naming
from iamaudit.iam.evaluate.request import Request
from iamaudit.iam.evaluate.resources import covers_by_wide_reading
from iamaudit.iam.evaluate.services import takes_rcps
from iamaudit.iam.evaluate.ternary import Ternary, all_of, any_of
from iamaudit.iam.policy import Document

Verdict = Literal["allowed", "explicit deny", "implicit deny", "depends"]

_OWNER_ACTIONS = {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}  # rule B9


@dataclass(frozen=True, slots=True)
class Decision:
    """What AWS would answer, and why.

    ``blocked_by`` names the layer that allows too little: it is never allowed then, and when the verdict
    ``depends`` only on which deny it is. ``unknown`` are the statements that nobody can decide on, ``surely``
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
    """Decide one request."""
    special = _special(request)
    if special is not None:
        return special
    layers = _evaluate(request)
    denied = any_of(layer.denied for layer in layers)
    if denied:
        by = tuple(match for layer in layers for match in layer.denies if match.applies)
        return Decision("explicit deny", denied_by=by, wide=_wide(by, request))  # rule A2
    allowed, blocked_by = _allowed(request, layers)
    open_matches = tuple(m for layer in layers for m in (*layer.denies, *layer.allows) if m.applies is None)
    by = tuple(match for layer in layers for match in layer.allows if match.applies)
    if denied is None or allowed is None:
        never = blocked_by if allowed is False else None
        return Decision(
            "depends",
            blocked_by=never,
            unknown=open_matches,
            missing=tuple(_missing(request)),
            unreadable=tuple(document for layer in layers for document in layer.unreadable),
            surely=by,
        )
    if not allowed:
        return Decision("implicit deny", blocked_by=blocked_by)
    return Decision("allowed", allowed_by=by, wide=_wide(by, request))


def _missing(request: Request) -> Iterator[str]:
    yield from request.missing
    if request.missing_resource_policy:
        yield request.missing_resource_policy


def _wide(matches: tuple[Match, ...], request: Request) -> tuple[Match, ...]:
    return tuple(m for m in matches if covers_by_wide_reading(m.statement, request.resource))


def _special(request: Request) -> Decision | None:
    """Return the verdicts that no policy can change."""
    principal, action = request.principal, request.action.lower()
    if action == "sts:getcalleridentity" and principal.kind not in ("anonymous", "service"):
        return Decision("allowed")  # rule B8
    if principal.kind != "root":
        return None
    if action == "sts:assumerole":
        return Decision("implicit deny", blocked_by="root cannot assume a role")  # rule B8
    if action in _OWNER_ACTIONS and request.is_same_account:
        return Decision("allowed")  # rule B9
    return None


def _evaluate(request: Request) -> _Layers:
    principal = request.principal
    own = principal.kind in ("user", "role", "session", "federated")
    kind: Literal["trust", "resource"] = "trust" if request.is_assume_role else "resource"
    # Service-linked roles are exempt, and who has no account has no SCP above it (rules D1, D4).
    has_scps = principal.account is not None and not principal.is_service_linked
    has_rcps = not principal.is_service_linked and takes_rcps(request.action)
    policy = () if request.resource_policy is None else (request.resource_policy,)
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
        resource=resource.unknown() if request.missing_resource_policy else resource,
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
    if request.principal.account is not None and not request.is_same_account:
        granted = all_of((identity, layers.resource.allowed))  # rules C1, C2, C4
        blocked = missing if identity is False else layers.resource.name
    elif request.principal.kind == "root":
        needs_key_policy = request.is_on_kms_key
        granted = layers.resource.allowed if needs_key_policy else True  # rules A1, B7
        blocked = layers.resource.name
    else:
        by_resource = any_of(_resource_paths(layers, identity))
        if request.missing_resource_policy or layers.resource.unreadable:
            by_resource = None
        must_be_named = request.is_assume_role or request.is_on_kms_key  # rule B7
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
