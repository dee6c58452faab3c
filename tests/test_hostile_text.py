"""Whatever an office, a unit or a source writes stays text in every page and every file that is handed out."""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from paper_edition import read, row, silent, whole, write_edition

from plananalysis.pages import open_edition
from plananalysis.pages import papers as documents

HOSTILE = "=cmd|'/c calc'!A1<script>alert(1)</script><img src=x onerror=alert(2)>&amp;{{7*7}}\" onfocus=\"alert(3)\" '\x07\u202e]]><w:p/>"


def hostile(n: int) -> str:
    """Another text for every place, none of which is a code."""
    return f"{HOSTILE} HOSTILE-{n}"


def attributes_of(markup: str) -> set[str]:
    """Names of all attributes, as a browser reads them."""
    found: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda _, attrs: found.update(name for name, _ in attrs)  # type: ignore[method-assign]
    parser.feed(markup)
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition in which every text of people is hostile."""
    root, t = tmp_path_factory.mktemp("hostile"), iter(map(hostile, range(99)))
    words = {c: next(t) for c in ("name", "target_text", "reading_text", "value_text", "reason", "indicator")}
    unit = next(t)
    of_unit = {"responsible_units": f"{unit};区教委"}
    compound = row("W003", "hard", "worst_part", role="compound", worst_part="W003.1", **of_unit)
    part = row("W003.1", "hard", role="part", row="W003", **{"name": "甲" + HOSTILE}, **of_unit)
    write_edition(
        root,
        [row("W001", "hard", alerts="both_red;hard_to_reach;volatile", attribute="binding", **words, **of_unit), compound, part,
         silent("W002", unit=unit, name=next(t))],
        fictional=True,
        quality=pd.DataFrame([{"severity": "error", "rule": "revision", "series": "W001", "group": "total", "year": 2020, "value": next(t),
                               "submission": next(t), "file_row": 3, "column": "value", "message": next(t), "advice": next(t)}]),
        completeness=pd.DataFrame([{"unit": "other", "name": unit, "series": 2, "due": 2, "reported": 1, "never_series": "W002"}]),
        accountability=pd.DataFrame([{"unit": "other", "name": unit, "year": 2025, "expected": 2, "received_on": "2026-05-20",
                                      "due": "2026-05-31", "on_time": True, "reported": 1, "explained": 0, "accepted": 0, "provisional": 0,
                                      "waiting": 1, "versions": 1, "used_from": "", "accepted_on": "",
                                      "open_errors": 0, "open_questions": 1, "waived": 1, "never_reported": 1, "never_series": "W002"}]),
        return_questions=pd.DataFrame([{"unit": "other", "severity": "explain", "file": next(t), "sheet": next(t), "cell": "D7", "series": "W001",
                                        "group": "total", "year": 2025, "value": next(t), "message": next(t), "advice": next(t),
                                        "state": "waived", "reason": next(t)}]),
        actions=pd.DataFrame([{"action": "A1", "series": "W001", "unit": "other", "kind": "reach", "title": next(t), "start": "2024-01-01",
                               "end": "", "status": "under_way", "good_practice": "yes", "source": next(t), "note": next(t)}]),
        changes=pd.DataFrame([{"series": "W001", "from_outlook": "likely", "to_outlook": "hard", "from_probability": 0.7,
                               "to_probability": 0.2, "cause": "new_data", "sentence": next(t)}]),
        earlier=pd.DataFrame([{"series": "W001", "year": 2024, "position": "met", "outlook": "likely", "probability": 0.7}]),
    )  # fmt: skip
    return root


@pytest.mark.parametrize("mode", ["annual", "midterm"])
def test_on_no_page_does_a_text_become_markup(root: Path, mode: str):
    pages = whole(open_edition("paper", 2025, root, mode=mode))
    assert any(name.startswith("unit.") for name in pages)
    for name, markup in pages.items():
        assert not {"script", "img"} & read(markup).tags, name
        assert not [a for a in attributes_of(markup) if a.startswith("on")], name
    seen = {int(n) for markup in pages.values() for n in re.findall(r"HOSTILE-(\d+)", markup)}
    assert len(seen) > 10, "the texts are not on the pages at all"


@pytest.mark.slow
def test_in_no_file_does_a_text_become_a_formula_a_link_or_markup(root: Path):
    mode = "midterm"  # its report holds what the annual one holds
    made = {name: make() for name, make in documents.files_of(open_edition("paper", 2025, root, mode=mode)).items()}
    assert {"report.docx", "tables.xlsx", "warning_list.docx", "feedback/other.xlsx", "letters/other.docx"} <= set(made)
    for name, data in made.items():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {n: archive.read(n) for n in archive.namelist() if n.endswith((".xml", ".rels"))}
        for part, text in parts.items():
            ElementTree.fromstring(text)
            assert b'TargetMode="External"' not in text, (name, part)
        assert any(b"HOSTILE-" in text for text in parts.values()), name
        if not name.endswith(".xlsx"):
            continue
        for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
            for cell in (c for line in sheet.iter_rows() for c in line):
                assert cell.data_type != "f" and cell.hyperlink is None, (name, sheet.title, cell.coordinate)
