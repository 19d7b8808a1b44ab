"""What a check is, and the catalogue of all of them."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import pandas as pd

from iamaudit.checks.frameworks import controls_of
from iamaudit.checks.places import Place, place_of
from iamaudit.errors import CheckError
from iamaudit.frames import COLUMNS, SOURCES_OF
from iamaudit.settings import DEFAULTS

SEVERITIES = ("critical", "high", "medium", "low")

Frame: TypeAlias = pd.DataFrame
Mask: TypeAlias = "pd.Series[Any]"
CheckFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question to one frame: which of its rows do not meet the wished state that ``title`` names?

    ``population`` names the frame and ``where`` (a pandas query) the rows of it that the question is about;
    a row for which ``where`` is unknown is not judged. ``function`` gets the population, and by name the
    ``settings`` and any other frame it asks for. It returns the exceptions: a boolean mask over the
    population, in which ``<NA>`` means that the evidence for a row is missing, or the rows themselves.

    ``sources`` must all be collected, or the check is not evaluated; unless given, they are those of the
    frames that it uses. ``message`` says what is wrong with an exception and ``remediation`` how to cure it;
    both may name its columns in braces. ``title`` and ``procedure`` may name settings in braces.
    ``blind_spot`` says what the check does not see. ``decides`` names the elements of a statement that make
    it an exception: a workpaper marks them.
    """

    id: str
    title: str
    severity: str
    population: str
    function: CheckFunction
    where: str | None = None
    controls: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    message: str = "{evidence}"
    procedure: str = ""
    remediation: str = ""
    blind_spot: str = ""
    needs: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where the console shows it, and AWS's page on it."""
        return place_of(self.id, self.population)


CATALOGUE: dict[str, Check] = {}
"""Every check by id, in the order in which they were declared."""


def check(  # noqa: PLR0913 - the facts of a workpaper
    id: str,  # noqa: A002 - the word that everybody uses
    title: str,
    *,
    severity: str,
    population: str,
    where: str | None = None,
    controls: tuple[str, ...] = (),
    sources: tuple[str, ...] | None = None,
    message: str = "{evidence}",
    remediation: str = "",
    blind_spot: str = "",
    decides: tuple[str, ...] = (),
) -> Callable[[CheckFunction], Check]:
    """Make a check of a function and put it into the catalogue; the docstring becomes the procedure.

    Examples
    --------
    >>> @check("access-key-rotation", "Active access keys are rotated within {max_key_age_days} days",
    ...        severity="medium", population="access_keys", where="is_active")
    ... def access_key_rotation(access_keys, settings):
    ...     return access_keys.age_days > settings.max_key_age_days

    Raises
    ------
    CheckError
        The severity or the population does not exist, or another function has the same id.
    """

    def register(function: CheckFunction) -> Check:
        if severity not in SEVERITIES:
            raise CheckError(f"check `{id}` has severity `{severity}`: use one of {', '.join(SEVERITIES)}")
        if population not in COLUMNS:
            raise CheckError(f"check `{id}` asks for frame `{population}`: use one of {', '.join(COLUMNS)}")
        needs = tuple(inspect.signature(function).parameters)[1:]
        unknown = [name for name in needs if name != "settings" and name not in COLUMNS]
        if unknown:
            raise CheckError(f"check `{id}` asks for `{unknown[0]}`: use `settings` or the name of a frame")
        made = Check(
            id=id,
            title=title,
            severity=severity,
            population=population,
            function=function,
            where=where,
            controls=(*controls, *controls_of(id)),
            sources=_sources_of(population, *needs) if sources is None else sources,
            needs=needs,
            message=message,
            procedure=inspect.cleandoc(function.__doc__ or ""),
            remediation=remediation,
            blind_spot=blind_spot,
            decides=decides,
        )
        before = CATALOGUE.get(id)
        if before is not None and _place(before.function) != _place(function):
            raise CheckError(f"there is a check `{id}` already: choose another id")
        CATALOGUE[id] = made  # running a notebook cell again replaces the check that it made
        return made

    return register


def check_list() -> list[dict[str, Any]]:
    """Return the facts of every check, settings filled in with their defaults."""
    return [
        {
            "id": check.id,
            "title": filled(check.title, asdict(DEFAULTS)),
            "severity": check.severity,
            "population": check.population,
            "where": check.where,
            "procedure": filled(check.procedure, asdict(DEFAULTS)),
            "does_not_see": check.blind_spot,
            "remediation": check.remediation,
            "console": check.place.console,
            "documentation": check.place.documentation,
            "controls": list(check.controls),
            "sources": list(check.sources),
        }
        for check in sorted(CATALOGUE.values(), key=lambda c: (SEVERITIES.index(c.severity), c.id))
    ]


def filled(template: str, values: Mapping[Any, Any]) -> str:
    """Put values where the template names them in braces; other braces are text, as in a JSON example."""
    return re.sub(r"\{(\w+)\}", lambda m: _shown(values[m[1]]) if m[1] in values else m[0], template)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return "unknown"
    return value.strftime("%Y-%m-%d") if isinstance(value, pd.Timestamp) else str(value)


def _sources_of(*frames: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for frame in frames for source in SOURCES_OF.get(frame, ())))


def _place(function: CheckFunction) -> tuple[str, str]:
    return function.__module__, function.__qualname__
