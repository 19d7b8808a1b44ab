"""MFA devices: the virtual ones of the account, and every user's own, hardware keys included."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from iamaudit.aws.answers import error_code
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_WORKERS = 8
_SECRET = {"Base32StringSeed", "QRCodePNG"}


def collect_mfa_devices(iam: "IAMClient", user_names: Sequence[str] | None) -> SourceResult:
    """Return virtual devices and those assigned to users; seeds and QR codes are dropped here.

    ``user_names`` are the users to ask for; ``None`` asks AWS who there is.
    """
    pages = iam.get_paginator("list_virtual_mfa_devices").paginate(AssignmentStatus="Any")
    virtual = [_without_seed(device) for page in pages for device in page["VirtualMFADevices"]]
    if user_names is None:
        users = iam.get_paginator("list_users").paginate()
        user_names = [user["UserName"] for page in users for user in page["Users"]]
    with ThreadPoolExecutor(_WORKERS) as pool:
        assigned = [
            device for devices in pool.map(lambda name: _of_user(iam, name), user_names) for device in devices
        ]
    return SourceResult(
        "collected",
        {"VirtualMFADevices": virtual, "MFADevices": assigned},
        rows={"VirtualMFADevices": len(virtual), "MFADevices": len(assigned)},
    )


def _of_user(iam: "IAMClient", name: str) -> list[Any]:
    pages = iam.get_paginator("list_mfa_devices").paginate(UserName=name)
    try:
        return [_without_seed(device) for page in pages for device in page["MFADevices"]]
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        return []  # deleted since the users were listed


def _without_seed(device: Any) -> dict[str, Any]:
    return {key: value for key, value in device.items() if key not in _SECRET}
