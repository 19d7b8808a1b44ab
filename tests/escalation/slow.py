"""The ways of one principal, found the slow way: every rule and every single target put to ``authorize``.

Nothing is shared and nothing is a set here. It is what ``iamaudit.escalation`` must agree with.
"""

from dataclasses import replace

from iamaudit.account import Actor, carried_keys
from iamaudit.escalation.caller import Caller
from iamaudit.escalation.decider import strength_of, trust_in, without_boundary
from iamaudit.escalation.own_resources import OwnResources
from iamaudit.escalation.rules import load_raises, load_rules
from iamaudit.escalation.way import LEVELS
from iamaudit.iam.policy import parse_document
from tests.accounts import IAM

NAMES = ("certain", "conditional", "blocked")
ASSUME = "sts:AssumeRole"
ALL = parse_document(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def slow_ways(escalation, actor):
    """Return the verdict of each rule and target that the principal's statements are about, by both."""
    found = {}
    for rule in load_rules().values():
        for target, verdict, live in _followed(escalation, actor, rule):
            if verdict < 2:
                name = "needs a live resource" if live else NAMES[verdict]
                found[rule.id, target] = name
    return {**found, **_combined(escalation, actor, found)}


def _combined(escalation, actor, found):
    """Return who can be made an administrator and then be taken over, by the first of the surest ways."""
    takes = {rule.id: rule for rule in load_rules().values() if rule.gives == "target"}
    explicit = {frozenset(rule.permissions) for rule in load_rules().values()}
    made = {}
    for rule in load_raises().values():
        if not all(_mentions(actor, action) for action in rule.permissions):
            continue
        for target in _actors(escalation):
            is_done = escalation.around.administrators & escalation.universe.bit(target.arn)
            is_about = rule.is_about_policies or rule.is_about_users == (target.type == "user")
            if is_done or target.arn == actor.arn or not is_about:
                continue
            taken = [
                (LEVELS.index(v), r) for (r, arn), v in found.items() if arn == target.arn and r in takes
            ]
            raised = _raised(escalation, actor, rule, target)
            if not taken or raised == 2:
                continue
            level, by = min(taken, key=lambda each: each[0])
            if frozenset((*rule.permissions, *takes[by].permissions)) not in explicit:
                made[f"{rule.id}-then-{by}", target.arn] = LEVELS[max(level, raised)]
    return made


def _raised(escalation, actor, rule, target):
    """Return how surely a rule makes an administrator of one target."""
    (action, on), *more = rule.permissions.items()
    standing, account = escalation.around.standing, escalation.account
    if on == "older version of target":
        return _set_back(escalation, actor, action, target)
    if rule.gives == "target with any policy without boundary":
        given = replace(target, identity=(*target.identity, ALL))
        is_free = standing.as_is(given) == "yes" or not target.boundary_policy
        made = 2 if is_free else _ceiling(standing.as_is(without_boundary(given)))
        return max(made, *(_best(escalation, actor, each, target.arn) for each in rule.permissions))
    if on == "policy of target":
        return _rewritten(escalation, actor, action, target)
    kept = _ceiling(standing.as_is(replace(target, identity=(*target.identity, ALL))))
    if rule.gives == "target without boundary":
        freed = standing.as_is(without_boundary(target)) if target.boundary_policy else "no"
        kept = 2 if standing.as_is(target) != "no" else _ceiling(freed)
    if on == "group of target":
        return max(kept, min((_best(escalation, actor, action, g) for g in target.member_of), default=2))
    if on == "target group" and more:
        both = [max(_best(escalation, actor, a, g) for a in rule.permissions) for g in account.groups]
        return max(kept, min(both, default=2))
    if on == "target group":
        groups = [
            max(_ceiling(standing.of_group(g)), _best(escalation, actor, action, g)) for g in account.groups
        ]
        return max(kept, min(groups, default=2))
    return max(kept, _best(escalation, actor, action, target.arn))


def decided(escalation, actor, action, resource, more=(), trust=None):
    """Return 0 for allowed, 1 for depends, 2 for denied."""
    return strength_of(escalation.around.decider.decide(actor, action, resource, more, trust))


def _followed(escalation, actor, rule):
    if rule.services:
        yield from _through_a_service(escalation, actor, rule)
    elif rule.gives == "target without boundary" or rule.gives.startswith("target"):
        yield from _on_another(escalation, actor, rule)
    elif rule.actions_on("target group") and "iam:CreateUser" in rule.permissions:
        yield from _into_groups(escalation, actor, rule)
    elif rule.gives in ("any policy", "a new group", "any policy without boundary"):
        for verdict in _on_oneself(escalation, actor, rule):
            yield None, verdict, rule.live


def _through_a_service(escalation, actor, rule):
    caller = Caller(escalation.around.decider, actor)
    made = OwnResources(escalation.around.decider, escalation.around.granting)._best(
        caller, rule.actions_on("any")
    )
    others = [decided(escalation, actor, action, each.resource, each.said) for action, each in made.items()]
    if not all(_mentions(actor, action) for action in rule.permissions):
        return
    for role in _roles(escalation):
        passed = [0]
        if "iam:PassRole" in rule.permissions:
            asked = [(("iam:PassedToService", service),) for service in rule.passed_to]
            passed = [min(decided(escalation, actor, "iam:PassRole", role.arn, m) for m in asked)]
        for service in rule.services:
            surely, perhaps = escalation.around.trusting.service(service)
            bit = escalation.universe.bit(role.arn)
            trusted = 0 if bit & surely else 1 if bit & perhaps else 2
            needs_profile = (
                service == "ec2.amazonaws.com"
                and "iam:AddRoleToInstanceProfile" not in rule.permissions
                and not escalation.account.roles[role.arn].instance_profiles
            )
            if role.arn != actor.arn:
                yield role.arn, max([*others, *passed, trusted]), rule.live or needs_profile


def _on_another(escalation, actor, rule):
    if rule.actions_on("provider of target"):
        return  # the accounts of the laws have no provider
    kinds = "user" if rule.actions_on("target user") else "role"
    if rule.permissions != {ASSUME: "target role"}:
        needed = [action for action in rule.permissions if action != ASSUME]
        if not all(_mentions(actor, action) for action in needed):
            return
    room = escalation.around.targets.users_for(rule.permissions)
    for target in _actors(escalation):
        if target.type != kinds or target.arn == actor.arn:
            continue
        if kinds == "user" and not room & escalation.universe.bit(target.arn):
            continue
        verdicts = [_asked(escalation, actor, action, on, target) for action, on in rule.permissions.items()]
        if rule.needs_mfa and escalation.around.targets.with_mfa & escalation.universe.bit(target.arn):
            verdicts.append(1)
        if "iam:UpdateAssumeRolePolicy" in rule.permissions:
            verdicts.append(decided(escalation, actor, ASSUME, target.arn, (), trust_in(actor.arn)))
        if rule.gives == "target with any policy" and "policy of target" not in rule.permissions.values():
            made = replace(target, identity=(*target.identity, ALL))
            verdicts.append(_ceiling(escalation.around.standing.as_is(made)))
        if rule.gives == "target without boundary":
            as_is = escalation.around.standing.as_is
            freed = as_is(without_boundary(target)) if target.boundary_policy else "no"
            verdicts.append(2 if as_is(target) != "no" else _ceiling(freed))
        yield target.arn, max(verdicts), rule.live


def _asked(escalation, actor, action, on, target):
    if action == ASSUME:
        return decided(escalation, actor, ASSUME, target.arn, (), escalation.account.trust.get(target.arn))
    if on == "policy of target":
        return _rewritten(escalation, actor, action, target)
    return _best(escalation, actor, action, target.arn)


def _best(escalation, actor, action, resource):
    """Return the best of the ways to ask for an action: a full policy is named, a wide boundary."""
    options = escalation.around.granting.options(action, actor)
    return min(decided(escalation, actor, action, resource, option) for option in options)


def _rewritten(escalation, actor, action, holder):
    """Return how surely a policy or boundary that somebody holds can be rewritten to make more of it."""
    own = escalation.around.targets.own_policies
    found = [2]
    for name in holder.policies:
        if escalation.universe.bit(name) & own:
            verdict = decided(escalation, actor, action, name)
            if escalation.account.policies[name].versions >= 5:
                verdict = max(verdict, decided(escalation, actor, "iam:DeletePolicyVersion", name))
            found.append(max(verdict, _ceiling(_with_any_version(escalation, holder, name))))
    return min(found)


def _set_back(escalation, actor, action, holder):
    """Return how surely an older version of a policy or boundary makes an administrator of who holds it."""
    found = [2]
    for name in holder.policies:
        policy = escalation.account.policies[name]
        if escalation.universe.bit(name) & escalation.around.targets.own_policies:
            verdict = decided(escalation, actor, action, name)
            made = [_ceiling(_with_version(escalation, holder, name, old)) for old in policy.older]
            found.append(max(verdict, min(made, default=2)))
    return min(found)


def _with_version(escalation, holder, name, version):
    """Return what a holder is once a policy, or boundary, says something else."""
    document = escalation.account.policies[name].document

    def rewritten(documents):
        return tuple(version if each is document else each for each in documents)

    limit = {"boundary": version} if holder.boundary_policy == name else {}
    made = replace(holder, identity=rewritten(holder.identity), groups=rewritten(holder.groups), **limit)
    return escalation.around.standing.as_is(made)


def _with_any_version(escalation, holder, name):
    """Return what a holder is once a policy allows everything, in a copy of the account that has it so."""
    account = escalation.account
    document = account.policies[name].document

    def rewritten(documents):
        return tuple(ALL if each is document else each for each in documents)

    freed = without_boundary(holder) if holder.boundary_policy == name else holder
    made = replace(freed, identity=rewritten(holder.identity), groups=rewritten(holder.groups))
    return escalation.around.standing.as_is(made)


def _on_oneself(escalation, actor, rule):
    (action, on) = next(iter(rule.permissions.items()))
    standing = escalation.around.standing
    if not all(_mentions(actor, action) for action in rule.permissions):
        return
    if on == "any":
        verdicts, newcomer = _something_new(escalation, actor, rule)
        if rule.gives == "a new group":
            given = standing.as_is(replace(actor, identity=(*actor.identity, ALL)))
            yield from [max(*verdicts, _ceiling(given))] if actor.type == "user" else ()
            return
        yield max(*verdicts, _ceiling(escalation.around.standing.newcomer(newcomer)))
        return
    kept = _ceiling(standing.as_is(replace(actor, identity=(*actor.identity, ALL))))
    if rule.gives == "any policy without boundary":
        (_, then), freed = rule.permissions, without_boundary(actor)
        if actor.boundary_policy and kept and (actor.type == "user") == ("User" in action):
            made = _ceiling(standing.as_is(replace(freed, identity=(*freed.identity, ALL))))
            first = decided(escalation, actor, action, actor.arn)
            yield max(made, first, _best(escalation, freed, then, actor.arn))
    elif on == "self" and (actor.type == "user") == ("User" in action):
        yield max(kept, _best(escalation, actor, action, actor.arn))
    elif on == "own group" and actor.type == "user":
        verdicts = [max(kept, _best(escalation, actor, action, g)) for g in actor.member_of]
        yield min(verdicts, default=2)
    elif on == "own policy":
        yield _rewritten(escalation, actor, action, actor)


def _something_new(escalation, actor, rule):
    """Return how surely a rule makes what is not there yet, action by action, and who that is."""
    caller = Caller(escalation.around.decider, actor)
    made = OwnResources(escalation.around.decider, escalation.around.granting)._best(
        caller, rule.actions_on("any")
    )
    verdicts = [decided(escalation, actor, action, each.resource, each.said) for action, each in made.items()]
    if "iam:CreateRole" in made:
        new = made["iam:CreateRole"].resource
        verdicts.append(decided(escalation, actor, ASSUME, new, (), trust_in(actor.arn)))
    of_center = f"{IAM}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x_0000000000000000"
    names = [made[action].resource for action in ("iam:CreateUser", "iam:CreateRole") if action in made]
    return verdicts, (*names, of_center)[0]


def _into_groups(escalation, actor, rule):
    """Follow a rule that makes a user and puts it in a group, group by group."""
    if not all(_mentions(actor, action) for action in rule.permissions):
        return
    (join,) = rule.actions_on("target group")
    verdicts, arn = _something_new(escalation, actor, rule)
    name = arn.rpartition("/")[2]
    context = carried_keys(arn, "user", user_name=name)
    for group, held in escalation.account.groups.items():
        member = Actor(arn=arn, type="user", name=name, context=context, groups=held.documents)
        made = _ceiling(escalation.around.standing.as_is(member))
        yield group, max(*verdicts, made, _best(escalation, actor, join, group)), rule.live


def _mentions(actor, action):
    documents = (*actor.identity, *actor.groups)
    return any(s.effect == "Allow" for d in documents for s in d.about(action.lower()))


def _ceiling(word):
    return {"yes": 0, "perhaps": 1, "no": 2}[word]


def _actors(escalation):
    return escalation.around.actors


def _roles(escalation):
    return [actor for actor in _actors(escalation) if actor.type == "role"]
