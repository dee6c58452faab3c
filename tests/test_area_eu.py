"""A finished plan that is not ours and not Chinese: its folder is that of the official collection, and its outcomes are those found there."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from pathlib import Path

import pytest

from plananalysis import cli
from plananalysis.cli.telling import tell_build
from plananalysis.editions import build
from plananalysis.editions.variant import usual_language
from plananalysis.plan import load_plan

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    sys.modules.pop("area_eu", None)
    import area_eu

    monkeypatch.setattr(area_eu, "AREA", tmp_path / "data" / "raw" / "eu")
    return area_eu


def content(folder: Path) -> dict[str, bytes]:
    """What the tool writes: not the README, nor what was decided about the values."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "README.md" and "returns" not in p.parts)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def test_the_folder_is_what_the_official_collection_gives(tool, tmp_path: Path) -> None:
    """``python tools/area_eu.py`` writes it anew."""
    tool.main()
    assert content(tool.AREA) == content(RAW / "eu")


def test_the_plan_is_english_with_two_plans_and_a_unit_of_its_own() -> None:
    plan = load_plan(ROOT, "eu")
    assert usual_language(ROOT, "eu") == "en" and usual_language(ROOT, "china") == "zh"
    assert list(plan.plans.index) == ["renewables", "effort"]
    assert plan.rows().groupby("plan").size().to_dict() == {"renewables": 24, "effort": 12}
    assert set(plan.series["unit"]) == {"%", "Mt CO2-eq"}
    assert plan.reading("ESD-ESP").target_text == "212.390477 Mt"
    assert plan.plans_name == "Energy and climate targets 2020"


def test_every_outcome_is_the_one_the_official_collection_found(tmp_path: Path, capsys) -> None:
    """The collection judged each target by its own arithmetic, from the unrounded values."""
    shutil.copytree(RAW / "eu", tmp_path / "data" / "raw" / "eu")
    shutil.copy(RAW / "thresholds.toml", tmp_path / "data" / "raw")
    summary = build(tmp_path, "eu", n_paths=50)
    told = cli.Run()
    tell_build(told, tmp_path, summary)
    assert "达到目标 27、未达到目标 9" in (out := capsys.readouterr().out) and "达标" not in out.replace("未达到", "")
    text = (tmp_path / "data/processed/eu/2020/assessments.csv").read_text(encoding="utf-8-sig")
    ours = {row["series"]: row["position"] == "met" for row in csv.DictReader(io.StringIO(text))}
    codes = {
        "EU renewables directive 2009-2020": "REN",
        "EU renewables in transport 2009-2020": "TRA",
        "EU effort sharing 2009-2020": "ESD",
    }
    with (RAW / "official" / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        theirs = {
            f"{codes[t['programme']]}-{t['place'].upper()}": t["met"] == "True"
            for t in csv.DictReader(file)
            if t["programme"] in codes and t["target_year"] == "2020"
        }
    assert len(ours) == 36 and ours == theirs
