"""An account as far as a snapshot knows it, and what it may be asked."""

from collections.abc import Container, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

from iamaudit.account.actors import Actor, find_actor, swapped, with_document
from iamaudit.account.administrators import kept_away
from iamaudit.account.changes import Change, Separator, changes, read_new_document, separators
from iamaudit.account.explained import Answer, Permitted, Reach, because, explain, reach
from iamaudit.account.principal_keys import action_keys, carried_keys, lacking
from iamaudit.account.principal_permissions import (
    Above,
    PrincipalPermissions,
    group_grants,
    held_by,
    known_of,
    permissions_at_best,
    policy_grants,
    principal_permissions,
)
from iamaudit.account.questions import check_question, owner_of
from iamaudit.account.stored import Stored
from iamaudit.account.stored_policy import Policy
from iamaudit.account.trusted import Trusted, read_trusted
from iamaudit.errors import ParameterError
from iamaudit.iam.actions import SENSITIVE, Catalogue, load_catalogue
from iamaudit.iam.evaluate import (
    Decision,
    EffectivePermissions,
    EveryResource,
    Grants,
    Home,
    Request,
    asks_trust_policy,
    authorize,
    document_grants,
)
from iamaudit.iam.evaluate.services import ASSUME_ROOT
from iamaudit.iam.policy import Document


