"""What a reader finds and takes along in a real browser: the search of the home page, menus, and the files under a figure."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import time
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browser import ARRIVED, CHROMIUM, DESK, PHONE, Page

from plananalysis.base.pinyin import syllables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; CI has one"),
]
FOUND = "[...document.querySelectorAll('.find li')].map(li => [li.querySelector('a').textContent, li.querySelector('a').getAttribute('href')])"
STATUS = "document.querySelector('.find [role=status]').textContent"
FOCUS = "document.activeElement.outerHTML.slice(0, 60)"


@pytest.fixture()
def home(paper, proxied):
    page = proxied[0].page(**DESK)
    page.open((paper / "index.html").as_uri() + "#find")
    yield page
    assert page.complaints() == [] and proxied[1] == []
    page.close()


def type_in(page: Page, text: str) -> list[list[str]]:
    page("document.querySelector('.find input').select()")
    page.send("Input.insertText", text=text) if text else page.press("Delete", 46)
    return page(FOUND)


# ---- search --------------------------------------------------------------------------------------------------------


def test_the_field_has_the_keyboard_where_a_page_leads_to_it(home):
    assert home("document.activeElement.id") == "find" and home(FOUND) == [] and home(STATUS) == ""


@pytest.mark.parametrize("typed", ["w003", "指标W003", "zhibiaow003", "zbw003", "ｗ００３", "health W003 纸上区"])
def test_a_target_is_found_by_code_name_pinyin_and_more(home, typed):
    first = type_in(home, typed)[0] if "health" not in typed else (type_in(home, "区卫健委 W003 纸上区") or [None])[0]
    assert first == ["W003指标W003", "paper/2025/children.health.html#W003"]


def test_units_and_domains_are_found_and_nonsense_is_not(home):
    assert ["区教委", "paper/2025/unit.education.html"] in type_in(home, "qjw")
    assert ["儿童健康", "paper/2025/children.health.html"] in type_in(home, "ertong")
    assert type_in(home, "孕产妇") == [] and home(STATUS) == "没有找到。"
    assert len(type_in(home, "%")) == 12 and home(STATUS) == "找到12项。"
    assert type_in(home, "") == [] and home(STATUS) == "" and home("location.hash") == ""


def test_what_was_found_is_reached_by_key_and_can_be_handed_on(home, proxied, paper):
    type_in(home, "指标")
    for key, code in (("ArrowDown", 40), ("ArrowDown", 40), ("ArrowUp", 38)):
        home.press(key, code)
    assert "women.health.html#W001" in home(FOCUS) or "children.health" in home(FOCUS)
    address = home("location.href")
    home.press("Escape", 27)
    assert home("document.activeElement.id") == "find" and home(FOUND) == []
    other = proxied[0].page(**PHONE)
    other.open(address)
    assert len(other(FOUND)) == 12 and other("document.documentElement.scrollWidth") == PHONE["width"]
    assert other("window.__moved") == 0
    other.close()
    type_in(home, "W004")
    home.press("Enter", 13, "\r")
    home.until(f"location.pathname.endsWith('/women.health.html') && {ARRIVED}")
    assert home("location.hash") == "#W004"


NAMES = {
    "W01": "婚前医学检查率", "W03": "孕产妇死亡率", "W05a": "适龄妇女宫颈癌人群筛查率", "W05b": "适龄妇女乳腺癌人群筛查率",
    "W31a": "村委会成员中女性比例", "W43": "女性法官占比", "C04": "5岁以下儿童死亡率", "C10b": "小学生近视率", "C13a": "每千名儿童拥有儿科执业(助理)医生数",
    "C19": "学前教育毛入园率", "C22": "高中阶段毛入学率", "C25": "儿童参加城乡居民基本医疗保险覆盖率", "C26": "残疾儿童康复服务覆盖率",
}  # fmt: skip
SOUGHT = {
    **{"乳腺癌筛查": "W05b", "女性宫颈癌筛查比例": "W05a", "婚检率": "W01", "村委会女性": "W31a", "女法官": "W43", "高中入学率": "C22"},
    **{"五岁以下死亡率": "C04", "儿科医生": "C13a", "小学近视": "C10b", "近视lv": "C10b", "幼儿园入园率": "C19", "孩子近视": "C10b"},
    **{"w3": "W03", "canji": "C26", "jingshi": "C10b", "yùnchǎnfù": "W03", "hqjc": "W01", "卫生局": "区卫健委", "离婚率": None},
}  # fmt: skip


def test_names_are_found_as_people_say_and_type_them(proxied, paper, tmp_path):
    """Half a name, its parts apart, another word for the same, sounds not told apart, a code without its noughts."""
    rows = [[code, name, " ".join(syllables(name)), "", "", f"x.html#{code}", [0]] for code, name in NAMES.items()]
    rows.append(["", "区卫健委", " ".join(syllables("区卫健委")), "", "", "x.html", [0]])
    held = json.dumps({"editions": [["x", "甲区", "2025年"]], "rows": rows}, ensure_ascii=False)
    file = tmp_path / "index.html"
    shown = (paper / "index.html").read_text(encoding="utf-8")
    file.write_text(
        re.sub(r'(<script type="application/json">).*?(</script>)', rf"\1{held}\2", shown, flags=re.S), "utf-8"
    )
    page = proxied[0].page(**DESK)
    page.open(file.as_uri())
    found = {}
    for sought in SOUGHT:
        page(
            f"(f => {{ f.value = {json.dumps(sought)}; f.dispatchEvent(new Event('input')); }})(document.querySelector('#find'))"
        )
        name, target = next(iter(page(FOUND)), [None, ""])
        found[sought] = target.partition("#")[2] or name
    page.close()
    assert found == SOUGHT


def test_without_scripts_there_is_no_field_and_every_edition_is_listed(paper, proxied):
    page = proxied[0].page(**DESK)
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    page.load((paper / "index.html").as_uri())
    root = page.send("DOM.getDocument", depth=0)["root"]["nodeId"]
    page.send("CSS.enable")

    def node(selector: str) -> int:
        return page.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]

    styles = page.send("CSS.getComputedStyleForNode", nodeId=node(".find"))["computedStyle"]
    assert {s["name"]: s["value"] for s in styles}["display"] == "none"
    assert node("table.editions a[href='paper/2025/index.html']") and node("a[href='paper/2025/documents/report.docx']")
    page.close()


# ---- menus ---------------------------------------------------------------------------------------------------------


def test_menus_open_by_key_one_at_a_time_and_lead_to_pages_and_places(paper, proxied):
    page = proxied[0].page(**DESK)
    folder = paper / "paper" / "2025"
    page.open((folder / "women.health.html").as_uri())
    links = page("[...document.querySelectorAll('nav details a')].map(a => a.getAttribute('href'))")
    assert {"children.health.html", "unit.education.html", "#W002", "#q1"} <= set(links)
    assert [a for a in links if not a.startswith("#") and not (folder / a).is_file()] == []
    assert page(f"{[a for a in links if a[0] == '#']}.filter(a => !document.getElementById(a.slice(1)))") == []
    page("document.querySelector('nav summary').focus()")
    page.press("Enter", 13, "\r")
    assert page("document.querySelector('nav details').open")
    box = "document.querySelector('nav details > div').getBoundingClientRect()"
    assert page(f"{box}.left >= 0 && {box}.right <= innerWidth")
    page.press("Escape", 27)
    assert (
        not page("document.querySelector('nav details').open") and page("document.activeElement.tagName") == "SUMMARY"
    )
    page("document.querySelectorAll('nav summary')[0].click(); document.querySelectorAll('nav summary')[1].click()")
    assert page("document.querySelectorAll('nav details[open]').length") == 1
    turns = page("[...document.querySelectorAll('nav.turns a')].map(a => a.getAttribute('href'))")
    assert turns == ["women.law.html"]  # the first of the plan has none before it
    assert page("window.__moved") == 0 and page.complaints() == []
    page.close()


# ---- files under figures -------------------------------------------------------------------------------------------


def taken(proxied, page: Page, figure: str, folder: Path) -> dict[str, bytes]:
    """The files of a figure by their names, each button pressed by key."""
    proxied[0].send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    buttons = f"document.querySelector('{figure}').querySelectorAll('.take button')"
    for n in range(page(f"{buttons}.length")):
        page(f"{buttons}[{n}].focus()")
        page.press("Enter", 13, "\r")
        until = time.monotonic() + 120
        while len([p for p in folder.iterdir() if p.suffix in (".csv", ".svg", ".png")]) <= n:
            assert time.monotonic() < until, [p.name for p in folder.iterdir()]
            time.sleep(0.05)
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def files(paper, proxied, tmp_path_factory) -> dict[str, bytes]:
    page = proxied[0].page(**DESK)
    page.open((paper / "paper" / "2025" / "children.health.html").as_uri())
    found = taken(proxied, page, "#W003 .pair figure", tmp_path_factory.mktemp("taken"))
    assert page.complaints() == [] and proxied[1] == []
    page.close()
    return found


def test_a_figure_gives_three_files_that_say_what_they_are(files):
    assert set(files) == {f"paper-2025_W003_指标W003.{kind}" for kind in ("csv", "svg", "png")}


def test_the_csv_has_a_line_a_year_with_numbers_source_and_mark(files):
    """Six observed years rise by one to 85 or 70, and the median of 2030 is 75: as the paper edition was written."""
    data = files["paper-2025_W003_指标W003.csv"]
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [r["年份"] for r in rows] == [str(y) for y in range(2020, 2031)]
    assert [float(r["实际值"]) for r in rows if r["实际值"]] == [65, 66, 67, 68, 69, 70]
    last = rows[-1]
    assert (float(last["预测中位数"]), float(last["80%预测区间 下限"]), float(last["80%预测区间 上限"])) == (75, 70, 82)
    assert [r["来源"] for r in rows] == ["甲表", "甲表", "甲表", "乙报", "", "甲表", *[""] * 5]
    assert float(last["达到目标所需值"]) == 80 and last["实际值"] == ""
    for r in rows:
        assert (r["指标代码"], r["名称"], r["计量单位"]) == ("W003", "指标W003", "%")
        assert "版本号 paper-2025" in r["引自"] and r["说明"] == "示例数据（虚构）"


def test_the_svg_stands_by_itself_with_title_source_mark_and_letters(files):
    text = files["paper-2025_W003_指标W003.svg"].decode("utf-8")
    tree = ElementTree.fromstring(text)
    told = [t.text for t in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert told[0] == "W003 指标W003（%）" and any("2030" in (t or "") for t in told)
    foot = "".join(told[-3:])
    assert "示例数据（虚构）" in foot and "版本号 paper-2025" in foot
    assert "@font-face" in text and not re.search(r"""(?:href|src)=["']?http""", text)
    assert tree.get("aria-label").startswith("指标W003")


