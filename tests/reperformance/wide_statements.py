"""Statements that allow what nobody needs as widely: every role, every key, every secret."""

from tests.reperformance.expansion import acts, expanded, glob
from tests.reperformance.policies import own_allow
from tests.reperformance.raw import listed

ANY = ("any", "any-0123456789-0123456789-0123456789")
"""Names that nobody has in mind: the pattern that covers both covers the whole type."""


def every_one(service, path, region="{any}"):
    return f"arn:{{partition}}:{service}:{region}:{{account}}:{path}{{any}}"


ROLE, USER = every_one("iam", "role/", region=""), every_one("iam", "user/", region="")
KEY, TRAIL = every_one("kms", "key/"), every_one("cloudtrail", "trail/")
SECRET, PARAMETER = every_one("secretsmanager", "secret:"), every_one("ssm", "parameter/")
BUCKET = "arn:{partition}:s3:::{any}"
NOTHING = "{any}"
"""The resource of an action that takes none: only the bare star covers it."""
POWERS = {
    "pass-role": (ROLE, "iam:passrole"),
    "assume-role": (ROLE, "sts:assumerole"),
    "kms-decrypt": (KEY, "kms:decrypt", "kms:reencryptfrom"),
    "secrets": (SECRET, "secretsmanager:getsecretvalue"),
    "parameters": (
        PARAMETER,
        *("ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath", "ssm:getparameterhistory"),
    ),
    "cloudtrail-stop": (
        TRAIL,
        *("cloudtrail:stoplogging", "cloudtrail:deletetrail", "cloudtrail:updatetrail"),
        "cloudtrail:puteventselectors",
    ),
    "credentials": (
        USER,
        *("iam:createaccesskey", "iam:createloginprofile", "iam:updateloginprofile"),
        *("iam:createservicespecificcredential", "iam:resetservicespecificcredential"),
        "iam:uploadsshpublickey",
    ),
    "marketplace": (NOTHING, "aws-marketplace:subscribe"),
}
"""Each power with the resource that it is asked about, and its actions: one is enough."""


def reaches_all(raw, statement, resource):
    """Whether a statement is about every resource of a type."""
    here = {"partition": raw.partition, "account": raw.account_id}
    names = [resource.format(any=name, **here) for name in ANY]
    is_not = "NotResource" in statement
    patterns = listed(statement["NotResource" if is_not else "Resource"])
    return all(any(glob(pattern)(name) for pattern in patterns) != is_not for name in names)


def kept_away(raw, document, resource):
    """The actions that a document denies without condition on every resource of a type."""
    denies = [s for s in listed(document["Statement"]) if s["Effect"] == "Deny" and not s.get("Condition")]
    return set().union(*(acts(s) for s in denies if reaches_all(raw, s, resource)))


def allows_on_all(check, resource, *wanted):
    """Register a question: which statements allow one of some actions on every resource of a type?"""

    @own_allow(check)
    def allows(raw, statement, document):
        given = acts(statement).intersection(wanted)
        return reaches_all(raw, statement, resource) and bool(given - kept_away(raw, document, resource))


def allows_all_of(check, service, power):
    """Register a question: which statements allow every action of a service on every resource of a type?

    It is no longer so when the actions of a power are denied.
    """
    resource, *names = POWERS[power]

    @own_allow(check)
    def allows(raw, statement, document):
        is_all = expanded(f"{service}:*") <= acts(statement) and reaches_all(raw, statement, resource)
        return is_all and bool(set(names) - kept_away(raw, document, resource))


for power, (kind, *names) in POWERS.items():
    allows_on_all(f"policy-{power}", kind, *names)
allows_all_of("policy-kms-all", "kms", "kms-decrypt")
allows_all_of("policy-cloudtrail-all", "cloudtrail", "cloudtrail-stop")


@own_allow("policy-all-actions")
def policy_all_actions(raw, statement, document):
    types = [BUCKET, *(kind for kind, *_ in POWERS.values())]
    is_all = acts(statement) == expanded("*") and all(reaches_all(raw, statement, kind) for kind in types)
    return is_all and any(set(names) - kept_away(raw, document, kind) for kind, *names in POWERS.values())
