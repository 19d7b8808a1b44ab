"""What a notebook is given: who counts before whom, what is refused, and what is shown of it."""

import pytest

import iamaudit
from iamaudit.errors import ParameterError
from iamaudit.settings import PARAMETERS
from tests.accounts import details, snapshot, user

CELL = 'snapshot: str = ""\nwho: str = ""\nmax_key_age_days: int = None'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return snapshot(tmp_path_factory.mktemp("account"), authorization_details=details(users=[user("ann")]))


@pytest.fixture
def params(tmp_path, folder):
    path = tmp_path / "params" / "mine.yaml"
    path.parent.mkdir()
    path.write_text(f"snapshot: {folder}\nmax_key_age_days: 60\nmax_idle_days: 30\nas_of: '2026-11-01'\n")
    return path


def injected(folder, text, **values):
    """Return the globals of a notebook behind its parameters cell and the one that papermill puts there."""
    return {"snapshot": str(folder), **values, "In": ["", CELL, f"# Parameters\n{text}\n", "open"]}


def in_force(audit):
    table = audit.settings_in_force.set_index("setting")
    return {name: tuple(table.loc[name, ["value", "comes_from"]]) for name in table.index}


def test_a_notebook_counts_before_the_params_file_and_that_before_the_default(params):
    empty = {"snapshot": "", "as_of": "", "max_idle_days": None, "sample_size": None}
    settings = in_force(iamaudit.open_notebook({**empty, "params": str(params), "max_key_age_days": 90}))
    assert settings["max_key_age_days"] == ("90 days", "this run")
    assert settings["max_idle_days"] == ("30 days", "params file")
    assert settings["sample_size"] == ("25 rows", "default")
    assert settings["as_of"] == ("2026-11-01 00:00:00 UTC", "params file")
    assert settings["snapshot"][1] == "params file"
    assert settings["waivers"] == ("none", "default")
    assert settings["new_key_grace_days"] == ("1 day", "default")
    assert settings["sample_seed"] == ("1", "default")
    assert list(settings) == [each.name for each in PARAMETERS]


def test_an_empty_text_that_papermill_hands_over_takes_away_what_the_params_file_says(params, folder):
    params.write_text("trusted_accounts: '444455556666'\n")
    given = {"params": str(params), "trusted_accounts": ""}
    assert iamaudit.open_notebook({"snapshot": str(folder), **given}).trusted_accounts == ("444455556666",)
    handed = injected(folder, f'params = "{params}"\ntrusted_accounts = ""', **given)
    assert iamaudit.open_notebook(handed).trusted_accounts == ()


def test_a_run_says_where_each_value_comes_from_and_a_later_edit_is_of_this_run(folder):
    given = {"snapshot": str(folder), "as_of": "2026-11-01", "max_idle_days": 30, "sample_size": 9}
    settings = in_force(iamaudit.open_notebook({**given, "given_by": {"max_idle_days": "params file"}}))
    assert {name: settings[name][1] for name in given} == {
        "snapshot": "default",
        "as_of": "default",
        "max_idle_days": "params file",
        "sample_size": "this run",
    }


def test_a_params_file_beside_the_folder_of_the_notebooks_is_named(params, monkeypatch, tmp_path):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    with pytest.raises(
        ParameterError, match=r"cannot read `params/mine.yaml` .*: write `\.\./params/mine.yaml`"
    ):
        iamaudit.open_notebook({"params": "params/mine.yaml"})


def test_the_settings_of_a_snapshot_that_code_opens_are_shown_as_well(folder):
    settings = in_force(iamaudit.open_snapshot(folder, max_idle_days=7, trusted_accounts="444455556666"))
    assert settings["max_idle_days"] == ("7 days", "this run")
    assert settings["trusted_accounts"] == ("444455556666", "this run")


def test_a_relative_path_is_meant_from_the_params_file(params, monkeypatch, tmp_path):
    (params.parent / "answers.yaml").write_text("attestations: []\n")
    params.write_text(f"{params.read_text()}attestations: answers.yaml\n")
    monkeypatch.chdir(tmp_path)
    settings = in_force(iamaudit.open_notebook({"params": "params/mine.yaml"}))
    assert settings["attestations"] == ("answers.yaml", "params file")


def test_a_path_that_is_meant_from_elsewhere_is_refused_with_the_right_one(params, monkeypatch, tmp_path):
    (params.parent / "my_checks.py").write_text("")
    params.write_text("checks: params/my_checks.py\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=r"meant from its folder: write `my_checks\.py`"):
        iamaudit.open_notebook({"params": "params/mine.yaml"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_key_age_dayz: 60", "unknown parameter `max_key_age_dayz`: did you mean `max_key_age_days`?"),
        ("max_key_age_days: '60'", "must be a int: write a whole number without quotes"),
        ("params: other.yaml", "unknown parameter `params`"),
        ("account_id: 111122223333", "needs 12 in quotes: quote it in the YAML"),
        ("account_id: '444455556666'", "`account_id` is `444455556666`: give that account's"),
        ("waivers: none.yaml", "which is not a file: give one that exists"),
    ],
)
def test_a_params_file_is_checked_in_a_notebook_as_in_a_run(tmp_path, folder, text, message):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(ParameterError, match=message) as caught:
        iamaudit.open_notebook({"snapshot": str(folder), "params": str(tmp_path / "p.yaml")})
    assert "\n" not in str(caught.value)


def test_every_unknown_name_that_papermill_hands_over_is_refused(folder):
    with pytest.raises(ParameterError, match="unknown parameter `zzz`: use one of account_id"):
        iamaudit.open_notebook(injected(folder, "zzz = 1", zzz=1))
    with pytest.raises(ParameterError, match="did you mean `max_idle_days`"):
        iamaudit.open_notebook(injected(folder, "max_idle_dayz = 1", max_idle_dayz=1))


def test_papermill_may_hand_over_what_the_cell_does_not_show_and_what_is_the_notebooks_own(folder):
    given = injected(
        folder,
        'who = "ann"\nmax_idle_days = 9\nprofile = "audit"',
        who="ann",
        max_idle_days=9,
        profile="audit",
    )
    assert iamaudit.open_notebook(given).settings.max_idle_days == 9


def test_a_misspelt_name_that_a_later_cell_corrects_is_forgotten(folder):
    wrong, right = "max_key_age_dayz = 3", "max_key_age_days = 3"
    given = {"snapshot": str(folder), "max_key_age_dayz": 3, "max_key_age_days": 3}
    assert iamaudit.open_notebook({**given, "In": ["", wrong, right]}).settings.max_key_age_days == 3
    with pytest.raises(ParameterError, match="did you mean `max_key_age_days`"):
        iamaudit.open_notebook({**given, "In": ["", right, wrong, "%matplotlib inline"]})


def test_a_frame_of_the_name_of_a_parameter_is_one_line(folder):
    checks = iamaudit.open_snapshot(folder).checks
    with pytest.raises(ParameterError, match=r"`checks` is .*, a DataFrame, and must be a str") as caught:
        iamaudit.open_notebook({"snapshot": str(folder), "checks": checks})
    assert "\n" not in str(caught.value)
