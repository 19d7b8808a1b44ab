"""Ask for every source, side by side, and write the snapshot."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

import boto3
from tqdm import tqdm

from iamaudit.aws import account
from iamaudit.aws.asking import WORKERS, Questions, ask_who, shared_client
from iamaudit.aws.authorization_details import collect_authorization_details
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.devices import collect_mfa_devices
from iamaudit.aws.guard import guard_session
from iamaudit.aws.users import collect_access_keys, may_have_keys, may_have_mfa, users_to_ask
from iamaudit.errors import CollectionError, ParameterError
from iamaudit.snapshot import Snapshot, SnapshotWriter, SourceResult, read_snapshot
from iamaudit.snapshot.manifest import Origin

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


SOURCE_TIMEOUT = 1800.0
"""Seconds for one source; AWS answers for the largest account in less."""

NOT_ASKED_FOR = "not asked for: --sources"


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
    sources: Collection[str] | None = None,
    workers: int = WORKERS,
) -> Path:
    """Collect every source into ``root/<account_id>/<UTC start>/`` and return that folder.

    Sources are asked side by side, ``workers`` requests at a time; those that rest on others, after them.
    The result does not depend on how many. Of ``sources`` alone is asked when they are named, and the caller
    identity; the others are missing.

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
    identity = ask_who(session, endpoint_url, source_timeout)
    account_id, caller_arn = identity.content["Account"], identity.content["Arn"]
    check_account(account_id, expected_account_id)
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
        for name in _ASK:
            if sources is not None and name not in sources and name not in results:
                results[name] = SourceResult("missing", reason=NOT_ASKED_FOR)
                writer.store(name, results[name])
        with (
            shared_client(session, "iam", endpoint_url, workers) as iam,
            tqdm(
                total=len(_ASK), desc=f"collecting {account_id}", unit="source", disable=not progress
            ) as bar,
        ):
            bar.update(len(_ASK.keys() & results.keys()))
            for name in _ask_all(iam, results, source_timeout, workers):
                writer.store(name, results[name])
                bar.update()
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
        name: record
        for name, record in snapshot.manifest.sources.items()
        if record.status == "collected" or record.reason == NOT_ASKED_FOR
    }
    return SnapshotWriter.resume(snapshot), {
        name: SourceResult(record.status, snapshot.read(name), rows=record.rows)
        for name, record in held.items()
    }


_Answers = Mapping[str, SourceResult]  # what a source rests on is in it when the source is asked for
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


_KNOW_USERS = ("authorization_details", "credential_report")
_REST_ON = dict.fromkeys(("mfa_devices", "access_keys"), _KNOW_USERS)
"""What must be answered before a source can be asked for; one of them that was collected is enough."""


def chosen_sources(names: Sequence[str]) -> frozenset[str]:
    """Return the sources that were named.

    Raises
    ------
    ParameterError
        One is unknown, or rests on others of which none is named.
    """
    known = ["caller_identity", *_ASK]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"use any of {', '.join(known)}"
            raise ParameterError(f"unknown source `{name}`: {hint}")
        if name in _REST_ON and not {*_REST_ON[name]} & {*names}:
            others = " or ".join(f"`{other}`" for other in _REST_ON[name])
            raise ParameterError(f"`{name}` is asked for user by user: name {others}, too")
    return frozenset(names)


def check_account(account_id: str, expected: str | None) -> None:
    """Let no other account be asked than the one that is meant.

    Raises
    ------
    CollectionError
        The credentials are for another.
    """
    if expected and account_id != expected:
        raise CollectionError(
            f"the credentials are for account {account_id}, `account_id` is `{expected}`: choose the profile "
            "or role of that account"
        )


def _ask_all(
    iam: "IAMClient", results: dict[str, SourceResult], seconds: float, workers: int
) -> Iterator[str]:
    """Add what each source came to that is not in ``results``, and yield its name."""
    answers: SimpleQueue[tuple[str, SourceResult | BaseException]] = SimpleQueue()
    waiting, asking = [name for name in _ASK if name not in results], dict[str, Questions]()

    def ask(name: str, questions: Questions) -> None:
        try:
            answers.put((name, questions.ask_source(name, partial(_ASK[name], iam, results), seconds)))
        except BaseException as error:  # raised where it is waited for
            answers.put((name, error))

    try:
        while waiting or asking:
            unanswered = {*waiting, *asking}
            for name in [name for name in waiting if unanswered.isdisjoint(_REST_ON.get(name, ()))]:
                waiting.remove(name)
                asking[name] = Questions(workers)
                Thread(target=ask, args=(name, asking[name]), daemon=True).start()
            name, answer = answers.get()
            del asking[name]
            if isinstance(answer, BaseException):
                raise answer
            results[name] = answer
            yield name
    finally:
        for questions in asking.values():
            questions.stop()


def _alias(aliases: SourceResult) -> str | None:
    names = aliases.content["AccountAliases"] if aliases.status == "collected" else ()
    return names[0] if names else None
