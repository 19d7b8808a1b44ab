import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iamaudit
from iamaudit import tables
from iamaudit.account import Answer
from iamaudit.audit.posture import Distance, Number
from iamaudit.audit.unseen import Unseen
from iamaudit.checks import count_controls
from iamaudit.frames import build_frame, empty_frame
from iamaudit.tables.markup import breakable, prose
from tests.account.test_right_sizing import account, service, sized
from tests.accounts import AS_OF, allow, key, report, snapshot

HOSTILE = '<img src=x onerror="alert(1)">'


class Tags(HTMLParser):
    """Collects the tags of a page, and its text."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def html(piece):
    return Tags(piece._repr_html_())


def test_rows_cells_and_headings():
    frame = build_frame(
        "groups", [{"name": "dev", "arn": "arn:x", "member_count": 1200, "created_at": AS_OF}]
    )
    page = tables.table(frame, columns=["name", "arn", "member_count", "created_at", "members"])._repr_html_()
    assert '<th scope="col" class="n">member count</th>' in page
    assert '<td class="n" data-h="member count">1,200</td>' in page
    assert '<td data-h="arn"><code>arn:x</code></td>' in page
    assert '<td class="d" data-h="created">2026-11-01</td>' in page
    assert page.endswith('<td class="e" data-h="members">–</td></tr></tbody></table></div>')


def test_booleans_and_missing_values_read_as_words():
    frame = build_frame("users", [{"mfa_active": True}, {"mfa_active": False}, {}])
    page = html(tables.table(frame, columns={"mfa_active": "MFA"}))
    assert page.text == "MFAyesno–"


def test_a_cut_table_says_how_much_and_where_all_of_it_is():
    frame = build_frame("groups", [{"name": f"g{n}"} for n in range(60)])
    page = html(tables.table(frame, columns=["name"], caption="Groups", file="groups.csv"))
    assert "Groups: first 50 of 60 rows, all in data/groups.csv" in page.text
    assert page.tags.count("tr") == 51


def test_an_empty_frame_is_a_sentence():
    assert (
        tables.table(empty_frame("groups"), empty="No group.")._repr_html_()
        == '<p class="empty">No group.</p>'
    )


@settings(deadline=None)  # ten pieces an example
@given(st.text())
def test_whatever_comes_out_of_an_account_stays_text(text):
    frame = build_frame("findings", [{"message": text, "resource": text, "severity": "low", "check": text}])
    words = dict.fromkeys(("id", "title", "why", "condition", "cause", "effect", "owner", "area"), text)
    numbers = {"rank": 1, "findings": 1, "waived": 0, "is_waived": False}
    observed = build_frame(
        "observations", [{**words, **numbers, "severity": "low", "recommendation": [text], "checks": [text]}]
    )
    for piece in (
        tables.table(frame, columns=["message", "resource", "severity"], caption=text, empty=text),
        tables.cover(text, {"met": 1}, [(text, text)]),
        tables.observation_cards(observed),
        tables.observation_forms(observed, frame.assign(observation=text, title=text, controls=text)),
        tables.first_changes([{"severity": "low", "sentence": text}], total=1, page="changes.html"),
        tables.not_looked_at([Unseen(text, text, text)]),
        tables.numbers([Number(1, text, text, "users.html")]),
        tables.distances([Distance(text, (text,)), Distance(text, ())], "escalation.html"),
    ):
        page = html(piece)
        allowed = {
            "div",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "code",
            "span",
            "p",
            "strong",
        } | {"a", "i", "em", "nav", "style", "wbr"}
        assert set(page.tags) <= allowed | {"ul", "ol", "li", "b", "dl", "dt", "dd", "article", "h3"}


def test_an_arn_is_never_shortened():
    arn = "arn:aws:iam::111122223333:role/" + "very-long-path/" * 30 + "name"
    shown = tables.table(build_frame("roles", [{"arn": arn}]), columns=["arn"])
    assert arn in shown._repr_html_().replace("<wbr>", "")
    assert "111122223333:<wbr>role/<wbr>very-<wbr>long-<wbr>path/" in shown._repr_html_()
    assert arn in repr(shown)


@pytest.fixture
def audit(tmp_path):
    rows = [{"user": f"user-{n}", **key(1, age=100 + n)} for n in range(30)]
    rows.append({"user": HOSTILE, **key(1, age=500)})
    return iamaudit.open_snapshot(snapshot(tmp_path, credential_report=report(*rows)))


def test_a_workpaper_has_everything_an_auditor_asks_for(audit):
    page = html(tables.workpaper(audit.workpapers["access-key-rotation"], columns=["age_days"]))
    for words in (
        "WP-CRE-01 · Access keys are rotated within 90 days",
        "not met",
        "CIS 7.0 2.12",
        "31 rows of access_keys where is_active and not is_root and not is_gone, from credential report",
        "An exception is an active key whose access_key_N_last_rotated is over 90 days back.",
        "31 of 31 (100.0%)",
        "The test does not see copies of a key",
        "first 10 of 31 rows, all in data/findings.csv",
        "credential_report.csv user = user-0, access_key_1_last_rotated = 20",
        "aws iam update-access-key --user-name USER",
    ):
        assert words in page.text
    assert "img" not in page.tags


def test_a_workpaper_of_ones_own_check_says_that_no_limits_are_stated_and_has_no_empty_remediation(audit):
    paper = audit.workpapers["access-key-rotation"]
    page = html(tables.workpaper(replace(paper, check=replace(paper.check, remediation="", blind_spot=""))))
    assert "Limitsnone stated" in page.text
    assert "Remediation" not in page.text
    assert "ol" not in page.tags


@pytest.mark.parametrize(
    ("check", "statement", "marked"),
    [
        (
            "trust-external-id",
            {"Principal": {"AWS": ["444455556666"]}, "Action": ["sts:AssumeRole"]},
            ['"Principal": {"AWS": ["444455556666"]}', 'no "Condition"'],
        ),
        ("trust-user-mfa", {"Principal": "*", "Condition": {}}, ['"Principal": "*"', '"Condition": {}']),
        ("policy-not-action", {"NotAction": ["iam:*"], "Resource": ["*"]}, ['"NotAction": ["iam:*"]']),
    ],
)
def test_a_workpaper_marks_the_elements_that_decide_also_a_condition_that_is_missing(
    audit, check, statement, marked
):
    paper = audit.workpapers[check]
    row = {"message": "m", "evidence": "e", "sid": pd.NA, "text": json.dumps(statement)}
    page = tables.workpaper(replace(paper, exceptions=pd.DataFrame([row])))._repr_html_()
    assert [unescape(text) for text in re.findall("<mark>(.*?)</mark>", page)] == marked


def test_hostile_names_stay_text_in_a_workpaper(audit):
    page = html(tables.workpaper(audit.workpapers["access-key-rotation"], limit=50))
    assert HOSTILE in page.text
    assert "img" not in page.tags


def test_a_check_that_is_not_evaluated_says_why(audit):
    page = html(tables.workpaper(audit.workpapers["policy-on-user"]))
    assert "not evaluated" in page.text
    assert "account authorization details: missing from this snapshot" in page.text


def test_the_results_show_every_check_with_its_conclusion(audit):
    page = html(tables.results(audit.checks))
    assert page.tags.count("tr") == len(audit.checks) + 1
    assert page.text.index("not met") < page.text.index("not evaluated")


def test_the_first_observations_are_cards_that_lead_to_the_full_ones(audit):
    observed = pd.concat([audit.observations] * 5, ignore_index=True)
    piece = tables.observation_cards(observed, cards=2)
    page = html(piece)
    assert page.tags.count("article") == 2
    for row in observed.head(2).itertuples():
        assert row.title in page.text
        assert row.recommendation[0].replace("`", "") in page.text
        assert f'href="observations.html#{row.id}"' in piece.markup
    assert "(7 days)" in page.text
    empty = html(tables.observation_cards(empty_frame("observations")))
    assert empty.text == "There is nothing to do: no check found an exception."


def test_a_long_condition_is_cut_on_a_card_and_whole_in_the_full_form(audit):
    long = "Found: " + "; ".join(f"key {n} of somebody is old" for n in range(30)) + "."
    observed = audit.observations.head(1).assign(condition=long)
    assert long not in html(tables.observation_cards(observed)).text
    card = html(tables.observation_cards(observed)).text
    assert "key 8 of somebody is old; …" in card
    assert "key 9" not in card
    one_long = "Found: " + "somebody " * 60 + "is old; and more."
    assert "somebody …" in html(tables.observation_cards(observed.assign(condition=one_long))).text
    assert long in html(tables.observation_forms(observed, audit.findings)).text


def test_a_waived_observation_says_so(audit):
    waived = audit.observations.head(1).assign(is_waived=True, due_at=pd.NaT)
    for piece in (tables.observation_cards(waived), tables.observation_forms(waived, audit.findings)):
        assert f"{audit.observations.title[0]} (waived)" in html(piece).text
        assert "none: waived" in html(piece).text


def test_the_full_form_tells_an_observation_as_audit_standards_do(audit):
    row = audit.observations.iloc[0]
    page = html(tables.observation_forms(audit.observations, audit.findings))
    for label in (
        "Condition",
        "Criteria",
        "Likely cause",
        "Effect",
        "Recommendation",
        "owner: not recorded",
        "due: ",
    ):
        assert label in page.text
    number = row.findings
    caption = f"First 10 of {number} findings with their evidence; the others are in data/findings.csv"
    assert f"{caption}, observation = {row.id}" in page.text
    assert "img" not in page.tags


def test_the_filters_count_the_observations_and_hide_the_others_without_a_script(audit):
    second = audit.observations.assign(id="obs-second")
    observed = pd.concat([audit.observations, second], ignore_index=True)
    observed["owner"] = ['"]{}<b>Platform</b>', None]
    piece = tables.observation_forms(observed, audit.findings)
    assert '<a href="#owner-b-platform-b">&#34;]{}&lt;b&gt;Platform&lt;/b&gt; (1)</a>' in piece.markup
    assert (
        '[id="owner-b-platform-b"]:target~.obs:not([class~="owner-b-platform-b"]){display:none}'
        in piece.markup
    )
    assert '<a href="#severity-high">high (2)</a>' in piece.markup
    assert "Shown: 2 observations of severity high." in html(piece).text
    assert piece.markup.count('class="chosen" id="owner-not-recorded"') == 1


def test_each_owner_of_an_observation_finds_it(audit):
    second = audit.observations.assign(id="obs-second")
    observed = pd.concat([audit.observations, second], ignore_index=True)
    observed["owner"] = ["Platform, Security", "Security"]
    page = tables.observation_forms(observed, audit.findings).markup
    assert '<a href="#owner-platform">Platform (1)</a>' in page
    assert '<a href="#owner-security">Security (2)</a>' in page
    assert 'class="obs severity-high owner-platform owner-security area-' in page


def test_a_long_word_breaks_at_its_marks_and_a_number_does_not():
    assert str(breakable("a" * 20 + "/policy,name")) == "a" * 20 + "/<wbr>policy,<wbr>name"
    assert "<wbr>" not in str(breakable("8,888,888,888,888,888,888,888"))
    assert (
        str(breakable(f"role/a<b {'x' * 24}/yes role/c<d")) == f"role/a&lt;b {'x' * 24}/<wbr>yes role/c&lt;d"
    )


def test_what_has_no_room_on_the_page_is_a_list_with_the_same_places(audit, monkeypatch):
    monkeypatch.setattr("iamaudit.tables.audit_form._FULL_CHARACTERS", 1)
    piece = tables.observation_forms(audit.observations, audit.findings)
    assert "<article" not in piece.markup
    for name in audit.observations.id:
        assert piece.markup.count(f'id="{name}"') == 1
    assert f"all {len(audit.observations)} are told in data/observations.csv" in piece.markup


def test_what_is_not_seen_names_the_permission(audit):
    assert "iam:GetAccountAuthorizationDetails" in html(tables.not_seen(audit.missing)).text
    assert html(tables.not_seen(empty_frame("sources"))).text == "Every source was collected."


def test_the_repr_is_plain_text():
    piece = tables.cover("All good", {"met": 3}, [("Account", "111122223333")])
    assert repr(piece) == "All good 3 met Account 111122223333"
    assert pd.Series([piece])[0] is piece


def test_an_answer_shows_the_question_the_verdict_and_why():
    given = Answer("user/<b>: s3:GetObject on *", "depends", ("depends on <i>",), "not looked at: x")
    markup = tables.answer(given)._repr_html_()
    assert "user/&lt;b&gt;: s3:GetObject on *" in markup
    assert '<span class="mark warn">depends</span>' in markup
    assert "<li>depends on &lt;i&gt;</li>" in markup
    assert (
        '<span class="mark bad">explicit deny</span>'
        in tables.answer(Answer("q", "explicit deny", (), "x"))._repr_html_()
    )


def test_changes_show_how_much_and_the_first_actions():
    row = {"principal": "arn:p", "gained": [], "lost": [f"s3:A{n}" for n in range(1200)]}
    frame = build_frame("what_if", [row])
    text = repr(tables.changes(frame))
    assert "s3:A0, s3:A1, s3:A2, s3:A3 … 1,200 in all" in text
    assert repr(tables.changes(frame[:0])) == "No effective permissions would change."


def test_a_long_list_in_a_cell_says_how_many_there_are():
    frame = pd.DataFrame({"names": [[f"n{n}" for n in range(31)], ["one"], []]})
    text = repr(tables.table(frame))
    assert "n29 … 31 in all" in text
    assert "n30" not in text


def control(number, **fields):
    return {
        "framework": "CIS 7.0",
        "control": number,
        "title": f"asks {number}",
        "kind": "automated",
        "conclusion": "met",
        "checks": [],
        "tests": [],
        **fields,
    }


CONTROLS = [
    control(
        "2.8",
        level=1,
        conclusion="not met",
        population=1,
        exceptions=1,
        checks=["password-length"],
        tests=["password-length: Passwords have at least 14 characters"],
    ),
    control("2.6", level=2, population=3, exceptions=0, checks=list("abcdefg"), tests=["words"] * 7),
    control("2.1.4", level=2, kind="manual", conclusion="manual", beyond="Look at `the tree`.", answer="done")
    | {"answered_by": "Sam", "answered_on": "2026-10-12"},
]


def test_the_table_of_controls_shows_what_was_found_with_which_threshold_and_what_is_left():
    page = html(tables.controls(build_frame("controls", CONTROLS)))
    for text in (
        "1\u00a0of\u00a01",
        "0\u00a0of\u00a03",
        "Passwords have at least 14 characters",
        "a, b, c, d, e, f, g",
        "Look at the tree.",
        "done (Sam, 2026-10-12)",
    ):
        assert text in page.text
    assert "level" in page.text
    assert page.tags.count("code") == 1
    without = html(tables.controls(build_frame("controls", [control("1") | {"level": None}])))
    assert "level" not in without.text


def test_the_roll_up_counts_each_level_of_a_framework_by_conclusion():
    more = [control("A.5.15", framework="ISO 27001 2022", conclusion="no exceptions noted", level=None)]
    counted = count_controls(build_frame("controls", [*CONTROLS, *more]))
    assert list(counted.columns) == ["framework", "level", "not met", "no exceptions noted", "manual", "met"]
    assert counted.fillna(0).to_numpy().tolist() == [
        ["CIS 7.0", 1, 1, 0, 0, 0],
        ["CIS 7.0", 2, 0, 0, 1, 1],
        ["ISO 27001 2022", 0, 0, 1, 0, 0],
    ]
    assert "no exceptions noted" in html(tables.frameworks(build_frame("controls", [*CONTROLS, *more]))).text


def test_a_proposal_shows_the_use_and_folds_the_difference_of_each_policy():
    given = account([allow(["sqs:*", "sns:*"])], service("sqs"), service("sns", 1))
    page = html(tables.proposals([sized(given)]))
    assert "Within 400 days it used 1 service (sns)." in page.text
    assert f"own (inline): {len(given.catalogue.services['sqs'])} actions would be lost." in page.text
    assert '-        "sqs:*",' in page.text
    assert page.tags.count("details") == 1
    assert "No principal was evaluated" in html(tables.proposals([])).text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("`aws iam list-users`", 'aws iam <span class="word">list-users</span>'),
        ("`a --user-name ben`", 'a <span class="word">--user-name</span> ben'),
        ("`s3:Get-* x<y-z`", "s3:Get-* x&lt;y-z"),
        (f"`{'long-' * 9}name`", f"{'long-' * 9}name"),  # wider than a phone
    ],
)
def test_a_command_is_not_broken_within_an_option(text, code):
    assert prose(f"run-it {text}") == f"run-it <code>{code}</code>"


def test_the_findings_that_a_page_leaves_out_are_not_graver_than_those_that_it_shows(audit):
    one = audit.findings.iloc[[0]]
    findings = pd.concat([one.assign(severity="medium", message=f"medium {n}") for n in range(10)])
    findings = pd.concat([findings, one.assign(severity="high", message="graver")], ignore_index=True)
    page = html(tables.observation_forms(audit.observations, findings)).text
    assert page.index("graver") < page.index("medium 0") < page.index("medium 8")
    assert "medium 9" not in page
