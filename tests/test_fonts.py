"""The package's font draws every character the product can show, and is cut the same way every time."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plananalysis.base import fonts

ROOT = Path(__file__).parents[1]
SOURCES = [
    *(ROOT / "src" / "plananalysis" / "catalogue").glob("*.toml"),
    *(ROOT / "src" / "plananalysis" / "template").rglob("*.*"),
    *(ROOT / "data" / "raw").glob("*/area.toml"),
    *(ROOT / "data" / "raw").glob("*/plan/*.csv"),
    *(ROOT / "notebooks").glob("*.ipynb"),
]


def opened(uri: str):
    from fontTools.ttLib import TTFont

    return TTFont(io.BytesIO(base64.b64decode(uri.removeprefix("data:font/otf;base64,"))))


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_character_of_words_templates_and_plans_can_be_drawn(source):
    assert fonts.missing(source.read_text(encoding="utf-8-sig")) == ""


def test_characters_gb2312_lacks_are_there():
    # 〇 of 二〇二五年, the bullet, per mille, inequality signs as printed in plans, names of people
    assert fonts.missing("〇•‰≥≤≈−–—…·“”‘’①②↑↓●▲▼■□喆龑镕㎡℃") == ""


def test_missing_lists_what_the_font_lacks_once_and_ignores_spaces():
    assert fonts.missing("江北区 \n\t𠮷\U0001f600𠮷") == "\U0001f600𠮷"


def test_english_marks_take_the_room_they_need_and_chinese_ones_a_character():
    text = "plan’s “word”…·一"
    wide, narrow = (opened(fonts.subset_data_uri(text, english=english)) for english in (False, True))
    for mark in "’“”…·":
        name = wide.getBestCmap()[ord(mark)]
        assert wide["hmtx"][name][0] == 1000
        bounds = narrow["CFF "].cff.topDictIndex[0].CharStrings[name].calcBounds(narrow.getGlyphSet())
        width = narrow["hmtx"][name][0]
        assert width < 1000 and bounds[0] > 0 and bounds[2] < width  # the ink lies within the room it takes
    for letter in "plan一":
        name = wide.getBestCmap()[ord(letter)]
        assert wide["hmtx"][name] == narrow["hmtx"][name]
    assert fonts.subset_data_uri(text, english=True) == fonts.subset_data_uri(text, english=True)


def test_a_cut_written_for_other_programs_can_be_found_by_its_name(tmp_path):
    typst = pytest.importorskip("typst")
    fonts.write_cut("plan’s", tmp_path, english=True)
    assert fonts.FAMILY in typst.Fonts(include_system_fonts=False, font_paths=[str(tmp_path)]).families()


def test_cut_holds_what_was_asked_and_nothing_more():
    font = opened(fonts.subset_data_uri(["孕产妇死亡率", "‰"]))
    assert {chr(c) for c in font.getBestCmap()} == set("孕产妇死亡率‰")


def test_outlines_share_no_parts_so_that_a_cut_need_not_look_for_them():
    from fontTools.ttLib import TTFont

    whole = TTFont(fonts.FILE, lazy=True)["CFF "].cff
    assert len(whole.GlobalSubrs) == 0
    assert not any(getattr(part.Private, "Subrs", ()) for part in whole.topDictIndex[0].FDArray)
    assert len(base64.b64decode(fonts.subset_data_uri("一").partition(",")[2])) < 3000


def test_outlines_survive_the_cut():
    from fontTools.pens.boundsPen import BoundsPen

    font = opened(fonts.subset_data_uri("一国"))
    boxes = {}
    for char in "一国":
        pen = BoundsPen(font.getGlyphSet())
        font.getGlyphSet()[font.getBestCmap()[ord(char)]].draw(pen)
        boxes[char] = pen.bounds
    width, height = (boxes["一"][2] - boxes["一"][0], boxes["一"][3] - boxes["一"][1])
    assert width > 8 * height  # one flat stroke
    assert boxes["国"][3] - boxes["国"][1] > 800  # of 1000 units: a full square


def test_own_name_and_their_copyright_and_licence():
    names = opened(fonts.subset_data_uri("一"))["name"]
    assert names.getDebugName(1) == "Plan Sans SC"
    assert "Adobe" in names.getDebugName(0) and "Open Font License" in names.getDebugName(13)
    licence = (ROOT / "src" / "plananalysis" / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert names.getDebugName(0) in licence and "SIL OPEN FONT LICENSE" in licence


@settings(max_examples=8, deadline=None)
@given(st.permutations(list("达标困难有望稳固0123456789%")), st.integers(1, 3))
def test_order_and_repeats_do_not_matter(characters, times):
    assert fonts.subset_data_uri(characters * times) == fonts.subset_data_uri("0123456789%困固望有标稳达难")


def test_same_bytes_in_another_process_with_other_hashes():
    code = "from plananalysis.base import fonts; print(fonts.subset_data_uri('孕产妇死亡率1/10万'))"
    env = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1"}
    other = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == fonts.subset_data_uri("孕产妇死亡率1/10万")


def test_cut_is_kept_and_used_again(tmp_path, monkeypatch):
    first = fonts.subset_data_uri("儿童", tmp_path)
    monkeypatch.setattr(fonts, "_subset", lambda wanted: pytest.fail("cut again"))
    assert fonts.subset_data_uri("童儿儿", tmp_path) == first
    assert len(list(tmp_path.iterdir())) == 1


def test_cuts_nobody_used_for_long_are_dropped(tmp_path):
    for text, age in (("旧", 61), ("新", 59)):
        fonts.subset_data_uri(text, tmp_path)
        newest = max(tmp_path.iterdir(), key=lambda p: p.stat().st_mtime)
        os.utime(newest, (time.time() - age * 86400,) * 2)
    fonts.subset_data_uri("旧", tmp_path)  # used again
    fonts.forget_unused(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    for path in tmp_path.iterdir():
        os.utime(path, (time.time() - 61 * 86400,) * 2)
    fonts.forget_unused(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_package_font_stays_small():
    assert fonts.FILE.stat().st_size < 3_000_000


def test_sources_are_found():
    assert len(SOURCES) > 15
    assert any("jiangbei" in p.as_posix() for p in SOURCES)
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] == "plananalysis"
