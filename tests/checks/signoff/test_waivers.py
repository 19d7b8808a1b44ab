from datetime import date

import pytest

import iamaudit
from iamaudit.checks.signoff.waivers import read_waivers, waive, waivers_frame
from iamaudit.errors import ParameterError
from iamaudit.settings import Settings
from tests.accounts import AS_OF, key, report, snapshot

GOOD = """
waivers:
  - check: access-key-rotation
    resource: arn:aws:iam::111122223333:user/a*
    owner: Dana
    approver: Sam
    reason: the appliance is old
    ticket: SEC-1
    expires: 2026-12-31
"""


@pytest.fixture
def write(tmp_path):
    def make(text, name="waivers.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return make


@pytest.fixture
def taken(tmp_path):
    users = [{"user": name, **key(1, age=200, used=1)} for name in ("ann", "amy", "bob")]
    return snapshot(tmp_path / "s", credential_report=report(*users))


def opened(taken, path, **settings):
    return iamaudit.open_snapshot(taken, as_of=AS_OF, waivers=path, **settings)


def test_what_is_waived_stays_visible_and_is_counted_apart(taken, write):
    audit = opened(taken, write(GOOD))
    found = audit.findings[audit.findings.check == "access-key-rotation"].set_index("resource").waiver
    assert found["arn:aws:iam::111122223333:user/ann"] == (
        "until 2026-12-31: the appliance is old; Dana, approved by Sam (SEC-1)"
    )
    assert found.isna().to_dict() == {
        "arn:aws:iam::111122223333:user/ann": False,
        "arn:aws:iam::111122223333:user/amy": False,
        "arn:aws:iam::111122223333:user/bob": True,
    }
    row = audit.checks.set_index("check").loc["access-key-rotation"]
    assert (row.conclusion, row.exceptions, row.waived) == ("not met", 3, 2)


def test_a_waiver_never_makes_a_check_met(taken, write):
    """Trap 9."""
    audit = opened(taken, write(GOOD.replace("user/a*", "*")))
    row = audit.checks.set_index("check").loc["access-key-rotation"]
    assert (row.conclusion, row.exceptions, row.waived) == ("not met", 3, 3)


@pytest.mark.parametrize(
    ("change", "state", "waived"),
    [
        (("2026-12-31", "2026-12-02"), "active", 2),
        (("2026-12-31", "2026-12-01"), "expires soon", 2),
        (("2026-12-31", "2026-11-01"), "expires soon", 2),
        (("2026-12-31", "2026-10-31"), "expired", 0),
        (("user/a*", "user/zoe"), "unused", 0),
        (("access-key-rotation", "root-mfa"), "unused", 0),
    ],
)
def test_a_waiver_is_judged_itself(taken, write, change, state, waived):
    audit = opened(taken, write(GOOD.replace(*change)))
    assert list(audit.waivers.state) == [state]
    assert int(audit.findings.waiver.notna().sum()) == waived


def test_a_waiver_that_covers_too_much_is_named(taken, write):
    audit = opened(taken, write(GOOD), max_waived_findings=1)
    assert audit.waivers[["state", "findings"]].to_numpy().tolist() == [["over-broad", 2]]


def test_all_problems_of_the_file_come_at_once_with_their_lines(write):
    path = write(
        """waivers:
  - check: no-such
    resource: "*"
    owner: Dana
    approver: Dana
    reason: x
    expires: soon
  - check: root-mfa
    ressource: "*"
  - just text
"""
    )
    with pytest.raises(ParameterError) as caught:
        read_waivers(path, {"root-mfa"})
    message = str(caught.value)
    assert "\n" not in message
    for part in (
        "line 2: there is no check `no-such`: `iamaudit checks` lists them",
        "line 2: owner and approver are one: somebody else must approve",
        "line 2: `expires` is `soon`, no day: write it like 2026-12-31",
        "line 8: unknown field `ressource`: use check, resource",
        "line 8: `resource` is missing",
        "line 8: `expires` is missing",
        "line 10: is not an entry",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a list of waivers"),
        ("waivers: {}", "is not a list of waivers"),
        ("waiver: []", "begin it with `waivers:`"),
        ("waivers: []\nmore: 1", "is not a list of waivers"),
        ("waivers: [", "is not valid YAML"),
    ],
)
def test_a_file_of_another_shape_is_refused(write, text, words):
    with pytest.raises(ParameterError) as caught:
        read_waivers(write(text), ())
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="cannot read"):
        read_waivers(tmp_path / "none.yaml", ())


def test_the_waivers_of_the_project_fit_the_demo():
    audit = iamaudit.open_snapshot(as_of="2026-11-01", waivers="params/waivers.yaml")
    assert audit.waivers[["state", "findings"]].to_numpy().tolist() == [["active", 1]]


def test_no_waiver_waives_nothing(taken):
    audit = iamaudit.open_snapshot(taken, as_of=AS_OF)
    assert len(audit.waivers) == 0
    assert audit.findings.waiver.isna().all()
    assert list(waive(audit.findings, (), AS_OF).columns) == list(audit.findings.columns)
    assert len(waivers_frame(audit.findings, (), AS_OF, Settings())) == 0
    assert date(2026, 11, 1) == AS_OF.date()
