"""The language of IAM policies: documents read once into frozen values, with every problem and its path."""

from iamaudit.policy.document import (
    Condition,
    Document,
    PolicyKind,
    Problem,
    Statement,
    parse_document,
)
from iamaudit.policy.patterns import compile_pattern, has_wildcard, matches_pattern

__all__ = [
    "Condition",
    "Document",
    "PolicyKind",
    "Problem",
    "Statement",
    "compile_pattern",
    "has_wildcard",
    "matches_pattern",
    "parse_document",
]
