from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from iamaudit.errors import ReportError
from iamaudit.report.execute import execute_notebooks
from iamaudit.report.html import export_html, name_parquet
from iamaudit.report.pages import Link, Site, page_link, page_problems, write_page
from iamaudit.report.worker import Job
from tests.accounts import key, report, snapshot

FIXTURES = Path(__file__).parent / "notebooks"
LINKS = [Link("index.html", "Summary"), Link("good.html", "Good", "What this page says.")]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<p>x</p><script>alert(1)</script>", "holds a <script> element"),
        ("<iframe></iframe>", "holds a <iframe> element"),
        ("<link rel=stylesheet href=x.css>", "holds a <link> element"),
        ('<svg aria-label="x" onload=x></svg>', "holds the event handler `onload`"),
        ('<svg aria-label="x"><script>x</script></svg>', "holds a <script> element"),
        ('<svg aria-label="x"><set attributeName="x"/></svg>', "holds a <set> element in a picture"),
        ('<svg aria-label="x"><svg aria-label="y"></svg><animate/></svg>', "holds a <animate> element"),
        ('<svg aria-label="x"><foreignObject/></svg>', "holds a <foreignobject> element in a picture"),
        ('<svg aria-label="x"><style>p{}</style></svg>', "holds a <style> element in a picture"),
        ('<svg aria-label="x"><use href="other.svg#a"/></svg>', "would fetch `other.svg#a`"),
        ('<svg aria-label="x"><path style="fill:url(x#a)"/></svg>', "would fetch an address in a style"),
        ('<svg aria-label="x"><path fill="URL( x#a)"/></svg>', "would fetch an address in a style"),
        ("<svg></svg>", "holds a picture without alt text"),
        ("<form></form>", "holds a <form> element"),
        ('<img alt="x" src="data:image/png;base64,AA" onerror="x">', "holds the event handler `onerror`"),
        ("<p ONCLICK=x>y</p>", "holds the event handler `onclick`"),
        ('<a href="https://example.com">x</a>', "would fetch `https://example.com`"),
        ('<a href="javascript:alert(1)">x</a>', "would fetch `javascript:alert(1)`"),
        ('<a href=" java&#10;script:alert(1)">x</a>', "would fetch"),
        ('<a href="//example.com/x">x</a>', "would fetch `//example.com/x`"),
        ('<img alt="x" src="http://example.com/x.png">', "would fetch"),
        ('<img alt="x" src="data:text/html,x">', "would fetch"),
        ('<img alt="x" srcset="http://example.com/x 2x">', "would fetch"),
        ('<p style="background:url(x.png)">x</p>', "would fetch an address in a style"),
        ('<meta http-equiv="Refresh" content="0;url=x">', "would move on by itself"),
        ('<img src="data:image/png;base64,AA">', "holds a picture without alt text"),
        ('<img src="data:image/png;base64,AA" alt=" ">', "holds a picture without alt text"),
    ],
)
def test_what_would_run_fetch_or_stay_silent_is_a_problem(body, problem):
    assert any(found.startswith(problem) for found in page_problems(body)), page_problems(body)


@pytest.mark.parametrize(
    "body",
    [
        "<p>&lt;script&gt;</p>",
        '<a href="#part">x</a><a href="credentials.html#check-x">y</a><a href="data/users.csv">z</a>',
        '<img src="data:image/png;base64,AA" alt="a chart">',
        '<svg aria-label="a chart"><path style="fill: url(#h)" clip-path="url(#p)"/><use href="#m"/></svg>',
    ],
)
def test_a_clean_page_has_no_problem(body):
    assert page_problems(body) == []


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    taken = snapshot(folder, credential_report=report({"user": "ann", **key(1, age=5, used=1)}))
    job = Job(str(FIXTURES / "good.ipynb"), str(folder / "good.ipynb"), {"snapshot": str(taken)}, None)
    assert [outcome.reason for outcome in execute_notebooks([job])] == [""]
    export_html(folder / "good.ipynb", folder / "good.html", Site("example <1>", LINKS))
    return (folder / "good.html").read_text()


