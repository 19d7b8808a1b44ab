"""Who has a power over every resource of a type, after all policies, the boundary and every Deny."""

from tests.reperformance.effective import administrators, documents_of, may_apply, statements_of
from tests.reperformance.expansion import acts
from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import boundary_of, is_service_linked, some
from tests.reperformance.trusting import is_external, trusted
from tests.reperformance.wide_statements import POWERS, every_one, reaches_all


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


def one_of_them(raw, item, asked):
    """Whether somebody may do one of some actions on every resource of its type."""
    return some(*(has(raw, item, action, resource) for resource, *names in asked for action in names))


def asks_for_power(power):
    @procedure(f"principal-{power}", DETAILS)
    def rows(raw):
        surely = administrators(raw, surely=True)
        for kind, item in raw.holders:
            if kind != "group":
                asked = not surely[item["Arn"]] and not is_service_linked(item["Arn"])
                yield item["Arn"], asked, one_of_them(raw, item, [POWERS[power]])


for power in POWERS:
    if power != "marketplace":
        asks_for_power(power)

DATA = (
    ("arn:{partition}:s3:::{any}/{any}", "s3:getobject"),
    (every_one("dynamodb", "table/"), "dynamodb:getitem", "dynamodb:query", "dynamodb:scan"),
)


@procedure("trust-external-read-all", DETAILS)
def trust_external_read_all(raw):
    for each in trusted(raw):
        yield each.id, is_external(each, raw), one_of_them(raw, each.role, DATA)
