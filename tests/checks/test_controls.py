import pandas as pd
import pytest

import iamaudit
from iamaudit import tables
from iamaudit.checks import CATALOGUE, checks_page, load_checks, risk_order
from iamaudit.errors import CheckError
from iamaudit.frames import build_frame
from iamaudit.snapshot import SourceResult
from tests.accounts import (
    AS_OF,
    ago,
    attached,
    details,
    inline,
    key,
    password,
    policy,
    report,
    role,
    snapshot,
    user,
)
from tests.checks.cases import ROOT, iam, root


def test_a_control_is_as_bad_as_the_worst_of_its_checks(tmp_path):
    denied = SourceResult("denied", reason="AccessDenied")
    folder = snapshot(tmp_path, **root(mfa_active="true"), password_policy=denied, mfa_devices=denied)
    controls = (
        iamaudit.open_snapshot(folder, is_kept=False).controls.set_index(["framework", "control"]).conclusion
    )
    assert controls["CIS 7.0", "2.5"] == "met"  # root has MFA
    assert controls["CIS 7.0", "2.6"] == "not evaluated"  # its devices were refused
    assert controls["CIS 7.0", "2.8"] == "not evaluated"
    assert controls["CIS 7.0", "2.2"] == "manual"
    assert controls["NIST 800-53 r5", "IA-2(8)"] == "inherited"
    assert controls["Security Hub 2026", "IAM.20"] == "not applicable"
    worse = snapshot(tmp_path / "w", credential_report=report(ROOT), mfa_devices=denied)
    controls = (
        iamaudit.open_snapshot(worse, is_kept=False).controls.set_index(["framework", "control"]).conclusion
    )
    assert controls["CIS 7.0", "2.5"] == "not met"
    assert controls["NIST 800-53 r5", "IA-2(1)"] == "not met"  # though one of its checks could not be judged


def test_a_manual_control_has_no_count_of_exceptions():
    controls = iamaudit.open_snapshot().controls
    is_tested = controls.kind.isin(["automated", "partial"])
    assert controls.exceptions[is_tested].notna().all()
    assert controls.exceptions[~is_tested].isna().all()
    assert set(controls.conclusion[controls.kind == "manual"]) == {"manual"}


PCI, HUB, CIS = "PCI DSS 4.0.1", "Security Hub 2026", "CIS 7.0"
STRONG = {
    **{
        f"Require{kind}": True
        for kind in ("UppercaseCharacters", "LowercaseCharacters", "Numbers", "Symbols")
    },
    "MinimumPasswordLength": 14,
    "PasswordReusePrevention": 24,
    "ExpirePasswords": True,
    "MaxPasswordAge": 90,
}
PASSWORD_POLICIES = [
    (STRONG, {(PCI, "8.3.6"): "met", (CIS, "2.8"): "met", (HUB, "IAM.7"): "met", (HUB, "IAM.10"): "met"}),
    (
        {**STRONG, "MinimumPasswordLength": 12},
        {(PCI, "8.3.6"): "met", (CIS, "2.8"): "not met", (HUB, "IAM.7"): "met", (HUB, "IAM.15"): "not met"},
    ),
    ({**STRONG, "MinimumPasswordLength": 11}, {(PCI, "8.3.6"): "not met", (HUB, "IAM.7"): "met"}),
    ({**STRONG, "MinimumPasswordLength": 7}, {(HUB, "IAM.7"): "not met", (HUB, "IAM.10"): "met"}),
    ({**STRONG, "MinimumPasswordLength": 6}, {(HUB, "IAM.10"): "not met"}),
    (
        {**STRONG, "PasswordReusePrevention": 4},
        {(PCI, "8.3.7"): "met", (HUB, "IAM.10"): "met", (CIS, "2.9"): "not met", (HUB, "IAM.16"): "not met"},
    ),
    ({**STRONG, "PasswordReusePrevention": 3}, {(PCI, "8.3.7"): "not met", (HUB, "IAM.10"): "not met"}),
    (
        {**STRONG, "ExpirePasswords": False, "MaxPasswordAge": 0, "PasswordReusePrevention": 0},
        {(HUB, "IAM.7"): "met", (HUB, "IAM.10"): "not met", (HUB, "IAM.17"): "not met"},
    ),
    (
        {**STRONG, "RequireSymbols": False},
        {(HUB, "IAM.7"): "not met", (HUB, "IAM.10"): "met", (PCI, "8.3.6"): "met"},
    ),
    (
        {**STRONG, "RequireUppercaseCharacters": False},
        {(PCI, "8.3.6"): "met", (HUB, "IAM.7"): "not met", (HUB, "IAM.10"): "not met"},
    ),
    ({**STRONG, "RequireLowercaseCharacters": False}, {(PCI, "8.3.6"): "met"}),
    (
        {**STRONG, "RequireUppercaseCharacters": False, "RequireLowercaseCharacters": False},
        {(PCI, "8.3.6"): "not met"},
    ),
    ({**STRONG, "RequireNumbers": False}, {(PCI, "8.3.6"): "not met"}),
    (
        None,  # AWS's default of 8 characters is long enough for IAM.7, which also asks for kinds of letters
        {
            **dict.fromkeys([(PCI, "8.3.6"), (PCI, "8.3.7"), (CIS, "2.8"), (CIS, "2.9")], "not met"),
            **dict.fromkeys([(HUB, "IAM.7"), (HUB, "IAM.10"), (HUB, "IAM.15"), (HUB, "IAM.17")], "not met"),
        },
    ),
]


