"""The account in four numbers, and how far every principal is from being an administrator."""

from collections.abc import Callable
from dataclasses import dataclass

from iamaudit.audit.judgement import Judgement

_OUTSIDE = ("external account", "known account", "anyone", "SAML", "Identity Center", "web identity")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the first page, with what it counts and what stands out; ``None`` when nobody knows."""

    count: int | None
    label: str
    note: str
    page: str


@dataclass(frozen=True, slots=True)
class Distance:
    """Principals that are as far from being an administrator, with their names."""

    label: str
    names: tuple[str, ...]


def posture(audit: Judgement) -> list[Number]:
    """Return people, keys, administrators and outsiders."""
    made: list[tuple[str, str, str, str, Callable[[Judgement], tuple[int, str]]]] = [
        ("user", "users", "credential_report", "credentials.html", _people),
        ("active access key", "active access keys", "credential_report", "credentials.html", _keys),
        ("administrator", "administrators", "authorization_details", "escalation.html", _administrators),
        (
            "role that outsiders may assume",
            "roles that outsiders may assume",
            "authorization_details",
            "trust.html",
            _outsiders,
        ),
    ]
    numbers = []
    for one, many, source, page, count in made:
        if audit.snapshot.why_not(source) is not None:
            numbers.append(Number(None, many, "not evaluated: evidence is missing", page))
            continue
        number, note = count(audit)
        numbers.append(Number(number, one if number == 1 else many, note, page))
    return numbers


def _people(audit: Judgement) -> tuple[int, str]:
    users = audit.users[~audit.users.is_root.fillna(value=False)]
    can_sign_in = users.has_password.fillna(value=False)
    without = int((can_sign_in & users.mfa_active.eq(other=False).fillna(value=False)).sum())
    return len(users), f"{int(can_sign_in.sum()):,} with a password, {without:,} of them without MFA"


def _keys(audit: Judgement) -> tuple[int, str]:
    keys = audit.access_keys[audit.access_keys.is_active.fillna(value=False)]
    most = audit.settings.max_key_age_days
    old = int((keys.age_days > most).fillna(value=False).sum())
    oldest = f", the oldest {int(keys.age_days.max()):,}" if keys.age_days.notna().any() else ""
    return len(keys), f"{old:,} older than {most} days{oldest}"


def _administrators(audit: Judgement) -> tuple[int, str]:
    surely = int((audit.breadth.administrator == "yes").sum())
    today, *others = (len(each.names) for each in distances(audit)[1:-1])
    perhaps = f", {sum(others):,} if something else holds" if sum(others) else ""
    return surely, f"besides root; {today:,} more can become one{perhaps}"


def _outsiders(audit: Judgement) -> tuple[int, str]:
    trust = audit.trust[audit.trust.kind.isin(_OUTSIDE)]
    limited = trust.is_conditional.fillna(value=False)
    free = trust.role[~limited].nunique()
    return trust.role.nunique(), f"{free:,} of them without a condition"


def distances(audit: Judgement) -> list[Distance]:
    """Return the principals of the account by how they are or become an administrator, the surest first."""
    labels = audit.breadth.principal_type + "/" + audit.breadth.principal_name
    standing = dict(zip(audit.breadth.principal, audit.breadth.administrator, strict=True))
    paths = audit.escalation_paths
    paths = paths[(paths.end == "administrator") & paths.principal.isin(audit.breadth.principal)]
    verdicts: dict[str, set[str]] = {}
    for principal, verdict in zip(paths.principal, paths.verdict, strict=True):
        verdicts.setdefault(principal, set()).add(verdict)
    groups: dict[str, list[str]] = {label: [] for label in _LABELS}
    for label, principal in sorted(zip(labels, audit.breadth.principal, strict=True)):
        groups[_group(standing[principal], verdicts.get(principal, set()))].append(label)
    return [Distance(label, tuple(names)) for label, names in groups.items()]


_LABELS = (
    "with administrator access today",
    "can become administrator today",
    "can, if a condition holds",
    "can, if a function or instance exists",
    "no path found",
)


def _group(standing: str, verdicts: set[str]) -> str:
    if standing == "yes":
        return _LABELS[0]
    if "certain" in verdicts:
        return _LABELS[1]
    if standing != "no" or "conditional" in verdicts:
        return _LABELS[2]
    return _LABELS[3] if verdicts else _LABELS[4]
