"""Ask for every source, side by side, and write the snapshot."""

import difflib
import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from math import ceil
from pathlib import Path
from threading import Semaphore

import boto3
from tqdm import tqdm

from iamaudit.aws import account, credentials
from iamaudit.aws.access_analyzer import collect_access_analyzer
from iamaudit.aws.asking import WORKERS, Questions, ask_who, shared_client, this_source
from iamaudit.aws.authorization_details import collect_authorization_details
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.aws.devices import collect_mfa_devices, collect_virtual_devices
from iamaudit.aws.guard import guard_session
from iamaudit.aws.last_accessed import collect_last_accessed, principals_to_ask
from iamaudit.aws.plan import plan_of
from iamaudit.aws.schedule import REST_ON, Answers, Ask, ask_all, progress_in_words
from iamaudit.aws.users import collect_access_keys, keys_to_ask, may_have_keys, may_have_mfa, users_to_ask
from iamaudit.errors import CollectionError, ParameterError
from iamaudit.snapshot import (
    SOURCES,
    Preset,
    Snapshot,
    SnapshotWriter,
    SourceResult,
    read_snapshot,
    sources_of,
)
from iamaudit.snapshot.manifest import Origin

SOURCE_TIMEOUT = 1800.0
"""Seconds for one source; AWS answers for the largest account in less."""

_PRINCIPALS_IN_TIME = 1000
"""Jobs of users and roles for which one source's time is enough; more of them have more of it."""

_NOT_ASKED_FOR = "not asked for: "
_NOT_CHOSEN = f"{_NOT_ASKED_FOR}--sources"


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
    preset: Preset = "default",
    workers: int = WORKERS,
    regions: Sequence[str] = (),
    tell: Callable[[str], None] | None = None,
) -> Path:
    """Collect every source into ``root/<account_id>/<UTC start>/`` and return that folder.

    Sources are asked side by side, ``workers`` requests at a time; those that rest on others, after them.
    The result does not depend on how many. ``preset`` says how much is asked for; of ``sources`` alone is
    asked when they are named, and of the caller identity. The others are missing. ``regions`` are those of
    which IAM Access Analyzer is asked: the session's alone, unless given. ``tell`` takes a line that says how
    many calls and minutes it takes, as soon as AWS said how large the account is.

    A source that AWS refuses, that the endpoint does not have or that fails is recorded as such, and the
    collection goes on; so is one that gave no whole answer within ``source_timeout`` seconds. What was
    answered is stored at once. A collection that ends early leaves a snapshot that is marked as not
    finished; with ``resume``, the folder of such a snapshot, only what it does not hold is asked for, and
    what was left out then is left out again.

    Raises
    ------
    CollectionError
        AWS does not accept the credentials, cannot be reached, or is another account than
        ``expected_account_id`` or the one that is resumed.
    SnapshotError
        The snapshot cannot be written, or not be resumed.
    """
    started_at = clock()
    asked_regions = _checked(regions) or tuple(filter(None, [session.region_name]))
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
        for name, reason in _left_out(results, sources, preset, is_resumed=resume is not None).items():
            results[name] = SourceResult("missing", reason=reason)
            writer.store(name, results[name])
        slots = Semaphore(workers)
        analyzer = partial(shared_client, session, "accessanalyzer", endpoint_url, workers, slots=slots)
        with (
            shared_client(session, "iam", endpoint_url, workers, slots=slots) as iam,
            tqdm(
                total=len(_ASK),
                desc=f"collecting {account_id}",
                unit="source",
                disable=None if progress else True,  # tqdm's way to say: only in a terminal
                bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {elapsed}{postfix}",  # sources differ too much
            ) as bar,
        ):
            bar.update(len(_ASK.keys() & results.keys()))
            if tell is not None and "account_summary" not in results:
                ask = partial(_ASK["account_summary"], iam, results)
                summary = Questions(workers).ask_source("account_summary", ask, source_timeout)
                results["account_summary"] = summary
                writer.store("account_summary", summary)
                bar.update()
                tell(_plan_in_words(results))
            for name in ask_all(
                _asked_in(results),
                iam,
                results,
                questions_for=lambda name: Questions(
                    workers,
                    kept=writer.kept(name),
                    keep=partial(writer.keep, name),
                    elsewhere=(lambda region: analyzer(region=region), asked_regions),
                ),
                seconds_for=partial(_seconds_for, source_timeout),
                watch=lambda asking: bar.set_postfix_str(progress_in_words(asking)),
            ):
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
        if record.status == "collected" or (record.reason or "").startswith(_NOT_ASKED_FOR)
    }
    return SnapshotWriter.resume(snapshot), {
        name: SourceResult(record.status, snapshot.read(name), record.reason, rows=record.rows)
        for name, record in held.items()
    }


