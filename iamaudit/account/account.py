"""An account as far as a snapshot knows it, and what it may be asked."""

from collections.abc import Container, Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from iamaudit import frames as f
from iamaudit.account.actors import Actor, find_actor, read_actors
from iamaudit.account.changes import read_new_document, separators, what_if
from iamaudit.account.words import Answer, because, explain
from iamaudit.errors import ParameterError
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import Decision, Grants, Request, authorize, document_grants
from iamaudit.iam.policy import Document

_ORDER = ("allowed", "depends")
_GRANTING = ("iam:Attach*Policy", "iam:Put*Policy", "iam:CreatePolicyVersion")


class Account:
    """Who is there, whom the roles trust, and what the organization limits."""

    def __init__(
        self,
        account_id: str,
        details: Mapping[str, Any] | None,
        records: Sequence[f.PolicyRecord],
        organization: f.Organization,
        catalogue: Catalogue,
    ) -> None:
        self.account_id, self.records = account_id, records
        self.organization, self.catalogue = organization, catalogue
        self._details = details

    @cached_property
    def actors(self) -> Mapping[str, Actor]:
        """Root and every user and role, by ARN."""
        return read_actors(self._details, self.records, self.account_id)

    @cached_property
    def trust(self) -> Mapping[str, Document]:
        """The trust policy of every role, by the role's ARN."""
        return {str(r.owner): r.document for r in self.records if r.kind == "trust" and r.raw is not None}

    @cached_property
    def names(self) -> Mapping[int, str]:
        """What each document is called, by its identity: two policies may say the same."""
        return {id(r.document): r.arn or r.policy for r in self.records}

    # --- shim
    @cached_property
    def policies(self):
        from types import SimpleNamespace
        from iamaudit.iam.policy import parse_document
        older = {p["Arn"]: tuple(parse_document(v["Document"]) for v in p.get("PolicyVersionList", ()) if not v.get("IsDefaultVersion") and "Document" in v) for p in (self._details or {}).get("Policies", ())}
        return {r.policy: SimpleNamespace(policy=r.policy, kind=r.kind, arn=r.arn, document=r.document, older=older.get(r.policy, ()), is_collected=r.raw is not None, is_aws_managed=r.is_aws_managed) for r in self.records}

    @cached_property
    def roles(self):
        from types import SimpleNamespace
        return {r["Arn"]: SimpleNamespace(arn=r["Arn"], instance_profiles=r.get("InstanceProfileList")) for r in (self._details or {}).get("RoleDetailList", ())}

    @cached_property
    def groups(self):
        return {g["Arn"]: g for g in (self._details or {}).get("GroupDetailList", ())}

    @cached_property
    def group_grants(self):
        from functools import reduce
        from operator import or_
        from iamaudit.iam.evaluate import UNREADABLE
        def pol(group):
            yield from (a["PolicyArn"] for a in group.get("AttachedManagedPolicies", ()))
            yield from (f"{group['Arn']}#{p['PolicyName']}" for p in group.get("GroupPolicyList", ()))
        return {a: reduce(or_, (self.grants.get(p, UNREADABLE) for p in pol(g)), Grants()) for a, g in self.groups.items()}

    credentials = {}

    def without_statement(self, policy, index):
        from dataclasses import replace
        def cut(d):
            return Document(d.version, tuple(s for s in d.statements if s.index != index), d.problems)
        made = self.with_records([replace(r, document=cut(r.document)) if r.policy == policy else r for r in self.records])
        made.credentials = self.credentials
        return made
    # --- shim

    def with_records(self, records: Sequence[f.PolicyRecord]) -> "Account":
        """Return the same account with other policy documents."""
        return Account(self.account_id, self._details, records, self.organization, self.catalogue)

    def records_of(self, actor: Actor) -> list[f.PolicyRecord]:
        """Return the policies that an actor holds, also through groups and as boundary."""
        return [self._records[policy] for policy in sorted(actor.policies) if policy in self._records]

    @cached_property
    def _records(self) -> Mapping[str, f.PolicyRecord]:
        return {record.policy: record for record in self.records}

    @cached_property
    def grants(self) -> Mapping[str, Grants]:
        """What each identity policy says as action sets, by policy."""
        return f.policy_grants(self.records, self.catalogue)

    @cached_property
    def control(self) -> int:
        """The actions that change IAM and that the organization leaves to the account's administrators.

        An SCP that denies some of them does not make an administrator less of one; one that denies all that
        grants permissions leaves no administrator.
        """
        left = self.catalogue.control
        for level in self.organization.scp_grants(self.catalogue):
            left &= level.certain & ~level.denied_somewhere
        return left if left & self.catalogue.expand_patterns(_GRANTING) else 0

    @cached_property
    def principals(self) -> list[f.PrincipalPermissions]:
        """The effective permissions of every user and role."""
        return self._principals_under(self.grants)

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
        _check_question(action, resource)
        return self._decided(actor, action, resource, context or {})

    def explain(
        self, principal: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> Answer:
        """Return a decision in words."""
        decision = self.decide(principal, action, resource, context)
        given = "".join(f", {key} = {value}" for key, value in (context or {}).items())
        question = f"{find_actor(self.actors, principal).label}: {action} on {resource}{given}"
        return explain(question, decision, self.names, organization_is_known=self.organization.is_known)

    def who_can(self, action: str, resource: str, context: Mapping[str, str] | None = None) -> pd.DataFrame:
        """Return a row per principal that may, or may under some condition: those who surely may first."""
        _check_question(action, resource)
        rows: list[dict[str, Any]] = []
        for actor in self.actors.values():
            decision = self._decided(actor, action, resource, context or {})
            if decision.verdict in _ORDER and not decision.blocked_by:
                rows.append(
                    {
                        "principal": actor.arn,
                        "principal_type": actor.type,
                        "principal_name": actor.name,
                        "verdict": decision.verdict,
                        "because": "; ".join(because(decision, self.names)),
                    }
                )
        rows.sort(key=lambda row: (_ORDER.index(row["verdict"]), row["principal"]))
        return f.build_frame("who_can", rows)

    def reach(self, actions: Sequence[str]) -> pd.DataFrame:
        """Return a row per action: who may possibly do it on something, and for how many it is certain.

        Root is not counted: it always may.

        Raises
        ------
        ParameterError
            AWS has no such action.
        """
        rows = []
        for action in actions:
            bit = self.catalogue.expand_pattern(action)
            if bit.bit_count() != 1:
                raise ParameterError(f"`{action}` is no action of AWS: write it like s3:GetObject")
            possible = [p for p in self.principals if p.sets.possible & bit]
            rows.append(
                {
                    "action": self.catalogue.names_of(bit)[0],
                    "possible": len(possible),
                    "certain": sum(1 for p in possible if p.sets.certain & bit),
                    "of": len(self.principals),
                    "principals": sorted(f"{p.type}/{p.name}" for p in possible),
                }
            )
        return f.build_frame("reach", rows)

    def what_if(self, policy: str, new_document: Any) -> pd.DataFrame:
        """Return a row per principal whose effective permissions change if ``policy`` said something else."""
        document = read_new_document(self.records, policy, new_document)
        grants = {**self.grants, policy: document_grants(document, self.catalogue)}
        holders = {actor.arn for actor in self.actors.values() if policy in actor.policies}
        return what_if(self.principals, self._principals_under(grants, only=holders), self.catalogue)

    def separators(self, principal: str) -> pd.DataFrame:
        """Return a row per statement that keeps what ``principal`` may possibly do from being certain."""
        actor = find_actor(self.actors, principal)
        sets = next((p.sets for p in self.principals if p.arn == actor.arn), None)
        return separators(actor, sets, self.records, self.catalogue)

    def _principals_under(
        self, grants: Mapping[str, Grants], only: Container[str] | None = None
    ) -> list[f.PrincipalPermissions]:
        scps = self.organization.scp_grants(self.catalogue)
        rcps = self.organization.rcp_grants(self.catalogue)
        return f.principal_permissions(self._details, grants, scps=scps, rcps=rcps, only=only)

    def _decided(self, actor: Actor, action: str, resource: str, context: Mapping[str, str]) -> Decision:
        is_trust = action.lower().startswith("sts:assumerole")
        owner = _owner(resource) or self.account_id
        return authorize(
            Request(
                principal=actor.principal,
                action=action,
                resource=resource,
                resource_account=owner,
                context=actor.context_with(context),
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
        if action.lower().startswith("sts:assumerole"):
            return None if resource in self.trust else f"the trust policy of {resource}"
        if action.lower().startswith("kms:") and ":key/" in resource:
            return f"the key policy of {resource}"
        return None if _owner(resource) in (None, self.account_id) else f"the policy of {resource}"


def _owner(resource: str) -> str | None:
    """Return the account in a resource's ARN, if it names one."""
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None


def _check_question(action: str, resource: str) -> None:
    if action.count(":") != 1 or "*" in action:
        raise ParameterError(f"`{action}` is no action: write it like s3:GetObject")
    if resource != "*" and not resource.startswith("arn:"):
        raise ParameterError(f"`{resource}` is no resource: give an ARN, or * for an action without one")
