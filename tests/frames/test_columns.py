import pandas as pd
import pytest

from iamaudit.frames import COLUMNS, build_frame, empty_frame
from tests.accounts import AS_OF

DTYPES = {"text": "string", "int": "Int64", "bool": "boolean", "float": "float64", "list": "object"} | {
    "category": "category"
}


@pytest.mark.parametrize("name", COLUMNS)
def test_an_empty_frame_has_every_declared_column_with_its_type(name):
    frame = empty_frame(name)
    assert list(frame.columns) == list(COLUMNS[name])
    for column, kind in COLUMNS[name].items():
        assert str(frame.dtypes[column]) == {"time": "datetime64[us, UTC]"}.get(kind, DTYPES.get(kind)), (
            column
        )


@pytest.mark.parametrize("name", COLUMNS)
def test_a_row_without_values_is_missing_everywhere_and_keeps_the_types(name):
    frame = build_frame(name, [{}])
    assert frame.dtypes.to_dict() == empty_frame(name).dtypes.to_dict()
    for column, kind in COLUMNS[name].items():
        value = frame[column].iloc[0]
        assert value == [] if kind == "list" else pd.isna(value), column


def test_times_are_aware_and_comparisons_with_missing_numbers_stay_missing():
    frame = build_frame("access_keys", [{"created_at": AS_OF, "age_days": 5}, {}])
    assert frame.created_at.iloc[0] == pd.Timestamp(AS_OF)
    assert (frame.age_days > 3).tolist() == [True, pd.NA]
