"""A guarded session, with the caller's own credentials or a role's."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from getpass import getpass
from typing import Any, Literal

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    Credentials,
    RefreshableCredentials,
    create_mfa_serial_refresher,
)
from botocore.exceptions import ConnectionClosedError

from iamaudit.aws.answers import EXPECTED, EXPIRED, NO_CREDENTIALS, cannot_start
from iamaudit.aws.guard import guard_session
from iamaudit.errors import CollectionError, ParameterError

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

_NOBODY_THERE = "AWS asks for the code of an MFA device and nobody can be asked: run it in a terminal"

_MOST_RENEWALS = 3
"""How often one request has the credentials renewed."""


def open_session(
    *,
    profile: str | None = None,
    role_arn: str | None = None,
    external_id: str | None = None,
    mfa_serial: str | None = None,
    session_minutes: int | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
) -> boto3.Session:
    """Return a session that can only read, with credentials that were found.

    Credentials that can be renewed are, for as long as the collection takes: those of a role, of single
    sign-on, of a web identity and of a machine. A code of an MFA device is asked for once, and serves until
    the session ends.

    Parameters
    ----------
    profile
        A profile of the AWS configuration; unless given, AWS's own chain decides.
    role_arn, external_id
        The role to take on with those credentials, as session ``iamaudit``.
    mfa_serial
        The MFA device of which the role asks for a code: its serial number or ARN.
    session_minutes
        How long a session of the role lasts, 15 to 720 minutes; AWS's own default is 60.
    region
        Where STS is asked; unless given, the configured region, else that of the partition of ``role_arn``:
        us-east-1, cn-north-1 or us-gov-west-1.
    endpoint_url
        Where to assume the role, if not at AWS.

    Raises
    ------
    CollectionError
        There is no such profile, no credentials, or the role may not be assumed.
    ParameterError
        What only a role takes is given without one.
    """
    of_role = {"external_id": external_id, "mfa_serial": mfa_serial, "session_minutes": session_minutes}
    for name, value in of_role.items():
        if value and not role_arn:
            raise ParameterError(f"`{name}` is for a role that is assumed: give `role_arn`, or leave it out")
    try:
        source = boto3.Session(profile_name=profile or None, region_name=region or None)
        credentials = source.get_credentials()
        found = credentials.get_frozen_credentials() if credentials else None
        where = source.region_name or _region_of(role_arn)
    except EOFError as error:
        raise CollectionError(_NOBODY_THERE) from error
    except EXPECTED as error:
        raise cannot_start(error, "reading the AWS configuration", "look at `aws configure list`") from error
    if credentials is None or found is None or found.access_key is None or found.secret_key is None:
        raise CollectionError(NO_CREDENTIALS)
    # The credentials are taken over, and renew themselves in the session that they came from: the guard need
    # not let through whatever the profile uses to get them (single sign-on, web identity).
    session = _session(credentials, profile, where)
    if role_arn:
        asked = {
            "ExternalId": external_id,
            "SerialNumber": mfa_serial,
            "DurationSeconds": session_minutes and 60 * session_minutes,
        }
        given = {name: value for name, value in asked.items() if value}
        session = _session(_assumed(session, role_arn, given, endpoint_url), profile, where)
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
    except (*EXPECTED, ValueError) as error:  # botocore's own word for an endpoint that is not a URL
        raise cannot_start(error, f"connecting to {service}", "check the region and the endpoint") from error
    renew: Any = partial(_renew, session.get_credentials())  # boto3's stubs know no handler that answers
    client.meta.events.register_first("needs-retry", renew)
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


def _renew(
    credentials: Credentials | None, response: Any, request_dict: Mapping[str, Any], **_: Any
) -> float | None:
    """Renew credentials that AWS calls expired before their time, and have the request sent again at once."""
    code = response[1].get("Error", {}).get("Code") if response else None
    if code not in EXPIRED or not isinstance(credentials, RefreshableCredentials):
        return None
    context = request_dict["context"]
    context["renewals"] = context.get("renewals", 0) + 1
    if context["renewals"] > _MOST_RENEWALS:
        return None
    with credentials._refresh_lock:  # type: ignore[attr-defined]  # botocore renews by the time alone
        credentials._expiry_time = credentials._time_fetcher()  # type: ignore[attr-defined]
    return 0.0


def _assumed(
    session: boto3.Session, role_arn: str, given: Mapping[str, Any], endpoint_url: str | None
) -> Credentials:
    """Return the credentials of a role; they are taken anew before they expire."""
    kept: dict[str, Any] = {}
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(_sts, session, endpoint_url),
        source_credentials=session.get_credentials(),
        role_arn=role_arn,
        extra_args={"RoleSessionName": "iamaudit", **given},
        mfa_prompter=getpass,
        cache=kept,
    )

    def take() -> Any:
        kept.clear()
        return fetcher.fetch_credentials()

    take_again = create_mfa_serial_refresher(take) if "SerialNumber" in given else take
    try:
        first = take_again()
    except EOFError as error:
        raise CollectionError(_NOBODY_THERE) from error
    except (*EXPECTED, KeyError) as error:  # KeyError: an answer without credentials
        cure = "check its ARN, its trust policy, the external id, and that you may call sts:AssumeRole"
        raise cannot_start(error, f"assuming `{role_arn}`", cure) from error
    return RefreshableCredentials.create_from_metadata(first, take_again, "assume-role")


def _sts(session: boto3.Session, endpoint_url: str | None, _: str, **__: Any) -> Any:
    """Return what asks for the role, as botocore wants it made."""
    return open_client(session, "sts", endpoint_url)


def _session(credentials: Credentials, profile: str | None, region: str) -> boto3.Session:
    """Return a session with these; the profile still gives its proxy, certificates and endpoints."""
    core = botocore.session.Session(profile=profile or None)
    core._credentials = credentials  # type: ignore[attr-defined]  # boto3 takes keys only, which never renew
    return guard_session(boto3.Session(botocore_session=core, region_name=region))
