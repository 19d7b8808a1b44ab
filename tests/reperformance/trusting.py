"""Whom roles trust, from their trust policies."""

import re
from dataclasses import dataclass

from tests.reperformance.expansion import acts
from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import every, is_service_linked, listed

MFA = {"aws:multifactorauthpresent", "aws:multifactorauthage"}
ORGANIZATION = {"aws:principalorgid", "aws:principalorgpaths"}
SENDS_ITS_SOURCE = {
    f"{service}.amazonaws.com"
    for service in ("cloudformation", "config", "ecs-tasks", "states", "codebuild", "sagemaker", "scheduler")
}
"""The services in these accounts whose documentation asks for aws:SourceAccount or aws:SourceArn."""
ANYBODY = r"\*|o-\*.*|arn:[^:]*:[^:]*:[^:]*:\*:.*"
"""The patterns in these accounts that everybody's value matches: anything, any organization, any account."""
SOURCE = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}


@dataclass(frozen=True)
class Trusted:
    """A principal that an Allow statement of a trust policy names; ``NotPrincipal`` is everybody but some."""

    role: dict
    index: int
    statement: dict
    type: str
    value: str
    account_id: str

    @property
    def id(self):
        if self.type == "everyone but":
            return self.role["Arn"], self.index, f"everyone but {self.value}"
        return self.role["Arn"], self.index, f"{self.type}: {self.value}"

    @property
    def account(self):
        """The account of an ``AWS`` principal: its digits alone, or those in an ARN."""
        found = re.fullmatch(r"(\d{12})|arn:[^:]+:(?:iam|sts)::(\d{12}):.+", self.value)
        return (found[1] or found[2]) if found and self.type == "AWS" else None

    @property
    def kind(self):
        if self.value == "*" or self.type == "everyone but":
            return "anyone"
        if self.type == "Service":
            return "service"
        if self.type == "Federated":
            return self._federated
        if re.fullmatch(r"A(IDA|ROA)\w+", self.value):
            return "deleted"
        if self.account is None:
            return "other"
        return "same account" if self.account == self.account_id else "external account"

    @property
    def _federated(self):
        if ":saml-provider/" not in self.value:
            return "web identity"
        return "Identity Center" if ":role/aws-reserved/sso.amazonaws.com/" in self.role["Arn"] else "SAML"

    @property
    def is_let_in(self):
        """Whether the statement is about the action by which such a principal assumes a role."""
        by = {"SAML": "withsaml", "Identity Center": "withsaml", "web identity": "withwebidentity"}
        ways = ("", "withsaml", "withwebidentity") if self.kind == "anyone" else (by.get(self.kind, ""),)
        return not acts(self.statement).isdisjoint(f"sts:assumerole{way}" for way in ways)

    @property
    def is_conditional(self):
        return any(self.statement.get("Condition", {}).values())

    @property
    def asked_for(self):
        """Pairs of key in lower case and values that a request must carry to be let in.

        An operator in the negative, or with ``IfExists``, lets in who carries nothing, and a pattern for any
        value whoever carries one. Only who used MFA carries the age of it.
        """
        for operator, keys in self.statement.get("Condition", {}).items():
            for key, values in ((k.lower(), [str(v) for v in listed(vs)]) for k, vs in keys.items()):
                is_age = operator == "Null" and key.endswith("authage") and values == ["false"]
                may_lack = re.search("Not|IfExists$|^Null$|^ForAllValues:", operator)
                any_fits = "Like" in operator and any(re.fullmatch(ANYBODY, value) for value in values)
                if is_age or not (may_lack or any_fits):
                    yield key, ["true"] if is_age else values

    def asks_for(self, keys):
        return any(key in keys for key, values in self.asked_for if "false" not in values)

    def asked(self, claim):
        """What is asked of a claim of the token, as ``sub`` or ``aud``."""
        return [value for key, values in self.asked_for if key.endswith(f":{claim}") for value in values]

    @property
    def is_service_linked(self):
        return is_service_linked(self.role["Arn"])