_ASK: dict[str, Ask] = {
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
    "last_accessed": lambda iam, results: collect_last_accessed(iam, principals_to_ask(results)),
    "login_profiles": lambda iam, results: credentials.collect_login_profiles(
        iam, users_to_ask(results, credentials.may_have_password)
    ),
    "ssh_public_keys": lambda iam, results: credentials.collect_ssh_public_keys(
        iam, users_to_ask(results, credentials.anybody)
    ),
    "service_specific_credentials": lambda iam, results: credentials.collect_service_specific_credentials(
        iam, users_to_ask(results, credentials.anybody)
    ),
    "signing_certificates": lambda iam, results: credentials.collect_signing_certificates(
        iam, users_to_ask(results, credentials.may_have_certificates)
    ),
    "access_keys_last_used": lambda iam, results: credentials.collect_last_use_of_keys(
        iam, keys_to_ask(results)
    ),
    "organization_features": lambda iam, _: account.collect_organization_features(iam),
    "access_analyzer": lambda _, __: collect_access_analyzer(*this_source().elsewhere),
}


def _left_out(
    results: Answers, sources: Collection[str] | None, preset: Preset, *, is_resumed: bool
) -> dict[str, str]:
    """Return the sources that are not asked for, and why."""
    if sources is not None:
        reasons = {name: _NOT_CHOSEN for name in _ASK if name not in sources}
    elif is_resumed:
        reasons = {}
    else:
        left = [name for name in _ASK if name not in sources_of(preset)]
        reasons = {name: f"{_NOT_ASKED_FOR}the preset `{SOURCES[name].preset}` asks for it" for name in left}
    return {name: reason for name, reason in reasons.items() if name not in results}


def _asked_in(results: Answers) -> dict[str, Ask]:
    """Return how each source is asked for: not user by user, where keys are left out for that."""
    keys = results.get("access_keys")
    if keys and keys.status == "missing" and keys.reason != _NOT_CHOSEN:
        return {**_ASK, "mfa_devices": lambda iam, _: collect_virtual_devices(iam)}
    return _ASK


def _seconds_for(source_timeout: float, name: str, results: Answers) -> float:
    """Return the time that a source has."""
    if name != "last_accessed" or results["authorization_details"].status != "collected":
        return source_timeout
    return source_timeout * max(1, ceil(len(principals_to_ask(results)) / _PRINCIPALS_IN_TIME))


def chosen_sources(names: Sequence[str]) -> frozenset[str]:
    """Return the sources that were named.

    Raises
    ------
    ParameterError
        None is named, one is unknown, or rests on others of which none is named.
    """
    known = ["caller_identity", *_ASK]
    if not names:
        raise ParameterError(f"no source is named: use any of {', '.join(known)}")
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"use any of {', '.join(known)}"
            raise ParameterError(f"unknown source `{name}`: {hint}")
        if name in REST_ON and not {*REST_ON[name]} & {*names}:
            others = " or ".join(f"`{other}`" for other in REST_ON[name])
            raise ParameterError(f"`{name}` is asked for user by user: name {others}, too")
    return frozenset(names)


def _plan_in_words(results: Answers) -> str:
    """Return what is still asked for and how long that takes."""
    asked = [name for name in _ASK if name not in results or name == "account_summary"]
    plan = plan_of(results["account_summary"], asked, is_fast="access_keys" not in asked)
    return f"plan: {plan or 'unknown, as AWS did not say how large the account is'}"


def _checked(regions: Sequence[str]) -> tuple[str, ...]:
    """Return the regions, each once.

    Raises
    ------
    ParameterError
        One is not the name of a region.
    """
    for name in regions:
        if not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-\d", name):
            raise ParameterError(
                f"`{name}` is not a region: give names such as eu-west-1, separated by commas"
            )
    return tuple(dict.fromkeys(regions))


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


def _alias(aliases: SourceResult) -> str | None:
    names = aliases.content["AccountAliases"] if aliases.status == "collected" else ()
    return names[0] if names else None
