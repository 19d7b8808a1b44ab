import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

import iamaudit.iam.lint
from iamaudit.iam.lint import SEVERITIES, lint_policy
from iamaudit.iam.lint.resource_rules import _meet

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())
PACKAGE = Path(iamaudit.iam.lint.__file__).parents[1]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['check']}: {json.dumps(case['has'])[40:110]}"
)
def test_a_problem_is_found_where_it_is_and_not_beside(case):
    found = {(p.check, p.path) for p in lint_policy(case["has"], kind=case["kind"])}
    assert (case["check"], case["path"]) in found
    assert case["check"] not in {p.check for p in lint_policy(case["has_not"], kind=case["kind"])}


def test_every_check_has_a_case():
    sources = [
        *(PACKAGE / "lint").glob("*.py"),
        PACKAGE / "evaluate/validity.py",
        PACKAGE / "policy/parse.py",
    ]
    text = "\n".join(path.read_text() for path in sources)
    names = set(re.findall(r'"((?:[A-Z][\w-]+)(?: [A-Za-z]+)+(?: [A-Za-z]+)*)"(?=[,)\n])', text))
    prose = {name for name in names if name.endswith((" ARN", " IAM"))}
    covered = {case["check"] for case in CASES}
    assert {
        name for name in names - prose if name.split()[0] in ("Invalid", "Missing", "Redundant")
    } <= covered
    assert len(covered) >= 70


def test_problems_come_by_severity_and_say_how_to_cure():
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "",
            "Effect": "Allow",
            "Action": ["iam:PassRole", "vpc:Describe*", "s3:GetObject", "s3:Get*"],
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:CurrentTime": "17:00Z"}},
        },
    }
    found = lint_policy(document)
    severities = [problem.severity for problem in found]
    assert severities == sorted(severities, key=SEVERITIES.index)
    assert set(severities) == set(SEVERITIES)
    by_check = {problem.check: problem.message for problem in found}
    assert "did you mean `ec2:Describe*`?" in by_check["Invalid service in action"]
    window = by_check["Invalid date value"]
    assert "never opens" in window
    (working,) = re.findall(r"as in (.*), and let", window)
    repaired = json.loads("{" + working + "}")
    assert lint_policy({**document, "Statement": {**document["Statement"], "Condition": repaired}}) == tuple(
        p for p in found if p.check != "Invalid date value"
    )


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("iam:AssumeRole", "but `sts:AssumeRole` is"),
        ("s3:GetObjekt", "did you mean `s3:GetObject`?"),
        ("elb:Describe*", "did you mean `elasticloadbalancing:Describe*`?"),
        ("dynamodbb:GetItm", "did you mean `dynamodb:GetItem`?"),
        ("nosuch:Thing", "AWS has no service prefix `nosuch`"),
        ("vpc:Nothing*", "did you mean `ec2`?"),
        ("s3:Qqqqqqqq", "`s3:Qqqqqqqq` is not an action of AWS"),
    ],
)
def test_an_unknown_action_comes_with_the_likely_one(action, words):
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
    (problem,) = lint_policy(document)
    assert problem.message.endswith(words)


def test_the_policies_that_aws_wrote_lint_without_an_error_but_for_retired_names():
    policies = json.loads(aws_managed_policies_data)
    found = {name: lint_policy(policy["Document"]) for name, policy in policies.items()}
    assert len(found) > 1500
    errors = {p.check for problems in found.values() for p in problems if p.severity == "error"}
    assert errors <= {
        "Invalid action",
        "Invalid service in action",
        "Invalid service condition key",
        "Invalid global condition key",  # aws:PrincipalOrgMasterAccountId, which AWS does not document
        "Missing qualifier",
    }


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("*", "*/*", True),
        ("bucket", "*/*", False),
        ("bucket/*", "*/*", True),
        ("table/x", "table/*/index/*", False),
        ("table/*", "table/*/index/*", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("", "*", True),
        ("", "?", False),
    ],
)
def test_two_patterns_meet_when_a_text_matches_both(one, other, meet):
    assert _meet(one, other) is meet
    assert _meet(other, one) is meet


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ELEMENT = st.sampled_from(
    ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"]
)
VALUE = (
    JSON
    | st.sampled_from(["Allow", "Deny", "*", "s3:*", "${", "${a b}", "arn:aws:s3:::x", "a:${aws:username}"])
    | st.dictionaries(
        st.sampled_from(["StringLike", "Bool", "Null", "DateLessThan", "IpAddress", "ForAllValues:ArnLike"]),
        st.dictionaries(st.sampled_from(["aws:SourceIp", "s3:prefix", "x", "aws:TagKeys"]), JSON, max_size=2),
        max_size=2,
    )
)
STATEMENT = JSON | st.dictionaries(ELEMENT, VALUE, max_size=6)


@given(
    JSON | st.fixed_dictionaries({"Statement": STATEMENT | st.lists(STATEMENT, max_size=3)}),
    st.sampled_from(["identity", "boundary", "session", "resource", "trust", "scp", "rcp"]),
)
def test_anything_at_all_is_linted(source, kind):
    for problem in lint_policy(source, kind=kind):
        assert problem.severity in SEVERITIES
        assert problem.check
        assert problem.message
