import shlex
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from xlsxwriter import Workbook

from iamaudit.audit import open_snapshot
from iamaudit.checks.signoff.owners import Owners
from iamaudit.errors import ParameterError, ReportError, SnapshotError
from iamaudit.review import (
    DECISIONS,
    STATES,
    judge_decisions,
    read_decisions,
    removal_commands,
    review_frame,
    write_review,
)
from tests.accounts import (
    ACCOUNT,
    AS_OF,
    IAM,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    key,
    password,
    policy,
    report,
    role,
    snapshot,
    user,
)

READ = policy("Read", allow(["s3:GetObject", "s3:ListBucket"]))
KEYS = {"AccessKeyMetadata": []}


@pytest.fixture
def account(tmp_path):
    """Return a maker of audits of small accounts."""
    made = []

    def make(*, reported=(), sources=None, **parts):
        made.append(None)
        rows = report({"user": "<root_account>"}, *reported)
        taken = snapshot(
            tmp_path / f"s{len(made)}",
            authorization_details=details(**{"policies": [READ], **parts}),
            credential_report=rows,
            **(sources or {}),
        )
        return open_snapshot(taken, as_of=AS_OF)

    return make


@pytest.fixture(scope="module")
def demo():
    return open_snapshot()


@pytest.fixture
def write(tmp_path):
    """Return a writer of a review, which says where it is."""

    def make(frame, name="review.xlsx"):
        path = tmp_path / name
        write_review(frame, path, account="example-prod (111122223333)", as_of=AS_OF)
        return path

    return make


