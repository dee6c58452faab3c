"""What holds for every test: the settings the command line makes for itself, and no stop-watch on a busy machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two workers on two cores: more threads only wait for each other
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # see plananalysis.cli

settings.register_profile("project", deadline=None)
settings.load_profile("project")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def every_area(tmp_path_factory):
    """A root with every area of this project, built and reported."""
    from plananalysis import editions, tables
    from plananalysis.reports import report

    root = tmp_path_factory.mktemp("areas")
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    areas = tables.areas(root)
    assert {"china", "example", "jiangbei"} <= set(areas)
    for area in areas:
        editions.build(root, area)
    assert report(root, areas).failed == []
    return root
