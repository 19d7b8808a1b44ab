"""The files of a snapshot as plain dictionaries, for an auditor who trusts no code of the product.

Nothing here imports ``iamaudit``: what a file says is read from AWS's documentation of it.
"""

import csv
import io
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

ROOT = "<root_account>"
LISTS = {
    "user": ("UserDetailList", "User"),
    "group": ("GroupDetailList", "Group"),
    "role": ("RoleDetailList", "Role"),
}


def no(answer):
    """Three-valued *not*: what is unknown stays so."""
    return None if answer is None else not answer


def every(*answers):
    """Three-valued *and*: one *no* decides."""
    return False if False in answers else None if None in answers else True


def some(*answers):
    """Three-valued *or*: one *yes* decides."""
    return True if True in answers else None if None in answers else False


def over(value, limit):
    return None if value is None else value > limit


def reaches(value, limit):
    return None if value is None else value >= limit


def moment(text):
    """A time as AWS writes it; ``N/A``, ``no_information`` and ``not_supported`` are none."""
    if not text or not text[0].isdigit():
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def listed(value):
    """A policy element that may be one value or a list of them."""
    return list(value) if isinstance(value, list) else [value]


def last(arn):
    return arn.rpartition("/")[2]


@dataclass
class Key:
    """An access key slot of the credential report."""

    slot: int
    active: bool | None
    made: datetime | None
    used: datetime | None
    never: bool | None
    service: str | None


@dataclass
class Person:
    """An IAM user or root: its row of the credential report and its entry of the details, if any."""

    arn: str
    name: str
    row: dict | None
    detail: dict | None
    is_root: bool = False
    is_gone: bool = False
    keys: list = field(default_factory=list)

    def says(self, column):
        return (self.row or {}).get(column, "")

    def flag(self, column):
        return {"true": True, "false": False}.get(self.says(column).lower())

    def time(self, column):
        return moment(self.says(column))

    def never(self, column):
        return never(self.says(column))

    @property
    def has_password(self):
        return self.flag("password_enabled")

    @property
    def has_mfa(self):
        return self.flag("mfa_active")

    @property
    def active_keys(self):
        if self.row is None or None in [key.active for key in self.keys]:
            return None
        return sum(key.active for key in self.keys)

    @property
    def certificates(self):
        flags = [self.flag(f"cert_{slot}_active") for slot in (1, 2)]
        return None if None in flags else sum(flags)

    @property
    def made(self):
        return moment(self.detail["CreateDate"]) if self.detail else self.time("user_creation_time")

    @property
    def password_since(self):
        """The last sign-in; of a password that was never used, when it was set."""
        if self.never("password_last_used"):
            return self.time("password_last_changed") or self.time("user_creation_time")
        return self.time("password_last_used")

    @property
    def last_used(self):
        """The newest use of the password and of both keys."""
        known = [self.time("password_last_used"), *(key.used for key in self.keys)]
        return max((time for time in known if time), default=None)

    @property
    def was_never_used(self):
        if self.last_used:
            return False
        return every(self.never("password_last_used"), *(key.never for key in self.keys))


def never(text):
    """Whether a last-used column says *never*; ``not_supported`` says nothing."""
    if text in ("N/A", "no_information"):
        return True
    return False if moment(text) else None


def keys_of(row):
    """Slots in use: active, or with a date of rotation."""
    for slot in (1, 2):
        says = {part: row.get(f"access_key_{slot}_{part}", "") for part in ("active", "last_rotated")}
        says |= {part: row.get(f"access_key_{slot}_last_used_{part}", "") for part in ("date", "service")}
        active, made = (
            {"true": True, "false": False}.get(says["active"].lower()),
            moment(says["last_rotated"]),
        )
        if active is not False or made:
            service = (
                None if says["service"] in ("", "N/A", "not_supported", "no_information") else says["service"]
            )
            yield Key(slot, active, made, moment(says["date"]), never(says["date"]), service)


