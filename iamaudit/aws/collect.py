"""Ask for every source, one after the other, and write the snapshot."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace as changed
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from tqdm import tqdm

from iamaudit.aws import account
from iamaudit.aws.answers import (
    EXPECTED,
    PARSER_ERRORS,
    UnreadableAnswerError,
    cannot_start,
    check_shape,
    is_from_parser,
    result_of,
)
from iamaudit.aws.authorization_details import collect_authorization_details
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.devices import collect_mfa_devices
from iamaudit.aws.guard import guard_session
from iamaudit.aws.session import open_client
from iamaudit.aws.time_limit import within
from iamaudit.aws.users import collect_access_keys, may_have_keys, may_have_mfa, users_to_ask
from iamaudit.errors import CollectionError
from iamaudit.snapshot import Snapshot, SnapshotWriter, SourceResult, read_snapshot
from iamaudit.snapshot.manifest import Origin

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


_Answer = TypeVar("_Answer")

SOURCE_TIMEOUT = 1800.0
"""Seconds for one source; AWS answers for the largest account in less."""


def collect_account(  # noqa: PLR0913 - a collection has this many facts
    session: boto3.Session,
    root: Path,
    *,
    endpoint_url: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: bool = True,
    origin: Origin = "aws",
    replace: bool = False,
    expected_account_id: str | None = None,
    source_timeout: float = SOURCE_TIMEOUT,
    resume: Path | None = None,
) -> Path:
    """Collect every source into ``root/<account_id>/<UTC start>/`` and return that folder.

    A source that AWS refuses, that the endpoint does not have or that fails is recorded as such, and the
    collection goes on; so is one that gave no whole answer within ``source_timeout`` seconds. What was
    answered is stored at once. A collection that ends early leaves a snapshot that is marked as not
    finished; with ``resume``, the folder of such a snapshot, only what it does not hold is asked for.

    Raises
    ------
    CollectionError
        AWS does not accept the credentials, cannot be reached, or is another account than
        ``expected_account_id`` or the one that is resumed.
    SnapshotError
        The snapshot cannot be written, or not be resumed.
    """
    started_at = clock()
    guard_session(session)
    identity = _caller_identity(session, endpoint_url, source_timeout)
    account_id, caller_arn = identity.content["Account"], identity.content["Arn"]
    if expected_account_id and account_id != expected_account_id:
        raise CollectionError(
            f"the credentials are for account {account_id}, `account_id` is `{expected_account_id}`: choose "
            "the profile or role of that account"
        )
    if resume is None:
        writer = SnapshotWriter.begin(
            root,
            account_id=account_id,
            caller_arn=caller_arn,
            origin=origin,
            started_at=started_at,
            hidden=replace,
        )
        results: dict[str, SourceResult] = {}
    else:
        writer, results = _resumed(read_snapshot(resume), caller_arn)
    try:
        if "caller_identity" not in results:
            writer.store("caller_identity", identity)
        questions = tqdm(_ASK.items(), desc=f"collecting {account_id}", unit="source", disable=not progress)
        with questions:
            for name, ask in questions:
                if name not in results:
                    with closing(open_client(session, "iam", endpoint_url)) as iam:
                        results[name] = _asked(name, iam, partial(ask, iam, results), source_timeout)
                    writer.store(name, results[name])
        return writer.finish(clock(), account_alias=_alias(results["account_aliases"]), replace=replace)
    except (CollectionError, KeyboardInterrupt) as error:
        if not replace:
            error.add_note(f"continue with: iamaudit collect --resume {writer.place}")
        raise
    finally:
        writer.discard()


def _resumed(snapshot: Snapshot, caller_arn: str) -> tuple[SnapshotWriter, dict[str, SourceResult]]:
    """Return the writer of an unfinished snapshot, and what it holds already."""
    if snapshot.manifest.caller_arn != caller_arn:
        raise CollectionError(
            f"`{snapshot.path}` was begun as {snapshot.manifest.caller_arn}, the credentials are for "
            f"{caller_arn}: use the same ones"
        )
    held = {
        name: record for name, record in snapshot.manifest.sources.items() if record.status == "collected"
    }
    return SnapshotWriter.resume(snapshot), {
        name: SourceResult("collected", snapshot.read(name), rows=record.rows)
        for name, record in held.items()
    }


_Answers = Mapping[str, SourceResult]
_ASK: dict[str, Callable[["IAMClient", _Answers], SourceResult]] = {
    "credential_report": lambda iam, _: collect_credential_report(iam),
    "authorization_details": lambda iam, _: collect_authorization_details(iam),
    "account_summary": lambda iam, _: account.collect_account_summary(iam),
    "password_policy": lambda iam, _: account.collect_password_policy(iam),
    "account_aliases": lambda iam, _: account.collect_account_aliases(iam),
    "mfa_devices": lambda iam, results: collect_mfa_devices(iam, users_to_ask(results, may_have_mfa)),
    "access_keys": lambda iam, results: collect_access_keys(iam, users_to_ask(results, may_have_keys)),
    "saml_providers": lambda iam, _: account.collect_saml_providers(iam),
    "oidc_providers": lambda iam, _: account.collect_oidc_providers(iam),
    "server_certificates": lambda iam, _: account.collect_server_certificates(iam),
    "instance_profiles": lambda iam, _: account.collect_instance_profiles(iam),
}


def _caller_identity(session: boto3.Session, endpoint_url: str | None, seconds: float) -> SourceResult:
    with closing(open_client(session, "sts", endpoint_url)) as sts, _recorded(sts) as requests:
        try:
            answer: dict[str, Any] = {**_answered(sts, sts.get_caller_identity, seconds)}
            check_shape("caller_identity", answer)
        except EXPECTED as error:
            raise cannot_start(error, "asking AWS who we are", "check the endpoint") from error
    answer.pop("ResponseMetadata")
    return SourceResult("collected", answer, calls=len(requests), request_ids=tuple(requests))


def _asked(name: str, iam: "IAMClient", ask: Callable[[], SourceResult], seconds: float) -> SourceResult:
    with _recorded(iam) as requests:
        try:
            result = _answered(iam, ask, seconds)
            if result.status == "collected":
                check_shape(name, result.content)
        except EXPECTED as error:
            result = result_of(error)
    return changed(result, calls=len(requests), request_ids=tuple(sorted(filter(None, requests))))


def _answered(client: Any, ask: Callable[[], _Answer], seconds: float) -> _Answer:
    """Return what ``ask`` gives; what botocore's parser could not read is an error like any other."""
    try:
        return within(seconds, client, ask)
    except PARSER_ERRORS as error:
        if not is_from_parser(error):
            raise
        raise UnreadableAnswerError(f"the answer cannot be read ({type(error).__name__}: {error})") from error


@contextmanager
def _recorded(client: Any) -> Iterator[list[str]]:
    """Yield the list to which the id of every request of ``client`` is added, ``""`` where there is none."""
    requests: list[str] = []

    def keep(parsed: Mapping[str, Any], **_: Any) -> None:
        requests.append(parsed.get("ResponseMetadata", {}).get("RequestId", ""))

    client.meta.events.register("after-call", keep)
    try:
        yield requests
    finally:
        client.meta.events.unregister("after-call", keep)


def _alias(aliases: SourceResult) -> str | None:
    names = aliases.content["AccountAliases"] if aliases.status == "collected" else ()
    return names[0] if names else None
