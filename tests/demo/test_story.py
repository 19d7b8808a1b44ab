import re

import pytest

from iamaudit.demo import ACCOUNT_ID, EXTERNAL_ACCOUNT_ID
from iamaudit.demo.policies import MANAGED
from iamaudit.snapshot.sources import SOURCES

OWN = f"arn:aws:iam::{ACCOUNT_ID}:policy/"
GITHUB = "token.actions.githubusercontent.com"


def _tags(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def _attached(item):
    return [policy["PolicyName"] for policy in item["AttachedManagedPolicies"]]


def _inline(item, name):
    lists = ("UserPolicyList", "GroupPolicyList", "RolePolicyList")
    found = [policy for key in lists for policy in item.get(key, []) if policy["PolicyName"] == name]
    return found[0]["PolicyDocument"]["Statement"]


def _trust(role):
    return role["AssumeRolePolicyDocument"]["Statement"]


def test_the_account_has_an_alias(iam):
    assert iam.list_account_aliases()["AccountAliases"] == ["example-prod"]


def test_the_account_is_large_enough_for_charts(users, groups, roles, policies):
    own = [name for name in policies if name not in MANAGED]
    assert (len(users), len(groups), len(roles), len(own)) == (33, 10, 28, 25)


def test_the_password_policy_is_weak(iam):
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 8,
        "RequireSymbols": False,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "ExpirePasswords": False,
    }


def test_the_security_team_has_five_analysts(users):
    team = [name for name, user in users.items() if "SecurityTeam" in user["GroupList"]]
    assert team == ["amara.diallo", "jonas.weber", "priya.raman", "security-analyst", "tomas.novak"]


def test_the_compliance_scanner_may_do_what_its_policy_says(users, statements):
    assert _attached(users["compliance-scanner"]) == ["ComplianceScannerPolicy"]
    (statement,) = statements["ComplianceScannerPolicy"]
    assert statement["Action"] == [
        *("iam:Get*", "iam:List*", "s3:GetObject", "s3:ListBucket"),
        *("ec2:Describe*", "ec2:GetConsoleOutput", "vpc:Describe*"),
    ]
    assert statement["Resource"] == "*"


def test_the_test_reader_may_list_one_bucket_and_nothing_else(users):
    reader = users["test-reader"]
    assert (_attached(reader), reader["GroupList"]) == ([], [])
    assert [policy["PolicyName"] for policy in reader["UserPolicyList"]] == ["ListTestReports"]
    assert _inline(reader, "ListTestReports") == [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::example-test-reports"}
    ]


def test_the_scanners_instance_reads_everything(roles):
    role = roles["ComplianceScannerRole"]
    assert _attached(role) == ["ReadOnlyAccess"]
    assert _trust(role)[0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    (profile,) = role["InstanceProfileList"]
    assert profile["Arn"] == f"arn:aws:iam::{ACCOUNT_ID}:instance-profile/ComplianceScannerRole"


def test_the_business_hours_are_written_without_a_date(statements):
    (statement,) = statements["BusinessHoursOnly"]
    assert statement["Condition"] == {
        "DateGreaterThan": {"aws:CurrentTime": "09:00Z"},
        "DateLessThan": {"aws:CurrentTime": "17:00Z"},
    }


def test_a_github_role_may_do_everything_from_any_repository(roles, statements):
    role = roles["github-deploy"]
    (statement,) = _trust(role)
    assert statement["Condition"] == {
        "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"},
        "StringLike": {f"{GITHUB}:sub": "repo:example-org/*"},
    }
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert _attached(role) == ["DeployAnything"]
    (everything,) = statements["DeployAnything"]
    assert (everything["Effect"], everything["Action"], everything["Resource"]) == ("Allow", "*", "*")


def test_the_vendor_is_trusted_once_with_and_once_without_an_external_id(roles):
    (with_id,), (without,) = _trust(roles["vendor-monitoring"]), _trust(roles["vendor-billing"])
    vendor = {"AWS": f"arn:aws:iam::{EXTERNAL_ACCOUNT_ID}:root"}
    assert with_id["Principal"] == without["Principal"] == vendor
    assert with_id["Condition"] == {"StringEquals": {"sts:ExternalId": "example-prod-7d41"}}
    assert "Condition" not in without


