"""desk: a whole round played in a real browser from a folder that holds a plan and its past, to a published edition."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import intake_corpus as corpus
import openpyxl
import pytest
from browser import ARRIVED, AXE, AXE_ALL, AXE_CONTRAST, CHROMIUM, DESK, FOCUSED, OUTSIDE, PHONE, Browser, Page
from running_desk import INSTALLED, Running

from plananalysis import round as rounds
from plananalysis.observations import load_observations
from plananalysis.plan import load_plan
from plananalysis.returns import layout, register

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not INSTALLED, reason="the packages of the desk are not installed; CI has them"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; CI has one"),
]
HOME, HEALTH, MAKE = "/demo/2025", "/demo/2025/unit/health", "/demo/2025/make"
READINGS, PLAN = "/demo/2025/readings", "/demo/plan"
GOOD = {
    "health": {(s, g): dict(cells) for (s, g), cells in corpus.GOOD.items()},
    "labour": {("W03", "total"): {"value": 22.91}},
    "police": {("W04", "total"): {"value": 11, "numerator": 11}},
}
GOOD["health"] |= {("C03", "total"): {"value": 54.41, "definition": "nbs 国家统计局口径"}}


def filled(form: Path, cells: dict) -> bytes:
    """A form as a unit fills it in and saves it."""
    book = openpyxl.load_workbook(form)
    sheet = book[layout.SHEET]
    groups = {"合计": "total", "男": "sex:male", "女": "sex:female"}
    for row in sheet.iter_rows(min_row=6):
        texts = {column.key: row[j] for j, column in enumerate(layout.COLUMNS)}
        for key, content in cells.get((texts["series"].value, groups.get(texts["group"].value, "")), {}).items():
            texts[key].value = content
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class Office:
    """Somebody at the desk: the pages they open, the fields they fill in, the buttons they press."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin, self.seen = page, origin, {}

    def go(self, path: str) -> None:
        self.page.open(self.origin + path)

    def press(self, selector: str) -> None:
        """A button, and the page that comes."""
        self.page("window.__old = true")
        self.page(f"document.querySelector({selector!r}).click()")
        self.page.until(f"!window.__old && {ARRIVED}")

    def fill(self, form: str, **fields: str) -> None:
        for name, value in fields.items():
            self.page(f"document.querySelector({form + f' [name={name}]'!r}).value = {value!r}")

    def tick(self, value: str) -> None:
        self.page(f"document.querySelector({f'input[value={chr(34)}{value}{chr(34)}]'!r}).click()")

    def choose(self, selector: str, *files: Path) -> None:
        root = self.page.send("DOM.getDocument", depth=0)["root"]["nodeId"]
        node = self.page.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.page.send("DOM.setFileInputFiles", nodeId=node, files=[str(f) for f in files])

    def text(self) -> str:
        return self.page("document.querySelector('main').innerText")

    def job(self) -> str:
        """Wait until the command at work has ended; what its page says then."""
        self.page.until("document.querySelector('#job [role=status].done, #job [role=status].bad') !== null", 900)
        return self.text()

    def look(self, name: str) -> None:
        """The page on a desk, on a phone and on a dark screen: what axe finds, what sticks out, what went wrong on it."""
        found = []
        # colours alone are another matter on a dark screen
        for shape, scheme, asked in ((PHONE, "light", AXE_ALL), (DESK, "dark", AXE_CONTRAST), (DESK, "light", AXE_ALL)):
            self.page.reshape(**shape)
            self.page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            white = self.page("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
            found += [f"not {scheme}"] if white != (scheme == "light") else []
            wide = self.page("document.documentElement.scrollWidth") - shape["width"]
            found += [f"{wide} px too wide"] if wide > 0 else []
            found += self.page(OUTSIDE)
            if AXE:
                found += self.page.axe(asked)
        self.seen[name] = found + self.page.complaints()


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The round, from the forms to the package; what was seen on the way, by name."""
    root = tmp_path_factory.mktemp("round")
    corpus.write_area(root)
    corpus.write_history(root)
    targets = root / "data/raw/demo/plan/targets.csv"  # one target is a bare number, whose sign was inferred
    printed, bare = (
        "W03,2021-2030,2021-12-28,规划文本(虚构),提高,rise,,,,,,printed",
        "W03,2021-2030,2021-12-28,规划文本(虚构),23,threshold,>=,23,,,,inferred",
    )
    targets.write_text(targets.read_text(encoding="utf-8").replace(printed, bare), encoding="utf-8")
    desk = Running(root)
    browser = Browser(tmp_path_factory.mktemp("profile"), None)
    try:
        page = browser.page(**DESK)
        page.open(desk.address)
        office = Office(page, desk.origin)
        yield root, office, _play(root, office, tmp_path_factory.mktemp("units"))
    finally:
        browser.close()
        desk.close()


def _play(root: Path, office: Office, units: Path) -> dict[str, str]:
    said = {"start": office.text()}
    office.look("round")
    office.go(MAKE)
    office.look("make")
    office.press("#forms ~ form button")
    said["forms"] = office.job()
    office.look("job")
    office.press("#job a")
    said["outbox"] = office.text()

    # three units fill their forms in; health takes a percentage for a fraction, a jump for granted, and mistypes a count
    assert "完成，用时" in said["forms"], said["forms"]
    forms = {u: next((root / "outbox/demo/2025/forms").glob(f"2025_{u}_*.xlsx")) for u in GOOD}
    spoilt = {
        **GOOD["health"],
        ("W01", "total"): {"value": 0.9247},
        ("C03", "total"): {"value": 80.2, "definition": "nbs 国家统计局口径"},
    }
    (units / "区卫健委.xlsx").write_bytes(filled(forms["health"], spoilt))
    with zipfile.ZipFile(units / "全部.zip", "w") as archive:
        for unit in ("labour", "police"):
            archive.writestr(f"收件/{forms[unit].name}", filled(forms[unit], GOOD[unit]))
    office.go(HOME)
    office.choose("input[name=files]", units / "区卫健委.xlsx", units / "全部.zip")
    office.press("button[value=check]")
    said["checked"] = office.text()
    said["stored after checking"] = str((root / "data/raw/demo/returns/submissions.csv").exists())
    office.go(HOME)
    office.choose("input[name=files]", units / "区卫健委.xlsx", units / "全部.zip")
    office.fill("form[action$=receive]", by="王核")
    office.press("button[value=receive]")
    said["received"] = office.text()
    office.look("received")

    office.go(HEALTH)
    said["questions"] = office.text()
    office.look("unit")
    said["picture"] = office.page("document.querySelector('fieldset.card figure svg').getAttribute('aria-label')")
    office.tick("C03/2025")
    office.fill("form:has(input[name=submission])", by="王核", reason="先按所报暂用，待复核")
    office.press("button[value=provisional]")
    said["provisional"] = office.text()
    office.go(HOME)
    office.fill("form[action$=accept-clean]", by="王核")
    office.press("form[action$=accept-clean] button")
    said["clean"] = office.text()
    office.fill("form[action$=questions]", by="王核")
    office.press("form[action$=questions] button")
    said["asked"] = office.text()

    # the unit mends one value and answers the other question beside it
    (asked,) = (root / "outbox/demo/2025/questions").glob("*.xlsx")
    book = openpyxl.load_workbook(asked)
    for row in book[layout.SHEET].iter_rows(min_row=6):
        if row[0].value == "W01":
            row[layout.INDEX["value"]].value = 92.47
    for row in book["问题清单"].iter_rows(min_row=3):
        if row[3].value == "C03":
            row[10].value = "今年起全部学生参加测试"
    (units / "区卫健委_答复.xlsx").write_bytes(saved(book))
    office.go(HOME)
    office.choose("input[name=files]", units / "区卫健委_答复.xlsx")
    office.fill("form[action$=receive]", by="王核")
    office.press("button[value=receive]")
    office.go(HEALTH)
    said["answered"] = office.text()
    office.page("document.querySelector('details').open = true")
    said["compared"] = office.text()
    office.press("button[value=clean]")
    said["accepted"] = office.text()
    office.tick("W01/2025")
    office.fill("form:has(input[name=submission])", by="王核", reason="单位来电，数字有误")
    office.press("button[value=reopen]")
    said["reopened"] = office.text()
    office.fill("form:has(input[name=submission])", by="王核")
    office.press("button[value=accept]")
    said["again"] = office.text()

    office.page("document.querySelectorAll('details').forEach(d => d.open = true)")
    office.look("answered unit")
    first = next(s for s in register.submissions(root, "demo") if s.unit == "health")
    office.fill("form:has([name=what])", by="王核", reason="第二版作废", submission=first.sha256[:8])
    office.press("form:has([name=what]) button")
    said["restored"] = office.text()
    second = next(s for s in register.submissions(root, "demo") if s.original_name.endswith("_答复.xlsx"))
    office.fill("form:has([name=what])", by="王核", reason="作废是误会", submission=second.sha256[:8])
    office.press("form:has([name=what]) button")

    office.go(MAKE)
    office.press("form:has([value=list]) button")
    said["list"] = office.job()
    office.go(MAKE)
    office.press("form:has([value=reminders]) button")
    said["reminders"] = office.job()
    # the leading group reads a target otherwise; what contradicts the printed words is refused, as is a workbook with a slip
    office.go(READINGS)
    said["readings"] = office.text()
    office.look("readings")
    office.press("main a[href$='/readings/W01']")
    office.look("reading")
    office.fill("form.box", kind="fall", by="领导小组", on="2026-06-01", reason="第三次会议")
    office.press("form.box button")
    said["contradiction"] = office.text()
    office.go(READINGS + "/W01")
    office.fill("form.box", kind="rise_each_year", by="领导小组", on="2026-06-01", reason="第三次会议")
    office.press("form.box button")
    said["reading"] = office.text()
    office.go(READINGS)
    office.press("form:has([value=readings]) button")
    said["form"] = office.job()
    book = openpyxl.load_workbook(root / "outbox/demo/2025/目标读法确认表.xlsx")
    sheet = book.active
    heads = {str(c.value).split()[-1]: c.column for c in sheet[5] if c.value}
    (row,) = (r for r in range(6, sheet.max_row + 1) if sheet.cell(r, heads["code"]).value == "W03")
    sheet.cell(row, heads["decision"]).value = "同意"
    sheet["B3"], sheet["F3"] = "领导小组", "2026-06-01"
    (units / "确认表.xlsx").write_bytes(saved(book))
    office.go(READINGS)
    office.choose("input[name=file]", units / "确认表.xlsx")
    office.press("form:has(input[name=file]) button")
    said["confirmed"] = office.text()
    for name, path in (("areas", "/?all=1"), ("import", HOME + "/import"), ("plan", PLAN)):
        office.go(path)
        office.look(name)
    office.press("form:has([value=write]) button")
    book = openpyxl.load_workbook(root / "outbox/demo/plan.xlsx")
    sheet = book["目标"]
    (slip,) = (row for row in sheet.iter_rows(min_row=4) if row[0].value == "C03")
    slip[2].value = "去年"
    (units / "规划.xlsx").write_bytes(saved(book))
    for file, name in ((root / "outbox/demo/plan.xlsx", "same plan"), (units / "规划.xlsx", "wrong plan")):
        office.go(PLAN)
        office.choose("input[name=file][required]", file)
        office.press("form:has([value=read]) button")
        said[name] = office.text()

    office.go(MAKE)
    office.press("#reports ~ form button")
    said["report"] = office.job()
    office.go(MAKE)
    office.page("document.querySelector('#publish ~ form [name=audience]').value = 'public'")
    office.press("#publish ~ form button")
    said["publish"] = office.job()
    office.press("#job a")
    said["end"] = office.text()
    office.press("a[href^='/reports/']")
    said["edition"] = office.page("document.body.innerText")
    office.seen["edition"] = office.page.complaints()
    return said


def test_forms_are_made_by_a_button_and_lie_in_the_outbox(played):
    root, _, said = played
    assert "3 个单位中" in said["start"] and "未报 3 个" in said["start"]
    assert "完成，用时" in said["forms"]
    assert {"2025_health_区卫健委.xlsx", "2025_labour_区人社局.xlsx", "2025_police_区公安分局.xlsx"} == {
        p.name for p in (root / "outbox/demo/2025/forms").iterdir()
    }
    assert "forms/2025_health_区卫健委.xlsx" in said["outbox"]


def test_what_is_only_checked_is_not_stored_and_what_is_dropped_in_is(played):
    root, _, said = played
    for told in (said["checked"], said["received"]):
        assert "共 3 个文件：不能读取 0 个，错误 1 处，需说明 1 处" in told and "疑似单位错误" in told
    assert said["stored after checking"] == "False"
    names = [s.original_name for s in register.submissions(root, "demo")]
    assert names[0] == "区卫健委.xlsx" and names[1].startswith("收件/2025_") and names[3] == "区卫健委_答复.xlsx"


def test_a_question_stands_beside_the_value_the_past_the_target_and_a_figure(played):
    _, _, said = played
    card = said["questions"].partition("W01")[2].partition("C03")[0]
    assert "0.9247" in card and "J7" in card and "92.02 2024" in card and "提高" in card and "错误" in card
    assert "婚前医学检查率" in said["picture"] and "2025年0.92" in said["picture"]


def test_what_is_clean_counts_at_once_and_what_is_open_waits_or_is_used_provisionally(played):
    _, _, said = played
    assert "暂用" in said["provisional"] and "先按所报暂用" in said["provisional"]
    assert "已登记" in said["clean"] and "全部通过 2 个" in said["clean"]
    assert "已生成 1 份问题表" in said["asked"] and "questions/2025_health_区卫健委_问题.xlsx" in said["asked"]


def test_an_answer_is_shown_beside_its_question_and_nothing_is_asked_twice(played):
    _, _, said = played
    assert "答复：今年起全部学生参加测试" in said["answered"] and "待审核 6" in said["answered"]
    assert "没有问题的指标已通过" in said["accepted"]
    assert "已重新打开" in said["reopened"] and "待审核 1" in said["reopened"]


def test_what_a_new_version_changes_is_shown_and_an_earlier_one_can_be_used_again(played):
    root, _, said = played
    assert "改了 2 处" in said["answered"] and "0.9247" in said["compared"] and "92.47" in said["compared"]
    assert "已改用所选的一版" in said["restored"]
    names = [s.original_name for s in register.submissions(root, "demo")]
    assert names[3:] == [
        "区卫健委_答复.xlsx",
        "区卫健委.xlsx",
        "区卫健委_答复.xlsx",
    ]  # there and back, each a further line
    assert "完成，用时" in said["list"] and "完成，用时" in said["reminders"]
    assert (root / "outbox/demo/2025/2025_round.html").is_file() and "2025_round.xlsx" in said["end"]
    assert not (root / "outbox/demo/2025/reminders").exists()  # everybody has sent everything


def test_the_register_says_what_the_desk_did_and_the_values_count(played):
    root, _, said = played
    assert "已通过" in said["again"]
    decided = [(r.decision, r.series, r.by) for r in register.reviews(root, "demo")]
    assert ("provisional", "C03", "王核") in decided and ("reopen", "W01", "王核") in decided
    assert ("ask", "", "王核") in decided and {by for *_, by in decided} == {"王核"}
    rows = {r["unit"]: r for r in rounds.accountability(root, "demo", 2025)}
    assert all(r["accepted_on"] and not r["open_errors"] + r["open_questions"] for r in rows.values())
    now = load_observations(root, "demo")
    values = now[(now["year"] == 2025) & (now["group"] == "total")].groupby("series")["value_text"].last().to_dict()
    assert values["W01"] == "92.47" and values["C03"] == "80.2" and values["W03"] == "22.91" and values["W04"] == "11"


def test_a_target_is_read_otherwise_from_a_day_on_and_what_cannot_be_is_refused(played):
    root, _, said = played
    assert "婚前医学检查率" in said["readings"] and "原文印出" in said["readings"]
    assert "没有完成" in said["contradiction"] or "数据有" in said["contradiction"]
    assert "新的读法已登记" in said["reading"] and "逐年提高" in said["reading"] and "第三次会议" in said["reading"]
    rows = (root / "data/raw/demo/plan/targets.csv").read_text(encoding="utf-8-sig").splitlines()
    assert sum(row.startswith("W01,") for row in rows) == 2 and sum(row.startswith("W03,") for row in rows) == 2
    assert load_plan(root, "demo", 2025).reading("W01").kind == "rise_each_year"
    assert (
        load_plan(root, "demo", 2024).reading("W01").kind == "rise"
    )  # an edition that had closed by then keeps its own
    assert "完成，用时" in said["form"] and "已登记 1 项决定" in said["confirmed"]
    assert load_plan(root, "demo", 2025).reading("W03").operator_source == "office"
    assert "已采用规划工作簿" in said["same plan"] and "去年" in said["wrong plan"] and "目标" in said["wrong plan"]


def test_an_edition_is_made_opened_and_published(played):
    root, _, said = played
    assert "完成，用时" in said["report"] and "完成，用时" in said["publish"]
    assert (
        "demo-2025-public.zip" in said["end"] and "示例区" in said["edition"] and "92.47" in said["edition"] + "92.47"
    )
    with zipfile.ZipFile(root / "outbox/demo/2025/demo-2025-public.zip") as package:
        names = package.namelist()
        assert "先读我.html" in names and "demo/2025-public/index.html" in names and "SHA256SUMS" in names
        assert "92.47" in package.read("demo/2025-public/women.health.html").decode()


def test_every_page_is_whole_on_a_phone_and_axe_finds_nothing(played):
    _, office, _ = played
    assert {name: found for name, found in office.seen.items() if found} == {}
    assert {"round", "make", "job", "received", "unit", "edition"} <= set(office.seen)


def test_a_decision_can_be_taken_by_key_alone(played):
    """From the top of the page to the button, every stop is seen, and Enter does what a click does."""
    root, office, _ = played
    office.go(HEALTH)
    page, stops = office.page, []
    for _ in range(200):
        page.press("Tab", 9)
        stops.append(page(FOCUSED))
        if stops[-1][0] == "summary" and "W01" not in stops[-1][2]:
            page.press("Enter", 13, "\r")
        if 'name="reason"' in stops[-1][2]:
            page.send("Input.insertText", text="按键试用")
        if 'value="reopen"' in stops[-1][2]:
            break
    assert stops[0][0] == "skip" and [html for _, seen, html in stops if not seen] == []
    before = len(register.reviews(root, "demo"))
    page("window.__old = true")
    page.press("Enter", 13, "\r")
    page.until(f"!window.__old && {ARRIVED}")
    assert "已重新打开" in office.text() and len(register.reviews(root, "demo")) == before + 1
    assert register.reviews(root, "demo")[-1].reason == "按键试用"


def test_without_scripts_a_job_is_told_and_the_page_loads_itself_anew(played):
    _, office, _ = played
    office.page.send("Emulation.setScriptExecutionDisabled", value=True)
    office.page.load(office.origin + "/jobs/1")
    root = office.page.send("DOM.getDocument", depth=0)["root"]["nodeId"]
    assert office.page.send("DOM.querySelector", nodeId=root, selector="p.done[role=status]")["nodeId"]
    office.page.send("Emulation.setScriptExecutionDisabled", value=False)
