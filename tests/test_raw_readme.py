"""The description of the tables that people write names every column and every word that may stand in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plananalysis.assessments import actions, comparators
from plananalysis.checks import beside
from plananalysis.observations import submissions
from plananalysis.plan import check, settings
from plananalysis.plan.units import PER

RAW = Path(__file__).parents[1] / "data" / "raw"
SECTIONS = dict(
    part.split("\n", 1) for part in re.split(r"(?m)^#{2,3} ", (RAW / "README.md").read_text(encoding="utf-8"))[1:]
)
TABLES = {
    **{f"plan/{name}.csv": [*columns, *check.OPTIONAL.get(name, ())] for name, columns in check.COLUMNS.items()},
    "plan/logic.csv": beside.LOGIC_COLUMNS,
    "observations/*.csv": [*submissions._REQUIRED, *submissions._OPTIONAL],
    "corrections.csv": submissions._CORRECTION,
    "actions.csv": actions.COLUMNS,
}
WORDS = {
    "plan/series.csv": (*check.ROLES, *check.ATTRIBUTES, *check.RHYTHMS, *check.GROUPS, *PER, "printed", "inferred"),
    "plan/targets.csv": (*check.KINDS, *check.OPERATOR_SOURCES, *check.CONFIDENCES, *sum(check.OPERATORS.values(), ())),
    "plan/logic.csv": beside.RELATIONS,
    "plan/companions.csv": (*check.COMPANION_KINDS, *check.RELATIONS),
    "observations/*.csv": submissions.STATUSES,
    "actions.csv": (*actions.KINDS, *actions.STATUSES),
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


@pytest.mark.parametrize("kind", check.KINDS)
def test_a_kind_of_target_says_which_cells_it_needs(kind):
    (needs,) = re.findall(
        rf"(?m)^\| (?:`\w+`、)?`{kind}`(?:、`\w+`)? \|.*\| (.*?) ?\|$", SECTIONS["`plan/targets.csv`"]
    )
    assert set(re.findall(r"`(operator|value|low|high|reference)`", needs)) == set(check.KINDS[kind])


def test_every_file_of_the_folder_is_named():
    named = (RAW / "README.md").read_text(encoding="utf-8")
    assert all(f"`{p.name}`" in named for p in RAW.iterdir() if p.is_file() and p.name != "README.md")
    assert all(f"`{p.name}/`" in named for p in RAW.iterdir() if p.is_dir() and not (p / "area.toml").exists())
    assert set(comparators.PLACES) <= set(re.findall(r"`(\w+)`", SECTIONS["各地区共用"]))
