"""What is wrong with the policies of the account."""

from collections.abc import Iterable

import pandas as pd

from iamaudit.account import Policy
from iamaudit.frames.columns import build_frame
from iamaudit.iam.lint import lint_policy


def policy_problems_frame(policies: Iterable[Policy]) -> pd.DataFrame:
    """Return a row per problem of every policy of the account, those of each policy by severity.

    The text of AWS managed policies is AWS's (trap 8). ``path`` is like ``Statement[2].Action``. A document
    that was not collected has one problem, which says so.
    """
    rows = [
        {
            "policy": policy.policy,
            "policy_name": policy.name,
            "kind": policy.kind,
            "owner": policy.owner,
            "check": problem.check,
            "severity": problem.severity,
            "path": problem.path,
            "message": problem.message,
            "arn": policy.arn or policy.owner,
            "evidence": " ".join(filter(None, (policy.policy, policy.version, problem.path))),
        }
        for policy in policies
        if not policy.is_aws_managed
        for problem in (
            lint_policy(policy.raw, kind=policy.reading) if policy.is_collected else policy.problems
        )
    ]
    return build_frame("policy_problems", rows)
