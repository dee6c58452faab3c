"""What the public reads of a city: nothing that rests on a hidden count of a district, nor anything from which one could be worked out."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from small_city import HEALTH, trim
from test_panels_city import assessed_only

from plananalysis.base.tables import read_json, read_table
from plananalysis.pages.city import open_city
from plananalysis.pages.city_domain import domain_page
from plananalysis.panels import city as cities
from plananalysis.simulate import simulate

ROOT = Path(__file__).resolve().parents[1]
DISTRICTS = [f"sim-{i:04d}" for i in range(1, 6)]
SERIES, SMALL = "W03", "sim-0002"  # deaths of mothers; births there are few


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("public")
    simulate(ROOT, areas=5, seed=9, target=root)
    trim(root, HEALTH)
    (root / "data" / "raw" / "city.toml").write_text('name = "模拟市"\nown = "whole"\n', encoding="utf-8")
    for area in DISTRICTS:
        assessed_only(root, area, 2025)
    return root


def deaths_of(root: Path, hidden: int) -> None:
    """Every district reports deaths of 2025: many, but in one district a few; the city publishes how many there were in all."""
    counts = {a: (60 + i, 30_000) for i, a in enumerate(DISTRICTS)} | {SMALL: (hidden, 9_000)}
    for area, (above, below) in {**counts, "whole": tuple(map(sum, zip(*counts.values(), strict=True)))}.items():
        folder = root / "data" / "raw" / area / "observations"
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.csv"):
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [r for r in csv.DictReader(file) if (r["series"], r["year"]) != (SERIES, "2025")]
            pd.DataFrame(rows).to_csv(path, index=False) if rows else path.unlink()
        line = f"{SERIES},2025,{above / below * 1e5:.2f},{above},{below},A,2026-03-01"
        text = f"series,year,value,numerator,denominator,status,reported_at\n{line}\n"
        (folder / "deaths.csv").write_text(text, encoding="utf-8")


def handed_out(
    template: Path, target: Path, hidden: int, office: bool = False
) -> tuple[dict[str, bytes], dict[str, str], Path]:
    """Tables and pages for the public with so many deaths in the small district; with or without those of the office beside them."""
    shutil.copytree(template, target)
    deaths_of(target, hidden)
    for area in DISTRICTS:
        assessed_only(target, area, 2025)
    if office:
        cities.compare(target, cities.read_city(target), 2025)
    folder = cities.compare(target, cities.read_city(target), 2025, audience="public")
    page = open_city("city", 2025, target, audience="public")
    parts = ("masthead", "outlooks", "movement", "matrix", "standings", "spreads", "rates", "wholes", "hard_everywhere")
    parts += ("standing_out", "both_red", "gaps", "targets", "how")
    shown = {name: getattr(page, name)()._repr_html_() for name in parts}
    shown |= {d.text("domain"): domain_page(page, d)._repr_html_() for d in page.records("domains")}
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}, shown, target


@pytest.fixture(scope="module")
def two(template, tmp_path_factory):
    home = tmp_path_factory.mktemp("two")
    return handed_out(template, home / "one", 1), handed_out(template, home / "four", 4, office=True)


def test_nothing_handed_out_differs_with_a_hidden_count(two):
    """Not even where the city's own published total, which holds it, differs with it."""
    (tables, pages, _), (others, other_pages, _) = two
    assert set(tables) == set(others)
    assert [name for name in tables if tables[name] != others[name]] == []
    assert [name for name in pages if pages[name] != other_pages[name]] == []


