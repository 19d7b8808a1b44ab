"""What would change if a policy said something else, and what keeps a permission from being certain."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import pandas as pd

from iamaudit.account.actors import Actor
from iamaudit.errors import ParameterError
from iamaudit.frames import PolicyRecord, PrincipalPermissions, build_frame
from iamaudit.iam.actions import Catalogue
from iamaudit.iam.evaluate import EffectivePermissions, refusals, statement_actions
from iamaudit.iam.policy import Document, parse_document


def read_new_document(records: Sequence[PolicyRecord], policy: str, source: Any) -> Document:
    """Return the document that is to take the place of ``policy``'s.

    Raises
    ------
    ParameterError
        ``policy`` is no identity policy of the snapshot, or AWS would refuse ``source``.
    """
    known = [record.policy for record in records if record.reading == "identity"]
    if policy not in known:
        close = get_close_matches(policy, known, n=1)
        hint = (
            f"did you mean {close[0]}?" if close else "give its ARN, or PRINCIPAL_ARN#NAME for an inline one"
        )
        raise ParameterError(f"`{policy}` is no policy of the snapshot: {hint}")
    document = parse_document(source)
    problems = refusals(document, "identity")
    if problems:
        first = f"{problems[0].path}: {problems[0].message}".removeprefix(": ")
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise ParameterError(f"AWS would refuse the new document ({first}{more}): correct it")
    return document


def what_if(
    before: Iterable[PrincipalPermissions], after: Iterable[PrincipalPermissions], catalogue: Catalogue
) -> pd.DataFrame:
    """Return a row per principal whose effective permissions differ, with the actions that do.

    ``gained`` and ``lost`` are about what is possible; ``became_conditional`` was certain and is only
    possible now, ``became_certain`` the other way round. A principal with a policy that was not collected is
    not ``is_complete``: nothing is certain for it, before or after.
    """
    old = {p.arn: p.sets for p in before}
    rows = []
    for principal in after:
        was, now = old[principal.arn], principal.sets
        changes = {
            "gained": now.possible & ~was.possible,
            "lost": was.possible & ~now.possible,
            "became_conditional": was.certain & now.possible & ~now.certain,
            "became_certain": was.possible & ~was.certain & now.certain,
        }
        if any(changes.values()):
            rows.append(
                {
                    "principal": principal.arn,
                    "principal_type": principal.type,
                    "principal_name": principal.name,
                    **{name: catalogue.names_of(actions) for name, actions in changes.items()},
                    "is_complete": now.is_complete,
                }
            )
    return build_frame("what_if", rows)


def separators(
    actor: Actor, sets: EffectivePermissions | None, records: Sequence[PolicyRecord], catalogue: Catalogue
) -> pd.DataFrame:
    """Return a row per statement of the actor's policies that separates *possible* from *certain*.

    It is conditional, scoped to resources, or a Deny of some cases; ``actions_concerned`` counts the possible
    actions that it keeps from being certain. ``None`` says that the actor has no sets, as root.
    """
    rows: list[dict[str, Any]] = []
    between = sets.possible & ~sets.certain if sets else 0
    for record in records:
        if record.policy not in actor.policies:
            continue
        for statement in record.document.statements:
            actions = statement_actions(statement, catalogue) & between
            excluded = statement.not_resources or ()
            if actions and (statement.is_conditional or not statement.is_all_resources):
                rows.append(
                    {
                        "policy": record.policy,
                        "index": statement.index,
                        "sid": statement.sid,
                        "effect": statement.effect,
                        "conditions": "; ".join(map(str, statement.conditions)) or None,
                        "resources": statement.resources or [f"not {r}" for r in excluded],
                        "actions_concerned": actions.bit_count(),
                    }
                )
    return build_frame("separators", rows)
