"""The condition keys that every request of a principal carries, and those that none of its requests does.

They are those of AWS's page of global condition keys, part "Properties of the principal":
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.actions.reference import is_global, key_type, knows_key
from iamaudit.iam.arn import account_of
from iamaudit.iam.evaluate import Context, region_of_iam

_TYPES = {"user": "User", "role": "AssumedRole", "root": "Account"}

# What a service's own request carries, and no request of a user, role or root does.
_OF_SERVICES = (
    *("aws:principalservicename", "aws:principalservicenameslist"),
    *("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"),
)
# What only the session of a role carries: of who assumed it, or of where it runs.
_OF_SESSIONS = (
    *("aws:federatedprovider", "aws:sourceidentity", "aws:chatbotsourcearn"),
    *("aws:ec2instancesourcevpc", "aws:ec2instancesourceprivateipv4"),
    *("ec2:sourceinstancearn", "ec2:roledelivery", "ssm:sourceinstancearn", "lambda:sourcefunctionarn"),
    *("glue:roleassumedby", "glue:credentialissuingservice"),
)
# Keys of a service that the credentials of a session carry to every action.
_CARRIED = frozenset((*(k for k in _OF_SESSIONS if not k.startswith("aws:")), "identitystore:userid"))
_ABSENT = {
    "user": (*_OF_SERVICES, *_OF_SESSIONS, "aws:principaltag/", "aws:assumedroot"),
    "role": (*_OF_SERVICES, "aws:username", "aws:assumedroot"),
    "root": (*_OF_SERVICES, *_OF_SESSIONS, "aws:principaltag/", "aws:username"),
}
"""What a principal surely lacks, by its type; of a user's tags all are known, a session may bring its own."""

_PRESENT = (
    *("aws:userid", "aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:requestedregion"),
    *("aws:useragent", "aws:viaawsservice"),
)
"""What every request carries, whatever its value."""


def carried_keys(
    arn: str,
    kind: str,
    *,
    unique_id: str | None = None,
    user_name: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the condition keys whose values every request of a principal carries."""
    account = account_of(arn) or ""
    known = {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": _TYPES[kind],
        "aws:PrincipalIsAWSService": "false",
    }
    if kind == "root":
        known["aws:userid"] = account
    if kind == "user" and unique_id:  # a role's ends with the name of the session
        known["aws:userid"] = unique_id
    if user_name is not None:
        known["aws:username"] = user_name
    return known | {f"aws:PrincipalTag/{key}": value for key, value in (tags or {}).items()}


def action_keys(action: str, partition: str) -> dict[str, str]:
    """Return what a request for an action carries whoever makes it: IAM is asked in one region and over TLS.

    ``iam:PassRole`` is asked by the service that gets the role, wherever that is.
    """
    name = action.lower()
    if not name.startswith("iam:") or name == "iam:passrole":
        return {}
    return {"aws:RequestedRegion": region_of_iam(partition), "aws:SecureTransport": "true"}


def time_keys(moment: datetime) -> dict[str, str]:
    """Return the condition keys that tell the time of every request made at a moment."""
    return {
        "aws:CurrentTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(moment.timestamp())),
    }


OF_TEMPORARY = ("aws:tokenissuetime", "aws:multifactorauthpresent", "aws:multifactorauthage")
"""What only temporary credentials carry: a request that is signed with a user's access key lacks it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


def may_carry(action: str, key: str) -> bool:
    """Say whether a request for an action may carry a condition key, both in lower case.

    AWS documents the keys of each action; another service's key is never in its requests.
    """
    if is_global(key) or key in _CARRIED or (key_type(key) is None and not key.startswith("aws:")):
        return True
    return knows_key(action, key)


@lru_cache(maxsize=1024)
def lacking(action: str, keys: frozenset[str]) -> tuple[str, ...]:
    """Return those of some condition keys of services that no request for an action carries."""
    if not load_catalogue().expand_pattern(action):
        return ()  # nobody knows the keys of an action that AWS does not document
    return tuple(k for k in keys if not k.startswith("aws:") and not may_carry(action.lower(), k))


def lacked_keys(kind: str) -> tuple[str, ...]:
    """Return the condition keys that no request of a principal of a type carries."""
    return _ABSENT[kind]


def session_beginnings(role_id: str | None) -> dict[str, str]:
    """Return how the values begin that end with the name of a role's session, which is free."""
    return {"aws:userid": f"{role_id}:"} if role_id else {}


def request_context(
    kind: str,
    values: Mapping[str, str],
    absent: tuple[str, ...] = (),
    beginnings: Mapping[str, str] | None = None,
) -> Context:
    """Return the context of a request of which ``values`` are known, and what its principal surely lacks."""
    present = (*_PRESENT, "aws:tokenissuetime") if kind == "role" else _PRESENT
    return Context.of(
        values, is_complete=False, absent=(*_ABSENT[kind], *absent), present=present, beginnings=beginnings
    )
