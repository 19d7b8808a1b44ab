"""A snapshot as a side of a comparison, from small sources and without checks: fast enough for many."""

from types import SimpleNamespace

from iamaudit.audit.evidence import Evidence
from iamaudit.frames import build_frame
from tests.accounts import ACCOUNT, AS_OF

_OF_EVIDENCE = (
    *("users", "access_keys", "groups", "roles", "policies", "attachments", "breadth", "trust"),
    *("account_facts", "identity_providers", "escalation_paths"),
)
OBSERVATION = {"title": "Thing", "severity": "high", "findings": 1, "waived": 0, "is_waived": False}


class Frames(dict):
    def __init__(self, evidence, observations, unjudged):
        super().__init__()
        self.evidence = evidence
        self["observations"] = build_frame("observations", [{**OBSERVATION, **row} for row in observations])
        rows = [{"check": name, "conclusion": "not evaluated"} for name in unjudged]
        self["checks"] = build_frame("checks", rows)

    def __missing__(self, name):
        assert name in _OF_EVIDENCE or name == "sources", name
        return getattr(self.evidence, name)


def side(*, observations=(), unjudged=(), as_of=AS_OF, **sources):
    """Return one side of a comparison; the sources that are not given are missing."""
    manifest = SimpleNamespace(
        account_id=ACCOUNT, account_alias=None, caller_arn=None, started_at=AS_OF, sources={}
    )
    held = SimpleNamespace(
        read=sources.get,
        manifest=manifest,
        status=lambda name: "collected" if name in sources else "missing",
        why_not=lambda name: None if name in sources else "missing",
    )
    evidence = Evidence(held, as_of=as_of)
    frames = Frames(evidence, observations, unjudged)
    return SimpleNamespace(
        as_of=as_of, frames=frames, principals=evidence.principals, catalogue=evidence.catalogue
    )
