"""The frameworks as a page of the documentation: which control rests on which check, and what it asks."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from iamaudit.checks.catalogue import CATALOGUE, settings_in
from iamaudit.checks.frameworks import (
    Control,
    Framework,
    Test,
    checks_beyond_frameworks,
    load_frameworks,
)
from iamaudit.settings import DEFAULTS, Settings

_UNITS = {item.name: item.metadata["unit"] for item in fields(Settings)}
_OPENING = """# Frameworks

This page shows which checks each control rests on, with the thresholds of the framework, and what the
control asks beyond the evidence of an audit. `iamaudit checks --frameworks` prints it. The note of
each framework says where its numbers come from.

- The checks decide an **automated** control: it is met, not met, or not evaluated.
- The checks cover a part of a **partial** control. They can find that it is not met. Otherwise the conclusion
  is *no exceptions noted*.
- People answer a **manual** control: `params/attestations.yaml` takes a signed answer. A partial control
  takes one as well.
- AWS provides an **inherited** control to every account.
- A control that is **not applicable** was replaced, or can no longer be tested.

A control is not met if one of its checks is not met. It counts distinct resources: a user with two old keys
is one. A threshold under "rests on" is the framework's own and applies whatever the settings of the audit
are. "Ours" marks a number that the framework leaves to the organization. The settings of the audit apply to
it, and the table shows their default."""


def frameworks_page() -> str:
    """Return ``docs/frameworks.md``: every control of every framework."""
    by_name: dict[str, list[Framework]] = {}
    for framework in load_frameworks().values():
        by_name.setdefault(framework.name, []).append(framework)
    parts = [_OPENING, *("\n".join(_section(versions)) for versions in by_name.values()), _rest()]
    return "\n\n".join(parts) + "\n"


def _section(versions: Sequence[Framework]) -> Iterator[str]:
    newest = versions[0]
    yield f"## {newest.title}"
    yield ""
    yield f"{newest.note} Source: <{newest.source}>."
    yield ""
    heads = [f"{newest.name} {each.version}" for each in versions]
    has_levels = any(control.level for control in newest.controls)
    heads += [*(["level"] if has_levels else []), "asks that", "kind", "rests on", "asks beyond"]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for control in {each.title: each for one in versions for each in one.controls}.values():
        numbers = [control.numbers.get(each.version, "–") for each in versions]
        levels = [str(control.level)] if has_levels else []
        cells = [*numbers, *levels, control.title, control.kind, _rests_on(control), control.beyond or "–"]
        yield f"| {' | '.join(cells)} |"


def _rests_on(control: Control) -> str:
    return "; ".join(_test(control, test) for test in control.tests) or "–"


def _test(control: Control, test: Test) -> str:
    link = f"[{test.check}](checks.md#{test.check})"
    facts = [
        f"{control.settings[name]} {_UNITS[name]}"
        if name in control.settings
        else f"ours: {getattr(DEFAULTS, name)} {_UNITS[name]}"
        for name in settings_in(CATALOGUE[test.check])
    ]
    facts += [f"only {test.of}"] if test.of else []
    return f"{link} ({', '.join(facts)})" if facts else link


def _rest() -> str:
    listed = "\n".join(f"- [{check}](checks.md#{check})" for check in checks_beyond_frameworks())
    heading = "## Checks beyond the frameworks"
    return f"{heading}\n\nGood practice that no framework on this page asks for.\n\n{listed}"
