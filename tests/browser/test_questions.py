"""A stranger opens the first page of a report and asks: few clicks lead to each answer."""

import csv
import re

import pytest

from iamaudit.tables.anchors import anchor

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium, bundle):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto((bundle / "index.html").as_uri())
    yield page
    context.close()


def click(page, name, within="main", first=True):
    links = page.locator(f"{within} a, {within} summary").filter(has_text=name)
    (links.first if first else links.last).click()


def test_who_acts_first_and_on_what_needs_no_click(page):
    card = page.locator(".card").first.inner_text()
    assert page.locator("h1").inner_text().startswith("This account needs action within 24 hours")
    assert "An active access key of ci-deployer is in code" in card
    assert all(word in card for word in ("Do first:", "Owner", "Release engineering", "Due", "2 Nov 2026"))


def test_the_row_that_proves_an_exception_is_three_clicks_away(page, bundle):
    click(page, "full observation")
    click(page, "access-key-year", within="#obs-user-ci-deployer")
    paper = page.locator("#check-access-key-year")
    assert paper.is_visible()
    said = paper.locator("td", has_text="user = ci-deployer, access_key_1_last_rotated = ").first.inner_text()
    moment = re.search(r"access_key_1_last_rotated = (\S+)", said)[1]
    file = paper.locator("dd a").get_attribute("href")
    rows = csv.DictReader((bundle / file).read_text().splitlines())
    (found,) = [row["access_key_1_last_rotated"] for row in rows if row["user"] == "ci-deployer"]
    assert found.startswith(moment)


def test_which_pci_controls_fail_and_why_is_four_clicks_away(page):
    click(page, "Frameworks", within="nav[aria-label='On this page']")
    shown = page.locator("#frameworks ~ *").locator("details").filter(has_text="8.6.3")
    assert not shown.locator("a", has_text="8.6.3").is_visible()
    shown.locator("summary").click()
    shown.locator("a", has_text="8.6.3").click()
    row = page.locator("tr", has=page.locator(f"[id='{anchor('control', 'PCI DSS 4.0.1 8.6.3')}']"))
    assert "not met" in row.inner_text()
    row.locator("a", has_text="Access keys are rotated within 90 days").first.click()
    assert page.locator("#check-access-key-rotation").is_visible()


def test_what_changed_and_what_was_not_looked_at_is_one_click_away(page):
    click(page, "What this audit does not see", within="nav[aria-label='On this page']")
    assert page.locator("h2#missing").is_visible()
    click(page, "Changes since the last audit", within="nav[aria-label='On this page']")
    assert page.locator("h2#changes").is_visible()
    click(page, re.compile(r"All \d+ changes"))
    assert page.url.endswith("changes.html")
    assert "user/marcus.lund became an administrator." in page.locator("main").inner_text()
