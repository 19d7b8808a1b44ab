"""Frame in, safe HTML out.

Whatever comes out of an account is text: ``markupsafe`` escapes every value, so a tag that holds ``<img>``
stays readable as such. Nothing is cut short without saying so and naming the file that has all of it.
"""

from iamaudit.tables.audit_form import observation_forms
from iamaudit.tables.audit_summary import cover, not_seen, results
from iamaudit.tables.changes_since import changes_since
from iamaudit.tables.check_record import workpaper, workpapers
from iamaudit.tables.dossier import Section, dossier, dossier_text
from iamaudit.tables.escalation_paths import paths
from iamaudit.tables.first_page import (
    distances,
    first_changes,
    framework_summary,
    not_looked_at,
    numbers,
)
from iamaudit.tables.frame_table import FrameTable, table
from iamaudit.tables.framework_tables import controls, frameworks
from iamaudit.tables.look import live, live_look, stylesheet
from iamaudit.tables.markup import Html
from iamaudit.tables.observation_cards import observation_cards
from iamaudit.tables.policy_answers import answer, changes, proposals

__all__ = [
    "FrameTable",
    "Html",
    "Section",
    "answer",
    "changes",
    "changes_since",
    "controls",
    "cover",
    "distances",
    "dossier",
    "dossier_text",
    "first_changes",
    "framework_summary",
    "frameworks",
    "live",
    "live_look",
    "not_looked_at",
    "not_seen",
    "numbers",
    "observation_cards",
    "observation_forms",
    "paths",
    "proposals",
    "results",
    "stylesheet",
    "table",
    "workpaper",
    "workpapers",
]
