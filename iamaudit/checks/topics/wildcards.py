"""Statements that allow far more than anybody needs: complements, every role, every key, every secret."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.checks.topics.policies import OWN_ALLOW, grants_nothing
from iamaudit.iam.actions import POWERS

_BLIND = (
    "It reads one statement with the Deny statements of its own policy, and does not see other policies, "
    "boundaries and SCPs of the holder: the checks `principal-...` combine them. It does not see a "
    "pattern that covers all but one Region or one prefix."
)
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
    "No policy allows every action but a few",
    severity="medium",
    area="policies",
    population="statements",
    decides=("NotAction",),
    where=OWN_ALLOW,
    message="{policy_name} allows every action but {not_actions} (Statement[{index}])",
    remediation="name the actions that are needed in `Action`; a permissions boundary or an SCP is the place "
    "for what is forbidden",
    blind_spot="It does not see what Deny statements of other policies take away.",
)
def policy_not_action(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow statement with `NotAction`, of an inline or customer managed policy.

    It grants every action that AWS adds later, in every service. Policies that are used as a permissions
    boundary only, and statements whose whole effect the same policy denies, are no exceptions.
    """
    return (statements.not_actions.str.len() > 0) & ~grants_nothing(statements, policies)


@check(
    "policy-not-resource",
    "No policy allows every resource but a few",
    severity="medium",
    area="policies",
    population="statements",
    decides=("NotResource",),
    where=OWN_ALLOW,
    message="{policy_name} allows every resource but {not_resources} (Statement[{index}])",
    remediation="name the resources that are needed in `Resource`; a Deny is the place for exceptions",
    blind_spot="It does not see what Deny statements of other policies take away.",
)
def policy_not_resource(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow statement with `NotResource`, of an inline or customer managed policy.

    It grants every resource that is made later. Policies that are used as a permissions boundary only, and
    statements whose whole effect the same policy denies, are no exceptions.
    """
    return (statements.not_resources.str.len() > 0) & ~grants_nothing(statements, policies)


@check(
    "policy-pass-role",
    "No policy lets its holder pass every role",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows iam:PassRole on every role{under} (Statement[{index}])",
    remediation="name the roles in `Resource`, and the service in the condition key `iam:PassedToService`",
    blind_spot=_BLIND,
    documentation="id_roles_use_passrole.html",
)
def policy_pass_role(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow whose actions include `iam:PassRole` and whose resources include every role.

    Actions are expanded by name, wildcard and `NotAction`, in any letter case. Every role is `*`, a pattern
    that covers any role name of the account, or a `NotResource` that leaves roles out. An unconditional Deny
    in the same policy that covers every role ends the exception; a condition is shown and does not.
    """
    return _giving(statements, policies, "pass-role")


@check(
    "policy-assume-role",
    "No policy lets its holder assume every role",
    severity="medium",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows sts:AssumeRole on every role{under} (Statement[{index}])",
    remediation="name the roles: `arn:aws:iam::ACCOUNT:role/NAME`",
    blind_spot=_BLIND + " It does not ask which roles trust the holder.",
)
def policy_assume_role(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow whose actions include `sts:AssumeRole` and whose resources include every role.

    Its holder may use every role, here or in another account, that trusts the holder's account. Actions,
    resources, Deny and conditions are read as in `policy-pass-role`.
    """
    return _giving(statements, policies, "assume-role")


@check(
    "policy-kms-all",
    "No policy allows every action of KMS on every key",
    severity="medium",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows every action of KMS on every key (Statement[{index}])",
    remediation="let users of keys only use them: `kms:Decrypt` and `kms:GenerateDataKey` on named keys",
    blind_spot=_BLIND + " It does not see key policies, which may keep IAM policies from deciding.",
)
def policy_kms_all(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow whose actions include all of KMS and whose resources include every key.

    Its holder can decrypt with keys, delete them and share them. A Deny in the same policy ends the
    exception when it covers every action of KMS.
    """
    return _all_of_service(statements, policies, "kms")


@check(
    "policy-kms-decrypt",
    "No policy lets its holder decrypt with every KMS key",
    severity="medium",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} with every key{under} (Statement[{index}])",
    remediation="name the keys in `Resource`, or let the key policies decide",
    blind_spot=_BLIND + " It does not see key policies, which may keep IAM policies from deciding.",
)
def policy_kms_decrypt(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of `kms:Decrypt` or `kms:ReEncryptFrom` on every key.

    These are the actions of Security Hub KMS.1 and KMS.2. Actions, resources, Deny and conditions are read as
    in `policy-pass-role`.
    """
    return _giving(statements, policies, "kms-decrypt")


@check(
    "policy-cloudtrail-all",
    "No policy allows every action of CloudTrail on every trail",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows every action of CloudTrail on every trail (Statement[{index}])",
    remediation="reading trails needs `cloudtrail:Get*`, `List*`, `Describe*` and `LookupEvents` only",
    blind_spot=_BLIND + " It does not see who may change the bucket that holds the trail.",
)
def policy_cloudtrail_all(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow whose actions include all of CloudTrail and whose resources every trail.

    A Deny in the same policy ends the exception when it covers every
    action of CloudTrail.
    """
    return _all_of_service(statements, policies, "cloudtrail")


@check(
    "policy-cloudtrail-stop",
    "No policy lets its holder stop every trail",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} on every trail{under} (Statement[{index}])",
    remediation="reading trails needs `cloudtrail:Get*`, `List*`, `Describe*` and `LookupEvents` only; let "
    "an SCP protect the trails of the organization",
    blind_spot=_BLIND + " It does not see who may change the bucket that holds the trail.",
)
def policy_cloudtrail_stop(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of StopLogging, DeleteTrail, UpdateTrail or PutEventSelectors on every trail.

    Whoever holds it can act unrecorded. Actions, resources, Deny and conditions are read as in
    `policy-pass-role`.
    """
    return _giving(statements, policies, "cloudtrail-stop")


@check(
    "policy-marketplace",
    "No policy lets its holder subscribe to every marketplace product",
    severity="low",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows aws-marketplace:Subscribe on every product{under} (Statement[{index}])",
    remediation="give `aws-marketplace:Subscribe` to buyers only, and use a private marketplace",
    blind_spot=_BLIND + " It does not see what was subscribed to.",
)
def policy_marketplace(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of `aws-marketplace:Subscribe`, an action that takes no resource.

    A subscription is a contract with a seller that costs money. Actions, Deny and conditions are read as in
    `policy-pass-role`.
    """
    return _giving(statements, policies, "marketplace")


@check(
    "policy-credentials",
    "No policy lets its holder make credentials for every user",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} for every user{under} (Statement[{index}])",
    remediation="scope it to the user who calls: `arn:aws:iam::ACCOUNT:user/${aws:username}`",
    blind_spot=_BLIND,
)
def policy_credentials(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of an action that makes a credential of a user, on every user.

    The actions are `iam:CreateAccessKey`, `CreateLoginProfile`, `UpdateLoginProfile`,
    `CreateServiceSpecificCredential`, `ResetServiceSpecificCredential` and `UploadSSHPublicKey`. Whoever
    makes a credential of another user can act as that user. Actions, resources, Deny and conditions are read
    as in `policy-pass-role`; a resource with `${aws:username}` covers one user.
    """
    return _giving(statements, policies, "credentials")


@check(
    "policy-secrets",
    "No policy lets its holder read every secret of Secrets Manager",
    severity="high",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows secretsmanager:GetSecretValue on every secret{under} (Statement[{index}])",
    remediation="name the secrets: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-*`",
    blind_spot=_BLIND + " It does not see the policies of the secrets and of their keys.",
)
def policy_secrets(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow of `secretsmanager:GetSecretValue` on every secret.

    Actions, resources, Deny and conditions are read as in `policy-pass-role`.
    """
    return _giving(statements, policies, "secrets")


@check(
    "policy-parameters",
    "No policy lets its holder read every parameter of Systems Manager",
    severity="medium",
    area="policies",
    population="statements",
    decides=_DECIDES,
    where=OWN_ALLOW,
    message="{policy_name} allows {granted} on every parameter{under} (Statement[{index}])",
    remediation="name the parameters by their path: `arn:aws:ssm:REGION:ACCOUNT:parameter/TEAM/*`",
    blind_spot=_BLIND + " It does not see which parameters are SecureStrings and who may use their keys.",
)
def policy_parameters(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow that reads values of parameters, on every parameter.

    The actions are `ssm:GetParameter`, `GetParameters`, `GetParametersByPath` and `GetParameterHistory`.
    Actions, resources, Deny and conditions are read as in `policy-pass-role`.
    """
    return _giving(statements, policies, "parameters")
