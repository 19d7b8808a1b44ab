"""Make a snapshot from the files that a client hands over, without asking AWS."""


def snapshot_from_files() -> None:
    """Being written."""
