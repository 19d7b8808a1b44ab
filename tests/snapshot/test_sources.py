import re

import pytest

from iamaudit.iam.actions import load_catalogue
from iamaudit.snapshot import SOURCES


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_has_its_own_file_and_permissions_that_aws_knows(name):
    source = SOURCES[name]
    assert source.name == name
    assert re.fullmatch(rf"{name}\.(json|csv)", source.file)
    assert source.title
    assert source.permissions or name == "organization_policies"  # handed over only
    assert set(source.permissions) <= set(load_catalogue().names)


def test_the_permissions_of_all_sources_are_reads():
    catalogue = load_catalogue()
    levels = dict(zip(catalogue.names, catalogue.levels, strict=True))
    assert {levels[p] for source in SOURCES.values() for p in source.permissions} == {"Read", "List"}


def test_the_sources_cannot_be_changed():
    with pytest.raises(TypeError):
        SOURCES["more"] = SOURCES["mfa_devices"]
