"""Refuses to pack notebooks with outputs and params of an account: they would leave with a package."""

import json
import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INVENTED = {"111122223333", "444455556666"}


class NothingPrivate(BuildHookInterface[Any]):
    """Looks into every notebook and params file before a wheel or an sdist is made of it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own
        """End the build with one line when a notebook was run in place, or a params file names an account."""
        if version == "editable":
            return  # nothing is copied
        packed = sorted(Path(self.root, "notebooks").glob("[0-9][0-9]_*.ipynb"))
        executed = [path.name for path in packed if _has_outputs(path)]
        if executed:
            raise SystemExit(
                f"notebooks hold outputs: {', '.join(executed)}; clear them, and work in copies: make lab"
            )
        listed = [name for name in self.build_config.build_config["include"] if name.startswith("/params/")]
        private = [name for name in listed if _accounts(Path(self.root, name[1:])) - INVENTED]
        if private:
            raise SystemExit(f"not invented accounts in {', '.join(private)}; undo that, and work in copies")


def _accounts(path: Path) -> set[str]:
    return set(re.findall(r"(?<!\d)\d{12}(?!\d)", path.read_text(encoding="utf-8")))


def _has_outputs(path: Path) -> bool:
    """Tell whether a cell holds outputs, other than those that the tests compare with the demo's."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return any(cell.get("outputs") and "NBVAL_CHECK_OUTPUT" not in "".join(cell["source"]) for cell in cells)
