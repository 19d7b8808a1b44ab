"""A right-sizing proposal in words, and as rows for programs."""

from collections.abc import Iterator
from typing import Any

from iamaudit.account.right_sizing import MAX_MANAGED_SIZE, NarrowedPolicy, RightSized
from iamaudit.iam.policy import write_document

_KEPT = (
    "The proposal keeps resources, conditions, Deny statements and the permissions boundary. The action sets "
    "before and after prove that it allows no more."
)


def proposal_summary(sized: RightSized) -> list[str]:
    """Return what a principal used of what it is granted, and what stays for which reason."""
    compared = sized.compared
    label, use = compared.actor.label, compared.use
    if use is None:
        return [f"{label} is {compared.state}: {compared.reason}."]
    used = use.services_where(True)
    lines = [
        f"{label} is granted {_actions(use.granted.bit_count())} in {_services(len(use.services))}. "
        f"Within {sized.days} days it used {_services(len(used))}"
        + (f" ({', '.join(used)})." if used else ".")
    ]
    if not used and use.granted:
        lines.append(f"It used nothing: remove {label} rather than its permissions.")
    rest = use.untracked.bit_count()
    lines.append(
        f"{_were(use.used.bit_count())} used and {_were(use.unused.bit_count())} not."
        + (f" AWS does not track the use of the other {rest:,}, so they stay." if rest else "")
    )
    if compared.untracked_services:
        names = ", ".join(compared.untracked_services)
        lines.append(f"AWS reports no single actions of {names}: everything that is granted there stays.")
    if use.services_where(None):
        lines.append(f"The report lacks {', '.join(use.services_where(None))}: what is granted there stays.")
    if "/aws-reserved/sso." in compared.actor.arn:
        lines.append("IAM Identity Center made the role: change its permission set instead of its policies.")
    if not sized.policies:
        lines.append("No policy would lose an action.")
    return lines


def policy_words(policy: NarrowedPolicy) -> str:
    """Return what becomes of one policy."""
    attachment = policy.attachment
    where = {"direct": "attached", "inline": "inline"}.get(attachment.how, f"from group {attachment.via}")
    lost = _actions(len(policy.lost))
    if policy.is_empty:
        return f"{attachment.name} ({where}): nothing of it is used. Detach it; {lost} would be lost."
    words = f"{attachment.name} ({where}): {lost} would be lost."
    if attachment.how == "group":
        words += " Attach the new document to the user, then take the user out of the group."
    elif not attachment.is_inline:
        words += " Attach the new document in its place: other principals may hold the policy."
    if policy.size > MAX_MANAGED_SIZE:
        words += (
            f" The new document has {policy.size:,} characters. A managed policy holds "
            f"{MAX_MANAGED_SIZE:,}: split it by statement or service."
        )
    return words


def proposal_lines(sized: RightSized) -> Iterator[str]:
    """Yield the proposal as text, with the difference of each policy."""
    yield from proposal_summary(sized)
    if sized.policies:
        yield _KEPT
    for policy in sized.policies:
        yield ""
        yield policy_words(policy)
        yield policy.diff


def proposal_rows(sized: RightSized) -> dict[str, Any]:
    """Return the proposal for programs; the document of a policy of which nothing is left is ``None``."""
    compared, use = sized.compared, sized.compared.use
    return {
        "principal": compared.actor.arn,
        "state": compared.state,
        "reason": compared.reason,
        "days": sized.days,
        "services_used": use.services_where(True) if use else [],
        "services_unused": use.services_where(False) if use else [],
        "services_without_tracked_actions": list(compared.untracked_services),
        "policies": [
            {
                "policy": policy.attachment.policy,
                "how": policy.attachment.how,
                "via": policy.attachment.via,
                "lost": list(policy.lost),
                "size": None if policy.is_empty else policy.size,
                "document": None if policy.is_empty else write_document(policy.after),
            }
            for policy in sized.policies
        ],
    }


def _actions(count: int) -> str:
    return "1 action" if count == 1 else f"{count:,} actions"


def _services(count: int) -> str:
    return "1 service" if count == 1 else f"{count:,} services"


def _were(count: int) -> str:
    return "1 action was" if count == 1 else f"{count:,} actions were"
