"""The tables of a bundle compared with the same ones judged now."""

import json
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from iamaudit.audit import Audit
from iamaudit.report.data import export_frame

_WITH_OTHERS = ("changes", "permission_changes", "observation_changes", "trend")
"""Frames that rest on older snapshots."""
_OF_ALL = ("observations", "controls", "samples", "waivers", *_WITH_OTHERS)
"""Frames that rest on every check."""
_NAMES = ("check", "resource", "id", "control", "principal", "policy", "user", "name", "source")
_SHOWN = 3


def differences(
    data: Path, audit: Audit, only_checks: Collection[str] | None = None, *, with_older: bool = True
) -> Iterator[str]:
    """Yield a line on each table under ``data`` that is another one when it is judged now.

    ``only_checks`` leaves the rows of other checks out, and the tables that sum up all checks; without
    ``with_older`` those are left out that compare with older snapshots.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in audit.frames:
            stored = data / f"{name}.parquet"
            left_out = (() if with_older else _WITH_OTHERS) + (() if only_checks is None else _OF_ALL)
            if name in left_out or not stored.is_file():
                continue
            export_frame(audit.frames[name], Path(folder), name, has_csv=False)
            now = pq.read_table(Path(folder) / f"{name}.parquet")
            try:
                then = pq.read_table(stored)
            except (pa.ArrowException, OSError) as error:
                yield f"data/{name}.parquet cannot be read ({type(error).__name__})"
                continue
            if only_checks is not None and name in ("findings", "checks"):
                then, now = (_of(table, only_checks) for table in (then, now))
            if not then.equals(now):
                yield from _rows(name, then, now)


def _of(table: pa.Table, checks: Collection[str]) -> pa.Table:
    """Return the rows of some checks, without what depends on all of them."""
    kept = table.filter(pc.is_in(table["check"], pa.array(sorted(checks), pa.string())))
    return kept.drop_columns([name for name in ("risk", "observation") if name in kept.column_names])


def _rows(name: str, then: pa.Table, now: pa.Table) -> Iterator[str]:
    """Yield how many rows only one of two tables has, and the first of them."""
    old, new = (Counter(map(_text, table.to_pylist())) for table in (then, now))
    gone, more = list((old - new).elements()), list((new - old).elements())
    if not gone and not more:
        is_alike = then.column_names == now.column_names
        yield f"{name}: the same rows {'in another order' if is_alike else 'with other columns'}"
        return
    sides = ((gone, "in the report"), (more, "now"))
    parts = [f"{len(rows):,} only {where}{_named(rows)}" for rows, where in sides if rows]
    yield f"{name}: judged anew, rows differ: {'; '.join(parts)}"


def _text(row: object) -> str:
    return json.dumps(row, sort_keys=True, default=str)


def _named(rows: list[str]) -> str:
    """Return what the first rows are about, in brackets."""
    names = []
    for text in rows[:_SHOWN]:
        row = json.loads(text)
        words = [str(row[column]) for column in _NAMES if row.get(column)][:2]
        names.append(" ".join(words))
    more = ", ..." if len(rows) > _SHOWN else ""
    return f" ({', '.join(filter(None, names))}{more})" if any(names) else ""
