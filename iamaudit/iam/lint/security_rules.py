"""Statements that give away more than they seem to."""

from collections.abc import Iterator

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import statement_actions
from iamaudit.iam.lint.subject import Subject, action_element, problem
from iamaudit.iam.policy import Problem, Severity, Statement

_GITHUB = "token.actions.githubusercontent.com"
_GUARDED: tuple[tuple[str, str, str, Severity], ...] = (
    ("iam:PassRole", "Pass role", "iam:passedtoservice", "security warning"),
    ("iam:CreateServiceLinkedRole", "Create SLR", "iam:awsservicename", "warning"),
)


def star_in_resource(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find who may pass any role, or have any service-linked role made, with no service named."""
    if statement.effect != "Allow" or subject.kind not in ("identity", "session"):
        return
    if "*" in (statement.actions or ()):
        return  # every action at once is worse, and said elsewhere
    catalogue = load_catalogue()
    allowed = statement_actions(statement, catalogue)
    keys = {condition.key.lower() for condition in statement.conditions}
    for action, words, key, severity in _GUARDED:
        if key in keys or not allowed & catalogue.expand_pattern(action):
            continue
        where = _where(statement, action)
        if statement.not_resources is not None:
            message = f"allows {action} on every role but those named"
            yield problem(statement, "NotResource", message, f"{words} with {where}NotResource", severity)
        elif any(r == "*" or r.endswith((":role/*", ":*")) for r in statement.resources or ()):
            message = f"allows {action} on every role: name the roles, and the service in {key}"
            yield problem(statement, "Resource", message, f"{words} with star in resource", severity)


def _where(statement: Statement, action: str) -> str:
    if statement.actions is None:
        return "NotAction and "
    return "" if action.lower() in (a.lower() for a in statement.actions) else "star in action and "


def negated_allow(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find Allows that grant the complement of a list: what AWS adds tomorrow is granted too (rule F3)."""
    if statement.effect != "Allow" or subject.kind in ("boundary", "scp", "rcp"):
        return
    if statement.not_actions is not None:
        message = "allows every action but those named, in every service"
        yield problem(statement, "NotAction", message, "Allow with NotAction", "security warning")
    if statement.not_resources is not None:
        message = "allows every resource but those named"
        yield problem(statement, "NotResource", message, "Allow with NotResource", "security warning")


def trust(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find what a trust policy leaves open: who of a web identity provider, actions of other services."""
    if subject.kind != "trust":
        return
    for action in statement.actions or ():
        if not action.lower().startswith("sts:") and action != "*":
            message = f"`{action}` has no place in a trust policy: only actions of sts have"
            yield problem(
                statement, action_element(statement), message, "Unsupported action in policy", "error"
            )
    if statement.effect != "Allow":
        return
    keys = {condition.key.lower() for condition in statement.conditions}
    for kind, value in statement.principals or ():
        provider = value.partition("oidc-provider/")[2].lower() if kind == "Federated" else ""
        if not provider and kind == "Federated" and "." in value and not value.startswith("arn:"):
            provider = value.lower()
        if not provider:
            continue
        if provider.startswith(_GITHUB) and not any(
            k.startswith(_GITHUB) and k.endswith(":sub") for k in keys
        ):
            message = f"any repository of GitHub may assume this role: test {_GITHUB}:sub"
            yield problem(
                statement, "Condition", message, "Missing GitHub repo condition key", "security warning"
            )
        elif not any(k.startswith(provider) for k in keys):
            message = f"anybody whom {provider} knows may assume this role: test {provider}:aud and :sub"
            yield problem(
                statement,
                "Condition",
                message,
                "Missing condition key for OIDC principal",
                "security warning",
            )


def deleted_principal(subject: Subject, statement: Statement) -> Iterator[Problem]:
    """Find the unique ids that are left of deleted users and roles (rule E3)."""
    for _, value in statement.principals or ():
        for prefix, word in (("AIDA", "user"), ("AROA", "role")):
            if value.startswith(prefix):
                message = f"`{value}` is what is left of a deleted {word}: it names nobody"
                yield problem(statement, "Principal", message, f"Invalid {word} reference", "warning")


RULES = (star_in_resource, negated_allow, trust, deleted_principal)
