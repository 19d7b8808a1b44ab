"""The report in a real browser: nothing runs, nothing is fetched, nothing is cut off."""

import os
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from iamaudit.report.bundle import run_report
from iamaudit.report.notebook import report_notebooks
from iamaudit.report.pages import page_name
from iamaudit.report.parameters import Parameters
from tests.hostile import hostile_snapshot

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PAGES = ("index", *(page_name(path)[:-5] for path in report_notebooks(ROOT / "notebooks")))
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def hostile_bundle(tmp_path_factory):
    taken = hostile_snapshot(tmp_path_factory.mktemp("hostile"))
    notebooks = report_notebooks(ROOT / "notebooks")
    reports = tmp_path_factory.mktemp("hostile-reports")
    given = Parameters({"snapshot": str(taken), "principal": "user/<script>alert(1)</script>"}, {})
    return run_report(given, notebooks=notebooks, reports=reports)


@pytest.fixture
def server(bundle):
    """Serve the bundle on loopback and record what is asked for."""
    asked = []

    class Recorder(SimpleHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Recorder, directory=str(bundle))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}", asked
        http.shutdown()


def alone(tmp_path, *arguments):
    """Start Chromium for one page, as its users do, without the driver of the other tests."""
    browser = os.environ.get("CHROMIUM")
    assert browser, "CHROMIUM names no browser: run `make browser`"
    done = subprocess.run(  # noqa: S603 - the browser that was named
        [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


@pytest.fixture
def window(chromium):
    """A window of its own in the browser of all tests."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def shown(window, url):
    """Open a page, let three seconds of its own time pass, and return what is there by then."""
    passed = []
    driver = window.context.new_cdp_session(window)
    driver.on("Emulation.virtualTimeBudgetExpired", lambda _: passed.append(1))
    window.goto(url)
    driver.send("Emulation.setVirtualTimePolicy", {"policy": "advance", "budget": 3000})
    for _ in range(1000):
        if passed:
            break
        window.wait_for_timeout(10)
    assert passed, "three seconds of the page's own time did not pass in ten"
    return window.content()


@pytest.mark.parametrize("page", PAGES)
def test_opening_a_page_asks_for_nothing_else(server, window, page):
    address, asked = server
    sent = []
    window.on("request", lambda request: sent.append(request.url))
    shown(window, f"{address}/{page}.html")
    assert [url for url in sent if not url.startswith("data:")] == [f"{address}/{page}.html"]
    assert asked[0] == f"/{page}.html"
    assert set(asked) <= {f"/{page}.html", "/favicon.ico"}  # the browser itself asks for the icon


@pytest.mark.parametrize("page", PAGES)
def test_what_an_account_is_called_does_not_run(hostile_bundle, window, page):
    text = shown(window, (hostile_bundle / f"{page}.html").as_uri())
    assert "<script" not in text
    assert not [tag for tag in text.split("<img ")[1:] if "onerror" in tag.partition(">")[0]]


@pytest.mark.parametrize("page", PAGES)
def test_no_script_runs_and_every_picture_has_words(bundle, window, page):
    text = shown(window, (bundle / f"{page}.html").as_uri())
    assert "<script" not in text
    assert "onerror=" not in text
    for picture in text.split("<img ")[1:]:
        assert 'alt="' in picture.partition(">")[0]
        assert 'alt=""' not in picture.partition(">")[0]


def test_a_script_that_slipped_in_would_not_run(bundle, tmp_path):
    """The policy in the page is the second lock, behind the escaping."""
    text = (bundle / "index.html").read_text()
    attack = "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
    (tmp_path / "attack.html").write_text(text.replace("</main>", attack + "</main>"))
    text = alone(tmp_path, "--virtual-time-budget=3000", "--dump-dom", (tmp_path / "attack.html").as_uri())
    assert "<title>broken" not in text
    assert "<title>Summary: example-prod" in text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [1280, 500])
def test_a_page_is_readable_and_fits_its_window(bundle, window, tmp_path, page, width):
    window.set_viewport_size({"width": width, "height": 1600})
    window.goto((bundle / f"{page}.html").as_uri())
    window.screenshot(path=tmp_path / "page.png")
    picture = matplotlib.image.imread(tmp_path / "page.png")[:, :, :3]
    assert picture.shape[1] == width
    inked = (picture < 0.6).any(axis=2)
    assert 0.005 < inked.mean() < 0.5  # neither blank nor a dark page
    assert not inked[:, -6:].any()  # nothing runs out of the window at the right


def test_a_page_prints_on_paper(bundle, tmp_path):
    target = tmp_path / "page.pdf"
    alone(
        tmp_path,
        "--no-pdf-header-footer",
        f"--print-to-pdf={target}",
        (bundle / "credentials.html").as_uri(),
    )
    data = target.read_bytes()
    assert data.startswith(b"%PDF")
    assert np.frombuffer(data, dtype=np.uint8).size > 50_000
