"""WCAG 2.2 AA on every page, in the light and in the dark, and no page that leaves its window."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {420: 900, 1280: 900, 1920: 1080}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_wcag(bundle, chromium, scheme):
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    broken = {}
    for file in sorted(bundle.glob("*.html")):
        page.goto(file.as_uri())
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        broken[file.name] = [(rule["id"], rule["nodes"][0]["html"]) for rule in found.response["violations"]]
    page.close()
    assert broken == {name: [] for name in broken}
    assert "index.html" in broken


@pytest.mark.parametrize("width", SIZES)
def test_no_page_and_no_table_is_wider_than_its_window(bundle, chromium, width):
    page = chromium.new_page(viewport={"width": width, "height": SIZES[width]})
    wide = "e => e.scrollWidth > e.clientWidth + 1"
    for file in sorted(bundle.glob("*.html")):
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file.name
        cut = page.evaluate(f"[...document.querySelectorAll('.scroll')].filter({wide}).map(e => e.innerText)")
        assert cut == [], file.name
    page.close()


def test_in_the_dark_a_chart_is_drawn_on_the_paper_of_the_page(bundle, chromium):
    colours = {}
    for scheme in ("light", "dark"):
        page = chromium.new_page(color_scheme=scheme)
        page.goto((bundle / "credentials.html").as_uri())
        colours[scheme] = page.evaluate(
            "[getComputedStyle(document.querySelector('.chart path')).fill,"
            " getComputedStyle(document.body).backgroundColor]"
        )
        page.close()
    assert colours["light"] == ["rgb(255, 255, 255)"] * 2
    assert colours["dark"] == ["rgb(15, 22, 29)"] * 2
