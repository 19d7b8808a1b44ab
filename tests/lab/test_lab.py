"""Every notebook in JupyterLab, in a real browser, as somebody works in it."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.hostile import SCRIPT, TEXT, hostile_snapshot

pytestmark = pytest.mark.lab

NOTEBOOKS = sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
RED = "rgb(179, 38, 30)"
RED_IN_THE_DARK = "rgb(255, 138, 128)"


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_runs_to_its_end_by_the_menu(workbench, folder, notebook):
    workbench.open(notebook)
    workbench.run_all()
    assert workbench.errors == []
    plotted = nbformat.read(folder / notebook, as_version=4).cells
    drawn = sum(cell.source.count("show(plot_") for cell in plotted if cell.cell_type == "code")
    assert workbench.charts.count() == drawn
    for chart in workbench.charts.all():
        chart.scroll_into_view_if_needed()
        assert chart.bounding_box()["width"] > 300
    workbench.page.locator(".jp-OutputArea-output .iamaudit").first.scroll_into_view_if_needed()
    workbench.picture(Path(notebook).stem)
    assert workbench.faults == []


def test_a_table_is_searched_sorted_and_filtered_and_a_name_completed(workbench):
    workbench.open("02_credentials.ipynb")
    workbench.run_all()
    users = workbench.tables.filter(has_text="has password").last
    info, first = users.locator(".dt-info"), users.locator("tbody tr").first
    expect(info).to_have_text("Showing 1 to 10 of 34 entries")
    users.scroll_into_view_if_needed()
    users.get_by_role("searchbox").fill("alice")
    expect(info).to_have_text("Showing 1 to 1 of 1 entry (filtered from 34 total entries)")
    expect(first).to_contain_text("alice.moreau")
    users.get_by_role("searchbox").fill("")
    users.locator("thead th", has_text="days idle").click()
    users.locator("thead th", has_text="days idle").click()
    idle = [int(text) for text in users.locator("tbody td.n:nth-child(6)").all_inner_texts() if text != "–"]
    assert idle == sorted(idle, reverse=True)
    users.locator("tfoot input").first.fill("backup")
    users.locator("tfoot input").first.press("Enter")
    expect(first).to_contain_text("backup-agent")
    workbench.picture("table")

    workbench.menu("Edit", "Clear Outputs of All Cells")
    cell = workbench.page.locator(".jp-CodeCell .cm-content").last
    cell.click()
    workbench.page.keyboard.press("Control+A")
    workbench.page.keyboard.type("audit.access_k")
    workbench.page.keyboard.press("Tab")
    offered = workbench.page.locator(".jp-Completer-item, .cm-content", has_text="access_keys")
    expect(offered.last).to_be_visible(timeout=30_000)


def test_a_selector_shows_what_is_chosen(workbench):
    workbench.open("01_observations.ipynb")
    workbench.run_all()
    chosen = workbench.page.locator(".jp-OutputArea-output select", has_text="critical").first
    chosen.scroll_into_view_if_needed()
    chosen.select_option("critical")
    severities = workbench.page.locator(".widget-vbox tbody td:nth-child(3)")
    expect(severities.filter(has_not_text="critical")).to_have_count(0, timeout=30_000)
    assert severities.count() > 1
    workbench.picture("selector")
    assert workbench.errors == []


def test_the_look_follows_the_theme(workbench):
    workbench.open("02_credentials.ipynb")
    workbench.run_all()
    mark = workbench.page.locator(".iamaudit .mark.bad").first
    colour = "each => getComputedStyle(each).color"
    assert mark.evaluate(colour) == RED
    workbench.menu("Settings", "Theme", "JupyterLab Dark")
    expect(mark).to_have_css("color", RED_IN_THE_DARK)
    workbench.charts.first.scroll_into_view_if_needed()
    paper = "each => getComputedStyle(each.querySelector('path')).fill"
    assert workbench.charts.first.evaluate(paper) != "rgb(255, 255, 255)"
    workbench.picture("dark")
    workbench.menu("Settings", "Theme", "JupyterLab Light")
    expect(mark).to_have_css("color", RED)


def test_what_an_account_is_called_does_not_run(workbench, folder, tmp_path):
    taken = hostile_snapshot(tmp_path)
    frame = (
        f"pd.DataFrame({{{TEXT!r}: [{SCRIPT!r}, {TEXT!r}] * 10, 'arn': ['\"><svg onload=alert(3)>'] * 20}})"
    )
    cells = [
        f"import iamaudit, pandas as pd\naudit = iamaudit.open_notebook({{'snapshot': {str(taken)!r}}})",
        *("audit.users", "audit.findings", "audit.roles", "audit.workpapers['access-key-rotation']"),
        *(frame, "audit.choose(audit.users, name='')"),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "hostile.ipynb")
    workbench.open("hostile.ipynb")
    workbench.run_all()
    assert workbench.errors == []
    for table in workbench.tables.all():
        table.get_by_role("searchbox").fill("alert")
        table.locator("tfoot input").first.fill("<img")
        table.locator("tfoot input").first.press("Enter")
    expect(workbench.tables.last).to_be_visible()
    workbench.page.wait_for_timeout(500)
    workbench.picture("hostile")
    assert (workbench.alerts, workbench.faults) == ([], [])
    assert workbench.page.locator(".jp-OutputArea-output [onerror], .iamaudit [onload]").count() == 0


def test_ten_thousand_rows_are_searched_and_sorted_without_a_wait(workbench, folder):
    cells = [
        "import iamaudit, pandas as pd\naudit = iamaudit.open_notebook({})",
        "pd.DataFrame({'arn': [f'arn:aws:iam::111122223333:user/u{n}' for n in range(10_000)], 'n': 1})",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "large.ipynb")
    workbench.open("large.ipynb")
    workbench.run_all()
    info = workbench.tables.locator(".dt-info")
    expect(info).to_have_text("Showing 1 to 10 of 10,000 entries")
    timed = """table => {
        const start = performance.now();
        table.querySelectorAll('thead th')[1].click();
        const field = table.querySelector('.dt-search input');
        field.value = 'u99'; field.dispatchEvent(new Event('input', {bubbles: true}));
        return performance.now() - start;
    }"""
    assert workbench.tables.evaluate(timed) < 1_000
    expect(info).to_have_text("Showing 1 to 10 of 111 entries (filtered from 10,000 total entries)")
