"""What policies say, and what they are attached to.

AWS managed policies are AWS's text and no finding about the account (trap 8); who holds them is.
"""

from iamaudit.checks.catalogue import Frame, Mask, check

OWN_ALLOW = "effect == 'Allow' and not is_aws_managed and kind not in ['trust', 'SCP', 'RCP']"


@check(
    "policy-all-actions",
    "Every policy limits its actions or its resources",
    severity="high",
    area="policies",
    population="statements",
    decides=("Action", "NotAction", "Resource", "NotResource"),
    where=OWN_ALLOW,
    message="{policy_name} allows every action on every resource (Statement[{index}])",
    remediation="find out which actions its holders use: "
    "`aws iam generate-service-last-accessed-details --granularity ACTION_LEVEL --arn PRINCIPAL`, then "
    "`aws iam get-service-last-accessed-details --job-id JOB`, which covers the services that report "
    "actions; replace the statement by these actions",
    blind_spot="The test reads each statement by itself. It does not see several statements that together "
    "allow everything.",
)
def policy_all_actions(statements: Frame, policies: Frame) -> Mask:
    """An exception is an Allow of every action on every resource, whether the policy is attached or not.

    Every action is `*`, or a list or `NotAction` that leaves none out; every resource is `*`, or a
    `NotResource` that leaves every type of resource open. A condition does not matter. A Deny in the same
    policy ends the exception when it takes away every sensitive action: then `open_actions` of the frame
    `statements` is empty. Policies that are used as a permissions boundary only are not exceptions.
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
    "Policies name single actions, not whole services",
    severity="low",
    area="policies",
    population="statements",
    cause="statement",
    practice="service-wildcards",
    decides=("Action", "NotAction"),
    where=OWN_ALLOW,
    message="{policy_name} allows every action of {services} (Statement[{index}])",
    remediation="replace the wildcard by the actions that are used; `Get*` and `List*` suffice for readers",
    blind_spot="The test does not see patterns that come close to a whole service, such as `s3:*Object*`.",
)
def policy_service_wildcard(statements: Frame, policies: Frame) -> Frame:
    """An exception is an Allow that covers every action of a service, on whatever resource.

    It may say so by `*`, `service:*`, `NotAction` or several entries that make up the whole service; naming
    the only action of a service is not an exception. `Resource` and `Condition` do not matter, as long as an
    action of the service takes such a resource. A policy that is used as a permissions boundary only, and a
    service that the same policy denies in full, are not exceptions.
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
    cause="practice",
    practice="direct-policies",
    where="not is_root and not is_gone",
    sources=("authorization_details",),
    message="{name} has {own_policies}",
    remediation="add the user to a group that has the policy: `aws iam add-user-to-group --user-name {name} "
    "--group-name GROUP`; then `aws iam detach-user-policy --user-name {name} --policy-arn ARN`, or "
    "`aws iam delete-user-policy --user-name {name} --policy-name POLICY` for an inline policy",
    blind_spot="The test does not judge whether a user is in the right groups.",
)
def policy_on_user(users: Frame, attachments: Frame) -> Frame:
    """An exception is a user with `AttachedManagedPolicies` or a `UserPolicyList`.

    A permissions boundary grants nothing and does not count.
    """
    own = attachments[(attachments.principal_type == "user") & attachments.how.isin(["direct", "inline"])]
    names = (own.policy_name + " (" + own.how + ")").groupby(own.principal).agg(", ".join)
    found = users[users.arn.isin(names.index)]
    evidence = "authorization_details.json UserDetailList " + found.name
    return found.assign(own_policies=found.arn.map(names), evidence=evidence)


@check(
    "policy-unattached",
    "Every customer managed policy is in use",
    severity="informational",
    area="policies",
    population="policies",
    cause="practice",
    practice="unused",
    where="kind == 'customer managed'",
    message="{name} is attached to no user, group or role",
    remediation="keep a copy of its document; delete its older versions (`aws iam delete-policy-version`), "
    "then "
    "`aws iam delete-policy --policy-arn {arn}`",
    blind_spot="The test does not see permission sets and pipelines that attach the policy for a time.",
)
def policy_unattached(policies: Frame) -> Mask:
    """An exception is a policy that no `AttachedManagedPolicies` and no `PermissionsBoundary` names."""
    return (policies.attachment_count == 0) & (policies.boundary_count == 0)


