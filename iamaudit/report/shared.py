"""The parameters of a report that may be shared: the same snapshots and files under invented names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iamaudit.audit import DEMO
from iamaudit.audit.params_file import FILES
from iamaudit.demo.collected import DEMO_CODE, DEMO_OWNERS, demo_snapshot
from iamaudit.errors import ParameterError
from iamaudit.report.invented import patterns_in, principal, write_invented
from iamaudit.report.parameters import Parameters
from iamaudit.snapshot import (
    Pseudonyms,
    Snapshot,
    learn_patterns,
    older_snapshots,
    read_snapshot,
    write_pseudonymous,
)

_PRINCIPAL = "principal"  # of 10_principal


def under_pseudonyms(parameters: Parameters, key_file: Path, folder: Path, reports: Path) -> Parameters:
    """Write snapshots and given files under invented names, and return the parameters for them.

    Free text, as the reason of a waiver, is withheld, and so is the file name of an answer's evidence.

    Parameters
    ----------
    key_file
        Keeps the invented names: the same file gives the same names again. It is made when it is not there.
    folder
        Takes the snapshots and files.
    reports
        Where the bundle goes; the key file must lie elsewhere.

    Raises
    ------
    ParameterError
        Own checks are given, a file cannot be used, the key file lies among the reports or is none, or the
        snapshot is of another account than ``account_id``.
    """
    given = dict(parameters.notebook)
    if given.get("checks"):
        raise ParameterError(
            "`checks` is code, in which no name can be replaced: leave it out with --pseudonyms"
        )
    if key_file.resolve().is_relative_to(reports.resolve()):
        raise ParameterError(f"`{key_file}` lies among the reports, which are shared: give another folder")
    place = given.get("snapshot") or DEMO
    snapshot = read_snapshot(demo_snapshot() if place == DEMO else place)
    wanted, previous = parameters.collection.get("account_id"), given.pop("previous", "")
    if wanted and wanted != snapshot.manifest.account_id:
        raise ParameterError(f"the snapshot is of account {snapshot.manifest.account_id}, not `{wanted}`")
    names, files = Pseudonyms.read(key_file), _files(given, snapshot)
    series = [*older_snapshots(snapshot, Path(previous) if previous else None), snapshot]
    for pattern in patterns_in(files):
        names.learn(pattern)
    for each in series:
        learn_patterns(each, names)
    for each in series:
        given["snapshot"] = str(write_pseudonymous(each, folder, names))
    for name, path in write_invented(files, folder / "given", names, snapshot).items():
        given[name] = str(path)
    for name in ("trusted_accounts", "break_glass", _PRINCIPAL):
        if given.get(name):
            given[name] = ",".join(principal(text.strip(), names) for text in given[name].split(","))
    names.write(key_file)
    return Parameters(notebook=given, collection={}, run=parameters.run, origins=parameters.origins)


def _files(given: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Path]:
    """Return the files that the audit is given; the demo account has some of its own."""
    own = {"owners": DEMO_OWNERS, "code_scan": DEMO_CODE} if snapshot.manifest.origin == "demo" else {}
    return own | {name: Path(given[name]) for name in FILES if given.get(name)}
