"""The snapshots of the embedded account: those that come with the package, and how they are collected."""

from pathlib import Path

from iamaudit.demo.earlier import write_earlier
from iamaudit.errors import CollectionError
from iamaudit.snapshot import read_snapshot, sources_of

DEMO_CODE = Path(__file__).with_name("code.json")
"""What a scan of the invented code of the embedded account found."""
DEMO_OWNERS = Path(__file__).with_name("owners.yaml")
"""Who answers for the users and roles of the embedded account."""
DEMO_SNAPSHOTS = Path(__file__).with_name("taken")
"""What ``collect_demo`` wrote, ids of access keys masked; ``python -m tests.write_demo`` makes it anew."""


def demo_snapshot() -> Path:
    """Return the snapshot of the embedded account that comes with the package; the one before lies beside."""
    return read_snapshot(DEMO_SNAPSHOTS).path


def collect_demo(root: Path) -> Path:
    """Collect the embedded account into ``root``, and beside it the snapshot of a month earlier.

    They have the same bytes each time, so older ones are replaced.

    Raises
    ------
    CollectionError
        moto is not installed, on which the account runs.
    """
    from iamaudit.aws import collect_account  # noqa: PLC0415 - boto3 and moto cost a second, only the demo pays

    try:
        from iamaudit.demo import demo_account  # noqa: PLC0415
        from iamaudit.demo.further_answers import REGIONS  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CollectionError(
            "the demo account runs on moto, which is not installed: pip install 'iamaudit[demo]', "
            "or take the snapshot that comes with iamaudit: iamaudit demo"
        ) from error

    with demo_account() as account:
        taken = collect_account(
            account.session,
            root,
            endpoint_url=account.endpoint_url,
            clock=account.clock,
            progress=False,
            origin="demo",
            sources=sources_of("thorough")
            - {"login_profiles", "access_keys_last_used"},  # the report is new: they say the same
            regions=REGIONS,
            replace=True,
        )
    write_earlier(root, read_snapshot(taken))
    return taken
