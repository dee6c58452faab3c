"""Pages: every outlook with every kind of target, sums that add up, no sentence against its table, text that stays text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper_edition import (
    BRIEF,
    DOMAIN,
    DOMAINS,
    INDICATORS,
    KINDS,
    METHOD,
    QUALITY,
    by_code,
    every_combination,
    page,
    read,
    row,
    silent,
    small,
    tables,
    text_of,
    whole,
    write_edition,
)

from plananalysis.base.errors import UsageError
from plananalysis.base.text import catalogue, say
from plananalysis.editions.opened import Published
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS
from plananalysis.pages import open_edition
from plananalysis.pages.rows import urgent
from plananalysis.render.quantities import percent

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def combined(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Every outlook with every kind of target."""
    root = tmp_path_factory.mktemp("combined")
    write_edition(root, every_combination())
    return open_edition("paper", 2025, root)


@pytest.fixture(scope="module")
def pages(combined: Published) -> dict[str, str]:
    return whole(combined)


def test_every_outlook_of_every_kind_has_its_block_with_its_own_word_only(combined: Published, pages: dict[str, str]):
    joined = "".join(pages[f"{d}.html"] for d in DOMAINS)
    assert len(combined.rows) == len(OUTLOOKS) * len(KINDS)
    for code, record in combined.assessments.items():
        block = joined.split(f'id="{code}"')[1]
        verdict = re.search(r'class="verdict">(.*?)</header>', block)[1]
        words = [o for o in OUTLOOKS if f">{say(f'outlook.{o}')}<" in re.sub(r"<svg.*?</svg>", ">", verdict)]
        assert words == [record.text("outlook")], code


def test_pages_are_well_formed_with_each_id_once_and_no_dead_link(pages: dict[str, str]):
    read_pages = {name: read(markup) for name, markup in pages.items()}
    for name, reader in read_pages.items():
        assert len(reader.ids) == len(set(reader.ids)), name
        for link in reader.links:
            file, _, fragment = link.partition("#")
            if file.startswith("documents/"):  # which the run writes
                continue
            assert (file or name) in read_pages, link
            assert not fragment or fragment in read_pages[file or name].ids, link


def test_no_page_refers_to_anything_outside_it(pages: dict[str, str]):
    for markup in pages.values():
        # the only address is the name of the SVG language, which nobody fetches
        assert set(re.findall(r"https?://[^\s\"'<]*", markup)) <= {"http://www.w3.org/2000/svg"}
        assert not {"script", "img", "link", "iframe", "style"} & read(markup).tags


def test_equal_tables_give_equal_pages(combined: Published, pages: dict[str, str], tmp_path: Path):
    write_edition(tmp_path, every_combination())
    assert whole(open_edition("paper", 2025, tmp_path)) == pages


def test_counts_add_up_across_and_down_and_agree_with_the_sentence(combined: Published):
    whole = {o: 0 for o in OUTLOOKS}
    for domain in DOMAINS:
        markup = combined.domain_page(domain).summary()._repr_html_()
        across, _ = tables(markup)
        assert across[0][1:] == [say(f"outlook.{o}") for o in OUTLOOKS] + ["合计"]
        counts = {line[0]: line[1:] for line in across[1:]}
        for name, line in counts.items():
            if name != "占可作展望的":
                *parts, total = map(int, line)
                assert sum(parts) == total, name
        *parts, total = map(int, counts["目标项数"])
        whole = {o: whole[o] + n for o, n in zip(OUTLOOKS, parts, strict=True)}
        shares = [float(c.rstrip("%")) for c in counts["占可作展望的"] if c != "—"]
        assert len(shares) == len(ASSESSABLE) and abs(sum(shares) - 100) < 0.31  # six shares of one decimal each
        able = sum(parts[: len(ASSESSABLE)])
        told = text_of(markup)
        assert f"共{total}项" in told and f"可作展望的{able}项" in told and f"不能作展望的{total - able}项" in told
    assert whole == dict.fromkeys(OUTLOOKS, 14)


def test_the_phone_table_holds_the_same_numbers_as_the_wide_one(combined: Published):
    markup = combined.domain_page("women.health").summary()._repr_html_()
    wide, narrow = tables(markup)
    body = [line[1:] for line in narrow[1:]]
    assert [list(column) for column in zip(*body, strict=True)] == [line[1:] for line in wide[1:]]


def test_attainment_has_its_own_denominator(tmp_path: Path):
    edition = small(
        tmp_path, row("W001", "met_secure"), row("W002", "hard"), row("W003", "uncertain"), row("W004", "no_data")
    )
    assert "能够判断的3项目标中，1项现已达标，占33.3%" in text_of(edition.brief().one_page()._repr_html_())


def test_every_row_says_the_same_in_the_list_and_in_its_block(combined: Published, pages: dict[str, str]):
    listed = by_code(combined.brief().rows()._repr_html_())
    for record in combined.rows:
        line = listed[record.text("series")]
        assert line["展望"].startswith(say(f"outlook.{record.text('outlook')}"))
        assert line["现状"] == say(f"position.{record.text('position')}")
        shown = re.search(
            r"达标概率([^<]+)<",
            pages[f"{record.text('domain')}.html"].split(f'id="{record.text("series")}"')[1].split("</header>")[0],
        )
        assert line["达标概率"] == (shown[1] if shown else "—")


