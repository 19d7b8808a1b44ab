"""Who can become an administrator, or come to data, by way of others."""

from iamaudit.checks.catalogue import EXPOSED, Frame, check

_CURE = "take one permission of the path away, `audit.choke_points` ranks them; prove it first with "
_CURE += "`iamaudit what-if POLICY new.json`"
_ROOT = "Ways that no public catalogue names, and resource-based policies."
_PEOPLE = ("user", "role")


@check(
    "escalation-administrator",
    "Nobody can make himself an administrator",
    severity="critical",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    where="administrator != 'yes'",
    message="{path}",
    remediation=_CURE,
    blind_spot=_ROOT,
)
def escalation_administrator(_: Frame, escalation_paths: Frame) -> Frame:
    """Each step of a path is decided with all policies, boundaries and SCPs; an exception is certain."""
    return _to_administrator(escalation_paths, "certain", _PEOPLE)


@check(
    "escalation-administrator-conditional",
    "Nobody can make himself an administrator under a condition",
    severity="high",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    where="administrator == 'no'",
    message="{path}, if {conditions}",
    remediation=_CURE,
    blind_spot="Whether the conditions can be met: they are named.",
)
def escalation_administrator_conditional(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception has a path whose weakest step hangs on a condition that nobody can decide here."""
    return _to_administrator(escalation_paths, "conditional", _PEOPLE)


@check(
    "escalation-administrator-live",
    "Nobody can make himself an administrator through what runs already",
    severity="medium",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    where="administrator == 'no'",
    message="{path}, given {needs}",
    remediation=_CURE,
    blind_spot="Whether the function, instance or project exists: no snapshot of IAM knows.",
)
def escalation_administrator_live(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception has a path that needs a live resource which has a role, as a function or an instance."""
    return _to_administrator(escalation_paths, "needs a live resource", _PEOPLE)


@check(
    "escalation-outsider",
    "Nobody from outside can become an administrator",
    severity="critical",
    area="escalation",
    exposure=EXPOSED,
    population="trust",
    where="kind in ['external account', 'known account', 'anyone', 'SAML', 'web identity']",
    message="{path}",
    remediation="narrow the trust policy at the start of the path, or what its role may do; " + _CURE,
    blind_spot="Who the identity provider and the other account let in.",
)
def escalation_outsider(_: Frame, escalation_paths: Frame) -> Frame:
    """Other accounts and federated identities start at roles that trust them; any path is an exception."""
    paths = escalation_paths[escalation_paths.end == "administrator"]
    return paths[(paths.principal_type == "outsider") & ~paths.principal.str.startswith("Identity Center")]


@check(
    "escalation-data",
    "Nobody comes to all data by way of others",
    severity="medium",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    message="{path}",
    remediation=_CURE,
    blind_spot="Data that a bucket policy or a key policy opens or shuts.",
)
def escalation_data(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception cannot read all of S3, DynamoDB, secrets or KMS, and surely becomes somebody who can."""
    paths = escalation_paths[escalation_paths.end != "administrator"]
    return paths[(paths.verdict == "certain") & (paths.principal_type != "outsider")]


def _to_administrator(paths: Frame, verdict: str, kinds: tuple[str, ...]) -> Frame:
    chosen = (paths.end == "administrator") & (paths.verdict == verdict)
    return paths[chosen & paths.principal_type.isin(kinds)]
