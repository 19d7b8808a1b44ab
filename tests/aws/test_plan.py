"""What a collection will cost, said before it begins."""

import pytest

from iamaudit.aws.plan import Plan, plan_of
from iamaudit.snapshot import SourceResult, sources_of


def summary(**counts):
    return SourceResult("collected", {"SummaryMap": counts})


def cost(preset, **counts):
    sources = sources_of(preset) - {"caller_identity"}
    return plan_of(summary(**counts), sources, is_fast=preset == "fast").calls


def test_fast_is_pages_and_12_calls():
    assert cost("fast", Users=50, Roles=30, Groups=10, Policies=10) == 1 + 12
    assert cost("fast", Users=5_000, Roles=5_000) == 100 + 12


def test_default_adds_at_most_a_call_a_user_and_one_a_device():
    assert cost("default", Users=100, MFADevicesInUse=40) == 1 + 12 + 100 + 40


def test_thorough_adds_two_calls_for_each_user_and_role_and_more_for_users():
    default = cost("default", Users=10, Roles=20, MFADevicesInUse=0)
    per_user = 4 * 10 + 2 * 10  # four kinds of credentials, and two keys
    assert cost("thorough", Users=10, Roles=20, MFADevicesInUse=0) == default + 2 * 30 + per_user + 2


def test_without_the_counts_there_is_no_plan():
    assert plan_of(SourceResult("denied"), sources_of("fast")) is None


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        (1, "at most about 1 call, 1 minute at 10 calls a second"),
        (500, "at most about 500 calls, 1 minute at 10 calls a second"),
        (6_000, "at most about 6,000 calls, 11 minutes at 10 calls a second"),
    ],
)
def test_a_plan_is_a_phrase(calls, words):
    assert str(Plan(calls)) == words
