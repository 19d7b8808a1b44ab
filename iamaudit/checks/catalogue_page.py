"""The catalogue as a page of the documentation."""

from collections.abc import Iterator

from iamaudit.checks.catalogue import CATALOGUE, SEVERITIES, check_list
from iamaudit.checks.record import criterion

_OPENING = """# Checks

The {count} checks of the catalogue as `iamaudit checks --markdown` prints them, with default
thresholds. Which control of which framework rests on which check: [frameworks.md](frameworks.md).

A population is a frame, that is a table of the audit, and the condition that selects its rows.
[frames.md](frames.md) lists the frames and their columns; `data/` of a report has them as files.
Semicolons separate the steps of a remediation. These columns come up often:

- `is_gone`: the credential report, which AWS serves for four hours, names a user that was deleted since.
- `is_service_linked`: AWS made the role for one of its services, and the account cannot change its policies.
- `sso_permission_set`: the permission set of IAM Identity Center that the role stands for.
- `administrator`: whether the effective permissions include every action that changes resources of IAM:
  `yes`, `perhaps` (under a condition) or `no`.
- `verdict` of a path: `certain`, `conditional`, `needs a live resource` ([escalation.md](escalation.md))."""


def checks_page() -> str:
    """Return ``docs/checks.md``: every check by severity."""
    return "\n".join(_checks()) + "\n"


def _checks() -> Iterator[str]:
    rows = check_list()
    yield _OPENING.format(count=len(rows))
    for severity in (each for each in SEVERITIES if any(row["severity"] == each for row in rows)):
        yield ""
        yield f"## {severity.capitalize()}"
        for row in rows:
            if row["severity"] != severity:
                continue
            where = f" where `{row['where']}`" if row["where"] else ""
            yield ""
            yield f"### {row['id']}"
            yield ""
            yield f"**{row['title']}.** {' '.join(row['procedure'].split())}"
            yield ""
            yield f"- Workpaper: {row['reference']}"
            yield f"- Area: {row['area']}"
            yield f"- Population: {row['population']}{where}"
            if row["parameters"]:
                yield f"- Needs the parameter: `{'`, `'.join(row['parameters'])}`"
            yield f"- Remediation: {row['remediation']}"
            yield f"- Console: {row['console']}; [AWS on it]({row['documentation']})"
            yield f"- Limits: {row['does_not_see']}"
            yield f"- Controls: {criterion(CATALOGUE[row['id']])}"
