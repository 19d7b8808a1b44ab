"""Judgement: a check is a filter on a frame, and its full record is a workpaper.

The catalogue is filled by importing the modules that hold the checks.
"""

from iamaudit.checks import credentials, passwords, policies, root
from iamaudit.checks.catalogue import CATALOGUE, SEVERITIES, Check, check
from iamaudit.checks.workpaper import (
    CONCLUSIONS,
    Workpaper,
    evaluate_check,
    findings_frame,
    headline,
    results_frame,
    tally,
)

__all__ = [
    "CATALOGUE",
    "CONCLUSIONS",
    "SEVERITIES",
    "Check",
    "Workpaper",
    "check",
    "credentials",
    "evaluate_check",
    "findings_frame",
    "headline",
    "passwords",
    "policies",
    "results_frame",
    "root",
    "tally",
]
