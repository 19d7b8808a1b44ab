import base64
import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

import iamaudit
from iamaudit.errors import SnapshotError
from iamaudit.snapshot import SOURCES, read_snapshot, snapshot_from_files
from tests.accounts import (
    ACCOUNT,
    HEADER,
    IAM,
    allow,
    details,
    document,
    group,
    inline,
    policy,
    report,
    role,
    user,
)

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OTHER = "444455556666"
AWS_POLICY = "arn:aws:iam::aws:policy/"
ROOT = {"user": "<root_account>"}
DETAILS_CURE = "give the output of `aws iam get-account-authorization-details`"
REPORT_CURE = "give the output of `aws iam get-credential-report`, or the CSV from the console"
WHOLE = details(
    users=[user("mary"), user("NA")],
    groups=[group("readers")],
    roles=[role("r")],
    policies=[policy("p", allow("s3:Get*"))],
)


@pytest.fixture
def take(tmp_path):
    """Write the files that were handed over, make a snapshot of them and read it back."""

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def run(*pages, credentials=None, **options):
        paths = [write(f"details-{number}.json", page) for number, page in enumerate(pages)]
        handed = None if credentials is None else write("report.csv", credentials)
        return read_snapshot(
            snapshot_from_files(
                tmp_path / "snapshots",
                authorization_details=paths,
                credential_report=handed,
                clock=lambda: NOW,
                **options,
            )
        )

    return run


def cli_report(text, **fields):
    content = base64.b64encode(text.encode()).decode()
    return {
        "Content": content,
        "ReportFormat": "text/csv",
        "GeneratedTime": "2026-11-01T06:00:00+00:00",
        **fields,
    }


def arns(snapshot):
    return [item["Arn"] for items in snapshot.read("authorization_details").values() for item in items]


def test_both_files_make_a_snapshot_and_all_else_is_missing(take, tmp_path):
    text = report(ROOT, {"user": "mary"}, {"user": "NA"})
    snapshot = take(WHOLE, credentials=text)
    assert snapshot.path == tmp_path / "snapshots" / ACCOUNT / "20261102T093000Z"
    assert (snapshot.manifest.origin, snapshot.manifest.started_at) == ("files", NOW)
    assert (snapshot.manifest.account_alias, snapshot.manifest.caller_arn) == (None, None)
    assert snapshot.read("authorization_details") == WHOLE
    assert snapshot.read("credential_report") == text
    given = {"authorization_details", "credential_report"}
    assert {name: snapshot.status(name) for name in SOURCES} == {
        name: "collected" if name in given else "missing" for name in SOURCES
    }
    sources = snapshot.manifest.sources
    assert sources["authorization_details"].rows == {
        "UserDetailList": 2,
        "GroupDetailList": 1,
        "RoleDetailList": 1,
        "Policies": 1,
    }
    assert sources["credential_report"].rows == {"root": 1, "users": 2}
    assert sources["credential_report"].generated_at is None


def test_without_a_credential_report_it_is_missing_and_not_empty(take):
    snapshot = take(WHOLE)
    assert snapshot.status("credential_report") == "missing"
    assert snapshot.read("credential_report") is None


def test_without_authorization_details_they_are_missing_and_not_empty(take):
    snapshot = take(credentials=report(ROOT))
    assert snapshot.status("authorization_details") == "missing"
    assert snapshot.read("authorization_details") is None
    assert snapshot.manifest.account_id == ACCOUNT


FIRST = {**details(users=[user("a"), user("b")]), "IsTruncated": True, "Marker": "m1"}
SECOND = {**details(users=[user("c")], roles=[role("r")]), "IsTruncated": True, "Marker": "m2"}
LAST = {**details(policies=[policy("p")]), "IsTruncated": False}
ALL = [f"{IAM}:{name}" for name in ("user/a", "user/b", "user/c", "role/r", "policy/p")]


