"""Users and groups: who is there, and how permissions reach them."""

from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from iamaudit.checks.catalogue import Frame, Mask, check
from iamaudit.checks.topics.later import LATER_LOGIN, LATER_USE
from iamaudit.checks.topics.tags import untagged
from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.actions.reference import resource_templates
from iamaudit.settings import Settings

_PEOPLE = "not is_root and not is_gone"
_NOT_WHAT = "The test does not see what the policy allows."


@check(
    "user-idle",
    "Users idle for {max_unused_days} days are removed",
    severity="medium",
    area="users",
    population="users",
    cause="credential",
    practice="unused-credentials",
    where=_PEOPLE,
    sources=("credential_report",),
    message="{name} is {age_days} days old, last use of a credential: {last_used_at|never}",
    terms=LATER_USE,
    remediation="`aws iam update-access-key --user-name {name} --access-key-id KEY --status Inactive` for "
    "each active key; `aws iam delete-login-profile --user-name {name}`; after a month without errors: "
    "remove its keys, MFA devices, policies and group memberships, then `aws iam delete-user --user-name "
    "{name}`",
    blind_spot="The test does not see use within the last hours, which AWS has not recorded yet.",
    console="IAM > Users, column Last activity",
    documentation="id_credentials_finding-unused.html",
)
def user_idle(users: Frame, settings: Settings) -> Mask:
    """An exception is a user idle for {max_unused_days} days or longer.

    A user is idle since the newest of `password_last_used` and `access_key_N_last_used_date`; a user whose
    credentials were never used is idle since its creation.
    """
    idle_days = users.days_idle.mask(users.never_used.fillna(value=False), users.age_days)
    return idle_days >= settings.max_unused_days


@check(
    "user-without-credential",
    "Every user has a password or an active access key",
    severity="low",
    area="users",
    population="users",
    cause="practice",
    practice="unused",
    where=_PEOPLE,
    sources=("credential_report",),
    message="{name} has neither a password nor an active access key",
    terms=LATER_LOGIN,
    remediation="ask the owner; if nobody needs the user: remove its inactive keys, policies and group "
    "memberships, then `aws iam delete-user --user-name {name}`",
    blind_spot="The test does not see service-specific credentials and SSH keys.",
)
def user_without_credential(users: Frame) -> Mask:
    """An exception is a user whose `password_enabled` and both `access_key_N_active` are false.

    A principal that may create a credential for it gets its permissions.
    """
    return ~users.has_password & (users.active_keys == 0)


@check(
    "user-in-group",
    "Every user is in a group",
    severity="low",
    area="users",
    population="users",
    cause="practice",
    practice="direct-policies",
    where=_PEOPLE,
    sources=("authorization_details",),
    message="{name} is in no group",
    remediation="`aws iam add-user-to-group --user-name {name} --group-name GROUP`",
    blind_spot="The test does not see whether the groups are the right ones.",
)
def user_in_group(users: Frame) -> Mask:
    """An exception is a user whose `GroupList` in the authorization details is empty."""
    return users.groups.str.len() == 0


@check(
    "user-tagged",
    "Every user has a tag",
    severity="informational",
    area="users",
    population="users",
    cause="practice",
    practice="tagging",
    where=_PEOPLE,
    sources=("authorization_details",),
    message="{name} has no tag that says whose it is",
    remediation="`aws iam tag-user --user-name {name} --tags Key=owner,Value=OWNER`",
    blind_spot="The test does not see whether the tags are correct.",
)
def user_tagged(users: Frame) -> Mask:
    """An exception is a user without `Tags` in the authorization details, or only with `aws:` tags of AWS."""
    return untagged(users.tags)


@check(
    "user-inline-policy",
    "Users have no inline policies",
    severity="informational",
    area="users",
    population="users",
    cause="practice",
    practice="direct-policies",
    where=_PEOPLE,
    sources=("authorization_details",),
    message="{name} has an inline policy",
    remediation="`aws iam create-policy --policy-name POLICY --policy-document file://policy.json` with the "
    "same document; attach it to a group of the user; then `aws iam delete-user-policy --user-name {name} "
    "--policy-name POLICY`",
    blind_spot=_NOT_WHAT,
)
def user_inline_policy(users: Frame, attachments: Frame) -> Mask:
    """An exception is a user with a `UserPolicyList` in the authorization details."""
    return users.arn.isin(_with_inline(attachments))


@check(
    "group-inline-policy",
    "Groups have no inline policies",
    severity="informational",
    area="users",
    population="groups",
    cause="practice",
    practice="direct-policies",
    message="{name} has an inline policy",
    remediation="`aws iam create-policy --policy-name POLICY --policy-document file://policy.json` with the "
    "same document; `aws iam attach-group-policy --group-name {name} --policy-arn ARN`; then "
    "`aws iam delete-group-policy --group-name {name} --policy-name POLICY`",
    blind_spot=_NOT_WHAT,
)
def group_inline_policy(groups: Frame, attachments: Frame) -> Mask:
    """An exception is a group with a `GroupPolicyList` in the authorization details."""
    return groups.arn.isin(_with_inline(attachments))