def test_a_page_shows_outputs_and_no_code(good):
    page = Page(good)
    assert "as of" in page.text
    assert "import sys" not in page.text
    assert "parameters" not in page.text.lower()
    assert "<img src=x onerror=alert(1)>" in page.text  # as text
    assert "'<b>text</b>'" in page.text
    assert "a warning" in page.text
    assert 'class="stderr"' in good


def test_a_page_says_what_it_is(good):
    page = Page(good)
    assert page.all("html") == [{"lang": "en"}]
    assert "<title>Good: example &lt;1&gt;</title>" in good
    (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert [a["href"] for a in page.all("a") if a.get("aria-current")] == ["good.html"]
    assert page_problems(good) == []


def test_the_contents_point_at_headings_that_exist(good):
    page = Page(good)
    inside = [
        a["href"][1:] for a in page.all("a") if a["href"].startswith("#") and a.get("class") != "anchor-link"
    ]
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    assert {"First-part", "Second-part", "main"} == set(inside)
    assert set(inside) <= ids


def test_a_picture_has_its_words(good):
    (picture,) = Page(good).all("svg")
    assert picture["aria-label"].startswith("Bars of active access keys by age, 1 in all")
    assert ">0 to 90 days</text>" in good
    assert Page(good).all("img") == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("hostile", "`hostile.html` "),
        ("script", "`script.html` holds a <script> element"),
        ("without_alt", "`without_alt.html` holds a picture without alt text"),
        ("large", "over 1,000,000: show fewer rows"),
    ],
)
def test_a_page_that_breaks_its_promise_is_not_written(tmp_path, name, problem):
    job = Job(str(FIXTURES / f"{name}.ipynb"), str(tmp_path / f"{name}.ipynb"), {}, None)
    assert [outcome.reason for outcome in execute_notebooks([job])] == [""]
    with pytest.raises(ReportError) as caught:
        export_html(tmp_path / f"{name}.ipynb", tmp_path / f"{name}.html", Site("x", LINKS))
    assert problem in str(caught.value)
    (outcome,) = execute_notebooks([replace(job, site=Site("x", LINKS))])
    assert outcome.reason == str(caught.value)
    assert not (tmp_path / f"{name}.html").exists()


def test_a_link_takes_the_heading_and_the_first_sentence():
    assert page_link(FIXTURES / "good.ipynb") == Link("good.html", "Good", "What this page says.")


def test_a_page_of_a_megabyte_is_the_limit(tmp_path):
    write_page(tmp_path / "x.html", "x" * 1_000_000)
    with pytest.raises(ReportError):
        write_page(tmp_path / "y.html", "x" * 1_000_001)


def test_what_is_for_the_workbook_only_is_on_no_page(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# Page\n\nText."),
        nbformat.v4.new_markdown_cell("## Exercise here"),
    ]
    cells[1].metadata["tags"] = ["workbook"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    export_html(tmp_path / "n.ipynb", tmp_path / "n.html", Site("x", LINKS))
    text = (tmp_path / "n.html").read_text()
    assert "Text." in text
    assert "Exercise" not in text


def test_a_notebook_names_the_parquet_file_of_a_frame_that_has_no_csv(tmp_path):
    text = "first 10 of 200,000 rows, all in data/permissions.csv; see trust.csv, who_permissions.csv"
    cells = [nbformat.v4.new_markdown_cell("# Page"), nbformat.v4.new_code_cell("1")]
    cells[1].outputs = [nbformat.v4.new_output("display_data", {"text/plain": text})]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    name_parquet(tmp_path / "n.ipynb", ["permissions", "statements"])
    (output,) = nbformat.read(tmp_path / "n.ipynb", as_version=4).cells[1].outputs
    assert output.data["text/plain"] == text.replace("data/permissions.csv", "data/permissions.parquet")
