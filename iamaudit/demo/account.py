"""The demo account, running: a moto server in this process, filled and quiet."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from moto.moto_api._internal import mock_random
from moto.server import ThreadedMotoServer

from iamaudit.demo.answers import faithful_answers
from iamaudit.demo.facts import ACCOUNT_ID, COLLECTED_AT
from iamaudit.demo.further_answers import answer_access_analyzer
from iamaudit.demo.loopback import LoopbackSession
from iamaudit.demo.state import add_managed_policies, backend, empty_accounts, set_state
from iamaudit.demo.story import tell_story

AUDITOR_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/iamaudit-auditor"
_ADMIN_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/OrganizationAccountAccessRole"

# werkzeug logs each request, flask the traceback of an operation that moto does not have.
_LOUD = ("werkzeug", "moto.moto_server.werkzeug_app")


@dataclass(frozen=True)
class DemoAccount:
    """A running demo account.

    ``session`` is signed in as the auditor role, so that every call lands in the demo account.
    ``endpoint_url`` is where it runs. ``clock`` tells the time of the story, always the same.
    """

    session: boto3.Session
    endpoint_url: str
    clock: Callable[[], datetime]


class _Running:
    """The one demo account of this process: moto's state is global, so those who open it twice share it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.resources = ExitStack()
        self.account: DemoAccount | None = None

    def enter(self) -> DemoAccount:
        with self.lock:
            if self.account is None:
                with ExitStack() as resources:
                    account = _start(resources)
                    self.resources = resources.pop_all()
                self.account = account
            self.users += 1
            return self.account

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if self.users == 0:
                self.account = None
                self.resources.close()


_RUNNING = _Running()


@contextmanager
def demo_account() -> Iterator[DemoAccount]:
    """Run the demo account on a free loopback port while this is open.

    It needs no credentials, reads no AWS settings of the user, changes no environment variable and sends
    nothing off this machine. Whoever opens it while it is open gets the same account; once everybody has
    left, moto's classes are as they were and the next one starts afresh.
    """
    account = _RUNNING.enter()
    try:
        yield account
    finally:
        _RUNNING.leave()


def _start(resources: ExitStack) -> DemoAccount:
    resources.callback(mock_random.setstate, mock_random.getstate())
    mock_random.seed(0)  # what is not set by name below comes out the same in every run
    resources.enter_context(_quiet())
    resources.enter_context(faithful_answers())
    empty_accounts()
    resources.callback(empty_accounts)
    add_managed_policies()
    url = resources.enter_context(_server())
    iam = _assume(url, _ADMIN_ROLE, "setup").client("iam")
    try:
        tell_story(iam)
    finally:
        iam.close()
    set_state()
    auditor = _assume(url, AUDITOR_ROLE, "nightly")
    events: Any = auditor.events  # its stubs know no handler that answers
    events.register("before-send.accessanalyzer", answer_access_analyzer)
    return DemoAccount(auditor, url, lambda: COLLECTED_AT)


@contextmanager
def _quiet() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _LOUD]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
        if server._server is not None:
            server._server.server_close()  # stop() leaves the listening socket to the garbage collector


def _assume(endpoint_url: str, role_arn: str, name: str) -> LoopbackSession:
    nobody = LoopbackSession(endpoint_url, "testing", "testing")
    sts = nobody.client("sts")
    try:
        given = sts.assume_role(RoleArn=role_arn, RoleSessionName=name)["Credentials"]
    finally:
        sts.close()
    # moto would date the role's last use by each call made with these keys; the story has a date for it.
    backend().access_keys[given["AccessKeyId"]].role_arn = None
    return LoopbackSession(
        endpoint_url, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