class Account(Stored):
    """Who is there, whom the roles trust, what the organization limits, and what follows from it."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """The AWS actions against which patterns are read."""
        return load_catalogue()

    @cached_property
    def actors(self) -> Mapping[str, Actor]:
        """Root and every user and role, by ARN."""
        root = f"arn:{self.partition}:iam::{self.account_id}:root"
        actor = Actor(arn=root, type="root", name="root", context=carried_keys(root, "root"))
        return {root: actor, **self.users, **self.roles}

    @cached_property
    def holders(self) -> Mapping[str, Sequence[str]]:
        """Who holds each policy, also through a group or as boundary: ARNs of users and roles."""
        found: dict[str, list[str]] = {}
        for actor in self.actors.values():
            for policy in actor.policies:
                found.setdefault(policy, []).append(actor.arn)
        return found

    @cached_property
    def trust(self) -> Mapping[str, Document]:
        """The trust policy of every role, by the role's ARN; one that was not collected may say anything."""
        return {str(p.owner): p.document for p in self.policies.values() if p.kind == "trust"}

    @cached_property
    def trusted(self) -> Sequence[Trusted]:
        """Whom the roles let in, as their trust policies name them."""
        return read_trusted(self.policies.values(), self.account_id)

    @cached_property
    def names(self) -> Mapping[int, str]:
        """What each document is called, by its identity: two policies may say the same."""
        return {id(p.document): p.arn or p.policy for p in self.policies.values()}

    def policies_of(self, actor: Actor) -> list[Policy]:
        """Return the policies that an actor holds, also through groups and as boundary."""
        return [self.policies[policy] for policy in sorted(actor.policies)]

    @cached_property
    def grants(self) -> Mapping[str, Grants]:
        """What each identity policy says as action sets, by policy."""
        return policy_grants(self.policies.values(), self.grants_of)

    def grants_of(self, document: Document) -> Grants:
        """Return what a document says as action sets, about the resources of this account."""
        return document_grants(document, self.catalogue, self.home)

    @property
    def home(self) -> Home:
        """What the ARNs of the account's own resources name."""
        return Home(self.partition, self.account_id)

    @cached_property
    def every_resource(self) -> EveryResource:
        """The question what the sensitive actions may do on every resource of their type."""
        return EveryResource.of(SENSITIVE, self.catalogue, self.home)

    @cached_property
    def group_grants(self) -> Mapping[str, Grants]:
        """What the policies of each group say as action sets, by the group's ARN."""
        return group_grants(self.groups, self.grants)

    @cached_property
    def above(self) -> Above:
        """What the levels of the organization say as action sets."""
        levels, of = self.organization, self.grants_of
        scps, rcps = levels.scp_grants(self.catalogue, of), levels.rcp_grants(self.catalogue, of)
        return Above(scps, rcps, self.now)

    @cached_property
    def principals(self) -> list[PrincipalPermissions]:
        """The effective permissions of every user and role."""
        return self._principals_under(self.grants)

    @cached_property
    def administrators(self) -> Mapping[str, str]:
        """Whether each user and role is an administrator, by ARN: yes, perhaps or no."""
        return {p.arn: p.administrator for p in self.principals}

    def remember(self, administrators: Mapping[str, str]) -> None:
        """Take who is an administrator from what was found of an equal account, unless it is known here."""
        vars(self).setdefault("administrators", administrators)

    def permissions_at_best(self, arn: str) -> list[EffectivePermissions]:
        """Return the effective permissions for each way in which a principal may word its requests."""
        actor = self.actors[arn]
        return permissions_at_best(actor, *held_by(actor, self.grants, self.group_grants), self.above)

    def without_statement(self, policy: str, index: int) -> "Account":
        """Return the same account with one statement less, of a managed, inline or trust policy.

        Everything that was worked out and that the statement does not touch is shared with this account.

        Raises
        ------
        ParameterError
            ``policy`` is not of the account: an SCP or an RCP, or nothing that it knows.
        """
        old = self.policies.get(policy)
        if old is None or old.reading not in ("identity", "trust"):
            raise ParameterError(
                f"`{policy}` is not a policy of the account: give a managed, inline or trust policy"
            )
        shorter = old.document.without_statement(index)
        names = {**self.names, id(shorter): old.arn or old.policy}
        del names[id(old.document)]
        edited = copy(self)
        fields: dict[str, Any] = {
            "policies": {**self.policies, policy: replace(old, document=shorter)},
            "names": names,
        }
        if old.kind == "trust":
            fields["trust"] = {**self.trust, str(old.owner): shorter}
            others = [each for each in self.trusted if each.policy != policy]
            fields["trusted"] = [*others, *read_trusted([fields["policies"][policy]], self.account_id)]
        else:
            fields |= self._held_otherwise(policy, old.document, shorter)
        vars(edited).update(fields)
        return edited

    def _held_otherwise(self, policy: str, old: Document, new: Document) -> dict[str, Any]:
        """Return what is not the same for those who hold a policy with another document."""
        holders = self.holders.get(policy, ())
        grants = {**self.grants, policy: self.grants_of(new)}
        users = {arn: with_document(self.users[arn], old, new) for arn in holders if arn in self.users}
        roles = {arn: with_document(self.roles[arn], old, new) for arn in holders if arn in self.roles}
        groups = {
            arn: replace(group, documents=swapped(group.documents, old, new))
            for arn, group in self.groups.items()
            if policy in group.policies
        }
        sets = {p.arn: p for p in self._principals_under(grants, only=holders)}
        return {
            "users": {**self.users, **users},
            "roles": {**self.roles, **roles},
            "actors": {**self.actors, **users, **roles},
            "groups": {**self.groups, **groups},
            "grants": grants,
            "group_grants": {**self.group_grants, **group_grants(groups, grants)},
            "principals": [sets.get(p.arn, p) for p in self.principals],
            "administrators": {
                arn: sets[arn].administrator if arn in sets else verdict
                for arn, verdict in self.administrators.items()
            },
        }

    def decide(
        self, principal: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> Decision:
        """Decide one request as far as the snapshot can.

        Raises
        ------
        ParameterError
            Nobody, or not just one, is called ``principal``; ``action`` is not ``service:Action``;
            ``resource`` is neither ``*`` nor an ARN.
        """
        actor = find_actor(self.actors, principal)
        check_question(action, resource, context)
        return self._decided(actor, action, resource, context or {})

    def explain(
        self, principal: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> Answer:
        """Return a decision in words."""
        decision = self.decide(principal, action, resource, context)
        given = "".join(f", {key} = {value}" for key, value in (context or {}).items())
        question = f"{find_actor(self.actors, principal).label}: {action} on {resource}{given}"
        return explain(question, decision, self.names, organization_is_known=self.organization.is_known)

    def who_can(
        self, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> list[Permitted]:
        """Return who may do it, or may under some condition: those who surely may first."""
        check_question(action, resource, context)
        found = []
        for actor in self.actors.values():
            decision = self._decided(actor, action, resource, context or {})
            if not decision.is_denied:
                found.append(Permitted(actor, decision.verdict, tuple(because(decision, self.names))))
        return sorted(found, key=lambda each: (each.verdict, each.actor.arn))

    def reach(self, actions: Sequence[str]) -> list[Reach]:
        """Return of each action who may possibly do it on something, and for how many it is certain.

        Root is not counted: it always may.

        Raises
        ------
        ParameterError
            AWS has no such action.
        """
        return [reach(self.principals, action, self.catalogue) for action in actions]

    def what_if(self, policy: str, new_document: Any) -> list[Change]:
        """Return whose effective permissions change, and how, if ``policy`` said something else."""
        document = read_new_document(self.policies, policy, new_document)
        grants = {**self.grants, policy: self.grants_of(document)}
        after = self._principals_under(grants, only=frozenset(self.holders.get(policy, ())))
        return list(changes(self.principals, after, self.catalogue))

    def separators(self, principal: str) -> list[Separator]:
        """Return the statements that keep what ``principal`` may possibly do from being certain."""
        actor = find_actor(self.actors, principal)
        sets = next((p.sets for p in self.principals if p.arn == actor.arn), None)
        return list(separators(self.policies_of(actor), sets, self.catalogue))

    def kept_away(self, principal: str) -> list[str]:
        """Return in words what a Deny, also one of the organization, keeps away of IAM from ``principal``."""
        actor, scps = find_actor(self.actors, principal), self.organization.scps
        above = [p for p in self.organization.policies if scps and p.kind == "SCP"]
        return list(kept_away([*self.policies_of(actor), *above], known_of(actor, self.now)))

    def _principals_under(
        self, grants: Mapping[str, Grants], only: Container[str] | None = None
    ) -> list[PrincipalPermissions]:
        return principal_permissions(
            self.actors.values(),
            grants,
            self.group_grants if grants is self.grants else group_grants(self.groups, grants),
            above=self.above,
            only=only,
        )

    def _decided(self, actor: Actor, action: str, resource: str, context: Mapping[str, str]) -> Decision:
        is_trust = asks_trust_policy(action, resource)
        owner = owner_of(resource) or self.account_id
        return authorize(
            Request(
                principal=actor.principal,
                action=action,
                resource=resource,
                resource_account=owner,
                context=actor.context_with(
                    {**self.now, **action_keys(action, self.partition), **context},
                    lacking(action, self.tested_keys),
                ),
                identity=actor.identity,
                groups=actor.groups,
                boundary=actor.boundary,
                resource_policy=self.trust.get(resource) if is_trust else None,
                scps=self.organization.scps,
                rcps=self.organization.rcps if owner == self.account_id else (),
                missing=actor.missing,
                missing_resource_policy=self._unknown_policy(action, resource),
            )
        )

    def _unknown_policy(self, action: str, resource: str) -> str | None:
        """Name the resource's policy when it must allow and the snapshot does not have it (rules B7, C1)."""
        if action.lower() == ASSUME_ROOT:
            return f"whether this account may manage {resource} for the organization"
        if asks_trust_policy(action, resource):
            return None if resource in self.trust else f"the trust policy of {resource}"
        if action.lower().startswith("kms:") and ":key/" in resource:
            return f"the key policy of {resource}"
        return None if owner_of(resource) in (None, self.account_id) else f"the policy of {resource}"
