"""Every frame as CSV and Parquet, the same bytes each time, and safe to open in a spreadsheet."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LIST = pa.list_(pa.string())


def export_frame(frame: pd.DataFrame, folder: Path, name: str) -> None:
    """Write ``name.csv`` and ``name.parquet``.

    In the CSV times are ISO 8601, lists are JSON, and a text that a spreadsheet would take for a formula has
    an apostrophe in front; the Parquet file has the values as they are.
    """
    lists = [column for column in frame.columns if frame[column].dtype == object]
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for column in lists:  # of empty lists alone no type can be told
        table = table.set_column(table.column_names.index(column), column, table[column].cast(_LIST))
    pq.write_table(table, folder / f"{name}.parquet")
    shown = frame.copy()
    for column in frame.columns:
        if column in lists:
            shown[column] = [_text(json.dumps(value, ensure_ascii=False)) for value in frame[column]]
        elif isinstance(frame[column].dtype, pd.StringDtype):
            shown[column] = frame[column].map(_text, na_action="ignore")
        elif isinstance(frame[column].dtype, pd.DatetimeTZDtype):
            shown[column] = frame[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    shown.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def findings_json(findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the findings as JSON values, absent ones as ``null``."""
    return [
        {str(column): None if value is pd.NA else value for column, value in row.items()}
        for row in findings.to_dict("records")
    ]


def _text(text: str) -> str:
    safe = f"'{text}" if text.startswith(_FORMULA) else text
    return safe.replace("\r", "\n")  # a bare carriage return is written without quotes and breaks the row
