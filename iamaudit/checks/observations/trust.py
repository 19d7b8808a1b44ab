"""The story of one role's trust policy: who is let in, and what they become."""

from collections.abc import Sequence

from iamaudit.checks.observations.facts import Facts, Row
from iamaudit.checks.observations.failed import Failed
from iamaudit.checks.observations.path import Reaching, path_sentence
from iamaudit.checks.observations.story import Reach, Story, counted, found, listing

_CALLERS = {
    "web identity": "a web identity",
    "SAML": "a federated user",
    "external account": "another account",
    "anyone": "anybody",
}


def tell_trust(role: str, rows: Sequence[Failed], facts: Facts) -> Story:
    """Tell whom a role lets in, joined to what the role is and who becomes an administrator by it."""
    name, label = facts.name(role), facts.label(role)
    power = "is an administrator" if facts.is_administrator(role) else ""
    if not power and (own := facts.path(role)) is not None:
        power = "can become an administrator" if own["verdict"] == "certain" else ""
    outsiders = [row for row in facts.trust(role) if row["kind"] in _CALLERS]
    wide = [row for row in outsiders if row["subject_width"] != "pinned"]
    paths = [
        path
        for row in rows
        if row.check.cause == "path" and (path := facts.path(row.resource, row.evidence)) is not None
    ]
    inside = [path for path in paths if path["principal_type"] != "outsider"]
    insiders = Reaching.by(inside, facts)
    is_passed = bool(inside) and not any(_is_assumed(path, label) for path in inside)
    own_rows = [row for row in rows if row.check.cause != "path"]
    from_outside = bool(wide) and (bool(own_rows) or not inside)
    title = _title(name, wide[0] if from_outside else None, power, insiders, own_rows or list(rows))
    lets = listing(dict.fromkeys(_caller(row) for row in facts.trust(role)), 3)
    condition = f"{name} can be assumed by {lets or 'the callers that its trust policy names'}."
    condition += f" {label} {power}." if power else ""
    used = facts.last_used(role)
    if used:
        condition += f" It was {'never used' if used == 'never' else f'last used on {used}'}."
    sentences = list(dict.fromkeys(path_sentence(path, facts) for path in sorted(inside, key=_surest_first)))
    condition += "".join(f" {sentence}" for sentence in sentences[:3])
    if len(sentences) > 3:
        condition += f" {counted(len(sentences) - 3, 'more path')} in data/escalation_paths.csv."
    if own_rows:
        condition += f" Found: {found(own_rows)}."
    return Story(
        title=title,
        condition=condition,
        cause=_cause(name, power, insiders, from_outside=from_outside, is_passed=is_passed),
        effect=_effect(name, power, insiders, from_outside=from_outside),
        steps=_steps(
            role, name, wide[0] if from_outside else None, power, insiders, facts, is_passed=is_passed
        ),
        why=_why(power, insiders, from_outside=from_outside),
        reach=_reach(power, from_outside=from_outside, sure=bool(insiders.sure)),
        owners=[role],
    )


def _is_assumed(path: Row, role: str) -> bool:
    """Say whether a path enters a role by assuming it, and not by way of a service that runs with it."""
    nodes = list(path["nodes"])
    return role in nodes[1:] and str(path["arrows"][nodes.index(role, 1) - 1]).startswith("sts:AssumeRole")


def _surest_first(path: Row) -> tuple[bool, str]:
    return path["verdict"] != "certain", path["path"]


def _caller(row: Row) -> str:
    if row["kind"] == "web identity":
        known = row["identity"] if isinstance(row["identity"], str) else row["provider"]
        return f"{known} {'for ' + listing(row['subjects'], 3) if row['subjects'] else 'for every subject'}"
    if row["kind"] == "external account":
        return f"account {row['account']}"
    return str(row["trusted"]).rsplit(":", 1)[-1] if row["kind"] == "same account" else str(row["trusted"])


def _title(name: str, outsider: Row | None, power: str, insiders: Reaching, rows: Sequence[Failed]) -> str:
    if outsider is not None and power:
        return f"{_who(outsider)} can become an administrator through {name}"
    if who := insiders.sure or insiders.perhaps:
        become = "become an administrator" if len(who) == 1 else "become administrators"
        return f"{listing(who, 3)} {'can' if insiders.sure else 'may'} {become} through {name}"
    return rows[0].message


