"""What a check is, and the catalogue of all of them."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Any, TypeAlias

import pandas as pd

from iamaudit.checks.frameworks import controls_of
from iamaudit.checks.observations.practices import PRACTICES
from iamaudit.checks.populations import CAUSES, defaults_of
from iamaudit.checks.references import reference_of
from iamaudit.errors import CheckError
from iamaudit.frames import COLUMNS, SOURCES_OF
from iamaudit.settings import DEFAULTS, INPUTS

SEVERITIES = ("critical", "high", "medium", "low", "informational")
"""The gravest first; ``docs/severity.md`` says what each means."""

AREAS = (
    *("root", "passwords", "credentials", "users", "policies", "permissions"),
    *("roles", "trust", "escalation", "code", "inventory", "evidence"),
)
"""The parts of a report that a check may belong to, in their order."""

EXPOSED = 2.0
"""Exposure of what strangers reach, or whoever has a stolen password and nothing else."""
LONG_TERM = 1.5
"""Exposure of credentials that work until somebody ends them."""

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

_NAMED = re.compile(r"\{(?P<name>\w+)(?::(?P<one>[^{}|]+)\|(?P<more>[^{}|]+)|\|(?P<unknown>[^{}|]+))?\}")

Frame: TypeAlias = pd.DataFrame
Mask: TypeAlias = "pd.Series[Any]"
CheckFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question to one frame: which of its rows do not meet the wished state that ``title`` names?

    ``population`` names the frame and ``where`` (a pandas query) the rows of it that the question is about;
    a row for which ``where`` is unknown is not judged. ``function`` gets the population, and by name the
    ``settings`` and any other frame it asks for. It returns the exceptions: a boolean mask over the
    population, in which ``<NA>`` means that the evidence for a row is missing, or the rows themselves, which
    may come as a pair with a mask of the rows that cannot be judged.

    ``sources`` must all be collected, or the check is not evaluated; unless given, they are those of the
    frames that it uses. ``parameters`` names inputs of the audit that must be given, or it is not evaluated
    either. ``message`` says what is wrong with an exception and ``remediation`` how to cure it; both may
    name its columns in braces (see ``filled``). ``title`` and ``procedure`` may name settings in braces.
    ``blind_spot`` says what the check does not see. ``decides`` names the elements that make a statement an
    exception, or that it lacks: a workpaper marks them. ``area`` is one of ``AREAS``, ``console`` the way
    through the console to the same fact, ``documentation`` AWS's page on it. ``exposure`` multiplies the risk
    of a finding: 1.0, ``LONG_TERM`` or ``EXPOSED``. ``cause`` is one of ``CAUSES``: what must change so that
    a finding goes away; ``practice`` names the observation of those about whose cause nothing graver is
    found.
    """

    id: str
    title: str
    severity: str
    population: str
    function: CheckFunction
    where: str | None = None
    controls: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    message: str = "{evidence}"
    procedure: str = ""
    remediation: str = ""
    blind_spot: str = ""
    needs: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    area: str
    console: str
    documentation: str
    exposure: float = 1.0
    cause: str
    practice: str = ""

    @property
    def reference(self) -> str:
        """The reference of its workpaper, which stays the same when other checks come and go."""
        return reference_of(self.id)


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
    parameters: tuple[str, ...] = (),
    message: str = "{evidence}",
    terms: str = "",
    remediation: str = "",
    blind_spot: str = "",
    decides: tuple[str, ...] = (),
    area: str = "",
    console: str = "",
    documentation: str = "",
    exposure: float = 1.0,
    cause: str = "",
    practice: str | None = None,
) -> Callable[[CheckFunction], Check]:
    """Make a check of a function and put it into the catalogue; the docstring becomes the procedure.

    Parameters
    ----------
    id, title, severity, population, where, controls, sources, parameters
        The fields of ``Check``.
    message, remediation, blind_spot, decides
        The same.
    terms
        What words of the procedure mean, for checks that share them: it follows the docstring.
    area, console, documentation
        The same; unless given, those of the population. ``documentation`` is a page of the IAM User Guide,
        as ``id_roles.html``, or a whole address.
    exposure
        ``LONG_TERM`` for credentials that nothing ends by itself, ``EXPOSED`` for what strangers reach.
    cause, practice
        The fields of ``Check``; unless given, those of the population. ``practice=""`` is for what is told by
        itself, whatever the population says.

    Examples
    --------
    >>> @check("access-key-rotation", "Active access keys are rotated within {max_key_age_days} days",
    ...        severity="medium", population="access_keys", where="is_active")
    ... def access_key_rotation(access_keys, settings):
    ...     return access_keys.age_days > settings.max_key_age_days

    Raises
    ------
    CheckError
        The severity, area or population does not exist, the exposure is not a number from 1 to 2, or another
        function has the same id.
    """

    def register(function: CheckFunction) -> Check:
        needs = tuple(inspect.signature(function).parameters)[1:]
        default = defaults_of(population)
        page = documentation or default.documentation
        made = Check(
            id=id,
            title=title,
            severity=severity,
            population=population,
            function=function,
            where=where,
            controls=(*controls, *controls_of(id)),
            sources=_sources_of(population, *needs) if sources is None else sources,
            parameters=parameters,
            needs=needs,
            message=message,
            procedure="\n\n".join(filter(None, [inspect.cleandoc(function.__doc__ or ""), terms])),
            remediation=remediation,
            blind_spot=blind_spot,
            decides=decides,
            area=area or default.area,
            console=console or default.console,
            documentation=page if page.startswith("https:") else f"{_GUIDE}{page}",
            exposure=exposure,
            cause=cause or default.cause,
            practice=(default.practice if not cause else "") if practice is None else practice,
        )
        _refuse_mistakes(made)
        CATALOGUE[id] = made  # running a notebook cell again replaces the check that it made
        return made

    return register


