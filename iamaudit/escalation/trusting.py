"""Whom the roles of an account trust: the account, somebody by name, or a service."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from iamaudit.account import Account, Actor
from iamaudit.escalation.universe import Universe
from iamaudit.iam.evaluate import Context, Principal, Request, authorize
from iamaudit.iam.policy import Document

_COGNITO = "cognito-identity.amazonaws.com"


class Trusting:
    """The roles by whom they let in."""

    def __init__(self, account: Account, actors: Sequence[Actor], universe: Universe) -> None:
        self._account, self._actors, self._universe = account, actors, universe
        self._services: dict[str, tuple[int, int]] = {}

    @cached_property
    def account_wide(self) -> list[tuple[Document, int]]:
        """The roles that trust this account or everybody, by their trust policy."""
        found: dict[Document, list[str]] = {}
        for role, document in self._trust.items():
            if self._named(document) & self._wide:
                found.setdefault(document, []).append(role)
        return [(document, self._universe.bits(roles)) for document, roles in found.items()]

    @cached_property
    def by_name(self) -> Mapping[str, list[str]]:
        """The roles that name a principal, by its ARN; a session counts as its role."""
        roles = {a.principal.role_name: a.arn for a in self._actors if a.type == "role"}
        found: dict[str, list[str]] = {}
        for role, document in self._trust.items():
            for value in self._named(document) - self._wide:
                is_session = ":assumed-role/" in value
                arn = roles.get(value.split("/")[1], value) if is_session else value
                found.setdefault(arn, []).append(role)
        return found

    def service(self, service: str) -> tuple[int, int]:
        """Return the roles that surely let a service in, and those that do so under some condition."""
        found = self._services.get(service)
        if found is None:
            verdicts: dict[str, list[str]] = {"allowed": [], "depends": [], "denied": []}
            for role, document in self._trust.items():
                verdicts[self._lets_in(service, role, document)].append(role)
            found = self._universe.bits(verdicts["allowed"]), self._universe.bits(verdicts["depends"])
            self._services[service] = found
        return found

    @cached_property
    def _trust(self) -> Mapping[str, Document]:
        roles = {actor.arn for actor in self._actors}
        return {role: document for role, document in self._account.trust.items() if role in roles}

    @cached_property
    def _wide(self) -> set[str]:
        account = self._account.account_id
        return {"*", account, f"arn:{self._universe.partition}:iam::{account}:root"}

    def _named(self, document: Document) -> set[str]:
        return {
            value
            for statement in document.statements
            if statement.effect == "Allow"
            for kind, value in statement.principals or ()
            if kind == "AWS"
        }

    def _lets_in(self, service: str, role: str, trust: Document) -> str:
        named = {
            principal for s in trust.statements if s.effect == "Allow" for principal in s.principals or ()
        }
        if service == _COGNITO:  # the pool and the kind of its identities are mostly tested
            return "depends" if ("Federated", service) in named else "denied"
        if not any(kind == "Service" for kind, _ in named):
            return "denied"
        account = self._account.account_id
        decision = authorize(
            Request(
                principal=Principal.of(service),
                action="sts:AssumeRole",
                resource=role,
                resource_account=account,
                context=Context.of({"aws:SourceAccount": account}, is_complete=False),
                resource_policy=trust,
            )
        )
        return (
            decision.verdict
            if decision.verdict in ("allowed", "depends") and not decision.blocked_by
            else "denied"
        )
