"""Decisions, who can, what if, and AWS's own policies: each beside a plain measure of the same run."""

import json
import time

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

import iamaudit
from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import Context, Principal, Request, authorize, document_grants
from iamaudit.iam.lint import lint_policy
from iamaudit.iam.policy import parse_document
from tests.accounts import ACCOUNT, IAM, allow, deny, document, snapshot
from tests.benchmarks.accounts import generate_details
from tests.benchmarks.pace import Pace

pytestmark = pytest.mark.benchmark


def timed(work):
    """Return what ``work`` gives and the seconds that it took, the best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return result, best


def test_decisions_a_second_for_a_principal_with_ten_policies():
    policies = tuple(
        parse_document(
            document(
                allow([f"s{n}:Get*", "ec2:Describe*"], f"arn:aws:s3:::b{n}/*"),
                deny("iam:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
                allow("s3:*", f"arn:aws:s3:::bucket-{n}/*"),
            )
        )
        for n in range(10)
    )
    requests = [
        Request(
            principal=Principal.of(f"{IAM}:user/ann"),
            action="s3:GetObject",
            resource=f"arn:aws:s3:::bucket-{n % 10}/key-{n}",
            resource_account=ACCOUNT,
            identity=policies,
            context=Context.of({"aws:MultiFactorAuthPresent": "true"}),
        )
        for n in range(20_000)
    ]
    pace = Pace()
    verdicts, seconds = timed(lambda: {authorize(request).verdict for request in requests})
    text = json.dumps({"a": [str(n) for n in range(50)]})
    _, plain = timed(lambda: [json.loads(text) for _ in requests])
    rate = 20_000 / seconds
    print(
        f"\nauthorize: {rate:,.0f} decisions a second, {seconds / plain:.1f} x json.loads of 50 texts; {pace}"
    )
    assert verdicts == {"allowed"}
    assert rate >= 20_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    details = generate_details(users=5_000, roles=5_000, policies=1_500)
    folder = snapshot(tmp_path_factory.mktemp("large"), authorization_details=details)
    audit = iamaudit.open_snapshot(folder)
    started = time.perf_counter()
    assert len(audit.principals) == 10_000
    print(f"\nopened with 10,000 principals in {time.perf_counter() - started:.2f} s")
    return audit, json.dumps(details)


def test_who_can_over_ten_thousand_principals(large):
    audit, text = large
    started = time.perf_counter()
    found = audit.who_can("s3:GetObject", "arn:aws:s3:::example/key")
    seconds = time.perf_counter() - started
    _, plain = timed(lambda: json.loads(text))
    print(
        f"\nwho_can: {seconds:.2f} s the first time, {seconds / plain:.1f} x json.loads; {len(found):,} may"
    )
    assert 1_000 < len(found) < 10_000
    assert seconds < 2


def test_what_if_of_one_policy(large):
    audit, text = large
    policy = audit.attachments.policy.value_counts().index[0]
    started = time.perf_counter()
    changed = audit.what_if(policy, document(allow("s3:GetObject")))
    seconds = time.perf_counter() - started
    _, plain = timed(lambda: json.loads(text))
    print(
        f"\nwhat_if: {seconds:.2f} s, {seconds / plain:.1f} x json.loads; {len(changed):,} principals change"
    )
    assert len(changed) > 5
    assert seconds < 2


def test_every_policy_that_aws_publishes_is_parsed_linted_and_expanded():
    policies = [policy["Document"] for policy in json.loads(aws_managed_policies_data).values()]
    catalogue = load_catalogue()
    texts = [json.dumps(policy) for policy in policies]
    _, plain = timed(lambda: [json.loads(text) for text in texts])
    documents, parsed = timed(lambda: [parse_document(text) for text in texts])
    grants, expanded = timed(lambda: [document_grants(d, catalogue) for d in documents])
    started = time.perf_counter()
    problems = [problem for text in texts for problem in lint_policy(text)]
    linted = time.perf_counter() - started
    ratio, count = parsed / plain, len(problems)
    print(f"\n{len(texts):,} AWS managed policies: parsed in {parsed:.2f} s ({ratio:.1f} x json.loads)")
    print(f"expanded in {expanded:.2f} s, linted in {linted:.2f} s with {count:,} problems")
    assert len(texts) > 1_500
    assert sum(1 for g in grants if g.possible or g.denied_somewhere) > 1_500  # some name retired services
    assert linted < 30
