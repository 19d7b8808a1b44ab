"""Where each workpaper stands in the workbook, known before a row of it is written."""

from collections.abc import Mapping
from typing import Any

from iamaudit.audit import Audit
from iamaudit.checks import AREAS, CATALOGUE, reference_of
from iamaudit.frames import rows_of
from iamaudit.report.workbook.book import Link

BLOCK = 18
"""The rows of a workpaper in the sheet of its area, the empty one behind it included."""
FIRST = 3
"""The first row of the first workpaper of a sheet."""


class Places:
    """The workpapers of an audit by area, and links to them.

    ``rows`` are those of the frame ``checks`` by check.
    """

    def __init__(self, audit: Audit) -> None:
        self.rows: Mapping[str, Mapping[str, Any]] = {row["check"]: row for row in rows_of(audit.checks)}
        by_area: dict[str, list[str]] = {}
        for check in sorted(self.rows, key=reference_of):
            by_area.setdefault(CATALOGUE[check].area, []).append(check)
        self.areas = {area: by_area[area] for area in AREAS if area in by_area}
        self._at = {
            check: (self.sheet(area), FIRST + number * BLOCK)
            for area, checks in self.areas.items()
            for number, check in enumerate(checks)
        }

    @staticmethod
    def sheet(area: str) -> str:
        """Return the name of the sheet of an area."""
        return f"WP {area}"

    def row(self, check: str) -> int:
        """Return the first row of a workpaper in its sheet."""
        return self._at[check][1]

    def link(self, check: str, text: str = "") -> Link:
        """Return a link to a workpaper, by its reference unless said."""
        sheet, row = self._at[check]
        return Link(text or reference_of(check), sheet, row)
