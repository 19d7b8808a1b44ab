"""Every frame as Parquet, and as CSV where a spreadsheet can hold it; the same bytes each time."""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MAX_CSV_ROWS, MAX_CSV_BYTES = 100_000, 10_000_000
"""A bigger frame is Parquet only: a spreadsheet is slow long before it ends, at 1,048,576 rows."""
_SMALL_ROWS = 5_000  # no frame of so few rows comes near that many bytes

_FORMULA, _SPECIAL = r"^[=+\-@\t\r]", '[,"\n]'
_LIST = pa.list_(pa.string())
_json = json.JSONEncoder(ensure_ascii=False).encode


def big_frames(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the names of the frames that are too big for a spreadsheet, by rows or by bytes."""
    return [
        name
        for name, frame in frames.items()
        if len(frame) > MAX_CSV_ROWS
        or (len(frame) > _SMALL_ROWS and pa.Table.from_pandas(frame).nbytes > MAX_CSV_BYTES)
    ]


def data_file(name: str, parquet_only: Collection[str]) -> str:
    """Return the file under ``data/`` that a reader of a frame is sent to."""
    return f"{name}.parquet" if name in parquet_only else f"{name}.csv"


def export_frame(frame: pd.DataFrame, folder: Path, name: str, *, has_csv: bool = True) -> None:
    """Write ``name.parquet``, and ``name.csv`` unless a spreadsheet could not hold it.

    In the CSV times are ISO 8601, lists are JSON, and a text that a spreadsheet would take for a formula has
    an apostrophe in front; the Parquet file has the values as they are.
    """
    lists = [column for column in frame.columns if frame[column].dtype == object]
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for column in lists:  # of empty lists alone no type can be told
        table = table.set_column(table.column_names.index(column), column, table[column].cast(_LIST))
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    if has_csv:
        _write_csv(frame, lists, folder / f"{name}.csv")


def _write_csv(frame: pd.DataFrame, lists: list[str], path: Path) -> None:
    """Write what ``csv.writer`` would, a column at a time: it looks at each character of each text."""
    cells = [_quoted(_texts(frame[name], is_list=name in lists)) for name in frame.columns]
    header = ",".join(_quoted(pa.array(frame.columns.tolist(), pa.string())).to_pylist())
    rows = pc.binary_join_element_wise(*cells, ",").to_pylist()
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8", newline="\n")


def _texts(column: "pd.Series[Any]", *, is_list: bool) -> pa.Array:
    """Return what a spreadsheet is to show of a column."""
    if is_list:
        return pa.array([_json(value) for value in column.tolist()], pa.string())
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    texts = pc.fill_null(pa.array(column.astype("string"), pa.string(), from_pandas=True), "")
    if not isinstance(column.dtype, pd.StringDtype):
        return texts
    texts = _where(_FORMULA, texts, lambda found: pc.binary_join_element_wise("'", found, ""))
    # A bare carriage return breaks the row.
    return _where("\r", texts, lambda found: pc.replace_substring(found, "\r", "\n"))


def _quoted(texts: pa.Array) -> pa.Array:
    return _where(
        _SPECIAL,
        texts,
        lambda found: pc.binary_join_element_wise('"', pc.replace_substring(found, '"', '""'), '"', ""),
    )


def _where(pattern: str, texts: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return texts, changed where a pattern is found: mostly it is not."""
    found = pc.match_substring_regex(texts, pattern)
    if not pc.any(found).as_py():
        return texts
    return pc.if_else(found, change(texts), texts)
