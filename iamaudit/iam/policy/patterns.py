"""The two wildcards of IAM: ``*`` for any run of characters, ``?`` for exactly one."""

import fnmatch
import re
from functools import lru_cache


def has_wildcard(text: str) -> bool:
    """Say whether ``text`` holds ``*`` or ``?``."""
    return "*" in text or "?" in text


def covers_everything(pattern: str) -> bool:
    """Say whether a pattern is the bare ``*``, however often it is written."""
    return bool(pattern) and not pattern.strip("*")


@lru_cache(maxsize=65_536)
def compile_pattern(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return the regular expression that matches what the IAM pattern matches, from end to end.

    The standard library's translation uses atomic groups, so that a pattern of many ``*`` costs no more than
    a few passes over the text. ``[`` is an ordinary character in IAM, hence the escape.
    """
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")), re.IGNORECASE if ignore_case else 0)


def matches_pattern(text: str, pattern: str, *, ignore_case: bool = False) -> bool:
    """Say whether the whole of ``text`` matches ``pattern`` (rules F1, G1)."""
    return compile_pattern(pattern, ignore_case=ignore_case).match(text) is not None