@pytest.mark.parametrize(("rules", "expected"), PASSWORD_POLICIES)
def test_a_password_policy_is_judged_with_the_thresholds_of_each_framework(tmp_path, rules, expected):
    """The audit's own settings ask for something else, and change nothing."""
    other = {"min_password_length": 30, "min_password_reuse_prevention": 1, "max_password_age_days": 1}
    folder = snapshot(tmp_path, password_policy={"PasswordPolicy": rules})
    controls = iamaudit.open_snapshot(folder, is_kept=False, as_of=AS_OF, **other).controls
    found = controls.set_index(["framework", "control"]).conclusion
    assert {control: found[control] for control in expected} == expected


def test_a_finding_names_the_controls_that_its_resource_does_not_meet(tmp_path):
    folder = snapshot(
        tmp_path,
        password_policy={"PasswordPolicy": {**STRONG, "MinimumPasswordLength": 12}},
        credential_report=report({**ROOT, **key(1, age=91)}, {"user": "ann", **key(1, age=91)}),
    )
    audit = iamaudit.open_snapshot(folder, is_kept=False, as_of=AS_OF)
    findings = audit.findings.set_index("check").controls
    controls = findings["password-length"].split("; ")
    assert f"{CIS} 2.8" in controls
    assert f"{HUB} IAM.15" in controls
    assert f"{PCI} 8.3.6" not in controls
    assert f"{HUB} IAM.7" not in controls
    key_of_ann = findings["access-key-rotation"].split("; ")  # root's is told by root-access-key
    assert {f"{HUB} IAM.3", f"{CIS} 2.12"} <= set(key_of_ann)
    criteria = audit.observations.set_index("id").criteria
    for name, found in audit.findings.groupby("observation"):
        assert set(criteria[name]) == {c for text in found.controls for c in text.split("; ") if c}


def test_a_control_names_the_threshold_that_it_was_judged_with(tmp_path):
    folder = snapshot(tmp_path, password_policy={"PasswordPolicy": STRONG})
    audit = iamaudit.open_snapshot(folder, is_kept=False, as_of=AS_OF, min_password_length=20)
    controls = audit.controls.set_index(["framework", "control"])
    assert "12 characters" in controls.tests[PCI, "8.3.6"][0]
    assert "20 characters" in controls.tests["ISO 27001 2022", "A.5.17"][1]  # ISO names no number
    assert "20 characters" in audit.workpapers["password-length"].title


def test_a_workpaper_says_how_controls_put_it_otherwise_and_what_that_came_to(tmp_path):
    """The threshold of the audit is 14, that of PCI DSS 12: the workpaper alone would say not met."""
    folder = snapshot(tmp_path, password_policy={"PasswordPolicy": {**STRONG, "MinimumPasswordLength": 12}})
    paper = iamaudit.open_snapshot(folder, is_kept=False, as_of=AS_OF).workpapers["password-length"]
    assert (paper.title, paper.conclusion) == ("Passwords have at least 14 characters", "not met")
    assert paper.basis.other_terms(paper.check, paper.title) == [
        f"{PCI} 8.3.6: Passwords have at least 12 characters: met, 0 of 1",
        f"{HUB} IAM.7: Passwords have at least 8 characters: met, 0 of 1",
        f"{HUB} IAM.10: Passwords have at least 7 characters: met, 0 of 1",
    ]
    page = tables.workpaper(paper).markup
    assert (
        f"<dt>Other terms</dt><dd>{PCI} 8.3.6: Passwords have at least 12 characters: met, 0 of 1<br>" in page
    )


