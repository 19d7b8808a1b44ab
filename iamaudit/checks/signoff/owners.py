"""Who answers for which user and role: a file that people write, and the tag ``owner``."""

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from iamaudit.checks.signoff.read_yaml import Entries, Entry
from iamaudit.errors import ParameterError
from iamaudit.iam.policy import has_wildcard, matches_pattern

_KINDS = {"user", "role"}


@dataclass(frozen=True)
class Owners:
    """The owner of a principal: by the first pattern that matches, else by its tag, else the default.

    ``patterns`` maps a pattern on an ARN, on ``user/NAME`` or ``role/NAME``, or on a name to its owner.
    ``default`` answers for all others, and for the settings of the account.
    """

    patterns: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    entries: tuple[Entry, ...] = ()
    path: Path | None = None

    def owner(self, arn: str, tags: str | None, tag: str = "owner") -> str:
        """Return the owner of a user or role, or nothing; the key of the tag is compared without case."""
        return self._by_pattern(names_of(arn)) or _tagged(tags, tag.casefold()) or self.default

    def refuse_unknown(self, principals: Collection[str]) -> None:
        """Refuse an entry without wildcard that names no user or role of the account: it may be misspelt.

        An ARN of another account is left alone: one file may serve many accounts.

        Raises
        ------
        ParameterError
            With every such entry and its line, and the names that are close.
        """
        known = {name for arn in principals for name in names_of(arn)}
        accounts = {arn.split(":")[4] for arn in principals}
        unknown = [
            f"line {entry.line}: there is no principal `{name}`{_hint(name, known)}"
            for entry in self.entries
            if not has_wildcard(name := str(entry.fields["principal"]).strip())
            and name not in known
            and not (name.startswith("arn:") and accounts.isdisjoint(name.split(":")[4:5]))
        ]
        if unknown:
            raise ParameterError(f"`{self.path}`: {'; '.join(unknown)}")

    def __bool__(self) -> bool:
        """Say whether anybody is named."""
        return bool(self.patterns or self.default)

    def _by_pattern(self, names: tuple[str, ...]) -> str:
        places = [self._exact[name] for name in names if name in self._exact]
        first = min(places, default=len(self.patterns))
        for place, pattern in self._wild:
            if place > first:
                break
            if any(matches_pattern(name, pattern) for name in names):
                first = place
        return [*self.patterns.values()][first] if first < len(self.patterns) else ""

    @cached_property
    def _exact(self) -> Mapping[str, int]:
        return {text: place for place, text in enumerate(self.patterns) if not has_wildcard(text)}

    @cached_property
    def _wild(self) -> list[tuple[int, str]]:
        return [(place, text) for place, text in enumerate(self.patterns) if has_wildcard(text)]


def read_owners(path: Path) -> Owners:
    """Read who answers for whom.

    Parameters
    ----------
    path
        A YAML file: ``owners:`` and a list of entries with ``principal`` and ``owner``, of which the first
        that matches wins; and, if one wants, ``default:`` with the owner of everything else.

    Raises
    ------
    ParameterError
        With every problem and its line: a field that is missing or unknown, a pattern that is there twice.
    """
    entries = Entries(path, "owners", required=("principal", "owner"), optional=(), also=("default",))
    patterns: dict[str, str] = {}
    for entry in entries.entries:
        pattern, owner = (str(entry.fields.get(name) or "").strip() for name in ("principal", "owner"))
        kind, slash, _ = pattern.partition("/")
        if slash and ":" not in pattern and kind not in _KINDS:
            entries.problem(entry, f"`{pattern}` names no kind: write user/NAME, role/NAME, NAME or an ARN")
        if pattern and pattern in patterns:
            entries.problem(entry, f"`{pattern}` is there twice: keep one owner, the first would win")
        patterns.setdefault(pattern, owner)
    entries.check()
    return Owners(patterns, entries.also.get("default", ""), tuple(entries.entries), path)


def names_of(arn: str) -> tuple[str, ...]:
    """Return what a file may call a principal: its ARN, ``kind/name`` or its name; root is ``root``."""
    kind, slash, rest = arn.rsplit(":", 1)[-1].partition("/")
    name = rest.rsplit("/", 1)[-1]
    return (arn, f"{kind}/{name}", name) if slash else (arn, kind)


def _tagged(tags: str | None, tag: str) -> str:
    pairs = json.loads(tags) if isinstance(tags, str) else {}
    return next(
        (value.strip() for key, value in pairs.items() if key.casefold() == tag and value.strip()), ""
    )


def _hint(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f": did you mean `{close[0]}`?" if close else ": remove it, or use a pattern"
