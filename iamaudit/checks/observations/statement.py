"""The story of one statement of a policy, with every check that it fails and every path it opens."""

import re
from collections.abc import Sequence

from iamaudit.checks.observations.facts import Facts, Row
from iamaudit.checks.observations.failed import Failed
from iamaudit.checks.observations.path import Reaching, path_sentence
from iamaudit.checks.observations.story import Reach, Story, counted, found, listing

_PLACE = re.compile(r" \(Statement\[\d+\]\)$")
_ACTIONS = re.compile(r"([\w-]+:\w+)(, [\w-]+:\w+){2,}")


def tell_statement(subject: str, rows: Sequence[Failed], facts: Facts) -> Story:
    """Tell what a statement allows, who holds it, and what they become by it."""
    policy = subject.rsplit(" Statement[", 1)[0]
    said, holders = facts.statement(subject), facts.holders(policy)
    names = [facts.name(facts.principal(holder)) for holder in holders]
    name = said.get("policy_name") or policy.rsplit("/", 1)[-1]
    sid = f" (Sid {said['sid']})" if isinstance(said.get("sid"), str) else ""
    place = f"Statement {said.get('index', subject.rsplit('[', 1)[-1].rstrip(']'))}{sid} of {name}"
    paths = [(row, path) for row in rows if (path := _path_of(row, facts)) is not None]
    becoming = sorted({facts.name(path["principal"]) for _, path in paths if path["end"] == "administrator"})
    reaching = Reaching.by((path for _, path in paths if path["end"] == "administrator"), facts)
    own = [row for row in rows if row.check.cause != "path"]
    if becoming:
        title = f"A statement of {name} lets {listing(becoming, 3)} become an administrator"
        title = title if len(becoming) == 1 else title.replace("an administrator", "administrators")
    elif said.get("is_all_actions") is True and said.get("is_all_resources") is True:
        title = f"{name} allows every action on every resource"
    else:
        title = _headline((own or rows)[0].message)
    condition = f"{place} allows {_allowed(said)}. Held by {listing(names) or 'nobody'}."
    sentences = sorted({path_sentence(path, facts) for _, path in paths})
    condition += "".join(f" {sentence}" for sentence in sentences[:3])
    if own:
        condition += f" Found: {found(own)}."
    if len(sentences) > 3:
        condition += f" {counted(len(sentences) - 3, 'more path')} in data/escalation_paths.csv."
    return Story(
        title=title,
        condition=condition,
        cause=f"The statement allows more than its {'holder needs' if len(names) == 1 else 'holders need'}: "
        "it was not compared with what is used.",
        effect=reaching.effect if becoming else _effect(names),
        steps=_steps(policy, name, names, becoming),
        why=reaching.why or _why(names),
        reach=Reach.BECOMES_ADMINISTRATOR if reaching.sure else Reach.INSIDE,
        owners=[arn for arn in map(facts.principal, holders) if arn],
    )


def _path_of(row: Failed, facts: Facts) -> Row | None:
    return facts.path(row.resource, row.evidence) if row.check.cause == "path" else None


def _headline(message: str) -> str:
    """Return a message without the place of the statement, and of three actions or more only the first."""
    shown = _PLACE.sub("", message)
    return _ACTIONS.sub(lambda list_: f"{list_[1]} and {list_[0].count(',')} more", shown)


def _allowed(said: Row) -> str:
    what = (
        f"everything but {listing(said['not_actions'])}"
        if said.get("not_actions")
        else listing(said.get("actions") or ["what the evidence shows"])
    )
    where = (
        f"everything but {listing(said['not_resources'])}"
        if said.get("not_resources")
        else listing(said.get("resources") or ["*"], 3)
    )
    return f"{what} on {'every resource' if where == '*' else where}"


def _effect(holders: Sequence[str]) -> str:
    if not holders:
        return "Nobody holds the policy today. A principal to which it is attached gets all of this at once."
    return f"{listing(holders, 3)}, or anyone who steals their credentials, can use all of this today."


def _why(holders: Sequence[str]) -> str:
    return f"{counted(len(holders), 'principal')} can use it." if holders else "Nobody can use it today."


def _steps(policy: str, name: str, holders: Sequence[str], becoming: Sequence[str]) -> list[str]:
    first = (
        f"List what {listing(holders, 3)} used: `aws iam generate-service-last-accessed-details "
        "--granularity ACTION_LEVEL --arn ARN`."
        if holders
        else "Ask the owner of the policy whether it is needed at all; if not, delete it."
    )
    steps = [
        first,
        f"Write {name}.json with the actions and resources that are needed, and prove what changes: "
        f"`iamaudit what-if {policy} {name}.json`.",
        f"Put it in force: `{_put(policy, name)}`.",
        "Watch CloudTrail for AccessDenied for a week. If something fails, restore the old document.",
    ]
    if becoming:
        steps.append(f"Check that the path is gone: `iamaudit paths {becoming[0]}`.")
    return steps


def _put(policy: str, name: str) -> str:
    if "#" not in policy:
        return (
            f"aws iam create-policy-version --policy-arn {policy} --policy-document file://{name}.json "
            "--set-as-default"
        )
    kind, _, owner = policy.split("#", 1)[0].rsplit(":", 1)[-1].partition("/")
    holder = owner.rsplit("/", 1)[-1]
    return (
        f"aws iam put-{kind}-policy --{kind}-name {holder} --policy-name {name} "
        f"--policy-document file://{name}.json"
    )
