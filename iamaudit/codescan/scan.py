"""Find AWS access key ids in files, in git history and in notebook outputs."""

import os
from collections.abc import Sequence
from pathlib import Path

from iamaudit.codescan.current_files import files_of, scan_file
from iamaudit.codescan.history import require_work_tree, scan_history
from iamaudit.codescan.sighting import Scan
from iamaudit.errors import ParameterError


def scan_paths(paths: Sequence[Path], *, history: bool = False) -> Scan:
    """Look for access key ids in files and folders, and on request in what git knows of them.

    Parameters
    ----------
    paths
        Files, and folders with all in them but ``.git``. A link out of the folder is skipped, and what a link
        within it points to is read in its own place.
    history
        Also report the ids that a commit on any branch, tag or stash added to a file that now lacks them.

    Not seen: what is compressed, encoded or in UTF-16; in history, what only a merge added, what a repository
    within holds, and files that git or ``.gitattributes`` calls binary.

    Raises
    ------
    ParameterError
        A path does not exist, or the history was asked for without git or outside of a work tree.
    """
    if not paths:
        raise ParameterError("nothing to scan: give a file or a folder")
    scan = Scan()
    for given in paths:
        try:
            given.stat()
        except OSError as error:
            raise ParameterError(f"`{given}` does not exist or cannot be read: give another") from error
        if history:
            require_work_tree(given, scan)
    seen: set[str] = set()
    for path in (path for given in paths for path in files_of(given, scan)):
        if (real := os.path.realpath(path)) not in seen:
            seen.add(real)
            scan_file(path, scan)
    if history:
        scan_history(paths, scan)
    return scan