@check(
    "policy-unknown-action",
    "Every action that a policy names exists",
    severity="low",
    area="policies",
    population="statements",
    cause="statement",
    practice="policy-mistakes",
    decides=("Action", "NotAction"),
    where="not is_aws_managed",
    message="{policy_name} names {unknown_actions} (Statement[{index}]), which matches no action of AWS",
    remediation="correct the spelling, or remove the entry: it allows nothing and denies nothing",
    blind_spot="The test does not know actions that AWS added after the catalogue of actions was published, "
    "or actions that AWS does not document.",
)
def policy_unknown_action(statements: Frame) -> Mask:
    """An exception is a statement with an entry of `Action` or `NotAction` that matches no known action.

    The known actions are those of the catalogue of actions whose version the bundle names.
    """
    return statements.unknown_actions.str.len() > 0


@check(
    "policy-meaning",
    "Policies are free of errors and security warnings",
    severity="medium",
    area="policies",
    population="policies",
    cause="practice",
    practice="policy-mistakes",
    where="not is_aws_managed",
    message="{name}: {worst}",
    remediation="correct the statement; then validate it: `aws accessanalyzer validate-policy --policy-type "
    "IDENTITY_POLICY --policy-document file://policy.json`",
    blind_spot="The test does not run the checks of Access Analyzer that need an account. It does not count "
    "general warnings and suggestions: data/policy_problems.csv lists them.",
    console="IAM > Policies > POLICY > Edit",
    documentation="access-analyzer-reference-policy-checks.html",
)
def policy_meaning(policies: Frame, policy_problems: Frame) -> Frame:
    """An exception is a policy with an error, a security warning or an impossible date.

    The problems are those of Access Analyzer's policy checks; data/policy_problems.csv lists them. Actions
    that do not exist (`policy-unknown-action`) and documents that cannot be read (`policy-readable`) are
    other checks.
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
    "Every policy document was collected and can be read",
    severity="medium",
    area="policies",
    population="policies",
    cause="practice",
    practice="evidence",
    message="{name}: {problems}",
    remediation="allow the collecting role `iam:GetPolicyVersion`, and collect again; if the document has an "
    "error, find it with `aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document "
    "file://policy.json` and correct it",
    blind_spot="The test does not judge what a readable document allows.",
)
def policy_readable(policies: Frame) -> Mask:
    """An exception is a policy without a document, or with one that cannot be read in full."""
    return ~policies.is_readable


@check(
    "policy-version",
    "Every policy of the account has the Version 2012-10-17",
    severity="low",
    area="policies",
    population="policies",
    cause="practice",
    practice="policy-mistakes",
    where="not is_aws_managed and is_readable",
    message="{name} has an old Version or none, so that policy variables are read as plain text",
    remediation='check what its policy variables match; then add `"Version": "2012-10-17"` to the document',
    blind_spot="The test does not know which policies use the older Version on purpose.",
    console="IAM > Policies > POLICY > Policy versions",
    documentation="access_policies_managed-versioning.html",
)
def policy_version(policies: Frame) -> Mask:
    """An exception is a policy of the account whose document has no `Version`, or not 2012-10-17.

    In such a document AWS reads `${aws:username}` as plain text.
    """
    texts = policies.document.str.replace(r"\s", "", regex=True)
    return ~texts.str.contains('"Version":"2012-10-17"', regex=False)


@check(
    "policy-twice",
    "Every customer managed policy is unique",
    severity="informational",
    area="policies",
    population="policies",
    cause="practice",
    practice="unused",
    where="kind == 'customer managed' and is_readable",
    message="{name} has the same document as another customer managed policy",
    remediation="attach one of the two wherever the other is attached; detach the other, then "
    "`aws iam delete-policy --policy-arn ARN`",
    blind_spot="The test does not see policies that allow the same and are written differently.",
)
def policy_twice(policies: Frame) -> Mask:
    """An exception is a customer managed policy whose document equals that of another one."""
    return policies.document.duplicated(keep=False)


@check(
    "policy-boundary-granted",
    "Permissions boundaries are used as boundaries only",
    severity="medium",
    area="policies",
    population="policies",
    cause="practice",
    practice="policy-mistakes",
    where="boundary_count > 0",
    message="{name} is the boundary of {boundary_count} {boundary_count:principal|principals} and attached "
    "to {attachment_count} as a policy",
    remediation="attach a policy with the actions that the holder uses; then detach the boundary policy, "
    "which grants the most that a boundary permits",
    blind_spot="The test does not know whether the policy was written for both uses.",
    console="IAM > Policies > POLICY > Entities attached",
    documentation="access_policies_boundaries.html",
)
def policy_boundary_granted(policies: Frame) -> Mask:
    """An exception is a policy that both a `PermissionsBoundary` and an `AttachedManagedPolicies` name."""
    return policies.attachment_count > 0
