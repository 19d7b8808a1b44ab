"""Credentials that neither the report nor the details tell of: asked user by user, or key by key."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from iamaudit.aws.answers import UnreadableAnswerError, error_code, member, read_pages
from iamaudit.aws.asking import side_by_side
from iamaudit.aws.users import of_every_user
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def anybody(_: Mapping[str, str]) -> bool:
    """Say that a user may have one, whatever the row of the credential report shows."""
    return True


def may_have_password(row: Mapping[str, str]) -> bool:
    """Say whether a row of the credential report shows a password, or does not say that there is none."""
    return row["password_enabled"].lower() != "false"


def may_have_certificates(row: Mapping[str, str]) -> bool:
    """Say whether a row of the credential report shows a signing certificate, or leaves it open."""
    return any(
        row[f"cert_{slot}_active"].lower() != "false" or row[f"cert_{slot}_last_rotated"] != "N/A"
        for slot in (1, 2)
    )


def collect_ssh_public_keys(iam: "IAMClient", user_names: Sequence[str]) -> SourceResult:
    """Return the SSH public keys of users, for CodeCommit: ids, status and dates, never the keys."""

    def ask(name: str) -> list[Any]:
        pages = read_pages(iam, "list_ssh_public_keys", UserName=name)
        return [key for page in pages for key in member(page, "SSHPublicKeys")]

    return _listed("SSHPublicKeys", of_every_user(user_names, ask))


def collect_signing_certificates(iam: "IAMClient", user_names: Sequence[str]) -> SourceResult:
    """Return the X.509 signing certificates of users."""

    def ask(name: str) -> list[Any]:
        pages = read_pages(iam, "list_signing_certificates", UserName=name)
        return [one for page in pages for one in member(page, "Certificates")]

    return _listed("Certificates", of_every_user(user_names, ask))


def collect_service_specific_credentials(iam: "IAMClient", user_names: Sequence[str]) -> SourceResult:
    """Return the passwords and API keys of users for single services: ids, status and dates, no secret."""

    def pages(name: str) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        while True:
            page = iam.list_service_specific_credentials(UserName=name, **more)  # type: ignore[arg-type]
            yield page
            if not page.get("IsTruncated"):
                return
            if not page.get("Marker") or page["Marker"] == more.get("Marker"):
                raise UnreadableAnswerError("the answer says that there is more, and has no new Marker")
            more = {"Marker": page["Marker"]}

    def ask(name: str) -> list[Any]:
        return [one for page in pages(name) for one in member(page, "ServiceSpecificCredentials")]

    return _listed("ServiceSpecificCredentials", of_every_user(user_names, ask))


def collect_login_profiles(iam: "IAMClient", user_names: Sequence[str]) -> SourceResult:
    """Return the login profiles of users; one without a password for the console has none."""

    def ask(name: str) -> list[Any]:
        return [member(iam.get_login_profile(UserName=name), "LoginProfile")]

    return _listed("LoginProfiles", of_every_user(user_names, ask))


def collect_last_use_of_keys(iam: "IAMClient", key_ids: Sequence[str]) -> SourceResult:
    """Return when, where and for which service each access key was last used."""
    found = side_by_side(key_ids, partial(_last_use, iam))
    return _listed("AccessKeys", [each for each in found if each])


def _last_use(iam: "IAMClient", key_id: str) -> dict[str, Any] | None:
    try:
        answer = iam.get_access_key_last_used(AccessKeyId=key_id)
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        return None
    used = member(answer, "AccessKeyLastUsed")
    return {"AccessKeyId": key_id, "UserName": answer.get("UserName"), "AccessKeyLastUsed": used}


def _listed(key: str, items: list[Any]) -> SourceResult:
    return SourceResult("collected", {key: items}, rows={key: len(items)})
