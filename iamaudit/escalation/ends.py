"""The ends of paths beside an administrator, and who is at each end already."""

from collections.abc import Iterator, Mapping

from iamaudit.account import Account, PrincipalPermissions, best_on_every_resource
from iamaudit.escalation.decider import union
from iamaudit.escalation.members import members_of
from iamaudit.escalation.universe import Universe
from iamaudit.escalation.way import CERTAIN, CONDITIONAL
from iamaudit.iam.evaluate import EveryResource

DATA = {
    "data in s3": ("s3:GetObject", "s3:PutBucketPolicy"),
    "data in dynamodb": ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutResourcePolicy"),
    "secrets": (
        *("secretsmanager:GetSecretValue", "secretsmanager:PutResourcePolicy"),
        *("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"),
    ),
    "decryption": ("kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant"),
    "user data": ("ec2:DescribeInstanceAttribute", "ec2:DescribeLaunchTemplateVersions"),
}
"""The other ends beside administrator: to read all there is of one kind, by any of these actions.

Who may write a resource's policy may let itself read. The user data of instances often hold secrets.
"""
_LEVELS = {"yes": CERTAIN, "perhaps": CONDITIONAL}
Levels = Mapping[str, Mapping[str, int]]
"""Who is at each end, by how surely."""


def ends_of(account: Account, universe: Universe) -> Levels:
    """Return who is at each end beside administrator already."""
    return {**data_ends_of(account, universe), **members_of(account, universe)}


def data_ends_of(account: Account, universe: Universe) -> Levels:
    """Return who reads each kind of data already, by how surely."""
    masks = {end: account.catalogue.expand_patterns(actions) for end, actions in DATA.items()}
    found: dict[str, dict[str, list[str]]] = {end: {} for end in DATA}
    by_patterns: list[str] = []
    for principal in account.principals:
        read = dict(_read(account, principal, masks))
        for end, level in read.items():
            found[end].setdefault(level, []).append(principal.arn)
        if any(principal.sets.broadly & mask for end, mask in masks.items() if end not in read):
            by_patterns.append(principal.arn)
    for arn, (surely, perhaps) in _on_every_resource(account, by_patterns).items():
        for end, mask in masks.items():
            if perhaps & mask and not any(arn in arns for arns in found[end].values()):
                found[end].setdefault(CERTAIN if surely & mask else CONDITIONAL, []).append(arn)
    return {
        end: {level: universe.bits(arns) for level, arns in levels.items()} for end, levels in found.items()
    }


def administrators_of(account: Account, universe: Universe) -> Mapping[str, int]:
    """Return who is an administrator already, by how surely."""
    found: dict[str, list[str]] = {}
    for arn, verdict in account.administrators.items():
        if verdict in _LEVELS:
            found.setdefault(_LEVELS[verdict], []).append(arn)
    return {level: universe.bits(arns) for level, arns in found.items()}


def _read(
    account: Account, principal: PrincipalPermissions, masks: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """Yield what a principal may read on every resource, how surely if it words its requests as suits it."""
    sets = principal.sets
    perhaps = [end for end, mask in masks.items() if sets.everywhere & mask]
    is_open = any(not sets.certain & masks[end] for end in perhaps)
    at_best = account.permissions_at_best(principal.arn) if is_open else ()
    surely = sets.certain | union(each.certain for each in at_best)
    for end in perhaps:
        yield end, CERTAIN if surely & masks[end] else CONDITIONAL


def _on_every_resource(account: Account, arns: list[str]) -> Mapping[str, tuple[int, int]]:
    """Return what some principals may do on every resource of a type, by patterns or but for some."""
    if not arns:
        return {}
    asked = sorted({action for actions in DATA.values() for action in actions})
    every = EveryResource.of(asked, account.catalogue, account.home)
    return best_on_every_resource(account, every, arns)
