"""The files of a bundle in groups, each with what it holds, its rows and its size."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iamaudit.report.carried import FOLDER
from iamaudit.report.data import MAX_CSV_BYTES, MAX_CSV_ROWS
from iamaudit.report.exports import Export
from iamaudit.report.pdf import PDF
from iamaudit.snapshot.older import CARRIED


@dataclass(frozen=True, slots=True)
class File:
    """One file; ``size`` is empty for what another run of the same audit makes some bytes longer."""

    href: str
    about: str
    rows: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Files for one purpose; one that is not ``is_open`` is folded up."""

    title: str
    files: Sequence[File]
    is_open: bool = True

    @property
    def has_rows(self) -> bool:
        """Whether rows are counted in any of them."""
        return any(file.rows for file in self.files)


@dataclass(frozen=True, slots=True)
class Frames:
    """What is known of the frames: how many rows each has, what one row is, and which have no CSV."""

    rows: Mapping[str, int]
    meanings: Mapping[str, str]
    parquet_only: Collection[str]


def file_groups(
    folder: Path, frames: Frames, exports: Sequence[Export], known: Mapping[str, str]
) -> list[Group]:
    """Return every file of a bundle once, by what it is for; an older snapshot is one line.

    Parameters
    ----------
    known
        What is known of pages and evidence, by file.
    """
    about = {
        "workpapers.xlsx": "what an audit team works in: observations, workpapers, samples, sign-off",
        PDF: "summary, observations and controls as one document with page numbers",
    }
    about |= {export.file: export.about for export in exports} | dict(known)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    grouped: dict[str, list[File]] = {title: [] for title in _GROUPS}
    for name in names:
        frame = Path(name).stem if name.startswith("data/") else ""
        if name in ("index.html", "manifest.json") or (
            name.endswith(".parquet") and frame not in frames.parquet_only
        ):
            continue
        if name.startswith(_OLDER) and not name.endswith("/manifest.json"):
            continue  # its manifest stands for an older snapshot
        size = "" if name.endswith(".ipynb") else _size(_bytes(folder / name, name.startswith(_OLDER)))
        said = _frame(frame, frames) if frame else about.get(name, "")
        rows = f"{frames.rows[frame]:,}" if frame in frames.rows else ""
        grouped[_group(name)].append(File(name, said, rows, size))
    grouped["Work with"].append(
        File("manifest.json", "what this was made from, and the sha-256 of every file")
    )
    return [Group(title, files, _GROUPS[title]) for title, files in grouped.items() if files]


_OLDER = f"{FOLDER}/{CARRIED}/"
_GROUPS = {
    "Read": True,
    "Work with": True,
    "Evidence as it was collected": False,
    "Data: the frames, complete": False,
    "Notebooks as they were executed": False,
}


def _group(name: str) -> str:
    if name.startswith("data/"):
        return "Data: the frames, complete"
    if name.startswith("evidence/"):
        return "Evidence as it was collected"
    endings = {".html": "Read", ".pdf": "Read", ".ipynb": "Notebooks as they were executed"}
    return endings.get(Path(name).suffix, "Work with")


def _frame(name: str, frames: Frames) -> str:
    said = frames.meanings.get(name, "")
    if name not in frames.parquet_only:
        return f"{said} Also as .parquet."
    limits = f"{MAX_CSV_ROWS:,} rows or {MAX_CSV_BYTES / 1e6:,.0f} MB"
    return f"{said} As Parquet only: a CSV for spreadsheets ends at {limits}."


def _bytes(path: Path, is_whole_folder: bool) -> int:
    paths = path.parent.iterdir() if is_whole_folder else [path]
    return sum(each.stat().st_size for each in paths)


def _size(size: int) -> str:
    if size >= 1_000_000:
        return f"{size / 1e6:,.1f} MB"
    return f"{max(1, round(size / 1e3)):,} kB"
