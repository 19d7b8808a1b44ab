"""Say before a collection who asks, and which sources AWS would refuse: a small call a permission."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

from iamaudit.aws.account import NOT_TOLD_OF_ORGANIZATIONS, collect_account_summary
from iamaudit.aws.answers import EXPECTED, cannot_start, check_shape, error_code, result_of
from iamaudit.aws.asking import Questions, shared_client
from iamaudit.aws.guard import guard_session
from iamaudit.aws.plan import Plan, plan_of
from iamaudit.errors import CollectionError
from iamaudit.snapshot import PRESETS, SOURCES, Preset, sources_of
from iamaudit.snapshot.manifest import Status

NOT_TRIED = ("iam:GenerateCredentialReport",)
"""Asking whether this is allowed would make a report."""

_ONLY_FOR_A_PART = {"iam:GetPolicy", "iam:GetPolicyVersion"}
_OPERATIONS = {"ListFindings": "ListFindingsV2"}
"""Operations that need a permission of another name."""

_PERMITTED = {
    *("NoSuchEntity", "ReportNotPresent", "ReportExpired", "ReportInProgress", "ResourceNotFoundException"),
    *NOT_TOLD_OF_ORGANIZATIONS,
}
"""Error codes of AWS that come after the question whether the caller may ask."""

_SECONDS = 30.0
_GRAVE_SKEW_SECONDS = 60  # AWS refuses what is signed more than five minutes away from its own time


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would become of a source: ``collected``, or what stands against it.

    ``needs`` are the permissions that AWS refused; a source that is collected lacks a part for want of them.
    """

    source: str
    status: Status
    needs: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def in_words(self) -> str:
        """Say what would become of it."""
        needs = f"needs {' and '.join(self.needs)}"
        if self.status == "collected":
            return f"would be collected in part: the rest {needs}" if self.needs else "would be collected"
        return f"{self.status}: {needs if self.status == 'denied' else self.reason}"


@dataclass(frozen=True, slots=True)
class Examination:
    """Who asks, how many seconds the clock here is ahead of AWS's (unknown: ``None``), and the sources.

    ``plans`` say what each preset would cost; there are none when AWS did not say how large the account is.
    """

    account_id: str
    caller_arn: str
    clock_ahead_seconds: float | None
    prospects: tuple[Prospect, ...]
    plans: Mapping[Preset, Plan]

    @property
    def is_clock_wrong(self) -> bool:
        """Say whether the clock differs so much that AWS may soon refuse what is signed by it."""
        return _is_wrong(self.clock_ahead_seconds)

    @property
    def is_well(self) -> bool:
        """Say whether every source would be collected, and as a whole."""
        return all(each.status == "collected" and not each.needs for each in self.prospects)