def test_the_png_is_the_same_drawing_three_times_as_large(files):
    data = files["paper-2025_W003_指标W003.png"]
    assert data.startswith(b"\x89PNG")
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    tree = ElementTree.fromstring(files["paper-2025_W003_指标W003.svg"].decode("utf-8"))
    assert (width, height) == (3 * round(float(tree.get("width"))), round(3 * float(tree.get("height"))))
    body, at = b"", 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body += data[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    pixels = zlib.decompress(body)
    assert depth == 8 and len(pixels) == height * (1 + width * {2: 3, 6: 4}[colour])
    assert len(set(pixels)) > 50, "the picture is blank"


def test_the_rows_that_a_reader_has_sifted_are_taken_as_they_are_shown(paper, proxied, tmp_path):
    page = proxied[0].page(**DESK)
    page.open((paper / "paper" / "2025" / "index.html").as_uri())
    table = "document.querySelector('table.rows.sorted')"
    page(
        f"(() => {{ const f = {table}.closest('.scroll').previousElementSibling.querySelector('input');"
        "f.value = '达标极难'; f.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    shown = page(
        f"[...{table}.querySelectorAll('tbody tr:not(.group)')].filter(r => r.offsetHeight).map(r => r.querySelector('.code').textContent)"
    )
    page(f"{table}.closest('.scroll').nextElementSibling.id = 'rows'")
    files = taken(proxied, page, ":has(> #rows)", tmp_path)
    rows = list(csv.DictReader(io.StringIO(next(iter(files.values())).decode("utf-8-sig"))))
    assert 0 < len(shown) < 12 and [r["指标"].split()[0] for r in rows] == shown
    assert {r["展望"][:4] for r in rows} == {"达标极难"} and {r["说明"] for r in rows} == {"示例数据（虚构）"}
    assert {r["分组"] for r in rows} <= {"妇女发展规划 · 妇女健康", "儿童发展规划 · 儿童健康"}
    page.close()


def test_cards_lead_to_the_ones_before_and_after(paper, proxied):
    page = proxied[0].page(**PHONE)
    page.open((paper / "paper" / "2025" / "women.health.html").as_uri())
    cards = page("[...document.querySelectorAll('article.series')].map(c => '#' + c.id)")
    ways = page(
        "[...document.querySelectorAll('p.turns')].map(p => [...p.querySelectorAll('a')].map(a => a.getAttribute('href')))"
    )
    assert ways == [[*cards[max(i - 1, 0) : i], *cards[i + 1 : i + 2]] for i in range(len(cards))]
    page.close()


def test_every_figure_of_every_page_offers_its_data(paper, proxied):
    page = proxied[0].page(**DESK)
    for file in sorted((paper / "paper" / "2025").glob("*.html")):
        page.open(file.as_uri())
        offered = "[...document.querySelectorAll('main figure, main .counts-block')].filter(f => !f.closest('.legend')).map(f => f.querySelectorAll('.take button').length)"
        assert set(page(offered)) <= {3}, file.name
        assert page("window.__moved") == 0, file.name
    page.close()


def test_the_bar_of_outlooks_gives_its_counts(paper, proxied, tmp_path):
    """Twelve rows: one of each outlook, and two more hard and very hard ones."""
    page = proxied[0].page(**DESK)
    page.open((paper / "paper" / "2025" / "index.html").as_uri())
    files = taken(proxied, page, ".counts-block", tmp_path)
    data = files["paper-2025_目标展望的分布.csv"]
    rows = {r["项"]: int(r["个数"]) for r in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}
    assert rows["达标困难"] == rows["达标极难"] == 3 and sum(rows.values()) == 12 and len(rows) == 8
    page.close()
