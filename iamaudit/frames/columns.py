"""The columns of every frame and their types, declared once and kept on the way out.

``text`` is pandas' ``string``, ``time`` is UTC-aware with microseconds, ``int`` and ``bool`` can hold
``<NA>``, ``float`` is a plain float, ``list`` is an object column of lists of text, ``category`` is text that
repeats in millions of rows, kept as numbers and a list of its values. Missing evidence is ``<NA>`` (``NaT``
for a time), never ``False`` and never 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

_DTYPES = {
    "text": "string",
    "int": "Int64",
    "bool": "boolean",
    "float": "float64",
    "list": "object",
    "category": "category",
}

_TABLES: dict[str, str] = {
    "users": """
        name text, arn text, id text, path text, is_root bool, is_gone bool, created_at time, tags text,
        groups list, boundary_arn text, has_password bool, password_last_used_at time,
        password_changed_at time, password_next_rotation_at time, password_never_used bool,
        password_age_days int, password_idle_days int, password_reset_required bool, mfa_active bool,
        mfa_kind text, active_keys int, active_certificates int, never_used bool, last_used_at time,
        last_used_in text, days_idle int, age_days int, is_break_glass bool, evidence text""",
    "access_keys": """
        user text, arn text, slot int, access_key_id text, is_root bool, is_gone bool, status text,
        is_active bool, created_at time, age_days int, last_used_at time, never_used bool, idle_days int,
        last_used_service text, last_used_region text, evidence text""",
    "user_credentials": """
        user text, arn text, kind text, service text, credential_id text, status text, is_active bool,
        is_api_key bool, created_at time, age_days int, expires_at time, is_expired bool,
        service_granted bool, service_last_used_at time, service_idle_days int, evidence text""",
    "groups": """
        name text, arn text, id text, path text, created_at time, members list, member_count int,
        evidence text""",
    "roles": """
        name text, arn text, id text, path text, created_at time, tags text, boundary_arn text,
        instance_profiles list, is_service_linked bool, sso_permission_set text, is_break_glass bool,
        last_used_at time, last_used_region text, days_idle int, age_days int, evidence text""",
    "policies": """
        policy text, name text, arn text, kind text, owner text, is_aws_managed bool, version text,
        created_at time, updated_at time, attachment_count int, boundary_count int, size int, problems list,
        is_readable bool, document text, evidence text""",
    "attachments": """
        principal text, principal_type text, principal_name text, policy text, policy_name text, kind text,
        how text, via text, evidence text""",
    "statements": """
        policy text, policy_name text, kind text, owner text, is_aws_managed bool, index int, sid text,
        effect text, actions list, not_actions list, resources list, not_resources list, principals list,
        conditions text, is_conditional bool, is_all_actions bool, is_all_resources bool,
        is_void bool, open_actions list, whole_services list, unknown_actions list, text text, arn text,
        evidence text""",
    "policy_problems": """
        policy text, policy_name text, kind text, owner text, check text, severity text, path text,
        message text, arn text, evidence text""",
    "permission_sets": """
        permission_set category, service category, access_level category, actions_possible int,
        actions_on_all_resources int, actions_certain int, actions_known int, actions_in_service int,
        scope category""",
    "breadth": """
        principal text, principal_type text, principal_name text, actions_possible int, share_possible float,
        actions_certain int, permissions_management int, write int, tagging int, read int, list int,
        services int, administrator text, has_password bool, mfa_active bool, manages_identities bool,
        reads_data list, open_actions list, open_conditional list, condition_keys list, is_complete bool,
        is_service_linked bool, permission_set text, arn text, evidence text""",
    "trust": """
        role text, role_name text, index int, principal text, trusted text, kind text,
        account text, provider text, has_password bool, actions list,
        has_external_id bool, has_mfa bool, has_organization bool, has_source bool,
        audiences list, subjects list, is_conditional bool, conditions text, is_service_linked bool,
        identity text, subject_width text, source_context text, words text,
        text text, arn text, evidence text""",
    "mfa_devices": """
        serial text, kind text, user text, is_root bool, is_assigned bool, enabled_at time, arn text,
        evidence text""",
    "identity_providers": """
        name text, arn text, kind text, created_at time, valid_until time, expires_in_days int,
        audiences list, roles list, evidence text""",
    "analyzer_regions": """
        region text, arn text, external_analyzers int, unused_analyzers int, active_findings int,
        analyzers list, reason text, evidence text""",
    "analyzers": """
        name text, arn text, region text, type text, status text, created_at time, tags text, reason text,
        evidence text""",
    "analyzer_findings": """
        finding_id text, arn text, resource_type text, resource_account text, kind text, status text,
        region text, analyzer text, created_at time, updated_at time, days_open int, evidence text""",
    "instance_profiles": "name text, arn text, path text, created_at time, roles list, evidence text",
    "account_facts": """
        account_id text, arn text, alias text, caller_arn text, has_password_policy bool,
        min_password_length int, password_reuse_prevention int, max_password_age int,
        require_uppercase bool, require_lowercase bool, require_numbers bool, require_symbols bool,
        users_may_change_password bool, report_age_hours float, reported_users int, detailed_users int,
        detailed_groups int, detailed_roles int, detailed_policies int,
        root_mfa_enabled bool, root_access_keys int, root_credentials_managed bool, users int, groups int,
        roles int, policies int, evidence text""",
    "server_certificates": """
        name text, arn text, id text, path text, uploaded_at time, expires_at time, expires_in_days int,
        evidence text""",
    "sources": """
        source text, title text, status text, needs text, reason text, rows text, calls int,
        generated_at time, sha256 text""",
    "findings": """
        check text, title text, severity text, resource text, message text, evidence text, controls text,
        remediation text, waiver text, risk float, observation text""",
    "observations": """
        id text, rank int, title text, severity text, why text, condition text, criteria list, cause text,
        effect text, recommendation list, owner text, due_at time, area text, cause_kind text, cause_of text,
        resources list, evidence list, checks list, findings int, waived int, is_waived bool""",
    "checks": """
        reference text, check text, title text, severity text, conclusion text, population int,
        exceptions int, waived int, not_judged int, controls text, reason text""",
    "controls": """
        framework text, control text, level int, title text, kind text, conclusion text, population int,
        exceptions int, checks list, tests list, results list, not_met list, not_evaluated list,
        beyond text, answered_by text, answered_on text, answer text, evidence text, source text""",
    "escalation_paths": """
        principal text, principal_type text, principal_name text, end text, verdict text, hops int,
        path text, nodes list, arrows list, rules list, references list, permissions list, conditions list,
        needs text, hop_evidence list, arn text, evidence text""",
    "escalation_ways": """
        rule text, kind text, references list, verdict text, principals list, principal_count int,
        principal_set text, targets list, target_count int, permissions list,
        blocker_kind text, blocker text, needs text, arn text, evidence text""",
    "principal_sets": "principal_set text, principal text",
    "choke_search": """
        paths int, candidates int, tried int, is_complete bool, conclusion text""",
    "role_access": """
        role text, role_name text, trusts list, assumed_by list, assumed_by_count int, perhaps_by list,
        perhaps_by_count int, administrator text, reach text, path text, is_service_linked bool, arn text,
        evidence text""",
    "choke_points": """
        rank int, policy text, index int, sid text, paths_before int, paths_after int, certain_before int,
        certain_after int, cut list, weakened list, text text, arn text, evidence text""",
    "last_accessed": """
        principal category, principal_type category, principal_name category, service category,
        action category, is_tracked bool, last_used_at time, days_idle int, region category,
        tracked_since time""",
    "permission_use": """
        principal text, principal_type text, principal_name text, state text, reason text, age_days int,
        last_used_at time, days_idle int, services_granted int, services_used int, services_unused int,
        services_unknown int, actions_granted int, actions_used int, actions_unused int,
        actions_untracked int, used_services list, unused_services list, untracked_services list, arn text,
        evidence text""",
    "code_keys": """
        key_id text, user text, status text, path text, line int, where text, commit text, is_example bool,
        account text, age_days int, actions_possible int, administrator text, arn text, evidence text""",
    "samples": "reference text, check text, stratum text, of int, resource text, evidence text",
    "waivers": """
        check text, resource text, state text, findings int, owner text, approver text, reason text,
        ticket text, expires_on text, days_left int, compensating_control text, evidence text""",
    "changes": """
        rank int, severity text, area text, what text, who text, before text, after text, sentence text,
        permission_change text, origin text, arn text, evidence text""",
    "permission_changes": """
        permission_change text, service text, access_level text, gained list, lost list,
        became_certain list, became_conditional list""",
    "observation_changes": """
        id text, title text, severity text, state text, severity_before text, severity_after text,
        was_waived bool, owner text, findings_before int, findings int, first_seen_at time, days_open int,
        resources_new list, resources_gone list""",
    "trend": """
        as_of time, users int, roles int, administrators int, active_keys int, late_keys int,
        median_key_age_days int, oldest_key_age_days int, max_key_age_days int, critical int, high int,
        medium int, low int, informational int""",
}


def _declared(tables: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(
        {
            frame: MappingProxyType(dict(column.split() for column in columns.replace("\n", " ").split(",")))
            for frame, columns in tables.items()
        }
    )


COLUMNS: Mapping[str, Mapping[str, str]] = _declared(_TABLES)
"""The declared columns of each frame of an audit: name to type."""

_ANSWERS: dict[str, str] = {
    "permissions": """
        principal category, principal_type category, principal_name category, service category,
        access_level category, actions_possible int, actions_on_all_resources int, actions_certain int,
        actions_known int, actions_in_service int, scope category, is_complete bool""",
    "who_can": "principal text, principal_type text, principal_name text, verdict text, because text",
    "reach": "action text, possible int, certain int, of int, principals list",
    "what_if": """
        principal text, principal_type text, principal_name text, gained list, lost list,
        became_conditional list, became_certain list, is_complete bool""",
    "services": """
        service text, permissions_management int, write int, tagging int, read int, list int,
        actions_possible int, actions_certain int, actions_in_service int, scope text""",
    "becoming": """
        principal text, principal_type text, principal_name text, verdict text, rules list,
        permissions list, needs text""",
    "action_statements": """
        policy text, policy_name text, kind text, index int, sid text, effect text, resources list,
        conditions list, holder_count int, holders list, evidence text""",
    "action_principals": """
        principal text, principal_type text, principal_name text, verdict text, resources list,
        conditions list, denied_by list, evidence text""",
    "outside_roles": """
        role text, role_name text, verdict text, conditions text, administrator text, reach text,
        path text, evidence text""",
    "takeovers": """
        rule text, permissions list, verdict text, needs text, sources text, targets text""",
    "versions": """
        version text, is_default bool, actions_possible int, actions_more int, actions_less int, more list""",
    "separators": """
        policy text, index int, sid text, effect text, conditions text, resources list,
        actions_concerned int""",
}

ANSWERS: Mapping[str, Mapping[str, str]] = _declared(_ANSWERS)
"""The same for the frames that answer a question, and that no audit holds."""

SOURCES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "users": ("credential_report",),
        "access_keys": ("credential_report",),
        **dict.fromkeys(
            (
                *("groups", "roles", "policies", "attachments", "statements", "policy_problems"),
                *("permission_sets", "breadth", "trust", "role_access"),
                *("escalation_paths", "escalation_ways", "principal_sets", "choke_points", "choke_search"),
            ),
            ("authorization_details",),
        ),
        "server_certificates": ("server_certificates",),
        "mfa_devices": ("mfa_devices",),
        "identity_providers": ("saml_providers", "oidc_providers"),
        "instance_profiles": ("instance_profiles",),
        "user_credentials": ("ssh_public_keys", "service_specific_credentials", "signing_certificates"),
        "analyzer_regions": ("access_analyzer",),
        "analyzers": ("access_analyzer",),
        "analyzer_findings": ("access_analyzer",),
        "last_accessed": ("last_accessed",),
        "permission_use": ("authorization_details", "last_accessed"),
        "code_keys": ("code_scan",),
    }
)
"""The sources without which a frame is not a full population; one that is not here always has its rows."""


def build_frame(frame: str, rows: Iterable[Mapping[str, Any]], *, extra: Sequence[str] = ()) -> pd.DataFrame:
    """Return ``rows`` as the frame that is declared under this name.

    Every declared column is there, in order and with its type, also when there is no row. ``extra`` names
    text columns behind them, for what AWS added after this version was made.
    """
    declared = {**(COLUMNS.get(frame) or ANSWERS[frame]), **dict.fromkeys(extra, "text")}
    kept = list(rows)
    data = {name: _column([row.get(name) for row in kept], kind) for name, kind in declared.items()}
    return pd.DataFrame(data, columns=list(declared), index=pd.RangeIndex(len(kept)))


def frame_of_rows(frame: str, rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Return the declared frame of rows that have a value for each column, in their order: there are many."""
    declared = COLUMNS[frame]
    columns = list(zip(*rows, strict=True)) or [()] * len(declared)
    pairs = zip(declared.items(), columns, strict=True)
    return pd.DataFrame({name: _column(list(values), kind) for (name, kind), values in pairs})


def empty_frame(frame: str) -> pd.DataFrame:
    """Return the declared frame without rows."""
    return build_frame(frame, ())


def _column(values: list[Any], kind: str) -> "pd.Series[Any]":
    if kind == "time":
        return pd.Series(pd.to_datetime(values, utc=True)).dt.as_unit("us") if values else _no_times()
    if kind == "list":
        return pd.Series([[] if value is None else list(value) for value in values], dtype="object")
    if kind == "category":  # in the order of its values' first rows
        found = dict.fromkeys(value for value in values if value is not None)
        return pd.Series(values, dtype=pd.CategoricalDtype(pd.Index(list(found), dtype="str")))
    return pd.Series(values, dtype=_DTYPES[kind])


def _no_times() -> "pd.Series[Any]":
    return pd.Series([], dtype="datetime64[us, UTC]")
