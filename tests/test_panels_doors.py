"""What comes in at a panel's door: every bad cell is told with its county and row, and nothing good is overwritten or lost."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_city import HEALTH, trim_nation

from plananalysis.cli import run_command
from plananalysis.panels import Here, columnar, nation
from plananalysis.simulate import simulate_nation

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(not find_spec("pyarrow"), reason="needs the extra columnar")
FILE = Path("data", "raw", "nation", columnar.OBSERVATIONS)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("three")
    simulate_nation(ROOT, 3, seed=3, target=root)
    trim_nation(root, HEALTH)
    return root


@pytest.fixture
def root(three: Path, tmp_path: Path) -> Path:
    shutil.copytree(three / "data" / "raw", tmp_path / "data" / "raw")
    return tmp_path


def rows_of(root: Path) -> pd.DataFrame:
    rows = pd.read_parquet(root / FILE)
    texts = [c for c in rows if isinstance(rows[c].dtype, pd.CategoricalDtype)]
    return rows.astype(dict.fromkeys(texts, object))


def put(root: Path, rows: pd.DataFrame) -> None:
    """The file as another program writes it: one row group an area, types as pandas has them."""
    rows.to_parquet(root / FILE, index=False, row_group_size=max(len(rows) // 3, 1))


def run(root: Path) -> nation.Nation:
    return nation.run(root, "nation", Here(), n_paths=20)


def test_a_panel_is_no_area_for_report_whose_edition_would_overwrite_its_brief(root, capsys):
    brief = root / "reports" / "nation" / "2025" / "index.html"
    brief.parent.mkdir(parents=True)
    brief.write_text("the brief", encoding="utf-8")
    for command in (
        ["report"],
        ["report", "--area", "nation"],
        ["build"],
        ["documents"],
        ["publish", "--to", str(root / "out")],
    ):
        assert run_command([*command, "--root", str(root)]) == 2, command
        assert "plananalysis nation --area nation" in capsys.readouterr().err
    assert brief.read_text(encoding="utf-8") == "the brief" and len(list(brief.parent.iterdir())) == 1
    assert not (root / "data" / "processed" / "nation").exists()


def test_check_looks_at_the_rows_of_a_panel(root, capsys):
    assert run_command(["check", "--root", str(root)]) == 0
    assert "未发现问题" in capsys.readouterr().out
    rows = rows_of(root)
    bad = np.flatnonzero((rows["area"] == "sim-0002") & (rows["series"] == "W03"))[0]
    rows.loc[bad, "status"] = "X"
    put(root, rows)
    assert run_command(["check", "--root", str(root)]) == 3
    told = capsys.readouterr()
    assert f"observations.parquet 第{bad + 1}行“status”列" in told.err and "未发现问题" not in told.out


def cell(rows: pd.DataFrame, area: str, series: str = "W03", at: int = 0) -> int:
    return int(np.flatnonzero((rows["area"] == area) & (rows["series"] == series) & (rows["group"] == "total"))[at])


def told(done: nation.Nation) -> dict[str, list[tuple[int, str, str]]]:
    return {a: [(p.row, p.column, p.found) for p in found] for a, found in done.failed.items()}


def test_a_null_year_or_text_among_numbers_keeps_its_county_out_and_no_other(root):
    rows = rows_of(root)
    first, second = cell(rows, "sim-0001"), cell(rows, "sim-0002")
    rows["year"] = rows["year"].astype("Int64")
    rows.loc[first, "year"] = pd.NA
    rows["value"] = rows["value"].map(lambda v: None if pd.isna(v) else repr(v))
    rows.loc[second, "value"] = "约95"
    put(root, rows)
    done = run(root)
    assert told(done) == {"sim-0001": [(first + 1, "year", "")], "sim-0002": [(second + 1, "value", "约95")]}
    assert (done.areas, done.folder is not None) == (1, True)


@pytest.mark.parametrize("kind", ["int64", "float64"])
def test_codes_written_as_numbers_are_read_as_text(root, three, kind):
    codes = {"sim-0001": "500101", "sim-0002": "500102", "sim-0003": "500103"}
    rows = rows_of(root)
    put(root, rows.assign(area=rows["area"].map(codes).astype(kind)))
    listed = root / "data" / "raw" / "nation" / columnar.AREAS
    text = listed.read_text(encoding="utf-8-sig")
    for old, new in codes.items():
        text = text.replace(old, new)
    listed.write_text(text, encoding="utf-8")
    done = run(root)
    assert (done.areas, done.failed, done.strangers) == (3, {}, {})
    found = pd.read_parquet(nation.home(root, "nation", 2025) / nation.TABLE)
    assert found.groupby("area")["value"].count().index.tolist() == list(codes.values())
    assert found["value"].notna().sum() > 100


def test_rows_of_nobody_are_listed(root, capsys):
    rows = rows_of(root)
    renamed = np.flatnonzero(rows["area"] == "sim-0002")
    lost = cell(rows, "sim-0003")
    rows.loc[renamed, "area"] = "sim-0002x"
    rows.loc[lost, "area"] = None
    put(root, rows)
    assert run_command(["nation", "--root", str(root)]) == 3
    said = capsys.readouterr().err
    assert f"observations.parquet 第{renamed[0] + 1}行" in said and "sim-0002x" in said
    assert f"第{lost + 1}行" in said
    table = pd.read_csv(nation.home(root, "nation", 2025) / "failed.csv", encoding="utf-8-sig", dtype=str)
    assert table["row"].tolist() == [str(lost + 1), str(renamed[0] + 1)]
    page = (root / "reports" / "nation" / "2025" / "index.html").read_text(encoding="utf-8")
    assert f"{len(renamed) + 1:,}" in page and "地区名单" in page
    assert run_command(["check", "--root", str(root)]) == 3
    assert "sim-0002x" in capsys.readouterr().err


def test_values_that_cannot_be_keep_their_county_out_unless_corrected(root):
    rows = rows_of(root)
    below, above, mended = cell(rows, "sim-0001"), cell(rows, "sim-0002"), cell(rows, "sim-0003")
    rows.loc[below, "value"] = -5.0
    share = np.flatnonzero((rows["area"] == "sim-0002") & (rows["series"] == "W10"))
    rows.loc[share, ["numerator", "denominator"]] = np.nan
    rows.loc[share[-1], ["value", "numerator", "denominator"]] = [90.0, 300.0, 100.0]
    later = rows.loc[[mended]].assign(reported_at="2025-12-01")
    rows.loc[mended, "value"] = -5.0
    rows = pd.concat([rows, later]).sort_values("area", kind="stable").reset_index(drop=True)
    put(root, rows)
    done = run(root)
    assert told(done) == {
        "sim-0001": [(below + 1, "value", "-5.0")],
        "sim-0002": [(int(share[-1]) + 1, "numerator", "300.0")],
    }
    assert (done.areas, above > 0) == (1, True)


def test_a_group_that_is_none_is_told(root):
    rows = rows_of(root)
    at = cell(rows, "sim-0002")
    rows.loc[at, "group"] = "女"
    put(root, rows)
    assert told(run(root)) == {"sim-0002": [(at + 1, "group", "女")]}


@pytest.mark.parametrize("spoil", ["year", "area"])
def test_the_last_good_brief_stays_when_nothing_sound_is_left(root, capsys, spoil):
    assert run_command(["nation", "--root", str(root)]) == 0
    kept = [*nation.home(root, "nation", 2025).iterdir(), root / "reports" / "nation" / "2025" / "index.html"]
    before = {p: p.read_bytes() for p in kept}
    rows = rows_of(root)
    put(root, rows.assign(year=202501) if spoil == "year" else rows.assign(area=rows["area"] + "x"))
    capsys.readouterr()
    assert run_command(["nation", "--root", str(root)]) == 3
    said = capsys.readouterr()
    assert "没有一个地区可以研判" in said.err and "--shard" not in said.out + said.err
    assert {p: p.read_bytes() for p in before} == before


def test_a_second_run_of_a_nation_is_told_to_wait(root, capsys):
    from plananalysis.base.publication import lock

    with lock(root, "nation.1-1"):
        assert run_command(["nation", "--root", str(root)]) == 5
    assert "正由另一次运行处理" in capsys.readouterr().err


def test_all_of_a_nation_is_there_in_english_names_without_one_as_they_are_spelt(root):
    import re

    from docx import Document
    from openpyxl import load_workbook

    listed = root / "data" / "raw" / "nation" / columnar.AREAS
    names = "sim-0001,江北区,,重庆市,Chongqing\nsim-0002,模拟2县,County 2,浙江省,\nsim-0003,渝北区,,浙江省,\n"
    listed.write_text("area,name,name_en,group,group_en\n" + names, encoding="utf-8")
    rows = rows_of(root)
    rows.loc[np.flatnonzero(rows["area"] == "sim-0003")[0], "status"] = "X"
    put(root, rows)
    assert run_command(["nation", "--root", str(root), "--lang", "en"]) == 3
    folder = root / "reports" / "nation" / "2025-en"
    told = {}
    for name in ("index", "areas"):
        page = (folder / f"{name}.html").read_text(encoding="utf-8")
        assert 'lang="en"' in page
        text = re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", page[page.index("<body") :], flags=re.S)
        assert not re.findall(r"[\u4e00-\u9fff]+", text)
        told[name] = text
    assert "Which targets are in difficulty most widely?" in told["index"] and "aternal mortality" in told["index"]
    assert "Yubei Qu" in told["index"] and "3 names have no English form" in told["index"]  # the area left out, too
    assert all(name in told["areas"] for name in ("Jiangbei Qu", "Chongqing", "County 2", "Zhejiang Sheng"))
    book = load_workbook(folder / "documents" / "tables.xlsx")
    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    heads = [row for sheet in book for row in sheet.iter_rows(values_only=True) if "Met, secure" in row]
    assert len(heads) == 1  # the sheet of all targets counts every outlook
    for table in Document(folder / "documents" / "report.docx").tables:  # where a page draws, paper counts
        heads, *lines = [[cell.text for cell in row.cells] for row in table.rows]
        assert not any("Spread" in text or "Outlooks" in text for line in (heads, *lines) for text in line)
        if "Hard" in heads and "Indicator" in heads:
            assert {sum(map(int, line[-5:])) for line in lines} == {2}  # one of three areas was left out
    assert any("Jiangbei Qu" in text for text in cells) and not [t for t in cells if re.search(r"[\u4e00-\u9fff]", t)]


def test_in_the_target_year_a_nations_pages_tell_what_was_reached_and_expect_nothing(tmp_path):
    import re

    from plananalysis.base.tables import read_table

    simulate_nation(ROOT, 3, seed=3, target=tmp_path, as_of=2030)
    assert run_command(["nation", "--root", str(tmp_path), "--workers", "1"]) == 0
    verdicts = pd.read_parquet(nation.home(tmp_path, "nation", 2030) / nation.TABLE)
    position = verdicts.loc[verdicts["role"].astype(str) != "part", "position"].astype(str)
    met, not_met = (position == "met").sum(), (position == "not_met").sum()
    pages = [
        (tmp_path / "reports" / "nation" / "2030" / f"{name}.html").read_text("utf-8") for name in ("index", "areas")
    ]
    texts = [
        re.sub(
            r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", p[p.index("<main") : p.index("</main")], flags=re.S
        )
        for p in pages
    ]
    assert f"能够判断的{met + not_met}项中：达到目标{met}项、未达到目标{not_met}项" in texts[0]
    assert not [
        w for w in ("可作展望", "达标困难和达标极难", "达标概率的分布", "地区展望", "预计") if w in "".join(texts)
    ]
    areas = read_table(nation.home(tmp_path, "nation", 2030) / "areas.csv")
    assert areas["hard"].sum() == not_met and areas["able"].sum() == met + not_met
