"""The catalogue as a page of the documentation."""

from collections.abc import Iterator

from iamaudit.checks.catalogue import SEVERITIES, check_list
from iamaudit.checks.frameworks import load_frameworks


def checks_page() -> str:
    """Return ``docs/checks.md``: every check by severity, then the frameworks."""
    return "\n".join([*_checks(), *_frameworks()]) + "\n"


def _checks() -> Iterator[str]:
    rows = check_list()
    yield "# Checks"
    yield ""
    yield f"The {len(rows)} checks of the catalogue as `iamaudit checks --markdown` prints them, with default"
    yield "thresholds."
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
            yield f"- Area: {row['area']}"
            yield f"- Population: {row['population']}{where}"
            if row["parameters"]:
                yield f"- Needs the parameter: `{'`, `'.join(row['parameters'])}`"
            yield f"- Cure: {row['remediation']}"
            yield f"- Console: {row['console']}; [AWS on it]({row['documentation']})"
            yield f"- Does not see: {row['does_not_see']}"
            yield f"- Controls: {'; '.join(row['controls'])}"


def _frameworks() -> Iterator[str]:
    yield ""
    yield "## Frameworks"
    yield ""
    yield "Control wording is ours; the sources have the frameworks'."
    yield ""
    yield "| framework | controls | automated | manual | not applicable | source |"
    yield "|---|---:|---:|---:|---:|---|"
    for framework in load_frameworks().values():
        kinds = [control.kind for control in framework.controls]
        counts = " | ".join(str(kinds.count(kind)) for kind in ("automated", "manual", "not applicable"))
        yield f"| {framework.id} | {len(kinds)} | {counts} | {framework.source} |"
