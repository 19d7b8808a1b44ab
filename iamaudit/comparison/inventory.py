"""Who and what came and went: users, roles, groups, members, policies, attachments, providers, settings."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from iamaudit.comparison.change import Change, label
from iamaudit.comparison.side import Side, has_evidence

_NOUNS = {"users": "user", "roles": "role", "groups": "group", "identity_providers": "provider"}
_SETTINGS = {
    "has_password_policy": "a password policy of its own",
    "min_password_length": "minimum password length",
    "password_reuse_prevention": "passwords that may not be used again",
    "max_password_age": "maximum password age in days",
    "require_uppercase": "uppercase letters in passwords",
    "require_lowercase": "lowercase letters in passwords",
    "require_numbers": "numbers in passwords",
    "require_symbols": "symbols in passwords",
    "users_may_change_password": "users may change their password",
    "alias": "account alias",
}
_Row = dict[str, Any]


def inventory_changes(before: Side, after: Side) -> Iterator[Change]:
    """Yield what was created, deleted, edited, attached or set otherwise."""
    has_details = has_evidence("groups", before, after)
    for name, noun in _NOUNS.items():
        if has_evidence(name, before, after) or (name == "users" and has_details):
            was, now = (_present(side.frames[name], has_details) for side in (before, after))
            yield from _came_and_went(noun, was, now)
    if has_details:
        yield from _memberships(before.frames["groups"], after.frames["groups"])
        yield from _policies(before.frames["policies"], after.frames["policies"])
        yield from _attachments(before.frames["attachments"], after.frames["attachments"])
    yield from _settings(before.frames["account_facts"], after.frames["account_facts"])


def _by(frame: pd.DataFrame, key: Callable[[_Row], Any]) -> dict[Any, _Row]:
    rows = ({str(name): value for name, value in row.items()} for row in frame.to_dict("records"))
    return {key(row): row for row in rows}


def _changed(
    what: str, who: str, arn: str | None, before: str, after: str, sentence: str, **more: Any
) -> Change:
    fields = {"area": "inventory", "severity": "informational", **more}
    said = f"The {sentence.removeprefix('the ')}." if sentence.startswith("the ") else f"{sentence}."
    return Change(what=what, who=who, arn=arn, before=before, after=after, sentence=said, **fields)


def _came_and_went(noun: str, was: pd.DataFrame, now: pd.DataFrame) -> Iterator[Change]:
    """Yield who was created, deleted, or deleted and made again, which AWS shows by another id."""
    old, new = (_by(frame, lambda row: row["arn"]) for frame in (was, now))
    for arn in sorted(old.keys() | new.keys()):
        left, came = old.get(arn), new.get(arn)
        who, row = label(arn), came or left or {}
        more: _Row = {"evidence": row["evidence"]}
        made = "" if pd.isna(row.get("created_at")) else f" on {row['created_at']:%Y-%m-%d}"
        if left is None:
            yield _changed(
                f"{noun} created", who, arn, "absent", "present", f"{who} was created{made}", **more
            )
        elif came is None:
            yield _changed(f"{noun} deleted", who, arn, "present", "absent", f"{who} was deleted", **more)
        elif noun in ("user", "role") and _differ(left.get("id"), came.get("id")):
            sentence = f"{who} was deleted, and another {noun} of that name was created{made}"
            more["severity"] = "medium"
            yield _changed(f"{noun} replaced", who, arn, left["id"], came["id"], sentence, **more)


def _present(frame: pd.DataFrame, has_details: bool) -> pd.DataFrame:
    """Return who is there: not root, nor whom a cached credential report still has."""
    if "is_root" not in frame:
        return frame
    return frame[~frame.is_root & (frame.id.notna() if has_details else True)]


def _differ(old: Any, new: Any) -> bool:
    return not pd.isna(old) and not pd.isna(new) and old != new


def _memberships(was: pd.DataFrame, now: pd.DataFrame) -> Iterator[Change]:
    old, new = (
        {(arn, name) for arn, members in zip(frame.arn, frame.members, strict=True) for name in members}
        for frame in (was, now)
    )
    for arn, name in sorted(old ^ new):
        joined = (arn, name) in new
        who, group = f"user/{name}", label(arn)
        yield _changed(
            "group joined" if joined else "group left",
            who,
            arn,
            "no member" if joined else group,
            group if joined else "no member",
            f"{who} {'joined' if joined else 'left'} {group}",
            evidence=f"authorization_details.json GroupDetailList {group.partition('/')[2]}",
        )


def _policies(was: pd.DataFrame, now: pd.DataFrame) -> Iterator[Change]:
    """Yield the policies that came, went or say something else; trust policies are told as trust."""
    old, new = (_by(frame[frame.kind != "trust"], lambda row: row["policy"]) for frame in (was, now))
    for policy in sorted(old.keys() | new.keys()):
        left, came = old.get(policy), new.get(policy)
        row: Mapping[str, Any] = came or left or {}
        is_aws, who = row["kind"] == "aws managed", _policy_label(policy)
        if left is not None and came is not None:
            if _differ(left["document"], came["document"]):
                sentence = f"{'AWS edited' if is_aws else 'Somebody edited'} {who}"
                was_, now_ = (_version(each) for each in (left, came))
                yield _changed("policy edited", who, policy, was_, now_, sentence, evidence=row["evidence"])
        elif not is_aws:
            is_new = left is None
            what, before, after = (
                ("created", "absent", "present") if is_new else ("deleted", "present", "absent")
            )
            sentence = f"{who} was {what}"
            yield _changed(f"policy {what}", who, policy, before, after, sentence, evidence=row["evidence"])


def _version(row: _Row) -> str:
    """Return the version of a managed policy; an inline one is told by a digest of its text."""
    digest = hashlib.sha256(str(row["document"]).encode()).hexdigest()[:8]
    return f"text {digest}" if pd.isna(row["version"]) else f"{row['version']} (text {digest})"


def _policy_label(policy: str) -> str:
    owner, _, name = policy.partition("#")
    return f"the inline policy {name} of {label(owner)}" if name else label(policy)


def _attachments(was: pd.DataFrame, now: pd.DataFrame) -> Iterator[Change]:
    """Yield the managed policies that were attached or detached, as boundary too; groups give theirs on."""
    own = [frame[frame.how.isin(["direct", "boundary"])] for frame in (was, now)]
    old, new = (_by(frame, lambda row: (row["principal"], row["policy"], row["how"])) for frame in own)
    for key in sorted(old.keys() ^ new.keys()):
        arn, policy, how = key
        is_new, who = key in new, label(arn)
        if how == "boundary":
            what = "boundary set" if is_new else "boundary removed"
            is_now = "is now" if is_new else "is no longer"
            sentence = f"{label(policy)} {is_now} the permissions boundary of {who}"
        else:
            what = "policy attached" if is_new else "policy detached"
            sentence = f"{label(policy)} was {'attached to' if is_new else 'detached from'} {who}"
        row = (new if is_new else old)[key]
        yield _changed(
            what,
            who,
            arn,
            "none" if is_new else label(policy),
            label(policy) if is_new else "none",
            sentence,
            severity="medium" if what == "boundary removed" else "informational",
            evidence=row["evidence"],
        )


def _settings(was: pd.DataFrame, now: pd.DataFrame) -> Iterator[Change]:
    old, new = was.iloc[0], now.iloc[0]
    is_known = not any(pd.isna(row["has_password_policy"]) for row in (old, new))
    for column, words in _SETTINGS.items():
        before, after = (_setting(row[column]) for row in (old, new))
        if before == after or (column != "alias" and not is_known):
            continue
        yield _changed(
            "setting changed",
            "account",
            new["arn"],
            before,
            after,
            f"Setting of the account: {words}: {after} (before: {before})",
            area="settings",
            severity="low" if column != "alias" else "informational",
            evidence=new["evidence"],
        )


def _setting(value: Any) -> str:
    if pd.isna(value):
        return "not set"
    if isinstance(value, str):
        return value
    return ("yes" if value else "no") if str(value) in ("True", "False") else f"{value}"
