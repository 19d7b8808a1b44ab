"""Rows of a frame as aligned plain text for a terminal."""

from collections.abc import Iterator, Mapping

import pandas as pd

from iamaudit.tables.frame_table import cell_text


def aligned(frame: pd.DataFrame, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield a line with the headings, and one a row; the last column may be as wide as it needs."""
    rows = [list(columns.values())]
    rows += [[printable(cell_text(row[name])) for name in columns] for row in frame.to_dict("records")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def printable(text: str) -> str:
    """Return a text in which what would control a terminal stands as its code."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
