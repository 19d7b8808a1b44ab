"""Every frame as Parquet, and as CSV where a spreadsheet can hold it; the same bytes each time."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MAX_CSV_ROWS, MAX_CSV_BYTES = 100_000, 10_000_000
"""A bigger frame is Parquet only: a spreadsheet is slow long before it ends, at 1,048,576 rows."""
_SMALL_ROWS = 5_000  # no frame of so few rows comes near that many bytes

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNSAFE = r"^[=+\-@\t]|\r"
"""What no text of a CSV may be like; few columns have one."""
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
    shown: dict[str, Any] = {}
    for name in frame.columns:
        column = frame[name]
        if name in lists:
            shown[name] = [_json(value) for value in column]
        elif isinstance(column.dtype, pd.StringDtype) and column.str.contains(_UNSAFE).any():
            shown[name] = column.map(_text, na_action="ignore")
        elif isinstance(column.dtype, pd.DatetimeTZDtype):
            shown[name] = column.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    frame.assign(**shown).to_csv(path, index=False, lineterminator="\n")


def _text(text: str) -> str:
    safe = f"'{text}" if text.startswith(_FORMULA) else text
    return safe.replace("\r", "\n")  # a bare carriage return is written without quotes and breaks the row
