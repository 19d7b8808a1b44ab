import errno
import hashlib
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import iamaudit
from iamaudit.audit.evidence import Evidence
from iamaudit.cli import main
from iamaudit.demo import ACCOUNT_ID, AS_OF, EXTERNAL_ACCOUNT_ID
from iamaudit.demo.collected import demo_snapshot
from iamaudit.errors import ParameterError, SnapshotError
from iamaudit.iam.policy import matches_pattern
from iamaudit.report.bundle import run_report
from iamaudit.report.invented import WITHHELD, principal
from iamaudit.report.parameters import Parameters
from iamaudit.report.shared import under_pseudonyms
from iamaudit.snapshot import Pseudonyms, read_snapshot, write_pseudonymous
from tests.accounts import snapshot
from tests.reperformance.generated import write_account

ROOT = Path(__file__).parents[2]


def real_names():
    """Return every name, id and tag that the snapshots of the demo account hold."""
    found = {ACCOUNT_ID, EXTERNAL_ACCOUNT_ID, "example-prod", "example-org", "example-billing-7719"}
    current = demo_snapshot()
    for folder in (current, *current.parent.iterdir()):
        details = json.loads((folder / "authorization_details.json").read_text())
        for items, kind in (
            ("UserDetailList", "User"),
            ("GroupDetailList", "Group"),
            ("RoleDetailList", "Role"),
        ):
            for item in details[items]:
                if "/aws-service-role/" not in item["Arn"]:
                    found |= {item[f"{kind}Name"], item[f"{kind}Id"]}
                    found |= {inline["PolicyName"] for inline in item.get(f"{kind}PolicyList", ())}
                    found |= {tag["Value"] for tag in item.get("Tags", ())}
        own = [policy for policy in details["Policies"] if ":aws:policy/" not in policy["Arn"]]
        found |= {policy.get(key, "") for policy in own for key in ("PolicyName", "Description")}
        keys = json.loads((folder / "access_keys.json").read_text())["AccessKeyMetadata"]
        found |= {key["AccessKeyId"] for key in keys} | {f"…{key['AccessKeyId'][-4:]}" for key in keys}
        certificates = json.loads((folder / "server_certificates.json").read_text())
        found |= {c["ServerCertificateName"] for c in certificates["ServerCertificateMetadataList"]}
    found = {name for name in found if len(name) > 3 and not name.isalpha()}
    return found - {"break-glass"} | {"KmsOperator", "DeployAnything", "BusinessHoursOnly"}


def texts(folder):
    """Yield the name and the text of every file, also of those inside of workbooks and Parquet files."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            yield path, json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as book:
                for name in book.namelist():
                    yield path, book.read(name).decode("utf-8", "replace")
        elif path.is_file():
            yield path, path.read_text(encoding="utf-8", errors="replace")
        yield path, str(path.relative_to(folder.parent))


WAIVERS = """\
waivers:
  - check: access-key-rotation
    resource: "*:user/backup-*"
    owner: Dana Platform
    approver: Sam Security
    reason: the appliance of Initech cannot assume a role
    ticket: SEC-1042
    expires: 2026-12-31
    compensating_control: it works from the data centre in Zwolle only
"""
ANSWERS = """\
attestations:
  - control: CIS 7.0 2.2
    by: Sam Security
    signed: 2026-10-12
    text: Initech was asked on the phone
    evidence: initech-call.txt
"""
OWNERS = """\
default: Zwolle operations
owners:
  - principal: user/ben.carter
    owner: Gringotts desk
  - principal: role/github-*
    owner: Release engineering
"""
SAID = {"Dana Platform", "Sam Security", "Initech", "SEC-1042", "Zwolle", "initech-call", "Gringotts"}
SCANNED = {
    "git.example.com",
    "deploy.git",
    "3f1c9a7e5b2d",
    "9f53767fed6c",
    "release.py",
    "backup.ini",
    "costs.ipynb",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A report under invented names to which every file is given that an audit takes, and its key file."""
    folder = tmp_path_factory.mktemp("shared")
    for name, text in (("waivers", WAIVERS), ("attestations", ANSWERS), ("owners", OWNERS)):
        (folder / f"{name}.yaml").write_text(text)
    (folder / "initech-call.txt").write_text("asked\n")
    files = {name: str(folder / f"{name}.yaml") for name in ("waivers", "attestations", "owners")}
    given_ = Parameters({"snapshot": "demo", "principal": "user/ben.carter", **files}, {})
    asked = under_pseudonyms(given_, folder / "key.json", folder / "snapshots", folder / "reports")
    names = ("02_credentials", "07_controls", "09_changes", "10_principal")
    chosen = [ROOT / "notebooks" / f"{name}.ipynb" for name in names]
    made = run_report(asked, notebooks=chosen, reports=folder / "reports", progress=False)
    return made, json.loads((folder / "key.json").read_text())


