"""Roles: used or not, tagged, and the few that every account should have."""

from tests.reperformance.people import DETAILS, holds
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import attached_to, inline_of, moment


def last_used(role):
    return moment((role.get("RoleLastUsed") or {}).get("LastUsedDate"))


@procedure("role-idle", DETAILS)
def role_idle(raw):
    for role in raw.own_roles:
        since = last_used(role) or moment(role["CreateDate"])
        yield role["Arn"], True, raw.days_since(since) >= raw.settings.max_role_idle_days


@procedure("role-never-used", DETAILS)
def role_never_used(raw):
    for role in raw.own_roles:
        is_old = raw.days_since(moment(role["CreateDate"])) > raw.settings.new_key_grace_days
        yield role["Arn"], True, last_used(role) is None and is_old


@procedure("role-tagged", DETAILS)
def role_tagged(raw):
    for role in raw.own_roles:
        yield role["Arn"], True, not role.get("Tags")


@procedure("role-inline-policy", DETAILS)
def role_inline_policy(raw):
    for role in raw.own_roles:
        yield role["Arn"], True, bool(inline_of(role))


@procedure("role-without-policy", DETAILS)
def role_without_policy(raw):
    for role in raw.own_roles:
        yield role["Arn"], True, not (inline_of(role) or attached_to(role))


@procedure("support-role", DETAILS)
def support_role(raw):
    yield raw.account_id, True, not any(holds(role, "AWSSupportAccess") for role in raw.roles)


@procedure("audit-role", DETAILS)
def audit_role(raw):
    yield raw.account_id, True, not any(holds(role, "SecurityAudit") for role in raw.roles)