def trusted(raw):
    """Return every principal that an Allow of a trust policy lets in."""
    named = (
        Trusted(role, index, statement, type_, value, raw.account_id)
        for role in raw.roles
        for index, statement in enumerate(listed(role["AssumeRolePolicyDocument"]["Statement"]))
        if statement["Effect"] == "Allow"
        for type_, value in _principals(statement)
    )
    return [each for each in named if each.is_let_in]


def _principals(statement):
    named = statement.get("Principal", {})
    named = {"AWS": "*"} if named == "*" else named
    yield from ((type_, value) for type_, values in named.items() for value in listed(values))
    if "NotPrincipal" in statement:
        excepted = statement["NotPrincipal"]
        excepted = {"AWS": "*"} if excepted == "*" else excepted
        yield "everyone but", ", ".join(value for values in excepted.values() for value in listed(values))


def asked(check, *kinds, sources=(DETAILS,)):
    """Register a question to the principals of some kinds, all of them if none is named."""

    def register(fails):
        @procedure(check, *sources)
        def rows(raw):
            for each in trusted(raw):
                if not kinds or each.kind in kinds:
                    yield each.id, True, fails(each, raw)

        return fails

    return register


@asked("trust-anyone")
def trust_anyone(each, raw):
    return each.kind == "anyone"


@asked("trust-deleted")
def trust_deleted(each, raw):
    return each.kind == "deleted"


def is_external(each, raw):
    return each.kind == "external account" and each.account not in raw.trusted_accounts


@procedure("trust-external-id", DETAILS)
def trust_external_id(raw):
    for each in trusted(raw):
        yield each.id, is_external(each, raw), not each.asks_for({"sts:externalid", *MFA, *ORGANIZATION})


@procedure("trust-account", DETAILS)
def trust_account(raw):
    for each in trusted(raw):
        is_whole = each.value.endswith(":root") or each.value.isdigit()
        yield (
            each.id,
            each.kind == "same account" and not each.is_service_linked,
            is_whole and not each.is_conditional,
        )


@procedure("trust-user-mfa", DETAILS, "credential_report")
def trust_user_mfa(raw):
    passwords = {user.arn: user.has_password for user in raw.users}
    for each in trusted(raw):
        is_user = each.kind == "same account" and ":user/" in each.value
        yield each.id, every(is_user, passwords.get(each.value)), not each.asks_for(MFA)


@asked("trust-web-identity-subject", "web identity")
def trust_web_identity_subject(each, raw):
    return widest(each) == "anyone"


@asked("trust-web-identity-wildcard", "web identity")
def trust_web_identity_wildcard(each, raw):
    return widest(each) == "some"


def widest(each):
    """Whom the condition on the subject lets in: anyone, some of an organization, or one."""
    found = [
        max(map(_fits if "Like" in operator else lambda _: 0, listed(values)))
        for operator, keys in each.statement.get("Condition", {}).items()
        for key, values in keys.items()
        if key.lower().endswith(":sub") and not re.search("Not|Null", operator)
    ]
    return ("one", "some", "anyone")[min(found, default=2)]


def _fits(subject):
    """How many a subject fits: 0 is one, 1 some of one organization or cluster, 2 is anyone."""
    named = re.match(r"[^*?]*", subject)[0]
    if named == subject:
        return 0
    is_of_one = "/" in named or re.match("system:serviceaccount:|organization:[^:]+:", named)
    return 1 if is_of_one else 2


@asked("trust-web-identity-audience", "web identity", "SAML")
def trust_web_identity_audience(each, raw):
    return not each.asked("aud")


@asked("trust-accounts-known", "external account", sources=(DETAILS, "trusted_accounts"))
def trust_accounts_known(each, raw):
    return each.account not in raw.trusted_accounts


@procedure("trust-confused-deputy", DETAILS)
def trust_confused_deputy(raw):
    for each in trusted(raw):
        sends = each.kind == "service" and each.value.removesuffix(".cn") in SENDS_ITS_SOURCE
        yield each.id, sends and not each.is_service_linked, not each.asks_for(SOURCE)
