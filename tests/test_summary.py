"""The e-mail about a run: it says what the brief says, and where nothing is known it does not sound like good news."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from paper_edition import row, silent, write_edition

from plananalysis import pages
from plananalysis.base.text import say
from plananalysis.reports import summary
from plananalysis.reports.edition import open_edition

CHANGE = {
    "series": "W001",
    "from_outlook": "likely",
    "to_outlook": "hard",
    "from_probability": 0.7,
    "to_probability": 0.2,
}


def parts(
    root: Path, rows: list[dict[str, Any]], first: int = 2021, changes: list[str] = (), **job: str
) -> dict[str, list[str]]:
    """Lines by heading; ``changes`` are the sentences of as many changed rows."""
    table = pd.DataFrame(
        [CHANGE | {"series": f"W{n:03d}", "cause": "new_data", "sentence": s} for n, s in enumerate(changes, 1)] or None
    )
    folder = write_edition(root, rows, **({"changes": table} if len(table) else {}))
    info = json.loads((folder / "edition.json").read_text(encoding="utf-8"))
    about = info | {"first_as_of": first} | ({"target_year": 2025} if job.get("mode") == "final" else {})
    (folder / "edition.json").write_text(json.dumps(about), encoding="utf-8")
    asked = {
        "folder": str(root),
        "area": "paper",
        "as_of": 2025,
        "language": "zh",
        "audience": "internal",
        "mode": "annual",
    }
    return dict(summary.told(asked | job)["parts"])


def test_units_with_most_hard_targets_come_first(tmp_path):
    rows = [
        row("W001", "hard", responsible_units="区教委;区卫健委"),
        row("W002", "hard"),
        row("W003", "very_hard"),
        row("W004", "likely"),
    ]
    assert parts(tmp_path, rows)["需要行动的单位"] == [
        "区卫健委：2项（W003 指标W003、W002 指标W002）",
        "区教委：1项（W001 指标W001）",
    ]


def test_no_alert_is_not_good_news_where_hardly_anything_is_known(tmp_path):
    told = parts(tmp_path, [row("W001", "likely"), silent("W002"), silent("W003", "区教委")])
    assert "不等于没有困难" in told["需要行动的单位"][0]
    assert "区卫健委1项" in told[""][-1] and "区教委1项" in told[""][-1]
    assert parts(tmp_path, [row("W001", "likely")])["需要行动的单位"] == ["本版没有达到预警标准的目标。"]


def test_the_first_edition_has_changed_nothing_because_there_is_none_before(tmp_path):
    assert parts(tmp_path, [row("W001", "hard")], first=2025)["与上一版相比"] == [
        "本版是规划期内的第一版，没有上一版可比。"
    ]
    assert parts(tmp_path, [row("W001", "hard")])["与上一版相比"] == ["与上一版相比，各项目标的展望没有变化。"]


@pytest.mark.parametrize(
    ("sentences", "shown", "rest"),
    [(["甲。"], ["甲。"], 0), (["甲。", ""], ["甲。"], 1), (["丙。"] * 23, ["丙。"] * 20, 3)],
)
def test_changes_that_are_withheld_or_too_many_are_counted(tmp_path, sentences, shown, rest):
    told = parts(tmp_path, [row("W001", "hard")], changes=sentences)["与上一版相比"]
    assert told == shown + ([f"另有{rest}项变化，见总览。"] if rest else [])


def test_a_final_evaluation_counts_what_was_reached_and_says_nothing_of_chances(tmp_path):
    rows = [
        row("W001", "very_hard"),
        row("W002", "met_secure"),
        row("W003", "very_hard", responsible_units="区教委;区卫健委"),
    ]
    told = parts(tmp_path, rows, mode="final")
    assert set(told) == {"", "未达到目标的项目和责任单位"}
    assert "达到目标1项、未达到目标2项" in told[""][0] and "展望" not in str(told)
    assert told["未达到目标的项目和责任单位"] == ["区卫健委：1项（W001 指标W001）", "区教委：1项（W003 指标W003）"]


def test_the_public_reads_no_list_of_units_that_failed(tmp_path, monkeypatch):
    opened = (
        pages.open_edition
    )  # what is withheld from the public's tables needs a whole plan, and is tested where it is done
    monkeypatch.setattr(pages, "open_edition", lambda *about, **form: opened(*about, **form | {"audience": "internal"}))
    assert set(parts(tmp_path, [row("W001", "hard")], audience="public")) == {"", "与上一版相比"}
    assert set(parts(tmp_path, [row("W001", "hard")], audience="public", mode="final")) == {""}


def test_what_could_not_be_summed_up_is_not_said_to_be_unchanged(tmp_path):
    write_edition(tmp_path, [row("W001", "hard")])
    shutil.copytree(Path(__file__).parents[1] / "notebooks", tmp_path / "notebooks")
    text = summary.write(open_edition(tmp_path, "paper", 2025), None, ["总览未生成。"])["summary.txt"].decode()
    assert say("reports.summary.unknown") in text and "总览未生成。" in text
    assert "没有" not in text
