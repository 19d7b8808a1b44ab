"""Whom or what a name means, and which names there are; nothing misspelt is answered."""

from collections.abc import Iterator, Mapping

from iamaudit.account import Actor, find_actor
from iamaudit.account.actors import TELLS_OF_NONE
from iamaudit.audit.judgement import Judgement
from iamaudit.errors import ParameterError, did_you_mean, require_text
from iamaudit.iam.arn import parse_arn

_SESSION = "assumed-role/"


def known_actors(audit: Judgement) -> Mapping[str, Actor]:
    """Return root and every user and role by ARN, also users whom only the credential report knows."""
    reported = audit.users[~audit.users.is_root.fillna(value=False)][["arn", "name"]].dropna().to_numpy()
    gone = {arn: Actor(arn=arn, type="user", name=name) for arn, name in reported}
    return {**gone, **audit.access.actors}


def find_principal(audit: Judgement, text: str, *, kind: str = "") -> tuple[Actor, str]:
    """Return the user or role that a name means, and the session of it that an ARN of STS names.

    Raises
    ------
    ParameterError
        Nobody is called so, or several are.
    """
    require_text(text, "give an ARN, user/name or role/name")
    actors = {arn: each for arn, each in known_actors(audit).items() if kind in ("", each.type)}
    role, session = _of_session(audit, text)
    return find_actor(actors, role or text), session


def principal_names(audit: Judgement, kind: str = "") -> list[str]:
    """Return the names of users and roles, with ``user/`` or ``role/`` before one that both have."""
    actors = [each for each in known_actors(audit).values() if kind in ("", each.type)]
    count: dict[str, int] = {}
    for each in actors:
        count[each.name] = count.get(each.name, 0) + 1
    return sorted(each.name if count[each.name] == 1 else each.label for each in actors)


def find_policy(audit: Judgement, text: str) -> str:
    """Return the policy that a name means: an ARN, a name, ``user/NAME#POLICY`` or ``role/NAME@trust``.

    Raises
    ------
    ParameterError
        No policy is called so, or several are.
    """
    require_text(text, "give the ARN, or the name of a policy")
    policies, aliases = audit.access.policies, _policy_aliases(audit)
    if text in policies:
        return text
    found = aliases.get(text.removeprefix("policy/"), [])
    if len(found) == 1:
        return found[0]
    if found:
        more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
        raise ParameterError(f"`{text}` names {', '.join(found[:3])}{more}: say which")
    cure = "give the ARN, or the name of a policy" if policies else TELLS_OF_NONE
    hint = did_you_mean(text, [*aliases, *policies], cure)
    raise ParameterError(f"`{text}` is not a policy of the snapshot: {hint}")


def policy_names(audit: Judgement) -> list[str]:
    """Return a name of each policy that no other one has: of an inline one with its owner."""
    aliases = _policy_aliases(audit)
    shortest: dict[str, str] = {}
    for alias, several in aliases.items():
        if len(several) == 1:
            shortest.setdefault(several[0], alias)
    return sorted(shortest.get(policy, policy) for policy in audit.access.policies)


def find_group(audit: Judgement, text: str) -> str:
    """Return the ARN of a group.

    Raises
    ------
    ParameterError
        No group is called so.
    """
    require_text(text, "give the ARN or the name of a group")
    arns = dict(zip(audit.groups.name, audit.groups.arn, strict=True))
    name = text.removeprefix("group/")
    found = text if text in set(arns.values()) else arns.get(name)
    if found is None:
        cure = "give the ARN or the name of a group" if arns else TELLS_OF_NONE
        hint = did_you_mean(name, list(arns), cure)
        raise ParameterError(f"`{text}` is not a group of the snapshot: {hint}")
    return found


def group_names(audit: Judgement) -> list[str]:
    """Return the name of each group."""
    return sorted(audit.groups.name)


def find_account(audit: Judgement, text: str) -> str:
    """Return the id of an outside account.

    Raises
    ------
    ParameterError
        It is not 12 digits, or it is the account of the snapshot.
    """
    require_text(text, "give 12 digits in quotes")
    arn = parse_arn(text)
    text = arn.account if arn and arn.resource == "root" else text
    if not (text.isascii() and text.isdigit() and len(text) == 12):
        hint = did_you_mean(text, account_names(audit), "give 12 digits")
        raise ParameterError(f"`{text}` is not an account: {hint}")
    if text == audit.account_id:
        raise ParameterError(
            f"`{text}` is the account of the snapshot: ask for another one that it may trust"
        )
    return text


def account_names(audit: Judgement) -> list[str]:
    """Return the other accounts that trust policies name."""
    return sorted(set(audit.trust.account.dropna()) - {audit.account_id})


def kinds_of(audit: Judgement, text: str) -> Iterator[str]:
    """Yield what a text may be: ``account``, ``action``, ``group``, ``policy`` or ``principal``."""
    require_text(text, "give a name or an ARN in quotes")
    arn = parse_arn(text)
    if text.isdigit():
        yield "account"
    elif arn is None and text.count(":") == 1 and "/" not in text:
        yield "action"
    elif text.startswith("group/") or (arn and arn.resource.startswith("group/")):
        yield "group"
    elif "#" in text or text.endswith("@trust") or (arn and arn.resource.startswith("policy/")):
        yield "policy"
    elif arn and arn.resource == "root" and arn.account != audit.account_id:
        yield "account"
    elif arn or text.startswith(("user/", "role/")):
        yield "principal"
    else:
        if any(text in (each.name, each.label) for each in known_actors(audit).values()):
            yield "principal"
        if text in group_names(audit):
            yield "group"
        if text.removeprefix("policy/") in _policy_aliases(audit):
            yield "policy"


def _of_session(audit: Judgement, text: str) -> tuple[str, str]:
    """Return the role and the name of a session, by its ARN."""
    arn = parse_arn(text)
    if arn is None or arn.service != "sts" or not arn.resource.startswith(_SESSION):
        return "", ""
    if arn.account != audit.account_id:
        raise ParameterError(f"`{text}` is of account {arn.account}, the snapshot of {audit.account_id}")
    role, _, session = arn.resource.removeprefix(_SESSION).partition("/")
    return f"role/{role}", session


def _policy_aliases(audit: Judgement) -> dict[str, list[str]]:
    """Return what policies are called, shorter names first."""
    aliases: dict[str, list[str]] = {}
    for policy in audit.access.policies.values():
        names = [policy.name] if policy.kind != "trust" else []
        owner = audit.access.actors.get(policy.owner or "")
        if owner:
            names.append(policy.policy.replace(owner.arn, owner.label, 1))
        for name in names:
            aliases.setdefault(name, []).append(policy.policy)
    return aliases
