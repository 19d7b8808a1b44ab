"""Statements that allow what nobody needs as widely: any role, any key, any secret."""

from tests.reperformance.expansion import actions, acts, glob
from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import listed

ANY = "any-0123456789"
"""A name that nobody has in mind: the pattern that covers it covers the whole type."""


def one_of(service, path, region=ANY):
    return f"arn:{{partition}}:{service}:{region}:{{account}}:{path}{ANY}"


ROLE, USER = one_of("iam", "role/", region=""), one_of("iam", "user/", region="")
KEY, SECRET, PARAMETER = (
    one_of("kms", "key/"),
    one_of("secretsmanager", "secret:"),
    one_of("ssm", "parameter/"),
)


def reaches_all(raw, statement, resource):
    """Whether a statement is about every resource of a type, of which ``resource`` is one."""
    partition = raw.partition
    name = resource.format(partition=partition, account=raw.account_id)

    def covers(patterns):
        return any(glob(pattern)(name) for pattern in listed(patterns))

    if "NotResource" in statement:
        return not covers(statement["NotResource"])
    return covers(statement["Resource"])


def allows_on_all(check, resource, *wanted):
    """Register a question: which statements allow one of some actions on every resource of a type?"""

    @procedure(check, DETAILS)
    def rows(raw):
        for place in raw.own_allows:
            grants = place.policy not in raw.boundaries_only
            named = not acts(place.statement).isdisjoint(wanted)
            yield place.id, True, grants and named and reaches_all(raw, place.statement, resource)


def allows_all_of(check, service):
    """Register a question: which statements allow every action of a service?"""

    @procedure(check, DETAILS)
    def rows(raw):
        everything = {action for action in actions() if action.startswith(f"{service}:")}
        for place in raw.own_allows:
            grants = place.policy not in raw.boundaries_only
            yield place.id, True, grants and everything <= acts(place.statement)


allows_on_all("policy-pass-role", ROLE, "iam:passrole")
allows_on_all("policy-assume-role", ROLE, "sts:assumerole")
allows_on_all("policy-kms-decrypt", KEY, "kms:decrypt", "kms:reencryptfrom")
allows_on_all("policy-marketplace", ANY, "aws-marketplace:subscribe")
allows_on_all(
    "policy-credentials",
    USER,
    *("iam:createaccesskey", "iam:createloginprofile", "iam:updateloginprofile"),
    *("iam:createservicespecificcredential", "iam:resetservicespecificcredential", "iam:uploadsshpublickey"),
)
allows_on_all("policy-secrets", SECRET, "secretsmanager:getsecretvalue")
allows_all_of("policy-kms-all", "kms")
allows_all_of("policy-cloudtrail-all", "cloudtrail")
