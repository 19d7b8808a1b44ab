"""Who has a power over every resource of a type, after all policies, the boundary and every Deny."""

from tests.reperformance.effective import administrators, documents_of, may_apply, statements_of
from tests.reperformance.expansion import acts
from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import boundary_of, is_service_linked
from tests.reperformance.wide_statements import POWERS, reaches_all


def can(raw, documents, action, resource):
    """Whether an Allow may cover every resource, and no Deny surely does."""
    about = [s for s in statements_of(documents) if action in acts(s) and reaches_all(raw, s, resource)]
    allows = [s for s in about if s["Effect"] == "Allow"]
    denies = [s for s in about if s["Effect"] == "Deny" and not s.get("Condition")]
    return any(may_apply(s) or not action.startswith("iam:") for s in allows) and not denies


def has(raw, item, action, resource):
    """Whether somebody may do it; ``None`` if only a policy that nobody has may allow it."""
    documents, boundary = documents_of(raw, item), boundary_of(item)
    limits = [raw.documents[boundary][1]] if boundary else []
    found = can(raw, documents, action, resource)
    if found and limits not in ([], [None]):
        found = can(raw, limits, action, resource)
    return None if not found and None in [*documents, *limits] else found


def asks_for_power(power, resource, *actions):
    @procedure(f"principal-{power}", DETAILS)
    def rows(raw):
        surely = administrators(raw, surely=True)
        for kind, item in raw.holders:
            arn = item["Arn"]
            if kind != "group":
                answers = [has(raw, item, action, resource) for action in actions]
                found = True if True in answers else None if None in answers else False
                yield arn, not surely[arn] and not is_service_linked(arn), found


for power in (
    "pass-role",
    "assume-role",
    "credentials",
    "kms-decrypt",
    "secrets",
    "parameters",
    "cloudtrail-stop",
):
    asks_for_power(power, *POWERS[power])
