"""What a trust policy says to those whom it does not name."""

from collections.abc import Iterator
from dataclasses import dataclass

from iamaudit.escalation.documents import looks_at_who_asks
from iamaudit.escalation.wording import is_said
from iamaudit.iam.evaluate.layers import Layer
from iamaudit.iam.evaluate.principals import Naming
from iamaudit.iam.evaluate.request import tells_of_passed
from iamaudit.iam.policy import Document


@dataclass(frozen=True, slots=True)
class LetsIn:
    """Roles that let somebody in who is not named: surely, or perhaps (the sure ones included).

    ``account``: if the caller's own policies allow, too. ``everyone``: without; what a boundary does to a
    bare ``*`` is not documented. ``denied``, ``may_deny``: whom the trust policy denies.
    """

    account: int = 0
    may_account: int = 0
    everyone: int = 0
    may_everyone: int = 0
    denied: int = 0
    may_deny: int = 0


def named_in(document: Document, effect: str) -> set[str]:
    """Return the AWS principals that statements of an effect name."""
    return {
        value
        for statement in document.statements
        if statement.effect == effect
        for kind, value in statement.principals or ()
        if kind == "AWS"
    }


def looks(document: Document) -> bool:
    """Say whether a trust policy may answer two users, or two roles, whom it does not name, differently."""
    for statement in document.statements:
        if statement.not_principals is not None:
            return True
        for condition in statement.conditions:
            key = condition.key.lower()
            if looks_at_who_asks(key) or is_said(key) or tells_of_passed(key):
                return True
            if any("${" in value for value in condition.values):
                return True
    return False


def facts_of(layer: Layer) -> Iterator[tuple[str, bool]]:
    """Yield the fields of ``LetsIn`` with whether they hold of the role with this trust policy."""
    account = [m for m in layer.allows if m.named and m.named.naming is Naming.ACCOUNT]
    everyone = [m for m in layer.allows if m not in account]
    yield "account", any(match.applies for match in account)
    yield "may_account", bool(account)
    yield "everyone", any(match.applies for match in everyone)
    yield "may_everyone", bool(everyone)
    yield "denied", bool(layer.denied)
    yield "may_deny", layer.denied is not False
