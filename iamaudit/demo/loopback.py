"""A boto3 session that knows nothing of the user's AWS settings and never leaves this machine."""

import hashlib
import json
import os
import uuid
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config

from iamaudit.demo.facts import REGION
from iamaudit.errors import CollectionError


class LoopbackSession(boto3.Session):
    """A session whose clients talk to ``endpoint_url`` and are refused everything else.

    Profiles, environment variables, configuration files and proxies of the user are not read: a demo must run
    the same for everyone, and must not send a request to anybody's account.
    """

    def __init__(self, endpoint_url: str, key_id: str, secret: str, token: str | None = None) -> None:
        core = botocore.session.Session(session_vars=_nobodys_settings())
        core.set_default_client_config(Config(proxies={}))
        core.register("before-send", _refuse_all_but(endpoint_url))
        core.register("before-call", _name_request)
        core.register("after-call", _keep_request_name)
        super().__init__(
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            region_name=REGION,
            botocore_session=core,
        )
        self.endpoint_url = endpoint_url

    def client(self, service_name: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a client for the demo's endpoint; see :meth:`boto3.session.Session.client`."""
        if len(args) < 5 and kwargs.get("endpoint_url") is None:  # the fifth is the endpoint
            kwargs["endpoint_url"] = self.endpoint_url
        return super().client(service_name, *args, **kwargs)


def _nobodys_settings() -> dict[str, Any]:
    """Return botocore's settings, with neither a file nor an environment variable to take them from."""
    settings: dict[str, Any] = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    for name in ("config_file", "credentials_file"):
        settings[name] = (None, None, os.devnull, None)
    settings["ignore_configured_endpoint_urls"] = (None, None, True, None)
    return settings


def _refuse_all_but(endpoint_url: str) -> Any:
    def refuse(request: Any, **_: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(endpoint_url).netloc:
            raise CollectionError(
                f"`{request.url}` is not the demo account: give its clients `endpoint_url={endpoint_url}`"
            )

    return refuse


def _name_request(**event: Any) -> None:
    asked = json.dumps([event["model"].name, event["params"]["body"]], sort_keys=True, default=str)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    event["context"]["demo_request_id"] = str(uuid.UUID(digest[:32]))


def _keep_request_name(**event: Any) -> None:
    """Replace moto's random request id, which a snapshot keeps, by one that equal requests share."""
    metadata = event["parsed"].get("ResponseMetadata", {})
    if "demo_request_id" in event["context"]:
        metadata["RequestId"] = event["context"]["demo_request_id"]
