"""Progress: what is being judged, once it takes two seconds, and nothing in a log file."""

import os
import pty
import subprocess
import sys
from time import sleep

import pytest

from iamaudit.audit import progress as room
from iamaudit.audit.progress import Progress

SLOW = """
from time import sleep
from iamaudit.audit import progress
progress.PATIENCE_SECONDS, progress._TICK_SECONDS = 0.1, 0.05
with progress.Progress(4).step("findings"):
    sleep(0.4)
print("answer")
"""


@pytest.fixture
def told(monkeypatch):
    lines = []
    monkeypatch.setattr(room, "_teller", lambda: lines.append)
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(room, "_TICK_SECONDS", 0.02)
    return lines


def test_a_long_step_names_what_is_made_within_it_and_goes_when_it_is_done(told):
    progress = Progress(10)
    with progress.step("findings"), progress.step("escalation_paths"):
        sleep(0.3)
    assert told[0] == "judging escalation paths: 0 steps done in 0 seconds"
    assert told[-1] == ""


def test_what_is_done_says_how_long_the_rest_may_take(told):
    progress = Progress(10)
    with progress.step("findings"):
        for name in ("users", "roles"):
            with progress.step(name):
                pass
        sleep(0.3)
    assert told[-2].startswith("judging findings: 2 steps done in 0 seconds, at most about 1 s left")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (100, "2 minutes"), (600, "10 minutes")]
)
def test_a_length_of_time_is_told_in_seconds_or_minutes(seconds, words):
    assert room._length(seconds) == words


def test_a_quick_step_says_nothing(told):
    with Progress(3).step("users"):
        sleep(0.05)
    assert told == []


def test_a_log_file_gets_no_progress():
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=True)  # noqa: S603
    assert (done.stdout, done.stderr) == ("answer\n", "")


def test_a_terminal_gets_a_line_that_is_taken_away():
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", SLOW], stderr=theirs, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
    os.close(theirs)
    said = os.read(ours, 4_000).decode()
    assert "judging findings: 0 steps done in 0 seconds" in said
    assert said.endswith("\r\x1b[K")
    os.close(ours)
