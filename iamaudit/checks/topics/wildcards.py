"""Statements that allow too much: complements, every role, every key, every secret."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.checks.topics.policies import OWN_ALLOW, grants_nothing
from iamaudit.iam.actions import POWERS

_BLIND = (
    "The test does not see other policies, boundaries and SCPs of the holder: the checks `principal-...` "
    "combine them. It does not see a pattern that covers all but one Region or one prefix."
)
_REACH = (
    "An action counts when it is named, matched by a wildcard or left by `NotAction`, in any letter case. "
    "A statement covers every resource of a type by `*`, by a pattern that covers any name, or by a "
    "`NotResource` that leaves the type open. "
)
_BOUNDARY = "Policies that are used as a permissions boundary only are not exceptions."
_TERMS = (
    f"{_REACH}An unconditional Deny of the action on every such resource in the same policy ends the "
    f"exception. A condition of the Allow does not: the message shows it. {_BOUNDARY}"
)
_WHOLE_TERMS = f"{_REACH}A condition of the Allow does not end the exception. {_BOUNDARY}"
_DECIDES = ("Action", "NotAction", "Resource", "NotResource")


def _giving(statements: Frame, policies: Frame, power: str) -> Frame:
    """Return the statements that allow an action of a power on every resource, and which."""
    wanted = POWERS[power]
    granted = statements.open_actions.map(lambda names: [name for name in names if name in wanted])
    found = statements[(granted.str.len() > 0) & ~grants_nothing(statements, policies)]
    under = (" under the condition " + found.conditions).fillna("")
    return found.assign(granted=granted[found.index], under=under.astype("string"))


def _all_of_service(statements: Frame, policies: Frame, service: str) -> Mask:
    """Return which statements allow every action of a service, on all that it has of some type."""
    whole = statements.whole_services.map(lambda services: service in services)
    reach = statements.open_actions.map(lambda names: any(n.startswith(f"{service}:") for n in names))
    return (whole & reach).astype("boolean") & ~grants_nothing(statements, policies)


@check(
    "policy-not-action",
    "Policies list the actions that they allow",
    severity="medium",
    area="policies",
    population="statements",
    decides=("NotAction",),
    where=OWN_ALLOW,
    message="{policy_name} allows every action except {not_actions} (Statement[{index}])",
    remediation="list the actions that are needed in `Action`; forbid the others by an explicit Deny, a "
    "permissions boundary or an SCP",
    blind_spot="The test does not see what Deny statements of other policies take away.",
)
def policy_not_action(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow statement with `NotAction`, of an inline or customer managed policy.

    Such a statement also grants every action that AWS adds later. Policies that are used as a permissions
    boundary only, and statements whose whole effect the same policy denies, are not exceptions.
    """
    return (statements.not_actions.str.len() > 0) & ~grants_nothing(statements, policies)


