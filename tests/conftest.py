"""What holds for every test: the settings the command line makes for itself, and no stop-watch on a busy machine."""

from __future__ import annotations

import csv
import gc
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two workers on two cores: more threads only wait for each other
os.environ.pop("PLANANALYSIS_ROOT", None)  # whatever project somebody works on, tests name theirs
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job; programs started here are interrupted
    signal.signal(signal.SIGINT, signal.default_int_handler)
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # see plananalysis.cli
gc.set_threshold(50_000, 20, 20)  # looking for cycles among the frames of a whole session takes a tenth of its time
os.fsync = lambda descriptor: (
    None
)  # nothing written here outlives a power failure; waiting for the disk takes longer than writing

collect_ignore = (
    ["test_browser.py", "test_browser_taking.py", "test_desk_round.py"] if os.name == "nt" else []
)  # its driver speaks through pipes that Windows has not

# The same examples on every machine, and no clock; ``HYPOTHESIS_PROFILE=search`` looks for examples nobody has seen.
unhurried = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("project", derandomize=True, **unhurried)
settings.register_profile("search", max_examples=1000, **unhurried)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))

ROOT = Path(__file__).parents[1]


# Files that share what takes long to make: every area rendered and a browser.
SHARING = {"test_offline": "browser"} | ({"test_documents_files": "browser"} if shutil.which("soffice") else {})
# What takes longest, in this order: the others are many and short, and fill what is left at the end.
LONGEST = (
    *(
        "browser",
        "test_desk_round",
        "test_audience",
        "test_fault_sweep",
        "test_hostile_files",
        "test_notebooks",
        "test_lab",
    ),
    *("test_packaging", "test_panels_nation", "test_workbench", "test_editions", "test_city_public", "test_runs"),
    *("test_reports", "test_faults", "test_periods", "test_area_changes", "test_bundles", "test_panels_city"),
    *("test_docs", "test_tiles", "test_disclosure", "test_english", "test_intake", "test_desk"),
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One worker for all tests of a file, so that what they share is made once, and for files that share more than a file does.

    The mark that xdist has for this does nothing under pytest 9.2, which no longer lets a test be renamed.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together(nodeid)

    config.option.loadscopereorder = False  # the order below
    return Together(config, log)


def together(nodeid: str) -> str:
    file = Path(nodeid.partition("::")[0]).stem
    return SHARING.get(file, "browser" if file.startswith("test_browser") else file)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Between workers, what takes longest goes first: a long file that begins last is waited for by all others."""
    if hasattr(config, "workerinput"):
        size = Counter(together(item.nodeid) for item in items)
        rank = {
            name: n
            for n, name in enumerate([*LONGEST, *(name for name, _ in size.most_common() if name not in LONGEST)])
        }
        items.sort(key=lambda item: rank[together(item.nodeid)])


@pytest.fixture(scope="session")
def crew():
    """Warm workers for every report of a session: to start them costs more than a page."""
    from plananalysis.reports.pool import Pool

    with Pool(2) as warm:
        yield warm


@pytest.fixture(scope="session")
def every_area(tmp_path_factory, crew):
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
    assert report(root, areas, documents=False, pool=crew).failed == []  # test_documents_files makes those, and twice
    return root


@pytest.fixture(scope="session")
def paper(tmp_path_factory, crew) -> Path:
    """The reports that the committed notebooks make of a small edition with every outlook, and findings of every kind."""
    import pandas as pd
    from paper_edition import NASTY, row, write_edition

    from plananalysis.figures.marks import OUTLOOKS
    from plananalysis.reports import report

    kinds = ("threshold", "about", "rise_each_year")
    rows = [
        row(
            f"W{i:03d}",
            outlook,
            kinds[i % 3],
            "women.health" if i % 3 else "children.health",
            attribute=("binding", "anticipatory")[i % 2],
        )
        for i, outlook in enumerate([*OUTLOOKS, *["very_hard", "hard"] * 2], 1)
    ]
    rows[5]["alerts"] = "both_red;hard_to_reach"
    findings = [
        {"severity": s, "rule": "unit_slip", "series": f"W{i:03d}", "group": "total", "year": 2020 + i % 5, "value": str(i),
         "submission": "health_2025.xlsx", "file_row": i, "message": NASTY * (i == 3) or "数值偏大。", "advice": "请核对。"}
        for i, s in enumerate([*["error"] * 9, *["explain"] * 3, *["hint"] * 21], 1)
    ]  # fmt: skip
    changed = {
        "series": "W003",
        "from_outlook": "likely",
        "to_outlook": "hard",
        "cause": "new_data",
        "sentence": "变了。",
    }
    root = tmp_path_factory.mktemp("paper")
    write_edition(root, rows, fictional=True, quality=pd.DataFrame(findings), changes=pd.DataFrame([changed]))
    observed = root / "data" / "processed" / "paper" / "2025" / "observations.csv"
    lines = list(csv.DictReader(observed.read_text(encoding="utf-8-sig").splitlines()))
    for line in lines:
        if line["series"] == "W003" and line["year"] != "2024":
            line["source"] = "乙报" if line["year"] == "2023" else "甲表"
    pd.DataFrame(lines).to_csv(observed, index=False, encoding="utf-8-sig")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    assert report(root, "paper", as_of=2025, pool=crew).failed == []
    return root / "reports"


@pytest.fixture(scope="session")
def proxied(tmp_path_factory):
    """A browser that no request leaves, and what it asked for."""
    from browser import Browser, recording_proxy

    with recording_proxy() as (port, asked):
        running = Browser(tmp_path_factory.mktemp("profile"), port)
        try:
            yield running, asked
        finally:
            running.close()
