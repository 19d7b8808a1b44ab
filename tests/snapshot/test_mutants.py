"""Whatever is handed over: it is refused in one line, or it is judged to the end."""

import copy
import json
import random

import pytest

import iamaudit
from iamaudit.errors import IamauditError
from iamaudit.snapshot import snapshot_from_files
from tests.accounts import (
    ACCOUNT,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    key,
    password,
    policy,
    report,
    role,
    user,
)

TAGS = [{"Key": "owner", "Value": "x"}]
CONDITION = {"StringEquals": {"aws:PrincipalTag/team": ["a", "b"]}, "Bool": {"aws:SecureTransport": "true"}}
WHOLE = {
    "details": details(
        users=[
            user("mary", **inline("User", "own", allow("s3:Get*"), deny("iam:*"))),
            user("nora", GroupList=["g"], Tags=TAGS, **attached("p"), **boundary("b")),
        ],
        groups=[group("g", **attached("p", "arn:aws:iam::aws:policy/ReadOnlyAccess"))],
        roles=[
            role("r", RoleLastUsed={"LastUsedDate": "2026-10-01T00:00:00+00:00", "Region": "eu-west-1"}),
            role(
                "federated",
                InstanceProfileList=[{"InstanceProfileName": "p"}],
                AssumeRolePolicyDocument=document(
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": ["arn:aws:iam::444455556666:root", "AIDAX"], "Service": "x"},
                        "Action": ["sts:AssumeRole"],
                        "Condition": CONDITION,
                    }
                ),
            ),
        ],
        policies=[
            policy("p", allow(["iam:PassRole", "lambda:*"]), deny("*", Condition=CONDITION)),
            policy("b", {"Effect": "Allow", "NotAction": "iam:*", "NotResource": ["arn:aws:s3:::x/*"]}),
        ],
    ),
    "report": [
        {"user": "<root_account>", "password_enabled": "not_supported"},
        {"user": "mary", **password(changed=30, used=2), **key(1, age=100, used=3)},
        {"user": "nora", **key(2, age=10)},
    ],
    "organization": {
        "ServiceControlPolicies": [
            {"Target": "r-1", "Policies": [{"Name": "Full", "Content": document(allow("*"))}]},
            {"Target": ACCOUNT, "Policies": [{"Name": "No", "Content": document(allow("*"), deny("s3:*"))}]},
        ],
        "ManagementAccountId": "444455556666",
    },
}
VALUES = (
    *(None, True, 0, -1, 1.5, 10**30, "", "NA", "*", "a\nb", "\udcff", "arn:aws:iam::111122223333:user/x"),
    *(
        "2026-13-45",
        "0001-01-01T00:00:00+23:59",
        [],
        {},
        [[]],
        [None],
        {"": None},
        ["*", 3],
        {"Ref": "x"},
        [{"Key": "k"}],
    ),
)


def places(value, path=()):
    """Yield the path to every value in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from places(item, (*path, name))


def mutant(seed):
    """Return a copy of ``WHOLE`` in which one to three things are another value, or gone."""
    dice, data = random.Random(seed), copy.deepcopy(WHOLE)  # noqa: S311 - a seed, no secret
    for _ in range(dice.randint(1, 3)):
        *way, last = dice.choice([path for path in places(data) if len(path) > 1])
        parent = data
        for name in way:
            parent = parent[name]
        if dice.random() < 0.3:
            del parent[last]
        else:
            parent[last] = copy.deepcopy(dice.choice(VALUES))
    return data


def written(data, folder):
    """Write the three files as they would be handed over; an odd report row is one with odd text."""
    paths = {name: folder / f"{name}.json" for name in data}
    rows = data["report"] if isinstance(data["report"], list) else []
    rows = [{"user": "x", **row} if isinstance(row, dict) else {"user": str(row)} for row in rows]
    text = report(*({name: str(value) for name, value in row.items()} for row in rows))
    paths["report"].write_text(text, errors="surrogateescape")
    for name in ("details", "organization"):
        paths[name].write_text(json.dumps(data[name]))
    return paths


def judged(seed, folder):
    """Return how many checks were judged, or the one line that refuses the files."""
    paths = written(mutant(seed), folder)
    try:
        taken = snapshot_from_files(
            folder / "snapshots",
            authorization_details=[paths["details"]],
            credential_report=paths["report"],
            organization_policies=paths["organization"],
            account_id=ACCOUNT,
        )
        audit = iamaudit.open_snapshot(taken)
        for name in audit.frames:
            _ = audit.frames[name]
        return len(audit.checks)
    except IamauditError as error:
        return str(error)


@pytest.mark.parametrize("batch", range(5))
def test_a_mutant_is_refused_in_one_line_or_judged_to_the_end(batch, tmp_path):
    for seed in range(batch * 8, batch * 8 + 8):
        folder = tmp_path / str(seed)
        folder.mkdir()
        outcome = judged(seed, folder)
        assert isinstance(outcome, int) or "\n" not in outcome, (seed, outcome)


def test_what_was_not_mutated_is_judged(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.snapshot.test_mutants.mutant", lambda _: WHOLE)
    assert judged(0, tmp_path) > 100
