"""A small invented plan, and the files units might send for it: good, messy, broken, hostile.

``python tests/intake_corpus.py`` writes the files into ``tests/fixtures/returns`` and the issues found in them into
``expected.csv``, to be read and committed. Files that would be large are made when they are needed (``LARGE``).
"""

from __future__ import annotations

import csv
import hashlib
import io
import sqlite3
import struct
import sys
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import xlsxwriter

from plananalysis.plan import load_plan
from plananalysis.returns import codebook, layout
from plananalysis.round import forms
from plananalysis.round.forms import Form

FOLDER = Path(__file__).parent / "fixtures" / "returns"
PROJECT = Path(__file__).parents[1]
SERIES = """series,row,role,plan,domain,number,sub,indicator,name,unit,unit_source,lower,upper,decimals,direction,attribute,responsible_units,numerator,denominator,rhythm,groups,source_line,note
W01,W01,target,women,women.health,1,,婚前医学检查率(%),婚前医学检查率,%,printed,0,100,2,1,anticipatory,health,,,annual,,,
W02,W02,target,women,women.health,2,,孕产妇死亡率(1/10万),孕产妇死亡率,1/10万,printed,0,,2,-1,binding,health,孕产妇死亡数,活产数,annual,,,
W03,W03,target,women,women.work,3,,女性基本养老保险参保人数(万人),女性基本养老保险参保人数,万人,printed,0,,2,1,anticipatory,labour,,,annual,,,
W04,W04,target,women,women.work,4,,侮辱妇女刑事案件发生数(件),侮辱妇女刑事案件发生数,件,printed,0,,0,-1,anticipatory,police;health,侮辱妇女刑事案件发生数,,annual,,,
W05,W05,target,women,women.work,5,,女性平均受教育年限(年),女性平均受教育年限,年,printed,0,,2,1,anticipatory,police,,,census,,,
C01,C01,target,children,children.health,1,,新生儿死亡率(‰),新生儿死亡率,‰,printed,0,,2,-1,binding,health,新生儿死亡数,活产数,annual,sex,,
C02,C02,target,children,children.health,2,,婴儿死亡率(‰),婴儿死亡率,‰,printed,0,,2,-1,binding,health,婴儿死亡数,活产数,annual,sex,,
C03,C03,target,children,children.health,3,,体质健康优良率(%),体质健康优良率,%,printed,0,100,2,1,anticipatory,health,,,annual,,,
"""
TARGETS = "series,outline,decided_on,decided_by,target_text,kind,operator,value,low,high,reference,operator_source,confidence,evidence_url,evidence_quote,reason\n"
TARGETS += "".join(
    f"{s},2021-2030,2021-12-28,规划文本(虚构),{'下降,fall' if s in ('W02', 'W04', 'C01', 'C02') else '提高,rise'},,,,,,printed,low,,,\n"
    for s in ("W01", "W02", "W03", "W04", "W05", "C01", "C02", "C03")
)


