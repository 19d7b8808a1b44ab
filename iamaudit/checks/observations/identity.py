"""Ids of observations: a readable slug that is an HTML anchor, the same for the same cause."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

from iamaudit.checks.observations.causes import Cause

_PREFIX = {
    "credential": "",
    "statement": "policy-",
    "trust": "trust-",
    "principal": "",
    "practice": "",
    "check": "check-",
}


def observation_ids(causes: Iterable[Cause]) -> Mapping[Cause, str]:
    """Return an id per cause, as ``obs-user-ben.carter``; where two would be alike, with a digest."""
    slugs = {cause: _slug(cause) for cause in causes}
    times = Counter(slugs.values())
    return {cause: f"{slug}-{_digest(cause)}" if times[slug] > 1 else slug for cause, slug in slugs.items()}


def _slug(cause: Cause) -> str:
    resource = cause.subject.rsplit(":", 1)[-1] if cause.subject.startswith("arn:") else cause.subject
    if cause.kind == "trust":
        resource = resource.removeprefix("role/")
    if cause.kind == "statement":
        resource = re.sub(r" Statement\[(\d+)\]$", r"-statement-\1", resource.removeprefix("policy/"))
    plain = re.sub(r"[^a-z0-9._]+", "-", resource.lower()).strip("-")
    is_lossy = re.sub(r"[/#]", "-", resource.lower()) != plain
    return f"obs-{_PREFIX[cause.kind]}{plain}" + (f"-{_digest(cause)}" if is_lossy else "")


def _digest(cause: Cause) -> str:
    return sha256(repr(tuple(cause)).encode()).hexdigest()[:6]
