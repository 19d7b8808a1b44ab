"""One bundle of the demo account for every test that looks at it."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from iamaudit.demo.collected import demo_snapshot
from iamaudit.report.bundle import run_report
from iamaudit.report.notebook import report_notebooks
from iamaudit.report.parameters import Parameters

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def bundle(tmp_path_factory, browser_path):
    told = {"principal": "user/alice.moreau"}
    given = Parameters({"snapshot": str(demo_snapshot()), "as_of": "2026-11-01T08:00:00Z", **told}, {})
    notebooks = report_notebooks(ROOT / "notebooks")
    reports = tmp_path_factory.mktemp("reports")
    return run_report(given, notebooks=notebooks, reports=reports, progress=False, browser=browser_path)


@pytest.fixture(scope="session")
def chromium(browser_path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        yield browser
        browser.close()
