"""Users and groups: who is there, and how permissions reach them."""

import pandas as pd

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.settings import Settings

_PEOPLE = "not is_root and not is_gone"


@check(
    "user-idle",
    "Users idle for {max_unused_days} days are removed",
    severity="medium",
    area="users",
    population="users",
    where=_PEOPLE,
    sources=("credential_report",),
    message="{name} has not been used since {last_used_at}",
    remediation="deactivate its keys and delete its login profile; after a quiet month: "
    "`aws iam delete-user --user-name {name}`",
    blind_spot="Use within the last hours that AWS has not recorded yet.",
    console="IAM > Users, column Last activity",
    documentation="id_credentials_finding-unused.html",
)
def user_idle(users: Frame, settings: Settings) -> Mask:
    """The newest use of password and keys counts; a user never used counts since it was made."""
    return users.days_idle.where(~users.never_used, users.age_days) >= settings.max_unused_days


@check(
    "user-without-credential",
    "Every user has a credential",
    severity="low",
    area="users",
    population="users",
    where=_PEOPLE,
    sources=("credential_report",),
    message="{name} has neither a password nor an access key",
    remediation="if nothing is missing: `aws iam delete-user --user-name {name}`",
    blind_spot="Service-specific credentials and SSH keys.",
)
def user_without_credential(users: Frame) -> Mask:
    """A user that cannot sign in holds permissions for whoever makes it a key."""
    return ~users.has_password & (users.active_keys == 0)


@check(
    "user-in-group",
    "Every user is in a group",
    severity="low",
    area="users",
    population="users",
    where=_PEOPLE,
    sources=("authorization_details",),
    message="{name} is in no group",
    remediation="`aws iam add-user-to-group --user-name {name} --group-name GROUP`",
    blind_spot="Whether the groups are the right ones.",
)
def user_in_group(users: Frame) -> Mask:
    """Permissions that do not come through a group are reviewed one by one, or not at all."""
    return users.groups.str.len() == 0


@check(
    "user-tagged",
    "Every user is tagged",
    severity="low",
    area="users",
    population="users",
    where=_PEOPLE,
    sources=("authorization_details",),
    message="{name} has no tag: nobody knows whose it is",
    remediation="`aws iam tag-user --user-name {name} --tags Key=owner,Value=OWNER`",
    blind_spot="Whether the tags are true.",
)
def user_tagged(users: Frame) -> Mask:
    """An exception is a user without any tag."""
    return users.tags.isna()


@check(
    "user-inline-policy",
    "No user has an inline policy",
    severity="low",
    area="users",
    population="users",
    where=_PEOPLE,
    sources=("authorization_details",),
    message="{name} has an inline policy",
    remediation="make it a managed policy of a group; `aws iam delete-user-policy --user-name {name} "
    "--policy-name POLICY`",
    blind_spot="What the policy allows.",
)
def user_inline_policy(users: Frame, attachments: Frame) -> Mask:
    """An inline policy is in no list of policies and has no versions."""
    return users.arn.isin(_with_inline(attachments))


@check(
    "group-inline-policy",
    "No group has an inline policy",
    severity="low",
    area="users",
    population="groups",
    message="{name} has an inline policy",
    remediation="make it a managed policy; `aws iam delete-group-policy --group-name {name} "
    "--policy-name POLICY`",
    blind_spot="What the policy allows.",
)
def group_inline_policy(groups: Frame, attachments: Frame) -> Mask:
    """An inline policy is in no list of policies and has no versions."""
    return groups.arn.isin(_with_inline(attachments))


@check(
    "group-empty",
    "Every group has a member",
    severity="low",
    area="users",
    population="groups",
    message="{name} has no member",
    remediation="`aws iam delete-group --group-name {name}` after its policies are detached",
    blind_spot="Groups kept for an emergency.",
)
def group_empty(groups: Frame) -> Mask:
    """An empty group is a set of permissions that waits for somebody."""
    return groups.member_count == 0


@check(
    "group-without-policy",
    "Every group has a policy",
    severity="low",
    area="users",
    population="groups",
    message="{name} has no policy",
    remediation="give it one, or delete it: its members may believe that it does something",
    blind_spot="Groups that only name people.",
)
def group_without_policy(groups: Frame, attachments: Frame) -> Mask:
    """An exception is a group with neither a managed nor an inline policy."""
    return ~groups.arn.isin(attachments.principal[attachments.principal_type == "group"])


@check(
    "group-deny-reach",
    "No Deny protects a group where its members are meant",
    severity="medium",
    area="users",
    population="statements",
    decides=("Resource",),
    where="effect == 'Deny' and not is_aws_managed and kind not in ['trust', 'SCP', 'RCP']",
    message="{policy_name} denies on the group itself (Statement[{index}]): that does not reach its members",
    remediation="deny on the users, by path or tag: `arn:aws:iam::ACCOUNT:user/PATH/*`",
    blind_spot="A Deny that is about the group, as one against changing its membership.",
)
def group_deny_reach(statements: Frame) -> Mask:
    """An exception is a Deny of actions on users whose resources are only ARNs of groups."""
    resources = statements.resources
    only_groups = resources.map(lambda arns: bool(arns) and all(":group/" in arn for arn in arns))
    on_users = statements.actions.map(
        lambda actions: any("user" in a.lower() or a.lower() in ("iam:*", "*") for a in actions)
    )
    return only_groups & on_users


@check(
    "federation",
    "People sign in through federation",
    severity="medium",
    area="users",
    population="users",
    where="has_password and not is_root and not is_gone",
    message="{name} has a console password of its own",
    remediation="give the person a permission set in IAM Identity Center, or a role of the SAML provider; "
    "`aws iam delete-login-profile --user-name {name}`",
    blind_spot="Break-glass users that are meant to be outside of federation.",
    console="IAM > Identity providers",
    documentation="id_roles_providers.html",
)
def federation(users: Frame) -> Mask:
    """Every console password of an IAM user is an exception."""
    return pd.Series(True, index=users.index, dtype="boolean")


def _with_inline(attachments: Frame) -> Mask:
    return attachments.principal[attachments.how == "inline"]