def test_a_workpaper_under_the_terms_of_every_control_has_no_other_terms():
    audit = iamaudit.open_snapshot()
    for name in ("access-key-rotation", "root-mfa", "role-idle"):  # role-idle: ISO leaves the days open
        paper = audit.workpapers[name]
        assert paper.basis.other_terms(paper.check, paper.title) == []
        assert "Other terms" not in tables.workpaper(paper).markup


NOTED = "no exceptions noted"  # the best that a partial control comes to
ANN = {"user": "ann", **password(changed=91)}
CREDENTIALS = [
    ([ANN], {(PCI, "8.3.9"): ("not met", 1, 1)}),
    ([{**ANN, "mfa_active": "true"}], {(PCI, "8.3.9"): (NOTED, 0, 0), (HUB, "IAM.5"): ("met", 0, 1)}),
    ([{"user": "ann", **password(changed=90)}], {(PCI, "8.3.9"): (NOTED, 0, 1)}),
    # two old keys of one user are one resource, and root's keys are not those of a user
    (
        [{"user": "ann", **key(1, age=91, used=1), **key(2, age=91, used=1)}],
        {
            (CIS, "2.12"): ("not met", 1, 1),
            (HUB, "IAM.3"): ("not met", 1, 1),
            (PCI, "8.6.3"): ("not met", 1, 1),
        },
    ),
    ([{**ROOT, **key(1, age=91, used=1)}], {(HUB, "IAM.3"): ("met", 0, 0), (CIS, "2.12"): ("met", 0, 0)}),
    # a user who has no credential is disabled already
    ([{"user": "ann", "user_creation_time": ago(400)}], {(PCI, "8.2.6"): (NOTED, 0, 0)}),
    ([{"user": "ann", **key(1, age=400, used=90)}], {(PCI, "8.2.6"): ("not met", 1, 1)}),
    ([{"user": "ann", **key(1, age=400, used=89)}], {(PCI, "8.2.6"): (NOTED, 0, 1)}),
    # a key made with its user, which CIS asks about for users with a console password only
    (
        [{"user": "ann", **key(1, age=100), "user_creation_time": ago(100)}],
        {("CIS 6.0", "2.10"): ("met", 0, 0)},
    ),
    (
        [{"user": "ann", **password(changed=9), **key(1, age=100), "user_creation_time": ago(100)}],
        {("CIS 6.0", "2.10"): ("not met", 1, 1)},
    ),
]


@pytest.mark.parametrize(("rows", "expected"), CREDENTIALS)
def test_a_control_counts_distinct_resources_of_the_population_that_it_asks_about(tmp_path, rows, expected):
    rows = rows if rows[0]["user"] == ROOT["user"] else [ROOT, *rows]
    users = [
        user(row["user"], CreateDate=row.get("user_creation_time", ago(100)))
        for row in rows
        if row["user"] != ROOT["user"]
    ]
    folder = snapshot(tmp_path, credential_report=report(*rows), authorization_details=details(users=users))
    controls = iamaudit.open_snapshot(folder, is_kept=False, as_of=AS_OF).controls.set_index(
        ["framework", "control"]
    )
    columns = controls[["conclusion", "exceptions", "population"]]
    assert {control: tuple(columns.loc[control]) for control in expected} == expected


def everything(**fields):
    return policy("p", {"Effect": "Allow", "Action": "*", "Resource": "*"}, **fields)


def test_a_policy_that_hangs_nowhere_is_a_finding_for_security_hub_and_not_for_cis(tmp_path):
    folder = snapshot(tmp_path / "u", **iam(policies=[everything()]))
    controls = (
        iamaudit.open_snapshot(folder, is_kept=False).controls.set_index(["framework", "control"]).conclusion
    )
    assert (controls[CIS, "2.14"], controls[HUB, "IAM.1"]) == ("met", "not met")
    folder = snapshot(tmp_path / "a", **iam(policies=[everything()], roles=[role("r", **attached("p"))]))
    controls = iamaudit.open_snapshot(folder, is_kept=False).controls.set_index(["framework", "control"])
    assert tuple(controls.loc[(CIS, "2.14"), ["conclusion", "exceptions"]]) == ("not met", 1)


