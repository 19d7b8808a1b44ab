"""Values in, DataFrames out: a projection with declared columns that decides nothing."""

from iamaudit.frames.account_facts import account_facts_frame, sources_frame
from iamaudit.frames.analyzers import analyzer_findings_frame, analyzer_regions_frame, analyzers_frame
from iamaudit.frames.answers import reach_frame, separators_frame, what_if_frame, who_can_frame
from iamaudit.frames.becoming import becoming_frame
from iamaudit.frames.code_keys import sighting_rows, sightings_frame, stored_sightings_frame
from iamaudit.frames.columns import COLUMNS, SOURCES_OF, build_frame, empty_frame, frame_of_rows
from iamaudit.frames.credentials import access_keys_frame
from iamaudit.frames.escalation import (
    choke_points_frame,
    choke_search_frame,
    escalation_paths_frame,
    escalation_ways_frame,
    principal_sets_frame,
    remembered_paths,
    role_access_frame,
)
from iamaudit.frames.inventory import (
    identity_providers_frame,
    instance_profiles_frame,
    mfa_devices_frame,
    server_certificates_frame,
)
from iamaudit.frames.last_accessed import last_accessed_frame, permission_use_frame
from iamaudit.frames.one_action import action_principals_frame, action_statements_frame
from iamaudit.frames.outside import outside_roles_frame
from iamaudit.frames.permissions import breadth_frame, permission_sets_frame, permissions_frame
from iamaudit.frames.policies import attachments_frame, policies_frame, statements_frame
from iamaudit.frames.principals import groups_frame, roles_frame, users_frame
from iamaudit.frames.problems import policy_problems_frame
from iamaudit.frames.rows import rows_of
from iamaudit.frames.sentences import changes_in_words, sightings_in_words
from iamaudit.frames.services import services_frame
from iamaudit.frames.takeovers import remembered_takeovers, takeovers_frame
from iamaudit.frames.trust import trust_frame
from iamaudit.frames.user_credentials import user_credentials_frame
from iamaudit.frames.versions import versions_frame

__all__ = [
    "COLUMNS",
    "SOURCES_OF",
    "access_keys_frame",
    "account_facts_frame",
    "action_principals_frame",
    "action_statements_frame",
    "analyzer_findings_frame",
    "analyzer_regions_frame",
    "analyzers_frame",
    "attachments_frame",
    "becoming_frame",
    "breadth_frame",
    "build_frame",
    "changes_in_words",
    "choke_points_frame",
    "choke_search_frame",
    "empty_frame",
    "escalation_paths_frame",
    "escalation_ways_frame",
    "frame_of_rows",
    "groups_frame",
    "identity_providers_frame",
    "instance_profiles_frame",
    "last_accessed_frame",
    "mfa_devices_frame",
    "outside_roles_frame",
    "permission_sets_frame",
    "permission_use_frame",
    "permissions_frame",
    "policies_frame",
    "policy_problems_frame",
    "principal_sets_frame",
    "reach_frame",
    "remembered_paths",
    "remembered_takeovers",
    "role_access_frame",
    "roles_frame",
    "rows_of",
    "separators_frame",
    "server_certificates_frame",
    "services_frame",
    "sighting_rows",
    "sightings_frame",
    "sightings_in_words",
    "sources_frame",
    "statements_frame",
    "stored_sightings_frame",
    "takeovers_frame",
    "trust_frame",
    "user_credentials_frame",
    "users_frame",
    "versions_frame",
    "what_if_frame",
    "who_can_frame",
]
