"""A frame as a table that sorts, searches and pages; for a live notebook alone, as it takes scripts.

DataTables does it, which itables brings along and puts into the notebook, so that nothing is fetched. What it
is given are the cells of the plain table, in which every value is escaped.
"""

import json
from collections.abc import Sequence

import pandas as pd
from itables import JavascriptFunction, __version__, options, to_html_datatable
from itables.javascript import generate_init_offline_itables_html
from markupsafe import escape

from iamaudit.tables.frame_table import FrameTable, cells
from iamaudit.tables.markup import MARKS, SEVERITY_COLOURS

MOST_ROWS = 10_000
_PAGE, _NARROW, _LOOKED_AT = 10, 8, 50
_ROOM = {80: "ww", 24: "w"}
"""The class of a column whose texts have more characters: a wide table can be scrolled."""
_LAYOUT = {"topStart": "info", "topEnd": "search", "bottomStart": "pageLength", "bottomEnd": "paging"}
_NUMBER = (
    "function (data, type) { if (type !== 'sort' && type !== 'type') { return data; }"
    " const number = parseFloat(data.replace(/,/g, '')); return isNaN(number) ? -Infinity : number; }"
)
_RANK = (
    "function (data, type) { if (type !== 'sort' && type !== 'type') { return data; }"
    " return %s.indexOf(data.replace(/<[^>]*>/g, '')); }"
)
_RANKED = {"severity": list(SEVERITY_COLOURS), "conclusion": list(MARKS)}
"""Columns that sort by how urgent a value is, not by its letters."""


def loading() -> str:
    """Return as HTML what the tables of a notebook need: DataTables, which then follows the theme.

    ``itables.init_notebook_mode`` would ask for the theme before DataTables is there.
    """
    loaded = f"window._itables_{__version__.replace('.', '_')}"
    return (
        generate_init_offline_itables_html(options.dt_bundle)
        + f'<script type="module">(await {loaded}).set_or_remove_dark_class()</script>'
    )


def interactive(table: FrameTable) -> str:
    """Return a table with all its rows, up to ``MOST_ROWS``, which a reader sorts, searches and pages.

    A table that fits on its first page needs none of that, and stays plain; a wide one can be scrolled.
    """
    frame = table.frame.head(MOST_ROWS)
    is_narrow = len(table.columns) <= _NARROW
    if frame.empty or (is_narrow and len(frame) <= _PAGE):
        return str(table.whole().markup)
    rows = pd.DataFrame([[str(escape(cell)) for cell in row] for row in cells(frame, table.columns)])
    rows.columns = pd.Index([str(escape(heading)) for heading in table.columns.values()])
    return to_html_datatable(
        rows,
        caption=str(escape(_caption(table))),
        allow_html=True,  # each cell is escaped
        showIndex=False,
        maxBytes=0,
        maxColumns=0,
        columnDefs=list(_definitions(table)),
        column_filters="footer",
        layout=_LAYOUT,
        pageLength=_PAGE,
        lengthMenu=[10, 25, 100, 1_000],
        autoWidth=False,
        text_in_header_can_be_selected=False,
        classes="display compact",
        connected=False,
        style="width:100%;caption-side:top",
        display_logo_when_loading=False,
    )


def _caption(table: FrameTable) -> str:
    if len(table.frame) <= MOST_ROWS:
        return table.title
    cut = f"first {MOST_ROWS:,} of {len(table.frame):,} rows; filter the frame to see others"
    return f"{table.title}: {cut}" if table.title else cut


def _definitions(table: FrameTable) -> Sequence[dict[str, object]]:
    """Return for each column how it looks and sorts."""
    found: list[dict[str, object]] = []
    for place, (column, kind) in enumerate(table.classes.items()):
        longest = int(table.frame[column].head(_LOOKED_AT).map(repr).str.len().max())
        room = next((name for length, name in _ROOM.items() if longest > length), "")
        found.append({"targets": place, "className": f"{kind} {room}".strip()})
        if column in _RANKED:
            order = json.dumps(_RANKED[column])
            found.append({"targets": place, "render": JavascriptFunction(_RANK % order)})
        elif kind == "n":
            found.append({"targets": place, "render": JavascriptFunction(_NUMBER)})
    return found
