"""Who can escalate to administrator, or reach data, through other principals."""

from iamaudit.checks.catalogue import EXPOSED, Frame, check
from iamaudit.escalation import DATA

_CURE = (
    "choose a permission of the path: the frame `choke_points` ranks the statements that cut most paths; "
    "write the policy without it to new.json and test it with `iamaudit what-if POLICY new.json`; then "
    "change the policy"
)
_ROOT = (
    "The test does not see techniques that docs/escalation.md does not list, or most resource-based policies."
)
_PEOPLE = ("user", "role")


@check(
    "escalation-administrator",
    "Users and roles cannot escalate to administrator",
    severity="high",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    cause="path",
    where="administrator != 'yes'",
    message="{path}",
    remediation=_CURE,
    blind_spot=_ROOT,
)
def escalation_administrator(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception is a user or role with a path to administrator whose verdict is `certain`.

    The path is a row of the frame `escalation_paths`. Each of its steps is allowed after every policy,
    permissions boundary, SCP and Deny. Certain administrators are left out of the population.
    """
    return _to_administrator(escalation_paths, "certain", _PEOPLE)


@check(
    "escalation-administrator-conditional",
    "Users and roles cannot escalate to administrator under a condition",
    severity="medium",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    cause="path",
    where="administrator == 'no'",
    message="{path}, if {conditions}",
    remediation=_CURE,
    blind_spot="The test does not decide whether the conditions can be met; the message names them.",
)
def escalation_administrator_conditional(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception is a user or role with a path to administrator whose verdict is `conditional`.

    At least one step of the path needs a condition, such as MFA or a source address, that the snapshot does
    not decide.
    """
    return _to_administrator(escalation_paths, "conditional", _PEOPLE)


@check(
    "escalation-administrator-live",
    "Users and roles cannot escalate to administrator through a running resource",
    severity="medium",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    cause="path",
    where="administrator == 'no'",
    message="{path}, if this exists: {needs}",
    remediation=_CURE,
    blind_spot="The test does not know whether the function, instance or project exists. Evidence from IAM "
    "does not say so.",
)
def escalation_administrator_live(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception is a user or role with a path to administrator whose verdict is `needs a live resource`.

    The path uses a resource that must exist and have the role, such as a Lambda function or an instance.
    """
    return _to_administrator(escalation_paths, "needs a live resource", _PEOPLE)


@check(
    "escalation-outsider",
    "Other accounts and federated identities cannot escalate to administrator",
    severity="critical",
    area="escalation",
    exposure=EXPOSED,
    population="trust",
    decides=("Principal", "Condition"),
    cause="path",
    where="kind in ['external account', 'known account', 'anyone', 'SAML', 'web identity']",
    message="{path}",
    remediation="narrow the trust policy of the first role of the path: `aws iam update-assume-role-policy "
    "--role-name ROLE --policy-document file://trust.json`; where the trust must stay, " + _CURE,
    blind_spot="The test does not see whom the identity provider or the other account lets in.",
)
def escalation_outsider(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception is another account or federated identity with a path to administrator of any verdict.

    The path starts at a role whose trust policy lets it in.
    """
    paths = escalation_paths[escalation_paths.end == "administrator"]
    return paths[(paths.principal_type == "outsider") & ~paths.principal.str.startswith("Identity Center")]


@check(
    "escalation-data",
    "Users and roles reach data by their own permissions only",
    severity="medium",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    cause="path",
    message="{path}",
    remediation=_CURE,
    blind_spot="The test does not see bucket policies and key policies, which may allow or deny the access.",
)
def escalation_data(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception is a user or role with a `certain` path to all data of one kind.

    The kinds are S3, DynamoDB, secrets and decryption with KMS. The principal cannot read all of it by its
    own permissions and can act as a principal that can.
    """
    paths = escalation_paths[escalation_paths.end.isin(DATA)]
    return paths[(paths.verdict == "certain") & (paths.principal_type != "outsider")]


def _to_administrator(paths: Frame, verdict: str, kinds: tuple[str, ...]) -> Frame:
    chosen = (paths.end == "administrator") & (paths.verdict == verdict)
    return paths[chosen & paths.principal_type.isin(kinds)]
