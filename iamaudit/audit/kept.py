"""What is read back from a store when it is there, and else computed and kept."""

from collections.abc import Callable
from urllib.parse import quote

import pandas as pd
import pyarrow as pa

from iamaudit.audit.parquet import (
    NOT_KEPT,
    frame_table,
    has_own_exceptions,
    table_frame,
    tables_workpaper,
    workpaper_tables,
)
from iamaudit.audit.store import Store
from iamaudit.checks import Check, Workpaper


class Kept:
    """The frames and workpapers of one judgement.

    ``is_trusted`` says, when the first of them is asked for, whether the evidence still is what ``store`` was
    judged from; without that, or without a store, everything is computed. ``read_back`` are the names of
    those that were not.
    """

    def __init__(self, store: Store | None, is_trusted: Callable[[], bool]) -> None:
        self._store, self._is_trusted = store, is_trusted
        self.read_back: set[str] = set()

    @property
    def is_kept(self) -> bool:
        """Whether what was computed is there for the next who asks."""
        return self._usable is not None and self._usable.is_usable

    def frame(self, name: str, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return a frame."""
        table = self._read(name)
        if table is not None:
            self.read_back.add(name)
            return table_frame(table)
        frame = compute()
        self._write([name], lambda: [frame_table(frame)])
        return frame

    def workpaper(
        self, check: Check, everyone: pd.DataFrame, evaluate: Callable[[Check], Workpaper]
    ) -> Workpaper:
        """Return a workpaper; ``everyone`` is the frame of its population."""
        names = [f"{kind}-{quote(check.id, safe='')}" for kind in ("workpaper", "exceptions")]
        first = self._read(names[0])
        second = self._read(names[1]) if first is not None and has_own_exceptions(first) else first
        if first is not None and second is not None:
            self.read_back.add(check.id)
            return tables_workpaper(check, [first, second], everyone)
        paper = evaluate(check)
        self._write(names, lambda: workpaper_tables(paper, everyone))
        return paper

    def _read(self, name: str) -> pa.Table | None:
        return self._usable.read(name) if self._usable else None

    def _write(self, names: list[str], make: Callable[[], list[pa.Table]]) -> None:
        if self._usable is None:
            return
        try:
            tables = make()
        except NOT_KEPT:
            return  # computed again by whoever asks next
        for name, table in zip(names, tables, strict=False):
            self._usable.write(name, table)

    @property
    def _usable(self) -> Store | None:
        if self._store is not None and not self._is_trusted():
            self._store = None
        return self._store
