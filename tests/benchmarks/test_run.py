"""The command that a person runs, at the size that they have: ``iamaudit run`` from snapshot to bundle."""

import json
import sys
import time

import psutil
import pytest
from playwright.sync_api import sync_playwright

from tests.accounts import report, snapshot
from tests.benchmarks.accounts import generate_permissive
from tests.benchmarks.first_table import first_table
from tests.benchmarks.pace import Pace
from tests.benchmarks.test_checks import _row

pytestmark = pytest.mark.benchmark


_WARM = "iamaudit.report.warm"


def _run(folder, size):
    """Run the whole command; return seconds, gigabytes of all its processes at once, bundle and timings."""
    folder.mkdir()
    taken = snapshot(
        folder / "snapshots",
        authorization_details=generate_permissive(users=size, roles=size, policies=size * 3 // 10),
        credential_report=report({"user": "<root_account>"}, *map(_row, range(size))),
        password_policy={"PasswordPolicy": None},
        mfa_devices={"VirtualMFADevices": [], "MFADevices": []},
    )
    params = folder / "params.yaml"
    params.write_text(json.dumps({"snapshot": str(taken)}))
    command = [sys.executable, "-m", "iamaudit", "run", "--quiet", "--timings", "--params", str(params)]
    with (folder / "timings.txt").open("w") as timings:
        started = time.perf_counter()
        running = psutil.Popen([*command, "--reports", str(folder / "reports")], stderr=timings)
        peak = _peak(running)
        seconds = time.perf_counter() - started
    assert running.returncode == 0, (folder / "timings.txt").read_text()
    (index,) = (folder / "reports").glob("*/*/index.html")
    return seconds, peak, index.parent, (folder / "timings.txt").read_text()


def _peak(running):
    """Return the most memory that a process and all it started held at once, shared pages counted once."""
    peak = 0
    while running.poll() is None:
        held = 0
        for process in [running, *_descendants(running)]:
            try:
                held += process.memory_full_info().pss
            except psutil.Error:
                continue  # it has just ended
        peak = max(peak, held)
        time.sleep(0.5)
    return peak / 1e9


def _descendants(running):
    """Return the processes that belong to a run, those too that left its tree with a session of their own."""
    ours = [
        p
        for p in psutil.process_iter(["cmdline"])
        if (p.info["cmdline"] or [])[-2:] == [_WARM, str(running.pid)]
    ]
    try:
        children = running.children(recursive=True)
    except psutil.Error:
        children = []
    return {process.pid: process for process in (*children, *ours)}.values()


def _sizes(bundle):
    files = [path for path in bundle.rglob("*") if path.is_file()]
    pages = max(path.stat().st_size for path in files if path.suffix == ".html")
    return sum(path.stat().st_size for path in files) / 1e6, pages / 1e6


def _slowest(bundle, browser_path):
    """Return how long the slowest page of a bundle takes to open and lay out, and which that is."""
    seconds = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for path in sorted(bundle.glob("*.html")):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            started = time.perf_counter()
            page.goto(path.as_uri())
            page.evaluate("document.body.getBoundingClientRect().height")
            seconds[path.name] = time.perf_counter() - started
            page.close()
        browser.close()
    return max((took, name) for name, took in seconds.items())


def test_a_run_over_a_thousand_and_over_ten_thousand_principals(tmp_path, browser_path):
    near_few = Pace()
    few, little, small, _ = _run(tmp_path / "small", 500)
    print(f"\n500 + 500 + 150: {few:.1f} s, {little:.2f} GB, bundle {_sizes(small)[0]:.0f} MB; {near_few}")
    near_many = Pace()
    many, much, large, timings = _run(tmp_path / "large", 5_000)
    megabytes, page = _sizes(large)
    print(f"5,000 + 5,000 + 1,500: {many:.1f} s, {much:.2f} GB, bundle {megabytes:.0f} MB; {near_many}")
    print(f"the largest page {page:.2f} MB; where the time goes:")
    print("\n".join(line for line in timings.splitlines() if not line.lstrip().startswith("0.")))
    near_pages = Pace()
    slowest, name = _slowest(large, browser_path)
    print(f"the slowest page, {name}, opens in {slowest:.2f} s; {near_pages}")
    print(f"ten times the account: {many / few:.1f} x the time")
    near_table = Pace()
    params = str(tmp_path / "large" / "params.yaml")
    kernel, table = first_table("01_observations.ipynb", params=params)
    print(f"its first table in a notebook: kernel {kernel:.1f} s, then {table:.2f} s; {near_table}")
    assert few < 20
    assert many < 90
    assert much < 2
    assert megabytes < 100
    assert page < 1
    assert slowest < 2
    assert many / few < 12
    assert kernel + table < 4
