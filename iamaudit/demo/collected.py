"""The snapshot of the embedded account: collected like any other, and kept for the next use."""

import tempfile
from hashlib import sha256
from pathlib import Path

import platformdirs

from iamaudit.atomic import put_in_place
from iamaudit.demo.earlier import write_earlier
from iamaudit.errors import SnapshotError
from iamaudit.snapshot import read_snapshot, sources_of


def collect_demo(root: Path) -> Path:
    """Collect the embedded account into ``root``, and beside it the snapshot of a month earlier.

    They have the same bytes each time, so older ones are replaced.
    """
    from iamaudit.aws import collect_account  # noqa: PLC0415 - boto3 and moto cost a second, only the demo pays
    from iamaudit.demo import demo_account  # noqa: PLC0415

    with demo_account() as account:
        taken = collect_account(
            account.session,
            root,
            endpoint_url=account.endpoint_url,
            clock=account.clock,
            progress=False,
            origin="demo",
            sources=sources_of("default") | {"last_accessed"},  # moto lacks some of the others
            replace=True,
        )
    write_earlier(root, read_snapshot(taken))
    return taken


DEMO_CODE = Path(__file__).with_name("code.json")
"""What a scan of the invented code of the embedded account found."""
DEMO_OWNERS = Path(__file__).with_name("owners.yaml")
"""Who answers for the users and roles of the embedded account."""


def demo_snapshot() -> Path:
    """Return the snapshot of the embedded account, made in the user's cache folder on first use.

    It is kept under a digest of the code that makes it, so a changed story is never read from an old cache.
    """
    package = Path(__file__).parents[1]
    sources = sorted(p for room in ("aws", "demo", "snapshot") for p in (package / room).glob("*.py"))
    digest = sha256(b"".join(p.read_bytes() for p in sources)).hexdigest()[:12]
    place = platformdirs.user_cache_path("iamaudit") / f"demo-{digest}"
    try:
        return read_snapshot(place).path
    except SnapshotError:
        pass  # not made yet
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="demo-", dir=place.parent) as folder:
            made = collect_demo(Path(folder) / "whole")
            name = made.relative_to(Path(folder) / "whole")
            if not place.exists():  # another process may have been faster, with the same bytes
                put_in_place(Path(folder) / "whole", place)
    except OSError as error:
        raise SnapshotError(
            f"cannot keep the demo snapshot in `{place.parent}` ({error.strerror}): set XDG_CACHE_HOME to a "
            "folder that you may write to"
        ) from error
    return place / name
