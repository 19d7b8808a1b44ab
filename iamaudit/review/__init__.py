"""The access review: every user and role to its owner, and the decisions back."""

from iamaudit.review.decisions import STATES, judge_decisions
from iamaudit.review.plan import review_frame
from iamaudit.review.removal import removal_commands
from iamaudit.review.sheets import DECISIONS, read_decisions, write_review

__all__ = [
    "DECISIONS",
    "STATES",
    "judge_decisions",
    "read_decisions",
    "removal_commands",
    "review_frame",
    "write_review",
]
