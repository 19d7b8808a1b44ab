import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.checks import CATALOGUE, check, evaluate_check, headline
from iamaudit.checks.catalogue import Check, filled, filled_rows
from iamaudit.errors import CheckError
from iamaudit.frames import build_frame, empty_frame
from iamaudit.settings import Settings

ROWS = [
    {"user": "a", "arn": "a", "evidence": "row 1", "is_active": True, "is_gone": False, "age_days": 91},
    {"user": "b", "arn": "b", "evidence": "row 2", "is_active": True, "is_gone": False, "age_days": 90},
    {"user": "c", "arn": "c", "evidence": "row 3", "is_active": False, "is_gone": False, "age_days": 500},
]


@pytest.fixture
def catalogue(monkeypatch):
    monkeypatch.setattr("iamaudit.checks.catalogue.CATALOGUE", {})


def old(access_keys, settings):
    """Older than {max_key_age_days} days, as in {"json": 1}."""
    return access_keys.age_days > settings.max_key_age_days


def made(function=old, **changes):
    fields = {"severity": "low", "population": "access_keys", "where": "is_active"} | changes
    return check("t", "Rotated within {max_key_age_days} days", **fields)(function)


def judged(made_check, rows=ROWS, *, why_not=lambda source: None, frames=()):
    frame = build_frame("access_keys", rows)
    return evaluate_check(made_check, {"access_keys": frame, **dict(frames)}, Settings(), why_not)


def test_a_population_is_selected_once_for_checks_with_the_same_where(catalogue):
    frames, selected = {"access_keys": build_frame("access_keys", ROWS)}, {}
    papers = [
        evaluate_check(made(where=where), frames, Settings(), lambda _: None, selected)
        for where in ("is_active", "is_active", None)
    ]
    assert papers[0].population is papers[1].population
    assert [paper.population.user.tolist() for paper in papers] == [["a", "b"], ["a", "b"], ["a", "b", "c"]]
    assert [paper.exceptions.user.tolist() for paper in papers] == [["a"], ["a"], ["a", "c"]]


def test_the_mask_gives_the_exceptions_within_the_population(catalogue):
    paper = judged(made(message="{user} is {age_days} days old"))
    assert (paper.conclusion, paper.reason) == ("not met", None)
    assert paper.population.user.tolist() == ["a", "b"]
    assert paper.exceptions.message.tolist() == ["a is 91 days old"]
    assert paper.title == "Rotated within 90 days"
    assert paper.procedure == 'Older than 90 days, as in {"json": 1}.'


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{keys} {keys:key is|keys are} old", "1 key is old"),
        ("{days} {days:day|days}", "1,200 days"),
        ("last use: {used|never}, {used}", "last use: never, unknown"),
        ("{absent:a|b} {absent|c} {absent}", "{absent:a|b} {absent|c} {absent}"),
        ("since {at|never}", "since 2026-01-02"),
    ],
)
def test_a_message_agrees_in_number_and_has_a_word_for_what_is_unknown(template, text):
    at = pd.Timestamp("2026-01-02T03:04Z")
    assert filled(template, {"keys": 1, "days": 1200, "used": pd.NA, "at": at}) == text


@settings(deadline=None)
@given(
    template=st.lists(
        st.sampled_from(["{keys}", "{keys:key|keys}", "{at|never}", "{days}", "{x}", "{", " a"])
    ),
    keys=st.lists(st.none() | st.integers(0, 2), max_size=3),
)
def test_rows_are_filled_as_if_each_came_alone(template, keys):
    text, values, at = "".join(template), {"keys": 7, "days": 1200}, [None, "{keys}", pd.NA]
    rows = [{"keys": key, "at": used} for key, used in zip(keys, at, strict=False)]
    columns = {name: [row[name] for row in rows] for name in ("keys", "at")}
    assert filled_rows(text, columns, values, len(rows)) == [filled(text, values | row) for row in rows]


@pytest.mark.parametrize(
    ("conclusions", "open_", "sentence"),
    [
        (["met", "met"], (0, 0), "2 of 2 checks are met"),
        (
            ["met"],
            (1, 1),
            "1 of 1 check is met; 1 source was not collected; 1 control waits for an answer",
        ),
        (
            ["not met", "not evaluated", "met"],
            (29, 2),
            "1 of 3 checks is not met; 1 could not be evaluated; 2 sources were not collected; "
            "29 controls wait for an answer",
        ),
    ],
)
def test_the_headline_counts_what_is_open(conclusions, open_, sentence):
    assert headline(conclusions, unanswered=open_[0], uncollected=open_[1]) == sentence


def test_the_headline_tells_apart_what_had_nothing_to_judge():
    said = headline(["met"] * 3 + ["not met"], unanswered=0, uncollected=2, empty=2)
    assert said == "1 of 4 checks is not met; 2 had nothing to judge; 2 sources were not collected"