def table_hash(path: Path) -> str:
    """Fingerprint of everything a database says, whatever its bytes."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (table,) in found:
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
            for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}"):
                digest.update(repr((table, row)).encode())
    return digest.hexdigest()


def write_area(root: Path) -> None:
    """Write the invented area ``demo`` under a root."""
    home = root / "data" / "raw" / "demo"
    (home / "plan").mkdir(parents=True)
    plan = {
        "domains": "domain,plan,name,name_en\nwomen.health,women,妇女健康,Health\nwomen.work,women,妇女与经济,Work\nchildren.health,children,儿童健康,Health\n",
        "units": "unit,name,printed\nhealth,区卫健委,区卫健委;卫健委\nlabour,区人社局,区人社局\npolice,区公安分局,区公安分局;区公安\n",
        "series": SERIES,
        "targets": TARGETS,
        "definitions": "series,definition,text,valid_from,note\nC03,nbs,国家统计局口径,,\nC03,moe,教育部口径,,\n",
        "companions": "series,kind,section,item,value,unit,year,relation,quote,note\n",
        "logic": "left,relation,right,tolerance,reason\nC02,>=,C01,0,婴儿死亡包含新生儿死亡\n",
    }
    for name, text in plan.items():
        (home / "plan" / f"{name}.csv").write_text(text, encoding="utf-8")
    (home / "area.toml").write_text(
        'name = "示例区(虚构)"\nname_en = "Demo"\nfictional = true\nas_of = 2025\ndata_closes_months = 12\ncomparators = []\n'
        '[[outlines]]\nid = "2021-2030"\nbase_year = 2020\ntarget_year = 2030\nissued = "2021-12-28"\ntitle = "规划"\nsource = "虚构"\n',
        encoding="utf-8",
    )
    raw = root / "data" / "raw"
    (raw / "groups.csv").write_text(
        "dimension,plan,group,name\nsex,children,sex:male,男\nsex,children,sex:female,女\n", encoding="utf-8"
    )
    (raw / "thresholds.toml").write_bytes((PROJECT / "data" / "raw" / "thresholds.toml").read_bytes())


def write_history(root: Path) -> None:
    """Earlier years of the invented area, without anything odd."""
    rows = ["series,group,year,value,numerator,denominator,status,definition,reported_at,note"]
    for i, year in enumerate(range(2016, 2025)):
        births = 6100 - 13 * i
        deaths, infants = 13 + (i * 7) % 4, 21 + (i * 5) % 4
        when = f"{year + 1}-05-10"
        rows += [
            f"W01,total,{year},{88 + 0.47 * i + 0.13 * (i % 3):.2f},,,A,,{when},",
            f"W02,total,{year},{1e5 / births:.2f},1,{births},A,,{when},",
            f"W03,total,{year},{20 + 0.31 * i + 0.06 * (i % 2):.2f},,,A,,{when},",
            f"W04,total,{year},{9 + (i * 3) % 5},{9 + (i * 3) % 5},,A,,{when},",
            f"C01,total,{year},{1e3 * deaths / births:.2f},{deaths},{births},A,,{when},",
            f"C02,total,{year},{1e3 * infants / births:.2f},{infants},{births},A,,{when},",
            f"C03,total,{year},{50.3 + 0.41 * i + 0.17 * (i % 3):.2f},,,A,nbs,{when},",
        ]
    folder = root / "data" / "raw" / "demo" / "observations"
    folder.mkdir(parents=True)
    (folder / "2016-2024.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


GOOD = {
    ("W01", "total"): {"value": 92.61},
    ("W02", "total"): {"value": 16.67, "numerator": 1, "denominator": 6000},
    ("W04", "total"): {"value": 11, "numerator": 11},
    ("C01", "total"): {"value": 2, "numerator": 12, "denominator": 6000},
    ("C01", "sex:male"): {"value": 2.26, "numerator": 7, "denominator": 3100},
    ("C01", "sex:female"): {"value": 1.72, "numerator": 5, "denominator": 2900},
    ("C02", "total"): {"value": 3.33, "numerator": 20, "denominator": 6000},
    ("C02", "sex:male"): {"value": 3.55, "numerator": 11, "denominator": 3100},
    ("C02", "sex:female"): {"value": 3.1, "numerator": 9, "denominator": 2900},
    ("C03", "total"): {"value": 54.3, "definition": "nbs 国家统计局口径"},
}


def book(root: Path):
    """The invented plan's codebook."""
    return codebook(root, load_plan(root, "demo"))


def form(root: Path, **cells) -> bytes:
    """The health bureau's form with good values, some cells replaced: ``W01_value="约92"``, ``C01_male_value=…``."""
    filled = {(*key, 2025): dict(values) for key, values in GOOD.items()}
    for name, content in cells.items():
        series, *group, column = name.split("__")
        filled.setdefault((series, f"sex:{group[0]}" if group else "total", 2025), {})[column] = content
    return forms.form_bytes(Form(book(root), "health", 2025, filled=filled))


