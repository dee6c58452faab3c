"""What a cell shows: a page's content with its look within a scope, drawings as images; a page itself stays as it was."""

from __future__ import annotations

import base64
import re

from plananalysis.render import lab

SVG = '<svg xmlns="http://www.w3.org/2000/svg" class="fan" viewBox="0 0 4 2" width="4" height="2" role="img" aria-label="a &lt; b"><text>单位：%</text></svg>'


def test_drawings_become_images_with_their_words():
    shown = lab.for_a_cell(f"<p>1</p>{SVG}")
    assert "<svg" not in re.sub(r"<style>.*?</style>", "", shown) and 'alt="a &lt; b"' in shown and 'width="4"' in shown
    data = re.search(r"base64,([^\"]+)", shown)[1]
    assert "单位：%" in base64.b64decode(data).decode()


def test_no_rule_of_the_sheet_reaches_beyond_the_cell():
    sheet = re.search(r"<style>(.*?)</style>", lab.for_a_cell("x"))[1]
    depth, outside = 0, ""
    for mark in sheet:
        depth += (mark == "{") - (mark == "}")
        outside += mark if depth == 0 and mark != "}" else ""
    assert outside == ".plananalysis.plananalysis.plananalysis" and depth == 0
    assert not re.search(r"(?<![\w.#-])(:root|html|body|main)(?![\w-])", sheet)


def test_nothing_stays_nothing_and_a_page_is_not_dressed():
    assert lab.for_a_cell("") == "" and not lab.shown_in_lab()


def test_what_a_theme_would_colour_has_colours_of_its_own_where_no_style_sheet_is_kept():
    shown = lab.for_a_cell(
        '<table class="rows"><thead><tr><th>甲<th></tr></thead></table><a href="x">乙</a><article>丙</article>'
    )
    bare = re.sub(r"<style>.*?</style>", "", shown)
    assert '<table style="color:#1c1c1c" class="rows">' in bare and '<tr style="background:#fff">' in bare
    assert '<a style="color:#1f4a5c" href="x">' in bare and "<article>丙" in bare
