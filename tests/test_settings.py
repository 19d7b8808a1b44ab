import pytest

from iamaudit.errors import ParameterError
from iamaudit.settings import Settings


@pytest.mark.parametrize("value", [-1, 1.5, "90", True, None])
def test_a_threshold_is_a_whole_number_from_zero(value):
    with pytest.raises(ParameterError, match="max_key_age_days"):
        Settings(max_key_age_days=value)


def test_every_threshold_says_its_source():
    for name in Settings.__dataclass_fields__:
        assert f"``{name}``" in Settings.__doc__
