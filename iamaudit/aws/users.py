"""Questions that AWS answers for one user at a time, asked side by side."""

from collections.abc import Callable, Sequence
from multiprocessing.pool import ThreadPool
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from iamaudit.aws.answers import error_code, member, read_pages
from iamaudit.snapshot import SourceResult

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_WORKERS = 8


def of_every_user(
    iam: "IAMClient", user_names: Sequence[str] | None, ask: Callable[[str], list[Any]]
) -> list[Any]:
    """Return what ``ask`` gives for each user, in their order; one who is gone by then has nothing.

    ``user_names`` are the users to ask for; ``None`` asks AWS who there is.
    """
    if user_names is None:
        pages = read_pages(iam, "list_users")
        user_names = [member(user, "UserName") for page in pages for user in member(page, "Users")]
    with ThreadPool(_WORKERS) as pool:  # its threads do not keep a process alive
        found = pool.imap(lambda name: _unless_gone(ask, name), user_names)
        return [item for items in found for item in items]


def collect_access_keys(iam: "IAMClient", user_names: Sequence[str] | None) -> SourceResult:
    """Return the access keys of every user: id, status and date; AWS tells a secret to nobody.

    Root's keys are not among them: the credential report shows that they are there.
    """

    def ask(name: str) -> list[Any]:
        pages = read_pages(iam, "list_access_keys", UserName=name)
        return [key for page in pages for key in member(page, "AccessKeyMetadata")]

    found = of_every_user(iam, user_names, ask)
    return SourceResult("collected", {"AccessKeyMetadata": found}, rows={"AccessKeyMetadata": len(found)})


def _unless_gone(ask: Callable[[str], list[Any]], name: str) -> list[Any]:
    try:
        return ask(name)
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        return []  # deleted since the users were listed
