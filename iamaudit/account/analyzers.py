"""IAM Access Analyzer as each Region told of it, and what the organization does for root users."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from iamaudit.account.times import parse_time

Raw = Mapping[str, Any]

_EXTERNAL = ("ACCOUNT", "ORGANIZATION")
_UNUSED = ("ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")


@dataclass(frozen=True, slots=True)
class Analyzer:
    """An analyzer; ``type`` and ``status`` in AWS's words."""

    arn: str
    name: str
    region: str
    type: str
    status: str
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None

    @property
    def is_external(self) -> bool:
        """Whether it is active and looks for access from outside of the account or organization."""
        return self.status == "ACTIVE" and self.type in _EXTERNAL

    @property
    def is_unused(self) -> bool:
        """Whether it is active and looks for access that nobody uses."""
        return self.status == "ACTIVE" and self.type in _UNUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerFinding:
    """A finding of an active analyzer: ``resource`` is an ARN, ``kind`` AWS's type, as ``ExternalAccess``."""

    finding_id: str
    analyzer: str
    region: str
    resource: str
    resource_type: str
    resource_account: str | None
    kind: str | None
    status: str
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessAnalyzer:
    """The Regions that told, those that did not and why, the analyzers and their findings."""

    regions: tuple[str, ...] = ()
    not_told: tuple[tuple[str, str], ...] = ()
    analyzers: tuple[Analyzer, ...] = ()
    findings: tuple[AnalyzerFinding, ...] = ()


def read_access_analyzer(source: Raw | None) -> AccessAnalyzer:
    """Return what Access Analyzer told, sorted by Region."""
    if source is None:
        return AccessAnalyzer()
    analyzers = [_analyzer(each) for each in source["Analyzers"]]
    findings = [_finding(each) for each in source["Findings"]]
    return AccessAnalyzer(
        tuple(sorted(source["Regions"])),
        tuple(sorted((each["Region"], each["Reason"]) for each in source.get("RegionsNotCollected", ()))),
        tuple(sorted(analyzers, key=lambda each: (each.region, each.arn))),
        tuple(sorted(findings, key=lambda each: (each.region, each.resource, each.finding_id))),
    )


def read_root_features(source: Raw | None) -> frozenset[str] | None:
    """Return the root features that the organization enabled; ``None`` when this account is not told."""
    return None if source is None else frozenset(source["EnabledFeatures"])


def _analyzer(raw: Raw) -> Analyzer:
    return Analyzer(
        raw["arn"],
        raw["name"],
        _region(raw, raw["arn"]),
        raw["type"],
        raw["status"],
        raw.get("tags") or {},
        parse_time(raw.get("createdAt")),
    )


def _finding(raw: Raw) -> AnalyzerFinding:
    analyzer = raw.get("AnalyzerArn") or ""
    return AnalyzerFinding(
        finding_id=raw["id"],
        analyzer=analyzer,
        region=_region(raw, analyzer),
        resource=raw.get("resource") or f"{analyzer}/finding/{raw['id']}",
        resource_type=raw["resourceType"],
        resource_account=raw.get("resourceOwnerAccount"),
        kind=raw.get("findingType"),
        status=raw["status"],
        created_at=parse_time(raw.get("createdAt")),
        updated_at=parse_time(raw.get("updatedAt")),
    )


def _region(raw: Raw, arn: str) -> str:
    return raw.get("Region") or (arn.split(":")[3] if arn.count(":") > 3 else "")
