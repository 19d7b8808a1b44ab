import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iamaudit import atomic
from iamaudit.atomic import clear_leftovers, hidden_beside, put_in_place, write_whole


def folder(path, text):
    path.mkdir()
    (path / "file").write_text(text)
    return path


@pytest.fixture(params=["swapped in one step", "set aside first"])
def way(request, monkeypatch):
    if request.param == "set aside first":
        monkeypatch.setattr(atomic, "_swap", lambda one, other: False)
    return request.param


def failing_rename(monkeypatch, number):
    """Let the rename of that number fail, as on a full disk."""
    real, seen = Path.rename, []

    def rename(self, target):
        seen.append(target)
        if len(seen) == number:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)


def test_a_folder_takes_the_place_of_the_older_one_and_nothing_else_stays(tmp_path, way):
    target = folder(tmp_path / "report", "old")
    put_in_place(folder(hidden_beside(target), "new"), target)
    assert (target / "file").read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_where_nothing_was_it_is_a_rename(tmp_path, way):
    target = tmp_path / "report"
    put_in_place(folder(hidden_beside(target), "new"), target)
    assert (target / "file").read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("number", [1, 2])
def test_a_rename_that_fails_leaves_the_older_one_in_its_place_and_the_new_one_whole(
    tmp_path, monkeypatch, number
):
    monkeypatch.setattr(atomic, "_swap", lambda one, other: False)
    target = folder(tmp_path / "report", "old")
    made = folder(hidden_beside(target), "new")
    failing_rename(monkeypatch, number)
    with pytest.raises(OSError, match="No space left"):
        put_in_place(made, target)
    assert (target / "file").read_text() == "old"
    assert (made / "file").read_text() == "new"
    assert set(tmp_path.iterdir()) == {target, made}


def test_two_folders_are_swapped_in_one_step_on_linux(tmp_path):
    one, other = folder(tmp_path / "one", "1"), folder(tmp_path / "other", "2")
    assert atomic._swap(one, other) == sys.platform.startswith("linux")
    assert not atomic._swap(one, tmp_path / "nothing")


def test_a_process_that_is_killed_at_any_moment_leaves_a_whole_folder_in_its_place(tmp_path):
    target = folder(tmp_path / "report", "0" * 1000)
    code = (
        "import sys\nfrom pathlib import Path\nfrom iamaudit.atomic import hidden_beside, put_in_place\n"
        "target, n = Path(sys.argv[1]), 0\n"
        "while True:\n"
        "    n += 1\n    made = hidden_beside(target)\n    made.mkdir()\n"
        "    (made / 'file').write_text(str(n % 10) * 1000)\n    put_in_place(made, target)\n"
        "    print(n, flush=True)\n"
    )
    for attempt in range(5):
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own text
            [sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE
        )
        process.stdout.readline()
        time.sleep(0.01 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        text = (target / "file").read_text()
        assert text == text[0] * 1000


def test_a_file_is_written_whole_or_stays_what_it_was(tmp_path, monkeypatch):
    target = tmp_path / "scan.json"
    write_whole(target, "old")
    assert target.read_text() == "old"
    write_whole(target, "new")
    assert target.read_text() == "new"
    with pytest.raises(UnicodeEncodeError):
        write_whole(target, "half\ud800")
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_leftovers_of_yesterday_are_cleared_and_an_older_one_goes_back_to_its_place(tmp_path):
    kept = folder(tmp_path / "report", "whole")
    stale, fresh = folder(hidden_beside(kept), "half"), folder(hidden_beside(kept), "half")
    aside = folder(tmp_path / ".report.old-0a", "older")
    lost = folder(tmp_path / ".other.old-0b", "the only one")
    own = folder(tmp_path / ".git", "not ours")
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in (stale, aside, own):
        os.utime(path, (two_days_ago, two_days_ago))
    clear_leftovers(tmp_path)
    assert set(tmp_path.iterdir()) == {kept, fresh, own, tmp_path / "other"}
    assert (tmp_path / "other" / "file").read_text() == "the only one"
    assert not lost.exists()