def tagged(name, **tags):
    return user(name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def column(frame, name):
    return dict(zip(frame.principal_name, frame[name].astype(object), strict=True))


def fill(path, decisions, comments=None):
    """Write decisions, by name, as an owner does."""
    book = openpyxl.load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows(min_row=7):
            if row[1].value in decisions:
                row[6].value = decisions[row[1].value]
                row[7].value = (comments or {}).get(row[1].value)
    book.save(path)


def edit(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def judged(path, frame):
    return judge_decisions(read_decisions(path), frame)


def test_users_and_roles_are_reviewed_but_neither_root_nor_service_linked_roles(demo):
    frame = review_frame(demo, owners=Owners())
    linked = set(demo.roles[demo.roles.is_service_linked].arn)
    assert len(linked) == 1
    assert set(frame.principal) == (set(demo.users.arn[1:]) | set(demo.roles.arn)) - linked
    assert len(frame) == 60
    assert frame.decision.eq("").all()
    assert frame.comment.eq("").all()
    assert frame.fingerprint.str.fullmatch("[0-9a-f]{16}").all()
    assert frame.fingerprint.is_unique


def test_a_user_that_only_a_cached_report_knows_is_not_reviewed(account):
    audit = account(users=[user("ann")], reported=[{"user": "ann"}, {"user": "left"}])
    assert review_frame(audit, owners=Owners()).principal_name.tolist() == ["ann"]


def test_there_is_no_review_without_the_authorization_details(tmp_path):
    audit = open_snapshot(snapshot(tmp_path / "s", credential_report=report({"user": "ann"})), as_of=AS_OF)
    with pytest.raises(SnapshotError, match="no review without the authorization details"):
        review_frame(audit, owners=Owners())


def test_the_first_pattern_that_matches_names_the_owner_then_the_tag_then_nobody(account):
    audit = account(
        users=[tagged("ann", OWNER="Tag"), tagged("amy", owner=" Tag "), tagged("bob", Owner=" "), user("a")],
        roles=[role("app"), role("amp")],
    )
    owners = {"amy": "Exact", "am*": "Wild", f"{IAM}:role/a*": "Roles", "amp": "Late"}
    assert column(review_frame(audit, owners=Owners(owners)), "owner") == {
        "ann": "Tag",
        "amy": "Exact",
        "bob": "unassigned",
        "a": "unassigned",
        "app": "Roles",
        "amp": "Wild",
    }
    turned = dict(reversed(owners.items()))
    assert column(review_frame(audit, owners=Owners(turned)), "owner")["amp"] == "Late"
    assert column(review_frame(audit, owners=Owners(turned)), "owner")["amy"] == "Wild"
    assert column(review_frame(audit, owners=Owners(), tag="team"), "owner")["ann"] == "unassigned"


def test_rows_are_by_owner_and_the_broadest_first(account):
    audit = account(
        users=[user("ann"), user("bob", **attached("Read")), user("eve", **attached("All"))],
        policies=[READ, policy("All", allow("*"))],
    )
    frame = review_frame(audit, owners=Owners({"ann": "b", "*": "A"}))
    assert frame.owner.tolist() == ["A", "A", "b"]
    assert frame.principal_name.tolist() == ["eve", "bob", "ann"]


def test_what_one_can_do_is_said_in_plain_words_the_gravest_first(account):
    scoped = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    mixed = policy("Mixed", allow(["s3:PutObject", "iam:PutUserPolicy"]), allow("sqs:SendMessage", scoped))
    when = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    audit = account(
        users=[
            user("admin", **attached("All")),
            user("iam", **attached("Iam")),
            user("perhaps", **attached("Perhaps")),
            user("mixed", **attached("Mixed")),
            user("none"),
            user("lost", **attached("Missing")),
        ],
        policies=[
            mixed,
            policy("All", allow("*")),
            policy("Iam", allow("iam:*")),
            policy("Perhaps", allow("iam:*", Condition=when)),
        ],
    )
    words = column(review_frame(audit, owners=Owners()), "can_do")
    assert words["admin"] == "administrator: may do everything"
    assert words["iam"] == (
        "administrator: may change everything in IAM, and so every permission; manages permissions of iam; "
        "writes iam; tags iam; reads iam; lists iam"
    )
    assert words["perhaps"].startswith(
        "perhaps administrator: may change everything in IAM under conditions;"
    )
    assert words["perhaps"].endswith("; conditions apply")
    assert words["mixed"] == "manages permissions of iam; writes s3 and sqs (scoped)"
    assert words["none"] == "nothing"
    assert words["lost"] == "nothing known: not every policy could be read"


def test_what_does_not_fit_is_counted(demo):
    frame = review_frame(demo, owners=Owners())
    assert frame.can_do.str.len().max() <= 300
    words = column(frame, "can_do")["ComplianceScannerRole"]
    reads = demo.permissions.query("principal_name == 'ComplianceScannerRole' and access_level == 'Read'")
    assert f"reads iam, sagemaker, s3, iot, ses, lightsail + {len(reads) - 6} more;" in words


def test_last_use_is_a_day_or_never_or_unknown(account):
    used = {"LastUsedDate": "2026-10-22T08:00:00+00:00"}
    audit = account(
        users=[user("ann"), user("new"), user("unreported")],
        roles=[role("app", RoleLastUsed=used), role("idle")],
        reported=[{"user": "ann", **key(1, age=90, used=10)}, {"user": "new", **key(1, age=90)}],
    )
    frame = review_frame(audit, owners=Owners())
    assert column(frame, "last_used") == {
        "ann": "2026-10-22",
        "new": "never",
        "unreported": "unknown",
        "app": "2026-10-22",
        "idle": "never",
    }
    days = column(frame, "idle_days")
    assert (days["ann"], days["app"]) == (10, 10)
    assert days["new"] == days["idle"] == 1035  # since it was made
    assert pd.isna(days["unreported"])


def test_credentials_say_how_a_user_signs_in(account):
    keys = {**key(1, age=9), **key(2, age=9, active="false")}
    audit = account(
        users=[user("ann"), user("bob"), user("eve"), user("unreported")],
        reported=[
            {"user": "ann", **password(changed=9, mfa="true"), **key(1, age=9), **key(2, age=9)},
            {"user": "bob", **password(changed=9), **keys, "cert_1_active": "true"},
            {"user": "eve"},
        ],
    )
    assert column(review_frame(audit, owners=Owners()), "credentials") == {
        "ann": "password with MFA, 2 active keys",
        "bob": "password without MFA, 1 active key, 1 inactive key, 1 certificate",
        "eve": "none",
        "unreported": "unknown: not in the credential report",
    }


def test_credentials_say_whom_a_role_trusts(account):
    def trusting(name, *statements):
        return role(name, AssumeRolePolicyDocument=document(*statements))

    def may(principal, **fields):
        return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **fields}

    when = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    many = {"Service": [f"s{number}.amazonaws.com" for number in range(7)]}
    tags = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:TagSession"}
    audit = account(
        roles=[
            role("app"),
            trusting("vendor", may({"AWS": "arn:aws:iam::444455556666:root"}, **when), tags),
            trusting("many", may(many)),
            trusting("shut", {**may({"AWS": "*"}), "Effect": "Deny"}),
            role("broken", AssumeRolePolicyDocument="{"),
        ]
    )
    assert column(review_frame(audit, owners=Owners()), "credentials") == {
        "app": "trusts ec2.amazonaws.com",
        "vendor": "trusts arn:aws:iam::444455556666:root (external account) under conditions",
        "many": "trusts s0.amazonaws.com, s1.amazonaws.com, s2.amazonaws.com, s3.amazonaws.com + 3 more",
        "shut": "its trust policy lets nobody in",
        "broken": "unknown: its trust policy cannot be read",
    }


def test_the_fingerprint_changes_with_what_was_decided_on(account):
    def mark(who=None, **parts):
        return review_frame(account(**parts), owners=Owners()).fingerprint.tolist()[0]

    one = policy("One", allow("s3:GetObject", "arn:aws:s3:::a/*"))
    other = policy("One", allow("s3:GetObject", "arn:aws:s3:::b/*"))  # counts the same
    usual = mark(users=[user("ann", **attached("One"))], policies=[one])
    assert mark(users=[user("ann", **attached("One"))], policies=[one]) == usual
    assert mark(users=[user("ann", **attached("One"))], policies=[other]) != usual
    assert mark(users=[user("ann", **attached("One"), UserId="AIDAnew")], policies=[one]) != usual
    assert mark(users=[user("ann", **attached("One"), **boundary("One"))], policies=[one]) != usual
    assert mark(users=[user("ann", **attached("One"), Path="/x/")], policies=[one, READ]) == usual
    service = {"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}
    opened = role("app", AssumeRolePolicyDocument=document(service))
    assert mark(roles=[role("app")]) != mark(roles=[opened])


def test_a_sheet_tells_its_owner_and_what_to_do(account, write):
    audit = account(users=[user("ann"), user("bob")])
    path = write(review_frame(audit, owners=Owners({"ann": "Ann", "bob": "Bob/Team"})))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Ann", "Bob-Team"]
    sheet = book["Bob-Team"]
    assert [row[:2] for row in sheet.iter_rows(max_row=3, max_col=2, values_only=True)] == [
        ("Account", "example-prod (111122223333)"),
        ("As of", "2026-11-01 08:00 UTC"),
        ("Owner", "Bob/Team"),
    ]
    assert sheet["A4"].value.startswith("Choose keep, remove or change for every row.")
    assert [cell.value for cell in sheet[6]] == [
        *("type", "name", "may do", "credentials", "last used", "idle days", "decision", "comment"),
        *("arn", "fingerprint"),
    ]
    assert sheet.freeze_panes == "C7"
    assert sheet.auto_filter.ref == "A6:J7"
    (validation,) = sheet.data_validations.dataValidation
    assert (validation.type, validation.formula1, str(validation.sqref)) == (
        "list",
        '"keep,remove,change"',
        "G7",
    )
    hidden = {name for name, size in sheet.column_dimensions.items() if size.hidden}
    assert hidden == {"I", "J"}
    assert sheet["C7"].alignment.wrap_text


def test_the_same_review_gives_the_same_bytes(demo, write):
    frame = review_frame(demo, owners=Owners({"*a*": "A"}))
    again = review_frame(open_snapshot(), owners=Owners({"*a*": "A"}))
    assert write(frame, "one.xlsx").read_bytes() == write(again, "two.xlsx").read_bytes()


def test_no_text_of_the_account_becomes_a_formula(account, write):
    names = ["=cmd", "+SUM@x", "-1+1", "@x", "0123", "1e5"]
    audit = account(users=[tagged(name, owner="=1+1") for name in names])
    book = openpyxl.load_workbook(write(review_frame(audit, owners=Owners())))
    assert book.sheetnames == ["=1+1"]
    cells = [cell for row in book["=1+1"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {row[1].value for row in book["=1+1"].iter_rows(min_row=7)} == set(names)
    assert book["=1+1"]["B3"].value == "=1+1"


def test_names_of_sheets_are_short_allowed_and_different(account, write):
    long = "a team with a name of more than 31 characters"
    owners = [f"{long} A", f"{long} B", "a/b", "A?B", "[a]:*", "'quoted'", "History", "'", "tab\there", "😀"]
    audit = account(users=[user(f"u{number}") for number in range(len(owners))])
    frame = review_frame(audit, owners=Owners({f"u{number}": owner for number, owner in enumerate(owners)}))
    path = write(frame)
    book = openpyxl.load_workbook(path)
    assert {book[name]["B3"].value: name for name in book.sheetnames} == {
        f"{long} A": "a team with a name of more than",
        f"{long} B": "a team with a name of more (2)",
        "a/b": "a-b",
        "A?B": "A-B (2)",
        "[a]:*": "-a---",
        "'quoted'": "quoted",
        "History": "History -",
        "'": "owner",
        "tab\there": "tab here",
        "😀": "-",
    }
    assert set(read_decisions(path).owner) == {owner.strip() for owner in owners}


def test_a_file_with_decisions_is_not_overwritten(account, write):
    frame = review_frame(account(users=[user("ann")]), owners=Owners())
    path = write(frame)
    before = path.read_bytes()
    with pytest.raises(ReportError, match="may hold decisions: choose another name"):
        write(frame)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.glob("*review*")] == ["review.xlsx"]


def test_what_cannot_be_written_is_told(account, write):
    frame = review_frame(account(users=[user("ann")]), owners=Owners())
    with pytest.raises(ReportError, match=r"cannot write `.*`: choose a folder that exists"):
        write(frame, "nowhere/review.xlsx")
    with pytest.raises(ReportError, match="there is no user and no role to review"):
        write(frame.head(0))


def test_decisions_come_back_with_their_place(account, write):
    audit = account(users=[user("ann"), user("bob"), user("eve"), user("kim"), user("max")])
    frame = review_frame(audit, owners=Owners({"ann": "Ann", "*": "Team"}))
    path = write(frame)
    fill(path, {"ann": "KEEP ", "bob": "Remove", "eve": "change", "kim": "later?"}, {"eve": "read\nonly"})
    found = read_decisions(path)
    assert found.principal.tolist() == frame.principal.tolist()
    assert found.decision.tolist() == ["keep", "remove", "change", "unclear", "undecided"]
    assert found.text.tolist() == ["KEEP", "Remove", "change", "later?", ""]
    assert found.comment.tolist() == ["", "", "read\nonly", "", ""]
    assert found.owner.tolist() == ["Ann", *["Team"] * 4]
    assert found.fingerprint.tolist() == frame.fingerprint.tolist()
    assert found[["sheet", "row"]].values.tolist() == [["Ann", 7], *(["Team", row] for row in (7, 8, 9, 10))]
    assert found.evidence.tolist()[:2] == ["review.xlsx Ann!7", "review.xlsx Team!7"]
    states = judged(path, frame)
    assert states.state.tolist() == ["decided", "decided", "decided", "unclear", "undecided"]
    assert states.note.tolist()[3] == "the decision is `later?`: use keep, remove or change"
    assert set(found.decision) == {*DECISIONS, "unclear", "undecided"}


def test_rows_and_columns_may_be_moved(account, write):
    frame = review_frame(account(users=[user("ann"), user("bob")]), owners=Owners())
    path = write(frame)
    fill(path, {"ann": "keep", "bob": "remove"})

    def move(book):
        sheet = book["unassigned"]
        sheet.insert_cols(1)
        sheet.insert_rows(6, amount=2)
        first, second = ([cell.value for cell in sheet[row]] for row in (9, 10))
        for number, values in ((9, second), (10, first)):
            for cell, value in zip(sheet[number], values, strict=True):
                cell.value = value
        sheet["D12"] = "a note below the rows"
        book.create_sheet("notes")["A60"] = "keep"

    edit(path, move)
    found = judged(path, frame)
    assert dict(zip(found.principal_name, found.decision, strict=True)) == {"ann": "keep", "bob": "remove"}
    assert found.state.tolist() == ["decided", "decided"]


def test_a_row_that_was_deleted_is_missing_and_nobody_can_tell_why(account, write):
    frame = review_frame(account(users=[user("ann"), user("bob")]), owners=Owners())
    path = write(frame)
    fill(path, {"bob": "keep"})
    edit(path, lambda book: book["unassigned"].delete_rows(7))
    found = judged(path, frame)
    assert found.state.tolist() == ["decided", "missing"]
    assert found.principal.tolist() == [f"{IAM}:user/bob", f"{IAM}:user/ann"]
    assert found.note.tolist()[1] == (
        "in no row: it was deleted there or is new since the export, which of the two cannot be told"
    )
    assert pd.isna(found.evidence.tolist()[1])


def test_a_principal_that_is_not_there_any_more_is_gone(account, write):
    before = review_frame(account(users=[user("ann"), user("bob")]), owners=Owners())
    path = write(before)
    fill(path, {"ann": "remove", "bob": "keep"})
    found = judged(path, review_frame(account(users=[user("bob")]), owners=Owners()))
    assert found[["principal_type", "principal_name", "state"]].values.tolist() == [
        ["user", "ann", "gone"],
        ["user", "bob", "decided"],
    ]


def test_a_decision_on_other_permissions_does_not_hold(account, write):
    path = write(review_frame(account(users=[user("ann"), user("bob"), user("eve")]), owners=Owners()))
    fill(path, {"ann": "keep", "bob": "remove"})
    audit = account(users=[user(name, **attached("Read")) for name in ("ann", "bob", "eve")])
    found = judged(path, review_frame(audit, owners=Owners()))
    assert found.state.tolist() == ["changed", "changed", "undecided"]
    assert found.note.tolist()[0] == "decided on other permissions than it has now: ask again"
    assert removal_commands(found, audit) == []


def test_hidden_cells_that_were_emptied_decide_nothing(account, write):
    audit = account(users=[user("ann"), user("bob")])
    frame = review_frame(audit, owners=Owners())
    path = write(frame)
    fill(path, {"ann": "remove", "bob": "remove"})

    def empty(book):
        book["unassigned"]["I7"] = None
        book["unassigned"]["J8"] = None

    edit(path, empty)
    found = judged(path, frame)
    assert found.state.tolist() == ["unclear", "changed", "missing"]
    assert found.note.tolist()[0] == "the row has no ARN: its hidden column was changed"
    assert removal_commands(found, audit) == []


def test_rows_that_contradict_each_other_decide_nothing(account, write):
    names = ("ann", "bob", "eve")
    audit = account(users=[user(name) for name in names], reported=[{"user": name} for name in names])
    frame = review_frame(audit, owners=Owners())
    one, two = write(frame, "one.xlsx"), write(frame, "two.xlsx")
    fill(one, {"ann": "keep", "bob": "remove"})
    fill(two, {"ann": "remove", "bob": "REMOVE", "eve": "keep"})
    both = pd.concat([read_decisions(one), read_decisions(two)], ignore_index=True)
    found = judge_decisions(both, frame)
    assert found[["principal_name", "state"]].values.tolist() == [
        ["ann", "conflict"],
        ["bob", "decided"],
        ["eve", "duplicate"],
        ["ann", "conflict"],
        ["bob", "duplicate"],
        ["eve", "decided"],
    ]
    assert found.note.tolist()[2] == "stands for the same as two.xlsx unassigned!9"
    commands = [line for line in removal_commands(found, audit) if not line.startswith("#")]
    assert commands == ["aws iam delete-user --user-name bob"]
    assert set(found.state) <= set(STATES)


def test_decisions_of_another_account_are_refused(account, write, demo):
    frame = review_frame(account(users=[user("ann")]), owners=Owners())
    path = write(frame.assign(principal=frame.principal.str.replace(ACCOUNT, "444455556666")))
    with pytest.raises(ParameterError, match="are of account 444455556666, the snapshot of 111122223333"):
        judged(path, frame)


def test_what_is_no_review_is_told_with_the_cure(tmp_path):
    text, other = tmp_path / "text.xlsx", tmp_path / "other.xlsx"
    text.write_text("no workbook")
    with Workbook(str(other)) as book:
        book.add_worksheet("Sheet1").write_string(0, 0, "decision")
    cure = "give the .xlsx that `iamaudit review export` wrote, with its hidden columns"
    for path, problem in (
        (text, f"`{text}` cannot be read as a workbook: {cure}"),
        (tmp_path, f"`{tmp_path}` cannot be read as a workbook: {cure}"),
        (tmp_path / "none.xlsx", f"there is no file `{tmp_path / 'none.xlsx'}`: {cure}"),
        (other, f"`{other}` has no sheet with the columns of a review: {cure}"),
    ):
        with pytest.raises(ParameterError) as raised:
            read_decisions(path)
        assert str(raised.value) == problem


def test_the_commands_remove_a_user_and_a_role_of_the_demo(demo, write):
    frame = review_frame(demo, owners=Owners({"*": "Dana"}))
    path = write(frame)
    fill(path, {"emeka.obi": "remove", "ci-deployer": "remove", "ec2-web": "remove", "helen.park": "keep"})
    rows = {row.principal_name: row.row for row in judged_rows(path)}
    assert removal_commands(judged(path, frame), demo) == [
        f"# {IAM}:user/emeka.obi, decided by Dana in review.xlsx Dana row {rows['emeka.obi']}",
        "aws iam delete-login-profile --user-name emeka.obi",
        "# delete-user is refused while it has SSH keys or service credentials: look in the console",
        "aws iam remove-user-from-group --user-name emeka.obi --group-name Developers",
        "aws iam delete-user-permissions-boundary --user-name emeka.obi",
        "aws iam delete-user --user-name emeka.obi",
        f"# {IAM}:user/ci-deployer, decided by Dana in review.xlsx Dana row {rows['ci-deployer']}",
        "# KEY is the access key AKIA…BF7C, number 1 in the credential report",
        "aws iam update-access-key --user-name ci-deployer --access-key-id KEY --status Inactive",
        "aws iam delete-access-key --user-name ci-deployer --access-key-id KEY",
        "# KEY is the access key AKIA…RHBB, number 2 in the credential report",
        "aws iam update-access-key --user-name ci-deployer --access-key-id KEY --status Inactive",
        "aws iam delete-access-key --user-name ci-deployer --access-key-id KEY",
        "# delete-user is refused while it has SSH keys or service credentials: look in the console",
        f"aws iam detach-user-policy --user-name ci-deployer --policy-arn {IAM}:policy/CiDeployAccess",
        "aws iam remove-user-from-group --user-name ci-deployer --group-name ServiceAccounts",
        "aws iam delete-user --user-name ci-deployer",
        f"# {IAM}:role/ec2-web, decided by Dana in review.xlsx Dana row {rows['ec2-web']}",
        "aws iam remove-role-from-instance-profile --role-name ec2-web --instance-profile-name web",
        "aws iam detach-role-policy --role-name ec2-web "
        "--policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        "aws iam delete-role --role-name ec2-web",
    ]


def judged_rows(path):
    found = read_decisions(path)
    names = found.principal.str.rpartition("/")[2]
    return [SimpleNamespace(principal_name=n, row=r) for n, r in zip(names, found.row, strict=True)]


def removed(audit, name, comment=None, **changes):
    """Return the commands for one principal that was decided to be removed."""
    frame = review_frame(audit, owners=Owners())
    chosen = frame[frame.principal_name == name]
    row = {"state": "decided", "decision": "remove", "comment": comment, "evidence": "f.xlsx s!7", **changes}
    return removal_commands(chosen.assign(**row), audit)


def test_a_policy_that_denies_goes_last(account):
    guard = policy("Guard", deny("s3:*"))
    mixed = {**attached("Guard", "Read"), **inline("User", "own", allow("s3:*"))}
    audit = account(
        users=[user("ann", GroupList=["fence", "plain"], **mixed)],
        groups=[group("fence", **attached("Guard")), group("plain", **attached("Read"))],
        policies=[READ, guard],
        reported=[{"user": "ann"}],
    )
    assert [line for line in removed(audit, "ann") if not line.startswith("#")] == [
        f"aws iam detach-user-policy --user-name ann --policy-arn {IAM}:policy/Read",
        "aws iam delete-user-policy --user-name ann --policy-name own",
        "aws iam remove-user-from-group --user-name ann --group-name plain",
        f"aws iam detach-user-policy --user-name ann --policy-arn {IAM}:policy/Guard",
        "aws iam remove-user-from-group --user-name ann --group-name fence",
        "aws iam delete-user --user-name ann",
    ]


def test_an_mfa_device_is_taken_off_before_its_user(demo):
    serials = [line.rpartition(" ")[2] for line in removed(demo, "helen.park") if "mfa-device" in line]
    virtual, stick = f"{IAM}:mfa/helen.park", f"{IAM}:u2f/user/helen.park/yubikey-5c"
    assert serials == [virtual, virtual, stick]
    assert f"aws iam delete-virtual-mfa-device --serial-number {virtual}" in removed(demo, "helen.park")


def test_what_is_not_known_of_a_user_is_said(account):
    audit = account(
        users=[user("ann"), user("bob")], reported=[{"user": "bob", **password(changed=9, mfa="true")}]
    )
    assert removed(audit, "ann")[1:4] == [
        "# whether it has a password is unknown: NoSuchEntity says that it has none",
        "aws iam delete-login-profile --user-name ann",
        "# not all its keys are known: see aws iam list-access-keys",
    ]
    assert removed(audit, "bob")[2] == (
        "# has an MFA device whose serial is unknown: aws iam deactivate-mfa-device takes it off"
    )


def test_an_inactive_key_is_only_deleted_and_no_id_is_printed(account):
    audit = account(users=[user("ann")], reported=[{"user": "ann", **key(1, age=9, active="false")}])
    assert [line for line in removed(audit, "ann") if "key" in line.lower()] == [
        "# KEY is the access key of which the id is unknown, number 1 in the credential report",
        "aws iam delete-access-key --user-name ann --access-key-id KEY",
        "# delete-user is refused while it has SSH keys or service credentials: look in the console",
    ]


@pytest.mark.parametrize(
    ("name", "option"),
    [("=cmd", "--user-name '=cmd'"), ("-x", "--user-name='-x'"), ("a b;c", "--user-name 'a b;c'")],
)
def test_a_name_is_one_word_for_the_shell(account, name, option):
    last = removed(account(users=[user(name)]), name)[-1]
    assert last == f"aws iam delete-user {option}"
    assert shlex.split(last)[-1].endswith(name)


def test_what_an_owner_wrote_cannot_become_a_command(account):
    audit = account(users=[user("ann")])
    lines = removed(audit, "ann", "no\nrm -rf / \u2028 $(id) `id`; a|b > c & !1 * 'x' \"y\"")
    assert (
        lines[0]
        == f"# {IAM}:user/ann, decided by unassigned in f.xlsx s row 7: no rm -rf / id id a b c 1 x y"
    )
    assert all(line.startswith(("# ", "aws iam ")) for line in lines)


def test_a_role_of_identity_center_is_removed_there(demo):
    (name,) = demo.roles.name[demo.roles.name.str.startswith("AWSReservedSSO_Admin")]
    assert removed(demo, name)[1:] == [
        "# belongs to IAM Identity Center: take its permission set off the account there"
    ]


def test_only_what_was_decided_to_be_removed_is(account):
    audit = account(users=[user("ann")])
    for state in STATES:
        assert bool(removed(audit, "ann", state=state)) is (state == "decided")
    assert removed(audit, "ann", decision="keep") == []
    assert removed(audit, "ann", principal=f"{IAM}:user/other")[1:] == [
        "# not in this snapshot: nothing to remove"
    ]
    assert removed(audit, "ann", principal=f"{IAM}:root")[1:] == ["# not in this snapshot: nothing to remove"]