def _refuse_mistakes(check: Check) -> None:
    chosen = {
        "severity": (check.severity, SEVERITIES),
        "area": (check.area, AREAS),
        "population": (check.population, COLUMNS),
        "parameters": (check.parameters, [each.name for each in INPUTS]),
        "cause": (check.cause, CAUSES),
        "practice": (check.practice, ("", *PRACTICES)),
    }
    for name, (value, known) in chosen.items():
        if not set(value if isinstance(value, tuple) else [value]) <= set(known):
            raise CheckError(f"check `{check.id}` has {name} `{value}`: use one of {', '.join(known)}")
    unknown = [name for name in check.needs if name != "settings" and name not in COLUMNS]
    if unknown:
        raise CheckError(f"check `{check.id}` asks for `{unknown[0]}`: use `settings` or the name of a frame")
    if not 1 <= check.exposure <= EXPOSED:
        raise CheckError(f"check `{check.id}` has exposure {check.exposure}: give 1.0, LONG_TERM or EXPOSED")
    before = CATALOGUE.get(check.id)
    if before is not None and _origin(before.function) != _origin(check.function):
        raise CheckError(f"there is a check `{check.id}` already: choose another id")


def settings_in(check: Check) -> list[str]:
    """Return the thresholds that a check rests on: those that its title and procedure name."""
    named = _NAMED.finditer(f"{check.title} {check.procedure}")
    return [name for name in dict.fromkeys(match["name"] for match in named) if name in asdict(DEFAULTS)]


def check_list() -> list[dict[str, Any]]:
    """Return the facts of every check, settings filled in with their defaults."""
    return [
        {
            "id": check.id,
            "reference": check.reference,
            "title": filled(check.title, asdict(DEFAULTS)),
            "severity": check.severity,
            "area": check.area,
            "cause": check.cause,
            "practice": check.practice,
            "population": check.population,
            "where": check.where,
            "procedure": filled(check.procedure, asdict(DEFAULTS)),
            "does_not_see": check.blind_spot,
            "remediation": check.remediation,
            "console": check.console,
            "documentation": check.documentation,
            "controls": list(check.controls),
            "sources": list(check.sources),
            "parameters": list(check.parameters),
        }
        for check in sorted(CATALOGUE.values(), key=lambda c: (SEVERITIES.index(c.severity), c.id))
    ]


def filled(template: str, values: Mapping[Any, Any]) -> str:
    """Put values where the template names them in braces; other braces are text, as in a JSON example.

    ``{keys:key|keys}`` is the first word for the number 1 and the second for any other, ``{used_at|never}``
    the word for a value that is unknown.
    """
    return _NAMED.sub(lambda m: _shown(m, values[m["name"]]) if m["name"] in values else m[0], template)


def filled_rows(
    template: str, columns: Mapping[Any, Sequence[Any]], values: Mapping[Any, Any], count: int
) -> list[str]:
    """Return a template filled with each of ``count`` rows, given as columns, and with ``values`` beside."""
    parts, end = list[Iterable[str]](), 0
    for named in _NAMED.finditer(template):
        parts.append(repeat(template[end : named.start()]))
        if named["name"] in columns:
            parts.append([_shown(named, value) for value in columns[named["name"]]])
        else:
            parts.append(repeat(filled(named[0], values)))
        end = named.end()
    parts.append(repeat(template[end:], count))
    return ["".join(each) for each in zip(*parts, strict=False)]


def names_in(template: str) -> set[str]:
    """Return the names that a template has in braces."""
    return {match["name"] for match in _NAMED.finditer(template)}


def _shown(named: re.Match[str], value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return named["unknown"] or "unknown"
    if named["one"]:
        return named["one"] if value == 1 else named["more"]
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _sources_of(*frames: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for frame in frames for source in SOURCES_OF.get(frame, ())))


def _origin(function: CheckFunction) -> tuple[str, str]:
    return function.__module__, function.__qualname__
