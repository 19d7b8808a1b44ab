"""MFA devices: the virtual ones of the account, and every user's own, hardware keys included."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from iamaudit.aws.answers import member, read_pages
from iamaudit.aws.users import of_every_user
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_SECRET = {"Base32StringSeed", "QRCodePNG"}


def collect_virtual_devices(iam: "IAMClient") -> SourceResult:
    """Return the virtual devices alone, and say that the others were not asked for."""
    virtual = _virtual(iam)
    return SourceResult(
        "collected",
        {"VirtualMFADevices": virtual},
        reason="the virtual devices only: the preset `default` asks for the others user by user",
        rows={"VirtualMFADevices": len(virtual)},
    )


def collect_mfa_devices(iam: "IAMClient", user_names: Sequence[str]) -> SourceResult:
    """Return virtual devices and those assigned to ``user_names``; seeds and QR codes are dropped here."""
    virtual = _virtual(iam)

    def ask(name: str) -> list[Any]:
        pages = read_pages(iam, "list_mfa_devices", UserName=name)
        return [_without_seed(device) for page in pages for device in member(page, "MFADevices")]

    assigned = of_every_user(user_names, ask)
    return SourceResult(
        "collected",
        {"VirtualMFADevices": virtual, "MFADevices": assigned},
        rows={"VirtualMFADevices": len(virtual), "MFADevices": len(assigned)},
    )


def _virtual(iam: "IAMClient") -> list[dict[str, Any]]:
    pages = read_pages(iam, "list_virtual_mfa_devices", AssignmentStatus="Any")
    return [_without_seed(device) for page in pages for device in member(page, "VirtualMFADevices")]


def _without_seed(device: Any) -> dict[str, Any]:
    return {key: value for key, value in device.items() if key not in _SECRET}
