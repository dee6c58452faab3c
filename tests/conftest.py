"""What holds for every test: the settings the command line makes for itself, and no stop-watch on a busy machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two workers on two cores: more threads only wait for each other
os.environ.pop("PLANANALYSIS_ROOT", None)  # whatever project somebody works on, tests name theirs
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # see plananalysis.cli

collect_ignore = ["test_browser.py"] if os.name == "nt" else []  # its driver speaks through pipes that Windows has not

settings.register_profile("project", deadline=None)
settings.load_profile("project")

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One worker for all tests that open a browser or need every area rendered, and one for those of the package that is
    handed out: what each of these makes for itself first costs up to half a minute.

    The mark that xdist has for this does nothing under pytest 9.2, which no longer lets a test be renamed.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if "test_packaging.py" in nodeid:
                return "packaging"
            return "browser" if "test_browser.py" in nodeid or "test_all_areas_of_this_project" in nodeid else nodeid

    return Together(config, log)


@pytest.fixture(scope="session")
def every_area(tmp_path_factory):
    """A root with every area of this project, built and reported."""
    from plananalysis import editions
    from plananalysis.base import tables
    from plananalysis.reports import report

    root = tmp_path_factory.mktemp("areas")
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    areas = tables.areas(root)
    assert {"china", "example", "jiangbei"} <= set(areas)
    for area in areas:
        editions.build(root, area)
    assert report(root, areas, documents=False).failed == []  # test_documents_files makes those, and twice
    return root
