"""The description of the tables that people write names every column and every word that may stand in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plananalysis.assessments import actions, comparators
from plananalysis.base import area_changes
from plananalysis.checks import beside
from plananalysis.observations import corrections, submissions
from plananalysis.panels import columnar, tiles
from plananalysis.plan import check, settings, shared, targets
from plananalysis.plan.thresholds import TOLERANCES
from plananalysis.plan.units import PER
from plananalysis.returns import counted

RAW = Path(__file__).parents[1] / "data" / "raw"
FILES = ("README.md", "README.en.md")


def sections(file: str) -> dict[str, str]:
    parts = re.split(r"(?m)^#{2,3} ", (RAW / file).read_text(encoding="utf-8"))[1:]
    return dict(part.split("\n", 1) for part in parts)


SECTIONS = sections(FILES[0])
ENGLISH = sections(FILES[1])
TABLES = {
    **{f"plan/{name}.csv": [*columns, *check.OPTIONAL.get(name, ())] for name, columns in check.COLUMNS.items()},
    "plan/logic.csv": beside.LOGIC_COLUMNS,
    "observations/*.csv": [*counted.TABLE_COLUMNS, *counted.TABLE_OPTIONAL],
    "corrections.csv": corrections.CORRECTION,
    "actions.csv": actions.COLUMNS,
    area_changes.FILE: [*area_changes.COLUMNS, *area_changes.OPTIONAL],
    tiles.FILE: [*tiles.COLUMNS, *tiles.OPTIONAL],
    columnar.AREAS: [*columnar.AREA_REQUIRED, *columnar.AREA_OPTIONAL],
    columnar.OBSERVATIONS: [*columnar.REQUIRED, *columnar.TEXTS, *columnar.COUNTS],
}
WORDS = {
    "plan/series.csv": (*check.ROLES, *shared.ATTRIBUTES, *check.RHYTHMS, *check.GROUPS, *PER, "printed", "inferred"),
    "plan/targets.csv": (
        *targets.KINDS,
        *targets.OPERATOR_SOURCES,
        *targets.CONFIDENCES,
        *sum(targets.OPERATORS.values(), ()),
    ),
    "plan/logic.csv": beside.RELATIONS,
    "plan/companions.csv": (*check.COMPANION_KINDS, *check.RELATIONS),
    "observations/*.csv": submissions.STATUSES,
    "actions.csv": (*actions.KINDS, *actions.STATUSES),
    area_changes.FILE: (*area_changes.KINDS, *area_changes.TREATMENTS),
    "plan/thresholds.csv": TOLERANCES,
    "area.toml": (*settings._SETTINGS, *settings._MAY, *settings._OUTLINE, *settings._OUTLINE_MAY),
}


def quoted(file: str) -> list[str]:
    return re.findall(r"`([^`]+)`", next(text for title, text in SECTIONS.items() if title == f"`{file}`"))


@pytest.mark.parametrize("file", TABLES)
def test_every_column_is_described_and_no_other(file):
    rows = re.findall(r"(?m)^\| (`.+?) \|", SECTIONS[f"`{file}`"].split("| `kind` | 规划中的写法")[0])
    assert sorted(name for cell in rows for name in re.findall(r"`([a-z_]+)`", cell)) == sorted(TABLES[file])


@pytest.mark.parametrize("file", WORDS)
def test_every_word_that_may_stand_in_a_table_is_named(file):
    missing = set(WORDS[file]) - set(quoted(file)) - {"outlines", "thresholds"}
    assert not missing


@pytest.mark.parametrize("kind", targets.KINDS)
def test_a_kind_of_target_says_which_cells_it_needs(kind):
    (needs,) = re.findall(
        rf"(?m)^\| (?:`\w+`、)?`{kind}`(?:、`\w+`)? \|.*\| (.*?) ?\|$", SECTIONS["`plan/targets.csv`"]
    )
    assert set(re.findall(r"`(operator|value|low|high|reference)`", needs)) == set(targets.KINDS[kind])


def test_every_file_of_the_folder_is_named():
    named = (RAW / "README.md").read_text(encoding="utf-8")
    assert all(f"`{p.name}`" in named for p in RAW.iterdir() if p.is_file() and p.name not in FILES)
    assert all(f"`{p.name}/`" in named for p in RAW.iterdir() if p.is_dir() and not (p / "area.toml").exists())
    assert set(comparators.PLACES) <= set(re.findall(r"`(\w+)`", SECTIONS["各地区共用"]))


def test_the_english_description_names_what_the_chinese_one_does_in_the_same_order():
    """Row by row of every table the first cells hold the same codes, and each section names the same ones."""

    def firsts(held: dict[str, str]) -> list[list[str]]:
        lines = [line for text in held.values() for line in text.splitlines() if line.startswith("|")]
        return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in lines]

    def codes(held: dict[str, str]) -> list[set[str]]:
        return [set(re.findall(r"`([a-zA-Z_.>=<~]+)`", text)) for title, text in held.items() if title.startswith("`")]

    assert firsts(SECTIONS) == firsts(ENGLISH)
    assert codes(SECTIONS) == codes(ENGLISH)
