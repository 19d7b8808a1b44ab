"""Access key ids in files as they are now."""

import os
from collections.abc import Iterator
from pathlib import Path

from iamaudit.codescan.notebooks import notebook_places
from iamaudit.codescan.sighting import KEY_ID, Scan, Sighting, shown_path

_MAX_BYTES = 5_000_000


def files_of(given: Path, scan: Scan) -> Iterator[Path]:
    """Yield the files of a folder in the same order every time, or the file itself."""
    if not given.is_dir():
        yield given
        return
    top = os.path.realpath(given)
    for folder, folders, names in os.walk(given, onerror=lambda error: scan.skip(error.filename, error)):
        folders[:] = sorted(name for name in folders if name != ".git")
        here, below = os.path.realpath(folder), set(folders)
        for name in sorted([*folders, *names]):
            path, real = Path(folder, name), Path(os.path.realpath(Path(folder, name)))
            if real != Path(here, name):  # a link
                if not real.is_relative_to(top):
                    scan.skip(path, "link out of the folder")
            elif name not in below and name != ".git":
                yield path


def scan_file(path: Path, scan: Scan) -> None:
    """Look for ids in one file, and record it as scanned or skipped."""
    try:
        if not path.is_file():  # to open a pipe would wait for its other end
            scan.skip(path, "cannot be read (not a regular file)")
            return
        with path.open("rb") as stream:
            raw = stream.read(8192)
            if b"\0" in raw:
                scan.binary += 1
                return
            raw += stream.read(_MAX_BYTES + 1 - len(raw))
    except OSError as error:
        scan.skip(path, error)
        return
    if len(raw) > _MAX_BYTES:
        scan.skip(path, "larger than 5 MB")
        return
    scan.files += 1
    text = raw.decode("utf-8", errors="replace")
    places = notebook_places(text) if path.suffix == ".ipynb" else {}
    line, end, found = 1, 0, []
    for match in KEY_ID.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        found.append(Sighting(match[0], shown_path(path), line, places.get(end, "file")))
    scan.sightings += dict.fromkeys(found)
