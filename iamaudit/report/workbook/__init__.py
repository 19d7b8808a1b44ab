"""``workpapers.xlsx``: what an audit team works in, from the cover to the sign-off."""

from iamaudit.report.workbook.write import write_workpapers

__all__ = ["write_workpapers"]
