"""What is shown of a user or role: which rows of which frames, under which headings."""

from typing import TYPE_CHECKING

from iamaudit.audit.dossiers.dossier import SERVICE_COLUMNS
from iamaudit.tables import Section

if TYPE_CHECKING:
    from iamaudit.audit.dossiers.principal import PrincipalDossier

_BECOMING = {"principal_type": "type", "principal_name": "name", "verdict": "verdict", "permissions": "by"}


def sections_of(who: "PrincipalDossier") -> list[Section]:
    """Return observations, findings, credentials, policies, permissions, escalation and last use."""
    return [
        Section(
            *("observations", "Observations", who.observations),
            {"severity": "severity", "title": "observation"},
            "No observation names it.",
        ),
        Section(
            *("findings", "Findings", who.findings),
            {"severity": "severity", "message": "finding"},
            "No check that could be evaluated found an exception.",
        ),
        *(_of_a_role(who) if who.kind == "role" else _of_a_user(who)),
        Section(
            *("policies", "Policies", who.policies),
            {"policy_name": "policy", "kind": "kind", "how": "how", "via": "through"},
            who.or_unknown("No policy applies to it."),
        ),
        Section(
            *("last_accessed", "Last use by service", who.last_accessed),
            {
                "service": "service",
                "last_used_at": "last used",
                "days_idle": "days before",
                "region": "Region",
            },
            who.or_unknown("No use of a service is reported.", "last_accessed"),
        ),
        Section(
            *("services", "Effective permissions: possible actions by service", who.services),
            SERVICE_COLUMNS,
            "Root may do everything." if who.kind == "root" else who.or_unknown("No action is possible."),
            is_wide=True,
        ),
        Section(
            *("becomes", "Whom it can become in one step", who.becomes),
            _BECOMING,
            "An administrator can become anybody."
            if who.is_almighty
            else who.or_unknown("Nobody, by any known way."),
            is_wide=True,
        ),
        Section(
            *("become_by", "Who can become it in one step", who.become_by),
            _BECOMING,
            who.or_unknown("Nobody but administrators, by any known way."),
            is_wide=True,
        ),
        Section(
            *("paths", "Escalation paths", who.paths),
            {"end": "to", "verdict": "verdict", "path": "path", "needs": "needs"},
            who.or_unknown("No path to an administrator or to data."),
            is_wide=True,
        ),
    ]


def _of_a_user(who: "PrincipalDossier") -> list[Section]:
    keys = {
        "access_key_id": "key",
        "status": "status",
        "age_days": "days old",
        "last_used_at": "last used",
        "last_used_service": "by",
    }
    devices = {"kind": "kind", "serial": "serial", "enabled_at": "since"}
    return [
        Section(
            "access_keys",
            "Access keys",
            who.access_keys,
            keys,
            who.or_unknown("It has no access key.", "credential_report"),
        ),
        Section(
            "mfa_devices",
            "MFA devices",
            who.mfa_devices,
            devices,
            who.or_unknown("It has no MFA device.", "mfa_devices"),
        ),
    ]


def _of_a_role(who: "PrincipalDossier") -> list[Section]:
    trust = {"trusted": "principal", "kind": "kind", "words": "conditions"}
    return [
        Section("trust", "Whom it trusts", who.trust, trust, who.or_unknown("No statement lets anybody in."))
    ]
