"""The ways from a management account into the member accounts of its organization."""

import pytest

from iamaudit.escalation.members import ROLE_IN_MEMBERS, ROOT_OF_MEMBERS
from tests.accounts import ACCOUNT, allow, boundary, deny, details, document, inline, policy, role, user
from tests.escalation.accounts import FULL, audited, opened, trust_account

ROOT, ROLE = "arn:aws:iam::*:root", "arn:aws:iam::*:role/OrganizationAccountAccessRole"
SESSIONS = {"organization_features": {"EnabledFeatures": ["RootSessions"]}}
MANAGEMENT = {
    "organization_policies": {
        "ManagementAccountId": ACCOUNT,
        "ServiceControlPolicies": [{"Target": "r-1", "Policies": [FULL]}],
    }
}
TASK = {"StringEquals": {"sts:TaskPolicyArn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}}


def ends(folder, *statements, sources=SESSIONS, **fields):
    ann = user("ann", **inline("User", "own", *statements), **fields)
    limit = policy("limit", allow("s3:*"))
    found = opened(folder, details(users=[ann], policies=[limit]), **sources).ends
    return {
        end: {level for level, bits in found[end].items() if bits}
        for end in (ROOT_OF_MEMBERS, ROLE_IN_MEMBERS)
        if end in found
    }


@pytest.mark.parametrize(
    ("statements", "levels"),
    [
        ([allow("sts:AssumeRoot", ROOT)], {"certain"}),
        ([allow("sts:*")], {"certain"}),
        ([allow("STS:assumeroo?", "arn:aws:iam::*")], {"certain"}),
        ([allow("sts:AssumeRoot", ROOT, Condition=TASK)], {"conditional"}),
        ([allow("sts:AssumeRoot", "arn:aws:iam::444455556666:root")], set()),
        ([allow("sts:AssumeRoot", ROOT), deny("sts:AssumeRoot")], set()),
        ([allow("sts:AssumeRole", ROOT)], set()),
    ],
)
def test_who_may_assume_the_root_of_every_member_is_at_an_end(tmp_path, statements, levels):
    assert ends(tmp_path, *statements) == {ROOT_OF_MEMBERS: levels}


def test_a_boundary_limits_it_and_without_root_sessions_or_evidence_of_them_there_is_no_such_end(tmp_path):
    held = allow("sts:AssumeRoot", ROOT)
    assert ends(tmp_path / "bounded", held, **boundary("limit")) == {ROOT_OF_MEMBERS: set()}
    other = {"organization_features": {"EnabledFeatures": ["RootCredentialsManagement"]}}
    assert ends(tmp_path / "other", held, sources=other) == {}
    assert ends(tmp_path / "unknown", held, sources={}) == {}


@pytest.mark.parametrize(
    ("statements", "levels"),
    [
        ([allow("sts:AssumeRole", ROLE)], {"needs a live resource"}),
        ([allow("sts:AssumeRole")], {"needs a live resource"}),
        ([allow("sts:AssumeRole"), deny("*", ROLE)], set()),
        ([allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/*")], set()),
    ],
)
def test_who_may_assume_the_access_role_of_every_member_is_at_an_end(tmp_path, statements, levels):
    assert ends(tmp_path, *statements, sources=MANAGEMENT) == {ROLE_IN_MEMBERS: levels}


def test_a_path_leads_through_a_role_to_the_root_of_the_members(tmp_path):
    rescue = role(
        "rescue",
        AssumeRolePolicyDocument=trust_account(),
        **inline("Role", "own", allow("sts:AssumeRoot", ROOT)),
    )
    ann = user("ann", **inline("User", "own", allow("sts:AssumeRole", "*")))
    audit = audited(tmp_path, details(users=[ann], roles=[rescue]), **SESSIONS)
    (row,) = audit.escalation_paths.to_dict("records")
    assert (row["end"], row["verdict"]) == (ROOT_OF_MEMBERS, "certain")
    assert row["path"] == "user/ann → role/rescue (sts:AssumeRole), who may become root of member accounts"
    assert audit.workpapers["escalation-data"].conclusion == "met"  # it is no data


def test_a_member_account_has_no_such_ends(tmp_path):
    own = {"Name": "Own", "Content": document(allow("*"))}
    member = {"organization_policies": {"ServiceControlPolicies": [{"Target": "r-1", "Policies": [own]}]}}
    assert ends(tmp_path, allow("sts:*"), sources=member) == {}
