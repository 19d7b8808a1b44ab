"""Users, groups, roles and policies from the authorization details, each read once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iamaudit.account.actors import Attachment, Group, Role, User
from iamaudit.account.principal_keys import carried_keys
from iamaudit.account.stored_policy import Policy, managed_kind, stored_policy
from iamaudit.account.times import parse_time
from iamaudit.iam.policy import Document, Problem, parse_document

_FILE = "authorization_details.json"
_LISTS = (("UserDetailList", "User"), ("GroupDetailList", "Group"), ("RoleDetailList", "Role"))

Raw = Mapping[str, Any]
"""A part of AWS's answer, as it is."""

Held = Mapping[str, Sequence[Attachment]]
"""The policies of each user, role and group by its ARN: attached, written into it, its boundary last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the authorization details hold; of none ``is_known`` is false."""

    users: Mapping[str, User] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    is_known: bool = False


def read_details(source: Raw | None) -> Details:
    """Return the users, groups and roles by ARN, and the policies by their names, sorted."""
    if source is None:
        return Details()
    held = {item["Arn"]: tuple(_held(item, kind)) for kind, item in _everybody(source)}
    policies = dict(sorted(_policies(source, held).items()))
    groups = _groups(source, held, policies)
    by_name = {group.name: group for group in groups.values()}
    through = {name: tuple(a.through(name) for a in group.attachments) for name, group in by_name.items()}
    return Details(
        users={
            item["Arn"]: _user(item, held, by_name, through, policies)
            for item in source.get("UserDetailList", ())
        },
        groups=groups,
        roles={item["Arn"]: _role(item, held, policies) for item in source.get("RoleDetailList", ())},
        policies=policies,
        is_known=True,
    )


def _everybody(source: Raw) -> Iterator[tuple[str, Raw]]:
    for list_name, kind in _LISTS:
        for item in source.get(list_name, ()):
            yield kind, item


