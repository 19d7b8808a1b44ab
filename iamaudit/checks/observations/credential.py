"""The story of one user's credentials: keys in code, root, an administrator without MFA, stale keys."""

from collections.abc import Iterator, Sequence

from iamaudit.checks.observations.facts import Facts
from iamaudit.checks.observations.failed import Failed
from iamaudit.checks.observations.path import last_use, path_sentence
from iamaudit.checks.observations.story import Reach, Story, counted, found


def tell_credential(user: str, rows: Sequence[Failed], facts: Facts) -> Story:
    """Tell what is wrong with a user's password, keys and MFA, joined to what the user can become."""
    if facts.is_root(user):
        return _root(user, rows, facts)
    if facts.live_keys_in_code(user):
        return _in_code(user, rows, facts)
    return _own(user, rows, facts)


def _in_code(user: str, rows: Sequence[Failed], facts: Facts) -> Story:
    name, seen = facts.name(user), facts.live_keys_in_code(user)
    is_administrator, path = facts.is_administrator(user), facts.path(user)
    leads = is_administrator or path is not None
    where = " and ".join(
        dict.fromkeys(
            f"{row['path']} line {row['line']}" + (" (git history)" if row["where"] == "git history" else "")
            for row in seen
        )
    )
    keys = list(dict.fromkeys(row["key_id"] for row in seen))
    one = len(keys) == 1
    condition = f"{'Key' if one else 'Keys'} {' and '.join(keys)} of {name} {'is' if one else 'are'} active "
    condition += f"and {'stands' if one else 'stand'} in {where}. {_use(user, facts)}"
    if is_administrator:
        condition += f" {name} is an administrator."
    elif path is not None:
        condition += f" {path_sentence(path, facts)} {last_use(path, facts)}".rstrip()
    rest = [row for row in rows if row.check.population != "code_keys" and row.check.cause != "path"]
    also = f" Also found: {found(rest, 4)}." if rest else ""
    can = "take over the account" if leads else "do whatever that user may do"
    return Story(
        title=f"An active access key of {name} is in code"
        + (" and leads to an administrator" if leads else ""),
        condition=condition + also,
        cause="A long-term access key was written into a file, where a role or a secret store belongs.",
        effect=f"Anyone who can read the code, its history or a copy can act as {name} today and {can}.",
        steps=list(_leak_steps(name, keys, path is not None and not is_administrator)),
        why="The key is active, and others can read it"
        + ("; its user can become an administrator." if leads else "."),
        reach=Reach.EXPOSED_ADMINISTRATOR if leads else Reach.EXPOSED,
        owners=[user],
    )


def _leak_steps(name: str, keys: Sequence[str], has_path: bool) -> Iterator[str]:
    tail = " and ".join(f"…{key[-4:]}" for key in keys)
    yield (
        f"Deactivate the key that ends in {tail}, which can be undone: `aws iam list-access-keys "
        f"--user-name {name}` shows its full id, then `aws iam update-access-key --user-name {name} "
        "--access-key-id KEY_ID --status Inactive`."
    )
    yield (
        "Look in CloudTrail for calls that the owner did not make: `aws cloudtrail lookup-events "
        "--lookup-attributes AttributeKey=AccessKeyId,AttributeValue=KEY_ID`."
    )
    yield (
        "Give the job a role: through OpenID Connect for a pipeline, an instance or task role in AWS. "
        "Where that takes longer, create a new key and keep it in a secret store."
    )
    if has_path:
        yield (
            f"Cut the path: `iamaudit paths {name}` names the statements it rests on; "
            "prove the change with `iamaudit what-if`."
        )
    yield (
        f"Delete the key: `aws iam delete-access-key --user-name {name} --access-key-id KEY_ID`. Removing it "
        "from the code is not enough: copies and history stay."
    )


def _use(user: str, facts: Facts) -> str:
    """Return the age and the last use of a user's active keys."""
    said = []
    for key in facts.keys(user):
        service = key["last_used_service"]
        used = (
            "was never used"
            if key["never_used"] is True
            else f"was last used on {key['last_used_at']:%Y-%m-%d}"
            + (f" for {service}" if isinstance(service, str) else "")
            if key["last_used_at"] == key["last_used_at"] and key["last_used_at"] is not None
            else "may have been used at any time"
        )
        said.append(f"key {key['slot']} is {counted(key['age_days'], 'day')} old and {used}")
    return (", ".join(said).capitalize() + ".") if said else ""


def _root(user: str, rows: Sequence[Failed], facts: Facts) -> Story:
    row, keys = facts.user(user), len(facts.keys(user))
    wrong = [
        *([f"has {counted(keys, 'active access key')}"] if keys else []),
        *(["has no MFA"] if row.get("mfa_active") is False else []),
    ]
    title = f"Root {' and '.join(wrong)}" if wrong else "Root was used, or its credentials are not secured"
    steps = []
    if row.get("mfa_active") is False:
        steps.append("Sign in as root and register two MFA devices, best security keys, kept in two places.")
    if keys:
        steps += [
            "Find what uses the key: CloudTrail events with `userIdentity.type` Root and an access key id.",
            "Give that job a role with the few actions that it used.",
            "Deactivate the key under Security credentials of root, wait a day, then delete it.",
        ]
    steps.append("Keep the root password sealed, and raise an alarm on each sign-in of root.")
    return Story(
        title=title,
        condition=f"{_use(user, facts)} Found: {found(rows)}.".lstrip(),
        cause="Root is used like any other user, and its credentials were not secured.",
        effect="Root can do everything, close the account included. No policy of the account limits it, so "
        "a leaked key or a phished password cannot be contained.",
        steps=steps,
        why="No policy limits root" + (", and one stolen secret is enough." if wrong else "."),
        reach=Reach.ROOT,
        owners=[user],
    )


def _own(user: str, rows: Sequence[Failed], facts: Facts) -> Story:
    name, row = facts.name(user), facts.user(user)
    is_administrator = facts.is_administrator(user)
    who = "an administrator" if is_administrator else "a user"
    lacks_mfa = row.get("has_password") is True and row.get("mfa_active") is False
    wrong = "signs in without MFA" if lacks_mfa else "has old, unused or doubled credentials"
    steps = [f"Tell {name} before anything changes, because a job or a person may stop working."]
    if lacks_mfa:
        steps.insert(
            0,
            f"Let {name} register a passkey or another MFA device today; if that takes longer, "
            f"`aws iam delete-login-profile --user-name {name}` until it is done.",
        )
    if facts.keys(user):
        steps.append(
            f"Deactivate the access keys that are not needed: `aws iam list-access-keys --user-name {name}`, "
            f"`aws iam update-access-key --user-name {name} --access-key-id KEY_ID --status Inactive`."
        )
    if is_administrator:
        steps.append(f"Move {name} to a role with MFA and take administrator access off the user.")
    return Story(
        title=f"{name} is {who} and {wrong}",
        condition=f"Found: {found(rows)}.",
        cause="Nothing in the account enforces MFA or ends old keys, not even for administrators.",
        effect=f"One phished password or copied key of {name} is "
        + ("full control of the account." if is_administrator else "enough to act as that user."),
        steps=steps,
        why="One password or key is all that it takes to be an administrator."
        if is_administrator
        else "One password or key is enough to act as the user.",
        reach=Reach.ADMINISTRATOR if is_administrator else Reach.INSIDE,
        owners=[user],
    )
