"""The commands that take away what an owner decided to remove. They are written down, never run."""

import shlex
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from iamaudit.audit import Audit

_Row = Mapping[Hashable, Any]
_PLAIN = " -_.,:/@+=…"
_REFUSED = "delete-user is refused while it has SSH keys or service credentials: look in the console"


def removal_commands(judged: pd.DataFrame, audit: Audit) -> list[str]:
    """Return the lines of the AWS CLI that remove what was decided to be removed.

    Credentials go first; policies that deny something go last of the policies, so that nothing is allowed
    in between that was not before. Whoever runs the lines must look at them: nothing here does.

    Parameters
    ----------
    judged
        What ``judge_decisions`` returned. Only rows whose state is ``decided`` and whose decision is
        ``remove`` count.
    audit
        The account that they were judged for.

    Returns
    -------
    list of str
        Commands, and comments that begin with ``#``. An access key id is never shown in full: ``KEY`` in a
        command stands for it, and the comment before says which it is.
    """
    wanted = judged[judged.state.eq("decided") & judged.decision.eq("remove")].drop_duplicates("principal")
    if wanted.empty:
        return []
    known = _Known(audit)
    return [line for row in wanted.to_dict("records") for line in _removal(row, known)]


class _Known:
    """What the snapshot tells about each principal, read once."""

    def __init__(self, audit: Audit) -> None:
        self.users = {row["arn"]: row for row in audit.users.to_dict("records")}
        self.roles = {row["arn"]: row for row in audit.roles.to_dict("records")}
        self.keys = _grouped(audit.access_keys, "arn")
        self.devices = _grouped(audit.mfa_devices, "user")
        self.attached = _grouped(audit.attachments, "principal")
        self.denying = set(audit.statements.policy[audit.statements.effect == "Deny"])
        self.profiles: dict[str, set[str]] = {}
        for name, roles in zip(audit.instance_profiles.name, audit.instance_profiles.roles, strict=True):
            for role in roles:
                self.profiles.setdefault(role, set()).add(name)
        for name, profiles in zip(audit.roles.name, audit.roles.instance_profiles, strict=True):
            self.profiles.setdefault(name, set()).update(profiles)

    def denies(self, rows: Sequence[_Row]) -> bool:
        """Say whether any of these policies denies something."""
        return any(row["policy"] in self.denying for row in rows)


def _removal(row: _Row, known: _Known) -> Iterator[str]:
    arn = row["principal"]
    user, role = known.users.get(arn), known.roles.get(arn)
    said = f": {row['comment']}" if not _unknown(row["comment"]) and row["comment"] else ""
    where = str(row["evidence"]).replace("!", " row ")
    yield _comment(f"{arn}, decided by {row['owner']} in {where}{said}")
    if user is not None and not user["is_root"]:
        yield from _credentials(user, known)
        yield from _policies("user", user, known)
        yield _aws("delete-user", "user-name", user["name"])
    elif role is not None:
        yield from _role(role, known)
    else:
        yield _comment("not in this snapshot: nothing to remove")


def _credentials(user: _Row, known: _Known) -> Iterator[str]:
    name = user["name"]
    if _unknown(user["has_password"]):
        yield _comment("whether it has a password is unknown: NoSuchEntity says that it has none")
    if _unknown(user["has_password"]) or user["has_password"]:
        yield _aws("delete-login-profile", "user-name", name)
    if _unknown(user["active_keys"]):
        yield _comment("not all its keys are known: see aws iam list-access-keys")
    keys = known.keys.get(user["arn"], ())
    for key in keys:
        masked = "of which the id is unknown" if _unknown(key["access_key_id"]) else key["access_key_id"]
        yield _comment(f"KEY is the access key {masked}, number {key['slot']} in the credential report")
        if key["is_active"] is not False:
            yield _aws("update-access-key", "user-name", name, "--access-key-id KEY --status Inactive")
        yield _aws("delete-access-key", "user-name", name, "--access-key-id KEY")
    devices = known.devices.get(name, ())
    if not devices and user["mfa_active"] is True:
        yield _comment(
            "has an MFA device whose serial is unknown: aws iam deactivate-mfa-device takes it off"
        )
    for device in devices:
        serial = _option("serial-number", device["serial"])
        yield _aws("deactivate-mfa-device", "user-name", name, serial)
        if device["kind"] == "virtual":
            yield f"aws iam delete-virtual-mfa-device {serial}"
    if _unknown(user["active_certificates"]) or user["active_certificates"]:
        yield _comment("may have signing certificates: aws iam delete-signing-certificate takes them off")
    yield _comment(_REFUSED)


def _policies(kind: str, principal: _Row, known: _Known) -> Iterator[str]:
    """Yield the lines that take every policy off a user, or off a role; what denies comes last."""
    attached = known.attached.get(principal["arn"], ())
    steps = [
        (known.denies([row]), line)
        for how, operation, option, field in (
            ("direct", f"detach-{kind}-policy", "policy-arn", "policy"),
            ("inline", f"delete-{kind}-policy", "policy-name", "policy_name"),
        )
        for row in attached
        if row["how"] == how
        for line in [_aws(operation, f"{kind}-name", principal["name"], _option(option, row[field]))]
    ]
    for group in principal.get("groups", ()):
        through = [row for row in attached if row["how"] == "group" and row["via"] == group]
        line = _aws("remove-user-from-group", "user-name", principal["name"], _option("group-name", group))
        steps.append((known.denies(through), line))
    yield from (line for _, line in sorted(steps, key=lambda step: step[0]))
    if kind == "user" and not _unknown(principal["boundary_arn"]):
        yield _aws("delete-user-permissions-boundary", "user-name", principal["name"])


def _role(role: _Row, known: _Known) -> Iterator[str]:
    name = role["name"]
    if str(role["path"]).startswith("/aws-reserved/"):
        yield _comment("belongs to IAM Identity Center: take its permission set off the account there")
        return
    for profile in sorted(known.profiles.get(name, ())):
        option = _option("instance-profile-name", profile)
        yield _aws("remove-role-from-instance-profile", "role-name", name, option)
    yield from _policies("role", role, known)
    yield _aws("delete-role", "role-name", name)


def _grouped(frame: pd.DataFrame, column: str) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in frame.to_dict("records"):
        if not _unknown(row[column]):
            found.setdefault(row[column], []).append(row)
    return found


def _unknown(value: Any) -> bool:
    return bool(pd.isna(value))


def _aws(operation: str, option: str, name: str, *more: str) -> str:
    return " ".join(["aws iam", operation, _option(option, name), *more])


def _option(option: str, value: str) -> str:
    """Return an option for a shell: no part of the value is one of its words, or another option."""
    quoted = shlex.quote(value)
    if quoted == value and not value[0].isalnum():
        quoted = f"'{value}'"  # zsh replaces `=name` by a path
    return f"--{option}{'=' if value.startswith('-') else ' '}{quoted}"


def _comment(text: str) -> str:
    """Return a comment of one line that does nothing either where ``#`` begins none.

    An interactive zsh takes it for a command, so that what an owner wrote must not be one.
    """
    return "# " + " ".join(
        "".join(char if char.isalnum() or char in _PLAIN else " " for char in text).split()
    )
