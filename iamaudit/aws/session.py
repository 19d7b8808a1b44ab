"""A guarded session, with the caller's own credentials or a role's."""

from typing import Any

import boto3
from botocore.config import Config

from iamaudit.aws.answers import EXPECTED, cannot_start
from iamaudit.aws.guard import guard_session
from iamaudit.errors import CollectionError

_GLOBAL_REGION = "us-east-1"  # IAM is global; STS then answers here
CONFIG = Config(
    retries={"mode": "adaptive", "max_attempts": 10},
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=16,
    user_agent_extra="iamaudit",
)


def open_session(
    *,
    profile: str | None = None,
    role_arn: str | None = None,
    external_id: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> boto3.Session:
    """Return a session that can only read, with credentials that were found.

    Parameters
    ----------
    profile
        A profile of the AWS configuration; unless given, AWS's own chain decides.
    role_arn, external_id
        The role to take on with those credentials, as session ``iamaudit``.

    Raises
    ------
    CollectionError
        There is no such profile, no credentials, or the role may not be assumed.
    """
    try:
        source = boto3.Session(profile_name=profile or None, region_name=region or None)
        credentials = source.get_credentials()
        found = credentials.get_frozen_credentials() if credentials else None
    except EXPECTED as error:
        raise cannot_start(error, "reading the AWS configuration") from error
    if found is None or found.access_key is None or found.secret_key is None:
        raise CollectionError(
            "no AWS credentials found: set `profile` or AWS_PROFILE, or sign in with `aws sso login`"
        )
    where = source.region_name or _GLOBAL_REGION
    # The credentials are taken over as they are, so that the guard need not let through whatever the
    # profile uses to get them (single sign-on, web identity).
    own = _session(found.access_key, found.secret_key, found.token, where)
    return own if not role_arn else _assume(own, role_arn, external_id, where, endpoint_url)


def _assume(
    session: boto3.Session, role_arn: str, external_id: str | None, region: str, endpoint_url: str | None
) -> boto3.Session:
    sts = session.client("sts", config=CONFIG, endpoint_url=endpoint_url)
    extra: Any = {"ExternalId": external_id} if external_id else {}
    try:
        given = sts.assume_role(RoleArn=role_arn, RoleSessionName="iamaudit", **extra)["Credentials"]
    except EXPECTED as error:
        raise cannot_start(error, f"assuming `{role_arn}`") from error
    return _session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region)


def _session(key_id: str, secret: str, token: str | None, region: str) -> boto3.Session:
    return guard_session(
        boto3.Session(
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            region_name=region,
        )
    )
