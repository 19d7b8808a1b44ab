"""The store: what was judged of one snapshot, kept in the user's cache folder for the next who asks.

A file's name holds the sha-256 of its bytes, and one rename puts it in place: whatever does not fit its name
is not there. The store is a cache. A folder that cannot be written only means that all is judged again.
"""

import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq

_KEPT = 20  # judgements kept
_DAY = 24 * 60 * 60.0
_KEY = re.compile(r"[0-9a-f]{64}")
_MARK = b"iamaudit"
_log = logging.getLogger(__name__)


class Store:
    """The tables of one judgement; ``key`` stands for everything that they were judged from.

    ``root`` is the folder of all judgements, unless given that in the user's cache folder.
    """

    def __init__(self, key: str, root: Path | None = None) -> None:
        self.key = key
        self.folder = (root or platformdirs.user_cache_path("iamaudit") / "judged") / key
        self.is_usable = True
        self._is_touched = False

    def read(self, name: str) -> pa.Table | None:
        """Return the table that is kept under ``name``, ``None`` when there is none that can be trusted."""
        with suppress(OSError):
            for path in self._files(name):
                table = _table(path.read_bytes(), path.name.split(".")[-2], self._mark(name))
                if table is not None:
                    self._touch()
                    return table
                path.unlink(missing_ok=True)
        return None

    def write(self, name: str, table: pa.Table) -> None:
        """Keep a table; silently not, where nothing can be written."""
        if not self.is_usable:
            return
        try:
            self._make_folder()
            marked = table.replace_schema_metadata({**(table.schema.metadata or {}), _MARK: self._mark(name)})
            buffer = pa.BufferOutputStream()
            pq.write_table(marked, buffer, compression="zstd", write_statistics=False)
            data = buffer.getvalue()
            path = self.folder / f"{name}.{hashlib.sha256(data).hexdigest()}.parquet"
            _put(memoryview(data), path)
            for other in self._files(name):
                if other != path:
                    other.unlink(missing_ok=True)
        except OSError as error:
            self.is_usable = False
            _log.debug("judged in memory: `%s` cannot be written (%s)", self.folder, error)

    def _files(self, name: str) -> list[Path]:
        begin, fits = f"{name}.", re.compile(r"[0-9a-f]{64}\.parquet").fullmatch
        with os.scandir(self.folder) as entries:
            found = [entry.name for entry in entries if entry.name.startswith(begin)]
        return [self.folder / file for file in sorted(found) if fits(file, len(begin))]

    def _mark(self, name: str) -> bytes:
        return f"{self.key} {name}".encode()

    def _touch(self) -> None:
        """Note that this judgement is in use, so that it stays."""
        if not self._is_touched:
            self._is_touched = True
            with suppress(OSError):
                os.utime(self.folder)

    def _make_folder(self) -> None:
        if self.folder.is_dir():
            return
        self.folder.parent.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        _prune(self.folder.parent)


def _table(data: bytes, digest: str, mark: bytes) -> pa.Table | None:
    """Return the table in a file's bytes, if they are those that were written under this name."""
    if hashlib.sha256(data).hexdigest() != digest:
        return None
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError, ValueError):
        return None  # somebody else's file
    return table if (table.schema.metadata or {}).get(_MARK) == mark else None


def _put(data: memoryview, path: Path) -> None:
    """Write a file under another name, readable by its owner alone, and rename it when it is whole."""
    handle, partial = tempfile.mkstemp(prefix=f".{path.name[:32]}-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _prune(root: Path) -> None:
    """Remove all but the newest judgements and what broken writers left; nothing of the last day."""
    old = time.time() - _DAY
    folders = [path for path in root.iterdir() if _KEY.fullmatch(path.name) and path.is_dir()]
    ages = {folder: folder.stat().st_mtime for folder in folders}
    for number, folder in enumerate(sorted(ages, key=ages.__getitem__, reverse=True)):
        if number >= _KEPT and ages[folder] < old:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        for left in folder.glob(".*.tmp"):
            with suppress(OSError):
                if left.stat().st_mtime < old:
                    left.unlink()
