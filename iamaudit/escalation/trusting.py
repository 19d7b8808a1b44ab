"""Whom the roles of an account let in: everybody whom an identity policy lets, somebody by name, a service.

Most trust policies treat all users alike, and all roles. What such a policy says is worked out once for a
user and once for a role, as sets over the roles. Whoever a trust policy names, and every trust policy that
looks at who asks, is put to ``authorize`` one by one.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from iamaudit.account import Account, Actor, carried_keys
from iamaudit.escalation.caller import Caller, Reach
from iamaudit.escalation.decider import Decider, strength_of
from iamaudit.escalation.documents import More
from iamaudit.escalation.lets_in import LetsIn, facts_of, looks, named_in
from iamaudit.escalation.wording import BY_KEY
from iamaudit.iam.evaluate import Context, Principal, Request, authorize
from iamaudit.iam.evaluate.layers import Layer, evaluate_layer
from iamaudit.iam.evaluate.request import tells_of_passed
from iamaudit.iam.policy import Document

_ACTION = "sts:assumerole"
_COGNITO = "cognito-identity.amazonaws.com"
_EVERYBODY = (("AWS", "*"), ("Service", "*"))


class Trusting:
    """The roles by whom they let in."""

    def __init__(self, account: Account, actors: list[Actor], decider: Decider) -> None:
        self._account, self._actors = account, actors
        self._decider, self._universe = decider, decider.universe
        self._services: dict[str, tuple[int, int]] = {}
        self._lets_in: dict[tuple[str, More], LetsIn] = {}
        self._before: tuple[Trusting, str] | None = None

    def edited(self, account: Account, actors: list[Actor], decider: Decider, role: str) -> "Trusting":
        """Return the same for a copy of the account in which one role's trust policy is another."""
        other = Trusting(account, actors, decider)
        other._before = self, role
        return other

    def assumable(self, caller: Caller) -> Reach:
        """Return the roles that a principal may assume."""
        alone = self.one_by_one(caller)
        surely = perhaps = 0
        for bits, facts in caller.parts(_ACTION):
            found = self._in_words(caller, facts)
            surely |= found.surely & bits & ~alone
            perhaps |= found.perhaps & bits & ~alone
        for role in self._universe.names(alone):
            trust = self._account.trust[role]
            held = strength_of(self._decider.decide(caller.actor, _ACTION, role, (), trust))
            bit = self._universe.bit(role)
            surely |= bit if held == 0 else 0
            perhaps |= bit if held < 2 else 0
        return Reach(surely, perhaps)

    def _in_words(self, caller: Caller, facts: More) -> Reach:
        found = caller.in_words(_ACTION, facts, lambda _, more: self._as_anybody(caller, more))
        if found.surely == found.perhaps or not caller.voice.has_key:
            return found
        by_key = (*facts, *BY_KEY)
        signed = caller.in_words(_ACTION, by_key, lambda _, more: self._as_anybody(caller, more))
        return Reach(found.surely | signed.surely, found.perhaps)

    def open_to(self, caller: Caller) -> int:
        """Return the roles whose trust policy may let a principal in, whatever its own policies say."""
        lets = self._of(caller.actor.type, ())
        wide = (lets.may_account | lets.may_everyone) & ~lets.denied
        return wide | self._universe.bits(self.by_name.get(caller.actor.arn, ())) | self._personal

    def renamed(self, caller: Caller) -> Reach:
        """Return the roles that a principal could assume if their trust policies named it alone."""
        surely = perhaps = 0
        for bits, facts in caller.parts(_ACTION):
            found = caller.in_words(_ACTION, facts, lambda _, more: self._asnamed_in(caller, more))
            surely, perhaps = surely | found.surely & bits, perhaps | found.perhaps & bits
        return Reach(surely, perhaps)

    def _asnamed_in(self, caller: Caller, more: More) -> Reach:
        own, boundary = caller.identity(_ACTION, more), caller.boundary(_ACTION, more)
        surely = perhaps = self._universe.everything
        layers = [own, *caller.rcps(_ACTION, more)]
        if boundary is not None:
            layers.append(boundary)
            if caller.actor.type == "role":  # of a user, whom the trust policy names, a boundary only denies
                surely, perhaps = boundary.allowed, boundary.may_allow
        for level in caller.scps(_ACTION, more):
            surely, perhaps = surely & level.allowed, perhaps & level.may_allow
            layers.append(level)
        for layer in layers:
            surely, perhaps = surely & ~layer.may_deny, perhaps & ~layer.denied
        return Reach(surely, perhaps)

    def service(self, service: str) -> tuple[int, int]:
        """Return the roles that surely let a service in, and those that do so under some condition."""
        found = self._services.get(service)
        if found is None:
            surely, perhaps = self._before[0].service(service) if self._before else (0, 0)
            verdicts: dict[str, list[str]] = {"allowed": [], "depends": [], "denied": []}
            for role, document in self._anew:
                verdicts[self._lets_service_in(service, role, document)].append(role)
            found = self._services[service] = (
                surely & self._kept | self._universe.bits(verdicts["allowed"]),
                perhaps & self._kept | self._universe.bits(verdicts["depends"]),
            )
        return found

    @property
    def _anew(self) -> Iterable[tuple[str, Document]]:
        """The roles about which nothing is known from before, with their trust policies."""
        if self._before is None:
            return self._trust.items()
        role = self._before[1]
        return [(role, self._trust[role])] if role in self._trust else []

    @property
    def _kept(self) -> int:
        """The roles about which everything is known from before."""
        return ~self._universe.bit(self._before[1]) if self._before else 0

    @cached_property
    def by_name(self) -> Mapping[str, list[str]]:
        """The roles that name a principal, by its ARN; a session counts as its role."""
        return self._index("by_name", "Allow")

    def _index(self, name: str, *effects: str) -> Mapping[str, list[str]]:
        """Return the roles whose trust policy names a principal in a statement of some effect, by its ARN."""
        found: dict[str, list[str]] = {}
        if self._before is not None:
            before, role = self._before
            found |= getattr(before, name)
            for arn in before._named(role, effects):
                found[arn] = [each for each in found[arn] if each != role]
        for role, _ in self._anew:
            for arn in self._named(role, effects):
                found[arn] = [*found.get(arn, ()), role]
        return found

    def _named(self, role: str, effects: Iterable[str]) -> set[str]:
        document = self._trust.get(role)
        named = {value for effect in effects if document for value in named_in(document, effect)}
        return {
            self._arns.get(value.split("/")[1], value) if ":assumed-role/" in value else value
            for value in named
        }

    @cached_property
    def _arns(self) -> Mapping[str | None, str]:
        """The ARNs of the roles by name."""
        if self._before is not None:
            return self._before[0]._arns
        return {a.principal.role_name: a.arn for a in self._actors if a.type == "role"}

    # who is not named

    def _as_anybody(self, caller: Caller, more: More) -> Reach:
        """Return what a principal may assume of the roles that treat it like any other of its type."""
        lets = self._of(caller.actor.type, more)
        own, boundary = caller.identity(_ACTION, more), caller.boundary(_ACTION, more)
        surely, perhaps = own.allowed, own.may_allow
        everyone, may_everyone = lets.everyone, lets.may_everyone
        layers = [own, *caller.rcps(_ACTION, more)]
        if boundary is not None:
            surely, perhaps = surely & boundary.allowed, perhaps & boundary.may_allow
            everyone &= boundary.allowed
            layers.append(boundary)
        surely, perhaps = (lets.account & surely) | everyone, (lets.may_account & perhaps) | may_everyone
        for level in caller.scps(_ACTION, more):
            surely, perhaps = surely & level.allowed, perhaps & level.may_allow
            layers.append(level)
        surely, perhaps = surely & ~lets.may_deny, perhaps & ~lets.denied
        for layer in layers:
            surely, perhaps = surely & ~layer.may_deny, perhaps & ~layer.denied
        return Reach(surely, perhaps)

    def one_by_one(self, caller: Caller) -> int:
        """Return the roles about which a principal is asked alone.

        All, if its own policies ask for session tags or a source identity: these need a trust policy, too.
        """
        if any(map(tells_of_passed, caller.keys(_ACTION))):
            return self.open_to(caller)
        return self._universe.bits(self._naming.get(caller.actor.arn, ())) | self._personal

    @cached_property
    def _naming(self) -> Mapping[str, list[str]]:
        """The roles whose trust policy names a principal in an Allow or a Deny."""
        return self._index("_naming", "Allow", "Deny")

    @cached_property
    def _personal(self) -> int:
        """The roles whose trust policy lets many in and looks at who asks, or cannot be read in full."""
        kept = self._before[0]._personal & self._kept if self._before else 0
        return kept | self._universe.bits(
            role
            for role, document in self._anew
            if not document.is_complete or (self._is_wide(document) and looks(document))
        )

    def _is_wide(self, document: Document) -> bool:
        """Say whether a trust policy lets others in than those whom it names."""
        allows = [s for s in document.statements if s.effect == "Allow"]
        named = {pair for s in allows for pair in s.principals or ()}
        return any(s.not_principals is not None for s in allows) or any(map(self._means_all, named))

    def _means_all(self, named: tuple[str, str]) -> bool:
        """Say whether a principal element means everybody in the account, or may: a canonical user could."""
        (kind, value), account = named, self._account.account_id
        means = value in ("*", account) or value.endswith(f":iam::{account}:root")  # in whichever partition
        return kind == "CanonicalUser" or (kind == "AWS" and means)

    def _of(self, kind: str, more: More) -> LetsIn:
        found = self._lets_in.get((kind, more))
        if found is None:
            found = self._lets_in[kind, more] = self._found(kind, more)
        return found

    def _found(self, kind: str, more: More) -> LetsIn:
        sets: dict[str, list[str]] = {name: [] for name in LetsIn.__slots__}
        said: dict[tuple[Document, More], dict[str, bool]] = {}
        for role, document in self._anew:
            if not document.is_complete or not self._is_wide(document) or looks(document):
                continue
            asked = (
                *self._decider.keys.of_target(_ACTION, role),
                *more,
            )
            if (document, asked) not in said:
                layer = self._layer(self._anybody(kind), role, document, asked)
                said[document, asked] = dict(facts_of(layer))
            for name, holds in said[document, asked].items():
                if holds:
                    sets[name].append(role)
        before = self._before[0]._of(kind, more) if self._before else LetsIn()
        return LetsIn(
            **{
                name: getattr(before, name) & self._kept | self._universe.bits(roles)
                for name, roles in sets.items()
            }
        )

    def _layer(self, actor: Actor, role: str, document: Document, more: More) -> Layer:
        request = Request(
            principal=actor.principal,
            action="sts:AssumeRole",
            resource=role,
            resource_account=self._account.account_id,
            context=self._decider.context(actor, more, _ACTION),
        )
        return evaluate_layer("trust policy", (document,), "trust", request)

    def _anybody(self, kind: str) -> Actor:
        """Return a principal of the account that no trust policy names: its name holds two slashes."""
        account, partition = self._account.account_id, self._universe.partition
        arn = f"arn:{partition}:iam::{account}:{kind}//nobody"
        return Actor(arn=arn, type=kind, name="nobody", context=carried_keys(arn, kind))

    # services

    @cached_property
    def _trust(self) -> Mapping[str, Document]:
        roles = {actor.arn for actor in self._actors}
        return {role: document for role, document in self._account.trust.items() if role in roles}

    def _lets_service_in(self, service: str, role: str, trust: Document) -> str:
        named = {pair for s in trust.statements if s.effect == "Allow" for pair in s.principals or ()}
        if service == _COGNITO:  # the pool and the kind of its identities are mostly tested
            return "depends" if ("Federated", service) in named else "denied"
        if not any(kind == "Service" for kind, _ in named):
            return "denied"
        if not {(kind, value.lower()) for kind, value in named} & {*_EVERYBODY, ("Service", service.lower())}:
            return "denied"  # nothing names the service
        account = self._account.account_id
        decision = authorize(
            Request(
                principal=Principal.of(service),
                action="sts:AssumeRole",
                resource=role,
                resource_account=account,
                context=Context.of(
                    {
                        **self._decider.keys.always,
                        "aws:PrincipalIsAWSService": "true",
                        "aws:SourceAccount": account,
                        "aws:ResourceAccount": account,
                    },
                    is_complete=False,
                ),
                resource_policy=trust,
            )
        )
        return ("allowed", "depends", "denied")[strength_of(decision)]