def test_a_shared_report_tells_no_real_name(shared):
    made, key = shared
    names = real_names() | SAID | SCANNED
    assert len(names) > 150
    found = {(name, path.name) for path, text in texts(made.parent) for name in names if name in text}
    assert found == set()
    assert len(json.loads((made / "findings.json").read_text())) > 300
    assert pq.read_table(made / "data" / "changes.parquet").num_rows > 20
    assert key["names"][ACCOUNT_ID] == made.parent.name


def test_what_was_handed_over_still_counts_in_a_shared_report(shared):
    made, key = shared

    def rows(name):
        return pq.read_table(made / "data" / f"{name}.parquet").to_pylist()

    (waiver,) = rows("waivers")
    assert (waiver["state"], waiver["findings"], waiver["reason"]) == ("active", 1, WITHHELD)
    assert waiver["owner"] != waiver["approver"]
    owner = " ".join(key["names"][word] for word in ("Gringotts", "desk"))
    assert any(owner in each["owner"] for each in rows("observations"))
    answered = [
        each for each in rows("controls") if each["control"] == "2.2" and each["framework"] == "CIS 7.0"
    ]
    digest = hashlib.sha256(b"asked\n").hexdigest()
    assert f"{WITHHELD}; its evidence has sha-256 {digest}" in json.dumps(answered, default=str)
    seen = {(each["status"], each["age_days"] is None) for each in rows("code_keys")}
    assert seen == {("Active", False), ("Inactive", False), ("not of this account", True)}
    assert (made / "principal.html").is_file()


def test_the_key_file_is_for_its_owner_alone_and_outside_of_what_is_shared(shared):
    key_file = shared[0].parents[2] / "key.json"
    assert key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("user/ben.carter", "user/{ben}.{carter}"),
        ("ben.carter", "{ben}.{carter}"),
        ("arn:aws:iam::111122223333:user/ben.carter", "arn:aws:iam::{account}:user/{ben}.{carter}"),
        ("*:user/ben*", "*:user/{ben}*"),
        ("root", "root"),
    ],
)
def test_whoever_a_file_names_has_the_name_of_the_snapshot(text, form):
    names = Pseudonyms("secret")
    real = {name: names.name(name) for name in ("ben", "carter")}
    real["account"] = names.account(ACCOUNT_ID)
    assert principal(text, names) == form.format_map(real)


def tally(frame):
    return Counter(map(str, frame.to_numpy().tolist()))


def test_the_same_is_judged_under_invented_names(tmp_path):
    real = read_snapshot(demo_snapshot())
    invented = read_snapshot(write_pseudonymous(real, tmp_path, Pseudonyms("secret")))
    one, other = Evidence(real, as_of=AS_OF), Evidence(invented, as_of=AS_OF)
    counts = ["actions_possible", "actions_certain", "administrator", "principal_type"]
    sorted_ = [side.breadth[counts].sort_values(counts, ignore_index=True) for side in (one, other)]
    assert sorted_[0].equals(sorted_[1])
    for frame in ("users", "roles", "policies", "statements", "trust", "escalation_paths", "access_keys"):
        assert len(getattr(one, frame)) == len(getattr(other, frame)), frame
    kinds = ["kind", "subject_width", "identity", "has_external_id"]
    assert tally(one.trust[kinds]) == tally(other.trust[kinds])
    ends = ["end", "verdict", "hops"]
    assert tally(one.escalation_paths[ends]) == tally(other.escalation_paths[ends])


def test_tags_of_an_analyzer_tell_no_real_name_and_stay_tags(tmp_path):
    arn = f"arn:aws:access-analyzer:eu-west-1:{ACCOUNT_ID}:analyzer/external"
    left_out = {"accountIds": [EXTERNAL_ACCOUNT_ID], "resourceTags": [{"Gringotts": "vault-12"}]}
    analyzer = {
        "arn": arn,
        "name": "external",
        "type": "ACCOUNT",
        "status": "ACTIVE",
        "tags": {"owner": "Initech", "Zwolle": "north-wing", "aws:cloudformation:stack-name": "initech"},
        "configuration": {"unusedAccess": {"analysisRule": {"exclusions": [left_out]}}},
    }
    told = {"Regions": ["eu-west-1"], "Analyzers": [analyzer], "Findings": []}
    real = read_snapshot(snapshot(tmp_path / "real", access_analyzer=told))
    invented = write_pseudonymous(real, tmp_path / "invented", Pseudonyms("secret"))
    text = (invented / "access_analyzer.json").read_text()
    names = (ACCOUNT_ID, EXTERNAL_ACCOUNT_ID, "Initech", "Zwolle", "north", "Gringotts", "vault", "initech")
    assert [name for name in names if name in text] == []
    (tags,) = (each["tags"] for each in json.loads(text)["Analyzers"])
    assert len(tags) == 3
    assert {"owner", "aws:cloudformation:stack-name"} < set(tags)


