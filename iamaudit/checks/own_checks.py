"""An analyst's own checks, from a file."""

from pathlib import Path

from iamaudit.checks.catalogue import CATALOGUE
from iamaudit.errors import CheckError, IamauditError


def load_checks(path: Path) -> tuple[str, ...]:
    """Run a Python file whose functions are made checks by ``@iamaudit.check``, and return their ids.

    They are in the catalogue of this process from then on.

    Raises
    ------
    CheckError
        The file cannot be read or run, or makes no check.
    """
    try:
        code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as error:
        raise CheckError(f"cannot read the checks of `{path}` ({error}): give a Python file") from error
    before = dict(CATALOGUE)
    try:
        exec(code, {"__name__": f"iamaudit_checks_{path.stem}", "__file__": str(path)})  # noqa: S102 - asked for
    except IamauditError:
        raise
    except Exception as error:
        where = error.__traceback__.tb_next if error.__traceback__ else None
        line = f" line {where.tb_lineno}" if where else ""
        raise CheckError(f"`{path}`{line} raised {type(error).__name__}: {error}") from error
    made = tuple(name for name, check in CATALOGUE.items() if before.get(name) is not check)
    if not made:
        raise CheckError(f"`{path}` makes no check: put @iamaudit.check above a function")
    return made