def examine_access(
    session: boto3.Session,
    *,
    endpoint_url: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Examination:
    """Try each permission that a collection needs with one small call, and make no report.

    Raises
    ------
    CollectionError
        AWS does not accept the credentials or cannot be reached; a wrong clock is named.
    """
    guard_session(session)
    identity, ahead = _who(session, endpoint_url, clock)
    partition = identity["Arn"].split(":")[1]
    probes = _probes(partition, identity["Account"], session.region_name)
    outcomes: dict[str, tuple[Status, str | None]] = {}
    with (
        shared_client(session, "iam", endpoint_url) as iam,
        shared_client(session, "accessanalyzer", endpoint_url) as analyzer,
    ):
        for permission, parameters in probes.items():
            service, action = permission.split(":")
            client = iam if service == "iam" else analyzer
            ask = getattr(client, xform_name(_OPERATIONS.get(action, action)))
            outcomes[permission] = _try(partial(ask, **parameters))
        summary = Questions().ask_source("account_summary", partial(collect_account_summary, iam), _SECONDS)
    outcomes["iam:GetAccountSummary"] = summary.status, summary.reason
    prospects = (
        Prospect("caller_identity", "collected"),
        *(
            _prospect(name, {each: outcomes[each] for each in source.permissions if each in outcomes})
            for name, source in SOURCES.items()
            if not outcomes.keys().isdisjoint(source.permissions)
        ),
    )
    plans = {
        preset: plan
        for preset in PRESETS
        if (plan := plan_of(summary, sources_of(preset) - {"caller_identity"}, is_fast=preset == "fast"))
    }
    return Examination(identity["Account"], identity["Arn"], ahead, prospects, plans)


def _probes(partition: str, account_id: str, region: str | None) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of the smallest question for each permission; who is named need not exist."""
    policy = f"arn:{partition}:iam::aws:policy/SecurityAudit"
    provider = f"arn:{partition}:iam::{account_id}:oidc-provider/iamaudit.invalid"
    analyzer = f"arn:{partition}:access-analyzer:{region}:{account_id}:analyzer/iamaudit-doctor"
    one, nobody = {"MaxItems": 1}, {"UserName": "iamaudit-doctor"}
    return {
        "iam:GetCredentialReport": {},
        "iam:GetAccountAuthorizationDetails": one,
        "iam:GetPolicy": {"PolicyArn": policy},
        "iam:GetPolicyVersion": {"PolicyArn": policy, "VersionId": "v1"},
        "iam:GetAccountPasswordPolicy": {},
        "iam:ListAccountAliases": one,
        "iam:ListVirtualMFADevices": one,
        "iam:ListMFADevices": {**one, **nobody},
        "iam:ListAccessKeys": {**one, **nobody},
        "iam:ListSAMLProviders": {},
        "iam:ListOpenIDConnectProviders": {},
        "iam:GetOpenIDConnectProvider": {"OpenIDConnectProviderArn": provider},
        "iam:ListServerCertificates": one,
        "iam:ListInstanceProfiles": one,
        "iam:GenerateServiceLastAccessedDetails": {
            "Arn": f"arn:{partition}:iam::{account_id}:user/iamaudit-doctor",
            "Granularity": "ACTION_LEVEL",
        },
        "iam:GetLoginProfile": nobody,
        "iam:ListSSHPublicKeys": {**one, **nobody},
        "iam:ListServiceSpecificCredentials": {**one, **nobody},
        "iam:ListSigningCertificates": {**one, **nobody},
        "iam:GetAccessKeyLastUsed": {"AccessKeyId": "iamauditdoctornokey"},
        "iam:ListOrganizationsFeatures": {},
        "access-analyzer:ListAnalyzers": {"maxResults": 1},
        "access-analyzer:ListFindings": {"analyzerArn": analyzer, "maxResults": 1},
        "iam:GetServiceLastAccessedDetails": {"JobId": "00000000-0000-0000-0000-000000000000"},
    }


def _try(ask: Callable[[], Any]) -> tuple[Status, str | None]:
    try:
        Questions().ask(ask, _SECONDS)
    except EXPECTED as error:
        if error_code(error) in _PERMITTED:
            return "collected", None
        result = result_of(error)
        return result.status, result.reason
    return "collected", None


def _prospect(name: str, outcomes: Mapping[str, tuple[Status, str | None]]) -> Prospect:
    needs = tuple(permission for permission, (status, _) in outcomes.items() if status == "denied")
    if needs and _ONLY_FOR_A_PART.issuperset(needs):
        outcomes = {each: outcome for each, outcome in outcomes.items() if each not in needs}
    against = [(status, reason) for status, reason in outcomes.values() if status != "collected"]
    if not against:
        return Prospect(name, "collected", needs)
    status, reason = against[0]
    return Prospect(name, status, needs, reason)


def _who(
    session: boto3.Session, endpoint_url: str | None, clock: Callable[[], datetime]
) -> tuple[dict[str, Any], float | None]:
    """Return the caller identity, and how many seconds the clock here is ahead of AWS's."""
    with shared_client(session, "sts", endpoint_url) as sts:
        try:
            answer = Questions().ask(sts.get_caller_identity, _SECONDS)
            check_shape("caller_identity", answer)
        except EXPECTED as error:
            ahead = _seconds_ahead(error.response if isinstance(error, ClientError) else {}, clock())
            try:
                raise cannot_start(error, "asking AWS who we are", "check the endpoint") from error
            except CollectionError as known:
                if _is_wrong(ahead):
                    known.add_note(f"{clock_in_words(ahead)}: set it")
                raise
    return answer, _seconds_ahead(answer, clock())


def _seconds_ahead(answer: Mapping[str, Any], now: datetime) -> float | None:
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return (now - parsedate_to_datetime(said)).total_seconds() if said else None
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None


def _is_wrong(ahead: float | None) -> bool:
    return abs(ahead or 0) > _GRAVE_SKEW_SECONDS


def clock_in_words(ahead: float | None) -> str:
    """Say how the clock of this machine and AWS's differ."""
    if ahead is None:
        return "AWS did not say what time it is"
    direction = "ahead of" if ahead > 0 else "behind"
    return f"the clock of this machine is {abs(ahead):,.0f} seconds {direction} AWS's"