@pytest.mark.parametrize(
    "files",
    {
        "a file each": (FIRST, SECOND, LAST),
        "one after the other in a file": ("\n".join(map(json.dumps, (FIRST, SECOND, LAST))),),
        "without a space between": ("".join(map(json.dumps, (FIRST, SECOND, LAST))),),
        "with commas between": (",\n".join(map(json.dumps, (FIRST, SECOND, LAST))),),
        "as one list, of jq -s": (json.dumps([FIRST, SECOND, LAST]),),
        "two files": ("\n\n".join(map(json.dumps, (FIRST, SECOND))) + "\n", LAST),
        "the last page not first": (FIRST, LAST, SECOND),
        "one page twice": (FIRST, FIRST, SECOND, LAST),
    }.items(),
    ids=lambda item: item[0],
)
def test_pages_are_put_together_and_each_item_is_there_once(files, take):
    assert sorted(arns(take(*files[1]))) == sorted(ALL)


def test_a_page_with_only_some_of_the_lists_is_fine_when_another_has_the_rest(take):
    first = {"UserDetailList": [user("a")], "IsTruncated": True, "NextToken": "t"}
    rest = {"GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    assert arns(take(first, rest)) == [f"{IAM}:user/a"]


def test_documents_are_objects_whether_they_were_encoded_or_not(take):
    plain = document(allow("s3:Get*"))
    encoded = quote(json.dumps(plain), safe="")
    people = user("mary", UserPolicyList=[{"PolicyName": "i", "PolicyDocument": encoded}])
    robot = role("r", AssumeRolePolicyDocument=json.dumps(plain), **inline("Role", "i", allow("s3:Get*")))
    managed = policy("p", allow("s3:Get*"))
    managed["PolicyVersionList"][1]["Document"] = encoded
    content = take(details(users=[people], roles=[robot], policies=[managed])).read("authorization_details")
    assert content["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] == plain
    assert content["RoleDetailList"][0]["AssumeRolePolicyDocument"] == plain
    assert content["RoleDetailList"][0]["RolePolicyList"][0]["PolicyDocument"] == plain
    assert content["Policies"][0]["PolicyVersionList"][1]["Document"] == plain


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("not%20json", "not json"),
        ("", ""),
        (["a", "list"], ["a", "list"]),
        ({"no": "policy"}, {"no": "policy"}),
    ],
    ids=str,
)
def test_a_document_that_is_no_policy_is_kept_for_the_frames_to_report(given, kept, take):
    content = take(details(roles=[role("r", AssumeRolePolicyDocument=given)])).read("authorization_details")
    assert content["RoleDetailList"][0]["AssumeRolePolicyDocument"] == kept


def test_unknown_fields_and_columns_are_kept(take):
    header = HEADER + ",additional_credentials_info,something_new"
    text = report({"user": "mary", "additional_credentials_info": "0", "something_new": "x"}, header=header)
    snapshot = take(details(users=[user("mary", Novelty={"a": 1})]), credentials=text)
    assert snapshot.read("authorization_details")["UserDetailList"][0]["Novelty"] == {"a": 1}
    assert snapshot.read("credential_report") == text


def test_the_report_of_the_cli_also_says_when_aws_made_it(take):
    text = report(ROOT, {"user": "mary"})
    snapshot = take(credentials=cli_report(text))
    assert snapshot.read("credential_report") == text
    made = snapshot.manifest.sources["credential_report"].generated_at
    assert made == datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("width", [76, 100_000])
def test_the_report_may_be_base64_as_a_query_of_the_cli_gives_it(width, take):
    text = report(ROOT, {"user": "mary"})
    content = cli_report(text)["Content"]
    lines = "\n".join(content[begin : begin + width] for begin in range(0, len(content), width))
    assert take(credentials=f"{lines}\n").read("credential_report") == text


@pytest.mark.parametrize("time", ["2026-11-01T06:00:00Z", "2026-11-01T07:00:00+01:00", "2026-11-01T06:00:00"])
def test_the_time_of_the_report_is_utc_however_it_is_written(time, take):
    snapshot = take(credentials=cli_report(report(ROOT), GeneratedTime=time))
    made = snapshot.manifest.sources["credential_report"].generated_at
    assert made == datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_saved_on_windows_are_read_too(codec, take):
    plain = report(ROOT, {"user": "mary"})
    text = plain.replace("\n", "\r\n") + "\r\n"
    snapshot = take(json.dumps(WHOLE, indent=2).encode(codec), credentials=text.encode(codec))
    assert snapshot.read("authorization_details") == WHOLE
    assert snapshot.read("credential_report") == plain


