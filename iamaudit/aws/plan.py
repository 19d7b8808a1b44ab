"""What a collection will cost, said before: calls and minutes, from AWS's counts of the account."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from iamaudit.snapshot import SourceResult

CALLS_A_SECOND = 10
"""What AWS lets one account ask of IAM for long; short of it, nothing is throttled."""

_ENTITIES_A_PAGE = 100  # AWS gives fewer than it is asked for when documents are long
_REPORT_SECONDS = 10
_ONCE = {
    "credential_report": 3,
    "account_summary": 1,
    "password_policy": 1,
    "account_aliases": 1,
    "mfa_devices": 1,
    "saml_providers": 1,
    "oidc_providers": 1,
    "server_certificates": 1,
    "instance_profiles": 1,
    "organization_features": 1,
    "access_analyzer": 1,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How many calls a collection makes at most, as far as it is known before the users are."""

    calls: int

    @property
    def minutes(self) -> int:
        """Return the minutes that AWS's rate makes of them, at least one."""
        return max(1, ceil((self.calls / CALLS_A_SECOND + _REPORT_SECONDS) / 60))

    def __str__(self) -> str:
        minutes = "1 minute" if self.minutes == 1 else f"{self.minutes:,} minutes"
        calls = "1 call" if self.calls == 1 else f"{self.calls:,} calls"
        return f"at most about {calls}, {minutes} at {CALLS_A_SECOND} calls a second"


def plan_of(summary: SourceResult, sources: Collection[str], *, is_fast: bool = False) -> Plan | None:
    """Return what ``sources`` will cost, or nothing when AWS did not say how large the account is.

    How many users have a key is not known before the report is: all of them may have two.
    """
    if summary.status != "collected":
        return None
    counts: Mapping[str, Any] = summary.content["SummaryMap"]
    users, roles = int(counts.get("Users", 0)), int(counts.get("Roles", 0))
    groups, policies = int(counts.get("Groups", 0)), int(counts.get("Policies", 0))
    devices = min(users, int(counts.get("MFADevicesInUse", users)))
    several = {
        "authorization_details": ceil((users + roles + groups + policies) / _ENTITIES_A_PAGE) or 1,
        "mfa_devices": 1 if is_fast else 1 + devices,
        "access_keys": users,
        "oidc_providers": 1 + int(counts.get("Providers", 0)),
        "login_profiles": users,
        "ssh_public_keys": users,
        "service_specific_credentials": users,
        "signing_certificates": users,
        "access_keys_last_used": 2 * users,
        "last_accessed": 2 * (users + roles),
    }
    calls = sum(several.get(name, _ONCE.get(name, 0)) for name in sources)
    return Plan(1 + calls)  # one for the question who asks
