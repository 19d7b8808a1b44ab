"""Every command of AWS CLI that a finding or an observation names is one that AWS CLI takes."""

import re

import botocore.session
import pytest
from botocore import xform_name

import iamaudit
from iamaudit.checks import CATALOGUE

_COMMAND = re.compile(r"`aws ([a-z0-9-]+) ([a-z0-9-]+)([^`]*)`")
_SERVICES = {"s3api": "s3"}
_EVERYWHERE = {"region", "profile", "output", "query"}


@pytest.fixture(scope="module")
def service():
    return botocore.session.get_session().get_service_model


def commands(*texts):
    return sorted({found.groups() for text in texts for found in _COMMAND.finditer(text)})


def mistake(service, name, operation, options):
    """Return what AWS CLI would refuse: an operation or option of none, a required option that is missing.

    A command without any option is a mention.
    """
    model = service(_SERVICES.get(name, name))
    operations = {xform_name(known, "-"): known for known in model.operation_names}
    if operation not in operations:
        return f"{name} has no {operation}"
    shape = model.operation_model(operations[operation]).input_shape
    members, required = (shape.members, shape.required_members) if shape else ({}, [])
    known = {xform_name(member, "-") for member in members} | _EVERYWHERE
    given = set(re.findall(r"(?<!\S)--([a-z0-9-]+)", options))
    flags = {option.removeprefix("no-") if option not in known else option for option in given}
    missing = {xform_name(member, "-") for member in required} - flags if given - _EVERYWHERE else set()
    return (
        f"{name} {operation}: {flags - known or ''} {missing or ''}".strip()
        if flags - known or missing
        else ""
    )


def test_every_command_of_the_catalogue_is_one_of_the_cli(service):
    named = commands(*(check.remediation for check in CATALOGUE.values()))
    assert len(named) > 60
    assert [said for each in named if (said := mistake(service, *each))] == []


def test_every_command_of_an_observation_is_one_of_the_cli(service):
    observed = iamaudit.open_snapshot().observations
    named = commands(*(step for steps in observed.recommendation for step in steps))
    assert len(named) > 30
    assert [said for each in named if (said := mistake(service, *each))] == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("`aws iam delete-login-profil --user-name x`", "iam has no delete-login-profil"),
        ("`aws iam delete-user --user x`", "iam delete-user: {'user'} {'user-name'}"),
        ("`aws iam delete-policy-version`", ""),
        ("`aws iam update-account-password-policy --no-require-symbols`", ""),
    ],
)
def test_a_command_that_the_cli_would_refuse_is_found(service, command, said):
    (found,) = commands(command)
    assert mistake(service, *found) == said
