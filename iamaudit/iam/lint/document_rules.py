"""What is wrong with a document as a whole: its version, its size, statements that say the same."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from iamaudit.iam.lint.condition_rules import variable_problems
from iamaudit.iam.lint.subject import Subject, problem
from iamaudit.iam.policy import PolicyKind, Problem, has_wildcard, matches_pattern, statement_place

QUOTAS: Mapping[PolicyKind, tuple[int, str]] = {
    "identity": (6_144, "identity"),
    "boundary": (6_144, "identity"),
    "session": (2_048, "identity"),
    "trust": (4_096, "resource"),
    "scp": (10_240, "SCP"),
    "rcp": (5_120, "RCP"),
}
"""The most characters of a policy, white space not counted, by AWS's pages of March 2026 (section J)."""


def version(subject: Subject) -> Iterator[Problem]:
    """Find documents in which variables would be text (rules H8, I7)."""
    if subject.document.version is None and subject.document.statements and subject.kind != "scp":
        message = "is missing: without 2012-10-17 there are no policy variables"
        yield Problem("Version", message, "Missing version", "warning")
    for statement in subject.document.statements:
        for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
            if "${" in resource and not subject.has_variables:
                message = f"`{resource}` is text before Version 2012-10-17"
                yield problem(statement, "Resource", message, "Variable unsupported in version", "error")
            elif "${" in resource:
                for found, check, severity in variable_problems(resource):
                    yield problem(statement, "Resource", found, check, severity)
        for action in (*(statement.actions or ()), *(statement.not_actions or ())):
            if "${" in action:
                yield problem(
                    statement,
                    "Action",
                    f"`{action}`: an action takes no variable",
                    "Variable unsupported in element",
                    "error",
                )


def size(subject: Subject) -> Iterator[Problem]:
    """Find documents that are larger than AWS takes."""
    limit, words = QUOTAS.get(subject.kind, (20_480, "resource"))
    text = subject.text
    if subject.data is not None:
        text = json.dumps(subject.data, separators=(",", ":"), ensure_ascii=False)
    characters = len("".join(text.split()))
    if characters > limit:
        message = f"has {characters:,} characters, AWS takes {limit:,}"
        yield Problem("", message, f"Policy size exceeds {words} policy quota", "warning")


def empty_elements(subject: Subject) -> Iterator[Problem]:
    """Find elements that say nothing (rule H10)."""
    statements: Any = subject.data.get("Statement") if isinstance(subject.data, dict) else None
    for index, item in enumerate(statements if isinstance(statements, list) else [statements]):
        if not isinstance(item, dict):
            continue
        if item.get("Sid") == "":
            yield Problem(statement_place(index, "Sid"), "is empty", "Empty Sid value", "suggestion")
        condition = item.get("Condition")
        if isinstance(condition, dict) and not all(condition.values() or [None]):
            message = "tests nothing: an operator without a key, or no operator"
            yield Problem(
                statement_place(index, "Condition"), message, "Empty object condition", "suggestion"
            )


def redundant_statement(subject: Subject) -> Iterator[Problem]:
    """Find statements that another one of the same effect covers."""
    if len(subject.document.statements) < 2:
        return
    seen = [replace(statement, index=0, sid=None) for statement in subject.document.statements]
    for number, (statement, bare) in enumerate(zip(subject.document.statements, seen, strict=True)):
        for other, candidate in enumerate(seen):
            if other == number or bare.effect != candidate.effect or bare.principals != candidate.principals:
                continue
            same = bare == candidate and other < number
            wider = candidate != bare and not candidate.conditions and _covers(candidate, bare)
            if same or wider:
                message = f"says nothing that {statement_place(other)} does not say"
                yield Problem(statement_place(statement.index), message, "Redundant statement", "suggestion")
                break


def _covers(wide: Any, narrow: Any) -> bool:
    """Say whether ``Action`` and ``Resource`` of one statement cover those of another."""
    return _all_in(narrow.actions, wide.actions, ignore_case=True) and (
        _all_in(narrow.resources, wide.resources, ignore_case=False)
    )


def _all_in(narrow: Any, wide: Any, *, ignore_case: bool) -> bool:
    if narrow is None or wide is None:
        return False
    return all(
        any(n == w or (has_wildcard(w) and matches_pattern(n, w, ignore_case=ignore_case)) for w in wide)
        for n in narrow
    )


RULES = (version, size, empty_elements, redundant_statement)