@check(
    "policy-not-resource",
    "Policies list the resources that they allow actions on",
    severity="medium",
    area="policies",
    population="statements",
    decides=("NotResource",),
    where=OWN_ALLOW,
    message="{policy_name} allows actions on every resource except {not_resources} (Statement[{index}])",
    remediation="list the resources that are needed in `Resource`; forbid the others by an explicit Deny",
    blind_spot="The test does not see what Deny statements of other policies take away.",
)
def policy_not_resource(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow statement with `NotResource`, of an inline or customer managed policy.

    Such a statement also covers every resource that is created later. Policies that are used as a
    permissions boundary only, and statements whose whole effect the same policy denies, are not exceptions.
    """
    return (statements.not_resources.str.len() > 0) & ~grants_nothing(statements, policies)


@check(
    "policy-pass-role",
    "Only named roles can be passed",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows iam:PassRole on every role{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="name the roles in `Resource`, and the service in the condition `iam:PassedToService`",
    blind_spot=_BLIND,
    documentation="id_roles_use_passrole.html",
)
def policy_pass_role(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow whose actions include `iam:PassRole` and whose resources include every role.

    A pattern such as `arn:aws:iam::ACCOUNT:role/*` covers every role.
    """
    return _giving(statements, policies, "pass-role")


@check(
    "policy-assume-role",
    "Only named roles can be assumed",
    severity="medium",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows sts:AssumeRole on every role{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="name the roles in `Resource`: `arn:aws:iam::ACCOUNT:role/NAME`",
    blind_spot=_BLIND + " It does not ask which roles trust the holder.",
)
def policy_assume_role(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow whose actions include `sts:AssumeRole` and whose resources include every role.

    Such a statement also covers the roles of other accounts that trust this account.
    """
    return _giving(statements, policies, "assume-role")


@check(
    "policy-kms-all",
    "Full access to KMS is limited to named keys",
    severity="medium",
    area="policies",
    population="statements",
    cause="statement",
    practice="service-wildcards",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows every action of KMS on every key (Statement[{index}])",
    terms=_WHOLE_TERMS,
    remediation="replace `kms:*` by the actions that are used, such as `kms:Decrypt` and "
    "`kms:GenerateDataKey`, on named keys",
    blind_spot=_BLIND + " It does not see key policies, which may keep IAM policies from deciding.",
)
def policy_kms_all(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow whose actions include all of KMS and whose resources include every key.

    This includes decrypting, deleting keys and sharing them. An unconditional Deny in the same policy ends
    the exception when it covers, on every key, all of KMS or both `kms:Decrypt` and `kms:ReEncryptFrom`.
    """
    return _all_of_service(statements, policies, "kms")


@check(
    "policy-kms-decrypt",
    "Only named KMS keys can be used to decrypt",
    severity="medium",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} with every key{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="name the keys in `Resource`, or remove the action and grant it in the key policies",
    blind_spot=_BLIND + " It does not see key policies, which may keep IAM policies from deciding.",
)
def policy_kms_decrypt(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of `kms:Decrypt` or `kms:ReEncryptFrom` on every key.

    Security Hub KMS.1 and KMS.2 test these actions.
    """
    return _giving(statements, policies, "kms-decrypt")


@check(
    "policy-cloudtrail-all",
    "Full access to CloudTrail is limited to named trails",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows every action of CloudTrail on every trail (Statement[{index}])",
    terms=_WHOLE_TERMS,
    remediation="replace the actions by `cloudtrail:Get*`, `List*`, `Describe*` and `LookupEvents`, which "
    "suffice to read trails",
    blind_spot=_BLIND + " It does not see who may change the bucket that holds the trail.",
)
def policy_cloudtrail_all(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow of every action of CloudTrail whose resources include every trail.

    An unconditional Deny in the same policy ends the exception when it covers, on every trail, all of
    CloudTrail or all of `cloudtrail:StopLogging`, `DeleteTrail`, `UpdateTrail` and `PutEventSelectors`.
    """
    return _all_of_service(statements, policies, "cloudtrail")


@check(
    "policy-cloudtrail-stop",
    "Only named trails can be stopped or changed",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} on every trail{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="replace the actions by `cloudtrail:Get*`, `List*`, `Describe*` and `LookupEvents`, which "
    "suffice to read trails; protect the trails of the organization by an SCP",
    blind_spot=_BLIND + " It does not see who may change the bucket that holds the trail.",
)
def policy_cloudtrail_stop(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of StopLogging, DeleteTrail, UpdateTrail or PutEventSelectors on every trail.

    A holder of such a permission can switch the audit trail off.
    """
    return _giving(statements, policies, "cloudtrail-stop")


@check(
    "policy-marketplace",
    "Policies leave out subscriptions to AWS Marketplace",
    severity="low",
    area="policies",
    population="statements",
    cause="statement",
    practice="service-wildcards",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows aws-marketplace:Subscribe on every product{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="remove `aws-marketplace:Subscribe`; grant it to a role for buyers, and limit the products "
    "by a private marketplace",
    blind_spot=_BLIND + " It does not see which products the account has subscribed to.",
)
def policy_marketplace(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of `aws-marketplace:Subscribe`, an action that takes no resource.

    A subscription commits the account to pay a seller. `Resource` must be `*` to cover such an action.
    """
    return _giving(statements, policies, "marketplace")


@check(
    "policy-credentials",
    "Credentials can be created for named users only",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} for every user{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="limit `Resource` to the user who calls: `arn:aws:iam::ACCOUNT:user/${aws:username}`",
    blind_spot=_BLIND,
)
def policy_credentials(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of an action that creates a credential of a user, on every user.

    The actions are `iam:CreateAccessKey`, `CreateLoginProfile`, `UpdateLoginProfile`,
    `CreateServiceSpecificCredential`, `ResetServiceSpecificCredential` and `UploadSSHPublicKey`. A holder
    who creates a credential of another user can act as that user. A resource with `${aws:username}` covers
    one user only.
    """
    return _giving(statements, policies, "credentials")


@check(
    "policy-secrets",
    "Only named secrets of Secrets Manager can be read",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows secretsmanager:GetSecretValue on every secret{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="name the secrets in `Resource`: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-*`",
    blind_spot=_BLIND + " It does not see the policies of the secrets and of their keys.",
)
def policy_secrets(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of `secretsmanager:GetSecretValue` on every secret."""
    return _giving(statements, policies, "secrets")


@check(
    "policy-parameters",
    "Only named parameters of Systems Manager can be read",
    severity="medium",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} on every parameter{under} (Statement[{index}])",
    terms=_TERMS,
    remediation="name the parameters in `Resource` by their path: "
    "`arn:aws:ssm:REGION:ACCOUNT:parameter/TEAM/*`",
    blind_spot=_BLIND + " It does not see which parameters are SecureStrings and who may use their keys.",
)
def policy_parameters(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow that reads values of parameters, on every parameter.

    The actions are `ssm:GetParameter`, `GetParameters`, `GetParametersByPath` and `GetParameterHistory`.
    """
    return _giving(statements, policies, "parameters")
