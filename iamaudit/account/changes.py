"""What would change if a policy said something else, and what keeps a permission from being certain."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iamaudit.account.actors import TELLS_OF_NONE
from iamaudit.account.principal_permissions import PrincipalPermissions
from iamaudit.account.stored_policy import Policy
from iamaudit.errors import ParameterError, did_you_mean, require_text
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import EffectivePermissions, refusals, statement_actions
from iamaudit.iam.policy import Document, Statement, parse_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the effective permissions of one principal would change; ``principal`` is as it would be.

    ``gained`` and ``lost`` are about what is possible; ``became_conditional`` was certain and is only
    possible now, ``became_certain`` the other way round. A principal with a policy that was not collected is
    not complete: nothing is certain for it, before or after.
    """

    principal: PrincipalPermissions
    gained: list[str]
    lost: list[str]
    became_conditional: list[str]
    became_certain: list[str]


@dataclass(frozen=True, slots=True)
class Separator:
    """A statement that keeps so many actions from being certain that may be possible."""

    policy: str
    statement: Statement
    actions_concerned: int


def read_new_document(policies: Mapping[str, Policy], policy: str, source: Any) -> Document:
    """Return the document that is to take the place of ``policy``'s.

    Raises
    ------
    ParameterError
        ``policy`` is not an identity policy of the snapshot, or AWS would refuse ``source``.
    """
    require_text(policy, "give its ARN, or PRINCIPAL_ARN#NAME for an inline one")
    known = [name for name, each in policies.items() if each.reading == "identity"]
    if policy not in known:
        cure = "give its ARN, or PRINCIPAL_ARN#NAME for an inline one" if known else TELLS_OF_NONE
        hint = did_you_mean(policy, known, cure)
        raise ParameterError(f"`{policy}` is not a policy of the snapshot: {hint}")
    document = parse_document(source)
    problems = refusals(document, "identity")
    if problems:
        first = f"{problems[0].path}: {problems[0].message}".removeprefix(": ")
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise ParameterError(f"AWS would refuse the new document ({first}{more}): correct it")
    return document


def changes(
    before: Iterable[PrincipalPermissions], after: Iterable[PrincipalPermissions], catalogue: Catalogue
) -> Iterator[Change]:
    """Yield each principal whose effective permissions differ, with the actions that do."""
    old = {p.arn: p.sets for p in before}
    for principal in after:
        was, now = old[principal.arn], principal.sets
        found = {
            "gained": now.possible & ~was.possible,
            "lost": was.possible & ~now.possible,
            "became_conditional": was.certain & now.possible & ~now.certain,
            "became_certain": was.possible & ~was.certain & now.certain,
        }
        if any(found.values()):
            names = {name: catalogue.names_of(actions) for name, actions in found.items()}
            yield Change(principal=principal, **names)


def separators(
    policies: Iterable[Policy], sets: EffectivePermissions | None, catalogue: Catalogue
) -> Iterator[Separator]:
    """Yield the statements of a principal's policies that separate *possible* from *certain*.

    They are conditional, scoped to resources, or a Deny of some cases. ``None`` says that the principal has
    no sets, as root.
    """
    between = sets.possible & ~sets.certain if sets else 0
    for policy in policies:
        for statement in policy.document.statements:
            actions = statement_actions(statement, catalogue) & between
            if actions and (statement.is_conditional or not statement.is_all_resources):
                yield Separator(policy.policy, statement, actions.bit_count())
