"""What a principal may do to resources of its own making: a name is looked for that everything allows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import count, islice, product
from math import prod
from string import ascii_lowercase, digits

from iamaudit.account import may_carry
from iamaudit.escalation.caller import Caller
from iamaudit.escalation.decider import Decider, strength
from iamaudit.escalation.documents import More
from iamaudit.escalation.granting import Granting
from iamaudit.escalation.rules import load_rules
from iamaudit.escalation.said import Said
from iamaudit.escalation.templates import templates_of
from iamaudit.escalation.witness import witness
from iamaudit.iam.evaluate import Context
from iamaudit.iam.evaluate.resources import resource_regex
from iamaudit.iam.evaluate.ternary import Ternary

_COMBINATIONS, _REGIONS = 64, 8
_SOMEWHERE = "x"
_LETTERS = (_SOMEWHERE, *ascii_lowercase, *digits, *"_+=,.@-")  # of names in IAM, alike in either case
_MAKES = ("iam:CreateUser", "iam:CreateRole")
_BOUNDARY, _POLICY, _PASSED = "iam:PermissionsBoundary", "iam:PolicyARN", "iam:PassedToService"
_NOBODY = Context({})
_GRANTED = {_BOUNDARY.lower(), _POLICY.lower(), _PASSED.lower()}

_Needed = tuple[list[tuple[str, tuple[str, ...]]], list[tuple[str, list[str]]]]


@dataclass(frozen=True, slots=True)
class Made:
    """Whether an action is allowed on a resource that suits the principal best, on which, and how asked."""

    held: Ternary
    resource: str
    said: More


class OwnResources:
    """Decides actions whose resource is for the principal to choose, or that is not in a snapshot."""

    def __init__(self, decider: Decider, granting: Granting) -> None:
        self._decider, self._granting = decider, granting
        self._found: dict[tuple[object, ...], tuple[Made, ...]] = {}
        self._made: dict[tuple[object, ...], Made] = {}
        self._entries: dict[tuple[Said, str, str | None], list[str]] = {}
        self._types: dict[tuple[tuple[str, ...], str], _Needed] = {}
        self._plain: dict[tuple[str, ...], bool] = {}

    def somewhere(self, caller: Caller, actions: tuple[str, ...]) -> dict[str, Made]:
        """Return the best answer on each action over whatever resources there may be.

        Actions that take the same type of resource are decided on the same one: who may create functions
        ``dev-*`` and invoke ``prod-*`` cannot invoke what it created. Principals share an answer when
        their documents say the same about these actions and none of them looks at who asks.
        """
        said = [caller.said(action.lower()) for action in actions]
        key: tuple[object, ...] = (actions,)
        if not (all(each.is_free for each in said) and self._is_first_free(said, actions)):
            key = actions, *said, *map(caller.who, said)
        if key not in self._found:
            best = self._best(caller, actions)
            self._found[key] = tuple(best[action] for action in actions)
        return dict(zip(actions, self._found[key], strict=True))

    def _is_first_free(self, said: Iterable[Said], actions: tuple[str, ...]) -> bool:
        """Say whether the plain name, which is tried first, is nobody's yet, and the region no other's.

        And whether nobody looks at what a new user or role is given, which the answer would tell.
        """
        if any(_SOMEWHERE in each.regions or _GRANTED & each.keys for each in said):
            return False
        if actions not in self._plain:
            templates = {t for a in actions for kind in self._templates(a, _SOMEWHERE) for t in kind}
            self._plain[actions] = all(self._new(template, frozenset()) for template in templates)
        return self._plain[actions]

    def left_out(self, caller: Caller, actions: tuple[str, ...]) -> str | None:
        """Return in words what ``somewhere`` did not try; ``None`` when it tried every name and Region."""
        regions = {region for action in actions for region in caller.said(action.lower()).regions}
        if len(regions) > _REGIONS:
            return f"{_REGIONS} of the {len(regions)} Regions that statements name were tried"
        on_one, by_template = self._needed(actions, _SOMEWHERE)
        sharing = [(t, [action]) for action, templates in on_one for t in templates] + by_template
        most = max((self._count(caller, template, those) for template, those in sharing), default=0)
        return (
            None if most <= _COMBINATIONS else f"{_COMBINATIONS} of {most:,} combinations of names were tried"
        )

    def _count(self, caller: Caller, template: str, actions: Sequence[str]) -> int:
        return prod(len(self._patterns(caller, template, action)) for action in actions)

    def _best(self, caller: Caller, actions: tuple[str, ...]) -> dict[str, Made]:
        """Return the best answers of one region: what is created there is used there."""
        return _the_best(
            self._in_region(caller, actions, region, said)
            for said in self._granted(caller, actions)
            for region in self._regions(caller, actions)
        )

    def _granted(self, caller: Caller, actions: tuple[str, ...]) -> Iterator[More]:
        """Yield what requests say of a new user or role and what it is given, as far as a policy looks at it.

        It has no permissions boundary or a wide one, is given what makes an administrator, and may be passed.
        """
        if not any(action in _MAKES for action in actions):
            yield ()
            return
        looked_at = {key for action in actions for key in caller.keys(action.lower())}
        options: list[list[tuple[str, str]]] = []
        if _BOUNDARY.lower() in looked_at:
            wide = [(_BOUNDARY, policy) for policy in self._granting.full]
            options.append([(f"-{_BOUNDARY.lower()}", ""), *wide])
        if _POLICY.lower() in looked_at:
            options.append([(_POLICY, policy) for policy in self._granting.full])
        if _PASSED.lower() in looked_at and "iam:PassRole" in actions:
            options.append([(_PASSED, service) for service in _takers(actions)])
        yield from islice(product(*options), _COMBINATIONS)

    def _in_region(
        self, caller: Caller, actions: tuple[str, ...], region: str, granted: More
    ) -> dict[str, Made]:
        said = (*asked_in(region), *granted)
        on_one, by_template = self._needed(actions, region)
        made = {
            action: min(self._tried(caller, action, templates, said), key=_strength)
            for action, templates in on_one
        }
        for template, sharing in by_template:
            best = _the_best(
                {action: self._answer(caller, action, arn, said) for action in sharing}
                for arn in self._candidates(caller, template, sharing)
            )
            for action, each in best.items():
                if action not in made or _strength(each) > _strength(made[action]):
                    made[action] = each
        return made

    def _needed(self, actions: tuple[str, ...], region: str) -> _Needed:
        """Return the actions that need one of some types, and each type that actions need with these."""
        found = self._types.get((actions, region))
        if found is None:
            by_template: dict[str, list[str]] = {}
            on_one: list[tuple[str, tuple[str, ...]]] = []
            for action in actions:
                required, others = self._templates(action, region)
                for template in required:
                    by_template.setdefault(template, []).append(action)
                if others or not required:
                    on_one.append((action, others))
            found = self._types[actions, region] = on_one, list(by_template.items())
        return found

    def _regions(self, caller: Caller, actions: tuple[str, ...]) -> Iterator[str]:
        """Yield any region, and then those that the statements about some actions name."""
        named: set[str] = set()
        for action in actions:
            named |= caller.said(action.lower()).regions
        yield _SOMEWHERE + "x" * (_SOMEWHERE in named)
        yield from islice(sorted(named), _REGIONS)

    def _tried(self, caller: Caller, action: str, templates: Sequence[str], said: More) -> Iterator[Made]:
        """Yield answers about an action on one of some types, up to the first that allows it."""
        arns = (arn for each in templates for arn in self._candidates(caller, each, [action]))
        for arn in arns if templates else ("*",):
            found = self._answer(caller, action, arn, said)
            yield found
            if found.held:
                return

    def _answer(self, caller: Caller, action: str, arn: str, said: More) -> Made:
        """Return whether an action is allowed on one resource, for all callers that hear the same of it."""
        heard = caller.said(action.lower())
        key = heard, caller.who(heard), arn, said
        found = self._made.get(key)
        if found is None:
            carried = tuple((key, value) for key, value in said if may_carry(action.lower(), key.lower()))
            found = self._made[key] = Made(caller.on(action, arn, carried), arn, carried)
        return found

    def _candidates(self, caller: Caller, template: str, actions: Sequence[str]) -> Iterator[str]:
        """Yield ARNs of a type that the entries about these actions cover, as far as there are such.

        A plain name is tried first, and then one for each way to take an entry about each action.
        """
        seen: set[str] = set()
        for patterns in self._combinations(caller, template, actions):
            arn = self._new(template, patterns)
            if arn is not None and arn not in seen:
                seen.add(arn)
                yield arn

    def _new(self, template: str, patterns: frozenset[str]) -> str | None:
        """Return an ARN of a type that patterns cover and that is not there yet; a name holds no colon.

        So no entry of another type reaches it, and who is there already is not made anew.
        """
        arn = self._free(template, patterns)
        return arn if arn is None or arn.count(":") == template.count(":") else None

    def _free(self, template: str, patterns: frozenset[str]) -> str | None:
        """Return the shortest name that patterns cover, or another one while nobody is called so."""
        index, arn = self._decider.universe.index, _witness(template, patterns)
        if arn not in index:
            return arn
        begin = template.partition("*")[0]
        for letter in _LETTERS:
            for length in count(1):
                arn = _witness(template, patterns | {f"{begin}*{letter * length}*"})
                if arn not in index:
                    break
            if arn is not None:
                return arn
        return None

    def _combinations(
        self, caller: Caller, template: str, actions: Sequence[str]
    ) -> Iterator[frozenset[str]]:
        yield frozenset()
        patterns = [self._patterns(caller, template, action) for action in actions]
        for together in islice(product(*patterns), _COMBINATIONS):
            yield frozenset(together) - {"*"}

    def _patterns(self, caller: Caller, template: str, action: str) -> list[str]:
        """Return the entries about an action as patterns; one about other types of resources goes with none.

        Who hears the same has the same, unless a variable stands for who asks.
        """
        said = caller.said(action.lower())
        key = said, template, caller.actor.arn if "${" in said.keys else None
        found = self._entries.get(key)
        if found is None:
            context = self._decider.context(caller.actor) if key[2] else _NOBODY
            entries = {
                entry if resource_regex(entry, context, has_variables=True) else "*"
                for _, statement in caller.mentions(action)
                for entry in statement.resources or ("*",)
            }
            plain = (_plain(entry, context) for entry in sorted(entries))
            found = self._entries[key] = [each for each in plain if _goes_with(template, each)]
        return found

    def _templates(self, action: str, region: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return, as patterns, the ARNs of all resources that an action needs, and those it needs one of."""
        return templates_of(action, self._partition, self._decider.account.account_id, region)

    @cached_property
    def _partition(self) -> str:
        return self._decider.universe.partition


