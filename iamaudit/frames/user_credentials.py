"""Credentials of users beside passwords and access keys."""

from datetime import datetime
from typing import Any

import pandas as pd

from iamaudit.account import Account, UserCredential
from iamaudit.frames.columns import build_frame
from iamaudit.frames.credentials import masked
from iamaudit.frames.days import days_between

_FILES = {
    "SSH public key": "ssh_public_keys.json SSHPublicKeyId",
    "service-specific credential": "service_specific_credentials.json ServiceSpecificCredentialId",
    "certificate": "signing_certificates.json CertificateId",
}


def user_credentials_frame(account: Account, as_of: datetime) -> pd.DataFrame:
    """Return a row per SSH public key, service-specific credential and signing certificate of a user.

    ``kind`` is ``SSH public key``, ``service-specific credential`` or ``certificate``, ``service`` what alone
    takes it. An API key (``is_api_key``) is a bearer token: who has it acts as the user. ``credential_id`` is
    masked, ``expires_at`` is ``NaT`` for what never expires. AWS tells no last use of any of them.
    ``service_granted`` says whether the policies of the user allow anything of that service, and
    ``service_last_used_at`` when the user last used it, with whichever credential: both as AWS's report of
    the last access has it (source ``last_accessed``), unknown where nobody asked.
    """
    arns = {user.name: arn for arn, user in account.users.items()}
    arns |= {row.name: row.arn for row in account.credentials.values()}
    user = f"arn:{account.partition}:iam::{account.account_id}:user/"
    rows = [
        {
            "user": each.user,
            "arn": arns.get(each.user, user + each.user),
            "kind": each.kind,
            "service": each.service,
            "credential_id": masked(each.credential_id),
            "status": each.status,
            "is_active": each.status == "Active",
            "is_api_key": each.is_api_key,
            "created_at": each.created_at,
            "age_days": days_between(each.created_at, as_of),
            "expires_at": each.expires_at,
            "is_expired": each.expires_at is not None and each.expires_at <= as_of,
            **_use_of_service(account, arns.get(each.user, user + each.user), each, as_of),
            "evidence": f"{_FILES[each.kind]} = {masked(each.credential_id)}",
        }
        for each in account.user_credentials
    ]
    return build_frame("user_credentials", rows)


def _use_of_service(account: Account, arn: str, each: UserCredential, as_of: datetime) -> dict[str, Any]:
    report = (account.last_accessed or {}).get(arn)
    if report is None or report.problem or each.service is None:
        return {}
    use = report.services.get(each.service.removesuffix(".amazonaws.com"))
    at = use.last_used_at if use else None
    return {
        "service_granted": use is not None,
        "service_last_used_at": at,
        "service_idle_days": days_between(at, as_of),
    }
