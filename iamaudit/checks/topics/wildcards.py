"""Statements that allow far more than anybody needs: complements, any role, any key, any secret."""

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.checks.topics.policies import OWN_ALLOW, boundary_only


def _allows(statements: Frame, *patterns: str) -> Mask:
    """Return which statements name one of the patterns in ``Action``, in any letter case."""
    wanted = {pattern.lower() for pattern in patterns}
    return statements.actions.map(lambda actions: any(a.lower() in wanted for a in actions)).astype("boolean")


@check(
    "policy-not-action",
    "No policy of the account allows all but a list of actions",
    severity="medium",
    area="policies",
    population="statements",
    decides=("NotAction",),
    where=OWN_ALLOW,
    message="{policy_name} allows every action but {not_actions} (Statement[{index}])",
    remediation="name what is allowed; a boundary or SCP is the place for what is not",
    blind_spot="What the other statements deny.",
)
def policy_not_action(statements: Frame, policies: Frame) -> Mask:
    """Every action that AWS adds is granted by it, in every service."""
    return (statements.not_actions.str.len() > 0) & ~boundary_only(statements, policies)


@check(
    "policy-not-resource",
    "No policy of the account allows all but a list of resources",
    severity="medium",
    area="policies",
    population="statements",
    decides=("NotResource",),
    where=OWN_ALLOW,
    message="{policy_name} allows every resource but {not_resources} (Statement[{index}])",
    remediation="name the resources; a Deny is the place for exceptions",
    blind_spot="What the other statements deny.",
)
def policy_not_resource(statements: Frame, policies: Frame) -> Mask:
    """Every resource that is made tomorrow is granted by it."""
    return (statements.not_resources.str.len() > 0) & ~boundary_only(statements, policies)


@check(
    "policy-pass-role",
    "No policy of the account passes any role",
    severity="high",
    area="policies",
    population="statements",
    decides=("Action", "Resource"),
    where=OWN_ALLOW,
    message="{policy_name} allows iam:PassRole on every role (Statement[{index}])",
    remediation="name the roles, and the service in iam:PassedToService",
    blind_spot="Wildcards such as iam:*: a check of its own has them.",
    documentation="id_roles_use_passrole.html",
)
def policy_pass_role(statements: Frame, policies: Frame) -> Mask:
    """Whoever may pass every role to a service that he may use has the permissions of all roles."""
    named = _allows(statements, "iam:PassRole", "iam:Pass*") & statements.is_all_resources
    return named & ~boundary_only(statements, policies)


@check(
    "policy-assume-role",
    "No policy of the account assumes any role",
    severity="high",
    area="policies",
    population="statements",
    decides=("Action", "Resource"),
    where=OWN_ALLOW,
    message="{policy_name} allows sts:AssumeRole on every role (Statement[{index}])",
    remediation="name the roles: arn:aws:iam::ACCOUNT:role/NAME",
    blind_spot="Roles that do not trust the holder.",
)
def policy_assume_role(statements: Frame, policies: Frame) -> Mask:
    """Every role that trusts the account, here or elsewhere, is open to the holder."""
    named = _allows(statements, "sts:AssumeRole", "sts:*", "sts:Assume*") & statements.is_all_resources
    return named & ~boundary_only(statements, policies)


@check(
    "policy-kms-all",
    "No policy of the account allows every action of KMS",
    severity="medium",
    area="policies",
    population="statements",
    decides=("Action",),
    where=OWN_ALLOW,
    message="{policy_name} allows kms:* (Statement[{index}])",
    remediation="let those who use keys only use them: kms:Decrypt, kms:GenerateDataKey on named keys",
    blind_spot="Keys whose key policy does not let IAM decide.",
)
def policy_kms_all(statements: Frame, policies: Frame) -> Mask:
    """An exception lets its holder use keys, delete them and open them to others."""
    return _allows(statements, "kms:*") & ~boundary_only(statements, policies)


@check(
    "policy-kms-decrypt",
    "No policy of the account decrypts with any key",
    severity="medium",
    area="policies",
    population="statements",
    decides=("Action", "Resource"),
    where=OWN_ALLOW,
    message="{policy_name} allows to decrypt with every key (Statement[{index}])",
    remediation="name the keys",
    blind_spot="Conditions such as kms:ViaService that narrow it: see the statement.",
)
def policy_kms_decrypt(statements: Frame, policies: Frame) -> Mask:
    """The actions of Security Hub's list: Decrypt and ReEncryptFrom on every resource."""
    named = _allows(statements, "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncrypt*", "kms:D*")
    return named & statements.is_all_resources & ~boundary_only(statements, policies)


@check(
    "policy-cloudtrail-all",
    "No policy of the account allows every action of CloudTrail",
    severity="high",
    area="policies",
    population="statements",
    decides=("Action",),
    where=OWN_ALLOW,
    message="{policy_name} allows cloudtrail:* (Statement[{index}])",
    remediation="reading the trail needs Get*, List*, Describe* and LookupEvents only",
    blind_spot="The bucket to which the trail is written.",
)
def policy_cloudtrail_all(statements: Frame, policies: Frame) -> Mask:
    """Whoever can stop the trail can act unseen."""
    return _allows(statements, "cloudtrail:*") & ~boundary_only(statements, policies)


@check(
    "policy-marketplace",
    "No policy of the account subscribes to any product",
    severity="low",
    area="policies",
    population="statements",
    decides=("Action", "Resource"),
    where=OWN_ALLOW,
    message="{policy_name} allows aws-marketplace:Subscribe on every product (Statement[{index}])",
    remediation="let few subscribe, and use a private marketplace",
    blind_spot="What was subscribed to.",
)
def policy_marketplace(statements: Frame, policies: Frame) -> Mask:
    """A subscription is a contract and a bill."""
    named = _allows(statements, "aws-marketplace:Subscribe", "aws-marketplace:*")
    return named & statements.is_all_resources & ~boundary_only(statements, policies)


@check(
    "policy-credentials",
    "No policy of the account hands out the credentials of everybody",
    severity="high",
    area="policies",
    population="statements",
    decides=("Action", "Resource"),
    where=OWN_ALLOW,
    message="{policy_name} lets its holder make credentials for anybody (Statement[{index}])",
    remediation="scope it to oneself: arn:aws:iam::ACCOUNT:user/${aws:username}",
    blind_spot="Wildcards such as iam:*: a check of its own has them.",
)
def policy_credentials(statements: Frame, policies: Frame) -> Mask:
    """Making a key, a password or a session for another principal is to become it."""
    named = _allows(
        statements,
        *("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
        *(
            "iam:CreateServiceSpecificCredential",
            "iam:ResetServiceSpecificCredential",
            "iam:UploadSSHPublicKey",
        ),
    )
    return named & statements.is_all_resources & ~boundary_only(statements, policies)


@check(
    "policy-secrets",
    "No policy of the account reads every secret",
    severity="high",
    area="policies",
    population="statements",
    decides=("Action", "Resource"),
    where=OWN_ALLOW,
    message="{policy_name} allows to read every secret (Statement[{index}])",
    remediation="name the secrets and parameters",
    blind_spot="Secrets whose own policy denies.",
)
def policy_secrets(statements: Frame, policies: Frame) -> Mask:
    """GetSecretValue, or GetParameter(s), on every resource."""
    named = _allows(
        statements,
        *("secretsmanager:GetSecretValue", "secretsmanager:*", "secretsmanager:Get*"),
        *("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameter*", "ssm:*", "ssm:Get*"),
    )
    return named & statements.is_all_resources & ~boundary_only(statements, policies)
