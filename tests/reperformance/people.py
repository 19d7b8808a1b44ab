"""Users and groups: who is there, and how permissions reach them."""

from tests.reperformance.procedures import procedure
from tests.reperformance.raw import attached_to, every, inline_of, reaches

REPORT, DETAILS = "credential_report", "authorization_details"


@procedure("user-idle", REPORT)
def user_idle(raw):
    for user in raw.present:
        never = user.was_never_used
        since = user.made if never else user.last_used
        yield (
            user.arn,
            True,
            None if never is None else reaches(raw.days_since(since), raw.settings.max_unused_days),
        )


@procedure("user-without-credential", REPORT)
def user_without_credential(raw):
    for user in raw.present:
        no_password = None if user.has_password is None else not user.has_password
        no_key = None if user.active_keys is None else user.active_keys == 0
        yield user.arn, True, every(no_password, no_key)


def users_in_details(raw):
    return [user for user in raw.present if user.detail]


@procedure("user-in-group", DETAILS)
def user_in_group(raw):
    for user in users_in_details(raw):
        yield user.arn, True, not user.detail["GroupList"]


@procedure("user-tagged", DETAILS)
def user_tagged(raw):
    for user in users_in_details(raw):
        yield user.arn, True, not user.detail.get("Tags")


@procedure("user-inline-policy", DETAILS)
def user_inline_policy(raw):
    for user in users_in_details(raw):
        yield user.arn, True, bool(inline_of(user.detail))


@procedure("policy-on-user", DETAILS)
def policy_on_user(raw):
    for user in users_in_details(raw):
        yield user.arn, True, bool(inline_of(user.detail) or attached_to(user.detail))


@procedure("group-inline-policy", DETAILS)
def group_inline_policy(raw):
    for group in raw.groups:
        yield group["Arn"], True, bool(inline_of(group))


@procedure("group-without-policy", DETAILS)
def group_without_policy(raw):
    for group in raw.groups:
        yield group["Arn"], True, not (inline_of(group) or attached_to(group))


@procedure("group-empty", DETAILS)
def group_empty(raw):
    members = {name for user in raw.details["UserDetailList"] for name in user["GroupList"]}
    for group in raw.groups:
        yield group["Arn"], True, group["GroupName"] not in members


def holds(item, policy):
    return any(arn.endswith(f":iam::aws:policy/{policy}") for arn in attached_to(item))


@procedure("administrator-policy-user", DETAILS)
def administrator_policy_user(raw):
    for user in users_in_details(raw):
        yield user.arn, True, holds(user.detail, "AdministratorAccess")


@procedure("administrator-policy-group", DETAILS)
def administrator_policy_group(raw):
    for group in raw.groups:
        yield group["Arn"], True, holds(group, "AdministratorAccess")


@procedure("administrator-policy-role", DETAILS)
def administrator_policy_role(raw):
    for role in raw.own_roles:
        yield role["Arn"], True, holds(role, "AdministratorAccess")