@check(
    "group-empty",
    "Every group has a member",
    severity="informational",
    area="users",
    population="groups",
    cause="practice",
    practice="unused",
    message="{name} has no member",
    remediation="detach its managed policies and delete its inline policies; then "
    "`aws iam delete-group --group-name {name}`",
    blind_spot="The test does not see whether a group is kept for an emergency.",
)
def group_empty(groups: Frame) -> Mask:
    """An exception is a group that no user of the authorization details has in its `GroupList`."""
    return groups.member_count == 0


@check(
    "group-without-policy",
    "Every group has a policy",
    severity="informational",
    area="users",
    population="groups",
    cause="practice",
    practice="unused",
    message="{name} has no policy",
    remediation="attach a policy to the group; if nobody needs the group: "
    "`aws iam delete-group --group-name {name}`",
    blind_spot="The test does not see whether the group is used for anything other than permissions, such "
    "as a list of people.",
)
def group_without_policy(groups: Frame, attachments: Frame) -> Mask:
    """An exception is a group without `AttachedManagedPolicies` and without `GroupPolicyList`."""
    return ~groups.arn.isin(attachments.principal[attachments.principal_type == "group"])


@check(
    "group-deny-reach",
    "Deny statements that name groups deny actions on groups",
    severity="medium",
    area="users",
    population="statements",
    cause="statement",
    practice="policy-mistakes",
    decides=("Resource",),
    where="effect == 'Deny' and not is_aws_managed and kind not in ['trust', 'SCP', 'RCP']",
    message="{policy_name} denies actions on a group that do not apply to groups (Statement[{index}]): its "
    "members are not reached",
    remediation="name the users in `Resource` by their path: `arn:aws:iam::ACCOUNT:user/PATH/*`; or attach "
    "the Deny to the group",
    blind_spot="The test does not see what the author meant to protect.",
)
def group_deny_reach(statements: Frame) -> Mask:
    """An exception is a Deny whose `Resource` names groups only, with an action that is not about a group.

    An action is about a group when AWS's service reference lists the resource type `group` for it, as for
    `iam:DeleteGroup`. A pattern is an exception when none of its actions is about a group, as `ec2:*`, or
    when one of them changes a user, as `iam:Delete*`. The ARN of a group does not include its members.
    Such a Deny does not protect them.
    """
    only_groups = statements.resources.map(lambda arns: bool(arns) and all(":group/" in arn for arn in arns))
    is_void = statements.actions.map(lambda patterns: any(map(_misses_members, patterns)))
    excepted = statements.not_actions.map(lambda patterns: bool(patterns) and _changes_users_but(patterns))
    return only_groups & (is_void | excepted)


@check(
    "federation",
    "People sign in through federation, not as IAM users",
    severity="medium",
    area="users",
    population="users",
    cause="credential",
    practice="long-term-credentials",
    where="has_password and not is_root and not is_gone and not is_break_glass",
    message="{name} has a console password of its own",
    terms=LATER_LOGIN,
    remediation="give the person a permission set in IAM Identity Center, or a role of the SAML provider; "
    "once the person has signed in that way: `aws iam delete-login-profile --user-name {name}`",
    blind_spot="The test does not see whether a user is meant to be outside of federation, unless a tag or "
    "the "
    "parameter `break_glass` says so.",
    console="IAM > Identity providers",
    documentation="id_roles_providers.html",
)
def federation(users: Frame) -> Mask:
    """Every user whose `password_enabled` is true is an exception.

    Users who are kept for an emergency are left out: a tag says break-glass, or the parameter `break_glass`
    names them.
    """
    return pd.Series(True, index=users.index, dtype="boolean")


def _misses_members(pattern: str) -> bool:
    """Say whether a Deny of a pattern on a group leaves out what its author may mean."""
    about_groups, change_users = _about()
    actions = load_catalogue().expand_pattern(pattern)
    return bool(actions) and (not actions & about_groups or bool(actions & change_users))


def _changes_users_but(patterns: Iterable[str]) -> bool:
    return bool(_about()[1] & ~load_catalogue().expand_patterns(patterns))


@lru_cache(maxsize=1)
def _about() -> tuple[int, int]:
    """Return the IAM actions that take a group, and those that take no group and change a user."""
    catalogue = load_catalogue()
    kinds = {name: " ".join(resource_templates(name)) for name in catalogue.names if name.startswith("iam:")}
    groups, users = (
        catalogue.expand_patterns(name for name, arns in kinds.items() if kind in arns)
        for kind in (":group/", ":user/")
    )
    reads = catalogue.level_mask("Read") | catalogue.level_mask("List")
    return groups, users & ~groups & ~reads


def _with_inline(attachments: Frame) -> Mask:
    return attachments.principal[attachments.how == "inline"].drop_duplicates()
