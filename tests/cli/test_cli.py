import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner

import iamaudit
from iamaudit import __version__
from iamaudit.checks import CATALOGUE
from iamaudit.cli import main
from iamaudit.frames import COLUMNS
from tests.accounts import details, key, report, snapshot, user
from tests.report.test_execute import kernel_runs, until

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "report" / "notebooks"


@pytest.fixture
def notebooks(tmp_path):
    """Return a function that makes a folder of fixture notebooks."""

    def make(*names):
        folder = tmp_path / "notebooks"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / f"{name}.ipynb").write_bytes((FIXTURES / f"{name}.ipynb").read_bytes())
        return str(folder)

    return make


@pytest.fixture
def taken(tmp_path):
    return str(snapshot(tmp_path / "snapshots", credential_report=report({"user": "ann", **key(1, age=5)})))


def call(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def params(folder, text="max_key_age_days: 90\n"):
    path = folder / "params.yaml"
    path.write_text(text)
    return path


def test_help_answers_at_once_and_imports_nothing_heavy():
    code = (
        "import sys\nfrom iamaudit.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'boto3', 'moto', 'matplotlib', 'papermill', 'nbconvert'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert "heavy: []" in shown.stdout
    assert all(name in shown.stdout for name in ("audit", "collect", "import", "run"))


def test_the_version_is_that_of_the_package():
    assert call("--version") == (0, f"iamaudit, version {__version__}\n", "")


def test_run_writes_the_report_with_the_formats_of_a_parameter_and_prints_its_path(
    taken, notebooks, tmp_path
):
    given = ("run", "--params", params(tmp_path), "--snapshot", taken, "--notebooks", notebooks("good"), "-q")
    code, out, err = call(*given, "--reports", tmp_path / "reports", "-p", "exports=ocsf")
    assert (code, err) == (0, "")
    assert out == f"{tmp_path}/reports/111122223333/20261101T080000Z/index.html\n"
    assert Path(out.strip()).is_file()
    found = {path.name for path in Path(out.strip()).parent.glob("findings*")}
    assert found == {"findings.json", "findings.ocsf.json"}
    code, _, err = call(*given, "-p", "exports=oscf")
    assert (code, err) == (2, "iamaudit: `exports` names `oscf`: did you mean `ocsf`?\n")


def test_timings_are_said_on_stderr(taken, notebooks, tmp_path):
    code, out, err = call(
        *("run", "--params", params(tmp_path), "--snapshot", taken, "--notebooks", notebooks("good")),
        *("--reports", tmp_path / "reports", "-q", "--timings"),
    )
    assert (code, out.count("\n")) == (0, 1)
    steps = [re.fullmatch(r" +\d+\.\d s  (.+)", line)[1] for line in err.splitlines()]
    assert steps[0] == "open"
    assert steps[-1] == "put in place"
    assert {"data", "notebook good", "page good", "workpapers.xlsx"} < set(steps)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max_key_age: 90\n", "unknown parameter `max_key_age`: did you mean `max_key_age_days`?"),
        ("account_id: 012345670123\n", "account id `1402433619` has 10 digits, needs 12"),
        ('account_id: "444455556666"\n', "the snapshot is of account 111122223333"),
    ],
)
def test_a_bad_parameter_is_one_line_and_exit_code_2(taken, notebooks, tmp_path, text, words):
    code, out, err = call(
        *("run", "--params", params(tmp_path, text), "--snapshot", taken, "--notebooks", notebooks("good")),
        *("--reports", tmp_path / "reports"),
    )
    assert (code, out) == (2, "")
    assert err.startswith("iamaudit: ")
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "reports").exists()


