"""The catalogue is complete, unambiguous and punctuated as Chinese is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from plananalysis.text import catalogue, say

FOLDER = Path(__file__).parents[1] / "src" / "plananalysis" / "catalogue"
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
