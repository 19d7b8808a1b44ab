"""What policies say, and where they hang.

AWS managed policies are AWS's text and no finding about the account (trap 8); who holds them is.
"""

from iamaudit.checks.catalogue import Frame, Mask, check

OWN_ALLOW = "effect == 'Allow' and not is_aws_managed and kind not in ['trust', 'SCP', 'RCP']"


@check(
    "policy-all-actions",
    "No policy allows every action on every resource",
    severity="high",
    area="policies",
    population="statements",
    decides=("Action", "NotAction", "Resource", "NotResource"),
    where=OWN_ALLOW,
    message="{policy_name} allows every action on every resource (Statement[{index}])",
    remediation="replace it by the actions that are used: "
    "`aws iam generate-service-last-accessed-details --arn PRINCIPAL` shows them",
    blind_spot="It does not see several statements that together allow everything.",
)
def policy_all_actions(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow of every action on every resource, whether the policy is attached or not.

    Every action is `*`, or a list or `NotAction` that leaves none out; every resource is `*`, or a
    `NotResource` that leaves every type of resource open. A condition does not matter. A Deny in the same
    policy ends the exception when it leaves none of the sensitive actions (`open_actions` is empty). Policies
    that are used as a permissions boundary only are no exceptions.
    """
    is_all = statements.is_all_actions & statements.is_all_resources & (statements.open_actions.str.len() > 0)
    return is_all & ~grants_nothing(statements, policies)


def grants_nothing(statements: Frame, policies: Frame) -> Mask:
    """Return which statements give nobody anything.

    Those are of policies that are a permissions boundary only (trap 4), or all that they allow is denied by
    their own policy, whatever the resource and the condition.
    """
    is_boundary = (policies.boundary_count > 0) & (policies.attachment_count == 0)
    return statements.is_void | statements.policy.isin(policies.policy[is_boundary])


@check(
    "policy-service-wildcard",
    "No policy allows every action of a service",
    severity="low",
    area="policies",
    population="statements",
    decides=("Action", "NotAction"),
    where=OWN_ALLOW,
    message="{policy_name} allows every action of {services} (Statement[{index}])",
    remediation="name the actions that are used; a list of `Get*` and `List*` is a start",
    blind_spot="It does not see patterns that come close to a whole service, such as `s3:*Object*`.",
)
def policy_service_wildcard(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow that covers every action of a service, on whatever resource.

    It may say so by `*`, `service:*`, `NotAction` or several entries that make up the whole service; naming
    the only action of a service is no exception. `Resource` and `Condition` do not matter, as long as an
    action of the service takes such a resource. A policy that is used as a permissions boundary only, and a
    service that the same policy denies in full, are no exceptions.
    """
    found = statements[(statements.whole_services.str.len() > 0) & ~grants_nothing(statements, policies)]
    return found.assign(services=found.whole_services.map(_short_list).astype("string"))


def _short_list(services: list[str]) -> str:
    return ", ".join(services) if len(services) <= 5 else f"{len(services)} services"


@check(
    "policy-on-user",
    "Users get permissions through groups only",
    severity="low",
    area="policies",
    population="users",
    where="not is_root and not is_gone",
    sources=("authorization_details",),
    message="{name} has {own_policies}",
    remediation="put the user into a group that has the policy; `aws iam detach-user-policy`, or "
    "`aws iam delete-user-policy` for an inline one",
    blind_spot="The test does not judge whether the groups are the right ones.",
)
def policy_on_user(users: Frame, attachments: Frame) -> Frame:
    """An exception is a user with an attached or inline policy; a permissions boundary is none."""
    own = attachments[(attachments.principal_type == "user") & attachments.how.isin(["direct", "inline"])]
    names = (own.policy_name + " (" + own.how + ")").groupby(own.principal).agg(", ".join)
    found = users[users.arn.isin(names.index)]
    evidence = "authorization_details.json UserDetailList " + found.name
    return found.assign(own_policies=found.arn.map(names), evidence=evidence)


@check(
    "policy-unattached",
    "Every customer managed policy is in use",
    severity="low",
    area="policies",
    population="policies",
    where="kind == 'customer managed'",
    message="{name} is attached to nothing",
    remediation="delete its other versions; `aws iam delete-policy --policy-arn {arn}`",
    blind_spot="The test does not see permission sets and pipelines that attach the policy now and then.",
)
def policy_unattached(policies: Frame) -> Mask:
    """An exception is a policy on no user, group or role that is nobody's permissions boundary either."""
    return (policies.attachment_count == 0) & (policies.boundary_count == 0)


@check(
    "policy-unknown-action",
    "Every action that a policy names exists",
    severity="low",
    area="policies",
    population="statements",
    decides=("Action", "NotAction"),
    where="not is_aws_managed",
    message="{policy_name} names {unknown_actions} (Statement[{index}]), which is no action of AWS",
    remediation="correct the spelling: such an entry allows nothing and denies nothing",
    blind_spot="The test does not know actions that AWS added after the catalogue was made, or private ones.",
)
def policy_unknown_action(statements: Frame) -> Mask:
    """An exception is a statement with an action pattern that matches no action in the catalogue."""
    return statements.unknown_actions.str.len() > 0


@check(
    "policy-meaning",
    "Every policy means what it says",
    severity="medium",
    area="policies",
    population="policies",
    where="not is_aws_managed",
    message="{name}: {worst}",
    remediation="mend the statement; `aws accessanalyzer validate-policy` asks AWS itself",
    blind_spot="The test does not run checks of Access Analyzer that need an account. Other warnings and "
    "suggestions are in data/policy_problems.csv.",
    console="IAM > Policies > POLICY > Edit",
    documentation="access-analyzer-reference-policy-checks.html",
)
def policy_meaning(policies: Frame, policy_problems: Frame) -> Frame:
    """An exception is a policy with an error, a security warning or an impossible date.

    The list is Access Analyzer's; actions that do not exist and documents that cannot be read have checks of
    their own.
    """
    serious = policy_problems.severity.isin(["error", "security warning"])
    serious |= policy_problems.check == "Invalid date value"
    elsewhere = policy_problems.check.isin(["Invalid action", "Invalid service in action"])
    found = policy_problems[serious & ~elsewhere]
    texts = found.check + " at " + found.path + ": " + found.message
    count = found.groupby("policy").size()
    more = (" (and " + (count - 1).astype("string") + " more)").where(count > 1, "")
    worst = texts.groupby(found.policy).first() + more
    readable = policies[policies.is_readable & policies.policy.isin(worst.index)]
    return readable.assign(worst=readable.policy.map(worst))


@check(
    "policy-readable",
    "Every policy document could be read",
    severity="medium",
    area="policies",
    population="policies",
    message="{name}: {problems}",
    remediation="collect again with iam:GetPolicyVersion; correct a document that AWS itself refuses",
    blind_spot="The test does not see documents that say something else than was meant.",
)
def policy_readable(policies: Frame) -> Mask:
    """An exception is a policy that was not collected or cannot be read in full: it may say anything."""
    return ~policies.is_readable


@check(
    "policy-version",
    "Every policy of the account is of Version 2012-10-17",
    severity="low",
    area="policies",
    population="policies",
    where="not is_aws_managed and is_readable",
    message="{name} has an old Version, or none: policy variables are text in it",
    remediation="add `Version: 2012-10-17`",
    blind_spot="The test does not know which policies were written for the older Version on purpose.",
    console="IAM > Policies > POLICY > Policy versions",
    documentation="access_policies_managed-versioning.html",
)
def policy_version(policies: Frame) -> Mask:
    """An exception is a policy of the account whose document has no `Version`, or not 2012-10-17.

    In such a document `${aws:username}` is literal text, and a statement with it covers no resource.
    """
    texts = policies.document.str.replace(r"\s", "", regex=True)
    return ~texts.str.contains('"Version":"2012-10-17"', regex=False)


@check(
    "policy-twice",
    "No two policies of the account say the same",
    severity="low",
    area="policies",
    population="policies",
    where="kind == 'customer managed' and is_readable",
    message="{name} says what another customer managed policy says",
    remediation="attach one of them everywhere, and delete the other",
    blind_spot="The test does not see policies that say the same in other words.",
)
def policy_twice(policies: Frame) -> Mask:
    """An exception is a customer managed policy whose document equals that of another one."""
    return policies.document.duplicated(keep=False)


@check(
    "policy-boundary-granted",
    "No permissions boundary is attached as a policy",
    severity="medium",
    area="policies",
    population="policies",
    where="boundary_count > 0",
    message="{name} is a boundary of {boundary_count} principals and attached {attachment_count} times",
    remediation="detach it: a boundary says what may be granted at most, mostly far more than a grant",
    blind_spot="The test does not know whether the grant is meant.",
    console="IAM > Policies > POLICY > Entities attached",
    documentation="access_policies_boundaries.html",
)
def policy_boundary_granted(policies: Frame) -> Mask:
    """An exception is a policy that is a boundary and is attached to a user, group or role as well."""
    return policies.attachment_count > 0
