"""Refuses to build from notebooks that hold outputs: those of a real account would leave with the package."""

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NotebooksWithoutOutputs(BuildHookInterface[Any]):
    """Looks into every notebook before a wheel or an sdist is made of it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own
        """End the build with one line when a notebook was run in place."""
        if version == "editable":
            return  # nothing is copied
        packed = sorted(Path(self.root, "notebooks").glob("[0-9][0-9]_*.ipynb"))
        executed = [path.name for path in packed if _has_outputs(path)]
        if executed:
            raise SystemExit(
                f"notebooks hold outputs: {', '.join(executed)}; clear them, and work in copies: make lab"
            )


def _has_outputs(path: Path) -> bool:
    """Tell whether a cell holds outputs, other than those that the tests compare with the demo's."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return any(cell.get("outputs") and "NBVAL_CHECK_OUTPUT" not in "".join(cell["source"]) for cell in cells)
