"""Drawings as EMF hold every line, area and word of the figure, and refuse what they could not show."""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from itertools import pairwise

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_documents import edition, row

from plananalysis.base.text import say
from plananalysis.figures import svg
from plananalysis.figures.fan import fan_chart
from plananalysis.figures.marks import OUTLOOKS, fan_legend, outlook_bar
from plananalysis.figures.sections import Small, multiples, outlook_bars
from plananalysis.pages.charts import chart_of
from plananalysis.pages.papers.report import report
from plananalysis.render.docx import word_bytes
from plananalysis.render.emf import emf_bytes

COUNTS = {o: i for i, o in enumerate(OUTLOOKS, start=1)}
WORDS = {o: say(f"outlook.{o}") for o in OUTLOOKS}
CHART = chart_of(made := edition([row(name="甲率")]), made.rows[0])
FIGURES = {
    "bar": outlook_bar(COUNTS, "共36项。", 620),
    "bars": outlook_bars([("健康", COUNTS), ("教育", {"likely": 3})], WORDS, "各领域"),
    "legend": fan_legend(),
    "fan": fan_chart(CHART),
    "multiples": multiples([Small("很长的指标名称" * 6, CHART, ("50%", "目标为不低于60%"))] * 4, "图"),
}


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kinds and contents of the records of a metafile, each checked for its length."""
    place = 0
    while place < len(data):
        kind, size = struct.unpack_from("<II", data, place)
        assert size >= 8 and size % 4 == 0
        yield kind, data[place + 8 : place + size]
        place += size
    assert place == len(data)


def said(data: bytes) -> list[str]:
    """Lines of text of a metafile."""
    found = []
    for kind, content in records(data):
        if kind == 84:
            (length,) = struct.unpack_from("<I", content, 36)
            found.append(content[68 : 68 + 2 * length].decode("utf-16-le"))
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_every_word_of_a_figure_is_there_in_its_order(name):
    drawn = [unescape(t) for t in re.findall(r"<text[^>]*>([^<]+)</text>", FIGURES[name])]
    found = said(emf_bytes(FIGURES[name])[0])
    once = [t for i, t in enumerate(found) if i == 0 or t != found[i - 1] or found.count(t) < 9]
    assert list(dict.fromkeys(once)) == list(dict.fromkeys(drawn))


@pytest.mark.parametrize("name", FIGURES)
def test_the_head_tells_the_size_and_number_of_records(name):
    data, width, height = emf_bytes(FIGURES[name])
    kinds = [kind for kind, _ in records(data)]
    assert kinds[0] == 1 and kinds[-1] == 14 and kinds.count(14) == 1
    bounds, size, count = struct.unpack_from("<4i", data, 8), *struct.unpack_from("<II", data, 48)
    assert (size, count) == (len(data), len(kinds))
    assert bounds == (0, 0, round(width * 2540 / 96), round(height * 2540 / 96))
    handles = {struct.unpack("<I", c[:4])[0] for kind, c in records(data) if kind in (38, 39, 82)}
    assert handles == set(range(1, len(handles) + 1)) and struct.unpack_from("<H", data, 56)[0] == len(handles) + 1


def test_equal_drawings_have_equal_bytes():
    assert emf_bytes(FIGURES["fan"]) == emf_bytes(FIGURES["fan"])


@pytest.mark.parametrize(
    "inside", ['<ellipse cx="1" cy="1" rx="1" ry="2"/>', '<path d="M0 0A1 1 0 0 0 2 2Z"/>', "<image/>"]
)
def test_what_cannot_be_drawn_is_refused(inside):
    with pytest.raises(ValueError, match="figures draw no"):
        emf_bytes(f'<svg width="10" height="10">{inside}</svg>')


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=6, unique=True))
def test_a_broken_line_is_as_long_as_its_dashes_say(points):
    drawing = svg.figure(200, 200, "", [svg.path(points, dash="7 3")], "")
    length = sum(math.dist(a, b) for a, b in pairwise(points))
    whole = length // 10 * 7 + min(length % 10, 7)
    drawn = 0.0
    for kind, content in records(emf_bytes(drawing)[0]):
        if kind == 87:
            (count,) = struct.unpack_from("<I", content, 16)
            places = struct.unpack_from(f"<{2 * count}h", content, 20)
            run = list(zip(places[::2], places[1::2], strict=True))
            drawn += sum(math.dist(a, b) for a, b in pairwise(run)) / 10
    assert drawn == pytest.approx(whole, abs=0.1 * (length / 10 + len(points) + 1))


def test_a_report_has_figures_with_words_for_those_who_cannot_see_them_and_the_mark_of_fiction():
    made = edition([row(name="甲率")])
    data = word_bytes(report(made))
    paper = docx.Document(io.BytesIO(data))
    about = [p.get("descr") for p in paper.element.body.iter() if p.tag.endswith("}docPr")]
    assert len(about) == 2 and "甲率" in about[1]
    captions = [p.text for p in paper.paragraphs if p.style.name == "图题"]
    assert len(captions) == 2 and all(say("pages.fictional") in c for c in captions)
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        figures = [held.read(n) for n in held.namelist() if n.endswith(".emf")]
    assert len(figures) == 2 and "甲率" in said(figures[1])
    real = replace(made, info={**made.info, "fictional": False})
    assert not any(say("pages.fictional") in t for t in said_of(word_bytes(report(real))))


def said_of(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return [t for n in held.namelist() if n.endswith(".emf") for t in said(held.read(n))]