@pytest.mark.parametrize("given", [None, ACCOUNT])
def test_the_account_is_read_from_the_arns(given, take):
    assert take(WHOLE, credentials=report(ROOT), account_id=given).manifest.account_id == ACCOUNT


def test_the_account_may_be_given_when_no_arn_tells_it(take):
    aws = policy("ReadOnlyAccess", arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert take(details(policies=[aws]), account_id=ACCOUNT).manifest.account_id == ACCOUNT


def test_accounts_of_other_partitions_are_read_too(take):
    chinese = user("mary", Arn=f"arn:aws-cn:iam::{OTHER}:user/mary")
    assert take(details(users=[chinese])).manifest.account_id == OTHER


BROKEN_DETAILS = {
    "broken": (
        ('{"UserDetailList": [\n  {"Arn": }',),
        "`{0}` is not JSON (expecting value, line 2 column 11): " + DETAILS_CURE,
    ),
    "cut short": (
        (json.dumps(WHOLE)[:-40],),
        "`{0}` is not JSON (",
    ),
    "cut short after a whole page": (
        (json.dumps(FIRST) + json.dumps(LAST)[:50],),
        "`{0}` is not JSON (",
    ),
    "a CSV": ((report(ROOT),), "`{0}` is not JSON (expecting value, line 1 column 1): " + DETAILS_CURE),
    "a number too long": (("9" * 5000,), "`{0}` cannot be read as JSON ("),
    "nested too deep": (("[" * 200_000,), "`{0}` cannot be read as JSON ("),
    "empty": (("",), "`{0}` is empty: run the command that wrote it again and look at its error"),
    "only spaces": (("\n \n",), "`{0}` is empty: run the command that wrote it again and look at its error"),
    "no text": (
        (b"\x89PNG\r\n\x1a\n\xff",),
        "`{0}` is not UTF-8 text: save the output of the AWS CLI as it is",
    ),
    "a list": (("[]",), "`{0}` holds no authorization details: " + DETAILS_CURE),
    "another output": (({"Users": []},), "`{0}` holds no authorization details: " + DETAILS_CURE),
    "the credential report": (
        (cli_report("user,arn\n"),),
        "`{0}` holds no authorization details: " + DETAILS_CURE,
    ),
    "one good, one not": ((WHOLE, {"Users": []}), "`{1}` holds no authorization details: " + DETAILS_CURE),
    "a list that is none": (
        ({**WHOLE, "Policies": {}},),
        "`{0}`: `Policies` is not a list of items with an Arn: " + DETAILS_CURE,
    ),
    "an item without an ARN": (
        ({**WHOLE, "UserDetailList": [{"UserName": "mary"}]},),
        "`{0}`: `UserDetailList` is not a list of items with an Arn: " + DETAILS_CURE,
    ),
    "an item that is none": (
        ({**WHOLE, "RoleDetailList": ["r"]},),
        "`{0}`: `RoleDetailList` is not a list of items with an Arn: " + DETAILS_CURE,
    ),
    "a list left out": (
        ({"UserDetailList": [user("mary")]},),
        "`{0}` has no `GroupDetailList`: " + DETAILS_CURE + ", without --query",
    ),
    "the first page alone": (
        (FIRST,),
        "`{0}` is not the last page: give all of them, or leave out --max-items",
    ),
    "pages without the last": (
        (FIRST, SECOND),
        "`{1}` is not the last page: give all of them, or leave out --max-items",
    ),
    "cut by --max-items": (
        ({**WHOLE, "NextToken": "t"},),
        "`{0}` is not the last page: give all of them, or leave out --max-items",
    ),
    "two runs": (
        (WHOLE, details(users=[user("mary", GroupList=["readers"])])),
        f"`{{1}}` says something else about `{IAM}:user/mary` than the page before: give the pages of one "
        "run",
    ),
    "two accounts": (
        (WHOLE, details(users=[user("mary", Arn=f"arn:aws:iam::{OTHER}:user/mary")])),
        f"the files are of several accounts ({ACCOUNT}, {OTHER}): choose one with --account-id",
    ),
    "no account": (
        (details(),),
        "the files contain no ARN with an account id: give --account-id",
    ),
    "half a character": (
        (details(roles=[role("r", Description="\ud800")]),),
        "account authorization details: text that is not Unicode, or nested too deep (",
    ),
}


@pytest.mark.parametrize(("pages", "expected"), BROKEN_DETAILS.values(), ids=BROKEN_DETAILS)
def test_bad_authorization_details_are_refused_in_one_line(pages, expected, take, tmp_path):
    refused(
        expected, [tmp_path / "details-0.json", tmp_path / "details-1.json"], take, *pages, folder=tmp_path
    )


ONE_USER = report(ROOT, {"user": "mary"})
BROKEN_REPORTS = {
    "cut inside a row": (ONE_USER[:-20], "`{0}` row 2 does not fit the header or is cut: " + REPORT_CURE),
    "cut inside the header": (HEADER[:-3], "`{0}` has no column `cert_2_last_rotated`: " + REPORT_CURE),
    "cut after the header": (HEADER + "\n", "`{0}` has a header and no row: " + REPORT_CURE),
    "cut inside quotes": (
        ONE_USER + '\n"a,b',
        "`{0}` is not CSV (unexpected end of data): " + REPORT_CURE,
    ),
    "a column left out": (
        report(ROOT, header=HEADER.replace(",mfa_active", "")),
        "`{0}` has no column `mfa_active`: " + REPORT_CURE,
    ),
    "a row too long": (ONE_USER + ",more", "`{0}` row 2 does not fit the header or is cut: " + REPORT_CURE),
    "another file": ("Name,Price\nTea,3\n", "`{0}` has no column `user`: " + REPORT_CURE),
    "a JSON list": ("[]", "`{0}` has no column `user`: " + REPORT_CURE),
    "no text": (b"PK\x03\x04\xff\xff", "`{0}` is not UTF-8 text: save the output of the AWS CLI as it is"),
    "empty": ("", "`{0}` is empty: run the command that wrote it again and look at its error"),
    "broken JSON": ('{"Content": ', "`{0}` is not JSON (expecting value, line 1 column "),
    "the authorization details": (WHOLE, "`{0}` holds no credential report: " + REPORT_CURE),
    "the state of the report": ({"State": "COMPLETE"}, "`{0}` holds no credential report: " + REPORT_CURE),
    "content that is not base64": (
        cli_report("", Content="not base64!"),
        "`{0}` holds no credential report: " + REPORT_CURE,
    ),
    "content that is not text": (
        cli_report("", Content=base64.b64encode(b"\xff").decode()),
        "`{0}` holds no credential report: " + REPORT_CURE,
    ),
    "content that is null": (
        cli_report("", Content=None),
        "`{0}` holds no credential report: " + REPORT_CURE,
    ),
    "a time that is none": (
        cli_report(ONE_USER, GeneratedTime="today"),
        "`{0}` holds no credential report: " + REPORT_CURE,
    ),
    "JSON with a cut CSV": (
        cli_report(ONE_USER[:-20]),
        "`{0}` row 2 does not fit the header or is cut: " + REPORT_CURE,
    ),
    "JSON with nothing in it": (cli_report(""), "`{0}` has no column `user`: " + REPORT_CURE),
    "two accounts": (
        report(ROOT, {"user": "mary", "arn": f"arn:aws:iam::{OTHER}:user/mary"}),
        f"the files are of several accounts ({ACCOUNT}, {OTHER}): choose one with --account-id",
    ),
}


@pytest.mark.parametrize(("content", "expected"), BROKEN_REPORTS.values(), ids=BROKEN_REPORTS)
def test_a_bad_credential_report_is_refused_in_one_line(content, expected, take, tmp_path):
    refused(expected, [tmp_path / "report.csv"], take, WHOLE, credentials=content, folder=tmp_path)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (OTHER, f"the files are of account {ACCOUNT}, not `{OTHER}`: check which is meant"),
        ("1402433619", "account id `1402433619` is not 12 digits: give the id, with its leading zeros"),
        ("../../etc", "account id `../../etc` is not 12 digits: give the id, with its leading zeros"),
        ("", "account id `` is not 12 digits: give the id, with its leading zeros"),
    ],
)
def test_an_account_id_that_does_not_fit_is_refused(given, expected, take, tmp_path):
    refused(expected, [], take, WHOLE, account_id=given, folder=tmp_path)


