"""Everything that iamaudit raises on purpose.

The tree::

    IamauditError              exit 1: the run failed
    |-- InputError             exit 2: what was given cannot be used
    |   |-- ParameterError     a params file or an option
    |   |-- SnapshotError      a snapshot, or a file handed over to make one
    |   |-- CheckError         a check that is declared wrongly
    |   `-- UnknownNameError   an audit has nothing of that name
    |-- CollectionError        AWS could not be asked (credentials, endpoint, token)
    |   `-- ReadOnlyError      a call that is not a read was refused before it left the machine
    `-- ReportError            a notebook failed, or a bundle could not be written

Every message is one line, lower case, with what was given in backticks and the cure after a colon.
Bad data *about an account* is not an error: it is a finding, or a check that is not evaluated.
"""

import sys
import traceback as standard
from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class IamauditError(Exception):
    """The run failed for a reason that the message names."""

    exit_code: ClassVar[int] = 1

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows instead of a traceback; ``iamaudit.traceback()`` shows that."""
        return [f"{type(self).__name__}: {self}"]


class InputError(IamauditError):
    """What was given cannot be used."""

    exit_code: ClassVar[int] = 2


class ParameterError(InputError):
    """A parameter is unknown, has the wrong type or an impossible value."""


class SnapshotError(InputError):
    """A snapshot, or a file to make one of, cannot be read."""


class CheckError(InputError):
    """A check is declared in a way that could not give an honest result."""


class CollectionError(IamauditError):
    """AWS could not be asked at all."""


class ReadOnlyError(CollectionError):
    """An operation that is not a read was refused before it left the machine."""


class ReportError(IamauditError):
    """A notebook failed, or the bundle could not be written."""


class UnknownNameError(InputError, KeyError, AttributeError):
    """An audit has nothing of the name that it was asked for, as attribute or as key."""

    __str__ = Exception.__str__


def require_text(value: object, cure: str) -> None:
    """Refuse what is no text, such as the digits of an account as a number, before it is looked up."""
    if not isinstance(value, str):
        raise ParameterError(f"`{str(value)[:60]}` is of type {type(value).__name__}, not a text: {cure}")


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the cure for an unknown name: the one most like it, one that begins so, or ``otherwise``."""
    by_key = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), by_key, n=1)
    close = close or [each for each in by_key if name and each.startswith(name.lower())]
    return f"did you mean `{by_key[close[0]]}`?" if close else otherwise


def traceback() -> None:
    """Print the whole traceback of the last error, of which a notebook shows one line.

    It goes to stdout: it is what was asked for. When nothing has failed yet, a line says so.
    """
    error = getattr(sys, "last_value", None)
    if error is None:
        sys.stdout.write("no error was raised in this session\n")
    else:
        standard.print_exception(error, file=sys.stdout)
