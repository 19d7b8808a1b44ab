"""What people signed: waivers of findings, and answers to controls that no evidence decides."""

from iamaudit.checks.signoff.attestations import Attestation, read_attestations
from iamaudit.checks.signoff.waivers import Waiver, read_waivers, waive, waivers_frame

__all__ = ["Attestation", "Waiver", "read_attestations", "read_waivers", "waive", "waivers_frame"]
