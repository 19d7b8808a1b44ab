"""Hold the frames of two bundles against each other: ``python -m tests.compare_bundles OLD NEW``.

It prints a line for each frame that is not the same, and what differs: frames and columns that only one of
them has, how many rows each has, and the first values that are not equal.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

_SHOWN = 3


def differences(old: Path, new: Path) -> Iterator[str]:
    """Yield a line for each difference between the Parquet files of two ``data`` folders."""
    frames = {
        folder: {path.stem: path for path in (folder / "data").glob("*.parquet")} for folder in (old, new)
    }
    for name in sorted(frames[old].keys() | frames[new].keys()):
        if name not in frames[new]:
            yield f"{name}: only in the old one"
        elif name not in frames[old]:
            yield f"{name}: only in the new one"
        else:
            yield from _of_frames(name, *(pd.read_parquet(frames[folder][name]) for folder in (old, new)))


def _of_frames(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Iterator[str]:
    for column in [c for c in old.columns if c not in new.columns]:
        yield f"{name}.{column}: only in the old one"
    for column in [c for c in new.columns if c not in old.columns]:
        yield f"{name}.{column}: only in the new one"
    if len(old) != len(new):
        yield f"{name}: {len(old)} rows, now {len(new)}"
        return
    for column in [c for c in old.columns if c in new.columns]:
        pairs = list(zip(map(_plain, old[column]), map(_plain, new[column]), strict=True))
        unequal = [(row, a, b) for row, (a, b) in enumerate(pairs) if a != b]
        if unequal:
            shown = "; ".join(f"row {row}: {a!r}, now {b!r}" for row, a, b in unequal[:_SHOWN])
            yield f"{name}.{column}: {len(unequal)} of {len(pairs)} values ({shown})"


def _plain(value: object) -> object:
    """Return a value that can be compared: lists for arrays, ``None`` for every kind of missing."""
    if hasattr(value, "tolist") and not isinstance(value, str):
        value = value.tolist()
    return value if isinstance(value, list) or not pd.isna(value) else None


if __name__ == "__main__":
    lines = list(differences(Path(sys.argv[1]), Path(sys.argv[2])))
    print("\n".join(lines) or "every frame is the same")  # noqa: T201 - a script
    sys.exit(bool(lines))
