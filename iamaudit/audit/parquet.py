"""Frames and workpapers as Arrow tables, which Parquet holds, and back to equal ones."""

import json
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from iamaudit.checks import Check, Workpaper

NOT_KEPT = (pa.ArrowException, TypeError, ValueError)
"""What is raised here when a value has no place in a table, as in rows of an analyst's own check."""
_LIST = pa.list_(pa.string())
_FACTS = b"workpaper"
_WORDS = ("title", "procedure", "conclusion", "reason")


def frame_table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame without its index as a table; lists of text are that also when all are empty."""
    lists = [name for name in frame.columns if frame[name].dtype == object]
    table = pa.Table.from_pandas(frame.drop(columns=lists), preserve_index=False)
    for place, name in enumerate(frame.columns):
        if name in lists:
            table = table.add_column(place, name, pa.array(frame[name].tolist(), type=_LIST))
    return table


def table_frame(table: pa.Table) -> pd.DataFrame:
    """Return the frame that a table was made of."""
    table = table.combine_chunks()  # taking rows of a column in several pieces copies all of it
    lists = {field.name for field in table.schema if field.type == _LIST}
    plain = table.drop_columns(list(lists)).to_pandas()
    for name, dtype in plain.dtypes.items():
        if isinstance(dtype, pd.CategoricalDtype) and not len(dtype.categories):  # no value tells their type
            plain[name] = plain[name].astype(pd.CategoricalDtype(pd.Index([], dtype="str")))
    columns = {
        name: pd.Series(table[name].to_pylist(), dtype="object") if name in lists else plain[name]
        for name in table.column_names
    }
    return pd.DataFrame(columns, columns=table.column_names, index=pd.RangeIndex(table.num_rows))


def workpaper_tables(paper: Workpaper, everyone: pd.DataFrame) -> list[pa.Table]:
    """Return a workpaper as the places of its rows in ``everyone``, the frame of its population.

    Exceptions that are not rows of that frame, but made from them, come whole in a second table.
    """
    parts = [("exception", paper.exceptions), ("not judged", paper.not_judged)]
    if paper.population is not everyone:
        parts.append(("population", paper.population))
    names = list(chain.from_iterable([name] * len(rows) for name, rows in parts))
    places = np.concatenate([_places(rows) for _, rows in parts])
    messages = paper.exceptions.message.tolist() + [None] * (len(places) - len(paper.exceptions))
    facts = {word: getattr(paper, word) for word in _WORDS} | {"whole": paper.population is everyone}
    facts["own"] = not _are_rows(paper.exceptions, everyone)
    columns = {
        "part": pa.array(names, pa.string()),
        "place": pa.array(places),
        "message": pa.array(messages, pa.string(), from_pandas=True),
    }
    tables = [pa.table(columns, metadata={_FACTS: json.dumps(facts)})]
    if facts["own"]:
        tables.append(frame_table(paper.exceptions))
        if not paper.exceptions.equals(tables_workpaper(paper.check, tables, everyone).exceptions):
            raise ValueError(f"the exceptions of `{paper.check.id}` cannot be kept")
    return tables


def has_own_exceptions(table: pa.Table) -> bool:
    """Say whether the exceptions of a workpaper stand in a second table."""
    return bool(json.loads(table.schema.metadata[_FACTS])["own"])


def tables_workpaper(check: Check, tables: Sequence[pa.Table], everyone: pd.DataFrame) -> Workpaper:
    """Return the workpaper that the tables were made of."""
    facts = json.loads(tables[0].schema.metadata[_FACTS])
    parts, places = tables[0]["part"].to_numpy(), tables[0]["place"].to_numpy()
    where = {part: places[parts == part] for part in ("population", "exception", "not judged")}
    if facts["own"]:
        exceptions = table_frame(tables[1]).set_index(pd.Index(where["exception"]))
    else:
        messages = tables[0]["message"].slice(0, len(where["exception"])).to_pylist()
        exceptions = _rows_at(everyone, where["exception"])
        exceptions = exceptions.assign(message=pd.array(messages, dtype="string"))
    return Workpaper(
        check=check,
        population=everyone if facts["whole"] else _rows_at(everyone, where["population"]),
        exceptions=exceptions,
        not_judged=_rows_at(everyone, where["not judged"]),
        **{word: facts[word] for word in _WORDS},
    )


def _are_rows(exceptions: pd.DataFrame, everyone: pd.DataFrame) -> bool:
    """Say whether exceptions are rows of ``everyone`` with messages beside, value for value."""
    if exceptions.columns.tolist() != [*dict.fromkeys([*everyone.columns, "message"])]:
        return False
    if not exceptions.index.isin(everyone.index).all():
        return False
    return everyone.loc[exceptions.index].assign(message=exceptions.message).equals(exceptions)


def _rows_at(everyone: pd.DataFrame, places: npt.NDArray[np.int64]) -> pd.DataFrame:
    return everyone.iloc[places] if len(places) else everyone.iloc[:0]  # that is faster, and mostly so


def _places(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    if not pd.api.types.is_integer_dtype(rows.index.dtype):
        raise TypeError("rows without a number")
    return rows.index.to_numpy(dtype=np.int64)
