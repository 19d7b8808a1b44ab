import pytest

from iamaudit.errors import ParameterError
from iamaudit.settings import PARAMETERS, THRESHOLDS, Settings
from tests.write_parameters import explained, written


@pytest.mark.parametrize("value", [-1, 1.5, "90", True, None])
def test_a_threshold_is_a_whole_number_from_zero(value):
    with pytest.raises(ParameterError, match="max_key_age_days"):
        Settings(max_key_age_days=value)


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda each: each.name)
def test_every_threshold_says_its_meaning_unit_and_source(threshold):
    assert threshold.unit
    assert threshold.source
    assert f"``{threshold.name}``\n    {threshold.meaning}. Default: {threshold.default} " in Settings.__doc__


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.name)
def test_every_meaning_is_a_line_that_begins_as_a_sentence(parameter):
    assert parameter.meaning[0].isupper()
    assert not parameter.meaning.endswith(".")
    assert "\n" not in parameter.meaning


@pytest.mark.parametrize(("path", "text"), list(written()), ids=lambda each: getattr(each, "name", ""))
def test_the_parameters_of_notebooks_and_files_are_those_of_the_settings(path, text):
    assert path.read_text(encoding="utf-8") == text, "run: python -m tests.write_parameters"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sample_seed: 7", "sample_seed: 7 # Another seed draws another sample"),
        ("# sample_seed: 7   # old words", "# sample_seed: 7 # Another seed draws another sample"),
        (
            'snapshot: "a # b"',
            'snapshot: "a # b" # Folder of a snapshot; unless given, demo, the embedded account',
        ),
        ("# Written: by hand", "# Written: by hand"),
        ("profile: audit # of mine", "profile: audit # of mine"),
    ],
)
def test_a_line_of_a_params_file_keeps_its_value_and_gets_its_meaning(line, expected):
    assert explained(line) == expected
