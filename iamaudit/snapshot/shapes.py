"""The shape that each source must have to be evidence; what is optional may be absent, nothing may be else.

Times are left out: boto3 gives them as values, a file as text, and what is not a time is read as unknown.
"""

import csv
import io
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import fastjsonschema

REPORT_COLUMNS = (
    *("user", "arn", "user_creation_time", "password_enabled", "password_last_used"),
    *("password_last_changed", "password_next_rotation", "mfa_active"),
    *(f"access_key_{slot}_{part}" for slot in (1, 2) for part in ("active", "last_rotated")),
    *(f"access_key_{slot}_last_used_{part}" for slot in (1, 2) for part in ("date", "region", "service")),
    *(f"cert_{slot}_{part}" for slot in (1, 2) for part in ("active", "last_rotated")),
)
"""The columns that every credential report has; AWS may add more."""

_TEXT = {"type": "string", "minLength": 1}
_ANY_TEXT = {"type": ["string", "null"]}
_WHOLE, _YES_NO = {"type": "integer"}, {"type": "boolean"}
_ANYTHING: Mapping[str, Any] = {}
_POLICY_ARN = {"type": "string", "pattern": r"^arn:[^:]+:iam::(aws|\d{12}):policy/"}


def _arn(kind: str) -> dict[str, Any]:
    return {"type": "string", "pattern": rf"^arn:[^:]+:iam::\d{{12}}:{kind}/."}


