"""What a notebook shows: alive with somebody before it, plain and whole where nobody is."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

import iamaudit
from iamaudit import charts, tables
from iamaudit.audit import display as room
from iamaudit.audit.display import is_live
from iamaudit.tables.interactive import MOST_ROWS
from tests.accounts import allow, details, policy, role, snapshot, user
from tests.hostile import SCRIPT, TEXT

USERS = pd.DataFrame({"name": [f"user-{n}" for n in range(12)], "age_days": range(12)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return snapshot(
        tmp_path_factory.mktemp("account"),
        authorization_details=details(
            users=[user("ann")], roles=[role("app")], policies=[policy("p", allow("s3:*"))]
        ),
    )


@pytest.fixture
def notebook(folder, monkeypatch):
    """Return a function that opens a notebook, alive or headless, and says how it would show a thing."""
    shell = InteractiveShell.instance()
    brought = []
    monkeypatch.setattr("IPython.display.display", brought.append)

    def opened(*, alive):
        content = {"allow_stdin": alive}
        shell.kernel = SimpleNamespace(get_parent=lambda: {"content": content})
        audit = iamaudit.open_notebook({"snapshot": str(folder)})

        def shown(thing):
            return shell.display_formatter.format(thing)[0]["text/html"]

        return SimpleNamespace(audit=audit, shown=shown, brought=[each.data for each in brought])

    yield opened
    InteractiveShell.clear_instance()


def test_whoever_runs_a_notebook_without_a_person_says_so(notebook):
    notebook(alive=True)
    assert is_live()
    notebook(alive=False)
    assert not is_live()
    InteractiveShell.clear_instance()
    assert not is_live()


def test_a_headless_notebook_holds_no_script_no_style_and_every_row(notebook):
    headless = notebook(alive=False)
    frame = pd.DataFrame({"arn": ["arn:aws:iam::111122223333:role/" + "long/" * 30 + "name"] * 100})
    assert headless.brought == []
    assert headless.shown(frame) == str(tables.table(frame, limit=100).markup)
    assert headless.shown(frame).replace("<wbr>", "").count("long/" * 30 + "name") == 100
    assert headless.shown(tables.table(USERS)) == str(tables.table(USERS).markup)


def test_a_live_notebook_gets_the_look_of_the_report_and_tables_that_search(notebook):
    alive = notebook(alive=True)
    (brought,) = alive.brought
    assert ".iamaudit.iamaudit,.jp-RenderedSVG.jp-RenderedSVG{" in brought
    assert ':is([data-jp-theme-light="false"],.vscode-dark) &{' in brought
    assert "injectModule(" in brought
    shown = alive.shown(tables.table(USERS, limit=3, caption="Users"))
    assert shown.startswith('<div class="iamaudit">')
    assert "new ITable(" in shown
    assert "user-11" in shown  # all rows, whatever a page of the report would show
    assert "irst 3 of 12" not in shown


def test_a_table_of_one_page_is_the_reports_own(notebook):
    alive = notebook(alive=True)
    assert alive.shown(USERS.head(3)) == tables.live(tables.table(USERS.head(3)).markup)


def test_a_wide_table_can_be_scrolled_and_an_empty_one_says_so(notebook):
    alive = notebook(alive=True)
    wide = pd.DataFrame([{f"column {n}": "a sentence of more than twenty-four letters" for n in range(9)}])
    assert '"className": "w"' in alive.shown(wide)
    assert alive.shown(wide.head(0)) == tables.live('<p class="empty">No row.</p>')


def test_without_itables_a_live_table_is_plain(notebook, monkeypatch):
    monkeypatch.setattr(room, "find_spec", lambda _: None)
    alive = notebook(alive=True)
    assert "injectModule(" not in alive.brought[0]
    assert alive.shown(USERS) == tables.live(tables.table(USERS).markup)


def test_hostile_text_stays_text_in_an_interactive_table(notebook):
    frame = pd.DataFrame({TEXT: [SCRIPT, "</script>" + TEXT] * 10, "arn": ["&lt;img src=x>", '">'] * 10})
    alive = notebook(alive=True).shown(frame)
    ours = re.sub(r"<script[^>]*>\s*(?:document\.getElementById|\(async)", "", alive)
    assert "<img" not in ours
    assert "<script>alert" not in ours
    assert ours.count("</script>") == 2  # those of the table itself
    assert "&lt;img src=x onerror=alert(1)&gt;" in ours
    assert "&amp;lt;img src=x&gt;" in ours


def test_a_table_of_too_many_rows_says_how_many_there_are(notebook):
    frame = pd.DataFrame({"n": range(MOST_ROWS + 5)})
    shown = notebook(alive=True).shown(frame)
    assert "first 10,000 of 10,005 rows; filter the frame to see others" in shown


def test_a_live_notebook_names_frames_instead_of_files_and_links_to_notebooks(
    notebook, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "07_controls.ipynb").touch()
    links = '<a href="controls.html#check-x">x</a> <a href="evidence/a.json">y</a> <a href="#top">z</a>'
    alive = notebook(alive=True)
    shown = alive.shown(tables.Html(links + " all in data/users.csv, data/mine.csv"))
    assert shown == tables.live(
        '<a href="07_controls.ipynb#check-x">x</a> y <a href="#top">z</a> all in audit.users, data/mine.csv'
    )


def test_the_index_of_a_frame_is_shown_when_it_says_something(notebook):
    grouped = pd.DataFrame({"kind": ["a", "a", "b"], "n": [1, 2, 3]}).groupby("kind").sum()
    shown = notebook(alive=False).shown(grouped)
    assert re.findall(r"<th [^>]*>(.*?)</th>", shown) == ["kind", "n"]
    assert re.findall(r"<td[^>]*>(.*?)</td>", shown) == ["a", "3", "b", "3"]
    assert "<th" in notebook(alive=False).shown(pd.DataFrame([[1, 2]], columns=["n", "n"]))


def test_an_audit_an_answer_and_a_chart_are_shown_in_the_look(notebook):
    alive = notebook(alive=True)
    assert alive.shown(alive.audit).startswith('<div class="iamaudit"><dl class="facts">')
    answer = alive.audit.explain("ann", "s3:GetObject", "arn:aws:s3:::example/key")
    assert alive.shown(answer).startswith('<div class="iamaudit"><div class="answer">')
    chart = charts.style.Chart("<svg></svg>", "AAAA", "One user")
    assert '<svg></svg><img class="still" alt="One user"' in alive.shown(chart)
