import re

from iamaudit.checks import CATALOGUE, reference_of, references


def test_every_check_of_the_catalogue_has_a_reference_of_its_own():
    named = references()
    assert CATALOGUE.keys() <= named.keys()
    assert len(set(named.values())) == len(named)
    assert all(re.fullmatch(r"WP-[A-Z]{3}-\d\d", reference) for reference in named.values())


def test_a_reference_is_data_and_does_not_move_with_the_catalogue():
    assert reference_of("access-key-rotation") == "WP-CRE-01"
    assert reference_of("escalation-administrator") == "WP-ESC-01"
    assert reference_of("role-of-mine") == "WP-OWN-role-of-mine"
