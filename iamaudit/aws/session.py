"""A guarded session, with the caller's own credentials or a role's."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    Credentials,
    RefreshableCredentials,
)
from botocore.exceptions import ConnectionClosedError

from iamaudit.aws.answers import EXPECTED, NO_CREDENTIALS, cannot_start
from iamaudit.aws.guard import guard_session
from iamaudit.errors import CollectionError

# It writes a traceback when a role cannot be renewed; the error itself says so in one line.
logging.getLogger("botocore.credentials").setLevel(logging.CRITICAL)

Service = Literal["iam", "sts", "accessanalyzer"]

_GLOBAL_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where STS is asked in each partition when nobody says where; IAM is global in all of them."""

_CONFIG = Config(
    retries={"mode": "adaptive", "max_attempts": 10},
    connect_timeout=10,
    read_timeout=60,
    user_agent_extra="iamaudit",
)
# STS is asked first: that an endpoint cannot be reached should show in seconds, not minutes.
_FIRST_CONFIG = _CONFIG.merge(Config(retries={"mode": "standard", "max_attempts": 2}))


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
        The role to take on with those credentials, as session ``iamaudit``; its credentials are renewed for
        as long as the collection takes.
    region
        Where STS is asked; unless given, the configured region, else that of the partition of ``role_arn``:
        us-east-1, cn-north-1 or us-gov-west-1.
    endpoint_url
        Where to assume the role, if not at AWS.

    Raises
    ------
    CollectionError
        There is no such profile, no credentials, or the role may not be assumed.
    """
    try:
        source = boto3.Session(profile_name=profile or None, region_name=region or None)
        credentials = source.get_credentials()
        found = credentials.get_frozen_credentials() if credentials else None
        where = source.region_name or _region_of(role_arn)
    except EXPECTED as error:
        raise cannot_start(error, "reading the AWS configuration", "look at `aws configure list`") from error
    if found is None or found.access_key is None or found.secret_key is None:
        raise CollectionError(NO_CREDENTIALS)
    # The credentials are taken over as they are, so that the guard need not let through whatever the
    # profile uses to get them (single sign-on, web identity).
    own = Credentials(found.access_key, found.secret_key, found.token)
    session = _session(own, profile, where)
    if role_arn:
        session = _session(_assumed(session, role_arn, external_id, endpoint_url), profile, where)
    return session


def open_client(
    session: boto3.Session,
    service: Service,
    endpoint_url: str | None,
    connections: int = 8,
    region: str | None = None,
) -> Any:
    """Return a client that retries as a collection should, and keeps so many connections.

    ``region`` is the session's own unless given.

    Raises
    ------
    CollectionError
        The region or the endpoint is not one.
    """
    config = (_FIRST_CONFIG if service == "sts" else _CONFIG).merge(Config(max_pool_connections=connections))
    try:
        client = session.client(service, region_name=region, config=config, endpoint_url=endpoint_url or None)
    except (*EXPECTED, ValueError) as error:  # botocore's own word for an endpoint that is no URL
        raise cannot_start(error, f"connecting to {service}", "check the region and the endpoint") from error
    connection = client._endpoint.http_session  # type: ignore[union-attr]  # no event comes between
    connection.send = partial(_send_whole, connection.send)
    return client


def _region_of(role_arn: str | None) -> str:
    """Return where STS is asked about a role; without one, or for no ARN, where most of AWS is."""
    partition = (role_arn or "").partition("arn:")[2].partition(":")[0]
    return _GLOBAL_REGIONS.get(partition, _GLOBAL_REGIONS["aws"])


def _send_whole(send: Callable[[Any], Any], request: Any) -> Any:
    """Send a request; an answer that is shorter than it says is a connection that broke, so it is retried.

    botocore itself does not compare them.
    """
    answer = send(request)
    promised = answer.headers.get("Content-Length", "")
    if promised.isdigit() and len(answer.content) < int(promised):
        raise ConnectionClosedError(endpoint_url=request.url, request=request)
    return answer


def _assumed(
    session: boto3.Session, role_arn: str, external_id: str | None, endpoint_url: str | None
) -> Credentials:
    """Return the credentials of a role; they are taken anew before they expire."""
    extra = {"ExternalId": external_id} if external_id else {}
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(_sts, session, endpoint_url),
        source_credentials=session.get_credentials(),
        role_arn=role_arn,
        extra_args={"RoleSessionName": "iamaudit", **extra},
    )
    try:
        first = fetcher.fetch_credentials()
    except (*EXPECTED, KeyError) as error:  # KeyError: an answer without credentials
        cure = "check its ARN, its trust policy, the external id, and that you may call sts:AssumeRole"
        raise cannot_start(error, f"assuming `{role_arn}`", cure) from error
    return RefreshableCredentials.create_from_metadata(first, fetcher.fetch_credentials, "assume-role")


def _sts(session: boto3.Session, endpoint_url: str | None, _: str, **__: Any) -> Any:
    """Return what asks for the role, as botocore wants it made."""
    return open_client(session, "sts", endpoint_url)


def _session(credentials: Credentials, profile: str | None, region: str) -> boto3.Session:
    """Return a session with these; the profile still gives its proxy, certificates and endpoints."""
    core = botocore.session.Session(profile=profile or None)
    core._credentials = credentials  # type: ignore[attr-defined]  # boto3 takes keys only, which never renew
    return guard_session(boto3.Session(botocore_session=core, region_name=region))
