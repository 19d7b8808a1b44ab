from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.frames import COLUMNS, build_frame, rows_of

VALUES = {
    "text": st.text(max_size=3),
    "category": st.sampled_from(["certain", "perhaps"]),
    "int": st.integers(-9, 9),
    "float": st.floats(-1, 1),
    "bool": st.booleans(),
    "time": st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    "list": st.lists(st.text(max_size=2), max_size=2),
}


@st.composite
def frames(draw):
    name = draw(st.sampled_from(["findings", "permission_sets", "roles"]))
    row = {column: st.none() | VALUES[kind] for column, kind in COLUMNS[name].items()}
    return build_frame(name, draw(st.lists(st.fixed_dictionaries(row), max_size=2)))


@settings(deadline=None)
@given(frames())
def test_rows_are_those_of_pandas_value_for_value_and_type_for_type(frame):
    found, expected = (
        [{name: (type(value), repr(value)) for name, value in row.items()} for row in rows]
        for rows in (rows_of(frame), frame.to_dict("records"))
    )
    assert found == expected


def test_a_frame_without_rows_has_none():
    assert rows_of(build_frame("roles", [])) == []
