"""What kind of MFA root and each user have, and where that is not known."""

import pytest

from iamaudit.frames import users_frame
from tests.accounts import AS_OF, IAM, account_of, password, report

U2F, VIRTUAL, TOKEN = f"{IAM}:u2f/user/both/key", f"{IAM}:mfa/{{}}", "GAHT12345678"


def kinds(*, root_mfa="true", virtual=(), every=None):
    rows = [{"user": "<root_account>", "arn": f"{IAM}:root", "mfa_active": root_mfa}]
    rows += [
        {"user": name, "arn": f"{IAM}:user/{name}", **password(changed=1, mfa=mfa)}
        for name, mfa in {"ann": "true", "both": "true", "bob": "false"}.items()
    ]
    sources = {} if virtual is None else {"mfa_devices": {"VirtualMFADevices": list(virtual)}}
    if every is not None:
        listed = [{"UserName": user, "SerialNumber": serial} for user, serial in every]
        sources["mfa_devices"]["MFADevices"] = listed
    frame = users_frame(account_of(credential_report=report(*rows), **sources), AS_OF)
    kind = frame.set_index("name").mfa_kind.astype(object)
    return kind.where(kind.notna(), None).to_dict()


def of(name, owner=None):
    user = {"Arn": owner or f"{IAM}:user/{name}", **({"UserName": name} if owner is None else {})}
    return {"SerialNumber": VIRTUAL.format(name), "User": user, "EnableDate": "2026-01-01T00:00:00Z"}


def test_each_device_tells_by_its_serial_what_it_is_and_several_are_named():
    found = kinds(
        virtual=[of("ann")],
        every=[("ann", VIRTUAL.format("ann")), ("both", U2F), ("both", TOKEN)],
    )
    assert (found["ann"], found["both"], found["bob"]) == ("virtual", "hardware, security key", "none")


@pytest.mark.parametrize(
    ("mfa", "devices", "kind"),
    [
        ("true", [of("root-account-mfa-device", f"{IAM}:root")], "virtual"),
        ("true", [], "not virtual"),
        ("false", [], "none"),
    ],
)
def test_of_root_a_virtual_device_only_is_listed(mfa, devices, kind):
    assert kinds(root_mfa=mfa, virtual=devices, every=[])["<root_account>"] == kind


def test_where_users_were_not_asked_only_who_has_no_mfa_is_known():
    found = kinds(virtual=[of("ann")])
    assert (found["ann"], found["both"], found["bob"]) == (None, None, "none")


def test_without_the_source_nothing_is_known():
    assert set(kinds(virtual=None).values()) == {None}
