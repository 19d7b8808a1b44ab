"""The parameters of a report that may be shared: the same snapshots under invented names."""

from pathlib import Path

from iamaudit.audit import DEMO
from iamaudit.audit.params_file import FILES
from iamaudit.demo.collected import demo_snapshot
from iamaudit.errors import ParameterError
from iamaudit.report.parameters import Parameters
from iamaudit.snapshot import Pseudonyms, older_snapshots, read_snapshot, write_pseudonymous


def under_pseudonyms(parameters: Parameters, key_file: Path, folder: Path, reports: Path) -> Parameters:
    """Write the snapshot and the older ones under invented names, and return the parameters for them.

    Parameters
    ----------
    key_file
        Keeps the invented names: the same file gives the same names again. It is made when it is not there.
    folder
        Takes the snapshots.
    reports
        Where the bundle goes; the key file must lie elsewhere.

    Raises
    ------
    ParameterError
        A file is given that names people or resources, the key file lies among the reports or is none, or
        the snapshot is of another account than ``account_id``.
    """
    given = dict(parameters.notebook)
    named = [name for name in FILES if given.get(name)]
    if named:
        raise ParameterError(f"`{named[0]}` names people or resources: leave it out with --pseudonyms")
    if key_file.resolve().is_relative_to(reports.resolve()):
        raise ParameterError(f"`{key_file}` lies among the reports, which are shared: give another folder")
    place = given.get("snapshot") or DEMO
    snapshot = read_snapshot(demo_snapshot() if place == DEMO else place)
    wanted, previous = parameters.collection.get("account_id"), given.pop("previous", "")
    if wanted and wanted != snapshot.manifest.account_id:
        raise ParameterError(f"the snapshot is of account {snapshot.manifest.account_id}, not `{wanted}`")
    names = Pseudonyms.read(key_file)
    older = older_snapshots(snapshot, Path(previous) if previous else None)
    for each in (*older, snapshot):
        given["snapshot"] = str(write_pseudonymous(each, folder, names))
    for name in ("trusted_accounts", "break_glass"):
        if given.get(name):
            texts = [text.strip() for text in given[name].split(",")]
            given[name] = ",".join(_labelled(text, names) for text in texts)
    names.write(key_file)
    return Parameters(notebook=given, collection={}, run=parameters.run, origins=parameters.origins)


def _labelled(text: str, names: Pseudonyms) -> str:
    """Return an account id, an ARN, ``user/name`` or ``role/name`` under an invented name."""
    kind, slash, name = text.partition("/")
    return f"{kind}/{names.name(name)}" if slash and kind in ("user", "role") else names.value(text)