def test_the_same_key_file_gives_the_same_names(tmp_path):
    names = Pseudonyms("secret")
    first = names.name("release-manager")
    names.write(tmp_path / "key.json")
    again = Pseudonyms.read(tmp_path / "key.json")
    assert again.name("release-manager") == first != "release-manager"
    assert Pseudonyms("other").name("release-manager") != first
    assert (tmp_path / "key.json").stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_cannot_be_written_is_not_left_empty(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(SnapshotError, match="No space left on device"):
        Pseudonyms("secret").write(tmp_path / "key.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("ec2.amazonaws.com", "ec2.amazonaws.com"),
        ("eu-west-1", "eu-west-1"),
        ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("*", "*"),
        ("true", "true"),
    ],
)
def test_what_is_the_word_of_aws_stays(text, kept):
    assert Pseudonyms("secret").value(text) == kept


def test_forms_that_checks_go_by_stay():
    names = Pseudonyms("secret")
    subject = names.value("repo:example-org/shop:ref:refs/heads/main").split(":")
    assert (subject[0], subject[2], subject[3][:11]) == ("repo", "ref", "refs/heads/")
    assert names.arn("arn:aws:iam::111122223333:root").endswith(":root")
    assert names.name("AWSReservedSSO_Admins_0f1e2d3c4b5a6978").startswith("AWSReservedSSO_")
    assert names.name("AIDAHJQDLZFFFG7TPRE2V").startswith("AIDA")
    assert "audit" in names.name("iam-audit-role")
    assert names.value("203.0.113.7/32") != "203.0.113.7/32"


WORDS = st.sampled_from(["web", "web1", "shop", "shopfront", "prod", "a"])
NAMES = st.lists(WORDS, min_size=1, max_size=3).map("-".join)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(NAMES, NAMES, st.integers(0, 12), st.sampled_from(["*", "?*", "-*"]))
def test_a_pattern_matches_invented_names_as_it_matched_the_real_ones(name, other, cut, wild):
    pattern, names = other[:cut] + wild, Pseudonyms("secret")
    names.learn(pattern)
    if wild == "?*" and other[:cut][-1:].isalnum():
        return  # a question mark counts letters, and an invented word has another number of them
    assert matches_pattern(names.name(name), names.name(pattern)) == matches_pattern(name, pattern)


@pytest.mark.parametrize(
    ("options", "word"),
    [({"checks": "c.py"}, "`checks` is code"), ({"key": "reports/key.json"}, "lies among the reports")],
)
def test_what_would_tell_names_is_refused(tmp_path, options, word):
    key = tmp_path / options.pop("key", "key.json")
    asked = Parameters({"snapshot": "demo", **options}, {})
    with pytest.raises(ParameterError, match=word):
        under_pseudonyms(asked, key, tmp_path / "snapshots", tmp_path / "reports")


def test_another_file_is_no_key_file(tmp_path):
    (tmp_path / "key.json").write_text("[]")
    params = tmp_path / "params.yaml"
    params.write_text("snapshot: demo\n")
    options = ["--params", str(params), "--reports", str(tmp_path / "r"), "--pseudonyms"]
    result = CliRunner().invoke(main, ["run", *options, str(tmp_path / "key.json")])
    assert (result.exit_code, "not a key file of pseudonyms" in result.stderr) == (2, True)


@pytest.mark.parametrize("seed", [4, 18])
def test_a_snapshot_under_invented_names_is_judged_alike(seed, tmp_path):
    """Whatever AWS says in its own words must stay: a status, a moment, a kind of finding."""
    folder = write_account(tmp_path / "real", seed)
    invented = write_pseudonymous(read_snapshot(folder), tmp_path / "invented", Pseudonyms("x" * 32))

    def judged(snapshot):
        papers = iamaudit.open_snapshot(snapshot, as_of=AS_OF).workpapers
        return {
            name: (paper.conclusion, len(paper.population), len(paper.exceptions), len(paper.not_judged))
            for name, paper in papers.items()
        }

    assert judged(invented) == judged(folder)
