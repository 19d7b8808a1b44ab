"""Places in a report that a link can point at: ``#obs-...``, ``#check-...``, ``#control-...``."""

import re
from functools import cache

from markupsafe import Markup

from iamaudit.checks.frameworks import newest_frameworks

OBSERVATIONS_PAGE = "observations.html"
CONTROLS_PAGE = "controls.html"


def anchor(kind: str, name: str) -> str:
    """Return the id of a place, of letters, digits, dots and hyphens only.

    >>> anchor("control", "NIST 800-53 r5 IA-5(7)")
    'control-nist-800-53-r5-ia-5-7'
    """
    plain = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")
    return f"{kind}-{plain or 'none'}"


@cache
def check_link(check: str, text: str = "", *, page: str = CONTROLS_PAGE) -> Markup:
    """Return a link to the workpaper of a check."""
    return Markup('<a href="{}#{}">{}</a>').format(page, anchor("check", check), text or check)


@cache
def control_link(control: str, text: str = "", *, page: str = CONTROLS_PAGE) -> Markup:
    """Return a link to a control, named with its framework; one that no framework here has stays text."""
    if control not in _controls():
        return Markup("{}").format(text or control)
    return Markup('<a href="{}#{}">{}</a>').format(page, anchor("control", control), text or control)


def observation_link(observation: str, text: str) -> Markup:
    """Return a link to an observation in its full form."""
    return Markup('<a href="{}#{}">{}</a>').format(OBSERVATIONS_PAGE, observation, text)


@cache
def _controls() -> frozenset[str]:
    return frozenset(
        f"{framework.id} {control.number}"
        for framework in newest_frameworks()
        for control in framework.controls
    )