@dataclass(frozen=True)
class Place:
    """A statement of a policy with the names that a workpaper gives them."""

    policy: str
    index: int
    statement: dict
    kind: str

    @property
    def id(self):
        return self.policy, self.index

    @property
    def is_allow(self):
        return self.statement["Effect"] == "Allow"


class Raw:
    """One snapshot folder, the moment that the audit speaks for, and its parameters."""

    def __init__(self, folder, settings, *, as_of=None, trusted_accounts=()):
        self.folder, self.settings, self.trusted_accounts = Path(folder), settings, tuple(trusted_accounts)
        self.manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        self.account_id = self.manifest["account_id"]
        self.as_of = as_of or moment(self.manifest["finished_at"])

    def has(self, source):
        """Whether there is this evidence: a source that was collected, or a parameter that was given."""
        if source == "trusted_accounts":
            return bool(self.trusted_accounts)
        return self.manifest["sources"].get(source, {}).get("status") == "collected"

    def read(self, source):
        """The content of a source, an empty object if it was not collected."""
        if not self.has(source):
            return {}
        return json.loads(
            (self.folder / self.manifest["sources"][source]["file"]).read_text(encoding="utf-8")
        )

    def days_since(self, time):
        """Whole days, rounded down."""
        return None if time is None else (self.as_of - time).days

    @cached_property
    def report(self):
        if not self.has("credential_report"):
            return []
        text = (self.folder / "credential_report.csv").read_bytes().decode("utf-8")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def answered_later(self, row):
        """A row of the report with what AWS said when it was asked for each key and login by itself."""
        found, name = dict(row), row["user"]
        listed = [k for k in self.read("access_keys").get("AccessKeyMetadata", ()) if k["UserName"] == name]
        asked = {
            answer["AccessKeyId"]: answer["AccessKeyLastUsed"]
            for answer in self.read("access_keys_last_used").get("AccessKeys", ())
            if answer["UserName"] == name
        }
        for slot in (1, 2):
            made = moment(row.get(f"access_key_{slot}_last_rotated"))
            mine = [k["AccessKeyId"] for k in listed if made and moment(k.get("CreateDate")) == made]
            if len(mine) != 1 or mine[0] not in asked:
                continue
            use, column = asked[mine[0]], f"access_key_{slot}_last_used"
            told, reported = use.get("LastUsedDate"), moment(row.get(f"{column}_date"))
            if told and (reported is None or moment(told) > reported):
                found |= {f"{column}_date": told, f"{column}_service": use["ServiceName"]}
            elif not told and row.get(f"{column}_date") == "not_supported":
                found[f"{column}_date"] = "N/A"
        if self.has("login_profiles") and name != ROOT and row.get("password_enabled") == "true":
            logins = [profile["UserName"] for profile in self.read("login_profiles")["LoginProfiles"]]
            changed, begun = moment(row.get("password_last_changed")), moment(self.manifest["started_at"])
            if name not in logins and changed and changed < begun:
                found["password_enabled"] = "false"
        return found

    @cached_property
    def details(self):
        return self.read("authorization_details")

    @cached_property
    def summary(self):
        return self.read("account_summary").get("SummaryMap", {})

    @cached_property
    def partition(self):
        arns = [item["Arn"] for name, _ in LISTS.values() for item in self.details.get(name, ())]
        return arns[0].split(":")[1] if arns else "aws"

    @cached_property
    def root(self):
        row = next((row for row in self.report if row["user"] == ROOT), None)
        arn = row["arn"] if row else f"arn:{self.partition}:iam::{self.account_id}:root"
        return Person(arn, ROOT, row, None, is_root=True, keys=list(keys_of(row)) if row else [])

    @cached_property
    def users(self):
        """Every IAM user that the report or the details know, without root."""
        rows = {row["arn"]: self.answered_later(row) for row in self.report if row["user"] != ROOT}
        known = {item["Arn"]: item for item in self.details.get("UserDetailList", ())}
        return [
            Person(
                arn,
                known[arn]["UserName"] if arn in known else rows[arn]["user"],
                rows.get(arn),
                known.get(arn),
                is_gone=self.has("authorization_details") and arn not in known,
                keys=list(keys_of(rows[arn])) if arn in rows else [],
            )
            for arn in {**rows, **known}
        ]

    @property
    def present(self):
        """The users less those who are in a cached report only."""
        return [user for user in self.users if not user.is_gone]

    @property
    def groups(self):
        return self.details.get("GroupDetailList", [])

    @property
    def roles(self):
        return self.details.get("RoleDetailList", [])

    @property
    def own_roles(self):
        """The roles that are not service-linked."""
        return [role for role in self.roles if not is_service_linked(role["Arn"])]

    @property
    def changeable_roles(self):
        """The roles that the account itself may change."""
        return [role for role in self.own_roles if permission_set_of(role) is None]

    @cached_property
    def holders(self):
        """Every user, group and role with its kind."""
        return [(kind, item) for kind, (name, _) in LISTS.items() for item in self.details.get(name, ())]

    @cached_property
    def held(self):
        """How often each managed policy is attached, and how often it is a boundary."""
        attached, bounding = {}, {}
        for _, item in self.holders:
            for arn in attached_to(item):
                attached[arn] = attached.get(arn, 0) + 1
            if boundary := boundary_of(item):
                bounding[boundary] = bounding.get(boundary, 0) + 1
        return attached, bounding

    def holds(self, item):
        """The managed policies that are attached to a user, group or role, or limit it."""
        return [*attached_to(item), *filter(None, [boundary_of(item)])]

    @cached_property
    def boundaries_only(self):
        """The policies that limit somebody and are attached to nobody: they grant nothing."""
        attached, bounding = self.held
        return set(bounding) - set(attached)

    @cached_property
    def documents(self):
        """The document in force of every policy with its kind; ``None`` is what was not collected."""
        found = {}
        for policy in self.details.get("Policies", ()):
            versions = policy.get("PolicyVersionList", ())
            current = next((version for version in versions if version["IsDefaultVersion"]), {})
            found[policy["Arn"]] = (managed_by(policy["Arn"]), current.get("Document"))
        for arn in {**self.held[0], **self.held[1]}:
            found.setdefault(arn, (managed_by(arn), None))
        for kind, item in self.holders:
            for inline in item.get(f"{LISTS[kind][1]}PolicyList", ()):
                found[f"{item['Arn']}#{inline['PolicyName']}"] = "inline", inline["PolicyDocument"]
            if kind == "role":
                found[f"{item['Arn']}@trust"] = "trust", item["AssumeRolePolicyDocument"]
        return found

    @cached_property
    def statements(self):
        """Every statement of every document that is an object."""
        return [
            Place(policy, index, statement, kind)
            for policy, (kind, document) in self.documents.items()
            if isinstance(document, dict)
            for index, statement in enumerate(listed(document["Statement"]))
        ]

    @cached_property
    def own_allows(self):
        """The Allow statements of the account's identity policies, those of boundaries included."""
        return [s for s in self.statements if s.is_allow and s.kind in ("customer managed", "inline")]


def managed_by(arn):
    return "aws managed" if re.match(r"arn:[^:]+:iam::aws:", arn) else "customer managed"


def is_service_linked(arn):
    return ":role/aws-service-role/" in arn


def permission_set_of(role):
    """The permission set of a role that IAM Identity Center made."""
    made = "AWSReservedSSO_"
    is_of_center = role["Path"].startswith("/aws-reserved/sso.amazonaws.com/")
    return role["RoleName"].removeprefix(made).rpartition("_")[0] if is_of_center else None


def is_break_glass(item):
    """Whether a tag of a user or role says that it is kept for an emergency."""
    said = [text.lower() for tag in item.get("Tags", ()) for text in (tag["Key"], tag["Value"])]
    return any(re.fullmatch("break[-_ ]?glass", text) for text in said) and "false" not in said


def attached_to(item):
    return [policy["PolicyArn"] for policy in item.get("AttachedManagedPolicies", ())]


def inline_of(item):
    return [
        policy["PolicyName"] for _, kind in LISTS.values() for policy in item.get(f"{kind}PolicyList", ())
    ]


def boundary_of(item):
    return (item.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