def test_an_inline_policy_is_no_finding_of_security_hub_1(tmp_path):
    own = inline("Role", "own", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    folder = snapshot(tmp_path, **iam(roles=[role("r", **own)]))
    controls = (
        iamaudit.open_snapshot(folder, is_kept=False).controls.set_index(["framework", "control"]).conclusion
    )
    assert (controls[HUB, "IAM.1"], controls[CIS, "2.14"]) == ("met", "not met")


def test_decryption_with_every_key_is_one_control_for_managed_and_one_for_inline_policies(tmp_path):
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    for name, expected, evidence in (
        ("m", ("not met", "met"), iam(policies=[policy("p", decrypt)])),
        ("i", ("met", "not met"), iam(roles=[role("r", **inline("Role", "own", decrypt))])),
    ):
        controls = iamaudit.open_snapshot(snapshot(tmp_path / name, **evidence), is_kept=False).controls
        found = controls.set_index(["framework", "control"]).conclusion
        assert (found[HUB, "KMS.1"], found[HUB, "KMS.2"]) == expected


def test_tags_of_roles_and_keys_of_root_are_never_met_for_security_hub_where_a_test_sees_less(tmp_path):
    folder = snapshot(
        tmp_path,
        credential_report=report(ROOT),
        authorization_details=details(roles=[role("r", Tags=[{"Key": "owner", "Value": "x"}])]),
    )
    controls = iamaudit.open_snapshot(folder, is_kept=False).controls
    found = controls.set_index(["framework", "control"]).conclusion
    assert found[HUB, "IAM.24"] == NOTED  # roles that AWS manages are not looked at
    assert found[HUB, "IAM.4"] == NOTED  # an inactive key is not seen
    assert found[CIS, "2.4"] == "met"  # CIS accepts an inactive key


@pytest.mark.parametrize(
    ("statement", "conclusion"),
    [
        ({"Action": "s3:*"}, "not met"),
        ({"Action": "*"}, "not met"),
        ({"NotAction": "iam:*"}, "not met"),
        ({"NotAction": ["iam:CreateUser"]}, "met"),
        ({"Action": "s3:Get*"}, "met"),
    ],
)
def test_security_hub_21_is_about_whole_services(tmp_path, statement, conclusion):
    made = policy("p", {"Effect": "Allow", "Resource": "*", **statement})
    controls = iamaudit.open_snapshot(snapshot(tmp_path, **iam(policies=[made]))).controls
    assert controls.conclusion[(controls.framework == HUB) & (controls.control == "IAM.21")].tolist() == [
        conclusion
    ]


def test_mfa_of_administrators_and_of_others_are_two_controls(tmp_path):
    rows = [{"user": name, **password(changed=1)} for name in ("ann", "bob")]
    rows[1]["mfa_active"] = "true"
    people = [user("ann", **attached("p")), user("bob")]
    folder = snapshot(
        tmp_path,
        credential_report=report(ROOT, *rows),
        authorization_details=details(users=people, policies=[everything()]),
    )
    controls = iamaudit.open_snapshot(folder, is_kept=False, as_of=AS_OF).controls.set_index(
        ["framework", "control"]
    )
    first, second = (controls.loc[("NIST 800-53 r5", f"IA-2({n})")] for n in (1, 2))
    assert first.conclusion == "not met"
    assert (second.conclusion, second.exceptions) == ("no exceptions noted", 0)
    denied = SourceResult("denied", reason="AccessDenied")
    folder = snapshot(tmp_path / "d", credential_report=report(ROOT, *rows), authorization_details=denied)
    controls = iamaudit.open_snapshot(folder, is_kept=False, as_of=AS_OF).controls.set_index(
        ["framework", "control"]
    )
    assert controls.conclusion["NIST 800-53 r5", "IA-2(2)"] == "not evaluated"  # who is an administrator?


def test_root_without_a_password_needs_no_hardware_and_root_of_unknown_password_does(tmp_path):
    sources = {"mfa_devices": {"VirtualMFADevices": [], "MFADevices": []}}
    for name, enabled, conclusion in (
        ("a", "false", "met"),
        ("b", "true", "not met"),
        ("c", "not_supported", "not met"),
    ):
        folder = snapshot(
            tmp_path / name, credential_report=report({**ROOT, "password_enabled": enabled}), **sources
        )
        controls = (
            iamaudit.open_snapshot(folder, is_kept=False)
            .controls.set_index(["framework", "control"])
            .conclusion
        )
        assert controls[HUB, "IAM.6"] == conclusion


def test_a_partial_control_is_never_met(tmp_path):
    controls = iamaudit.open_snapshot().controls
    found = set(controls.conclusion[controls.kind == "partial"])
    assert found <= {"not met", "not evaluated", "no exceptions noted"}
    assert controls.beyond[controls.kind == "partial"].notna().all()


def test_the_counts_of_the_demo_are_those_of_distinct_resources():
    audit = iamaudit.open_snapshot()
    controls = audit.controls.set_index(["framework", "control"])
    keys = audit.workpapers["access-key-rotation"].exceptions
    assert len(keys) > keys.arn.nunique() == controls.exceptions[CIS, "2.12"]
    users = audit.workpapers["policy-on-user"].exceptions
    assert controls.exceptions[CIS, "2.13"] == users.arn.nunique() == 7


ARN = "arn:aws:iam::111122223333:user/"


@pytest.mark.parametrize(
    ("finding", "risk"),
    [
        (("root-mfa", "critical", "arn:aws:iam::111122223333:root"), 1000 * 4 * 2),
        (("policy-twice", "low", "arn:aws:iam::111122223333:policy/p"), 30.0),
        (("access-key-rotation", "medium", ARN + "admin"), 100 * 3 * 1.5),
        (("access-key-rotation", "medium", ARN + "half"), 100 * 1.5 * 1.5),
        (("user-tagged", "low", ARN + "idle"), 30 * 2 * 1.5),
        (("user-tagged", "low", None), 30.0),
    ],
)
def test_risk_is_severity_times_permission_times_exposure_times_age(finding, risk):
    check, severity, resource = finding
    findings = build_frame("findings", [{"check": check, "severity": severity, "resource": resource}])
    breadth = build_frame(
        "breadth",
        [
            {"principal": ARN + "admin", "administrator": "yes", "share_possible": 1.0},
            {"principal": ARN + "half", "administrator": "no", "share_possible": 0.5},
            {"principal": ARN + "idle", "administrator": "perhaps", "share_possible": 0.9},
        ],
    )
    users = build_frame("users", [{"arn": ARN + "idle", "days_idle": 365}, {"arn": ARN + "admin"}])
    assert risk_order(findings, breadth, users).tolist() == [risk]


def test_no_finding_has_no_risk():
    empty = build_frame("findings", [])
    assert len(risk_order(empty, build_frame("breadth", []), build_frame("users", []))) == 0


@pytest.fixture
def catalogue(monkeypatch):
    monkeypatch.setattr("iamaudit.checks.catalogue.CATALOGUE", kept := dict(CATALOGUE))
    monkeypatch.setattr("iamaudit.checks.own_checks.CATALOGUE", kept)
    return kept


OWN = '''
import iamaudit

@iamaudit.check("role-path", "Roles have a path", severity="low", population="roles", message="{name}")
def role_path(roles):
    """A path says whose a role is."""
    return roles.path == "/"
'''


def test_checks_of_ones_own_come_from_a_file(tmp_path, catalogue):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    assert load_checks(path) == ("role-path",)
    paper = iamaudit.open_snapshot().evaluate(catalogue["role-path"])
    assert paper.conclusion == "not met"
    assert isinstance(paper.exceptions, pd.DataFrame)
    assert load_checks(path) == ("role-path",)  # again, as a notebook cell that is run twice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "makes no check: put @iamaudit.check above a function"),
        ("def", "cannot read the checks"),
        ("\n\n1 / 0", "line 3 raised ZeroDivisionError: division by zero"),
        (OWN.replace('"low"', '"lowest"'), "severity `lowest`"),
        (OWN.replace("role-path", "root-mfa"), "there is a check `root-mfa` already"),
    ],
)
def test_a_file_that_makes_no_good_check_is_one_line(tmp_path, catalogue, text, words):
    path = tmp_path / "own.py"
    path.write_text(text)
    with pytest.raises(CheckError) as caught:
        load_checks(path)
    assert words in str(caught.value)


def test_the_page_of_the_documentation_is_the_catalogue():
    from pathlib import Path  # noqa: PLC0415

    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text()
    assert page == checks_page(), "run: iamaudit checks --markdown > docs/checks.md"
    assert page.count("\n### ") == len(CATALOGUE)
