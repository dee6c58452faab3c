"""The catalogue is complete in both languages, unambiguous and punctuated as each language is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from plananalysis.base.text import catalogue, say, sentence, sentences, speaking

FOLDER = Path(__file__).parents[1] / "src" / "plananalysis" / "catalogue"
# Files whose words only operators, people who fill in forms, or a city's own pages see: Chinese alone, by the contract of text.py.
NOTEBOOKS = FOLDER.parents[2] / "notebooks"
CHINESE_ALONE = {"cli", "database", "forms", "intake", "onboarding", "publication", "round"}
# Parts of the other files that nobody reads in a report.
UNREAD = (
    *(
        "reports.run.",
        "bundles.checked.",
        "bundles.sign.",
        "reports.why.",
        "reports.table.",
        "reports.misuse.",
        "documents.errors.",
        "pages.unknown_",
        "pages.none_built",
    ),
    *("returns.column.", "returns.alias.", "returns.label.", "returns.total", "returns.source", "returns.no_unit"),
    *("quality.logic_table.", "actions.rules.", "bundles.found.", "bundles.refused."),
    *(
        "panels.misuse.",
        "panels.areas.",
        "panels.file.",
        "panels.run.",
        "panels.peers.",
        "comparators.unnamed.",
        "comparators.fictional.",
    ),
)
HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff65]")
STRAIGHT = re.compile(r"""["']|--|\.\.\.| - """)
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”][,;:(]|[,;)][\u4e00-\u9fff“]")


def test_chinese_is_punctuated_with_chinese_marks():
    assert [text for text in catalogue().values() if HALF_WIDTH.search(text)] == []


def test_every_file_has_its_own_keys():
    keys = [key for file in FOLDER.glob("*.zh.toml") for key in tomllib.loads(file.read_text(encoding="utf-8"))]
    words = tomllib.loads((FOLDER / "words.zh.toml").read_text(encoding="utf-8"))
    assert not set(words) & {k for k in keys if keys.count(k) > 1}
    assert len(catalogue()) > 500


def test_a_text_is_filled_and_a_missing_field_or_key_is_an_error():
    assert say("reason.decided", target_year=2030, met=say("position.met")) == "2030年已达标"
    with pytest.raises(KeyError):
        say("reason.decided", target_year=2030)
    with pytest.raises(KeyError):
        say("no.such.text")


def keys_of(node: dict, prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in node.items():
        found |= keys_of(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def read(name: str, language: str) -> dict[str, str]:
    file = FOLDER / f"{name}.{language}.toml"
    return keys_of(tomllib.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def fields(text: str) -> set[str]:
    """
    >>> sorted(fields("{rows} {rows:target|targets} of {unit}"))
    ['rows', 'unit']
    """
    return {name for _, name, _, _ in Formatter().parse(text) if name}


READ_FILES = sorted({f.name.partition(".")[0] for f in FOLDER.glob("*.toml")} - CHINESE_ALONE - {"notebooks"})


@pytest.mark.parametrize("name", READ_FILES)
def test_whatever_a_reader_sees_exists_in_english_with_the_same_fields(name):
    zh, en = read(name, "zh"), read(name, "en")
    wanted = {key for key in zh if not key.startswith(UNREAD)}
    assert wanted - set(en) == set(), "not in English yet"
    assert set(en) - set(zh) == set(), "in English only"
    assert {key for key in en if fields(en[key]) != fields(zh[key])} == set()


@pytest.mark.parametrize("name", READ_FILES)
def test_english_is_printed_with_english_marks(name):
    en = read(name, "en")
    assert {key: text for key, text in en.items() if HAN.search(text)} == {}
    assert {key: text for key, text in en.items() if STRAIGHT.search(text)} == {}


def test_every_heading_of_a_scheduled_notebook_exists_in_english():
    said = set()
    for path in NOTEBOOKS.glob("[0-9]_*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        said |= {"".join(c["source"]).strip() for c in cells if c["cell_type"] == "markdown"}
    english = {key.removeprefix("heading."): text for key, text in read("notebooks", "en").items()}
    assert said - set(english) == set()
    assert set(english) - said == set(), "no notebook says this any more"
    assert all(HAN.search(text) is None and STRAIGHT.search(text) is None for text in english.values())
    assert all(text.split(" ")[0] == zh.split(" ")[0] for zh, text in english.items() if zh.startswith("#"))


def test_english_counts_one_and_many_and_begins_a_sentence_with_a_capital():
    with speaking("en"):
        assert say("pages.points", count=1) == "1 annual value"
        assert say("pages.points", count=2) == "2 annual values"
        assert say("pages.count_of", outlook=say("outlook.hard"), count=3) == "hard to reach 3"
        assert sentence("no data yet", "to be reported. ") == "No data yet; to be reported."
        assert sentences("One.", "", "Two.") == "One. Two."
    assert sentence("尚无数据", "需补报。") == "尚无数据；需补报。"
    assert sentences("一。", "二。") == "一。二。"
