"""The round by commands: from a folder that holds nothing but the office's rules to a published edition, as a year brings it.

A first round of past years by mail, a yearly round with spoilt forms, questions and answers, a value used provisionally, an accepted return
reopened, a date corrected after an edition has closed, a changed reading, and what readers get in the end.
"""

import csv
import io
import re
import shutil
import zipfile
from email.message import EmailMessage
from pathlib import Path

import intake_corpus as corpus
import openpyxl
import pytest

from plananalysis import cli
from plananalysis.returns import layout, register

PROJECT = Path(__file__).parents[1]
GROUPS = {"合计": "total", "男": "sex:male", "女": "sex:female"}
LED = {"health": ("W01", "W02", "C01", "C02", "C03"), "labour": ("W03",), "police": ("W04",)}
NAMES = {"health": "区卫健委", "labour": "区人社局", "police": "区公安分局"}
YEARLY = {**corpus.GOOD, ("W03", "total"): {"value": 22.91}, ("W01", "total"): {"value": 92.47}}
YEARLY[("C03", "total")] = {"value": 54.41, "definition": "nbs 国家统计局口径"}


def filled(form: Path, cells: dict) -> bytes:
    """A form as a unit fills it in: ``cells`` by series, group and year (a form of one year without), then column."""
    book = openpyxl.load_workbook(form)
    for row in book[layout.SHEET].iter_rows(min_row=6):
        texts = {column.key: row[j] for j, column in enumerate(layout.COLUMNS)}
        place = (texts["series"].value, GROUPS.get(texts["group"].value, ""))
        for key, content in (cells.get((*place, texts["year"].value)) or cells.get(place, {})).items():
            texts[key].value = content
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_csv(data: bytes) -> bytes:
    """What a unit gets that saves its form as CSV: the sheet in sight, in the bytes of a Chinese Windows."""
    text = io.StringIO()
    sheet = openpyxl.load_workbook(io.BytesIO(data))[layout.SHEET]
    csv.writer(text).writerows([["" if c is None else c for c in row] for row in sheet.iter_rows(values_only=True)])
    return text.getvalue().encode("gb18030")


def copied(data: bytes) -> bytes:
    """A table copied to a workbook of its own: no hidden sheet, no formats."""
    sheet, new = openpyxl.load_workbook(io.BytesIO(data))[layout.SHEET], openpyxl.Workbook()
    new.active.title = "Sheet1"
    for row in sheet.iter_rows(values_only=True):
        new.active.append(row)
    stream = io.BytesIO()
    new.save(stream)
    return stream.getvalue()


