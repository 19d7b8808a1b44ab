"""An account that was read once is taken only where it is the one asked for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from iamaudit.account import held as held_module
from iamaudit.account import hold_account, read_account
from iamaudit.errors import SnapshotError
from iamaudit.snapshot import read_snapshot
from tests.accounts import AS_OF, details, snapshot, user


@pytest.fixture
def held(tmp_path, monkeypatch):
    """Return a snapshot whose account was read and is held until the test is over."""
    monkeypatch.setattr(held_module, "_held", None)
    made = read_snapshot(snapshot(tmp_path, authorization_details=details(users=[user("ann")])))
    hold_account(made, AS_OF)
    return made


def test_who_opens_the_same_snapshot_gets_the_account_that_was_read(held):
    first, second = read_account(held, AS_OF), read_account(read_snapshot(held.path), AS_OF)
    assert first is second
    assert {"actors", "principals"} <= vars(first).keys()
    assert [each.name for each in first.principals] == ["ann"]


def test_another_moment_or_another_manifest_is_another_account(held):
    first = read_account(held, AS_OF)
    renamed = replace(held, manifest=replace(held.manifest, account_alias="other"))
    others = [read_account(held, AS_OF + timedelta(days=1)), read_account(held), read_account(renamed, AS_OF)]
    assert all(other is not first for other in others)


def test_a_file_that_changed_since_is_noticed(held):
    (path,) = held.path.glob("authorization_details*")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(SnapshotError, match="changed after it was collected"):
        _ = read_account(held, AS_OF).actors
