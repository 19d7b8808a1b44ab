"""The story of one principal whose permissions are the cause, when no single statement is."""

from collections.abc import Sequence

from iamaudit.checks.observations.facts import Facts
from iamaudit.checks.observations.failed import Failed
from iamaudit.checks.observations.path import last_use, path_sentence
from iamaudit.checks.observations.story import Reach, Story, found


def tell_principal(arn: str, rows: Sequence[Failed], facts: Facts) -> Story:
    """Tell what a principal may do and becomes by all of its policies together."""
    label = facts.label(arn)
    led = (facts.path(arn, row.evidence) for row in rows if row.check.cause == "path")
    path = next((each for each in led if each is not None), None)
    becomes = path is not None and path["end"] == "administrator"
    sure = becomes and path is not None and path["verdict"] == "certain"
    title = rows[0].message
    condition = f"Found: {found(rows)}."
    if path is not None:
        end = "an administrator" if becomes else f"somebody who reads {path['end']}"
        title = f"{label} can become {end}"
        rest = [row for row in rows if row.check.cause != "path"]
        condition = f"{path_sentence(path, facts)} {last_use(path, facts)}".rstrip()
        condition += f" Found: {found(rest)}." if rest else ""
    why = f"One principal, {label}."
    if becomes:
        why = f"The path of {label} {'surely' if sure else 'perhaps'} ends at an administrator."
    return Story(
        title=title,
        condition=condition,
        cause=f"The policies of {label} together allow more than its task needs.",
        effect=f"Anyone who steals a credential or session of {label} "
        + ("can take over the account." if becomes else "can use all of it."),
        steps=[
            f"List what it used: `aws iam generate-service-last-accessed-details --arn {arn}`.",
            "Write a policy with what was used, and prove what changes with `iamaudit what-if`.",
            "Attach it, then detach the broader ones; watch CloudTrail for AccessDenied for a week.",
        ],
        why=why,
        reach=Reach.BECOMES_ADMINISTRATOR if sure else Reach.INSIDE,
        owners=[arn],
    )
