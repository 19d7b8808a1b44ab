"""Access keys in code: the scan, and what it leaves for an audit."""

from iamaudit.codescan.origin import scanned_code
from iamaudit.codescan.scan import scan_paths
from iamaudit.codescan.sighting import Scan, Sighting, account_of_key, mask_keys
from iamaudit.codescan.stored_scan import STORED, read_scan, write_scan

__all__ = [
    "STORED",
    "Scan",
    "Sighting",
    "account_of_key",
    "mask_keys",
    "read_scan",
    "scan_paths",
    "scanned_code",
    "write_scan",
]
