"""What a user or role used of what it is granted, as action sets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from iamaudit.account.last_accessed import LastAccessed, actions_since
from iamaudit.iam.actions import Catalogue

_NEVER_TRACKED = "iam:PassRole"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionUse:
    """The actions granted to a principal, those of them that it used, and those that it surely did not.

    Of the rest, ``untracked``, nobody knows: AWS tracks neither the use of the action nor, perhaps, that of
    the service. ``idle`` are all actions that were surely not used, whether they are granted or not.
    ``services`` says of each granted service whether it was used, ``None`` where the report lacks it.
    ``unlisted`` names used actions that the catalogue does not have.
    """

    granted: int
    used: int
    idle: int
    services: Mapping[str, bool | None]
    unlisted: tuple[str, ...] = ()

    @property
    def unused(self) -> int:
        """The granted actions that were surely not used."""
        return self.granted & self.idle

    @property
    def untracked(self) -> int:
        """The granted actions of whose use nobody knows."""
        return self.granted & ~self.used & ~self.idle

    def services_where(self, is_used: bool | None) -> list[str]:
        """Return the granted services that were used, were not, or of which nobody knows."""
        return [service for service, used in self.services.items() if used is is_used]


def permission_use(
    accessed: LastAccessed, granted: int, catalogue: Catalogue, *, as_of: datetime, days: int
) -> PermissionUse:
    """Compare what is granted with what was used within ``days`` before ``as_of``.

    An action is unused if its service is, or if AWS tracked it all that time without a use. A service that
    the report lacks is not unused, and ``iam:PassRole``, which AWS never tracks, is neither.
    """
    since = as_of - timedelta(days=days)
    used = idle = 0
    unlisted: list[str] = []
    for service, use in accessed.services.items():
        names = {f"{service}:{name}": _is_since(last.at, since) for name, last in use.actions.items()}
        known = {name: catalogue.expand_pattern(name) for name in names}
        unlisted += [name for name, action in known.items() if names[name] and not action]
        used |= _union(known[name] for name, is_used in names.items() if is_used)
        if not _is_since(use.last_used_at, since):
            idle |= catalogue.service_mask(service) if service in catalogue.services else 0
        elif actions_since(service) <= since:
            idle |= _union(known[name] for name, is_used in names.items() if not is_used)
    idle &= ~used & ~catalogue.expand_pattern(_NEVER_TRACKED)
    reported = {name: _is_since(use.last_used_at, since) for name, use in accessed.services.items()}
    return PermissionUse(
        granted=granted,
        used=used & granted,
        idle=idle,
        services={s: reported.get(s) for s in catalogue.services if catalogue.service_mask(s) & granted},
        unlisted=tuple(unlisted),
    )


def _is_since(moment: datetime | None, since: datetime) -> bool:
    return moment is not None and moment > since


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)