def test_the_list_to_act_on_puts_both_red_first_then_binding_then_the_least_likely(tmp_path: Path):
    edition = small(
        tmp_path,
        row("W001", "hard", probability=0.30),
        row("W002", "hard", probability=0.12),
        row("W003", "uncertain", probability=0.60, attribute="binding", alerts="hard_to_reach"),
        row("W004", "very_hard", alerts="both_red;hard_to_reach"),
        row("W005", "likely"),
        row("W006", "needs_judgement", alerts="both_red", attribute="binding"),
    )
    assert [r.text("series") for r in urgent(edition)] == ["W006", "W004", "W003", "W002", "W001"]
    first = text_of(edition.brief().one_page()._repr_html_())
    assert "但5项需要行动，其中约束性2项" in first and "约束性2项、双红2项" in first


def test_a_long_list_to_act_on_says_how_many_follow_and_loses_none(tmp_path: Path):
    edition = small(tmp_path, *[row(f"W{i:03d}", "hard") for i in range(1, 21)])
    markup = edition.brief().action()._repr_html_()
    assert "前12项，其余8项" in text_of(markup)
    assert all(f"指标W{i:03d}" in markup for i in range(1, 21))


def test_without_data_the_page_says_what_is_missing_from_whom_and_not_that_all_is_well(tmp_path: Path):
    edition = small(
        tmp_path,
        silent("W001"),
        silent("W002"),
        silent("C003", unit="区教委", domain="children.health", plan="children"),
    )
    brief = edition.brief()
    first = text_of(brief.one_page()._repr_html_())
    assert "3项目标能否实现暂不能研判" in first and "3项，涉及区卫健委2项、区教委1项" in first
    assert "其中从未报送3项" in first and "没有达到预警标准" not in first
    assert "不等于没有困难" in text_of(brief.action()._repr_html_())
    lines = read(brief.gaps()._repr_html_()).rows
    assert [line[:2] for line in lines[1:]] == [["区卫健委", "2"], ["区教委", "1"], ["合计", "3"]]
    assert lines[1][2] == "从未报送2项：W001指标W001、W002指标W002"
    assert "尚无数据，未绘图" in text_of(edition.domain_page("women.health").overview()._repr_html_())


def test_gaps_count_parts_not_the_row_they_belong_to(tmp_path: Path):
    parts = [silent(f"W001.{n}", role="part", row="W001", name=f"分项{n}") for n in (1, 2, 3)]
    edition = small(tmp_path, silent("W001", role="compound"), *parts)
    assert read(edition.brief().gaps()._repr_html_()).rows[1][1] == "3"


def test_a_domain_without_targets_says_so(tmp_path: Path):
    edition = small(tmp_path, row("W001", "likely"))
    assert "没有可监测的量化目标" in page(edition.domain_page("children.family"), DOMAIN)


@given(st.floats(0, 1), st.floats(0.05, 0.95).map(lambda c: round(c, 2)))
def test_a_printed_probability_lies_on_its_side_of_the_cut(probability: float, cut: float):
    shown = percent(probability, (cut,))
    value = float(shown.strip("<>%"))
    if shown[0] not in "<>":
        assert (round(value, 6) >= round(100 * cut, 6)) == (probability >= cut)
    assert abs(value - 100 * probability) <= 1


def test_every_text_the_pages_ask_for_is_in_the_catalogue():
    source = "".join(
        p.read_text(encoding="utf-8")
        for d in ("pages", "figures")
        for p in (NOTEBOOKS.parent / "src" / "plananalysis" / d).glob("*.py")
    )
    asked = set(re.findall(r'say\(\s*"([a-z0-9_.]+)"', source)) | set(
        re.findall(r'"((?:pages|figures)\.[a-z0-9_.]+)"', source)
    )
    assert asked - set(catalogue()) == set()
    for start in set(re.findall(r'f"((?:pages|figures)\.[a-z0-9_.]*)\{', source)):
        assert any(key.startswith(start) for key in catalogue()), start


@pytest.mark.parametrize(("notebook", "made", "names"), [
    ("1_data_quality", "quality_page", QUALITY), ("2_domain_report", "domain_page", DOMAIN),
    ("3_plan_overview", "brief", BRIEF), ("4_method_check", "method_page", METHOD),
    ("7_indicators", "indicators_page", INDICATORS),
])  # fmt: skip
def test_a_scheduled_notebook_asks_for_every_part_of_its_page(notebook: str, made: str, names: list[str]):
    source = (NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8")
    assert f").{made}(" in source
    assert sorted(re.findall(r"page\.(\w+)\(\)", source)) == sorted(names)


@pytest.mark.slow
def test_real_data_are_not_called_invented(pages: dict[str, str]):
    assert all("虚构" not in markup for markup in pages.values())


def test_an_unknown_area_edition_or_domain_is_refused_with_what_there_is(combined: Published, tmp_path: Path):
    write_edition(tmp_path, [row("W001", "hard")])
    with pytest.raises(UsageError, match="paper"):
        open_edition("elsewhere", 2025, tmp_path)
    with pytest.raises(UsageError, match="2025"):
        open_edition("paper", 1999, tmp_path)
    with pytest.raises(UsageError, match=r"women\.health"):
        combined.domain_page("women.healht")
    for form, known in (
        ({"audience": "公开"}, "internal、leading-group、public"),
        ({"mode": "mid"}, "annual、midterm、final"),
    ):
        with pytest.raises(UsageError, match=known):
            open_edition("paper", 2025, tmp_path, **form)