def test_a_check_whose_parameter_was_not_given_is_not_evaluated(catalogue):
    paper = judged(made(parameters=("trusted_accounts",)), why_not=lambda name: f"give `{name}`")
    assert paper.conclusion == "not evaluated"
    assert "give `trusted_accounts`" in paper.reason


def test_without_exception_it_is_met(catalogue):
    assert judged(made(), ROWS[1:]).conclusion == "met"


def test_the_rows_themselves_may_be_returned(catalogue):
    paper = judged(made(lambda access_keys: access_keys[access_keys.age_days > 90]))
    assert paper.exceptions.user.tolist() == ["a"]


@pytest.mark.parametrize("column", ["age_days", "is_active"])
def test_a_row_without_evidence_is_never_a_pass(catalogue, column):
    paper = judged(made(), [ROWS[1], {**ROWS[2], "is_active": True, "age_days": 1, column: None}])
    assert paper.conclusion == "not evaluated"
    assert paper.not_judged.user.tolist() == ["c"]
    assert paper.reason == "1 row could not be judged: the evidence for it is missing"


def test_an_exception_outweighs_what_could_not_be_judged(catalogue):
    paper = judged(made(), [ROWS[0], {**ROWS[1], "age_days": None}])
    assert paper.conclusion == "not met"
    assert len(paper.not_judged) == 1
    assert "could not be judged" in paper.reason


def test_an_empty_population_is_met_and_says_so(catalogue):
    paper = judged(made(), [])
    assert paper.conclusion == "met"
    assert paper.reason == "the population is empty: there was nothing to judge"


def test_without_its_source_it_is_not_evaluated(catalogue):
    paper = judged(made(), [], why_not=lambda source: f"{source}: denied")
    assert paper.conclusion == "not evaluated"
    assert paper.reason == "credential_report: denied"


def test_a_check_may_ask_for_other_frames_and_then_needs_their_sources(catalogue):
    made_check = made(lambda access_keys, roles: access_keys.age_days > len(roles))
    assert made_check.sources == ("credential_report", "authorization_details")
    assert judged(made_check, frames={"roles": empty_frame("roles")}).exceptions.user.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"severity": "awful"}, "`awful`"),
        ({"population": "keys"}, "`keys`"),
        ({"function": lambda access_keys, now: None}, "`now`"),
        ({"parameters": ("as_off",)}, "as_off"),
        ({"area": "keys"}, "area `keys`: use one of root, passwords"),
        ({"exposure": 3}, "exposure 3: give 1.0, LONG_TERM or EXPOSED"),
    ],
)
def test_a_check_that_is_declared_wrongly_is_refused(catalogue, changes, word):
    with pytest.raises(CheckError, match=word):
        made(**changes)


@pytest.mark.parametrize(
    "answer",
    [3, pd.Series([True]), pd.DataFrame({"user": ["a"]}), None],
    ids=["number", "short mask", "columns lost", "nothing"],
)
def test_an_answer_that_is_no_filter_is_refused(catalogue, answer):
    with pytest.raises(CheckError, match="`t`"):
        judged(made(lambda access_keys: answer))


def test_a_check_that_says_nothing_of_its_area_and_place_has_those_of_its_population(catalogue):
    plain = made()
    assert (plain.area, plain.console) == ("credentials", "IAM > Users > USER > Security credentials")
    assert plain.documentation.endswith("/IAM/latest/UserGuide/id_credentials_access-keys.html")
    assert plain.exposure == 1.0
    told = made(area="root", console="here", documentation="https://docs.aws.amazon.com/x", exposure=2.0)
    assert (told.area, told.console, told.exposure) == ("root", "here", 2.0)
    assert told.documentation == "https://docs.aws.amazon.com/x"


def test_an_id_belongs_to_one_function_and_running_a_cell_again_replaces_it(catalogue):
    first, second = made(), made()
    assert isinstance(second, Check)
    assert first is not second
    with pytest.raises(CheckError, match="already"):
        made(lambda access_keys: access_keys.age_days > 1)


@pytest.mark.parametrize("made_check", CATALOGUE.values(), ids=CATALOGUE)
def test_every_check_of_the_catalogue_has_the_facts_of_a_workpaper(made_check):
    assert made_check.procedure.endswith(".")
    assert made_check.remediation
    assert made_check.blind_spot.endswith(".")
    assert made_check.message != "{evidence}"
    assert made_check.title[0].isupper()
    assert not made_check.title.endswith(".")


def test_every_check_of_statements_says_which_elements_decide():
    unmarked = [
        each.id
        for each in CATALOGUE.values()
        if each.population in ("statements", "trust") and not each.decides
    ]
    assert unmarked == []
