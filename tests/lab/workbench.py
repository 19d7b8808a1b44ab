"""What somebody does in JupyterLab: open a notebook, run it by the menu, type, look."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

OPEN_SECONDS, RUN_SECONDS = 60, 60


class Workbench:
    """JupyterLab in one window."""

    def __init__(self, page: Page, address: str, pictures: Path) -> None:
        self.page, self._address, self._pictures = page, address, pictures

    def open(self, notebook: str) -> None:
        """Open a notebook alone in a workspace of its own, and wait for its kernel."""
        self.page.goto(f"{self._address}/lab/workspaces/{notebook[:-6]}/tree/{notebook}?token=lab&reset")
        expect(self.cells.first).to_be_visible(timeout=OPEN_SECONDS * 1000)
        idle = self.page.locator(".jp-StatusBar-Widget", has_text="| Idle")
        expect(idle).to_be_visible(timeout=OPEN_SECONDS * 1000)

    @property
    def cells(self) -> Locator:
        """The cells that are drawn."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")

    @property
    def outputs(self) -> Locator:
        """The outputs that are drawn."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output")

    def menu(self, *labels: str) -> None:
        """Choose from the menu bar."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=labels[0]).first.click()
        for label in labels[1:]:
            self.page.locator(".lm-Menu-itemLabel", has_text=label).first.click()

    def run_all(self) -> None:
        """Run every cell by the menu, and wait for the last one."""
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
                const asked = prompts.filter(p => p.closest('.jp-NotebookPanel'));
                return asked.length && asked.every(p => /\\[\\d+\\]/.test(p.textContent));
            }""",
            timeout=RUN_SECONDS * 1000,
        )

    def picture(self, name: str) -> Path:
        """Take a screenshot."""
        target = self._pictures / f"{name}.png"
        self.page.screenshot(path=target)
        return target