def test_the_citys_total_less_the_other_districts_gives_no_hidden_count(two):
    _, _, root = two[1]
    office, public = (cities.home(root, "city", 2025, audience) for audience in ("internal", "public"))
    whole = read_table(office / "wholes.csv").set_index("series").loc[SERIES]
    assert whole["districts"] == 5 and whole["published"] > 0  # the office sees both
    shown = read_table(public / "wholes.csv").set_index("series").loc[SERIES]
    assert shown["districts"] == 4 and pd.isna(shown["published"]) and pd.isna(shown["agrees"])
    # what the four districts add up to, (60 + 62 + 63 + 64) of 120 000, and nothing of the fifth
    assert shown["whole"] == pytest.approx(249 / 120_000 * 1e5, abs=1e-6)
    assert SMALL not in set(read_table(public / "rates.csv").query("series == @SERIES")["area"])


def test_the_public_is_not_told_whom_to_blame_nor_a_digest_of_what_it_does_not_see(two):
    _, pages, root = two[0]
    info = read_json(cities.home(root, "city", 2025, "public") / "city.json")
    assert "made_of" not in info and info["audience"] == "public"
    verdicts = read_table(cities.home(root, "city", 2025, "public") / "verdicts.csv")
    assert verdicts["lead_unit"].isna().all() and not verdicts["alerts"].fillna("").str.contains("both_red").any()
    assert pages["both_red"] == pages["gaps"] == ""
    assert "2025-public/" in pages["women.health"] and f"../../{SMALL}/2025/" not in pages["women.health"]


def test_series_that_are_shown_everywhere_keep_the_citys_value(two):
    """What is withheld is withheld series by series, not all of it."""
    _, _, root = two[0]
    shown = read_table(cities.home(root, "city", 2025, "public") / "wholes.csv")
    assert (shown["districts"] == 5).any() and shown["whole"].notna().any()


def test_papers_count_in_numbers_and_tell_the_public_of_no_unit(two):
    """On paper and in the workbook a target's districts are numbers in columns, not a sentence in a cell said twice."""
    import io

    import openpyxl
    from docx import Document

    from plananalysis.pages.papers.overviews import city_papers

    _, _, root = two[1]
    notebook = ROOT / "notebooks" / "6_city_overview.ipynb"
    made = {a: city_papers(open_city("city", 2025, root, audience=a), notebook) for a in ("internal", "public")}
    books = {a: openpyxl.load_workbook(io.BytesIO(makers["tables.xlsx"]())) for a, makers in made.items()}
    heads = {a: [c.value for c in book["目标与区县"][3]] for a, book in books.items()}
    assert heads["internal"][0] == "责任单位" and "责任单位" not in heads["public"]
    assert "数据缺口" in books["internal"].sheetnames and "数据缺口" not in books["public"].sheetnames
    targets = read_table(cities.home(root, "city", 2025) / "targets.csv").set_index("series")
    for line in books["internal"]["目标与区县"].iter_rows(min_row=4, values_only=True):
        row = dict(zip(heads["internal"], line, strict=True))
        code = str(row["指标"]).split()[0]
        assert row["达标困难"] == targets.loc[code, "hard"] and row["数据不足"] == targets.loc[code, "no_data"]
    report = Document(io.BytesIO(made["internal"]["report.docx"]()))
    (table,) = [t for t in report.tables if len(t.rows) > 30]
    counts = [c.text for c in table.rows[0].cells]
    assert counts[:3] == ["指标", "2030年目标", "已达标"] and "责任单位" not in counts


def test_a_hidden_value_is_on_no_map(two):
    """Its square is empty, as that of a district without a value, and the map's words do not tell the one from the other."""
    _, pages, root = two[1]
    part = next(p for p in pages["women.health"].split("<section")[1:] if f'id="{SERIES}"' in p.split(">")[0])
    drawn = re.search(r"<svg[^>]*tile-map.*?</svg>", part)[0]
    values = re.findall(r">(—|[\d.]+)</text>", drawn)
    assert values.count("—") == 1 and len(values) == len(DISTRICTS) and "没有数值或不公开" in drawn
    office = domain_page(
        open_city("city", 2025, root), open_city("city", 2025, root).records("domains")[0]
    )._repr_html_()
    assert "没有数值或不公开" not in office
