"""The re-performance of one snapshot: what differs, by check."""

from iamaudit.audit import open_snapshot
from iamaudit.checks import CATALOGUE
from iamaudit.settings import INPUTS, Settings
from tests.reperformance import (
    account_settings,
    credentials,
    effective,
    further_sources,
    inventory,
    people,
    policies,
    powers,
    roles,
    trusting,
    wide_statements,
)
from tests.reperformance.procedures import PROCEDURES, differences
from tests.reperformance.raw import Raw, moment

MODULES = (
    account_settings,
    credentials,
    people,
    roles,
    policies,
    trusting,
    inventory,
    wide_statements,
    effective,
    powers,
    further_sources,
)
"""Importing them registers the procedures."""


def re_perform(folder, **parameters):
    """Return the lines of differences of every check of a snapshot folder, judged with ``parameters``."""
    audit = open_snapshot(folder, **parameters)
    inputs = {each.name for each in INPUTS}
    raw = Raw(
        folder,
        Settings(**{name: value for name, value in parameters.items() if name not in inputs}),
        as_of=moment(parameters.get("as_of")),
        trusted_accounts=filter(None, parameters.get("trusted_accounts", "").replace(" ", "").split(",")),
    )
    return {check: differences(check, raw, audit.evaluate(CATALOGUE[check])) for check in PROCEDURES}