def test_two_files_of_two_accounts_are_refused(take, tmp_path):
    expected = f"the files are of several accounts ({ACCOUNT}, {OTHER}): choose one with --account-id"
    text = ONE_USER.replace(ACCOUNT, OTHER)
    refused(expected, [], take, WHOLE, credentials=text, folder=tmp_path)


@pytest.mark.parametrize(
    ("chosen", "what", "whose"),
    [(ACCOUNT, "credential report", OTHER), (OTHER, "authorization details", ACCOUNT)],
)
def test_a_file_that_tells_nothing_of_the_chosen_account_is_refused(chosen, what, whose, take, tmp_path):
    """Taken as evidence, it would say that there is nobody."""
    expected = f"the {what} of account {whose} cannot tell of `{chosen}`: give its own, or leave them out"
    text = ONE_USER.replace(ACCOUNT, OTHER)
    refused(expected, [], take, WHOLE, credentials=text, account_id=chosen, folder=tmp_path)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_a_number_to_python_alone_is_refused(constant, take, tmp_path):
    page = json.dumps(WHOLE)[:-1] + f', "x": {constant}}}'
    refused(
        "`{0}` cannot be read as JSON (" + constant + " is not JSON): " + DETAILS_CURE,
        [tmp_path / "details-0.json"],
        take,
        page,
        folder=tmp_path,
    )


