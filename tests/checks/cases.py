"""Cases of checks: id, sources, conclusion, names of the exceptions (behind the last slash or colon)."""

from datetime import timedelta

from iamaudit.iam.actions import POWERS
from iamaudit.snapshot import SourceResult
from tests.accounts import (
    ACCOUNT,
    AS_OF,
    IAM,
    ago,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    key,
    password,
    policy,
    report,
    role,
    user,
)

ROOT = {"user": "<root_account>", "password_enabled": "not_supported", "password_last_used": "no_information"}
AWS = "arn:aws:iam::aws:policy/"
ADMINISTRATOR = f"{AWS}AdministratorAccess"
TAGS = [{"Key": "owner", "Value": "x"}]
AWS_TAGS = [{"Key": "aws:cloudformation:stack-name", "Value": "x"}]
OWN = inline("User", "own", allow("s3:GetObject"))
READ = [policy("p", allow("s3:GetObject"))]
ADMIN = [policy("p", allow("*"))]
AWS_ADMIN = [policy("p", allow("*"), arn=f"{AWS}p")]
IAM_ONLY = [policy("p", allow("iam:*", Condition={"Bool": {"aws:SecureTransport": "true"}}))]
MAKER = [policy("p", allow("iam:CreateRole"))]
FAR = "444455556666"
ANN = {"AWS": f"{IAM}:user/ann"}
BREAK_GLASS = [{"Key": "duty", "Value": "break-glass"}]
_RESERVED = "AWSReservedSSO_Admin_Team_0123456789abcdef"
PERMISSION_SET = role(
    _RESERVED,
    Path="/aws-reserved/sso.amazonaws.com/eu-west-1/",
    Arn=f"{IAM}:role/aws-reserved/sso.amazonaws.com/eu-west-1/{_RESERVED}",
    **inline("Role", "AwsSSOInlinePolicy", allow("s3:GetObject")),
)
CALLED_BY_AUDITOR = {"caller_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/nightly"}
UNKNOWN_USE = {f"access_key_{n}_last_used_date": "not_supported" for n in (1, 2)}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": "x"}}
ASKS_FOR_NOTHING = (
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringNotEquals": {"sts:ExternalId": "x"}},
    {"Null": {"sts:ExternalId": "true"}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}},
    # rule H1: of several values one is enough, so the widest counts
    {"StringLike": {"sts:ExternalId": "*"}},
    {"StringLike": {"sts:ExternalId": ["x", "?*"]}},
    {"Null": {"sts:ExternalId": "false"}},
    {"Bool": {"aws:MultiFactorAuthPresent": ["true", "false"]}},
    {"Null": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:MultiFactorAuthAge": "true"}},
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-*/*"}},
)
ASKS_FOR_SOMETHING = (
    EXTERNAL_ID,
    MFA,
    {"StringLike": {"STS:externalid": "x*"}},
    {"StringEquals": {"sts:ExternalId": "*"}},  # literal text
    {"StringEquals": {"sts:ExternalId": ["x", "y"]}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"Null": {"aws:MultiFactorAuthAge": "false"}},  # there with MFA only
    {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-0123456789/*"}},
)
STATES = {"Service": "states.amazonaws.com"}
ANY_SOURCE = (
    {},
    {"ArnLike": {"aws:SourceArn": "*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:*"}},
    {"ArnEquals": {"aws:SourceArn": "arn:aws:states:*:*:stateMachine:app"}},
    {"StringLike": {"aws:SourceArn": "arn:aws:states:*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
    {"ArnLike": {"aws:SourceArn": [f"arn:aws:states:*:{ACCOUNT}:*", "arn:aws:states:*:*:*"]}},
    {"StringLike": {"aws:SourceAccount": "*"}},
    {"StringLike": {"aws:SourceOrgID": "o-*"}},
    {"StringNotEquals": {"aws:SourceAccount": FAR}},
    {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
)
OWN_SOURCE = (
    {"StringEquals": {"AWS:sourceaccount": ACCOUNT}},
    {"StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:states:*:{ACCOUNT}:*"}},
    {"StringLike": {"aws:SourceArn": f"arn:aws:states:*{ACCOUNT}*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::example-bucket*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:states:*:${aws:ResourceAccount}:*"}},
    {"StringEquals": {"aws:SourceOrgID": "o-0123456789"}},
)
GITHUB = {"Federated": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"}
AUDIENCE = {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}
ANY_AUDIENCE = {"StringLike": {"token.actions.githubusercontent.com:aud": ["sts.amazonaws.com", "*"]}}
NO_POLICY = {"password_policy": {"PasswordPolicy": None}}
RULES = {
    "uppercase": "RequireUppercaseCharacters",
    "lowercase": "RequireLowercaseCharacters",
    "number": "RequireNumbers",
    "symbol": "RequireSymbols",
    "change": "AllowUsersToChangePassword",
}


def seen(key_id="AKIA…ABCD", **fields):
    """Return a scan of code that saw one id."""
    base = {"key_id": key_id, "path": "deploy.py", "line": 3, "where": "file", "commit": None}
    row = {**base, "is_example": False, "status": "Active", "user": "ann", "account": None, **fields}
    return {"seen_in_code": [row]}


def root(**columns):
    return {"credential_report": report({**ROOT, **columns})}


def person(*columns, **fields):
    row = {"user": "ann", **{k: v for part in columns for k, v in part.items()}, **fields}
    return {"credential_report": report(ROOT, row)}


def iam(**lists):
    return {"authorization_details": details(**lists)}


def certificate(days):
    entry = {"ServerCertificateName": "c", "Arn": f"{IAM}:server-certificate/c", "Expiration": ago(-days)}
    return {"server_certificates": {"ServerCertificateMetadataList": [entry]}}


def rules(**fields):
    return {"password_policy": {"PasswordPolicy": fields}}


def one(*statements):
    return iam(policies=[policy("p", *statements)])


def unversioned(name):
    made = policy(name, allow("s3:*"))
    for version in made["PolicyVersionList"]:
        version["Document"].pop("Version")
    return made


def used(days):
    return {"LastUsedDate": ago(days), "Region": "eu-west-1"}


def sub(value):
    return {"StringLike": {"token.actions.githubusercontent.com:sub": value}}


def others(value):
    return {"StringNotLike": sub(value)["StringLike"]}


def trusting(principal, *, grants=(), holds=None, limited_by=None, **fields):
    comes = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    statement = {"Effect": "Allow", "Principal": principal, "Action": comes, **fields}
    held = attached(*(["p"] if grants else []), *([holds] if holds else []))
    if limited_by:
        held["PermissionsBoundary"] = {"PermissionsBoundaryArn": limited_by}
    return iam(roles=[role("r", AssumeRolePolicyDocument=document(statement), **held)], policies=grants)


def devices(*, root=False, **serials):
    virtual = [{"SerialNumber": f"{IAM}:mfa/root-account-mfa-device", "User": {"Arn": f"{IAM}:root"}}]
    owned = [{"UserName": name, "SerialNumber": serial} for name, serial in serials.items()]
    return {"mfa_devices": {"VirtualMFADevices": virtual if root else [], "MFADevices": owned}}


def providers(*, saml=None, oidc=None):
    first = [] if saml is None else [{"Arn": f"{IAM}:saml-provider/s", "ValidUntil": saml}]
    other = [] if oidc is None else [{"Arn": f"{IAM}:oidc-provider/o", "ClientIDList": oidc}]
    return {
        "saml_providers": {"SAMLProviderList": first},
        "oidc_providers": {"OpenIDConnectProviderList": other},
    }


def profiles(name, *roles):
    held = [{"RoleName": r} for r in roles]
    profile = {"InstanceProfileName": name, "Arn": f"{IAM}:instance-profile/{name}", "Roles": held}
    return {"instance_profiles": {"InstanceProfiles": [profile]}}


def made(hours):
    generated = None if hours is None else AS_OF - timedelta(hours=hours)
    return {"credential_report": SourceResult("collected", report(ROOT), generated_at=generated)}


def counted(**counts):
    return {"account_summary": {"SummaryMap": {"Users": 0, "Groups": 0, "Roles": 0, "Policies": 0, **counts}}}


def auditing(*statements):
    return iam(roles=[role("auditor", **attached("p"))], policies=[policy("p", *statements)])


def administrators(count, *, unknown=0):
    users = [user(f"u{n}", **attached("p")) for n in range(count)]
    return iam(users=[*users, *(user(f"v{n}", **attached("lost")) for n in range(unknown))], policies=ADMIN)


ANN_ADMIN = iam(users=[user("ann", **attached("p"))], policies=ADMIN)
WIDE = [*READ, policy("q", allow("ec2:*"))]
ANN_WIDE = user("ann", **attached("q"))
PASSWORD = person(password(changed=1))
NOT_ASKED = {"VirtualMFADevices": []}  # the preset `fast`

CREDENTIALS = [
    ("root-mfa-hardware", {**root(mfa_active="true"), **devices()}, "met", []),
    ("root-mfa-hardware", {**root(mfa_active="true"), **devices(root=True)}, "not met", ["root"]),
    ("root-mfa-hardware", {**root(mfa_active="false"), **devices()}, "not met", ["root"]),
    ("root-mfa-hardware", {**root(password_enabled="false"), **devices()}, "met", []),  # cannot sign in
    ("root-certificate", root(cert_1_active="true"), "not met", ["root"]),
    ("root-certificate", root(), "met", []),
    ("root-certificate", root(cert_2_active="not_supported"), "not evaluated", []),
    ("access-key-inactive", person(key(1, age=31, active="false")), "not met", ["ann"]),
    ("access-key-inactive", person(key(1, age=30, active="false")), "met", []),
    ("access-key-inactive", person(key(1, age=400)), "met", []),
    ("access-key-inactive", person(key(1, age=400, used=30, active="false")), "met", []),
    ("access-key-inactive", person(key(1, age=400, used=31, active="false")), "not met", ["ann"]),
    (
        "access-key-inactive",
        root(**key(1, age=400, active="false")),
        "met",
        [],
    ),  # root has a check of its own
    ("access-key-rotation", root(**key(1, age=400)), "met", []),
    ("access-key-year", person(key(1, age=366)), "not met", ["ann"]),
    ("access-key-year", person(key(1, age=365)), "met", []),
    ("access-key-initial", person(key(1, age=100), user_creation_time=ago(100.03)), "not met", ["ann"]),
    ("access-key-initial", person(key(1, age=100), user_creation_time=ago(100.05)), "met", []),
    ("access-key-initial", person(key(1, age=0.5), user_creation_time=ago(0.5)), "met", []),  # grace
    ("access-key-initial", person(key(1, age=100, used=3), user_creation_time=ago(100)), "met", []),
    ("access-key-services", person(key(1, age=9, used=1)), "not met", ["ann"]),
    ("access-key-services", person(key(1, age=9, used=1), access_key_1_last_used_service="sts"), "met", []),
    (
        "access-key-services",
        person(key(1, age=9, used=1), access_key_1_last_used_service="N/A"),
        "not evaluated",
        [],
    ),
    ("credentials-unused-long", person(key(1, age=90)), "not met", ["ann"]),
    ("credentials-unused-long", person(key(1, age=900, used=89)), "met", []),
    ("credentials-unused-long", person(password(changed=90)), "not met", ["ann"]),
    ("credentials-unused-long", person(password(changed=900, used=89), key(1, age=99)), "not met", ["ann"]),
    ("credentials-unused-long", person(key(1, age=99), **UNKNOWN_USE), "not evaluated", []),
    (
        "credentials-unused-long",
        person(password(changed=90), key(1, age=99), **UNKNOWN_USE),
        "not met",
        ["ann"],
    ),
    ("key-and-password", person(password(changed=1), key(1, age=1)), "not met", ["ann"]),
    ("key-and-password", person(password(changed=1), key(1, age=1), key(2, age=1)), "not met", ["ann"]),
    ("key-and-password", person(password(changed=1), key(1, age=1, active="false")), "met", []),
    ("signing-certificate", person(cert_2_active="true"), "not met", ["ann"]),
    ("signing-certificate", person(cert_2_active="false"), "met", []),
    ("user-mfa", person(key(1, age=1)), "not met", ["ann"]),
    ("user-mfa", person(key(1, age=1), mfa_active="true"), "met", []),
    ("user-mfa", person(password(changed=1), key(1, age=1)), "met", []),  # console-mfa counts this person
    ("user-mfa-hardware", {**PASSWORD, **devices(ann="GAHT12345678")}, "met", []),
    ("user-mfa-hardware", {**PASSWORD, **devices(ann=f"{IAM}:mfa/ann")}, "not met", ["ann"]),
    ("user-mfa-hardware", {**PASSWORD, **devices(ann=f"{IAM}:u2f/user/ann/k")}, "met", []),
    ("user-mfa-hardware", {**PASSWORD, "mfa_devices": NOT_ASKED}, "not met", ["ann"]),
    (
        "user-mfa-hardware",
        {**person(password(changed=1, mfa="true")), "mfa_devices": NOT_ASKED},
        "not evaluated",
        [],
    ),
    ("user-idle", person(key(1, age=500, used=90)), "not met", ["ann"]),
    ("user-idle", person(key(1, age=500, used=89)), "met", []),
    ("user-idle", person(key(1, age=9), user_creation_time=ago(90)), "not met", ["ann"]),
    ("user-without-credential", person(key(1, age=5, active="false")), "not met", ["ann"]),
    ("user-without-credential", person(key(1, age=5)), "met", []),
    ("federation", person(password(changed=1)), "not met", ["ann"]),
    ("federation", person(key(1, age=1)), "met", []),
    ("federation", {**PASSWORD, **iam(users=[user("ann", Tags=BREAK_GLASS)])}, "met", []),
    ("federation", {**PASSWORD, "break_glass": "user/ann"}, "met", []),
    ("administrator-mfa", {**PASSWORD, **ANN_ADMIN}, "not met", ["ann"]),
    ("administrator-mfa", {**person(key(1, age=1)), **ANN_ADMIN}, "met", []),  # nobody has a password
    ("administrator-mfa", {**PASSWORD, **iam(users=[ANN_WIDE], policies=WIDE)}, "met", []),
    ("administrator-mfa", {**person(password_enabled="not_supported"), **ANN_ADMIN}, "not evaluated", []),
    ("administrator-mfa", {**person(password(changed=1, mfa="true")), **ANN_ADMIN}, "met", []),
    ("evidence-report-age", made(4.5), "not met", ["root"]),
    ("evidence-report-age", made(4), "met", []),
    ("evidence-report-age", made(None), "not evaluated", []),
    ("evidence-users-agree", {**person(), **iam(users=[user("ann")])}, "met", []),
    ("evidence-users-agree", {**person(), **iam(users=[])}, "not met", ["root"]),
    (
        "evidence-users-agree",  # the password is gone since the report, the user is not
        {**PASSWORD, **iam(users=[user("ann")]), "login_profiles": {"LoginProfiles": []}},
        "met",
        [],
    ),
    (
        "evidence-users-agree",
        {**person(), **iam(users=[user("bob")])},
        "not met",
        ["root"],
    ),  # as many, others
    (
        "evidence-summary-agrees",
        {**counted(Users=1), **iam(users=[user("a")], policies=AWS_ADMIN)},
        "met",
        [],
    ),
    (
        "evidence-summary-agrees",
        {**counted(Users=1), **iam(users=[user("a")], policies=READ)},
        "not met",
        ["root"],
    ),
]

PASSWORDS = [
    ("password-policy", NO_POLICY, "not met", ["root"]),
    ("password-policy", rules(MinimumPasswordLength=8), "met", []),
    ("password-expiry", rules(ExpirePasswords=True, MaxPasswordAge=90), "met", []),
    ("password-expiry", rules(ExpirePasswords=True, MaxPasswordAge=91), "not met", ["root"]),
    ("password-expiry", rules(ExpirePasswords=False), "not met", ["root"]),
    ("password-expiry", NO_POLICY, "not met", ["root"]),
    ("password-age", person(password(changed=91)), "not met", ["ann"]),
    ("password-age", person(password(changed=90)), "met", []),
]
for _name, _rule in RULES.items():
    PASSWORDS += [
        (f"password-{_name}", rules(**{_rule: True}), "met", []),
        (f"password-{_name}", rules(**{_rule: False}), "not met", ["root"]),
        (f"password-{_name}", NO_POLICY, "not met", ["root"]),
    ]

PRINCIPALS = [
    ("user-in-group", iam(users=[user("ann"), user("bob", GroupList=["g"])]), "not met", ["ann"]),
    ("user-in-group", iam(users=[user("bob", GroupList=["g"])]), "met", []),
    ("user-tagged", iam(users=[user("ann"), user("bob", Tags=TAGS)]), "not met", ["ann"]),
    ("user-tagged", iam(users=[user("bob", Tags=TAGS)]), "met", []),
    ("user-tagged", iam(users=[user("bob", Tags=AWS_TAGS)]), "not met", ["bob"]),
    ("user-inline-policy", iam(users=[user("ann", **OWN), user("bob")]), "not met", ["ann"]),
    ("user-inline-policy", iam(users=[user("ann", **attached("p"))], policies=READ), "met", []),
    (
        "group-inline-policy",
        iam(groups=[group("g", **inline("Group", "i", allow("s3:*")))]),
        "not met",
        ["g"],
    ),
    ("group-inline-policy", iam(groups=[group("g")]), "met", []),
    ("group-empty", iam(groups=[group("g")], users=[user("ann", GroupList=["h"])]), "not met", ["g"]),
    ("group-empty", iam(groups=[group("g")], users=[user("ann", GroupList=["g"])]), "met", []),
    ("group-without-policy", iam(groups=[group("g")]), "not met", ["g"]),
    ("group-without-policy", iam(groups=[group("g", **attached("p"))], policies=READ), "met", []),
    ("group-deny-reach", one(deny("iam:DeleteUser", f"{IAM}:group/g")), "not met", ["p"]),
    ("group-deny-reach", one(deny("iam:DeleteUser", f"{IAM}:user/*")), "met", []),
    ("group-deny-reach", one(deny("iam:DeleteGroup", f"{IAM}:group/g")), "met", []),
    ("group-deny-reach", one(deny("iam:*LoginProfile", f"{IAM}:group/g")), "not met", ["p"]),
    ("group-deny-reach", one(deny("ec2:*", f"{IAM}:group/g")), "not met", ["p"]),
    ("group-deny-reach", one(deny("IAM:ADDUSERTOGROUP", f"{IAM}:group/g")), "met", []),
    (
        "group-deny-reach",
        one({"Effect": "Deny", "NotAction": "s3:*", "Resource": f"{IAM}:group/g"}),
        "not met",
        ["p"],
    ),
    (
        "group-deny-reach",
        one({"Effect": "Deny", "NotAction": "iam:*", "Resource": f"{IAM}:group/g"}),
        "met",
        [],
    ),
    ("group-deny-reach", one(deny("iam:*Group*", f"{IAM}:group/g")), "met", []),
    ("group-deny-reach", one(deny("iam:*", f"{IAM}:group/g")), "not met", ["p"]),
    ("role-idle", iam(roles=[role("r", RoleLastUsed=used(90))]), "not met", ["r"]),
    ("role-idle", iam(roles=[role("r", RoleLastUsed=used(89))]), "met", []),
    ("role-idle", iam(roles=[role("r", Path="/aws-service-role/x/")]), "met", []),
    ("role-idle", iam(roles=[role("r", Path="/service-role/")]), "not met", ["r"]),
    ("role-idle", iam(roles=[role("r", Tags=BREAK_GLASS)]), "met", []),
    ("role-idle", iam(roles=[role("r", Tags=[{"Key": "BreakGlass", "Value": "true"}])]), "met", []),
    ("role-idle", iam(roles=[role("r", Tags=[{"Key": "BreakGlass", "Value": "false"}])]), "not met", ["r"]),
    ("role-idle", {**iam(roles=[role("r"), role("s")]), "break_glass": "role/r"}, "not met", ["s"]),
    (
        "role-idle",
        {**iam(roles=[role("r")], users=[user("x")]), "break_glass": f"user/x, {IAM}:role/r"},
        "met",
        [],
    ),
    ("role-idle", {**iam(roles=[role("r")], users=[user("r")]), "break_glass": "user/r"}, "not met", ["r"]),
    ("role-idle", iam(roles=[PERMISSION_SET]), "met", []),
    ("permission-set-idle", iam(roles=[PERMISSION_SET]), "not met", [PERMISSION_SET["RoleName"]]),
    ("permission-set-idle", iam(roles=[{**PERMISSION_SET, "RoleLastUsed": used(89)}]), "met", []),
    ("permission-set-idle", iam(roles=[role("r")]), "met", []),
    ("role-never-used", iam(roles=[role("r")]), "not met", ["r"]),
    ("role-never-used", iam(roles=[role("r", CreateDate=ago(30))]), "not met", ["r"]),
    ("role-never-used", iam(roles=[role("r", CreateDate=ago(29))]), "met", []),
    ("role-never-used", iam(roles=[PERMISSION_SET, role("r", Tags=BREAK_GLASS)]), "met", []),
    ("role-tagged", iam(roles=[PERMISSION_SET]), "met", []),
    ("role-inline-policy", iam(roles=[PERMISSION_SET]), "met", []),
    ("role-without-policy", iam(roles=[{**PERMISSION_SET, "RolePolicyList": []}]), "met", []),
    ("role-tagged", iam(roles=[role("r"), role("s", Tags=TAGS)]), "not met", ["r"]),
    ("role-tagged", iam(roles=[role("s", Tags=TAGS)]), "met", []),
    ("role-tagged", iam(roles=[role("s", Tags=AWS_TAGS)]), "not met", ["s"]),
    ("role-tagged", iam(roles=[role("s", Tags=[*TAGS, *AWS_TAGS])]), "met", []),
    ("role-inline-policy", iam(roles=[role("r", **inline("Role", "i", allow("s3:*")))]), "not met", ["r"]),
    ("role-inline-policy", iam(roles=[role("r")]), "met", []),
    ("role-without-policy", iam(roles=[role("r", **boundary("p"))], policies=READ), "not met", ["r"]),
    ("role-without-policy", iam(roles=[role("r", **attached("p"))], policies=READ), "met", []),
    ("support-role", iam(roles=[role("r", **attached(f"{AWS}AWSSupportAccess"))]), "met", []),
    ("support-role", iam(roles=[role("r", **attached("AWSSupportAccess"))]), "not met", ["root"]),
    ("support-role", iam(users=[user("ann", **attached(f"{AWS}AWSSupportAccess"))]), "not met", ["root"]),
    ("audit-role", iam(roles=[role("r", **attached(f"{AWS}SecurityAudit"))]), "met", []),
    ("audit-role", iam(roles=[role("r", **attached("SecurityAuditor"))]), "not met", ["root"]),
    (
        "audit-role",
        iam(roles=[role("r", **attached("SecurityAudit"))]),
        "not met",
        ["root"],
    ),  # the account's own
    ("audit-role", {**auditing(allow("iam:Get*")), **CALLED_BY_AUDITOR}, "met", []),
    ("audit-role", auditing(allow("iam:Get*")), "not met", ["root"]),
    ("audit-role", {**auditing(allow("iam:*")), **CALLED_BY_AUDITOR}, "not met", ["root"]),
    ("administrator-few", administrators(5), "met", []),
    ("administrator-few", administrators(6), "not met", ["root"]),
    ("administrator-few", administrators(4, unknown=1), "met", []),
    ("administrator-few", administrators(4, unknown=2), "not evaluated", []),
    ("administrator-few", administrators(6, unknown=1), "not met", ["root"]),
    ("administrator-user", ANN_ADMIN, "not met", ["ann"]),
    ("administrator-user", iam(users=[user("ann", **attached("p"))], policies=IAM_ONLY), "not met", ["ann"]),
    ("administrator-user", iam(roles=[role("r", **attached("p"))], policies=ADMIN), "met", []),
    (
        "administrator-user",
        iam(users=[user("ann", **attached("p"), **boundary("q"))], policies=[*ADMIN, *WIDE[1:]]),
        "met",
        [],
    ),
    ("administrator-policy-user", iam(users=[user("ann", **attached(ADMINISTRATOR))]), "not met", ["ann"]),
    ("administrator-policy-user", iam(users=[user("ann", **attached("AdministratorAccessLite"))]), "met", []),
    ("administrator-policy-user", iam(users=[user("ann", **attached("AdministratorAccess"))]), "met", []),
    ("administrator-user", iam(users=[user("ann", **attached("lost"))]), "not evaluated", []),
    (
        "administrator-user",
        iam(users=[user("ann", **attached("p", "lost"))], policies=ADMIN),
        "not met",
        ["ann"],
    ),
    ("administrator-mfa", {**PASSWORD, **iam(users=[user("ann", **attached("lost"))])}, "not evaluated", []),
    ("trust-external-administrator", trusting({"AWS": FAR}, holds="lost"), "not evaluated", []),
    ("administrator-policy-group", iam(groups=[group("g", **attached(ADMINISTRATOR))]), "not met", ["g"]),
    ("administrator-policy-group", iam(groups=[group("g")]), "met", []),
    ("administrator-policy-role", iam(roles=[role("r", **attached(ADMINISTRATOR))]), "not met", ["r"]),
    ("administrator-policy-role", iam(roles=[role("r")]), "met", []),
    (
        "cloudshell-full-access",
        iam(users=[user("ann", **attached(f"{AWS}AWSCloudShellFullAccess"))]),
        "not met",
        ["AWSCloudShellFullAccess"],
    ),
    ("cloudshell-full-access", iam(users=[user("ann", **attached(f"{AWS}ReadOnlyAccess"))]), "met", []),
    ("cloudshell-full-access", iam(users=[user("ann")]), "met", []),
    ("reader-data", iam(roles=[role("audit", **attached("p"))], policies=READ), "not met", ["audit"]),
    ("reader-data", iam(roles=[role("app", **attached("p"))], policies=READ), "met", []),
    ("reader-data", iam(roles=[role("audit", **attached("p"))], policies=MAKER), "met", []),
    ("reader-writes", iam(roles=[role("viewer", **attached("q"))], policies=WIDE), "not met", ["viewer"]),
    ("reader-writes", iam(roles=[role("viewer", **attached("p"))], policies=READ), "met", []),
    ("identity-boundary", iam(roles=[role("r", **attached("p"))], policies=MAKER), "not met", ["r"]),
    (
        "identity-boundary",
        iam(roles=[role("r", **attached("p"), **boundary("p"))], policies=MAKER),
        "met",
        [],
    ),
    (
        "breadth-outlier",
        iam(users=[*(user(f"u{n}", **attached("p")) for n in range(5)), ANN_WIDE], policies=WIDE),
        "not met",
        ["ann"],
    ),
    ("breadth-outlier", iam(users=[user("u", **attached("p")), ANN_WIDE], policies=WIDE), "met", []),
    ("access-incomplete", iam(users=[user("ann", **attached("gone"))]), "not met", ["ann"]),
    ("access-incomplete", iam(users=[user("ann", **attached("p"))], policies=READ), "met", []),
]

TRUST = [
    ("trust-anyone", trusting({"AWS": "*"}), "not met", ["r"]),
    (
        "trust-anyone",
        trusting("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        "not met",
        ["r"],
    ),
    ("trust-anyone", trusting({"AWS": FAR}), "met", []),
    ("trust-external-id", trusting({"AWS": FAR}), "not met", ["r"]),
    ("trust-external-id", trusting({"AWS": f"arn:aws:iam::{FAR}:root"}, Condition=EXTERNAL_ID), "met", []),
    ("trust-external-id", trusting({"AWS": ACCOUNT}), "met", []),
    ("trust-external-id", trusting({"AWS": FAR}, Condition=MFA), "met", []),
    *(
        ("trust-external-id", trusting({"AWS": FAR}, Condition=condition), "not met", ["r"])
        for condition in ASKS_FOR_NOTHING
    ),
    *(
        ("trust-external-id", trusting({"AWS": FAR}, Condition=condition), "met", [])
        for condition in ASKS_FOR_SOMETHING
    ),
    *(
        ("trust-confused-deputy", trusting(STATES, Condition=condition), "not met", ["r"])
        for condition in ANY_SOURCE
    ),
    *(
        ("trust-confused-deputy", trusting(STATES, Condition=condition), "met", [])
        for condition in OWN_SOURCE
    ),
    ("trust-external-administrator", trusting({"AWS": FAR}, grants=ADMIN), "not met", ["r"]),
    ("trust-external-administrator", trusting({"AWS": FAR}, grants=READ), "met", []),
    ("trust-external-read-all", trusting({"AWS": FAR}, holds=f"{AWS}ReadOnlyAccess"), "not evaluated", []),
    ("trust-external-read-all", trusting({"AWS": FAR}, grants=READ), "not met", ["r"]),
    ("trust-external-read-all", trusting({"AWS": FAR}, grants=MAKER), "met", []),
    ("trust-external-read-all", trusting({"AWS": ACCOUNT}, holds=f"{AWS}ReadOnlyAccess"), "met", []),
    ("trust-external-read-all", trusting({"AWS": FAR}, holds="ReadOnlyAccess"), "not evaluated", []),
    (
        "trust-external-read-all",
        trusting({"AWS": FAR}, limited_by=f"{AWS}ReadOnlyAccess"),
        "not evaluated",
        [],
    ),
    ("trust-external-write", trusting({"AWS": FAR}, grants=IAM_ONLY), "not met", ["r"]),
    ("trust-external-write", trusting({"AWS": FAR}, grants=READ), "met", []),
    ("trust-deleted", trusting({"AWS": "AROA5MQQ525I54EAUWXJ5"}), "not met", ["r"]),
    ("trust-deleted", trusting({"AWS": ACCOUNT}), "met", []),
    ("trust-account", trusting({"AWS": ACCOUNT}), "not met", ["r"]),
    ("trust-account", trusting({"AWS": f"{IAM}:root"}), "not met", ["r"]),
    ("trust-account", trusting({"AWS": f"{IAM}:user/ann"}), "met", []),
    ("trust-account", trusting({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/me"}), "met", []),
    ("trust-account", trusting({"AWS": ACCOUNT}, Condition=EXTERNAL_ID), "met", []),
    ("trust-user-mfa", {**PASSWORD, **trusting(ANN)}, "not met", ["r"]),
    ("trust-user-mfa", {**PASSWORD, **trusting(ANN, Condition=MFA)}, "met", []),
    ("trust-user-mfa", {**person(key(1, age=1)), **trusting(ANN)}, "met", []),  # a program has no device
    ("trust-user-mfa", {**person(), **trusting({"AWS": f"{IAM}:user/bob"})}, "not evaluated", []),
    ("trust-user-mfa", {**PASSWORD, **trusting({"AWS": f"{IAM}:root"})}, "met", []),
    ("trust-web-identity-subject", trusting(GITHUB), "not met", ["r"]),
    ("trust-web-identity-subject", trusting(GITHUB, Condition=sub("*")), "not met", ["r"]),
    ("trust-web-identity-subject", trusting(GITHUB, Condition=sub("repo:*")), "not met", ["r"]),
    ("trust-web-identity-subject", trusting(GITHUB, Condition=sub(["repo:o/app:*", "*"])), "not met", ["r"]),
    ("trust-web-identity-subject", trusting(GITHUB, Condition=others("repo:o/app:*")), "not met", ["r"]),
    ("trust-web-identity-subject", trusting(GITHUB, Condition=sub("repo:example/app:*")), "met", []),
    ("trust-web-identity-wildcard", trusting(GITHUB, Condition=sub("repo:o/app:ref:x-?")), "not met", ["r"]),
    ("trust-web-identity-wildcard", trusting(GITHUB, Condition=others("repo:example/*")), "met", []),
    ("trust-web-identity-wildcard", trusting(GITHUB, Condition=sub("repo:example/*")), "not met", ["r"]),
    ("trust-web-identity-wildcard", trusting(GITHUB, Condition=sub("repo:example/app:ref:x")), "met", []),
    (
        "trust-web-identity-audience",
        trusting(GITHUB, Condition=sub("repo:example/app:ref:x")),
        "not met",
        ["r"],
    ),
    ("trust-web-identity-audience", trusting(GITHUB, Condition=AUDIENCE), "met", []),
    ("trust-web-identity-audience", trusting(GITHUB, Condition=ANY_AUDIENCE), "not met", ["r"]),
    ("trust-web-identity-audience", trusting(GITHUB, Condition={**AUDIENCE, **ANY_AUDIENCE}), "met", []),
]

POLICIES = [
    ("policy-not-action", one({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "not met", ["p"]),
    ("policy-not-action", one({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}), "met", []),
    (
        "policy-not-resource",
        one({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::x"}),
        "not met",
        ["p"],
    ),
    (
        "policy-not-resource",
        one({"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::x"}),
        "met",
        [],
    ),
    ("policy-pass-role", one(allow("iam:PassRole", f"{IAM}:role/app")), "met", []),
    ("policy-version", iam(policies=[unversioned("p")]), "not met", ["p"]),
    ("policy-version", one(allow("s3:*")), "met", []),
    (
        "policy-twice",
        iam(policies=[policy("p", allow("s3:*")), policy("q", allow("s3:*"))]),
        "not met",
        ["p", "q"],
    ),
    ("policy-twice", iam(policies=WIDE), "met", []),
    (
        "policy-boundary-granted",
        iam(policies=READ, roles=[role("r", **boundary("p"), **attached("p"))]),
        "not met",
        ["p"],
    ),
    ("policy-boundary-granted", iam(policies=READ, roles=[role("r", **boundary("p"))]), "met", []),
]
POLICIES += [
    ("policy-service-wildcard", one(allow("rds-db:connect")), "met", []),  # its only action, named
    ("policy-service-wildcard", one(allow("rds-db:*")), "not met", ["p"]),
    ("policy-service-wildcard", one(allow("s3:*", "arn:aws:s3:::example/*")), "not met", ["p"]),
    ("policy-service-wildcard", one(allow("s3:*"), deny("s3:DeleteBucket")), "not met", ["p"]),
    ("policy-service-wildcard", one(allow("s3:*"), deny("s3:*")), "met", []),
    ("policy-not-action", one({"Effect": "Allow", "NotAction": "*", "Resource": "*"}), "met", []),
    ("policy-secrets", one(allow("ssm:GetParameter")), "met", []),
    ("policy-parameters", one(allow("secretsmanager:GetSecretValue")), "met", []),
    ("policy-credentials", one(allow("iam:CreateAccessKey", f"{IAM}:user/${{aws:username}}")), "met", []),
    ("policy-pass-role", one(allow("iam:PassRole", f"arn:aws:iam::{FAR}:role/*")), "met", []),
    ("policy-kms-decrypt", one(allow("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*")), "met", []),
    ("policy-kms-decrypt", one(allow("kms:Decrypt", Condition=MFA)), "not met", ["p"]),
]
for _service in ("kms", "cloudtrail"):
    POLICIES += [
        (f"policy-{_service}-all", one(allow(f"{_service}:*")), "not met", ["p"]),
        (f"policy-{_service}-all", one(allow(f"{_service}:*", f"arn:aws:{_service}:::x")), "met", []),
    ]
for _power, (_action, *_) in POWERS.items():
    POLICIES += [
        (f"policy-{_power}", one(allow(["s3:ListBucket", _action.upper()])), "not met", ["p"]),
        (f"policy-{_power}", one(allow(_action), deny(_action)), "met", []),
    ]

INVENTORY = [
    ("server-certificate-expiring", certificate(29.5), "not met", ["c"]),
    ("server-certificate-expiring", certificate(30), "met", []),
    ("server-certificate-expiring", certificate(-1), "met", []),
    ("server-certificate-in-acm", certificate(100), "not met", ["c"]),
    ("server-certificate-in-acm", {"server_certificates": {"ServerCertificateMetadataList": []}}, "met", []),
    ("saml-provider-valid", {**providers(saml=ago(-29)), **iam()}, "not met", ["s"]),
    ("saml-provider-valid", {**providers(saml=ago(-30)), **iam()}, "met", []),
    ("saml-provider-valid", {"saml_providers": providers()["saml_providers"], **iam()}, "met", []),
    ("oidc-provider-audience", {**providers(oidc=[]), **iam()}, "not met", ["o"]),
    ("oidc-provider-audience", {**providers(oidc=["sts.amazonaws.com"]), **iam()}, "met", []),
    ("identity-provider-used", {**providers(oidc=[]), **iam()}, "not met", ["o"]),
    (
        "identity-provider-used",
        {**providers(oidc=[]), **trusting({"Federated": f"{IAM}:oidc-provider/o"})},
        "met",
        [],
    ),
    ("instance-profile-role", profiles("p"), "not met", ["p"]),
    ("instance-profile-role", profiles("p", "r"), "met", []),
    ("instance-role-profile", {**profiles("p"), **iam(roles=[role("r")])}, "not met", ["r"]),
    ("instance-role-profile", {**profiles("p", "r"), **iam(roles=[role("r")])}, "met", []),
]


def holding(*statements, **lists):
    """Return an account in which ann holds these statements."""
    more = lists.pop("policies", [])
    ann = user("ann", **attached("own"))
    return iam(users=[ann], policies=[policy("own", *statements), *more], **lists)


NOT_COLLECTED = iam(users=[user("ann", **attached("gone"))])
POWERFUL = [
    ("principal-pass-role", NOT_COLLECTED, "not evaluated", []),
    ("principal-pass-role", holding(allow("iam:PassRole", Condition=MFA)), "not met", ["ann"]),
    ("principal-pass-role", holding(allow("*")), "met", []),  # an administrator
    (
        "principal-pass-role",
        iam(roles=[role("r", Path="/aws-service-role/x/", **attached("p"))], policies=READ),
        "met",
        [],
    ),
]
for _power, (_action, *_) in POWERS.items():
    if _power != "marketplace":
        POWERFUL += [
            (f"principal-{_power}", holding(allow(_action)), "not met", ["ann"]),
            (f"principal-{_power}", holding(allow("sqs:*")), "met", []),
        ]

FOR_LAMBDA = document(allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"}))
FOR_ANN = document(allow("sts:AssumeRole", Principal={"AWS": f"{IAM}:user/ann"}))
for _trust in (FOR_LAMBDA, FOR_ANN):
    del _trust["Statement"][0]["Resource"]
FUNCTION = {"roles": [role("f", AssumeRolePolicyDocument=FOR_LAMBDA, **attached("p"))], "policies": ADMIN}
DATA = {"roles": [role("r", AssumeRolePolicyDocument=FOR_ANN, **attached("p"))], "policies": READ}
SELF = allow("iam:PutUserPolicy")
FOR_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
ESCALATION = [
    ("escalation-administrator", holding(SELF), "not met", ["ann"]),
    ("escalation-administrator", holding(SELF, deny("iam:Put*")), "met", []),
    ("escalation-administrator", holding({**SELF, "Condition": MFA}), "met", []),
    ("escalation-administrator-conditional", holding({**SELF, "Condition": MFA}), "not met", ["ann"]),
    ("escalation-administrator-conditional", holding(SELF), "met", []),
    (
        "escalation-administrator-live",
        holding(allow("lambda:UpdateFunctionCode"), **FUNCTION),
        "not met",
        ["ann"],
    ),
    ("escalation-administrator-live", holding(allow("lambda:UpdateFunctionCode")), "met", []),
    ("escalation-outsider", trusting({"AWS": FAR}, grants=ADMIN), "not met", [f"account {FAR}"]),
    ("escalation-outsider", trusting({"AWS": FAR}, grants=READ), "met", []),
    ("escalation-data", holding(allow("sqs:*"), **DATA), "not met", ["ann"]),
    ("escalation-data", holding(allow("s3:*"), **DATA), "met", []),
    ("trust-confused-deputy", trusting({"Service": "states.amazonaws.com"}), "not met", ["r"]),
    (
        "trust-confused-deputy",
        trusting({"Service": "states.amazonaws.com"}, Condition=FOR_ACCOUNT),
        "met",
        [],
    ),
    ("trust-confused-deputy", trusting({"Service": "ec2.amazonaws.com"}), "met", []),
    ("trust-accounts-known", trusting({"AWS": FAR}), "not evaluated", []),
    (
        "trust-accounts-known",
        {**trusting({"AWS": FAR}), "trusted_accounts": "777788889999"},
        "not met",
        ["r"],
    ),
    ("trust-accounts-known", {**trusting({"AWS": FAR}), "trusted_accounts": FAR}, "met", []),
    ("trust-unassumed", trusting({"AWS": ACCOUNT}), "not met", ["r"]),
    ("trust-unassumed", trusting({"AWS": FAR}), "met", []),
    ("trust-unassumed", holding(allow("sqs:*"), **DATA), "met", []),
]

MORE_CASES = [*CREDENTIALS, *PASSWORDS, *PRINCIPALS, *TRUST, *POLICIES, *INVENTORY, *POWERFUL, *ESCALATION]
