"""The language of IAM policies: documents read once into frozen values, with every problem and its path."""

from iamaudit.iam.policy.document import (
    Condition,
    Document,
    PolicyKind,
    Problem,
    Severity,
    Statement,
    statement_place,
)
from iamaudit.iam.policy.parse import parse_document
from iamaudit.iam.policy.patterns import compile_pattern, covers_everything, has_wildcard, matches_pattern
from iamaudit.iam.policy.write import write_document, write_statement

__all__ = [
    "Condition",
    "Document",
    "PolicyKind",
    "Problem",
    "Severity",
    "Statement",
    "compile_pattern",
    "covers_everything",
    "has_wildcard",
    "matches_pattern",
    "parse_document",
    "statement_place",
    "write_document",
    "write_statement",
]