def test_a_notebook_that_fails_is_one_line_and_exit_code_1(taken, notebooks, tmp_path):
    code, out, err = call(
        *("run", "--params", params(tmp_path), "--snapshot", taken, "--notebooks", notebooks("raises")),
        *("--reports", tmp_path / "reports", "-q"),
    )
    assert (code, out) == (1, "")
    assert "`raises` failed" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--params", "params/demo.yaml", "--snapshot", "nowhere"], "no snapshot at `nowhere`"),
        (["audit"], "no account is named: give --params FILE; `iamaudit init FOLDER` lays one"),
        (["run", "--params", "nowhere.yaml"], "cannot read `nowhere.yaml`"),
        (["run", "--params", "params/demo.yaml", "--notebooks", "docs"], "`docs` holds no notebook"),
        (["audit", "--params", "params/demo.yaml", "-p", "snapshot=x"], "`audit` takes a new snapshot"),
        (["import"], "nothing to import"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(monkeypatch, arguments, words):
    monkeypatch.chdir(ROOT)
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("explain", "missing argument 'PRINCIPAL': see `iamaudit explain --help`"),
        ("run --quite", "no such option `--quite`: did you mean `--quiet`?"),
        ("--zzz", "no such option `--zzz`: see `iamaudit --help`"),
        ("show", "missing argument 'NAME': see `iamaudit show --help`"),
        ("checks --json=3", "option '--json' does not take a value: see `iamaudit checks --help`"),
        ("checks --json=3 x", "option '--json' does not take a value: see `iamaudit checks --help`"),
        ("diff a", "missing argument 'AFTER': see `iamaudit diff --help`"),
        ("review exprot", "unknown command `exprot`: did you mean `export`?"),
        ("review xyz", "unknown command `xyz`: see `iamaudit review --help`"),
    ],
)
def test_a_wrong_option_or_argument_is_one_line_and_exit_code_2(arguments, said):
    assert call(*arguments.split()) == (2, "", f"iamaudit: {said}\n")


def test_a_group_of_commands_alone_shows_its_help():
    code, out, err = call("review")
    assert (code, out) == (2, "")
    assert [line.split()[0] for line in err.splitlines()[-2:]] == ["export", "import"]


def test_a_wrong_command_is_one_line_and_exit_code_2():
    assert call("frobnicate") == (2, "", "iamaudit: unknown command `frobnicate`: see `iamaudit --help`\n")
    assert call("audti")[2] == "iamaudit: unknown command `audti`: did you mean `audit`?\n"


def test_what_the_system_refuses_is_one_line_and_exit_code_1():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "iamaudit", "checks"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)  # noqa: PLW1510, S603
    said = "iamaudit: cannot read or write the output (No space left on device): see who may do that"
    assert (done.returncode, done.stderr) == (1, f"{said}, and whether the disk has room\n")


def test_whoever_reads_the_beginning_of_what_is_printed_sees_no_error():
    command = f"{sys.executable} -m iamaudit checks | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert (done.stdout.split(), done.stderr) == (["reference", "id", "severity", "title"], "")


def test_import_makes_a_snapshot_of_what_was_handed_over(tmp_path):
    (tmp_path / "details.json").write_text(json.dumps(details(users=[user("ann")])))
    (tmp_path / "report.csv").write_text(report({"user": "ann"}))
    code, out, err = call(
        *("import", "--authorization-details", tmp_path / "details.json"),
        *("--credential-report", tmp_path / "report.csv", "--snapshots", tmp_path / "snapshots"),
    )
    assert (code, err) == (0, "")
    manifest = json.loads((Path(out.strip()) / "manifest.json").read_text())
    assert manifest["account_id"] == "111122223333"
    assert manifest["sources"]["authorization_details"]["status"] == "collected"
    assert manifest["sources"]["password_policy"]["status"] == "missing"


def test_audit_of_the_demo_collects_then_runs(notebooks, tmp_path):
    code, out, err = call(
        *("audit", "--params", ROOT / "params" / "demo.yaml", "--notebooks", notebooks("good")),
        *("--reports", tmp_path / "reports", "--snapshots", tmp_path / "taken"),
    )
    assert code == 0, err
    assert Path(out.strip()).is_file()
    assert (tmp_path / "taken" / "111122223333" / "20261101T075500Z" / "manifest.json").is_file()


