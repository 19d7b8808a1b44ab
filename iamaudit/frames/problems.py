"""What is wrong with the policies of the account."""

from collections.abc import Sequence

import pandas as pd

from iamaudit.frames.columns import build_frame
from iamaudit.frames.policies import PolicyRecord
from iamaudit.iam.lint import lint_policy


def policy_problems_frame(records: Sequence[PolicyRecord]) -> pd.DataFrame:
    """Return a row per problem of every policy of the account, those of each policy by severity.

    The text of AWS managed policies is AWS's (trap 8). ``path`` is like ``Statement[2].Action``. A document
    that was not collected has one problem, which says so.
    """
    rows = [
        {
            "policy": record.policy,
            "policy_name": record.name,
            "kind": record.kind,
            "owner": record.owner,
            "check": problem.check,
            "severity": problem.severity,
            "path": problem.path,
            "message": problem.message,
            "arn": record.arn or record.owner,
            "evidence": " ".join(filter(None, (record.policy, record.version, problem.path))),
        }
        for record in records
        if not record.is_aws_managed
        for problem in (
            record.problems if record.raw is None else lint_policy(record.raw, kind=record.reading)
        )
    ]
    return build_frame("policy_problems", rows)
