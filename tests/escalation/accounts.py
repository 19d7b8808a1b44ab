"""For every rule the smallest account in which somebody can follow it, and the same but for one thing."""

import iamaudit
from tests.accounts import (
    ACCOUNT,
    IAM,
    allow,
    attached,
    boundary,
    deny,
    details,
    document,
    group,
    inline,
    policy,
    role,
    snapshot,
    user,
)

ADMIN = policy("admin", allow("*"))
ADMINISTRATOR = attached("admin")
FULL = {"Name": "Full", "Content": document(allow("*"))}


def account_of(rule, *, without=(), extra=(), resource=None, more=None, **changes):
    """Return authorization details in which ``ann`` holds what a rule needs, a policy a permission.

    ``without`` are actions left out, ``extra`` statements of one more policy, ``resource`` maps actions to
    what they are allowed on, ``more`` to conditions; ``changes`` go to the principal.
    """
    actions = [action for action in rule.permissions if action not in without]
    statements = {a: allow(a, (resource or {}).get(a, "*"), **(more or {}).get(a, {})) for a in actions}
    held = [policy(f"p{number}", statements[a]) for number, a in enumerate(actions)]
    held += [policy("extra", *extra)] if extra else []
    is_role = is_about_roles(rule)
    fields = {**attached(*(p["PolicyName"] for p in held)), **_fields(rule, without), **changes}
    if "AttachedManagedPolicies" in _fields(rule, without):
        fields["AttachedManagedPolicies"] = [
            *attached(*(p["PolicyName"] for p in held))["AttachedManagedPolicies"],
            *_fields(rule, without)["AttachedManagedPolicies"],
        ]
    ann = role("ann", **fields) if is_role else user("ann", **fields)
    users, roles, groups, policies = _surroundings(rule, without)
    return details(
        users=[*users, *([] if is_role else [ann])],
        roles=[*roles, *([ann] if is_role else [])],
        groups=groups,
        policies=[ADMIN, *held, *policies],
    )


def is_about_roles(rule):
    """Say whether only a role can follow a rule: what it changes is a role, its own."""
    return any("Role" in action for action in rule.actions_on("self"))


def guard(without):
    """Return a Deny that keeps an administrator from being one."""
    return deny(["iam:Create*", "iam:Attach*", "iam:Put*", *without])


def _fields(rule, without):
    if rule.gives == "any policy without boundary":
        return boundary("limit")
    if rule.gives == "self without boundary":
        return {**ADMINISTRATOR, **boundary("limit")}
    if rule.gives == "self without a policy":
        kind = "Role" if is_about_roles(rule) else "User"
        if f"iam:Delete{kind}Policy" in rule.permissions:
            return {**ADMINISTRATOR, **inline(kind, "guard", guard(without))}
        return attached("admin", "guard")
    if rule.gives == "self without a group":
        return {**ADMINISTRATOR, "GroupList": ["own"]}
    return {"GroupList": ["own"]} if rule.actions_on("own group") else {}


def _surroundings(rule, without):
    """Return users, roles, groups and policies that a rule is about."""
    users, roles, groups, policies = [], [], [], []
    if rule.services:
        roles.append(_service_role(rule))
    elif rule.actions_on("provider of target"):
        roles.append(role("target", AssumeRolePolicyDocument=_of_provider(rule), **ADMINISTRATOR))
    elif rule.actions_on("target user"):
        users.append(user("target", **ADMINISTRATOR))
    elif rule.actions_on("target role", "policy of target"):
        roles.append(_target_role(rule))
        policies.append(policy("target-policy", allow("s3:GetObject")))
    elif rule.actions_on("target group"):
        groups.append(group("admins", **ADMINISTRATOR))
    elif rule.actions_on("own group"):
        denies = rule.gives == "self without a group"
        groups.append(group("own", **(inline("Group", "guard", guard(without)) if denies else {})))
    if rule.gives == "target without boundary":
        policies.append(policy("limit", allow("s3:*")))
    elif rule.gives == "any policy without boundary":
        policies.append(policy("limit", allow([next(iter(rule.permissions)), "s3:*"])))
    elif rule.gives == "self without boundary":
        policies.append(policy("limit", allow([*(set(rule.permissions) - set(without)), "s3:*"])))
    elif rule.gives == "self without a policy":
        policies.append(policy("guard", guard(without)))
    return users, roles, groups, policies


def _service_role(rule):
    service = rule.services[0]
    if service == "cognito-identity.amazonaws.com":
        principal, action = {"Federated": service}, "sts:AssumeRoleWithWebIdentity"
    else:
        principal, action = {"Service": service}, "sts:AssumeRole"
    trust = document({"Effect": "Allow", "Principal": principal, "Action": action})
    profile = [{"InstanceProfileName": "target", "Arn": f"{IAM}:instance-profile/target"}]
    return role("target", AssumeRolePolicyDocument=trust, InstanceProfileList=profile, **ADMINISTRATOR)


def _of_provider(rule):
    """Return a trust policy for the identities of a provider."""
    is_saml = "iam:UpdateSAMLProvider" in rule.permissions
    provider = "saml-provider/corp" if is_saml else "oidc-provider/login.example.com"
    action = f"sts:AssumeRoleWith{'SAML' if is_saml else 'WebIdentity'}"
    return document({"Effect": "Allow", "Principal": {"Federated": f"{IAM}:{provider}"}, "Action": action})


def _target_role(rule):
    """Return an administrator, or a role that becomes one; who trusts the account if it is to be assumed."""
    fields = {} if "sts:AssumeRole" not in rule.permissions else {"AssumeRolePolicyDocument": trust_account()}
    if rule.gives == "target with any policy":
        return role("target", **attached("target-policy"), **fields)
    limit = boundary("limit") if rule.gives == "target without boundary" else {}
    return role("target", **ADMINISTRATOR, **fields, **limit)


def trust_account(**fields):
    """Return a trust policy for everybody in the account whom an identity policy lets."""
    return document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", **fields})


def trust(principal, **fields):
    """Return a trust policy for one principal by ARN or account."""
    return document(
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **fields}
    )


def scp(*statements):
    """Return policies of an organization: everything is allowed but what these statements say."""
    own = {"Name": "Own", "Content": document(allow("*"), *statements)}
    return {"ServiceControlPolicies": [{"Target": "r-1", "Policies": [own]}]}


def opened(folder, account, **sources):
    """Return the escalation of an account."""
    return audited(folder, account, **sources).escalation


def audited(folder, account, **sources):
    """Return the audit of an account, which has its frames."""
    taken = snapshot(folder, authorization_details=account, **sources)
    return iamaudit.open_snapshot(taken, is_kept=False)  # nobody opens it again


def ways_of(escalation, rule, name="ann"):
    """Return the ways of one principal by one rule."""
    own = next(a.arn for a in escalation.account.actors.values() if a.name == name)
    bit = escalation.universe.bits([own])
    return [way for way in escalation.ways if way.rule.id == rule.id and way.sources & bit]


def verdicts(escalation, rule, name="ann"):
    """Return the verdicts of one principal's ways by one rule that end at an administrator."""
    reached = escalation.graph.reached()
    return {
        way.verdict
        for way in ways_of(escalation, rule, name)
        if not way.is_takeover or way.targets & reached or way.verdict == "blocked"
    }


def targets(escalation, rule, name="ann"):
    """Return the names of the targets of one principal's open ways by one rule."""
    universe = escalation.universe
    return {
        arn.rpartition("/")[2]
        for way in ways_of(escalation, rule, name)
        if way.verdict != "blocked"
        for arn in universe.names(way.aims)
    }
