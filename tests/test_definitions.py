"""definitions: what a card and the page of all indicators say of an indicator, where each number comes from, and what stays withheld."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from paper_edition import page, row, text_of, write_edition

from plananalysis.editions.opened import Published
from plananalysis.pages import open_edition
from plananalysis.pages.definitions import definition_blocks
from plananalysis.render.html import html

MAIL = {"reported_at": "2026-05-01", "submission": "health_2025.csv", "source": "区卫健委报表"}


def seen(year: int, value: float | str, **cells: object) -> dict[str, object]:
    return {"series": "W001", "area": "paper", "group": "total", "year": year, "value": value, "status": "A",
            "definition": "", "file_row": year - 2000, **MAIL} | cells  # fmt: skip


def edition(
    root: Path, observations: list[dict[str, object]], plan: dict[str, object] | None = None, **tables
) -> Published:
    """One indicator with the observations and the cells of its plan that a test gives."""
    folder = write_edition(root, [row("W001", "hard", name="婴儿死亡率", unit="‰", decimals=2)], **tables)
    from paper_edition import table_file

    from plananalysis.editions.frames import stored

    held = dict(stored(folder / "plan.csv").rows[0])
    write_plan = {**held, **{k: str(v) for k, v in (plan or {}).items()}}
    pd.DataFrame([write_plan]).to_csv(folder / "plan.csv", index=False, encoding="utf-8-sig")
    table_file("observations", observations, folder)
    return open_edition("paper", 2025, root)


def told(made: Published) -> str:
    return text_of(html(*definition_blocks(made, made.rows[0])))


def test_formula_reading_and_evidence_are_told(tmp_path):
    plan = {
        "numerator": "婴儿死亡数", "denominator": "活产数", "indicator": "婴儿死亡率(", "unit_source": "inferred", "direction": -1,
        "operator_source": "inferred", "decided_by": "规划印发文本", "decided_on": "2022-12-29", "rhythm": "annual",
        "evidence_quote": "降至2.5‰以下", "evidence_url": "http://a.example/x", "reason": "原文只印数字", "target_text": "2.5",
    }  # fmt: skip
    text = told(edition(tmp_path, [seen(2025, "5.10")], plan))
    for part in ("婴儿死亡数 ÷ 活产数 × 1,000", "‰（原文单位不全，系推断）", "“婴儿死亡率(”，目标“2.5”", "符号系推断；规划印发文本；2022-12-29",
                 "“降至2.5‰以下”", "http://a.example/x", "原文只印数字", "越低越好", "每年", "未另行登记口径"):  # fmt: skip
        assert part in text, part


def test_values_of_one_report_stand_in_one_line_with_the_digits_reported(tmp_path):
    old = {"reported_at": "2021-04-23", "submission": "old.csv"}
    values = [
        seen(2018, "4.10", **old),
        seen(2019, "4", **old),
        seen(2020, "4.03", **old),
        seen(2021, "2.70"),
        seen(2023, "4.5", status="P"),
    ]
    text = told(edition(tmp_path, values)).replace(" ", "")
    assert "2018—20204.10、4、4.03区卫健委报表2021-04-23old.csv第18—20行" in text
    assert "2021、20232.70、4.5p区卫健委报表2026-05-01health_2025.csv第21、23行" in text and "p初步数" in text


def test_every_source_has_its_own_line_with_tier_words_and_definition(tmp_path):
    definitions = [
        {"series": "W001", "definition": "nbs", "text": "统计口径", "valid_from": "2015", "note": "不可接续"},
        {"series": "W001", "definition": "moe", "text": "抽查口径"},
    ]
    values = [
        seen(2013, "6.3", source="甲报", tier="A", quote="降至6.3‰", definition="nbs"),
        seen(2014, "6.1", source="乙网", tier="B", note="由公布值推算", definition="moe"),
    ]
    text = told(edition(tmp_path, values, definitions=pd.DataFrame(definitions)))
    for part in (
        "nbs 统计口径",
        "（2015年起）",
        "不可接续",
        "moe 抽查口径",
        "甲报政府网站或署名媒体",
        "乙网转载",
        "“降至6.3‰”",
        "由公布值推算",
    ):
        assert part.replace(" ", "") in text.replace(" ", ""), part


def test_what_is_withheld_is_a_star_and_no_words_stand_beside_it(tmp_path):
    """A quotation about a value that is shown may tell one that is not."""
    values = [seen(2024, "0", quote="比上年少2例", note="上年2例"), seen(2023, "33.3", quote="2例")]
    made = edition(tmp_path, values)
    assert "比上年少2例" in told(made)
    frame = made.tables["observations"].assign(withheld=["False", "True"])
    frame.loc[frame["withheld"] == "True", ["value", "quote"]] = None
    from dataclasses import replace

    public = replace(
        made, tables={**{n: made.tables[n] for n in made.tables}, "observations": frame}, audience="public"
    )
    text = told(public)
    assert "*" in text and "2例" not in text and "33.3" not in text and "第24行" not in text


def test_the_page_of_all_indicators_and_a_card_say_the_same(tmp_path):
    made = edition(tmp_path, [seen(2025, "5.10")])
    whole, short = (html(*definition_blocks(made, made.rows[0], files)) for files in (True, False))
    assert whole in made.indicators_page().indicators()._repr_html_()
    assert "health_2025.csv" in whole and "health_2025.csv" not in short
    card = made.domain_page("women.health").series()._repr_html_()
    assert short in card and card.count('class="definition"') == 1


def test_the_public_reads_no_alert_in_the_glossary(tmp_path):
    made = edition(tmp_path, [seen(2025, "5.10")])
    from dataclasses import replace

    internal, public = (
        text_of(page(replace(made, audience=a).indicators_page(), ["glossary"])) for a in ("internal", "public")
    )
    assert "双红" in internal and "双红" not in public
    for word in ("达标概率", "80%区间", "基期、目标年", "有望达标", "2020年的数值"):
        assert word in public, word


@pytest.mark.parametrize(("unit", "formula"), [("%", "未载明分子、分母的名称"), ("岁", None)])
def test_a_ratio_without_names_says_so_and_no_other_measure_does(tmp_path, unit, formula):
    folder = write_edition(tmp_path, [row("W001", "hard", unit=unit)])
    assert folder.is_dir()
    made = open_edition("paper", 2025, tmp_path)
    assert ("公式" in told(made)) is (formula is not None)
