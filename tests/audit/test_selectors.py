"""Selectors: the answer for what a cell gives, which a live notebook lets its reader change."""

from types import SimpleNamespace

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

import iamaudit
from iamaudit.audit import selectors as room
from iamaudit.errors import ParameterError, UnknownNameError
from tests.accounts import allow, details, policy, role, snapshot, user

FOUND = pd.DataFrame(
    {
        "severity": ["low", "critical", "high", "low"],
        "service": ["s3", "iam", "s3", "iam"],
        "n": [1, 2, 3, 4],
    }
)


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    folder = snapshot(
        tmp_path_factory.mktemp("account"),
        authorization_details=details(
            users=[user("ann")], roles=[role("app")], policies=[policy("p", allow("s3:*"))]
        ),
    )
    return iamaudit.open_snapshot(folder)


@pytest.fixture
def displayed(monkeypatch):
    """Return a function that displays a thing in a notebook, alive or headless, and gives what was shown."""
    shell = InteractiveShell.instance()

    def display(thing, *, alive):
        shell.kernel = SimpleNamespace(get_parent=lambda: {"content": {"allow_stdin": alive}})
        shown = []
        monkeypatch.setattr("IPython.display.display", shown.append)
        thing._ipython_display_()
        return shown

    yield display
    InteractiveShell.clear_instance()


def test_headless_a_selector_is_the_rows_that_the_cell_chooses(audit, displayed):
    (shown,) = displayed(audit.choose(FOUND, severity="low", service=""), alive=False)
    assert list(shown.frame.n) == [1, 4]
    (shown,) = displayed(audit.choose(FOUND, severity="low", service="s3"), alive=False)
    assert list(shown.frame.n) == [1]


def test_in_a_live_notebook_another_choice_shows_other_rows(audit, displayed):
    shown = displayed(audit.choose(FOUND, severity="low", service=""), alive=True)
    first, box = shown
    assert list(first.frame.n) == [1, 4]
    severity, service = box.children[0].children
    assert [value for _, value in severity.options] == ["", "critical", "high", "low"]
    assert (severity.value, service.value) == ("low", "")
    severity.value = "critical"
    assert list(shown[-1].frame.n) == [2]


def test_a_long_list_is_one_to_type_into(audit, displayed):
    many = pd.DataFrame({"principal": [f"user/u{n:02}" for n in range(40)]})
    _, box = displayed(audit.choose(many, principal="user/u07"), alive=True)
    (field,) = box.children[0].children
    assert type(field).__name__ == "Combobox"
    assert field.value == "user/u07"
    assert len(field.options) == 40


def test_a_question_is_asked_about_whom_the_reader_chooses(audit, displayed):
    (shown,) = displayed(audit.choose(audit.principal, principal="role/app"), alive=False)
    assert "role/app" in repr(shown)
    _, box = displayed(audit.choose(audit.principal, principal=""), alive=True)
    (field,) = box.children[0].children
    assert field.value == audit.principal.names()[0]


def test_without_ipywidgets_the_answer_is_shown(audit, displayed, monkeypatch):
    monkeypatch.setattr(room, "find_spec", lambda _: None)
    (shown,) = displayed(audit.choose(FOUND, severity=""), alive=True)
    assert len(shown.frame) == 4


def test_what_nothing_has_is_refused(audit):
    with pytest.raises(ParameterError, match="there is no severity `hihg`: did you mean `high`"):
        audit.choose(FOUND, severity="hihg")
    with pytest.raises(UnknownNameError, match="no column `sevrity`: did you mean `severity`"):
        audit.choose(FOUND, sevrity="high")
    with pytest.raises(ParameterError, match="a question is asked of one name"):
        audit.choose(audit.principal, a="role/app", b="user/ann")


def test_where_there_is_nothing_to_choose_the_cell_says_so(tmp_path, displayed):
    nobody = iamaudit.open_snapshot(snapshot(tmp_path, authorization_details=details()))
    choice = nobody.choose(SimpleNamespace(names=list), principal="")
    (shown,) = displayed(choice, alive=False)
    assert repr(shown) == "There is no principal to choose."
