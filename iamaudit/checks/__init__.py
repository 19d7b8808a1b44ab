"""Judgement: a check is a filter on a frame, and its full record is a workpaper.

The catalogue is filled by importing the modules that hold the checks.
"""

from iamaudit.checks import topics
from iamaudit.checks.basis import Basis, EvidenceFile
from iamaudit.checks.catalogue import (
    AREAS,
    CATALOGUE,
    EXPOSED,
    LONG_TERM,
    SEVERITIES,
    Check,
    check,
    check_list,
)
from iamaudit.checks.catalogue_page import checks_page
from iamaudit.checks.controls import CONTROL_CONCLUSIONS, ControlTests, controls_frame, count_controls
from iamaudit.checks.frameworks_page import frameworks_page
from iamaudit.checks.observations.due import limit_in_words
from iamaudit.checks.observations.observe import observation_counts, observe
from iamaudit.checks.observations.verdict import verdict
from iamaudit.checks.own_checks import load_checks
from iamaudit.checks.proof import proofs
from iamaudit.checks.record import (
    completeness,
    criterion,
    exceptions_in_words,
    is_tested,
    objective,
    population_in_words,
)
from iamaudit.checks.references import reference_of, references
from iamaudit.checks.risk import risk_order
from iamaudit.checks.samples import sample_rule, samples_frame
from iamaudit.checks.workpaper import (
    CONCLUSIONS,
    Selected,
    Workpaper,
    evaluate_check,
    findings_frame,
    headline,
    results_frame,
    tally,
)

__all__ = [
    "AREAS",
    "CATALOGUE",
    "CONCLUSIONS",
    "CONTROL_CONCLUSIONS",
    "EXPOSED",
    "LONG_TERM",
    "SEVERITIES",
    "Basis",
    "Check",
    "ControlTests",
    "EvidenceFile",
    "Selected",
    "Workpaper",
    "check",
    "check_list",
    "checks_page",
    "completeness",
    "controls_frame",
    "count_controls",
    "criterion",
    "evaluate_check",
    "exceptions_in_words",
    "findings_frame",
    "frameworks_page",
    "headline",
    "is_tested",
    "limit_in_words",
    "load_checks",
    "objective",
    "observation_counts",
    "observe",
    "population_in_words",
    "proofs",
    "reference_of",
    "references",
    "results_frame",
    "risk_order",
    "sample_rule",
    "samples_frame",
    "tally",
    "topics",
    "verdict",
]
