"""When a user or role last used each service and action, as AWS reports it.

AWS lists every service that the identity policies of the principal allow, and for some services the
management actions that it tracks. It counts attempts, also those that were denied. Actions on data, such as
``s3:GetObject``, and ``iam:PassRole`` are not tracked.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from iamaudit.account.times import parse_time

TRACKED_DAYS = 400
"""AWS reports the use of services for at least so many days."""

_ACTIONS_SINCE = {
    "s3": datetime(2020, 4, 12, tzinfo=UTC),
    **dict.fromkeys(("ec2", "iam", "lambda"), datetime(2021, 4, 7, tzinfo=UTC)),
}
_OTHER_ACTIONS_SINCE = datetime(2023, 5, 23, tzinfo=UTC)


def actions_since(service: str) -> datetime:
    """Return when AWS began to track the actions of a service, where it does."""
    return _ACTIONS_SINCE.get(service, _OTHER_ACTIONS_SINCE)


@dataclass(frozen=True, slots=True)
class LastUse:
    """The last use of a service or action and its Region; ``None`` where AWS knows of no use."""

    at: datetime | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUse:
    """The last use of a service, and of each of its actions that AWS tracks; of many services it is none."""

    last: LastUse
    actions: Mapping[str, LastUse] = field(default_factory=dict)

    @property
    def last_used_at(self) -> datetime | None:
        """When the service, or an action of it, was last used."""
        known = (each.at for each in (self.last, *self.actions.values()) if each.at is not None)
        return max(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAccessed:
    """The report on one principal: its services by prefix; ``problem`` says why there is none."""

    services: Mapping[str, ServiceUse] = field(default_factory=dict)
    problem: str | None = None

    @property
    def last_used_at(self) -> datetime | None:
        """When the principal last used anything."""
        known = (use.last_used_at for use in self.services.values())
        return max((at for at in known if at is not None), default=None)


def read_last_accessed(source: Mapping[str, Any] | None) -> Mapping[str, LastAccessed] | None:
    """Return the reports by ARN; without the source there are none."""
    return None if source is None else {arn: _report(answer) for arn, answer in source.items()}


def _report(answer: Mapping[str, Any]) -> LastAccessed:
    status = answer.get("JobStatus")
    if status != "COMPLETED":
        reason = (answer.get("Error") or {}).get("Message")
        problem = f"AWS's report on its last use is {status or 'missing'}"
        return LastAccessed(problem=f"{problem} ({reason})" if reason else problem)
    return LastAccessed(
        services={
            service["ServiceNamespace"].lower(): ServiceUse(
                last=LastUse(
                    parse_time(service.get("LastAuthenticated")), service.get("LastAuthenticatedRegion")
                ),
                actions={
                    action["ActionName"]: LastUse(
                        parse_time(action.get("LastAccessedTime")), action.get("LastAccessedRegion")
                    )
                    for action in service.get("TrackedActionsLastAccessed") or ()
                },
            )
            for service in answer.get("ServicesLastAccessed") or ()
        }
    )