def test_nothing_to_import_says_what_to_give(take, tmp_path):
    expected = "nothing to import: give --authorization-details, --credential-report or both"
    refused(expected, [], take, folder=tmp_path)


@pytest.mark.parametrize("argument", ["authorization_details", "credential_report"])
@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "No such file or directory"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_read_is_named(argument, name, reason, tmp_path):
    path = tmp_path / name
    given = [path] if argument == "authorization_details" else path
    with pytest.raises(SnapshotError) as caught:
        snapshot_from_files(tmp_path / "snapshots", **{argument: given})
    assert str(caught.value) == f"cannot read `{path}` ({reason}): give a file that you may read"
    assert not (tmp_path / "snapshots").exists()


def refused(expected, paths, take, *pages, folder, **options):
    """Check that this is the message, or its beginning up to a detail, and that nothing was written."""
    with pytest.raises(SnapshotError) as caught:
        take(*pages, **options)
    text, expected = str(caught.value), expected.format(*paths)
    assert text.startswith(expected)
    assert text == expected or expected.endswith(("(", "column "))
    assert "\n" not in text
    assert [*(folder / "snapshots").rglob("*")] == []


SCPS = {
    "ManagementAccountId": "444455556666",
    "ServiceControlPolicies": [
        {"Target": "r-1", "Policies": [{"Name": "Full", "Content": '{"Statement": []}'}]},
        {
            "Target": ACCOUNT,
            "Policies": [{"Policy": {"PolicySummary": {"Name": "No", "Arn": "a"}, "Content": "%7B%7D"}}],
        },
    ],
}


def test_the_policies_of_the_organization_are_handed_over(tmp_path):
    path = tmp_path / "organization.json"
    path.write_text(json.dumps(SCPS))
    folder = snapshot_from_files(tmp_path / "s", organization_policies=path, account_id=ACCOUNT)
    taken = read_snapshot(folder)
    assert taken.read("organization_policies") == {
        "ManagementAccountId": "444455556666",
        "ServiceControlPolicies": [
            {"Target": "r-1", "Policies": [{"Name": "Full", "Content": {"Statement": []}}]},
            {"Target": ACCOUNT, "Policies": [{"Name": "No", "Arn": "a", "Content": {}}]},
        ],
    }
    assert taken.manifest.sources["organization_policies"].rows == {"ServiceControlPolicies": 2}
    assert taken.status("authorization_details") == "missing"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "has neither ServiceControlPolicies nor ResourceControlPolicies"),
        ("{}", "has neither"),
        ('{"ServiceControlPolicies": {}}', "`ServiceControlPolicies` is not a list"),
        ('{"ServiceControlPolicies": [{"Policies": []}]}', "has no Target or no Policies"),
        (
            '{"ServiceControlPolicies": [{"Target": "r", "Policies": 1}]}',
            "`ServiceControlPolicies r` is not a list",
        ),
        (
            '{"ServiceControlPolicies": [{"Target": "r", "Policies": [{"Name": "x"}]}]}',
            "has no Name or no Content",
        ),
        ('{"ServiceControlPolicies": [{"Target": "r", "Policies": ["x"]}]}', "has no Name or no Content"),
        ("{", "is not JSON"),
    ],
)
def test_a_file_of_the_organization_with_another_shape_is_one_line(tmp_path, text, words):
    path = tmp_path / "organization.json"
    path.write_text(text)
    with pytest.raises(SnapshotError) as caught:
        snapshot_from_files(tmp_path / "s", organization_policies=path, account_id=ACCOUNT)
    assert words in str(caught.value)
    assert "docs/evaluation.md" in str(caught.value)
    assert not (tmp_path / "s").exists()


