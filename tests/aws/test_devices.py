import threading
import time

import pytest
from botocore.exceptions import ClientError

from iamaudit.aws.devices import collect_mfa_devices

ACCOUNT = "444455556666"


@pytest.fixture
def people(admin):
    """Three users: a virtual device, a hardware one, none; and a virtual device of nobody."""
    for name in ("mary", "nora", "olga"):
        admin.create_user(UserName=name)
    for name in ("marys-phone", "nobodys-phone"):
        admin.create_virtual_mfa_device(VirtualMFADeviceName=name)
    serials = {"mary": f"arn:aws:iam::{ACCOUNT}:mfa/marys-phone", "nora": "GAHT12345678"}
    for name, serial in serials.items():
        admin.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
    return ["mary", "nora", "olga"]


def test_virtual_devices_and_those_of_users_are_collected_in_order(people, iam):
    result = collect_mfa_devices(iam, people)
    assert sorted(item["SerialNumber"] for item in result.content["VirtualMFADevices"]) == [
        f"arn:aws:iam::{ACCOUNT}:mfa/marys-phone",
        f"arn:aws:iam::{ACCOUNT}:mfa/nobodys-phone",
    ]
    assert [(item["UserName"], item["SerialNumber"]) for item in result.content["MFADevices"]] == [
        ("mary", f"arn:aws:iam::{ACCOUNT}:mfa/marys-phone"),
        ("nora", "GAHT12345678"),
    ]
    assert result.rows == {"VirtualMFADevices": 2, "MFADevices": 2}


def test_seeds_and_qr_codes_are_dropped(people, iam, backend):
    content = str(collect_mfa_devices(iam, people).content)
    assert "Base32StringSeed" not in content
    assert "QRCodePNG" not in content
    for device in backend.virtual_mfa_devices.values():
        assert str(device.base32_string_seed) not in content


def test_a_user_deleted_in_between_has_no_devices(people, iam):
    result = collect_mfa_devices(iam, ["mary", "gone", "nora"])
    assert [item["UserName"] for item in result.content["MFADevices"]] == ["mary", "nora"]


def test_the_order_is_that_of_the_users_however_they_answer(iam):
    answered = {name: threading.Event() for name in ("a", "b", "c")}

    def answer(params, **_):
        name = params["body"]["UserName"]
        following = {"a": "b", "b": "c"}.get(name)
        if following:
            assert answered[following].wait(10)
        answered[name].set()
        parsed = {"MFADevices": [{"UserName": name}], "IsTruncated": False, "ResponseMetadata": {}}
        return type("Response", (), {"status_code": 200}), parsed

    iam.meta.events.register("before-call.iam.ListMFADevices", answer)
    assert collect_mfa_devices(iam, ["a", "b", "c"]).content["MFADevices"] == [
        {"UserName": "a"},
        {"UserName": "b"},
        {"UserName": "c"},
    ]


def test_a_refusal_is_raised_and_the_users_still_waiting_are_not_asked(iam):
    asked = []

    def refuse(params, **_):
        asked.append(params)
        if params["body"]["UserName"] != "user-0":
            time.sleep(0.05)
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListMFADevices")

    iam.meta.events.register("before-call.iam.ListMFADevices", refuse)
    with pytest.raises(ClientError):
        collect_mfa_devices(iam, [f"user-{number}" for number in range(2000)])
    assert len(asked) < 1000