@pytest.mark.parametrize(
    ("role", "trusts"),
    [
        ("release-manager", "user/terraform-runner"),
        ("platform-deployer", "role/release-manager"),
        ("BreakGlassAdmin", "role/platform-deployer"),
    ],
)
def test_each_step_of_the_way_up_trusts_the_one_below(roles, role, trusts):
    assert _trust(roles[role])[0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:{trusts}"}


def test_each_step_of_the_way_up_may_take_the_next(users, roles, statements):
    assert "AssumeReleaseManager" in _attached(users["terraform-runner"])
    steps = [
        statements["AssumeReleaseManager"],
        _inline(roles["release-manager"], "AssumeDeployer"),
        _inline(roles["platform-deployer"], "AssumeAdmin"),
    ]
    assert [(step[0]["Action"], step[0]["Resource"].split("/")[-1]) for step in steps] == [
        ("sts:AssumeRole", "release-manager"),
        ("sts:AssumeRole", "platform-deployer"),
        ("sts:AssumeRole", "BreakGlassAdmin"),
    ]
    assert _attached(roles["BreakGlassAdmin"]) == ["AdministratorAccess"]


def test_the_release_manager_may_hand_an_administrators_role_to_a_function(roles, statements):
    assert _attached(roles["release-manager"]) == ["LambdaRelease"]
    functions, pass_role = statements["LambdaRelease"]
    assert {"lambda:CreateFunction", "lambda:InvokeFunction"} <= set(functions["Action"])
    assert (pass_role["Action"], pass_role["Resource"]) == (
        "iam:PassRole",
        f"arn:aws:iam::{ACCOUNT_ID}:role/*",
    )
    assert _attached(roles["ops-automation"]) == ["AdministratorAccess"]
    assert _trust(roles["ops-automation"])[0]["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_the_release_bot_may_rewrite_its_own_policy(users, statements):
    assert _attached(users["release-bot"]) == ["ReleaseNotes"]
    assert "iam:CreatePolicyVersion" in statements["ReleaseNotes"][1]["Action"]
    assert statements["ReleaseNotes"][1]["Resource"] == OWN + "ReleaseNotes"


def test_boundaries_limit_a_user_and_a_role(users, roles, policies):
    boundary = {
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
        "PermissionsBoundaryArn": OWN + "DeveloperBoundary",
    }
    bounded = [name for name, item in (users | roles).items() if "PermissionsBoundary" in item]
    assert bounded == ["emeka.obi", "sandbox-builder"]
    assert users["emeka.obi"]["PermissionsBoundary"] == boundary
    assert roles["sandbox-builder"]["PermissionsBoundary"] == boundary
    assert _attached(roles["sandbox-builder"]) == ["PowerUserAccess"]
    assert policies["DeveloperBoundary"]["PermissionsBoundaryUsageCount"] == 2
    assert policies["DeveloperBoundary"]["AttachmentCount"] == 0


def test_a_user_sees_the_boundary_too(iam):
    user = iam.get_user(UserName="emeka.obi")["User"]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == OWN + "DeveloperBoundary"


def test_developers_get_everything_but_identity_and_some_denials(groups, statements):
    developers = groups["Developers"]
    assert _attached(developers) == ["DeveloperAccess", "RequireMfa"]
    assert statements["DeveloperAccess"][0]["NotAction"] == ["iam:*", "organizations:*", "account:*"]
    leave, trail = _inline(developers, "GuardRails")
    assert (leave["Effect"], leave["Action"]) == ("Deny", "organizations:LeaveOrganization")
    assert "Condition" not in leave
    assert (trail["Effect"], "Condition" in trail) == ("Deny", True)
    (protect,) = _inline(developers, "ProtectSecurityTeam")
    assert (protect["Effect"], protect["Resource"]) == (
        "Deny",
        f"arn:aws:iam::{ACCOUNT_ID}:group/SecurityTeam",
    )


def test_without_mfa_nearly_everything_is_denied(statements):
    (statement,) = statements["RequireMfa"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


@pytest.mark.parametrize(
    ("policy", "action"),
    [
        ("BackupStorage", "s3:*"),
        ("ReportsAccess", "s3:GetObjects"),
        ("ComplianceScannerPolicy", "vpc:Describe*"),
        ("CloudTrailGuard", "cloudtrail:StopLogging"),
        ("BillingViewer", "ce:Get*"),
        ("OpsToolkit", "ssm:*"),
        ("DataLakeAccess", "athena:StartQueryExecution"),
    ],
)
def test_a_policy_names_the_action(statements, policy, action):
    actions = [statement["Action"] for statement in statements[policy]]
    assert any(action == named or action in named for named in actions)


def test_some_groups_have_no_members(users, groups):
    inhabited = {name for user in users.values() for name in user["GroupList"]}
    assert sorted(set(groups) - inhabited) == ["Contractors", "LegacyDeployers"]


def test_some_customer_policies_are_attached_to_nothing(policies):
    unused = [
        name
        for name, policy in policies.items()
        if policy["AttachmentCount"] == policy["PermissionsBoundaryUsageCount"] == 0
    ]
    assert unused == ["KmsOperator", "OldAuditExport", "QuarantineDenyAll", "ReportReaders"]


def test_a_policy_has_versions_and_the_newest_is_not_in_force(policies, statements):
    policy = policies["NetworkReadOnly"]
    assert [version["VersionId"] for version in policy["PolicyVersionList"]] == ["v4", "v3", "v2", "v1"]
    assert policy["DefaultVersionId"] == "v3"
    assert statements["NetworkReadOnly"][0]["Action"][-1] == "elasticloadbalancing:Describe*"


def test_inline_policies_hang_on_a_user_a_group_and_a_role(users, groups, roles):
    assert [name for name, user in users.items() if user.get("UserPolicyList")] == ["test-reader"]
    assert [name for name, group in groups.items() if group["GroupPolicyList"]] == [
        "DataEngineers",
        "Developers",
    ]
    assert len([name for name, role in roles.items() if role["RolePolicyList"]]) >= 5


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("AWSServiceRoleForAutoScaling", "/aws-service-role/autoscaling.amazonaws.com/"),
        ("AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978", "/aws-reserved/sso.amazonaws.com/"),
        ("AWSReservedSSO_ViewOnlyAccess_8a9b0c1d2e3f4051", "/aws-reserved/sso.amazonaws.com/"),
    ],
)
def test_roles_of_aws_itself_are_where_aws_puts_them(roles, role, path):
    assert roles[role]["Path"] == path
    assert roles[role]["Arn"] == f"arn:aws:iam::{ACCOUNT_ID}:role{path}{role}"


def test_single_sign_on_comes_through_the_saml_provider(iam, roles):
    (provider,) = iam.list_saml_providers()["SAMLProviderList"]
    (statement,) = _trust(roles["AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978"])
    assert statement["Principal"] == {"Federated": provider["Arn"]}


def test_github_is_an_identity_provider(iam, roles):
    (provider,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert provider["Arn"] == _trust(roles["github-deploy"])[0]["Principal"]["Federated"]
    details = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
    assert details["ClientIDList"] == ["sts.amazonaws.com"]


def test_a_trust_policy_names_a_principal_that_is_gone(roles):
    principal = _trust(roles["cross-account-backup"])[0]["Principal"]["AWS"]
    assert principal.startswith("AROA")
    assert principal not in {role["RoleId"] for role in roles.values()}


def test_every_name_is_one_that_a_company_would_give(users, groups, roles, policies):
    for name in (*users, *groups, *roles, *policies):
        assert re.fullmatch(r"[A-Za-z][\w.-]{3,}", name), name


def test_every_tag_and_description_is_plain_text(details):
    plain = re.compile(r"[\w.,;: -]*")
    for items in details.values():
        for item in items if isinstance(items, list) else []:
            assert all(plain.fullmatch(value) for value in _tags(item).values())
            assert plain.fullmatch(item.get("Description", ""))


def test_service_users_say_whose_they_are(users):
    services = {name: _tags(user) for name, user in users.items() if _tags(user).get("kind") == "service"}
    assert {name: tags["owner"] for name, tags in services.items()} == {
        "backup-agent": "Cloud operations",
        "ci-deployer": "Release engineering",
        "compliance-scanner": "Security",
        "legacy-ftp-sync": "Finance",
        "metrics-exporter": "Cloud operations",
        "release-bot": "Release engineering",
        "terraform-runner": "Platform engineering",
        "test-reader": "Application development",
    }


def test_the_auditor_may_read_what_iamaudit_reads_and_no_more(roles, statements):
    assert _attached(roles["iamaudit-auditor"]) == ["IamAuditRead"]
    needed = {action for source in SOURCES.values() for action in source.permissions}
    (statement,) = statements["IamAuditRead"]
    assert set(statement["Action"]) == needed


def test_console_users_are_with_and_without_mfa(iam, users):
    with_password = [name for name in users if _has_password(iam, name)]
    without_mfa = [name for name in with_password if not iam.list_mfa_devices(UserName=name)["MFADevices"]]
    assert len(with_password) == 23
    assert without_mfa == [
        "ben.carter",
        "emeka.obi",
        "ines.duarte",
        "marcus.lund",
        "noor.abadi",
        "priya.raman",
    ]


def _has_password(iam, name):
    try:
        return bool(iam.get_login_profile(UserName=name))
    except iam.exceptions.NoSuchEntityException:
        return False


def test_keys_are_doubled_inactive_and_unused(iam, users):
    keys = {name: iam.list_access_keys(UserName=name)["AccessKeyMetadata"] for name in users}
    states = {name: [key["Status"] for key in found] for name, found in keys.items()}
    assert [name for name, found in states.items() if found == ["Active", "Active"]] == [
        "alice.moreau",
        "ci-deployer",
    ]
    assert [name for name, found in states.items() if "Inactive" in found] == [
        "dmitri.volkov",
        "legacy-ftp-sync",
        "survey-export",
    ]
    unused = [
        name
        for name, found in keys.items()
        for key in found
        if "LastUsedDate" not in _last_use(iam, key["AccessKeyId"])
    ]
    assert unused == ["ci-deployer", "fatima.zahra", "mateo.ruiz", "survey-export"]


def _last_use(iam, key_id):
    return iam.get_access_key_last_used(AccessKeyId=key_id)["AccessKeyLastUsed"]
