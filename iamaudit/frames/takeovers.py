"""Who can become whom in one step, kept beside the frames: sets of principals as packed text."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from functools import cache

import pandas as pd

from iamaudit.escalation import Takeover
from iamaudit.frames.columns import build_frame


def takeovers_frame(takeovers: Iterable[Takeover]) -> pd.DataFrame:
    """Return a row per open way to another's permissions; ``sources`` and ``targets`` are packed sets."""
    packed = cache(_packed)  # many have a set in common
    rows = (
        {
            "rule": each.rule,
            "permissions": each.permissions,
            "verdict": each.verdict,
            "needs": each.needs,
            "sources": packed(each.sources),
            "targets": packed(each.targets),
        }
        for each in takeovers
    )
    return build_frame("takeovers", rows)


def remembered_takeovers(frame: pd.DataFrame) -> list[Takeover]:
    """Return what ``takeovers_frame`` made a frame of."""
    return [
        Takeover(
            rule=row["rule"],
            permissions=tuple(row["permissions"]),
            verdict=row["verdict"],
            needs=None if pd.isna(row["needs"]) else row["needs"],
            sources=_set(row["sources"]),
            targets=_set(row["targets"]),
        )
        for row in frame.to_dict("records")
    ]


def _packed(bits: int) -> str:
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    return b64encode(zlib.compress(data)).decode("ascii")


def _set(text: str) -> int:
    return int.from_bytes(zlib.decompress(b64decode(text)), "little")
