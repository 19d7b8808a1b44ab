"""JupyterLab, started as `make lab` does, with copies of the notebooks, and a browser that looks at it."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import sync_playwright

from tests.lab.workbench import TOKEN, Workbench

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
QUIET = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
"""JupyterLab asks whether it may fetch news."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Return the folder of copies that JupyterLab shows."""
    made = tmp_path_factory.mktemp("lab")
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        shutil.copy(path, made)
    return made


@pytest.fixture(scope="session")
def address(folder, tmp_path_factory, own_cache):
    """Start JupyterLab, and return where it is."""
    own = tmp_path_factory.mktemp("jupyter")
    (own / "config" / "labconfig").mkdir(parents=True)
    (own / "config" / "labconfig" / "page_config.json").write_text(json.dumps(QUIET))
    places = {f"JUPYTER_{kind.upper()}_DIR": str(own / kind) for kind in ("config", "runtime", "data")}
    started = subprocess.Popen(  # noqa: S603 - our own environment
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.port=0"),
            *("--ServerApp.root_dir=.", f"--IdentityProvider.token={TOKEN}"),
        ],
        cwd=folder,
        env={**os.environ, **places, "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    said, ports, is_known = [], [], threading.Event()

    def listen():
        for line in started.stderr:
            said.append(line)
            ports.extend(re.findall(r"http://[\w.]+:(\d+)/lab", line))
            if ports:
                is_known.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert is_known.wait(START_SECONDS), "".join(said)
    yield f"http://127.0.0.1:{ports[0]}"
    started.terminate()
    started.wait(30)
    listener.join(5)
    started.stderr.close()


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("CHROMIUM")
    assert path, "CHROMIUM names no browser: run `make look`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def workbench(address, chromium, tmp_path_factory):
    """A window on JupyterLab; its pictures lie in the folder that LOOK names. Kernels end with the test."""
    pictures = Path(os.environ.get("LOOK") or tmp_path_factory.mktemp("look"))
    pictures.mkdir(exist_ok=True)
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    yield Workbench(page, address, pictures)
    page.close()
    asked = {"headers": {"Authorization": f"token {TOKEN}"}}
    with urlopen(Request(f"{address}/api/sessions", **asked)) as answer:  # noqa: S310 - on loopback
        sessions = json.load(answer)
    for session in sessions:
        place = f"{address}/api/sessions/{session['id']}"
        urlopen(Request(place, method="DELETE", **asked)).close()  # noqa: S310 - on loopback
