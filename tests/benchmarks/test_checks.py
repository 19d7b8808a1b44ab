"""Every check of a large account, after its frames are built, beside the building of the frames."""

import time

import pytest

import iamaudit
from tests.accounts import IAM, key, password, report, snapshot
from tests.benchmarks.accounts import generate_details
from tests.benchmarks.pace import Pace

pytestmark = pytest.mark.benchmark

_JUDGED = {
    *("findings", "observations", "checks", "controls", "waivers", "samples"),
    *("changes", "permission_changes", "observation_changes", "trend"),
}
"""The frames that rest on the checks: asking for one of them evaluates all."""


def _row(number):
    row = {"user": f"user-{number}", "arn": f"{IAM}:user/user-{number}"}
    row |= key(1, age=number % 700, used=number % 90) if number % 2 else {}
    return row | (password(changed=number % 400, used=number % 100) if number % 4 else {})


def test_every_check_on_ten_thousand_principals(tmp_path):
    folder = snapshot(
        tmp_path,
        authorization_details=generate_details(users=5_000, roles=5_000, policies=1_500),
        credential_report=report({"user": "<root_account>"}, *map(_row, range(5_000))),
        password_policy={"PasswordPolicy": None},
        mfa_devices={"VirtualMFADevices": [], "MFADevices": []},
    )
    audit = iamaudit.open_snapshot(folder)
    started = time.perf_counter()
    frames = [audit.frames[name] for name in audit.frames if name not in _JUDGED]
    built = time.perf_counter() - started
    pace = Pace()
    started = time.perf_counter()
    papers = list(audit.workpapers.values())
    judged = time.perf_counter() - started
    found = sum(len(paper.exceptions) for paper in papers)
    print(
        f"\n{len(papers)} checks of 10,000 principals: {judged:.2f} s, {judged / built:.2f} x the "
        f"{len(frames)} frames ({built:.2f} s); {found:,} findings; {pace}"
    )
    assert found > 10_000
    assert judged > 0.1, "the checks were evaluated before the clock started"
    assert judged < 5