def mail(name: str, data: bytes, day: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Date"] = "unit@example.org", "office@example.org", day
    message.set_content("请查收。")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def history(past: str) -> dict:
    """The past of the invented area, cell by cell, as its units hold it."""
    scratch: dict = {}
    for line in csv.DictReader(io.StringIO(past)):
        cells = {c: float(line[c]) for c in ("value", "numerator", "denominator") if line[c]}
        more = {"definition": "nbs 国家统计局口径"} if line["series"] == "C03" else {}
        scratch[line["series"], line["group"], int(line["year"])] = {**cells, **more}
    return scratch


class Office:
    """Somebody at the terminal; ``commands`` counts what they typed."""

    def __init__(self, root: Path, capsys) -> None:
        self.root, self.capsys, self.commands = root, capsys, 0

    def __call__(self, *words: str, code: int = 0) -> str:
        self.commands += 1
        found = cli.run_command([*words, "--root", str(self.root)])
        told = self.capsys.readouterr()
        assert found == code, (words, told.out[-3000:], told.err[-3000:])
        return told.out + told.err

    def table(self, year: int, name: str) -> list[dict[str, str]]:
        path = self.root / "data" / "processed" / "demo" / str(year) / f"{name}.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def row(self, year: int, series: str) -> dict[str, str]:
        return next(r for r in self.table(year, "assessments") if r["series"] == series)


@pytest.fixture
def office(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where a new area's workbook is left
    raw = tmp_path / "office" / "data" / "raw"
    raw.mkdir(parents=True)
    shutil.copy(PROJECT / "data" / "raw" / "thresholds.toml", raw)
    return Office(tmp_path / "office", capsys)


BY = ("--by", "监测组")


@pytest.mark.slow
def test_a_round_by_commands_from_an_empty_folder_to_a_published_edition(office, tmp_path):
    scratch, units, root = tmp_path / "scratch", tmp_path / "units", office.root
    corpus.write_area(scratch)
    corpus.write_history(scratch)
    told = next((scratch / "data/raw/demo/observations").iterdir()).read_text(encoding="utf-8")
    units.mkdir()

    # --- the plan
    assert cli.run_command(["plan", "--area", "demo", "--to", str(tmp_path / "plan.xlsx"), "--root", str(scratch)]) == 0
    office("new-area", "demo", "--name", "示例区(虚构)", "--as-of", "2024")
    office("plan", "--area", "demo", "--from", str(tmp_path / "plan.xlsx"))
    settings = root / "data/raw/demo/area.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("as_of = 2025", "as_of = 2024"), encoding="utf-8")

    # --- the first round: past years from before the base year on, each unit in its own way, by mail
    office("forms", "--area", "demo", "--year", "2024", "--back-series", "--from", "2016", "--out", str(units))
    forms = {u: next(units.glob(f"2024_{u}_*_历年.xlsx")) for u in LED}
    past = {u: filled(forms[u], history(told)) for u in LED}
    box = tmp_path / "收件"
    box.mkdir()
    for unit, (name, data, day) in {
        "health": ("2024_health_区卫健委_历年.xlsx", past["health"], "Mon, 12 May 2025 09:00:00 +0800"),
        "labour": ("区人社局历年.csv", as_csv(past["labour"]), "Tue, 13 May 2025 09:00:00 +0800"),
        "police": ("区公安分局.xlsx", copied(past["police"]), "Mon, 09 Jun 2025 09:00:00 +0800"),
    }.items():
        (box / f"{unit}.eml").write_bytes(mail(name, data, day))
    said = office("intake", "--area", "demo", str(box), *BY)
    assert said.count("错误 0 处，需说明 0 处") == 3 and "提示" in said
    assert {s.unit: (s.received_on, s.back_series) for s in register.submissions(root, "demo")} == {
        "health": ("2025-05-12", True),
        "labour": ("2025-05-13", True),
        "police": ("2025-06-09", True),
    }
    office("build", "--area", "demo")
    assert {r["why_no_probability"] for r in office.table(2024, "assessments") if r["series"] != "W05"} == {"pending"}
    assert [r["waiting"] for r in office.table(2024, "completeness")] == ["5", "1", "1"]
    assert {r["never_reported"] for r in office.table(2024, "completeness")} == {"0", "1"}  # the census of W05 alone
    office("report", "--area", "demo", "--as-of", "2024")
    page = (root / "reports/demo/2024/unit.health.html").read_text(encoding="utf-8")
    assert "已报待审核" in page and "从未报送的5" not in page
    said = office("review", "--area", "demo", "--accept-clean", "--year", "2024", *BY, "--on", "2025-06-12")
    assert "处理 3 份，其中 0 份还有待答复的" in said
    office("build", "--area", "demo")
    assert office.row(2024, "W01")["n_points"] == "9" and office.row(2024, "W01")["value"] != ""
    closed = {n: office.table(2024, n) for n in ("observations", "assessments", "projections")}

    # --- the yearly round: one form spoilt in several ways, one of the wrong year, one clean
    settings.write_text(settings.read_text(encoding="utf-8").replace("as_of = 2024", "as_of = 2025"), encoding="utf-8")
    office("forms", "--area", "demo", "--year", "2025", "--out", str(units))
    forms = {u: next(units.glob(f"2025_{u}_*.xlsx")) for u in LED}
    spoilt = YEARLY | {
        ("W01", "total"): {"value": 0.9247},  # a share typed for a percentage
        ("C03", "total"): {"value": 80.2, "definition": "nbs 国家统计局口径"},  # a jump, unexplained
        ("W02", "total"): {"value": "16.67①", "numerator": 1, "denominator": 6000},
    }
    (units / "区卫健委.xlsx").write_bytes(filled(forms["health"], spoilt))
    wrong = openpyxl.load_workbook(io.BytesIO(filled(forms["police"], YEARLY)))
    wrong[layout.SHEET]["A1"] = wrong[layout.SHEET]["A1"].value.replace("2025", "2024")
    wrong.save(units / "区公安分局.xlsx")
    (units / "区人社局.csv").write_bytes(as_csv(filled(forms["labour"], YEARLY)))
    sent = [str(units / f"{NAMES[u]}.{'csv' if u == 'labour' else 'xlsx'}") for u in ("health", "police", "labour")]
    assert "拒" not in office("intake", "--area", "demo", "--check-only", *sent, code=3)
    said = office("intake", "--area", "demo", *sent, *BY, "--on", "2026-05-20", code=3)
    for word in ("疑似单位错误", "注记", "变动超过三成", "这份表却是 2025 年的"):
        assert word in said
    said = office("review", "--area", "demo", "--accept-clean", "--year", "2025", *BY, "--on", "2026-05-21")
    assert "C01、C02" in said and "W01" in said.partition("有关指标留下")[2]
    note = ("--reason", "领导小组会议急用，已电话核对")
    office(
        "review",
        "--area",
        "demo",
        "health",
        "--decision",
        "provisional",
        "--indicator",
        "C03",
        *note,
        *BY,
        "--on",
        "2026-05-22",
    )
    office("questions", "--area", "demo", "--year", "2025", "--out", str(units / "问题"), *BY, "--on", "2026-05-22")
    said = office(
        *("round", "--area", "demo", "--year", "2025", "--on", "2026-06-08"),
        *("--out", str(units / "情况"), "--reminders", str(units / "催报")),
    )
    assert (
        "区卫健委：应报 5 项，已报 4 项；2026-05-20 收到（按期）；在用 2026-05-20 收到的，已通过 2 项；暂用 1 项；待审核"
        in said
    )
    assert {p.name for p in (units / "催报").iterdir()} == {
        "2025_health_区卫健委_催报函.docx",
        "2025_police_区公安分局_催报函.docx",
    }

    # --- an edition in between: what is used provisionally is marked, what is open is not used
    office("report", "--area", "demo")
    assert (
        office.row(2025, "C03")["value_question"] == "provisional" and office.row(2025, "W01")["value_year"] == "2024"
    )
    page = (root / "reports/demo/2025/children.health.html").read_text(encoding="utf-8")
    assert "（暂用）" in page and "经监测机构同意暂用" in page
    assert "2025年数据已报待审核，尚未采用" in (root / "reports/demo/2025/women.health.html").read_text(
        encoding="utf-8"
    )

    # --- answers come back: a value mended, one answered in the list, one in a comment; the police form is sent anew
    (asked,) = (units / "问题").glob("*health*")
    book = openpyxl.load_workbook(asked)
    for row in book[layout.SHEET].iter_rows(min_row=7):
        if row[0].value == "W01":
            row[layout.INDEX["value"]].value = 92.47
        if row[0].value == "W02":
            row[layout.INDEX["value"]].value = 16.67
        if row[0].value == "C03":
            row[layout.INDEX["value"]].comment = openpyxl.comments.Comment("今年起全部学生参加测试", "张工")
    book.save(units / "区卫健委_答复.xlsx")
    (units / "区公安分局_改.xlsx").write_bytes(filled(forms["police"], YEARLY))
    said = office(
        *("intake", "--area", "demo", str(units / "区卫健委_答复.xlsx"), str(units / "区公安分局_改.xlsx")),
        *(*BY, "--on", "2026-06-15"),
    )
    assert "与 2026-05-20收到的一份相比，有" in said and "J7 W01 2025 数值：0.9247 → 92.47" in said
    said = office("review", "--area", "demo", "--accept-clean", "--year", "2025", *BY, "--on", "2026-06-16")
    assert "处理 2 份，其中 0 份还有待答复的" in said

    # --- an accepted return is reopened for one indicator, and accepted again
    note = ("--reason", "单位来电，数字有误")
    office(
        "review", "--area", "demo", "labour", "--year", "2025", "--decision", "reopen", *note, *BY, "--on", "2026-06-20"
    )
    assert "待审核 1 项" in office("round", "--area", "demo", "--year", "2025")
    again = filled(forms["labour"], {("W03", "total"): {"value": 22.98, "explanation": "补登"}})
    (units / "区人社局_改.xlsx").write_bytes(again)
    office("intake", "--area", "demo", str(units / "区人社局_改.xlsx"), *BY, "--on", "2026-06-22")
    office("review", "--area", "demo", "labour", "--year", "2025", "--decision", "accept", *BY, "--on", "2026-06-23")

    # --- a date of the first round is corrected after its edition has closed: nothing in that one moves
    office(
        *("correct", "--area", "demo", "police", "--of-year", "2024", "--received-on", "2026-01-09"),
        *("--reason", "邮戳日期", *BY, "--on", "2026-06-24"),
    )
    office("build", "--area", "demo", "--as-of", "2024")
    assert {n: office.table(2024, n) for n in closed} == closed

    # --- the office reads a target anew
    targets = root / "data/raw/demo/plan/targets.csv"
    lines = targets.read_text(encoding="utf-8-sig").splitlines()
    (old,) = (dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines if line.startswith("W01,"))
    new = old | {
        "decided_on": "2026-06-25",
        "decided_by": "领导小组",
        "kind": "threshold",
        "operator": ">=",
        "value": "95",
        "reason": "按上级目标值",
    }
    targets.write_text("\n".join([*lines, ",".join(new.values())]) + "\n", encoding="utf-8")
    said = office("report", "--area", "demo")
    assert office.row(2025, "W01")["goal"] == "95" and office.row(2025, "W01")["value"] == "92.47"
    assert {r["value_question"] for r in office.table(2025, "assessments")} == {""}
    assert "95" in (root / "reports/demo/2025/women.health.html").read_text(encoding="utf-8")
    assert {r["series"]: r["cause"] for r in office.table(2025, "changes")}["W01"] == "reading_changed"
    rows = {r["unit"]: r for r in office.table(2025, "accountability")}
    assert {u: (r["accepted"], r["waiting"], r["versions"]) for u, r in rows.items()} == {
        "health": ("5", "0", "2"),
        "labour": ("1", "0", "2"),
        "police": ("1", "0", "2"),
    }

    # --- what readers get
    office("documents", "--area", "demo")
    office("publish", "--area", "demo", "--to", str(tmp_path / "demo.zip"))
    with zipfile.ZipFile(tmp_path / "demo.zip") as package:
        assert any(re.search(r"demo/2025/index\.html$", name) for name in package.namelist())
    assert "未发现问题" not in office("check", "--area", "demo") and office.commands < 40


@pytest.mark.slow
def test_twenty_clean_returns_from_mail_to_accepted_take_two_commands(tmp_path, capsys):
    from plananalysis.simulate import simulate_panel

    raw = tmp_path / "data" / "raw"
    for area in ("jiangbei", "chongqing", "china"):
        shutil.copytree(PROJECT / "data" / "raw" / area, raw / area)
    for name in ("thresholds.toml", "groups.csv", "places.csv"):
        shutil.copy(PROJECT / "data" / "raw" / name, raw / name)
    office, box = Office(tmp_path, capsys), tmp_path / "收件"
    office("forms", "--area", "jiangbei", "--year", "2025", "--out", str(tmp_path / "forms"))
    panel = simulate_panel(1, seed=7, root=PROJECT)
    at = {s: i for i, s in enumerate(panel.series)}
    decimals = panel_decimals(tmp_path)
    box.mkdir()
    for path in sorted((tmp_path / "forms").iterdir()):
        book = openpyxl.load_workbook(path)
        for row in book[layout.SHEET].iter_rows(min_row=7):
            code = row[0].value
            if code not in at or row[layout.INDEX["group"]].value != "合计":
                continue
            value, above, below = (a[0, at[code], -1] for a in (panel.values, panel.numerators, panel.denominators))
            if value != value:
                row[layout.INDEX["status"]].value, row[layout.INDEX["explanation"]].value = "缺报", "普查年份才有"
                continue
            row[layout.INDEX["value"]].value = round(float(value), decimals[code])
            row[layout.INDEX["explanation"]].value = "已与台账核对"
            if above == above:
                row[layout.INDEX["numerator"]].value = int(above)
                row[layout.INDEX["denominator"]].value = int(below) if below == below else None
        stream = io.BytesIO()
        book.save(stream)
        (box / f"{path.stem}.eml").write_bytes(mail(path.name, stream.getvalue(), "Wed, 20 May 2026 10:00:00 +0800"))
    assert len(list(box.iterdir())) == 20
    office.commands = 0
    office("intake", "--area", "jiangbei", str(box), *BY)
    said = office("review", "--area", "jiangbei", "--accept-clean", "--year", "2025", *BY)
    assert office.commands == 2  # the bound is three
    assert "处理 20 份，其中 0 份还有待答复的" in said
    said = office("round", "--area", "jiangbei", "--year", "2025")
    assert said.count(" 通过") == 20


def panel_decimals(root: Path) -> dict[str, int]:
    from plananalysis.plan import load_plan

    return load_plan(root, "jiangbei").leaves()["decimals"].astype(int).to_dict()