def sent(root, name, data):
    path = root / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def good(root, **cells):
    """A return that fits the history, some cells changed."""
    base = dict(W01__value=92.47, W02__value=16.71, W02__denominator=5983, W04__value=11, C03__value=54.41)
    base |= dict(
        C01__value=2.34,
        C01__numerator=14,
        C01__denominator=5983,
        C02__value=3.68,
        C02__numerator=22,
        C02__denominator=5983,
    )
    base |= dict(
        C01__male__value=2.58,
        C01__male__numerator=8,
        C01__female__value=2.08,
        C01__female__numerator=6,
        C01__female__denominator=2883,
    )
    base |= dict(
        C02__male__value=3.87,
        C02__male__numerator=12,
        C02__female__value=3.47,
        C02__female__numerator=10,
        C02__female__denominator=2883,
    )
    return form(root, **{**base, **cells})


HEADER = [column.header for column in layout.COLUMNS]


def bare(
    rows,
    header=("指标编码", "指标名称", "分组", "年份", "数值", "分子", "分母", "数据状态", "异常说明"),
    above=("填报单位:区卫健委", "数据年度:2025"),
    sheet="Sheet1",
    extra=None,
):
    """A workbook a unit typed itself: the labels, a header and rows; a cell may be (value, format) or a ``=formula``."""
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    made.set_properties({"created": datetime(2000, 1, 1)})
    page = made.add_worksheet(sheet)
    for i, text in enumerate(above):
        page.write_string(i, 0, text)
    for j, text in enumerate(header):
        page.write_string(len(above) + 1, j, text)
    for i, row in enumerate(rows, start=len(above) + 2):
        for j, cell in enumerate(row):
            if isinstance(cell, tuple):
                value, style = cell[0], made.add_format({"num_format": cell[1]})
                if isinstance(value, datetime):
                    page.write_datetime(i, j, value, style)
                elif isinstance(value, str) and value.startswith("="):
                    page.write_formula(i, j, value, style, cell[2] if len(cell) > 2 else "")
                else:
                    page.write_number(i, j, value, style)
            elif isinstance(cell, bool):
                page.write_boolean(i, j, cell)
            elif cell is not None:
                page.write(i, j, cell)
    if extra:
        extra(made, page)
    made.close()
    return stream.getvalue()


def rows(**values):
    """Rows of :func:`bare` from the good values, some replaced by whole rows."""
    names = {
        "W01": "婚前医学检查率",
        "W02": "孕产妇死亡率",
        "W04": "侮辱妇女刑事案件发生数",
        "C01": "新生儿死亡率",
        "C02": "婴儿死亡率",
        "C03": "体质健康优良率",
    }
    out = []
    for (series, group), cells in GOOD.items():
        if group == "total":
            line = [
                series,
                names[series],
                "合计",
                2025,
                cells["value"],
                cells.get("numerator"),
                cells.get("denominator"),
            ]
            out.append(values.get(series, line))
    return [row for row in out if row is not None]


def repacked(data: bytes, change, level=zipfile.ZIP_DEFLATED) -> bytes:
    """The same package with parts changed: ``change(name, content)`` gives the new content, None leaves the part out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", level) as new:
        for part in old.infolist():
            content = change(part.filename, old.read(part))
            if content is not None:
                new.writestr(zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0)), content, level)
    return stream.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same package with one more part."""
    stream = io.BytesIO(repacked(data, lambda _, old: old))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def in_sheet(data: bytes, old: bytes, new: bytes) -> bytes:
    """The same package with bytes of its first sheet replaced."""
    return repacked(
        data, lambda name, content: content.replace(old, new, 1) if name.endswith("sheet1.xml") else content
    )


