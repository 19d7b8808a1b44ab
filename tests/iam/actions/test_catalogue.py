import json
from functools import reduce
from operator import or_

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from iamaudit.iam.actions import ACCESS_LEVELS, load_catalogue, packed, without
from iamaudit.iam.policy import parse_document

CATALOGUE = load_catalogue()


@st.composite
def pattern_of_an_action(draw):
    """Return the name of an action, and that name with one character behind the colon made a wildcard."""
    name = draw(st.sampled_from(CATALOGUE.names))
    place = draw(st.integers(name.index(":") + 1, len(name) - 1))
    return name, name[:place] + draw(st.sampled_from("*?")) + name[place + 1 :]


def expand(pattern):
    return CATALOGUE.names_of(CATALOGUE.expand_pattern(pattern))


def test_an_exact_name_is_itself_in_any_letter_case():
    assert expand("S3:GETOBJECT") == ["s3:GetObject"]
    assert expand("s3:getobject") == ["s3:GetObject"]


def test_a_question_mark_is_a_wildcard_anywhere():
    assert expand("s3:Get?bject") == ["s3:GetObject"]
    assert expand("?3:GetObject") == ["s3:GetObject"]


def test_a_star_may_stand_anywhere_in_the_name():
    assert set(expand("iam:*LoginProfile")) == {
        "iam:CreateLoginProfile",
        "iam:DeleteLoginProfile",
        "iam:GetLoginProfile",
        "iam:UpdateLoginProfile",
    }


@pytest.mark.parametrize(
    "pattern", ["s3x:Get*", "vpc:Describe*", "s3:GetObjects", "s3", "iam*", "", ":", "s3:"]
)
def test_what_is_no_action_gives_the_empty_set(pattern):
    assert CATALOGUE.expand_pattern(pattern) == 0


def test_the_bare_star_and_star_colon_star_are_every_action():
    assert CATALOGUE.expand_pattern("*") == CATALOGUE.everything
    assert CATALOGUE.expand_pattern("*:*") == CATALOGUE.everything


def test_a_service_wildcard_is_exactly_that_service():
    s3 = expand("s3:*")
    assert len(s3) > 100
    assert {name.partition(":")[0] for name in s3} == {"s3"}  # not s3express or s3-object-lambda
    assert CATALOGUE.expand_pattern("s3:*") == CATALOGUE.service_mask("s3")


def test_every_action_has_one_access_level_and_services_partition_the_catalogue():
    assert set(CATALOGUE.levels) == set(ACCESS_LEVELS)
    assert len(CATALOGUE.levels) == len(CATALOGUE.names) > 20_000
    masks = [CATALOGUE.service_mask(service) for service in CATALOGUE.services]
    assert reduce(or_, masks) == CATALOGUE.everything
    assert sum(mask.bit_count() for mask in masks) == len(CATALOGUE.names)


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("iam:CreateUser", "Write"),
        ("iam:PutUserPolicy", "Permissions management"),
        ("s3:GetObject", "Read"),
        ("s3:ListBucket", "List"),
        ("ec2:CreateTags", "Tagging"),
    ],
)
def test_access_levels_are_those_that_aws_documents(action, level):
    assert CATALOGUE.levels[CATALOGUE.names.index(action)] == level


def test_the_data_says_its_version_and_date():
    assert CATALOGUE.version.startswith("0.1.20")
    assert CATALOGUE.updated_at.year >= 2026


def test_which_actions_take_a_resource_of_which_service():
    in_s3 = CATALOGUE.names_of(CATALOGUE.by_resource_service["s3"])
    assert "s3:GetObject" in in_s3
    assert "s3:ListAllMyBuckets" not in in_s3
    assert "sts:AssumeRole" in CATALOGUE.names_of(CATALOGUE.by_resource_service["iam"])


@given(pattern_of_an_action())
def test_a_pattern_made_from_an_action_matches_it_and_letter_case_does_not_matter(pair):
    name, pattern = pair
    found = CATALOGUE.expand_pattern(pattern)
    assert name in CATALOGUE.names_of(found)
    assert found == CATALOGUE.expand_pattern(pattern.upper()) == CATALOGUE.expand_pattern(pattern.lower())


@given(st.lists(pattern_of_an_action(), max_size=4))
def test_a_list_of_patterns_is_their_union(pairs):
    patterns = [pattern for _, pattern in pairs]
    assert CATALOGUE.expand_patterns(patterns) == reduce(or_, map(CATALOGUE.expand_pattern, patterns), 0)


def test_every_aws_managed_policy_parses_and_names_known_actions_mostly():
    policies = json.loads(aws_managed_policies_data)
    known = unknown = 0
    for policy in policies.values():
        document = parse_document(policy["Document"])
        assert document.problems == (), policy
        for statement in document.statements:
            for action in statement.actions or statement.not_actions or ():
                known += bool(CATALOGUE.expand_pattern(action))
                unknown += not CATALOGUE.expand_pattern(action)
    assert len(policies) > 1500
    assert unknown / (known + unknown) < 0.05


@given(st.lists(st.integers(0, (1 << 90) - 1), max_size=5))
def test_sets_are_packed_one_by_one_and_taken_away_as_by_and_not(sets):
    twice = sets + sets
    assert packed(twice, 12) == b"".join(each.to_bytes(12, "little") for each in twice)
    for actions in sets:
        assert [without(actions, taken) for taken in sets] == [actions & ~taken for taken in sets]
