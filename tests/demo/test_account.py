import json
import os
import runpy
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iamaudit.demo import ACCOUNT_ID, AS_OF

SCRIPT = Path(__file__).with_name("answers.py")


@pytest.fixture(scope="session")
def here(account):
    return runpy.run_path(str(SCRIPT))["digests"](account)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    """Two uses in another process, whose user has AWS settings of every kind that would get in the way."""
    config = tmp_path_factory.mktemp("aws") / "config"
    config.write_text("[default]\nendpoint_url = http://127.0.0.1:9\nregion = nowhere\n")
    trouble = {
        "AWS_PROFILE": "does-not-exist",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:9",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_RETRY_MODE": "nonsense",
        "AWS_ACCESS_KEY_ID": "somebodys",
        "AWS_SECRET_ACCESS_KEY": "real-one",
        "HTTP_PROXY": "http://192.0.2.1:3128",
        "HTTPS_PROXY": "http://192.0.2.1:3128",
        "PYTHONHASHSEED": "4711",
    }
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-W", "error", str(SCRIPT)],
        env={**os.environ, **trouble},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_session_is_the_auditor_in_the_demo_account(account):
    with_sts = account.session.client("sts")
    identity = with_sts.get_caller_identity()
    with_sts.close()
    assert identity["Account"] == ACCOUNT_ID
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/iamaudit-auditor/nightly"


def test_the_clock_stands_still_just_before_the_moment_of_the_story(account):
    assert datetime(2026, 11, 1, 8, 0, tzinfo=UTC) == AS_OF
    assert account.clock() == account.clock() == AS_OF - timedelta(minutes=5)


def test_another_process_with_another_hash_seed_gives_the_same_bytes(here, elsewhere):
    assert elsewhere["first"] == here


def test_a_second_use_in_one_process_gives_the_same_bytes(elsewhere):
    assert elsewhere["second"] == elsewhere["first"]


def test_opening_it_while_it_is_open_gives_the_same_account(elsewhere):
    assert elsewhere["shared while open"] is True


def test_the_process_is_as_it_was_when_the_demo_has_ended(elsewhere):
    assert elsewhere["changed while open"] == ["log levels", "methods", "random"]
    assert elsewhere["changed afterwards"] == []


def test_nothing_but_loopback_is_contacted(elsewhere):
    assert elsewhere["contacted"] == ["127.0.0.1"]


def test_an_operation_that_moto_lacks_leaves_the_terminal_alone(elsewhere):
    assert elsewhere["impossible"] == "refused"  # and the fixture saw an empty stderr