def test_of_files_that_mix_accounts_one_part_is_taken_and_the_rest_is_counted(take):
    other = f"arn:aws:iam::{OTHER}"
    mixed = details(
        users=[user("mary"), user("zoe", Arn=f"{other}:user/zoe")],
        groups=[group("far", Arn=f"{other}:group/far")],
        policies=[policy("p", allow("s3:Get*")), policy("aws", allow("*"), arn=f"{AWS_POLICY}p")],
    )
    rows = report(ROOT, {"user": "mary"}, {"user": "zoe", "arn": f"{other}:user/zoe"})
    snapshot = take(mixed, credentials=rows, account_id=ACCOUNT)
    sources, content = snapshot.manifest.sources, snapshot.read("authorization_details")
    assert snapshot.manifest.account_id == ACCOUNT
    assert [item["UserName"] for item in content["UserDetailList"]] == ["mary"]
    assert content["GroupDetailList"] == []
    assert [item["Arn"] for item in content["Policies"]] == [f"{IAM}:policy/p", f"{AWS_POLICY}p"]
    assert snapshot.read("credential_report") == report(ROOT, {"user": "mary"}) + "\n"
    assert dict(sources["credential_report"].rows) == {"root": 1, "users": 1}
    assert sources["authorization_details"].reason == (
        "left out, as of other accounts in the same files: 2 principals and policies"
    )
    assert sources["credential_report"].reason == "left out, as of other accounts in the same files: 1 rows"


def test_of_an_account_that_is_in_no_file_nothing_is_taken(take, tmp_path):
    mixed = details(users=[user("mary"), user("zoe", Arn=f"arn:aws:iam::{OTHER}:user/zoe")])
    expected = f"the files are of account {ACCOUNT} and {OTHER}, not `999900001111`: check which is meant"
    refused(expected, [], take, mixed, account_id="999900001111", folder=tmp_path)


ODD_SHAPES = {
    "an ARN of another kind": (user("mary", Arn=f"{IAM}:role/mary"), "UserDetailList[0].Arn must match"),
    "an attachment without ARN": (
        user("mary", AttachedManagedPolicies=[{"PolicyName": "p"}]),
        "UserDetailList[0].AttachedManagedPolicies[0] must contain ['PolicyArn'] properties",
    ),
    "a tag without a value": (user("mary", Tags=[{"Key": "k"}]), "UserDetailList[0].Tags[0] must contain"),
    "groups as text": (user("mary", GroupList="g"), "UserDetailList[0].GroupList must be array"),
}


@pytest.mark.parametrize(("someone", "place"), ODD_SHAPES.values(), ids=ODD_SHAPES)
def test_what_has_another_shape_is_refused_with_its_place(someone, place, take):
    with pytest.raises(SnapshotError) as error:
        take(details(users=[someone]))
    assert place in str(error.value)
    assert str(error.value).endswith(DETAILS_CURE)


@pytest.mark.parametrize("moment", ["yesterday", 5, None, [], "0001-01-01T00:00:00+23:59", "9999-12-31"])
def test_a_date_that_is_none_is_unknown(moment, take):
    audit = iamaudit.open_snapshot(take(details(users=[user("mary", CreateDate=moment)])).path)
    assert audit.access.users[f"{IAM}:user/mary"].created_at is None
