"""The folder of facts: one file a source, exactly as AWS gave it, and a manifest that is written last."""

from iamaudit.snapshot.copied import copy_snapshot
from iamaudit.snapshot.files import snapshot_from_files
from iamaudit.snapshot.manifest import SCHEMA_VERSION, Manifest, SourceRecord, SourceResult
from iamaudit.snapshot.older import older_snapshots
from iamaudit.snapshot.pseudonymous import learn_patterns, write_pseudonymous
from iamaudit.snapshot.pseudonyms import Pseudonyms
from iamaudit.snapshot.read import Snapshot, read_snapshot
from iamaudit.snapshot.sources import PRESETS, SOURCES, Preset, Source, sources_of
from iamaudit.snapshot.write import SnapshotWriter, canonical_json, write_snapshot

__all__ = [
    "PRESETS",
    "SCHEMA_VERSION",
    "SOURCES",
    "Manifest",
    "Preset",
    "Pseudonyms",
    "Snapshot",
    "SnapshotWriter",
    "Source",
    "SourceRecord",
    "SourceResult",
    "canonical_json",
    "copy_snapshot",
    "learn_patterns",
    "older_snapshots",
    "read_snapshot",
    "snapshot_from_files",
    "sources_of",
    "write_pseudonymous",
    "write_snapshot",
]
