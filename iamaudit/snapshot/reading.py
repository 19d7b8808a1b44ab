"""Read what was handed over: text in the encodings that shells write, JSON values one after the other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iamaudit.errors import SnapshotError

_GAP = re.compile(r"[\s,]*")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")  # what PowerShell's `>` writes first


def read_text(path: Path) -> str:
    """Return the text of a file that was handed over, without its byte order mark.

    Raises
    ------
    SnapshotError
        It cannot be read, is not text, or is empty.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig")
    except OSError as error:
        raise SnapshotError(
            f"cannot read `{path}` ({error.strerror}): give a file that you may read"
        ) from error
    except UnicodeDecodeError as error:
        raise SnapshotError(f"`{path}` is not UTF-8 text: save the output of the AWS CLI as it is") from error
    if not text.strip():
        raise SnapshotError(f"`{path}` is empty: run the command that wrote it again and look at its error")
    return text.strip().replace("\r\n", "\n")


def json_values(path: Path, text: str, cure: str) -> Iterator[Any]:
    """Yield the JSON values that stand one after the other in ``text``; ``cure`` says what to give instead.

    Raises
    ------
    SnapshotError
        It is not JSON.
    """
    decoder, position = json.JSONDecoder(parse_constant=_refuse), 0
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            where = f"{error.msg}, line {error.lineno} column {error.colno}".lower()
            raise SnapshotError(f"`{path}` is not JSON ({where}): {cure}") from error
        except (ValueError, RecursionError) as error:
            raise SnapshotError(f"`{path}` cannot be read as JSON ({error}): {cure}") from error
        yield value
        gap = _GAP.match(text, position)
        position = gap.end() if gap else position


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