def _held(item: Raw, kind: str) -> Iterator[Attachment]:
    for attached in item.get("AttachedManagedPolicies", ()):
        arn = attached["PolicyArn"]
        yield Attachment(policy=arn, name=attached.get("PolicyName") or _last(arn), how="direct")
    for inline in item.get(f"{kind}PolicyList", ()):
        name = inline["PolicyName"]
        yield Attachment(policy=f"{item['Arn']}#{name}", name=name, how="inline")
    boundary = (item.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    if boundary:
        yield Attachment(policy=boundary, name=_last(boundary), how="boundary")


def _policies(source: Raw, held: Held) -> dict[str, Policy]:
    """Return every policy; a managed one that somebody holds and nobody collected is one without text."""
    found = {policy["Arn"]: _managed(policy) for policy in source.get("Policies", ())}
    named = {a.policy for attachments in held.values() for a in attachments if not a.is_inline}
    reasons = {entry["Arn"]: entry["Reason"] for entry in source.get("PoliciesNotCollected", ())}
    for arn in named - found.keys():
        found[arn] = _not_collected(arn, reasons.get(arn, "not among the policies handed over"))
    for kind, item in _everybody(source):
        owner = item["Arn"]
        for inline in item.get(f"{kind}PolicyList", ()):
            name = inline["PolicyName"]
            found[f"{owner}#{name}"] = stored_policy(
                f"{owner}#{name}",
                name,
                kind="inline",
                owner=owner,
                raw=inline.get("PolicyDocument"),
                evidence=f"{_FILE} {owner} {kind}PolicyList {name}",
            )
        if kind == "Role":
            found[f"{owner}@trust"] = stored_policy(
                f"{owner}@trust",
                f"trust policy of {item['RoleName']}",
                kind="trust",
                owner=owner,
                raw=item.get("AssumeRolePolicyDocument"),
                evidence=f"{_FILE} {owner} AssumeRolePolicyDocument",
            )
    return found


def _managed(policy: Raw) -> Policy:
    arn, versions = policy["Arn"], policy.get("PolicyVersionList", ())
    default: Raw = next((v for v in versions if v.get("IsDefaultVersion")), {})
    others = [v for v in versions if not v.get("IsDefaultVersion") and "Document" in v]
    return stored_policy(
        arn,
        policy.get("PolicyName") or _last(arn),
        arn=arn,
        kind=managed_kind(arn),
        version=default.get("VersionId", policy.get("DefaultVersionId")),
        created_at=parse_time(policy.get("CreateDate")),
        updated_at=parse_time(default.get("CreateDate") or policy.get("UpdateDate")),
        raw=default.get("Document"),
        older=tuple(parse_document(v["Document"]) for v in others),
        older_ids=tuple(str(v.get("VersionId", "")) for v in others),
        versions=len(versions),
        evidence=f"{_FILE} Policies {arn}",
    )


def _not_collected(arn: str, reason: str) -> Policy:
    problem = Problem("", f"its document was not collected ({reason})", "Missing document")
    return Policy(
        policy=arn,
        name=_last(arn),
        arn=arn,
        kind=managed_kind(arn),
        document=Document(None, (), (problem,)),
        is_listed=False,
        evidence=f"{_FILE} attachments",
    )


def _groups(source: Raw, held: Held, policies: Mapping[str, Policy]) -> dict[str, Group]:
    members: dict[str, list[str]] = {}
    for user in source.get("UserDetailList", ()):
        for name in user.get("GroupList", ()):
            members.setdefault(name, []).append(user["UserName"])
    return {
        item["Arn"]: Group(
            arn=item["Arn"],
            name=item["GroupName"],
            id=item.get("GroupId"),
            path=item.get("Path"),
            created_at=parse_time(item.get("CreateDate")),
            members=tuple(sorted(members.get(item["GroupName"], ()))),
            attachments=tuple(held[item["Arn"]]),
            documents=_documents(held[item["Arn"]], policies),
        )
        for item in source.get("GroupDetailList", ())
    }


def _user(
    item: Raw,
    held: Held,
    groups: Mapping[str, Group],
    through: Mapping[str, Sequence[Attachment]],
    policies: Mapping[str, Policy],
) -> User:
    names, tags = tuple(item.get("GroupList", ())), _tags(item)
    known = [groups[name] for name in names if name in groups]
    unknown = tuple(name for name in names if name not in groups)
    inherited = [attachment for group in known for attachment in through[group.name]]
    fields = _holding(held[item["Arn"]], inherited, policies)
    fields["missing"] += tuple(f"group {name}" for name in unknown)
    return User(
        arn=item["Arn"],
        type="user",
        name=item["UserName"],
        id=item.get("UserId"),
        path=item.get("Path"),
        created_at=parse_time(item.get("CreateDate")),
        tags=tags,
        group_names=names,
        member_of=tuple(group.arn for group in known),
        unknown_groups=unknown,
        groups=tuple(document for group in known for document in group.documents),
        context=carried_keys(
            item["Arn"], "user", unique_id=item.get("UserId"), user_name=item["UserName"], tags=tags
        ),
        **fields,
    )


def _role(item: Raw, held: Held, policies: Mapping[str, Policy]) -> Role:
    tags, last_used = _tags(item), item.get("RoleLastUsed") or {}
    return Role(
        arn=item["Arn"],
        type="role",
        name=item["RoleName"],
        id=item.get("RoleId"),
        path=item.get("Path"),
        created_at=parse_time(item.get("CreateDate")),
        tags=tags,
        instance_profiles=tuple(p["InstanceProfileName"] for p in item.get("InstanceProfileList", ())),
        last_used_at=parse_time(last_used.get("LastUsedDate")),
        last_used_region=last_used.get("Region"),
        context=carried_keys(item["Arn"], "role", tags=tags),
        **_holding(held[item["Arn"]], (), policies),
    )


def _holding(
    own: Sequence[Attachment], inherited: Collection[Attachment], policies: Mapping[str, Policy]
) -> dict[str, Any]:
    """Return the fields of an actor that say what it holds."""
    limits = [a for a in own if a.how == "boundary"]
    attachments = (*(a for a in own if a.how != "boundary"), *inherited, *limits)
    (boundary,) = limits or (None,)
    return {
        "attachments": attachments,
        "policies": frozenset(a.policy for a in attachments),
        "missing": tuple(a.policy for a in attachments if not policies[a.policy].is_collected),
        "identity": _documents((a for a in own if a.how != "boundary"), policies),
        "boundary": next(iter(_documents(limits, policies)), None),
        "boundary_policy": boundary.policy if boundary else None,
    }


def _documents(attachments: Iterable[Attachment], policies: Mapping[str, Policy]) -> tuple[Document, ...]:
    stored = (policies[attachment.policy] for attachment in attachments)
    return tuple(policy.document for policy in stored if policy.is_collected)


def _tags(item: Raw) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags") or ()}


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
