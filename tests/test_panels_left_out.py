"""A city goes on without the districts that cannot be compared, names them, and never loses a page to them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from small_city import trim
from test_panels_city import assessed_only

from plananalysis import editions
from plananalysis.base.publication import lock
from plananalysis.base.tables import read_json
from plananalysis.cli import run_command
from plananalysis.pages.city import open_city
from plananalysis.panels import city as cities
from plananalysis.reports import city as running
from plananalysis.simulate import simulate

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("five")
    simulate(ROOT, areas=5, seed=9, target=root)
    trim(root)
    return root


@pytest.fixture
def root(five: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five districts whose editions take seconds; the page is opened, not rendered."""
    shutil.copytree(five / "data" / "raw", tmp_path / "data" / "raw")
    (tmp_path / "data" / "raw" / "city.toml").write_text('name = "模拟市"\n', encoding="utf-8")
    monkeypatch.setattr(editions, "build", assessed_only)
    monkeypatch.setattr(running, "_overview", lambda root, city, as_of, run: root / "index.html")
    return tmp_path


def settings(root: Path, area: str) -> Path:
    return root / "data" / "raw" / area / "area.toml"


def city(root: Path) -> int:
    return run_command(["city", "--root", str(root), "--no-pages", "--workers", "1"])


def info(root: Path) -> dict:
    return read_json(cities.home(root, "city", 2025) / "city.json")


def masthead(root: Path) -> str:
    return open_city("city", 2025, root).masthead()._repr_html_()


def test_broken_settings_other_periods_and_missing_settings_leave_the_others_a_page(root, capsys):
    with settings(root, "sim-0003").open("a", encoding="utf-8") as file:
        file.write('\nname = "x\n')
    other = settings(root, "sim-0004")
    text = other.read_text(encoding="utf-8")
    other.write_text(text.replace("target_year = 2030", "target_year = 2029"), encoding="utf-8")
    settings(root, "sim-0005").unlink()
    assert city(root) == 3
    said = capsys.readouterr().err
    assert info(root)["districts"] == ["sim-0001", "sim-0002"]
    assert list(info(root)["failed"]) == ["sim-0003", "sim-0004", "sim-0005"]
    shown = masthead(root)
    assert "5个区县中有3个未纳入本页" in shown
    for text in ("sim-0003", "area.toml", "规划期"):
        assert text in shown and text in said, text


def test_a_busy_district_is_shown_by_its_last_edition_with_its_date(root, capsys):
    assert city(root) == 0
    whole = info(root)["districts"]
    edition = root / "data" / "processed" / "sim-0002" / "2025" / "edition.json"
    os.utime(edition, (1_760_000_000, 1_760_000_000))  # 2025-10-09
    raw = root / "data" / "raw" / "sim-0002" / "plan" / "units.csv"
    raw.write_bytes(raw.read_bytes() + b"\n")
    with lock(root, "sim-0002"):
        assert city(root) == 4
    assert "正由另一次运行处理" in capsys.readouterr().err
    assert (info(root)["districts"], info(root)["failed"]) == (whole, {})
    assert "2025-10-09" in masthead(root) and "模拟2区" in masthead(root)


def test_a_second_run_of_a_city_ends_at_once_as_busy(root, capsys):
    with lock(root, "city.1-1"):
        assert city(root) == 5
    said = capsys.readouterr()
    assert "正由另一次运行处理" in said.err and "--shard" not in said.err + said.out
