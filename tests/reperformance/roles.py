"""Roles: used or not, tagged, and the few that every account should have."""

from tests.reperformance.people import DETAILS, holds
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import attached_to, inline_of, is_break_glass, moment, permission_set_of


def last_used(role):
    return moment((role.get("RoleLastUsed") or {}).get("LastUsedDate"))


@procedure("role-idle", DETAILS)
def role_idle(raw):
    for role in raw.changeable_roles:
        yield role["Arn"], not is_break_glass(role), is_idle(raw, role)


@procedure("permission-set-idle", DETAILS)
def permission_set_idle(raw):
    for role in raw.roles:
        yield (
            role["Arn"],
            permission_set_of(role) is not None and not is_break_glass(role),
            is_idle(raw, role),
        )


def is_idle(raw, role):
    since = last_used(role) or moment(role["CreateDate"])
    return raw.days_since(since) >= raw.settings.max_role_idle_days


@procedure("role-never-used", DETAILS)
def role_never_used(raw):
    for role in raw.changeable_roles:
        is_old = raw.days_since(moment(role["CreateDate"])) >= raw.settings.new_role_grace_days
        yield role["Arn"], not is_break_glass(role), last_used(role) is None and is_old


@procedure("role-tagged", DETAILS)
def role_tagged(raw):
    for role in raw.changeable_roles:
        yield role["Arn"], True, not role.get("Tags")


@procedure("role-inline-policy", DETAILS)
def role_inline_policy(raw):
    for role in raw.changeable_roles:
        yield role["Arn"], True, bool(inline_of(role))


@procedure("role-without-policy", DETAILS)
def role_without_policy(raw):
    for role in raw.changeable_roles:
        yield role["Arn"], True, not (inline_of(role) or attached_to(role))


@procedure("support-role", DETAILS)
def support_role(raw):
    yield raw.account_id, True, not any(holds(role, "AWSSupportAccess") for role in raw.roles)
