"""What a scan finds: access key ids, where they stand, and what their form tells."""

import base64
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

# Only letters and digits make a longer run: ids stand in `KEY=<id>` and in the `<id>/<date>` of a signed URL.
# The end of an escape is not part of it (`\n`, `\u003d`, `%3D`, a colour's `31m`).
KEY_ID = re.compile(
    r"(?=A[KS]IA)(?:(?<![A-Za-z0-9])|(?<=\\[abfnrtv])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9]m))"
    r"(A[KS]IA)[A-Z2-7]{12}([A-Z2-7]{4})(?![A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where an access key id stands, without the text around it: a secret may be in that.

    ``path`` is as given, ``line`` counts from 1 (of a notebook's JSON, or of the file in the commit) and
    ``where`` is ``file``, ``notebook output``, ``notebook source`` or, with a ``commit``, ``git history``.
    """

    key_id: str = field(repr=False)
    path: str
    line: int
    where: str
    commit: str | None = None

    @property
    def masked(self) -> str:
        """The id as it may be shown: its first and its last four characters."""
        return f"{self.key_id[:4]}…{self.key_id[-4:]}"

    @property
    def is_example(self) -> bool:
        """Whether this is an id of AWS's documentation, which belongs to nobody."""
        return "EXAMPLE" in self.key_id

    @property
    def kind(self) -> str:
        """``long-term`` for a user's access key, ``temporary`` for a session's."""
        return "long-term" if self.key_id.startswith("AKIA") else "temporary"


@dataclass(slots=True)
class Scan:
    """What was found, in how many files, and what was not looked at: ``skipped`` has a path and a reason."""

    sightings: list[Sighting] = field(default_factory=list)
    files: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    binary: int = 0

    def skip(self, path: Path | str, reason: str | OSError) -> None:
        """Record that a path was not looked at."""
        if isinstance(reason, OSError):
            reason = f"cannot be read ({(reason.strerror or 'no reason given').lower()})"
        self.skipped.append((shown_path(Path(path)), reason))


def account_of_key(key_id: str) -> str | None:
    """Return the account that an access key id seems to hold, or ``None``.

    This is an inference and is shown as one: AWS does not document that ids made since about 2019 hold the
    account in the 40 bits after the first. Older ids have that bit unset (a fifth character below ``Q``).
    """
    if not KEY_ID.fullmatch(key_id) or key_id[4] in "ABCDEFGHIJKLMNOP":
        return None
    account = (int.from_bytes(base64.b32decode(key_id[4:])[:6], "big") & 0x7FFFFFFFFF80) >> 7
    return f"{account:012d}" if account < 10**12 else None


def mask_keys(text: str) -> str:
    """Return a text without the middle of any key id in it."""
    return KEY_ID.sub(r"\1…\2", text)


def shown_path(path: Path) -> str:
    """Return a path as text that can be written, whatever bytes are in the name."""
    return os.fsencode(path.as_posix()).decode("utf-8", errors="replace")
