"""Access keys in code: the scan, and what it leaves for an audit."""

from iamaudit.codescan.scan import Scan, Sighting, account_of_key, scan_paths, sightings_frame
from iamaudit.codescan.written import read_scan, write_scan

__all__ = [
    "Scan",
    "Sighting",
    "account_of_key",
    "read_scan",
    "scan_paths",
    "sightings_frame",
    "write_scan",
]
