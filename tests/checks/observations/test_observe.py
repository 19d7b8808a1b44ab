"""Observations: one root cause each, every finding once, the same whatever the order of rows."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iamaudit
from iamaudit.checks import SEVERITIES, findings_frame, observation_counts, observe
from iamaudit.checks.observations.causes import Cause
from iamaudit.checks.observations.identity import observation_ids
from iamaudit.checks.signoff.waivers import Waiver, waive
from iamaudit.frames import empty_frame
from tests.accounts import ACCOUNT, IAM


@pytest.fixture(scope="module")
def demo():
    return iamaudit.open_notebook({"snapshot": "demo"})


def test_every_finding_is_in_one_observation_and_every_observation_has_a_finding(demo):
    assert demo.findings.observation.notna().all()
    counted = demo.findings.observation.value_counts()
    told = demo.observations.set_index("id")
    assert set(counted.index) == set(told.index)
    assert (told.findings == counted[told.index]).all()
    assert not demo.observations.duplicated(["cause_kind", "cause_of"]).any()


def test_findings_stand_in_the_order_of_their_observations(demo):
    rank = demo.findings.observation.map(demo.observations.set_index("id")["rank"])
    assert rank.is_monotonic_increasing
    assert demo.observations["rank"].tolist() == list(range(1, len(demo.observations) + 1))
    assert demo.observations.severity.map(SEVERITIES.index).is_monotonic_increasing


def test_an_observation_has_all_that_an_audit_standard_asks_for(demo):
    for column in ("title", "severity", "why", "condition", "cause", "effect", "area"):
        assert (demo.observations[column].str.strip() != "").all(), column
    for column in ("recommendation", "resources", "checks"):
        assert demo.observations[column].str.len().gt(0).all(), column
    texts = demo.observations[["title", "why", "condition", "cause", "effect"]].stack()
    assert not texts.str.contains(r"<NA>|\bnan\b|\bNone\b|<root_account>|\{\w+\}", regex=True).any()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_neither_the_order_of_rows_nor_the_ids_of_checks_changes_an_observation(demo, seed):
    renamed = {check: f"c{number}" for number, check in enumerate(sorted(demo.workpapers))}
    papers = [
        replace(
            paper,
            check=replace(paper.check, id=renamed[paper.check.id]),
            exceptions=paper.exceptions.sample(frac=1, random_state=seed),
        )
        for paper in demo.workpapers.values()
    ]
    frames = {name: frame.sample(frac=1, random_state=seed) for name, frame in demo.frames.items()}
    papers = pd.Series(papers).sample(frac=1, random_state=seed).tolist()
    found = waive(findings_frame(papers), (), demo.as_of)
    told, ids = observe(papers, found, frames, demo.settings, demo.owners, demo.as_of)
    told["checks"] = told.checks.map(
        lambda checks: sorted(name for name in renamed if renamed[name] in checks)
    )
    by_itself = told.cause_kind == "check"
    kept = demo.observations.cause_kind != "check"
    pd.testing.assert_frame_equal(
        told[~by_itself].reset_index(drop=True).drop(columns=["rank", "criteria"]),
        demo.observations[kept].reset_index(drop=True).drop(columns=["rank", "criteria"]),
    )
    back = {new: old for old, new in renamed.items()}
    same = zip(found["check"].map(back), found.resource, found.message, ids, strict=True)
    before = demo.findings[["check", "resource", "message", "observation"]].itertuples(index=False)
    assert {r for r in same if r[3] in set(told.id[~by_itself])} == {
        tuple(r) for r in before if r.observation in set(demo.observations.id[kept])
    }


def test_what_is_waived_stays_in_sight_marked_and_last(demo):
    told = demo.observations.iloc[0]
    waivers = [
        Waiver(
            check=check,
            resource="*",
            owner="ann",
            approver="bob",
            reason="known",
            expires=date(2027, 1, 1),
            ticket=None,
            compensating_control=None,
            line=1,
        )
        for check in told.checks
    ]
    papers = list(demo.workpapers.values())
    found = waive(findings_frame(papers), waivers, demo.as_of)
    waived, ids = observe(papers, found, demo.frames, demo.settings, demo.owners, demo.as_of)
    assert set(waived.id) == set(demo.observations.id)
    marked = waived[waived.is_waived]
    assert told.id in set(marked.id)
    assert marked["rank"].min() > waived["rank"][~waived.is_waived].max()
    assert (marked.waived == marked.findings).all()
    assert ids.notna().all()
    assert f"{len(marked)} more" in observation_counts(waived)


def test_without_findings_there_is_no_observation(demo):
    none = empty_frame("findings")
    told, ids = observe([], none, demo.frames, demo.settings, demo.owners, demo.as_of)
    assert len(told) == len(ids) == 0
    assert observation_counts(told) == "0 observations."


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        (Cause("credential", f"{IAM}:root"), "obs-root"),
        (Cause("credential", f"{IAM}:user/ops/ben.carter"), "obs-user-ops-ben.carter"),
        (Cause("trust", f"{IAM}:role/Deploy"), "obs-trust-deploy"),
        (Cause("statement", f"{IAM}:policy/P Statement[2]"), "obs-policy-p-statement-2"),
        (Cause("practice", "no-mfa"), "obs-no-mfa"),
    ],
)
def test_the_id_of_an_observation_is_readable(cause, name):
    assert observation_ids([cause])[cause] == name


@given(st.lists(st.text(st.sampled_from("ab+=,@-/.#"), min_size=1, max_size=6), unique_by=str.lower))
def test_no_two_observations_have_one_id_and_each_is_an_anchor(names):
    causes = [Cause("credential", f"arn:aws:iam::{ACCOUNT}:user/{name}") for name in names]
    ids = observation_ids(causes)
    assert len(set(ids.values())) == len(causes)
    assert all(pd.Series(list(ids.values())).str.fullmatch(r"obs-[a-z0-9._-]+")) or not names
