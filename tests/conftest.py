import os
from pathlib import Path

import platformdirs
import pytest

_HERE = Path(__file__).parent
_LONG = {_HERE, *(_HERE / name for name in ("report", "aws", "audit", "cli", "reperformance", "snapshot"))}
"""Folders of tests that run the whole program."""


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that no worker waits for another one at the end."""
    items.sort(key=lambda item: item.path.parent not in _LONG)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or writes what the user's own audits keep; the kernels that it starts do not either."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    fonts = Path(os.environ.get("MPLCONFIGDIR") or platformdirs.user_cache_path("matplotlib"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", str(fonts))  # a list of the fonts takes seconds to make
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def browser_path():
    path = os.environ.get("CHROMIUM")
    assert path, "CHROMIUM names no browser: run `make browser` or `make bench`"
    return path