@lru_cache(maxsize=64)
def _takers(actions: tuple[str, ...]) -> tuple[str, ...]:
    """Return the services to which some of these actions pass a role."""
    asked = set(actions)
    passing = (rule for rule in load_rules().values() if rule.services and "iam:PassRole" in rule.permissions)
    found = (service for rule in passing if asked.issuperset(rule.permissions) for service in rule.passed_to)
    return tuple(dict.fromkeys(found))


def _strength(made: Made) -> int:
    return strength(made.held)


def asked_in(region: str) -> More:
    """Return what a request in a region carries."""
    return (("aws:RequestedRegion", region),)


def _the_best(tried: Iterator[dict[str, Made]]) -> dict[str, Made]:
    together = _until_all_allowed(tried)
    return min(together, key=lambda found: sorted(map(_strength, found.values()), reverse=True))


def _until_all_allowed(tried: Iterator[dict[str, Made]]) -> Iterator[dict[str, Made]]:
    for each in tried:
        yield each
        if all(made.held for made in each.values()):
            return


@lru_cache(maxsize=65_536)
def _witness(template: str, patterns: frozenset[str]) -> str | None:
    return witness((template, *sorted(patterns)))


def _goes_with(template: str, pattern: str) -> bool:
    return pattern == "*" or _witness(template, frozenset((pattern,))) is not None


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
