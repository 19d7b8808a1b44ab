import csv
import json
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.frames import COLUMNS, build_frame, empty_frame
from iamaudit.report import data as data_module
from iamaudit.report.data import big_frames, data_file, export_frame
from tests.accounts import AS_OF


def exported(frame, folder, name="x"):
    export_frame(frame, folder, name)
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file)), pd.read_parquet(folder / f"{name}.parquet")


@pytest.mark.parametrize("text", ["=cmd()", "+SUM(1)", "-1+1", "@x", "\tx", "\rx"])
def test_a_text_that_looks_like_a_formula_is_text_in_a_spreadsheet(tmp_path, text):
    rows, parquet = exported(build_frame("users", [{"name": text}]), tmp_path)
    assert [row["name"] for row in rows] == ["'" + text.replace("\r", "\n")]
    assert parquet.name.tolist() == [text]  # the values as they are


TEXTS = st.text("=+-@\t\r\n\",' aé", max_size=4)
VALUES = {
    "text": TEXTS,
    "category": TEXTS.filter(lambda text: "\r" not in text),
    "int": st.integers(-(2**62), 2**62),
    "float": st.floats(),
    "bool": st.booleans(),
    "time": st.just(AS_OF),
    "list": st.lists(TEXTS, max_size=2),
}


def safe(text):
    return f"'{text}".replace("\r", "\n") if text.startswith(tuple("=+-@\t\r")) else text.replace("\r", "\n")


@settings(deadline=None)
@given(name=st.sampled_from(["findings", "permission_sets", "roles"]), data=st.data())
def test_a_csv_is_what_pandas_would_write_of_safe_texts_json_and_iso_times(name, data):
    row = {column: st.none() | VALUES[kind] for column, kind in COLUMNS[name].items()}
    frame = build_frame(name, data.draw(st.lists(st.fixed_dictionaries(row), max_size=2)))
    shown = frame.copy()
    for column, kind in COLUMNS[name].items():
        if kind == "text":
            shown[column] = frame[column].map(safe, na_action="ignore")
        elif kind == "list":
            shown[column] = [json.dumps(value, ensure_ascii=False) for value in frame[column]]
        elif kind == "time":
            shown[column] = frame[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    with tempfile.TemporaryDirectory() as folder:
        export_frame(frame, Path(folder), "x")
        written = (Path(folder) / "x.csv").read_bytes()
    assert written == shown.to_csv(index=False, lineterminator="\n").encode()


def test_numbers_stay_numbers_and_missing_stays_empty(tmp_path):
    frame = build_frame("server_certificates", [{"name": "c", "expires_in_days": -5}, {"name": "d"}])
    rows, _ = exported(frame, tmp_path)
    assert [row["expires_in_days"] for row in rows] == ["-5", ""]


def test_times_are_iso_and_lists_are_json(tmp_path):
    frame = build_frame("users", [{"name": "a", "created_at": AS_OF, "groups": ["=x", "y"]}, {"name": "b"}])
    rows, parquet = exported(frame, tmp_path)
    assert [row["created_at"] for row in rows] == ["2026-11-01T08:00:00Z", ""]
    assert [json.loads(row["groups"]) for row in rows] == [["=x", "y"], []]
    assert [list(groups) for groups in parquet.groups] == [["=x", "y"], []]


@pytest.mark.parametrize("name", COLUMNS)
def test_an_empty_frame_keeps_its_columns(tmp_path, name):
    export_frame(empty_frame(name), tmp_path, name)
    assert (tmp_path / f"{name}.csv").read_text() == ",".join(COLUMNS[name]) + "\n"
    assert list(pd.read_parquet(tmp_path / f"{name}.parquet").columns) == list(COLUMNS[name])


def test_the_same_frame_gives_the_same_bytes(tmp_path):
    frame = build_frame("users", [{"name": "a", "created_at": AS_OF, "groups": ["y"]}])
    export_frame(frame, tmp_path, "one")
    export_frame(frame.copy(), tmp_path, "two")
    for ending in ("csv", "parquet"):
        assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_a_frame_that_is_too_big_for_a_spreadsheet_is_parquet_only(tmp_path, monkeypatch):
    monkeypatch.setattr(data_module, "MAX_CSV_ROWS", 20_000)
    long = "x" * 3_000
    frames = {
        "few": build_frame("users", [{"name": "a"}] * 20_000),
        "many": build_frame("users", [{"name": "a"}] * 20_001),
        "wide": build_frame("users", [{"name": long}] * 10_001),
    }
    big = big_frames(frames)
    assert big == ["many", "wide"]
    assert [data_file(name, big) for name in frames] == ["few.csv", "many.parquet", "wide.parquet"]
    for name, frame in frames.items():
        export_frame(frame, tmp_path, name, has_csv=name not in big)
        assert (tmp_path / f"{name}.csv").exists() == (name == "few")
        assert len(pd.read_parquet(tmp_path / f"{name}.parquet")) == len(frame)


def test_parquet_is_compressed_with_zstd(tmp_path):
    export_frame(build_frame("users", [{"name": "a"}]), tmp_path, "x")
    assert pq.ParquetFile(tmp_path / "x.parquet").metadata.row_group(0).column(0).compression == "ZSTD"