def _who(row: Row) -> str:
    if row["kind"] == "web identity" and row["subjects"]:
        subject = row["subjects"][0]
        if row["subject_width"] == "organization" and subject.startswith("repo:"):
            return f"Every repository of {subject.removeprefix('repo:').split('/')[0]}"
        return f"Every workload that matches {subject}"
    if row["kind"] == "external account":
        return f"Account {row['account']}"
    return {"anyone": "Anybody", "SAML": "Everyone whom the SAML provider authenticates"}.get(
        row["kind"], f"Everybody whom {row['provider']} knows"
    )


def _cause(name: str, power: str, insiders: Reaching, *, from_outside: bool, is_passed: bool) -> str:
    if from_outside:
        return (
            "The trust policy names a whole organization, provider or account and no single caller."
            if not power
            else "The trust policy is wider than the one caller that needs the role, and the role may do "
            "more than that caller needs."
        )
    if is_passed:
        return (
            f"{name} has administrator access, and callers who are not administrators can run code of theirs "
            "with it: they may pass the role to a service, or change what already runs with it."
        )
    if any(insiders):
        return f"{name} has administrator access, and callers who are not administrators can assume it."
    return "The trust policy names more callers than need the role."


def _effect(name: str, power: str, insiders: Reaching, *, from_outside: bool) -> str:
    if from_outside and power:
        return (
            "One mistake or attack outside of this account, or one token stolen there, is enough to take "
            "full control of it."
        )
    if from_outside:
        return f"Anyone who controls that caller, or makes it act for them, can use {name} here."
    if any(insiders):
        return insiders.effect
    return f"More callers than intended can use {name}."


def _why(power: str, insiders: Reaching, *, from_outside: bool) -> str:
    if from_outside:
        return "The path starts outside of the account" + (" and ends at an administrator." if power else ".")
    return insiders.why or "It takes a caller inside of the account first."


def _reach(power: str, *, from_outside: bool, sure: bool) -> Reach:
    if from_outside:
        return Reach.OUTSIDER_ADMINISTRATOR if power else Reach.OUTSIDER
    return Reach.BECOMES_ADMINISTRATOR if sure else Reach.INSIDE


def _steps(
    role: str,
    name: str,
    outsider: Row | None,
    power: str,
    insiders: Reaching,
    facts: Facts,
    *,
    is_passed: bool,
) -> list[str]:
    first = [*insiders.sure, *insiders.perhaps][:1]
    if is_passed and outsider is None:
        return [
            f"Find the statements that open the path: `iamaudit paths {first[0]}`. Name in them the roles "
            "that may be passed (`iam:PassRole`), and the functions or services that may be changed.",
            "Prove each change with `iamaudit what-if POLICY new.json` before it is put in force; keep the "
            "old document as the way back.",
            _narrow(name),
            f"Check that the path is gone: `iamaudit paths {first[0]}`.",
        ]
    steps = [_callers(outsider)]
    steps.append(
        f"Put it in force: `aws iam update-assume-role-policy --role-name {name} --policy-document "
        f"file://{name}-trust.json`; keep the old document as the way back."
    )
    if facts.is_break_glass(role):
        steps.append(
            f"{name} is for emergencies: let its trust policy require MFA, and raise an alarm on its use."
        )
    elif power or first:
        steps.append(_narrow(name))
    return [*steps, *(f"Check that the path is gone: `iamaudit paths {who}`." for who in first)]


def _callers(outsider: Row | None) -> str:
    """Return how to find out who is to be let in, and what to ask of them."""
    if outsider is None:
        return "List in CloudTrail who assumed the role in the last 90 days, and name those alone."
    if outsider["kind"] == "web identity":
        return (
            "Ask who uses the role, and write the trust policy for those alone: test the `:sub` of the token "
            "as `repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main`, and its `:aud`."
        )
    return (
        "Agree on an external id with the other side, let it send the id, and then test "
        "`sts:ExternalId` in the trust policy; for an account of your own, name the role there instead."
    )


def _narrow(name: str) -> str:
    return (
        f"Give {name} a policy with the actions that it used (`aws iam "
        "generate-service-last-accessed-details --granularity ACTION_LEVEL --arn ROLE_ARN`), and take "
        "administrator access off it."
    )
