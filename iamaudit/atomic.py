"""Put a file or a folder in place whole, or not at all.

Whatever is written is made under a hidden name beside its place and then renamed, which a file system does at
once or not at all. A process that is killed leaves the older one where it was, and at most something hidden
that ``clear_leftovers`` takes away.
"""

import ctypes
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

_NEW, _OLD = ".new-", ".old-"
_DAY_SECONDS = 24 * 3600
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of Linux


def hidden_beside(target: Path) -> Path:
    """Return a new hidden name beside ``target``, for what ``put_in_place`` takes; nothing is made."""
    return target.with_name(f".{target.name}{_NEW}{secrets.token_hex(4)}")


def put_in_place(made: Path, target: Path) -> None:
    """Rename ``made``, a file or a folder, to ``target``, in place of whatever is there.

    Where a folder cannot be swapped with the older one in one step, the older one is set aside first, and put
    back when the new one cannot take its place.

    Raises
    ------
    OSError
        It cannot be renamed; then ``target`` is what it was.
    """
    if not target.is_dir():
        made.replace(target)
        return
    if _swap(made, target):
        _remove(made)  # it has the older one now
        return
    aside = target.with_name(f".{target.name}{_OLD}{secrets.token_hex(4)}")
    target.rename(aside)
    try:
        made.rename(target)
    except OSError:
        aside.rename(target)
        raise
    _remove(aside)


def write_whole(target: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a text file in UTF-8, or leave what was there; ``mode``, less the umask, says who may read it.

    Raises
    ------
    OSError
        It cannot be written.
    """
    made = hidden_beside(target)
    try:
        made.touch(mode)
        made.write_text(text, encoding="utf-8")
        put_in_place(made, target)
    finally:
        _remove(made)


def clear_leftovers(folder: Path) -> None:
    """Take away what processes that were killed left hidden in ``folder`` more than a day ago.

    An older one that was set aside, and whose place nothing took, goes back to its place.
    """
    for left in [path for path in folder.glob(".*") if _NEW in path.name or _OLD in path.name]:
        with suppress(OSError):  # another process may be at it
            name, _, _ = left.name[1:].rpartition(_OLD)
            if name and not folder.joinpath(name).exists():
                left.rename(folder / name)
            elif time.time() - left.stat().st_mtime > _DAY_SECONDS:
                _remove(left)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; say whether the system could."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False  # not Linux, or a very old one
    names = (os.fsencode(one), os.fsencode(other))
    return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
