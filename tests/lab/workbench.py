"""What somebody does in JupyterLab: open a notebook, run it by the menu, type, look."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

TOKEN = "lab"  # of a server on loopback that lives as long as a test
_WAIT = 90_000  # milliseconds, on a busy machine
_ALL_RAN = """() => {
    const prompts = [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')];
    return prompts.length && prompts.every(each => /\\[\\d+\\]/.test(each.textContent));
}"""
_ERRORS = (
    '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
)


class Workbench:
    """JupyterLab in one window; ``faults`` are the exceptions of its page, ``alerts`` what ran in it."""

    def __init__(self, page: Page, address: str, pictures: Path) -> None:
        self.page, self._address, self._pictures = page, address, pictures
        self.faults: list[str] = []
        self.alerts: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", self._alert)

    def open(self, notebook: str) -> None:
        """Open a notebook alone, and wait for its kernel."""
        place = f"{self._address}/lab/workspaces/{Path(notebook).stem}/tree/{notebook}"
        self.page.goto(f"{place}?token={TOKEN}&reset")
        idle = self.page.locator(".jp-StatusBar-Widget", has_text="| Idle")
        expect(idle).to_be_visible(timeout=_WAIT)

    def menu(self, *labels: str) -> None:
        """Choose from the menu bar."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=labels[0]).first.click()
        for label in labels[1:]:
            self.page.locator(".lm-Menu-itemLabel", has_text=label).first.click()

    def run_all(self) -> None:
        """Run every cell by the menu, and wait for the last one."""
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(_ALL_RAN, timeout=_WAIT)

    @property
    def errors(self) -> list[str]:
        """What cells wrote in red."""
        return self.page.locator(_ERRORS).all_inner_texts()

    @property
    def charts(self) -> Locator:
        """The charts."""
        return self.page.locator(".jp-OutputArea-output svg.chart")

    @property
    def tables(self) -> Locator:
        """The tables that sort and search."""
        return self.page.locator(".jp-OutputArea-output .dt-container")

    def picture(self, name: str) -> Path:
        """Take a screenshot."""
        target = self._pictures / f"{name}.png"
        self.page.screenshot(path=target)
        return target

    def _alert(self, dialog) -> None:  # type: ignore[no-untyped-def]
        self.alerts.append(dialog.message)
        dialog.dismiss()
