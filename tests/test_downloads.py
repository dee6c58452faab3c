"""downloads: documents by who reads them, units in the plan's order, kinds and sizes, and what could not be made."""

from __future__ import annotations

import re
from pathlib import Path

from paper_edition import text_of

from plananalysis.base.text import speaking
from plananalysis.reports.downloads import body, readers

UNITS = {"zoo": "区甲局", "art": "区乙局"}  # in the order of the plan, which is not that of the codes
HELD = [
    "inputs.csv",
    "tables.xlsx",
    "letters/art.docx",
    "feedback/art.xlsx",
    "feedback/zoo.xlsx",
    "poster.svg",
    "report.docx",
    "brief.pdf",
]


def test_documents_stand_by_reader_in_the_order_of_reading():
    assert readers(HELD) == {
        "leaders": ["brief.pdf", "report.docx"],
        "office": ["tables.xlsx", "poster.svg"],
        "units": ["letters/art.docx", "feedback/art.xlsx", "feedback/zoo.xlsx"],
        "evaluators": ["inputs.csv"],
    }
    assert readers(["tables.xlsx"]) == {"office": ["tables.xlsx"]}


def test_units_come_in_the_order_of_the_plan_with_kind_and_size(tmp_path: Path):
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "zoo.xlsx").write_bytes(b"x" * 12_400)
    page = body(dict.fromkeys(HELD, False), UNITS, 0, tmp_path)
    assert page.index("区甲局") < page.index("区乙局")
    assert "XLSX、12 KB" in page and 'href="documents/letters/art.docx"' in page
    assert sorted(re.findall(r'href="documents/([^"]+)"', page)) == sorted(HELD)


def test_what_is_late_or_lacking_is_said_and_an_edition_without_documents_too(tmp_path: Path):
    text = text_of(body({"report.docx": True, "tables.xlsx": False}, {}, 2, tmp_path))
    assert text.count("本次更新未成功") == 1 and "另有2份文件未能生成" in text
    assert "本版没有文件。" in text_of(body({}, {}, 0, tmp_path))


def test_the_list_has_an_english_twin(tmp_path: Path):
    with speaking("en"):
        text = text_of(body(dict.fromkeys(HELD, False), {"zoo": "Unit A", "art": "Unit B"}, 0, tmp_path))
    assert "For the leading group" in text and not re.search(r"[\u4e00-\u9fff]", text)