def _many(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _maybe(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {**shape, "type": [shape["type"], "null"]}


def _thing(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {**required, **optional}
    return {"type": "object", "required": list(required), "properties": properties}


def _principal(kind: str, **more: Any) -> dict[str, Any]:
    """Return the shape of a user, group or role of the authorization details."""
    return _thing(
        {"Arn": _arn(kind.lower()), f"{kind}Name": _TEXT},
        Path=_TEXT,
        AttachedManagedPolicies=_many(_thing({"PolicyArn": _POLICY_ARN}, PolicyName=_TEXT)),
        PermissionsBoundary=_maybe(_thing({}, PermissionsBoundaryArn=_POLICY_ARN)),
        Tags=_maybe(_many(_thing({"Key": _TEXT, "Value": {"type": "string"}}))),
        **{f"{kind}Id": _TEXT, f"{kind}PolicyList": _many(_thing({"PolicyName": _TEXT}))},
        **more,
    )


_PROFILE = _thing({"InstanceProfileName": _TEXT})
_VERSION = _thing({}, VersionId=_TEXT, IsDefaultVersion=_YES_NO)
_LEVELS = _many(
    _thing({"Target": _TEXT, "Policies": _many(_thing({"Name": _TEXT, "Content": _ANYTHING}, Arn=_TEXT))})
)
_PASSWORD_RULES = {
    **dict.fromkeys(("MinimumPasswordLength", "PasswordReusePrevention", "MaxPasswordAge"), _WHOLE),
    **dict.fromkeys((f"Require{kind}" for kind in ("Symbols", "Numbers")), _YES_NO),
    **dict.fromkeys((f"Require{kind}caseCharacters" for kind in ("Upper", "Lower")), _YES_NO),
    **dict.fromkeys(("AllowUsersToChangePassword", "ExpirePasswords", "HardExpiry"), _YES_NO),
}
_SHAPES: Mapping[str, dict[str, Any]] = {
    "caller_identity": _thing({"Account": {"type": "string", "pattern": r"^\d{12}$"}, "Arn": _TEXT}),
    "authorization_details": _thing(
        {
            "UserDetailList": _many(_principal("User", GroupList=_many(_TEXT))),
            "GroupDetailList": _many(_principal("Group")),
            "RoleDetailList": _many(
                _principal(
                    "Role",
                    InstanceProfileList=_many(_PROFILE),
                    RoleLastUsed=_maybe(_thing({}, Region=_ANY_TEXT)),
                )
            ),
            "Policies": _many(
                _thing({"Arn": _POLICY_ARN}, PolicyName=_TEXT, PolicyVersionList=_many(_VERSION))
            ),
        },
        PoliciesNotCollected=_many(_thing({"Arn": _TEXT, "Reason": _TEXT})),
    ),
    "account_summary": _thing({"SummaryMap": {"type": "object", "additionalProperties": _WHOLE}}),
    "password_policy": _thing({"PasswordPolicy": _maybe(_thing({}, **_PASSWORD_RULES))}),
    "account_aliases": _thing({"AccountAliases": _many(_TEXT)}),
    "mfa_devices": _thing(
        {
            "VirtualMFADevices": _many(
                _thing({"SerialNumber": _TEXT}, User=_maybe(_thing({}, Arn=_TEXT, UserName=_TEXT)))
            ),
        },
        MFADevices=_many(_thing({"SerialNumber": _TEXT, "UserName": _TEXT})),
    ),
    "access_keys": _thing(
        {"AccessKeyMetadata": _many(_thing({"UserName": _TEXT, "AccessKeyId": _TEXT, "Status": _TEXT}))}
    ),
    "saml_providers": _thing({"SAMLProviderList": _many(_thing({"Arn": _arn("saml-provider")}))}),
    "oidc_providers": _thing(
        {
            "OpenIDConnectProviderList": _many(
                _thing({"Arn": _arn("oidc-provider")}, ClientIDList=_maybe(_many(_TEXT)))
            )
        }
    ),
    "server_certificates": _thing(
        {
            "ServerCertificateMetadataList": _many(
                _thing(
                    {"Arn": _arn("server-certificate"), "ServerCertificateName": _TEXT},
                    ServerCertificateId=_ANY_TEXT,
                    Path=_ANY_TEXT,
                )
            )
        }
    ),
    "instance_profiles": _thing(
        {
            "InstanceProfiles": _many(
                _thing(
                    {"Arn": _arn("instance-profile"), "InstanceProfileName": _TEXT},
                    Roles=_many(_thing({"RoleName": _TEXT})),
                    Path=_ANY_TEXT,
                )
            )
        }
    ),
    "last_accessed": {
        "type": "object",
        "additionalProperties": _thing(
            {"JobStatus": {"enum": ["COMPLETED", "FAILED"]}},
            ServicesLastAccessed=_many(
                _thing(
                    {"ServiceNamespace": _TEXT},
                    LastAuthenticatedRegion=_ANY_TEXT,
                    TrackedActionsLastAccessed=_maybe(
                        _many(_thing({"ActionName": _TEXT}, LastAccessedRegion=_ANY_TEXT))
                    ),
                )
            ),
            Error=_maybe(_thing({"Code": _TEXT, "Message": {"type": "string"}})),
        ),
    },
    "ssh_public_keys": _thing(
        {"SSHPublicKeys": _many(_thing({"UserName": _TEXT, "SSHPublicKeyId": _TEXT, "Status": _TEXT}))}
    ),
    "service_specific_credentials": _thing(
        {
            "ServiceSpecificCredentials": _many(
                _thing(
                    {
                        "UserName": _TEXT,
                        "ServiceSpecificCredentialId": _TEXT,
                        "ServiceName": _TEXT,
                        "Status": _TEXT,
                    }
                )
            )
        }
    ),
    "signing_certificates": _thing(
        {"Certificates": _many(_thing({"UserName": _TEXT, "CertificateId": _TEXT, "Status": _TEXT}))}
    ),
    "login_profiles": _thing(
        {"LoginProfiles": _many(_thing({"UserName": _TEXT}, PasswordResetRequired=_YES_NO))}
    ),
    "access_keys_last_used": _thing(
        {"AccessKeys": _many(_thing({"AccessKeyId": _TEXT, "AccessKeyLastUsed": _thing({})}))}
    ),
    "organization_features": _thing({"EnabledFeatures": _many(_TEXT)}),
    "access_analyzer": _thing(
        {
            "Regions": _many(_TEXT),
            "Analyzers": _many(
                _thing(
                    {"arn": _TEXT, "name": _TEXT, "type": _TEXT, "status": _TEXT},
                    Region=_ANY_TEXT,
                    tags={"type": ["object", "null"], "additionalProperties": {"type": "string"}},
                )
            ),
            "Findings": _many(
                _thing(
                    {"id": _TEXT, "resourceType": _TEXT, "status": _TEXT},
                    **dict.fromkeys(
                        ("AnalyzerArn", "Region", "findingType", "resource", "resourceOwnerAccount"),
                        _ANY_TEXT,
                    ),
                )
            ),
        },
        RegionsNotCollected=_many(_thing({"Region": _TEXT, "Reason": _TEXT})),
    ),
    "organization_policies": _thing(
        {}, ServiceControlPolicies=_LEVELS, ResourceControlPolicies=_LEVELS, ManagementAccountId=_TEXT
    ),
}


def shape_problem(source: str, content: Any) -> str | None:
    """Return where ``content`` does not have the shape of ``source``, and how; ``None`` when it has.

    The first place is named, as ``UserDetailList[3].Arn must be string``.
    """
    if source == "credential_report":
        return _report_problem(content)
    try:
        _validator(source)(content)
    except fastjsonschema.JsonSchemaValueException as error:
        return str(error.message).removeprefix("data").removeprefix(".").strip()
    return None


def _report_problem(text: str) -> str | None:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        return f"is not CSV ({error})"
    absent = [name for name in REPORT_COLUMNS if name not in (reader.fieldnames or ())]
    if absent:
        return f"has no column `{absent[0]}`"
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            return f"row {number} does not fit the header or is cut"
    return None if rows else "has a header and no row"


@lru_cache(maxsize=len(_SHAPES))
def _validator(source: str) -> Callable[[Any], Any]:
    check: Callable[[Any], Any] = fastjsonschema.compile(_SHAPES[source])
    return check
