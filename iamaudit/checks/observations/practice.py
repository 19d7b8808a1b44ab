"""The story of a practice: what is neglected alike about many resources."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iamaudit.checks.catalogue import filled, names_in
from iamaudit.checks.observations.facts import Facts
from iamaudit.checks.observations.failed import Failed
from iamaudit.checks.observations.practices import Practice
from iamaudit.checks.observations.story import Reach, Story, counted, found, listing

_EXAMPLES, _FEW = 3, 4
_MANY = {"policy": "policies"}


def tell_practice(
    practice: Practice, rows: Sequence[Failed], facts: Facts, settings: Mapping[str, Any]
) -> Story:
    """Tell what many resources have in common; those that lead to an administrator are named first."""
    resources = sorted(
        {row.resource for row in rows if row.check.population != "account_facts"},
        key=lambda arn: (facts.name(arn), arn),
    )
    risky = [arn for arn in resources if facts.becomes_administrator(arn)] if practice.story else []
    ordered = dict.fromkeys([*risky, *resources])
    names = list(dict.fromkeys(filter(None, map(facts.name, ordered))))
    count = len(resources) or 1
    template = practice.one if count == 1 else practice.many
    if not resources and "kinds" in names_in(template):  # only a check of the whole account failed
        template = practice_of_check(rows).one
    title = filled(template, {"n": f"{count:,}", "kinds": kinds_of(resources)})
    condition = f"{listing(names, 8)}. {_what(rows)}" if names else _what(rows)
    if risky:
        can = "can become an administrator" if len(risky) == 1 else "can become administrators"
        condition += f" Start with {listing(map(facts.name, risky))}, who {can}."
    steps = [filled(step, settings) for step in practice.steps]
    if practice.each:
        commands = [f"`{filled(practice.each, {'name': each})}`" for each in names[:_EXAMPLES]]
        more = f" and {len(names) - _EXAMPLES:,} more like it" if len(names) > _EXAMPLES else ""
        steps.append(f"For each: {', '.join(commands)}{more}.")
    return Story(
        title=title,
        condition=condition,
        cause=practice.cause,
        effect=practice.effect,
        steps=steps,
        why=f"One change of practice ends {counted(len(rows), 'finding')} about "
        f"{counted(count, 'resource')}.",
        reach=Reach.NEGLECTED if risky else Reach.INSIDE,
        owners=resources,
    )


def kinds_of(arns: Iterable[str]) -> str:
    """Return how many there are of each kind, the most first: ``3 roles, 2 policies and 1 user``."""
    kinds = Counter(_kind(arn) for arn in arns)
    return listing(counted(n, kind, _MANY.get(kind, "")) for kind, n in kinds.most_common())


def _kind(arn: str) -> str:
    """Return what an ARN is one of: ``user``, ``server certificate``, ``provider`` for one of either kind."""
    kind = arn.split(":", 5)[-1].partition("/")[0].replace("-", " ")
    return "provider" if kind.endswith(" provider") else kind


def _what(rows: Sequence[Failed]) -> str:
    """Return the findings themselves when they are few, else how often each check is not met."""
    if len(rows) <= _FEW:
        return f"Found: {found(rows)}."
    times = Counter(row.title for row in rows)
    failed = "; ".join(f"{title}: {count:,}" for title, count in times.items())
    return f"Exceptions by check: {failed}. For example: {found(rows, 2).partition('; and ')[0]}."


def practice_of_check(rows: Sequence[Failed]) -> Practice:
    """Return the practice of a check that names none: its title, and its cure for the first resource."""
    check, title = rows[0].check, rows[0].title
    return Practice(
        one=f"1 exception to: {title}",
        many=f"{{n}} exceptions to: {title}",
        cause=f"The check `{check.id}` is not met.",
        effect="Its workpaper says what it means.",
        steps=(
            filled(check.remediation, {}) or "Read the workpaper of the check, and decide with the owner.",
        ),
    )
