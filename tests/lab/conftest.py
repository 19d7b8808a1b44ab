"""JupyterLab, started as `make lab` does, with copies of the notebooks, and a browser that looks at it."""

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from iamaudit.demo.collected import demo_snapshot
from tests.lab.workbench import Workbench

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
START_SECONDS = 60


@pytest.fixture(scope="session")
def address(tmp_path_factory, own_cache):
    """Start JupyterLab on a folder of its own, and return where it is."""
    folder = tmp_path_factory.mktemp("lab")
    for name in NOTEBOOKS:
        shutil.copy(ROOT / "notebooks" / name, folder)
    demo_snapshot()
    jupyter = {f"JUPYTER_{kind}_DIR": str(folder / f".{kind}") for kind in ("CONFIG", "RUNTIME", "DATA")}
    started = subprocess.Popen(  # noqa: S603 - our own environment
        [
            *(
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                "--ServerApp.port_retries=0",
            ),
            *("--ServerApp.port=0", "--ServerApp.root_dir=.", "--IdentityProvider.token=lab"),
        ],
        cwd=folder,
        env={**os.environ, **jupyter, "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    known, place = threading.Event(), []

    def listen():
        for line in started.stderr:
            said.append(line)
            found = re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/lab", line)
            if found and not place:
                place.append(f"http://127.0.0.1:{found[1]}")
                known.set()

    threading.Thread(target=listen, daemon=True).start()
    assert known.wait(START_SECONDS), "".join(said)
    yield place[0]
    started.terminate()
    started.wait(20)


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("CHROMIUM")
    assert path, "CHROMIUM names no browser: run `make look`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def workbench(address, chromium, request, tmp_path_factory):
    """A window on JupyterLab; its screenshots lie in the folder that LOOK names."""
    pictures = Path(os.environ.get("LOOK") or tmp_path_factory.mktemp("look"))
    pictures.mkdir(exist_ok=True)
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    yield Workbench(page, address, pictures)
    page.close()
