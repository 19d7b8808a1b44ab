"""An auditor re-performs the checks from the raw files: populations, exceptions and conclusions are equal."""

import pytest

from iamaudit.demo.collected import demo_snapshot
from tests.reperformance.generated import SEEDS, TRUSTED, write_account
from tests.reperformance.report import re_perform


@pytest.mark.parametrize("account", ["demo", *SEEDS])
def test_every_re_performed_check_agrees_with_its_workpaper(tmp_path, account):
    is_demo = account == "demo"
    folder = demo_snapshot() if is_demo else write_account(tmp_path, account)
    trusted = TRUSTED if not is_demo and account % 2 else ""
    found = re_perform(folder, trusted_accounts=trusted)
    assert {check: lines for check, lines in found.items() if lines} == {}
    assert len(found) >= 100