def text_file(encoding: str, lines, delimiter=",") -> bytes:
    """A CSV return."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    return stream.getvalue().encode(encoding)


def csv_lines():
    """Lines of a CSV return."""
    return [
        ["填报单位:区卫健委"],
        ["数据年度:2025"],
        [],
        ["指标编码", "指标名称", "分组", "年份", "数值", "分子", "分母"],
        *rows(),
    ]


def cases(root: Path) -> dict[str, bytes]:
    """Every small file by name."""
    good = form(root)
    bomb = b"0" * 40_000_000
    dtd = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    def insert_dtd(name, content):
        return (
            content.replace(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', dtd)
            if name == "xl/workbook.xml"
            else content
        )

    far = in_sheet(good, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    spread = bare(rows(W01=["W01", "婚前医学检查率", "合计", 2025, (0.9261, "0.0%")]))
    computed = ["W02", "孕产妇死亡率", "合计", 2025, ("=F6/G6*100000", "0.00", 16.6666666666667), 1, 6000]
    return {
        "good.xlsx": good,
        "good_utf8.csv": text_file("utf-8", csv_lines()),
        "good_bom.csv": text_file("utf-8-sig", csv_lines()),
        "good_gbk.csv": text_file("gb18030", csv_lines()),
        "good_tabs_utf16.csv": text_file("utf-16", csv_lines(), "\t"),
        "full_width.xlsx": form(root, W01__value="９２．６１％", C03__value=" 54.3 ", W02__denominator="6,000"),
        "zero_is_a_value.xlsx": form(root, W02__value="0/10万", W02__numerator=0, W04__value=0, W04__numerator="０"),
        "footnote.xlsx": form(root, W01__value="92.6①", C03__value="54.3²"),
        "ranges_and_words.xlsx": form(root, W01__value="40~45", C03__value="九十二", W04__value="无"),
        "points.xlsx": form(root, W01__value="92。6", C03__value="54·3", W04__value="1,1"),
        "about.xlsx": form(root, W01__value="约92.6", C03__value="54左右", C03__explanation="抽样推算"),
        "missing_words.xlsx": form(
            root,
            W01__value="—",
            C03__value="缺报",
            C03__explanation="当年未开展",
            W04__value="不适用",
            W04__numerator="",
        ),
        "tiny.xlsx": form(root, W01__value="…"),
        "wrong_units.xlsx": form(root, W01__value="926.1‰", C01__value="0.2%", W02__denominator="0.6万"),
        "unit_slip.xlsx": form(root, W02__value=1.67, C02__value=0.33),
        "not_the_rate.xlsx": form(root, C02__value=3.83, C01__value=1.99),
        "part_over_whole.xlsx": form(root, W01__value=101, C02__numerator=7000),
        "counts.xlsx": form(
            root, W04__numerator=12, W02__denominator="", C01__male__numerator=7.5, C02__female__denominator=-2900
        ),
        "nothing_to_count.xlsx": form(root, W02__value=0, W02__numerator=0, W02__denominator=0),
        "value_forgotten.xlsx": form(root, C02__value="", C02__status="正常"),
        "status.xlsx": form(root, W01__status="缺报", C03__status="大概", W04__status="初步数"),
        "definition_change.xlsx": form(
            root, C03__changed="是", W01__changed="是", W01__change_note="改为婚登人数口径", C03__definition="别的口径"
        ),
        "too_many_decimals.xlsx": form(root, W01__value=92.6134),
        "groups.xlsx": form(
            root, C01__male__numerator=8, C01__male__value=2.58, C02__male__value=3, C02__female__value=3
        ),
        "swapped_rows.xlsx": form(root, C01__value=3.33, C01__numerator=20, C02__value=2, C02__numerator=12),
        "other_births.xlsx": form(root, W02__denominator=6001),
        "blank.xlsx": form(
            root, **{f"{s}__{c}": "" for s in ("W01", "W02") for c in ("value", "numerator", "denominator")}
        ),
        "untouched.xlsx": forms.form_bytes(Form(book(root), "health", 2025)),
        "typed_by_the_unit.xlsx": spread,
        "formulas.xlsx": bare(
            rows(
                W01=["W01", "婚前医学检查率", "合计", 2025, ("=1/0", "0.00", "#DIV/0!")],
                W02=computed,
                C03=["C03", "体质健康优良率", "合计", 2025, ("=F1", "0.00", "")],
            )
        ),
        "odd_cells.xlsx": bare(
            rows(
                W01=["W01", "婚前医学检查率", "合计", 2025, True],
                W04=["W04", "侮辱妇女刑事案件发生数", "合计", 2025, (datetime(2025, 1, 2), "yyyy-mm-dd"), 11],
                C03=["C03", "体质健康优良率", "合计", 2025, (543000, '0!.0,"万"')],
            )
        ),
        "codes.xlsx": bare(
            [
                *rows(
                    W01=["w01", "婚前医学检查率", "合计", 2025, 92.61],
                    C03=["C99", "体质健康优良率", "合计", 2025, 54.3],
                ),
                [None, "体质健康优良率", "合计", 2025, 54.3],
                ["W03", "女性基本养老保险参保人数", "合计", 2025, 23],
                ["C02", "婴儿死亡率", "老年", 2025, 3.33],
                ["C01", "婴儿死亡率", "男", 2025, 2.26],
            ]
        ),
        "years.xlsx": bare(
            rows(
                W01=["W01", "婚前医学检查率", "合计", 2024, 92.61],
                C03=["C03", "体质健康优良率", "合计", "２０２５年", 54.3],
            )
        ),
        "rows_twice.xlsx": bare([*rows(), rows()[0], ["C03", "体质健康优良率", "合计", 2025, 55.3]]),
        "two_tables.xlsx": bare(
            rows(), extra=lambda made, _: made.add_worksheet("上年").write_row(0, 0, ["指标编码", "年份", "数值"])
        ),
        "header_twice.xlsx": bare(
            rows(), header=("指标编码", "指标名称", "分组", "年份", "数值", "分子", "分母", "数据状态", "数值")
        ),
        "merged.xlsx": bare(
            rows(), extra=lambda made, page: page.merge_range(10, 0, 11, 8, "单位负责人:", made.add_format())
        ),
        "no_header.xlsx": bare(rows(), header=("编号", "内容", "组", "何时", "多少")),
        "no_unit.xlsx": bare(rows(), above=("数据年度:2025",)),
        "no_year.xlsx": bare(rows(), above=("填报单位:区卫健委",)),
        "other_unit_in_head.xlsx": in_shared(form(root), "填报单位:区卫健委", "填报单位:区人社局"),
        "other_area.xlsx": in_shared(form(root), "<t>demo</t>", "<t>jiangbei</t>", whole=True),
        "old_form.xlsx": in_shared(form(root), book(root).version, "00000000"),
        "far_cell.xlsx": far,
        "dimension_lies.xlsx": repacked(
            good, lambda name, c: replaced_dimension(c) if name.endswith("sheet1.xml") else c
        ),
        "merge_to_the_end.xlsx": in_sheet(good, b'<mergeCell ref="A1:Q1"/>', b'<mergeCell ref="A1:XFD1048576"/>'),
        "empty.xlsx": b"",
        "truncated.xlsx": good[: len(good) // 2],
        "page.xlsx": b"<html><table><tr><td>W01</td></tr></table></html>",
        "renamed_csv.xlsx": text_file("utf-8", csv_lines()),
        "renamed_xlsx.csv": good,
        "old_excel.xls": b"PK",
        "old_excel.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "password.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"),
        "zip_password.xlsx": flagged(good),
        "macros.xlsm": with_part(good, "xl/vbaProject.bin", b"\0" * 100),
        "macros_renamed.xlsx": with_part(good, "xl/vbaProject.bin", b"\0" * 100),
        "word.xlsx": repacked(
            with_part(good, "word/document.xml", b"<x/>"), lambda n, c: None if n == "xl/workbook.xml" else c
        ),
        "entities.xlsx": repacked(good, insert_dtd),
        "external_entity.xlsx": repacked(
            good,
            lambda n, c: (
                c.replace(b"<worksheet", b'<!DOCTYPE w SYSTEM "file:///etc/passwd"><worksheet', 1)
                if n.endswith("sheet1.xml")
                else c
            ),
        ),
        "utf16_parts.xlsx": repacked(good, lambda n, c: c.decode().encode("utf-16") if n.endswith("sheet1.xml") else c),
        "zip_bomb.xlsx": repacked(
            good, lambda n, c: c.replace(b"</sheetData>", bomb + b"</sheetData>") if n.endswith("sheet1.xml") else c
        ),
        "forged_sizes.xlsx": forged(good),
        "many_parts.xlsx": many(good),
        "not_text.csv": bytes(range(256)) * 4,
        "broken_quotes.csv": b'\xe6\x8c\x87,"x\nW01',
        "picture.png": b"\x89PNG\r\n",
    }


def in_shared(data: bytes, old: str, new: str, whole: bool = False) -> bytes:
    """The same package with one shared text replaced."""
    del whole
    return repacked(
        data, lambda name, c: c.replace(old.encode(), new.encode()) if name == "xl/sharedStrings.xml" else c
    )


def replaced_dimension(sheet: bytes) -> bytes:
    """A sheet that states it has one cell."""
    start = sheet.index(b"<dimension")
    return sheet[:start] + b'<dimension ref="A1"/>' + sheet[sheet.index(b"/>", start) + 2 :]


def flagged(data: bytes) -> bytes:
    """A package whose parts say they are encrypted."""
    out = bytearray(data)
    place = out.find(b"PK\x01\x02")
    while place >= 0:
        out[place + 8] |= 1
        place = out.find(b"PK\x01\x02", place + 4)
    return bytes(out)


def forged(data: bytes) -> bytes:
    """A package whose directory says its first part is four gigabytes."""
    out = bytearray(data)
    place = out.find(b"PK\x01\x02")
    out[place + 20 : place + 28] = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    return bytes(out)


def many(data: bytes) -> bytes:
    """A package of a thousand empty parts."""
    stream = io.BytesIO(repacked(data, lambda _, c: c))
    with zipfile.ZipFile(stream, "a") as package:
        for i in range(1000):
            package.writestr(zipfile.ZipInfo(f"xl/media/{i}.xml", (1980, 1, 1, 0, 0, 0)), b"")
    return stream.getvalue()


def styled(rows: int) -> bytes:
    """A form with this many empty rows that have a format: what setting the format of whole columns leaves behind."""
    line = b'<row r="%d" spans="1:17"><c r="A%d" s="5"/><c r="B%d" s="5"/></row>'
    filler = b"".join(line % (i, i, i) for i in range(2000, 2000 + rows))
    with_rows = bare(globals()["rows"]())
    return in_sheet(with_rows, b"</sheetData>", filler + b"</sheetData>")


def old_workbook() -> bytes:
    """A workbook as Excel 97 saves it: ``tests/fixtures/sheets/old.xls``, made by LibreOffice from the rows of its test."""
    return (FOLDER.parent / "sheets" / "old.xls").read_bytes()


COLUMNS = ("file", "refused", "severity", "rule", "cell", "series", "group", "year", "value")


def main() -> None:
    """Write files and expectations."""
    import tempfile

    from plananalysis.returns import read_return
    from plananalysis.round import Checker

    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        write_area(root)
        checker = Checker.load(root, "demo")
        FOLDER.mkdir(parents=True, exist_ok=True)
        found = []
        for name, data in cases(root).items():
            (FOLDER / name).write_bytes(data)
            one = read_return(data, name, checker.book)
            found += [issue_row(name, one, i) for i in checker.check(one)] or [
                dict.fromkeys(COLUMNS, "") | {"file": name, "refused": 0}
            ]
        with (FOLDER / "expected.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)


def issue_row(name, one, issue) -> dict:
    """An issue as a line of ``expected.csv``."""
    about = {c: getattr(issue, c) for c in COLUMNS[2:]}
    return {"file": name, "refused": int(one.refused), **about, "year": issue.year or ""}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
