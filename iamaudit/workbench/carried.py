"""The notebooks and params files that come with the package, or stand beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def carried_notebooks() -> Path:
    """Return the folder of the notebooks that came with the package or its checkout."""
    return _carried("notebooks")


def carried_params() -> Path:
    """Return the folder of the params files that came with the package or its checkout."""
    return _carried("params")


def _carried(name: str) -> Path:
    own = _PACKAGE / name
    return own if own.is_dir() else _PACKAGE.parent / name
