"""A workbook of one's own: notebooks, params and a README laid into a folder, and upgraded there.

``.iamaudit.json`` in the folder keeps the sha-256 of each file as it was laid. It tells what the analyst
edited, which stays, from what can follow its original.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, Literal

from iamaudit.atomic import write_whole
from iamaudit.errors import ParameterError
from iamaudit.workbench.carried import carried_notebooks, carried_params

State = Literal["new", "updated", "same", "yours", "differs"]
RECORD = ".iamaudit.json"
_TEXTS = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Laid:
    """What became of one file.

    ``state``: ``new`` (or deleted by the analyst) and ``updated`` were written, ``same`` is what comes with
    this version. Of an edited file nothing is written: ``yours`` has an original that did not change since,
    ``differs`` one that did.
    ``difference`` has the lines of a unified diff from the analyst's file to the new original, if it differs.
    """

    name: str
    state: State
    difference: tuple[str, ...] = ()


def lay_workbook(folder: Path, version: str) -> list[Laid]:
    """Lay a workbook into ``folder``, which is made; other files in it stay.

    Raises
    ------
    ParameterError
        The folder holds a workbook, or a file where one would be written, or it cannot be written.
    """
    if (folder / RECORD).exists():
        raise ParameterError(f"`{folder}` holds a workbook: iamaudit init --upgrade {folder}")
    originals = _originals()
    there = [name for name in originals if (folder / name).exists()]
    if there:
        raise ParameterError(f"`{folder / there[0]}` exists and would be overwritten: give another folder")
    return _write(folder, originals, [Laid(name, "new") for name in originals], {}, version)


def upgrade_workbook(folder: Path, version: str) -> list[Laid]:
    """Bring the files that nobody edited to this version, and say how edited ones differ from it.

    A notebook that was run and saved holds outputs, and counts as edited.

    Raises
    ------
    ParameterError
        The folder holds no workbook, a file of it cannot be read, or it cannot be written.
    """
    digests = _read_record(folder)
    originals = _originals()
    found = [_compare(folder / name, name, text, digests.get(name)) for name, text in originals.items()]
    return _write(folder, originals, found, digests, version)


def _originals() -> dict[str, str]:
    """Return the text of each file that a workbook has, by its name in the folder."""
    files = {
        "README.md": _TEXTS / "README.md",
        ".gitignore": _TEXTS / "gitignore",
        **{f"params/{path.name}": path for path in sorted(carried_params().glob("[!.]*.*"))},
        **{f"notebooks/{path.name}": path for path in _notebooks()},
    }
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def _notebooks() -> list[Path]:
    found = sorted(carried_notebooks().glob("[0-9][0-9]_*.ipynb"))
    return [path for path in found if not path.name.endswith(".failed.ipynb")]


def _compare(path: Path, name: str, new: str, laid: str | None) -> Laid:
    """Return what is to become of one file; ``laid`` is the sha-256 that was laid, if any."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Laid(name, "new")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"cannot read `{path}` ({error}): move it away") from error
    if text == new:
        return Laid(name, "same")
    if _digest(text) == laid:
        return Laid(name, "updated")
    difference = tuple(
        unified_diff(_lines(name, text), _lines(name, new), name, f"{name} (new)", lineterm="")
    )
    return Laid(name, "yours" if _digest(new) == laid else "differs", difference)


def _lines(name: str, text: str) -> list[str]:
    """Return the lines that a person reads; those of a notebook are the sources of its cells."""
    if name.endswith(".ipynb"):
        text = "\n".join(_sources(text))
    return text.splitlines()


def _sources(text: str) -> Iterator[str]:
    try:
        for cell in json.loads(text)["cells"]:
            yield f"[{cell['cell_type']}]"
            yield "".join(cell["source"])
    except (ValueError, KeyError, TypeError):
        yield text  # no notebook any more: then its text


def _write(
    folder: Path, originals: dict[str, str], found: list[Laid], digests: dict[str, str], version: str
) -> list[Laid]:
    """Write what is new or updated, then the record of what was laid."""
    kept = dict(digests)
    try:
        for each in found:
            path = folder / each.name
            if each.state in ("new", "updated"):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, originals[each.name])
            if each.state in ("new", "updated", "same"):
                kept[each.name] = _digest(originals[each.name])
        record = {"iamaudit": version, "laid": kept}
        write_whole(folder / RECORD, json.dumps(record, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise ParameterError(f"cannot write `{folder}` ({error.strerror}): give another folder") from error
    return found


def _read_record(folder: Path) -> dict[str, str]:
    path = folder / RECORD
    try:
        record: Any = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in record["laid"].items()}
    except FileNotFoundError:
        raise ParameterError(f"`{folder}` holds no workbook: iamaudit init {folder}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParameterError(
            f"`{path}` cannot be read ({error}): lay a new workbook and move your files"
        ) from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
