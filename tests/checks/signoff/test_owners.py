import pytest

import iamaudit
from iamaudit.checks.signoff.owners import Owners, read_owners
from iamaudit.errors import ParameterError
from tests.accounts import AS_OF, IAM, details, report, role, snapshot, user


@pytest.fixture
def owners_file(tmp_path):
    def write(text):
        path = tmp_path / "owners.yaml"
        path.write_text(text)
        return path

    return write


def test_owners_are_read_in_order(owners_file):
    path = owners_file("owners:\n  - principal: amy\n    owner: Ann\n  - {principal: 'a*', owner: Team 7}\n")
    owners = read_owners(path)
    assert list(owners.patterns.items()) == [("amy", "Ann"), ("a*", "Team 7")]
    assert owners.default == ""


def test_every_problem_of_the_owners_is_told_with_its_line(owners_file):
    path = owners_file(
        "owners:\n- principal: a\n  owner: x\n- principal: a\n  owner: y\n- owner: z\n"
        "- principal: b\n  own: z\n- principal: rol/ci-*\n  owner: z\n"
    )
    with pytest.raises(ParameterError) as raised:
        read_owners(path)
    assert str(raised.value) == (
        f"`{path}`: line 6: `principal` is missing; line 7: unknown field `own`: use principal, owner; "
        "line 7: `owner` is missing; line 4: `a` is there twice: keep one owner, the first would win; "
        "line 9: `rol/ci-*` names no kind: write user/NAME, role/NAME, NAME or an ARN"
    )


@pytest.mark.parametrize(
    "text", ["owners: {}\n", "default: x\n", "owners: []\nowner: x\n", "owners: []\ndefault: [x]\n"]
)
def test_a_file_of_another_shape_is_refused(owners_file, text):
    with pytest.raises(ParameterError, match="is not a list of owners"):
        read_owners(owners_file(text))


CASES = [
    (f"{IAM}:role/ci-build", None, "Delivery"),
    (f"{IAM}:role/path/ci-build", None, "Delivery"),
    (f"{IAM}:user/ci-build", None, "Platform"),
    (f"{IAM}:user/ann", '{"Owner": "Tag"}', "Ann's lead"),
    (f"{IAM}:user/bob", '{"Owner": " Tag "}', "Tag"),
    (f"{IAM}:user/bob", '{"Owner": " "}', "Platform"),
    (f"{IAM}:root", None, "Management"),
]


@pytest.mark.parametrize(("arn", "tags", "owner"), CASES)
def test_the_owner_is_that_of_the_first_pattern_then_of_the_tag_then_the_default(
    owners_file, arn, tags, owner
):
    path = owners_file(
        "default: Platform\nowners:\n- {principal: role/ci-*, owner: Delivery}\n"
        "- {principal: ann, owner: Ann's lead}\n- {principal: root, owner: Management}\n"
    )
    assert read_owners(path).owner(arn, tags) == owner


@pytest.fixture
def taken(tmp_path):
    return snapshot(
        tmp_path / "s",
        authorization_details=details(users=[user("ben"), user("amy")], roles=[role("ci-build")]),
        credential_report=report({"user": "<root_account>"}, {"user": "ben"}, {"user": "amy"}),
        password_policy={"PasswordPolicy": {"MinimumPasswordLength": 6}},
    )


def test_an_entry_that_names_no_principal_is_refused_with_what_is_close(taken, owners_file):
    path = owners_file(
        "owners:\n- {principal: bne, owner: x}\n- {principal: role/ci-biuld, owner: x}\n"
        "- {principal: ci-*, owner: x}\n- {principal: zzz, owner: x}\n- {principal: root, owner: x}\n"
        "- {principal: 'arn:aws:iam::444455556666:user/zoe', owner: x}\n"
        f"- {{principal: '{IAM}:user/ban', owner: x}}\n"
    )
    with pytest.raises(ParameterError) as raised:
        iamaudit.open_snapshot(taken, as_of=AS_OF, owners=path)
    assert str(raised.value) == (
        f"`{path}`: line 2: there is no principal `bne`: did you mean `ben`?; "
        "line 3: there is no principal `role/ci-biuld`: did you mean `role/ci-build`?; "
        "line 5: there is no principal `zzz`: remove it, or use a pattern; "
        f"line 8: there is no principal `{IAM}:user/ban`: did you mean `{IAM}:user/ben`?"
    )


def test_an_observation_has_the_owners_of_what_it_is_about(taken, owners_file):
    path = owners_file("owners:\n- {principal: ben, owner: Ben's lead}\n")
    observed = iamaudit.open_snapshot(taken, as_of=AS_OF, owners=path).observations.set_index("id")
    assert observed.owner["obs-tagging"] == "Ben's lead, unassigned"
    assert observed.owner.isna()["obs-password-policy"]
    path.write_text("default: Platform\n" + path.read_text())
    observed = iamaudit.open_snapshot(taken, as_of=AS_OF, owners=path).observations.set_index("id")
    assert observed.owner["obs-tagging"] == "Ben's lead, Platform"
    assert observed.owner["obs-password-policy"] == "Platform"


def test_every_observation_of_the_demo_has_an_owner():
    demo = iamaudit.open_snapshot()
    assert demo.observations.owner.notna().all()
    assert not demo.observations.owner.str.contains("unassigned").any()
    assert demo.observations.owner.iloc[:3].tolist() == [
        "Release engineering",
        "Cloud operations",
        "Platform engineering",
    ]


def test_the_owners_of_the_project_are_those_of_the_demo():
    audit = iamaudit.open_snapshot(owners="params/owners.yaml")
    assert audit.owners.owner(f"{IAM}:role/github-deploy", None) == "Release engineering"
    assert not Owners()