def test_without_credentials_audit_is_one_line_and_exit_code_1(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)
    code, out, err = call("audit", "--params", ROOT / "params" / "account.yaml")
    assert (code, out) == (1, "")
    assert "no AWS credentials found" in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_no_report_and_says_so(taken, notebooks, tmp_path):
    process = subprocess.Popen(  # noqa: S603 - this interpreter, our own files
        [
            *(
                sys.executable,
                "-m",
                "iamaudit",
                "run",
                "--params",
                str(params(tmp_path)),
                "--snapshot",
                taken,
            ),
            *("--notebooks", notebooks("hangs"), "--reports", str(tmp_path / "reports"), "-q"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert until(lambda: list(tmp_path.glob("reports/*/.*")) and kernel_runs(process.pid), 30)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert err == "iamaudit: interrupted, nothing was left half-written\n"
    assert list((tmp_path / "reports" / "111122223333").iterdir()) == []


def test_explain_prints_the_verdict_and_why():
    code, out, _ = call("explain", "test-reader", "s3:ListBucket", "arn:aws:s3:::example-test-reports")
    assert (code, out.splitlines()[0]) == (0, "allowed")
    noon = ("--context", "aws:CurrentTime=2026-11-02T12:00:00Z")
    _, out, _ = call("explain", "lena.fischer", "ec2:StartInstances", "*", *noon)
    assert out.splitlines()[:2] == ["implicit deny", "nothing in the identity policies allows it"]


def test_show_prints_one_screen_about_whatever_it_is_given():
    code, out, err = call("show", "alice.moreau")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "user/alice.moreau"
    assert "  Groups         Developers\n" in out
    assert "What the audit does not see of it\n" in out
    titles = {"DeployAnything": "policy DeployAnything", "s3:GetObject": "s3:GetObject"}
    titles["444455556666"] = "account 444455556666"
    assert {name: call("show", name)[1].splitlines()[0] for name in titles} == titles
    there = call("show", "s3:GetObject", "arn:aws:s3:::example/key")[1]
    assert there.splitlines()[0] == "s3:GetObject on arn:aws:s3:::example/key"
    assert "  On arn:aws:s3:::example/key" in there
    rows = json.loads(call("show", "444455556666", "--json")[1])
    assert [row["role_name"] for row in rows["roles"]] == ["vendor-billing", "vendor-monitoring"]


def test_a_report_on_somebody_misspelt_is_refused_before_it_is_begun(tmp_path):
    options = ["--params", str(ROOT / "params" / "demo.yaml"), "--reports", str(tmp_path / "reports")]
    result = CliRunner().invoke(main, ["run", *options, "-p", "principal=user/ben.karter"])
    said = "`user/ben.karter` is not a user or role of the snapshot: did you mean `user/ben.carter`?"
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"iamaudit: {said}")
    assert not (tmp_path / "reports").exists()


def test_what_an_encoding_does_not_have_is_a_question_mark():
    done = subprocess.run(
        [sys.executable, "-m", "iamaudit", "show", "release-bot"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"user/release-bot ? administrator (iam:CreatePolicyVersion)" in done.stdout


def test_show_refuses_a_misspelt_name_and_takes_a_snapshot(taken):
    code, out, err = call("show", "alicemoreau")
    assert (code, out) == (2, "")
    assert err == "iamaudit: nothing is called `alicemoreau`: did you mean `alice.moreau`?\n"
    code, out, err = call("show", "alice.moreau", "arn:aws:s3:::example/key")
    assert (code, out) == (2, "")
    assert (
        err == "iamaudit: `alice.moreau` is not an action, and only an action is asked on a resource: "
        "leave it out\n"
    )
    assert call("show", "ann", "--snapshot", taken)[1].startswith("user/ann\n")


def test_what_if_prints_who_gains_and_loses(tmp_path):
    new = tmp_path / "new.json"
    new.write_text(json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}))
    policy = "arn:aws:iam::111122223333:policy/DeployAnything"
    code, out, _ = call("what-if", policy, new)
    assert code == 0
    assert re.match(r"role/github-deploy\n  lost [\d,]+: a2c:", out)
    (row,) = json.loads(call("what-if", policy, new, "--json")[1])
    assert (row["principal_name"], row["gained"], "s3:PutObject" in row["lost"]) == (
        "github-deploy",
        [],
        False,
    )
    same = tmp_path / "same.json"
    text = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    same.write_text(text, encoding="utf-16")  # as PowerShell writes it
    assert call("what-if", policy, same)[1] == "nobody's effective permissions change\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "nobody", "s3:GetObject"), "is not a user or role"),
        (("explain", "test-reader", "s3:GetObject", "--context", "x"), "is not a context key"),
        (("what-if", "x", "no-such.json"), "cannot read `no-such.json`"),
        (("what-if", "x", "README.md"), "is not a policy of the snapshot"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_line_and_exit_code_2(arguments, words, monkeypatch):
    monkeypatch.chdir(ROOT)
    code, _, err = call(*arguments)
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("iamaudit: ")
    assert words in err


def test_checks_lists_the_catalogue_for_people_programs_and_the_documentation(tmp_path):
    code, out, _ = call("checks")
    assert code == 0
    assert re.search(r"^WP-ROO-\d\d  root-mfa +critical +The root user signs in with MFA$", out, re.MULTILINE)
    head, *lines = out.splitlines()
    starts = [head.index(name) for name in ("reference", "id", "severity", "title")]
    assert all(line[at - 1] == " " != line[at] for line in lines for at in starts[1:])
    rows = json.loads(call("checks", "--json")[1])
    assert len(rows) == len(lines) >= 75
    (row,) = [row for row in rows if row["id"] == "root-mfa"]
    assert (row["severity"], row["population"], row["controls"][0]) == ("critical", "users", "CIS 7.0 2.5")
    assert call("checks", "--markdown")[1] == (ROOT / "docs" / "checks.md").read_text()
    assert call("checks", "--frameworks")[1] == (ROOT / "docs" / "frameworks.md").read_text()


def test_frames_lists_every_frame_and_the_columns_of_one():
    _, out, _ = call("frames")
    assert [line.split()[0] for line in out.splitlines()] == sorted(COLUMNS)
    assert all(len(line.split()) > 4 for line in out.splitlines())  # each says what it answers
    _, out, _ = call("frames", "users")
    assert dict(line.split() for line in out.splitlines()) == dict(COLUMNS["users"])
    (frame,) = json.loads(call("frames", "mfa_devices", "--json")[1])
    assert (frame["sources"], frame["columns"]["enabled_at"]) == (["mfa_devices"], "time")
    page = call("frames", "--markdown")[1]
    assert page == (ROOT / "docs" / "frames.md").read_text(), (
        "run: iamaudit frames --markdown > docs/frames.md"
    )
    code, _, err = call("frames", "usres")
    assert (code, err) == (2, "iamaudit: no frame `usres`: did you mean `users`?\n")


def test_fail_on_ends_with_3_when_a_finding_that_severe_is_not_waived(notebooks, tmp_path):
    taken = snapshot(tmp_path / "s", credential_report=report({"user": "ann", **key(1, age=100, used=1)}))
    given = ("run", "--params", params(tmp_path), "--snapshot", taken, "--notebooks", notebooks("good"), "-q")
    reports = ("--reports", tmp_path / "reports")
    code, out, err = call(*given, *reports, "--fail-on", "critical")
    assert (code, err) == (0, "")
    code, out, err = call(*given, *reports, "--fail-on", "medium")
    assert code == 3
    assert Path(out.strip()).is_file()  # the report is there
    assert re.fullmatch(r"iamaudit: (1 finding is|\d findings are) medium or worse and not waived\n", err)
    waived = tmp_path / "waivers.yaml"
    names = sorted({f["check"] for f in json.loads((Path(out.strip()).parent / "findings.json").read_text())})
    common = "resource: '*', owner: a, approver: b, reason: c, expires: 2027-01-01"
    waived.write_text("waivers:\n" + "".join(f"  - {{check: {name}, {common}}}\n" for name in names))
    code, _, _ = call(*given, *reports, "-p", f"waivers={waived}", "--fail-on", "low")
    assert code == 0


def test_checks_of_ones_own_run_with_the_report(notebooks, tmp_path, monkeypatch):
    monkeypatch.setattr("iamaudit.checks.catalogue.CATALOGUE", dict(CATALOGUE))
    own = tmp_path / "own.py"
    own.write_text("raise ValueError('seen')")
    taken = snapshot(tmp_path / "s", credential_report=report({"user": "ann"}))
    code, _, err = call(
        *("run", "--params", params(tmp_path), "--snapshot", taken, "--notebooks", notebooks("good")),
        *("--reports", tmp_path / "reports", "--checks", own, "-q"),
    )
    assert (code, err) == (2, f"iamaudit: `{own}` line 1 raised ValueError: seen\n")
    assert not (tmp_path / "reports").exists()


def test_scan_code_names_live_keys_and_ends_with_3(tmp_path):
    masked = next(
        key["AccessKeyId"]
        for key in iamaudit.open_snapshot().snapshot.read("access_keys")["AccessKeyMetadata"]
        if key["Status"] == "Active"
    )
    live = masked.replace("…", "A" * 12)  # the snapshot in the package shows eight characters of a key's id
    (tmp_path / "code.py").write_text(f"KEY = '{live}'\nSECRET = 'not/for/anybody'\n")
    code, out, err = call("scan-code", tmp_path)
    assert code == 3
    assert re.match(r"AKIA….{4} \S+code\.py:1 \(file\): Active key of .+, \d+ days old", out)
    read, compared = err.splitlines()
    assert read == "1 file read, 0 binary ones not"
    assert compared.startswith("compared with the keys of example-prod (111122223333), an invented account: ")
    assert live not in out + err
    assert "anybody" not in out + err
    (row,) = json.loads(call("scan-code", tmp_path, "--json")[1])
    assert (row["status"], row["line"]) == ("Active", 1)
    (tmp_path / "code.py").write_text("nothing\n")
    assert call("scan-code", tmp_path)[:2] == (0, "no access key id found\n")
    assert call("scan-code", tmp_path / "none")[0] == 2


def test_review_goes_to_the_owners_and_its_decisions_come_back(tmp_path):
    owners, book = tmp_path / "owners.yaml", tmp_path / "review.xlsx"
    owners.write_text("owners:\n  - {principal: emeka.obi, owner: Ops}\n")
    code, out, _ = call("review", "export", book, "--owners", owners)
    assert (code, out) == (0, f"{book}: 60 principals for 8 owners\n")
    code, _, err = call("review", "export", book)
    assert code == 1
    assert "is there already" in err
    opened = openpyxl.load_workbook(book)
    sheet = opened["Ops"]
    (cell,) = [c for row in sheet.iter_rows() for c in row if c.value == "emeka.obi"]
    (head,) = [c for row in sheet.iter_rows() for c in row if c.value == "decision"]
    sheet.cell(cell.row, head.column, "remove")
    opened.save(book)
    code, out, err = call("review", "import", book, "--owners", owners)
    assert code == 0
    assert "59 undecided\n1 decided\n" in err  # in the order of the sheets: an owner by tag comes first
    assert out.rstrip().endswith("aws iam delete-user --user-name emeka.obi")
    judged = json.loads(call("review", "import", book, "--owners", owners, "--json")[1])
    assert [row["decision"] for row in judged["decisions"] if row["state"] == "decided"] == ["remove"]
    assert judged["removal"][-1] == "aws iam delete-user --user-name emeka.obi"


def test_paths_says_how_a_principal_becomes_an_administrator():
    code, out, _ = call("paths", "user/terraform-runner")
    assert code == 0
    assert out.splitlines()[0] == (
        "certain, 2 hops: user/terraform-runner → role/release-manager (sts:AssumeRole) → role/ops-automation"
        " (iam:PassRole, lambda:CreateFunction, lambda:InvokeFunction), an administrator"
    )
    found = json.loads(call("paths", "terraform-runner", "--json")[1])
    assert found["administrator"] == "no"
    assert [step["references"] for step in found["paths"][0]["steps"]][1] == ["lambda-001"]
    assert call("paths", "BreakGlassAdmin")[1].startswith("role/BreakGlassAdmin is an administrator")
    assert call("paths", "root")[1] == "root is an administrator already\n"
    assert call("paths", "nobody-here")[0] == 2


def test_right_size_prints_the_proposal_and_its_documents():
    code, out, _ = call("right-size", "backup-agent")
    assert (code, "Within 400 days it used" in out, '-        "s3:*"' in out) == (0, True, True)
    found = json.loads(call("right-size", "user/backup-agent", "--json")[1])
    names = [policy["policy"].rpartition("/")[2] for policy in found["policies"]]
    assert (found["state"], names) == ("evaluated", ["BackupStorage", "MetricsPublisher"])
    assert "s3:PutLifecycleConfiguration" in found["policies"][0]["document"]["Statement"][0]["Action"]
    assert "break-glass" in call("right-size", "BreakGlassAdmin")[1]


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_option_says_what_it_does(name):
    command = main.commands[name]
    commands = [command, *getattr(command, "commands", {}).values()]
    options = [each for one in commands for each in one.params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []
