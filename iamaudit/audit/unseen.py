"""What an audit does not see: the evidence that is missing here, and what no evidence from IAM shows."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iamaudit.audit.judgement import Judgement
from iamaudit.audit.summary import state
from iamaudit.checks import CATALOGUE

_ORGANIZATION = "organization_policies"


@dataclass(frozen=True, slots=True)
class Unseen:
    """One thing that was not looked at, what that means for a reader, and what it would take."""

    what: str
    means: str
    takes: str
    is_missing: bool = False


def unseen(audit: Judgement) -> list[Unseen]:
    """Return what was not looked at; first what could have been evidence and is missing from this audit."""
    return [*_missing(audit), *_not_given(audit), *_ALWAYS]


def unknown(audit: Judgement) -> list[str]:
    """Return what an audit knows nothing of, since one of its two main sources is missing.

    Its tables and charts are empty then, which does not say that the account has none.
    """
    return [said for source, said in _MAIN.items() if audit.snapshot.why_not(source) is not None]


def _missing(audit: Judgement) -> Iterator[Unseen]:
    not_evaluated = audit.checks["check"][audit.checks.conclusion == "not evaluated"]
    for source in audit.missing.to_dict("records"):
        if source["source"] == _ORGANIZATION:
            yield _GUARDRAILS
            continue
        rest_on_it = sum(source["source"] in CATALOGUE[check].sources for check in not_evaluated)
        checks = f"{rest_on_it:,} {'check' if rest_on_it == 1 else 'checks'} could not be evaluated"
        why = "" if source["status"] == "missing" else _sentence(source["reason"])
        yield Unseen(
            what=f"{source['title'][0].upper()}{source['title'][1:]}: {state(source)}",
            means=f"{checks if rest_on_it else 'Every check could be evaluated'} without it. {why}".strip(),
            takes=_takes(source),
            is_missing=True,
        )


def _takes(source: Mapping[Hashable, Any]) -> str:
    """Return what it would take to have a source: of a refused one the permission, of others more."""
    if source["source"] in _ELSEWHERE:
        return _ELSEWHERE[source["source"]]
    if source["status"] == "denied":
        return f"Grant `{source['needs']}` and collect again."
    return f"Collect it with `iamaudit collect`, which needs `{source['needs']}`."


def _not_given(audit: Judgement) -> Iterator[Unseen]:
    for name, told in _INPUTS.items():
        if not audit.is_given(name):
            yield told
    is_open = audit.controls.conclusion.isin(["manual", "no exceptions noted"])
    newest = audit.controls[is_open & audit.controls.answered_by.isna()]
    waiting = int(newest.framework.isin(audit.newest_frameworks).sum())
    if waiting:
        yield Unseen(
            f"Answers to {waiting:,} {'control' if waiting == 1 else 'controls'}",
            "Evidence from IAM does not decide them alone: people have to answer, and sign.",
            "Fill in `params/attestations.yaml` and give it as the parameter `attestations`.",
            is_missing=True,
        )


def _sentence(reason: object) -> str:
    return f"{reason[0].upper()}{reason[1:].rstrip('.')}." if isinstance(reason, str) and reason else ""


_GUARDRAILS = Unseen(
    "Policies of the organization (SCPs and RCPs): not handed over",
    "Effective permissions may be narrower than this report says, because an SCP can deny what a policy "
    "allows. It may also block a path to administrator.",
    "Export the policies in the management account and give them with `iamaudit import "
    "--organization-policies FILE`.",
    is_missing=True,
)

_MAIN = {
    "authorization_details": "The account authorization details are not part of the evidence. Roles, groups, "
    "policies, permissions and paths of this account are not known: an empty table does not say that there "
    "are none.",
    "credential_report": "The credential report is not part of the evidence. Passwords, access keys and MFA "
    "of this account are not known: an empty table does not say that there are none.",
}
_ELSEWHERE = {
    "organization_features": "Collect in the management account of the organization, or in its delegated "
    "administrator for IAM, with `iam:ListOrganizationsFeatures`.",
}
"""Sources that AWS tells some accounts only, whatever the caller is permitted."""

_INPUTS = {
    "code_scan": Unseen(
        "Access keys in code: no repository was scanned",
        "A key of this account may stand in a repository, a notebook or its history.",
        "Run `iamaudit scan-code PATH --write FILE` and give the file as the parameter `code_scan`.",
        is_missing=True,
    ),
    "trusted_accounts": Unseen(
        "Which accounts are your own",
        "Every other AWS account that a role trusts counts as an outsider.",
        "Name your accounts in the parameter `trusted_accounts`.",
        is_missing=True,
    ),
}

_ALWAYS = (
    Unseen(
        "Policies of resources: buckets, keys, queues, topics, functions, secrets",
        "A resource policy can let in another account without any role, and can deny what a policy of IAM "
        "allows.",
        "Read the external access findings of IAM Access Analyzer in every Region "
        "(`aws accessanalyzer list-findings-v2`), or each policy, as with `aws s3api get-bucket-policy`.",
    ),
    Unseen(
        "Sessions that are open now",
        "A session stays valid until it expires, up to 36 hours, also after its key was deactivated or the "
        "trust policy of its role was narrowed.",
        "Look for `AssumeRole` and `GetSessionToken` in CloudTrail, and revoke active sessions of the role "
        "in the console of IAM.",
    ),
    Unseen(
        "What was done with a permission (CloudTrail)",
        "The report says what a principal may do and when a credential was last used. It does not say which "
        "calls were made, or whether somebody has misused one.",
        "Read the trail of the account, or `aws cloudtrail lookup-events` for the last 90 days.",
    ),
    Unseen(
        "Functions, instances, pipelines and other live resources",
        "Some paths need one. They are marked *needs a live resource*, and may not exist today.",
        "Take an inventory: AWS Config, or `aws lambda list-functions` and `aws ec2 describe-instances`.",
    ),
    Unseen(
        "The people behind federated identities",
        "The identity provider or IAM Identity Center decides who signs in, and whether with MFA.",
        "Review the groups of the provider and `aws sso-admin list-account-assignments`.",
    ),
    Unseen(
        "Other accounts",
        "A weakness of an account that a role trusts is a way into this one.",
        "Audit every account that the page on trust names.",
    ),
)
