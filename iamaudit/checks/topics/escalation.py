"""Who can become an administrator, or come to data, by way of others."""

from iamaudit.checks.catalogue import EXPOSED, Frame, check

_CURE = "take one permission of the path away, `audit.choke_points` ranks them; prove it first with "
_CURE += "`iamaudit what-if POLICY new.json`"
_ROOT = "The test does not see techniques outside of docs/escalation.md, nor most resource-based policies."
_PEOPLE = ("user", "role")


@check(
    "escalation-administrator",
    "No user or role can become an administrator",
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
    "No user or role can become an administrator under a condition",
    severity="high",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    where="administrator == 'no'",
    message="{path}, if {conditions}",
    remediation=_CURE,
    blind_spot="The test does not decide whether the conditions can be met; the message names them.",
)
def escalation_administrator_conditional(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception has a path whose weakest step hangs on a condition that nobody can decide here."""
    return _to_administrator(escalation_paths, "conditional", _PEOPLE)


@check(
    "escalation-administrator-live",
    "No user or role can become an administrator through a running resource",
    severity="medium",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    where="administrator == 'no'",
    message="{path}, given {needs}",
    remediation=_CURE,
    blind_spot="The test does not know whether the function, instance or project exists: no snapshot of IAM "
    "says so.",
)
def escalation_administrator_live(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception has a path that needs a live resource which has a role, as a function or an instance."""
    return _to_administrator(escalation_paths, "needs a live resource", _PEOPLE)


@check(
    "escalation-outsider",
    "No other account or federated identity can become an administrator",
    severity="critical",
    area="escalation",
    exposure=EXPOSED,
    population="trust",
    where="kind in ['external account', 'known account', 'anyone', 'SAML', 'web identity']",
    message="{path}",
    remediation="narrow the trust policy at the start of the path, or what its role may do; " + _CURE,
    blind_spot="The test does not see whom the identity provider or the other account lets in.",
)
def escalation_outsider(_: Frame, escalation_paths: Frame) -> Frame:
    """Other accounts and federated identities start at roles that trust them; any path is an exception."""
    paths = escalation_paths[escalation_paths.end == "administrator"]
    return paths[(paths.principal_type == "outsider") & ~paths.principal.str.startswith("Identity Center")]


@check(
    "escalation-data",
    "No user or role can reach all data through another principal",
    severity="medium",
    area="escalation",
    exposure=EXPOSED,
    population="breadth",
    message="{path}",
    remediation=_CURE,
    blind_spot="The test does not see data that a bucket policy or a key policy opens or shuts.",
)
def escalation_data(_: Frame, escalation_paths: Frame) -> Frame:
    """An exception cannot read all of S3, DynamoDB, secrets or KMS, and surely becomes somebody who can."""
    paths = escalation_paths[escalation_paths.end != "administrator"]
    return paths[(paths.verdict == "certain") & (paths.principal_type != "outsider")]


def _to_administrator(paths: Frame, verdict: str, kinds: tuple[str, ...]) -> Frame:
    chosen = (paths.end == "administrator") & (paths.verdict == verdict)
    return paths[chosen & paths.principal_type.isin(kinds)]
