"""What comes with the package for an analyst, and the folder of one's own that is laid from it."""

from iamaudit.workbench.carried import carried_notebooks, carried_params
from iamaudit.workbench.laid import Laid, lay_workbook, upgrade_workbook

__all__ = ["Laid", "carried_notebooks", "carried_params", "lay_workbook", "upgrade_workbook"]
