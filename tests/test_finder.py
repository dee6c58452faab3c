"""finder: what a page can be searched for, and the home page that it stands on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from paper_bundle import FORM, derive, project
from paper_edition import row, small, text_of

from plananalysis import bundles
from plananalysis.base.text import speaking
from plananalysis.reports import home, summary
from plananalysis.reports.finder import finder, index

PLAN = """series,role,domain,domain_name,domain_name_en,name,unit,responsible_units,responsible_names
W03,target,women.health,妇女健康,Women and health,孕产妇死亡率,1/10万,health,区卫健委
W05,compound,women.health,妇女健康,Women and health,筛查率,%,health;women,区卫健委;区妇联
W05.1,part,women.health,妇女健康,Women and health,</script>癌筛查率,%,health,区卫健委
W90,reference,women.health,妇女健康,Women and health,只供参照,%,health,区卫健委
C01,target,children.health,儿童健康,Children and health,没有这一页,‰,health,区卫健委
"""


def run(as_of: int = 2025, files: tuple[str, ...] = ("women.health.html",), **more) -> dict:
    pages = [{"file": f, "status": "rendered", "title": f} for f in ("index.html", *files)]
    variant = {"mode": "annual", "audience": "internal", "language": "zh"}
    return {"area": "paper", "name": "纸上区", "as_of": as_of, "variant": variant, "pages": pages, "documents": [],
            "fictional": True, "outline": "2021-2030", "known_on": "2026-06-30"} | more  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for year in (2024, 2025):
        folder = tmp_path / "data" / "processed" / "paper" / str(year)
        folder.mkdir(parents=True)
        (folder / "plan.csv").write_text(PLAN, encoding="utf-8-sig")
    return tmp_path


def test_what_has_a_page_is_found_and_what_has_none_is_not(root):
    made = index(root, [("paper/2025", run()), ("paper/2024", run(2024, ("women.health.html", "unit.women.html")))])
    assert [e[:2] for e in made["editions"]] == [["paper/2025", "纸上区"], ["paper/2024", "纸上区"]]
    found = {(code, name): (file, held) for code, name, _, _, _, file, held in made["rows"]}
    assert found == {
        ("W03", "孕产妇死亡率"): ("women.health.html#W03", [0, 1]),
        ("W05", "筛查率"): ("women.health.html#W05", [0, 1]),
        ("W05.1", "</script>癌筛查率"): ("women.health.html#W05.1", [0, 1]),
        ("", "妇女健康"): ("women.health.html", [0, 1]),
        ("", "区妇联"): ("unit.women.html", [1]),
    }
    row = next(r for r in made["rows"] if r[0] == "W03")
    assert row[2:5] == ["yun chan fu si wang lv", "1/10万", "妇女健康、区卫健委"]


def test_a_page_that_failed_is_not_led_to_and_no_row_leaves_no_field(root):
    held = run()
    held["pages"][1]["status"] = "missing"
    assert finder(root, [("paper/2025", held)]) == "" == finder(root, [("gone/2025", run(area="gone"))])


def test_no_name_ends_the_list_early(root):
    made = finder(root, [("paper/2025", run())])
    assert made.count("</script>") == 1
    inside = re.search(r'<script type="application/json">(.*?)</script>', made)[1]
    assert any(r[1] == "</script>癌筛查率" for r in json.loads(inside)["rows"])


def test_the_guide_of_a_package_finds_only_what_the_package_holds(tmp_path):
    root = project(tmp_path / "project")
    from dataclasses import replace

    public = replace(FORM, audience="public")
    derive(root, public)
    (FORM.tables(root) / "plan.csv").write_text(PLAN, encoding="utf-8-sig")
    bundles.publish(root, [public], tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    held = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    assert [e[0] for e in held["editions"]] == ["paper/2025-public"]
    assert len(held["rows"]) == 4 and "paper/2025/" not in page
    for line in held["rows"]:
        assert (tmp_path / "out" / "paper" / "2025-public" / line[5].partition("#")[0]).is_file()


def test_the_home_page_tells_state_date_editions_and_papers_of_each_area(root):
    outlooks = {"met_secure": 3, "hard": 1, "no_data": 2}
    papers = [
        {"paper": p, "status": "rendered", "files": {p: "sha"}}
        for p in ("report.docx", "letters/health.docx", "new.svg")
    ]
    newest = run(state={"outlooks": outlooks, "urgent": 1, "binding": 1}, documents=papers)
    late = run(2024, outdated=True)
    late["pages"][0]["outdated"] = True
    other = run(
        2024, area="other", name="邻区", fictional=False, state={"positions": {"met": 4, "not_met": 1, "unknown": 0}}
    )
    page = home.body(root, [("other/2024", other), ("paper/2025", newest), ("paper/2024", late)])
    text = text_of(page.partition("</script>")[2])
    for told in ("邻区", "已达标4项、未达标1项", "纸上区", "共6项，能研判4项。", "需要行动1项，其中约束性1项。",
                 "已达标·稳固3项、达标困难1项、数据不足2项", "2026-06-30", "各单位文件（1份）", "new.svg", "1页未更新"):  # fmt: skip
        assert told in text, told
    assert page.count("示例数据（虚构）") == 1  # beside the invented area alone
    for link in (
        "paper/2025/index.html",
        "paper/2025/documents/report.docx",
        "paper/2025/documents.html",
        "paper/2024/index.html",
    ):
        assert f'href="{link}"' in page


@pytest.mark.parametrize(
    ("noted", "told"), [({"newest_year": 2020}, "2020年"), ({"newest_year": None}, "尚无数据"), ({}, "2025年")]
)
def test_the_home_page_tells_until_when_there_are_data_as_the_brief_does(root, noted, told):
    """A district that reported nothing after its baselines has no data of the edition's year."""
    text = text_of(home.body(root, [("paper/2025", run(state=noted))]).partition("</script>")[2])
    assert re.search(rf"数据截至\s*{told}", text)


def test_in_the_target_year_the_state_is_what_was_reached_and_nothing_to_come(tmp_path):
    edition = small(tmp_path, row("W001", "met_secure"), row("W002", "hard"))
    assert "positions" not in summary._state(edition, True)
    edition.info["target_year"] = 2025
    assert summary._state(edition, True)["positions"] == {"met": 1, "not_met": 1, "unknown": 0}


def test_the_english_home_page_is_english(root):
    with speaking("en"):
        page = home.body(root, [("paper/2025", run(name="Paper district", state={"outlooks": {"likely": 2}}))])
    assert "2 targets, 2 of them with a stated outlook." in page and "1 found" not in page
    held = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    assert ["", "Women and health", "", "", "Domain", "women.health.html", [0]] in held["rows"]


def test_deciding_what_is_due_loads_nothing_that_reads_tables():
    """The lists are made by workers, which have pandas at hand; a run with nothing to do must not wait for it."""
    told = "import sys, plananalysis.reports, plananalysis.bundles.guide; print({'pandas', 'numpy', 'pypinyin'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "set()\n"
