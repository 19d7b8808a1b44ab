"""What a collection of a large account costs: pages, 12 calls, and one where the report shows something."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import boto3
import pytest

from iamaudit.aws import collect, collect_account
from iamaudit.aws.credential_report import collect_credential_report
from iamaudit.snapshot import read_snapshot
from iamaudit.snapshot.shapes import REPORT_COLUMNS

ACCOUNT = "444455556666"
NOW = datetime(2026, 11, 1, 7, 55, tzinfo=UTC)
USERS, ROLES, PAGE = 5_000, 5_000, 1_000
HAS_KEY, HAS_MFA = range(0, USERS, 10), range(0, USERS, 7)


def _user(number):
    name = f"user-{number}"
    return {"UserName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}"}


def _role(number):
    name = f"role-{number}"
    return {"RoleName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}


def _report_row(number):
    row = dict.fromkeys(REPORT_COLUMNS, "N/A") | {"user": f"user-{number}", "arn": _user(number)["Arn"]}
    row |= {"access_key_1_active": str(number in HAS_KEY).lower(), "access_key_2_active": "false"}
    row["mfa_active"] = str(number in HAS_MFA).lower()
    return ",".join(row[name] for name in REPORT_COLUMNS)


class LargeAccount:
    """Answers in the place of AWS, in the shape of its answers, before anything is sent; counts the calls."""

    def __init__(self):
        self.calls = Counter()
        self.people = [
            *(("UserDetailList", _user(number)) for number in range(USERS)),
            *(("RoleDetailList", _role(number)) for number in range(ROLES)),
        ]
        self.report = "\n".join([",".join(REPORT_COLUMNS), *map(_report_row, range(USERS))]).encode()

    def answer(self, model, params, **_):
        self.calls[model.name] += 1
        given = params["body"]
        parsed = {
            "GetCallerIdentity": lambda: {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/a"},
            "GenerateCredentialReport": lambda: {"State": "STARTED" if self.is_first(model) else "COMPLETE"},
            "GetCredentialReport": lambda: {"Content": self.report, "GeneratedTime": NOW},
            "GetAccountAuthorizationDetails": lambda: self.page(given),
            "GetAccountSummary": lambda: {
                "SummaryMap": {"Users": USERS, "Roles": ROLES, "MFADevicesInUse": len(HAS_MFA)}
            },
            "GetAccountPasswordPolicy": lambda: {"PasswordPolicy": {}},
            "ListAccountAliases": lambda: {"AccountAliases": []},
            "ListVirtualMFADevices": lambda: {"VirtualMFADevices": []},
            "ListMFADevices": lambda: {"MFADevices": [self.device(given["UserName"])]},
            "ListAccessKeys": lambda: {"AccessKeyMetadata": [self.key(given["UserName"])]},
            "ListSAMLProviders": lambda: {"SAMLProviderList": []},
            "ListOpenIDConnectProviders": lambda: {"OpenIDConnectProviderList": []},
            "ListServerCertificates": lambda: {"ServerCertificateMetadataList": []},
            "ListInstanceProfiles": lambda: {"InstanceProfiles": []},
        }[model.name]()
        return SimpleNamespace(status_code=200), {**parsed, "ResponseMetadata": {"RequestId": "r"}}

    def is_first(self, model):
        return self.calls[model.name] == 1

    def page(self, given):
        start = int(given.get("Marker", 0))
        end = start + min(int(given["MaxItems"]), PAGE)
        lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        page = {name: [item for own, item in self.people[start:end] if own == name] for name in lists}
        more = {"Marker": str(end)} if end < len(self.people) else {}
        return {**page, "IsTruncated": bool(more), **more}

    @staticmethod
    def device(name):
        return {"UserName": name, "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/{name}"}

    @staticmethod
    def key(name):
        return {"UserName": name, "AccessKeyId": f"key-of-{name}", "Status": "Active"}


@pytest.fixture
def take(tmp_path, monkeypatch):
    """Collect the large account, and return what answered, the snapshot, and the plan that was told."""
    report = partial(collect_credential_report, sleep=lambda _: None)
    monkeypatch.setitem(collect._ASK, "credential_report", lambda iam, _: report(iam))

    def run(**options):
        account, session, told = LargeAccount(), boto3.Session(region_name="us-east-1"), []
        session.events.register("before-call", account.answer)
        taken = collect_account(
            session, tmp_path, clock=lambda: NOW, progress=False, tell=told.append, **options
        )
        return account, read_snapshot(taken), told

    return run


def test_fast_costs_pages_and_12_calls_and_says_what_it_left_out(take):
    account, taken, told = take(preset="fast")
    assert account.calls.total() == (USERS + ROLES) // PAGE + 12
    assert taken.read("mfa_devices") == {"VirtualMFADevices": []}
    assert taken.manifest.sources["mfa_devices"].reason == (
        "the virtual devices only: the preset `default` asks for the others user by user"
    )
    assert taken.why_not("access_keys") == (
        "access keys: missing from this snapshot (not asked for: the preset `default` asks for it)"
    )
    assert told == ["plan: at most about 112 calls, 1 minute at 10 calls a second"]


@pytest.mark.parametrize("workers", [1, 8])
def test_five_thousand_users_and_roles_cost_pages_and_12_calls_and_one_a_key_or_device(workers, take):
    account, taken, told = take(workers=workers)
    assert told == ["plan: at most about 5,827 calls, 10 minutes at 10 calls a second"]
    pages = (USERS + ROLES) // PAGE
    assert account.calls.total() == pages + 12 + len(HAS_KEY) + len(HAS_MFA) == 1_237
    per_user = {"ListAccessKeys": len(HAS_KEY), "ListMFADevices": len(HAS_MFA)}
    assert {name: account.calls[name] for name in per_user} == per_user
    assert account.calls["GetAccountAuthorizationDetails"] == pages
    assert sum(record.calls for record in taken.manifest.sources.values()) == account.calls.total()
    asked = [key["UserName"] for key in taken.read("access_keys")["AccessKeyMetadata"]]
    assert asked == [f"user-{number}" for number in HAS_KEY]
