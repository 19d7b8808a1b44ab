"""What is wrong with a policy document, as far as its text tells.

The checks are those of AWS Access Analyzer's published list that need no account, under its names
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html), and some that
the field expects beside them. The rules are tables of generators, one module a topic.
"""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from iamaudit.iam.evaluate import refusals
from iamaudit.iam.lint import (
    action_rules,
    condition_rules,
    document_rules,
    resource_rules,
    security_rules,
)
from iamaudit.iam.lint.subject import Subject
from iamaudit.iam.policy import PolicyKind, Problem, Statement, parse_document

__all__ = ["SEVERITIES", "lint_policy"]

SEVERITIES = ("error", "security warning", "warning", "suggestion")
"""From what AWS refuses or never does, to what only makes a policy harder to read."""

_OF_DOCUMENT: tuple[Callable[[Subject], Iterator[Problem]], ...] = document_rules.RULES
_OF_STATEMENT: tuple[Callable[[Subject, Statement], Iterator[Problem]], ...] = (
    *action_rules.RULES,
    *resource_rules.RULES,
    *condition_rules.RULES,
    *security_rules.RULES,
)


def lint_policy(source: Any, *, kind: PolicyKind = "identity") -> tuple[Problem, ...]:
    """Return every problem of a policy, by severity and place; the same for equal documents.

    Parameters
    ----------
    source
        The document as an object, as JSON text or URL-encoded; anything at all is accepted.
    kind
        What the document is attached to.
    """
    if isinstance(source, str):
        return _linted(source, kind)
    return _linted(json.dumps(source, sort_keys=True, default=str), kind, is_ours=True)


@lru_cache(maxsize=16_384)
def _linted(text: str, kind: PolicyKind, *, is_ours: bool = False) -> tuple[Problem, ...]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    # In a text that was handed over an element may stand twice, which only the text tells.
    subject = Subject(text, data, kind, document := parse_document(data if is_ours else text, kind=kind))
    found = [*refusals(document, kind)]
    found += [problem for rule in _OF_DOCUMENT for problem in rule(subject)]
    found += [p for s in document.statements for rule in _OF_STATEMENT for p in rule(subject, s)]
    return tuple(sorted(dict.fromkeys(found), key=lambda p: SEVERITIES.index(p.severity)))
