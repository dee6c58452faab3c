"""A thousand files a clerk, a broken disk or an attacker might send, made anew by a fixed seed: ``files(root)`` gives them by class.

Nothing here is a sample of what happened; it is every way of spoiling a file that its makers could think of, several times.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import intake_corpus as corpus

Made = Iterator[tuple[str, bytes]]
SHEET = "xl/worksheets/sheet1.xml"
PARTS = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
PARTS += ("xl/sharedStrings.xml", SHEET)


def files(root: Path) -> dict[str, list[tuple[str, bytes]]]:
    """Every file by class; at least a thousand in all.

    Parameters
    ----------
    root
        Project folder that holds the invented area.
    """
    good = corpus.form(root)
    rng = random.Random(20)
    makers = (
        flips,
        cuts,
        doubled,
        edits,
        attributes,
        parts,
        bombs,
        formulas,
        cell_types,
        dates,
        definitions,
        reaching,
        macros,
    )
    makers += (compounds, other_formats, archive_names, sheets, texts, tables, hostile_tables, formats, opened)
    return {maker.__name__: list(maker(good, rng)) for maker in makers}


def flips(good: bytes, rng: random.Random) -> Made:
    for source, suffix in ((good, ".xlsx"), (corpus.old_workbook(), ".xls")):
        for number in range(110):
            data = bytearray(source)
            for _ in range(rng.randrange(1, 8)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            yield f"flip{number}{suffix}", bytes(data)


def cuts(good: bytes, rng: random.Random) -> Made:
    for source, suffix in ((good, ".xlsx"), (corpus.old_workbook(), ".xls")):
        for number in range(40):
            yield f"cut{number}{suffix}", source[: rng.randrange(1, len(source))]


def doubled(good: bytes, rng: random.Random) -> Made:
    for number in range(40):
        place, size = rng.randrange(len(good)), rng.randrange(1, 400)
        yield f"twice{number}.xlsx", good[:place] + good[place : place + size] + good[place:]


def edits(good: bytes, rng: random.Random) -> Made:
    """Parts spoilt inside a sound package, where no checksum shows it."""
    for number in range(200):
        target = rng.choice(PARTS)
        yield f"edit{number}.xlsx", corpus.repacked(good, lambda n, c, t=target: spoilt(c, rng) if n == t else c)


def spoilt(content: bytes, rng: random.Random) -> bytes:
    text = bytearray(content)
    for _ in range(rng.randrange(1, 6)):
        place = rng.randrange(len(text)) if text else 0
        text[place : place + rng.randrange(0, 20)] = rng.choice(
            [
                b"",
                b"<",
                b"/>",
                b"99999999",
                b'"',
                b"\xff",
                b"&amp;",
                b"&#0;",
                b"-1",
                b"r=",
                b"]]>",
                b"<!--",
                b"\0",
                b"</c>",
            ]
        )
    return bytes(text)


def attributes(good: bytes, rng: random.Random) -> Made:
    """Every attribute of a cell with values it must not have."""
    odd = ("", "-1", "0", "A0", "A99999999999", "ZZZZZZ1", "１２", "1e9", "A1:B2", "a1", "&#10;", "9" * 400)
    for name in (b" r=", b" s=", b" t="):
        for number, value in enumerate(odd):
            text = name + b'"' + value.encode() + b'"'
            yield (
                f"attr{name.strip().decode()}{number}.xlsx",
                corpus.in_sheet(good, b'<c r="J7"', b"<c" + text + b' x="J7"'),
            )
    for number, value in enumerate(odd):
        yield f"row{number}.xlsx", corpus.in_sheet(good, b'<row r="7"', b'<row r="' + value.encode() + b'"')
        yield (
            f"sheet{number}.xlsx",
            corpus.repacked(
                good,
                lambda n, c, v=value: (
                    c.replace(b'r:id="rId1"', b'r:id="' + v.encode() + b'"') if n == "xl/workbook.xml" else c
                ),
            ),
        )
    del rng


def parts(good: bytes, rng: random.Random) -> Made:
    for number, part in enumerate(PARTS):
        yield f"without{number}.xlsx", corpus.repacked(good, lambda n, c, p=part: None if n == p else c)
        for kind, content in enumerate((b"", b"<a/>", b"\xff\xfe<", b"<a>" * 1000, b"0" * 100_000)):
            yield f"part{number}_{kind}.xlsx", corpus.repacked(good, lambda n, c, p=part, d=content: d if n == p else c)
    del rng


def bombs(good: bytes, rng: random.Random) -> Made:
    """Small files that unpack, count or nest to far more than any form."""
    inside = {
        "nested": b"<a>" * 900_000 + b"</a>" * 900_000,
        "unclosed": b"<a>" * 3_000_000,
        "merges": b"<mergeCells>" + b'<mergeCell ref="A1:B2"/>' * 200_000 + b"</mergeCells>",
        "cells": b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (i, i) for i in range(3000, 58_000)),
        "wide": b'<row r="20">' + b'<c r="XFD20"><v>1</v></c>' * 50_000 + b"</row>",
        "spaces": b" " * 11_000_000,
        "comments": b"<!--" + b"x" * 8_000_000 + b"-->",
        "text": b'<row r="20"><c r="J20" t="inlineStr"><is><t>' + b"x" * 9_000_000 + b"</t></is></c></row>",
        "digits": b'<row r="20"><c r="J20"><v>' + b"9" * 9_000_000 + b"</v></c></row>",
        "attributes": b"<row " + b"".join(b'a%d="1" ' % i for i in range(200_000)) + b"/>",
        "references": b"<a>" + b"&lt;" * 1_000_000 + b"</a>",
    }
    for name, content in inside.items():
        yield f"bomb_{name}.xlsx", corpus.in_sheet(good, b"</sheetData>", content + b"</sheetData>")
    numbers = b"".join(b'<numFmt numFmtId="%d" formatCode="0.0&quot;%d&quot;"/>' % (i, i) for i in range(200, 60_000))
    outside = {
        "styles": (
            "xl/styles.xml",
            b"<cellXfs",
            b'<cellXfs count="9">' + b'<xf numFmtId="10"/>' * 150_000 + b"</cellXfs><x",
        ),
        "formats": ("xl/styles.xml", b"<fonts", b"<numFmts>" + numbers + b"</numFmts><fonts"),
        "names": (
            "xl/workbook.xml",
            b"<definedNames>",
            b"<definedNames>" + b'<definedName name="a">1</definedName>' * 150_000,
        ),
        "strings": ("xl/sharedStrings.xml", b"</sst>", b"<si><t>x</t></si>" * 200_000 + b"</sst>"),
        "runs": ("xl/sharedStrings.xml", b"</sst>", b"<si>" + b"<r><t>x</t></r>" * 150_000 + b"</si></sst>"),
        "relations": (
            "xl/_rels/workbook.xml.rels",
            b"</Relationships>",
            b'<Relationship Id="x"/>' * 120_000 + b"</Relationships>",
        ),
        "types": ("[Content_Types].xml", b"</Types>", b'<Default Extension="x"/>' * 120_000 + b"</Types>"),
        "sheets": ("xl/workbook.xml", b"</sheets>", b'<sheet name="x" r:id="rId1"/>' * 60 + b"</sheets>"),
    }
    for name, (part, old, new) in outside.items():
        yield (
            f"bomb_{name}.xlsx",
            corpus.repacked(good, lambda n, c, p=part, o=old, w=new: c.replace(o, w, 1) if n == p else c),
        )
    columns = b"<cols>" + b'<col min="1" max="1" width="9"/>' * 200_000 + b"</cols><sheetData>"
    yield "bomb_columns.xlsx", corpus.in_sheet(good, b"<sheetData>", columns)
    yield "bomb_zeros.xlsx", corpus.with_part(good, "xl/media/x.bin", bytes(40_000_000))
    yield "bomb_many.xlsx", corpus.many(good)
    yield "bomb_forged.xlsx", corpus.forged(good)
    yield "bomb_newlines.csv", b"\n" * 4_900_000
    yield "bomb_commas.csv", b"," * 4_900_000
    yield "bomb_quotes.csv", b'"' * 4_900_000
    yield "bomb_cell.csv", b"W01," + b"9" * 4_900_000
    yield "bomb_large.xlsx", good + bytes(5_000_000)
    yield "bomb_hanzi.csv", "数值,".encode("gb18030") * 900_000
    del rng


CALLS = (
    *("cmd|'/C calc'!A0", "'cmd'|'/C calc'!A0", "msexcel|'\\\\x'!A1", 'WEBSERVICE("http://127.0.0.1:9/")', "[1]表!A1"),
    *("'[http://127.0.0.1:9/x.xlsx]S'!A1", "'C:\\[a.xlsx]S'!A1", 'RTD("a",,"b")', 'CALL("a","b","c")', 'EXEC("calc")'),
    *('IMAGE("http://x/")', '_xlfn.WEBSERVICE("x")', "_xlfn._xlws.PY(0,1)", 'REGISTER.ID("a","b")', 'SQL.REQUEST("a")'),
)
HARMLESS = (
    "1/0",
    "A1",
    "SUM(A1:A9)",
    "NA()",
    "J7+J8",
    "TODAY()",
    '"text"',
    "TRUE",
    "1E999",
    "-1E-999",
    'HYPERLINK("http://x","y")',
)


def formulas(good: bytes, rng: random.Random) -> Made:
    from xml.sax.saxutils import escape

    for number, formula in enumerate((*CALLS, *HARMLESS)):
        for kind, value in enumerate((b"<v>92.6</v>", b"", b"<v>#DIV/0!</v>")):
            new = b'<row r="20"><c r="J20"><f>' + escape(formula).encode() + b"</f>" + value + b"</c></row></sheetData>"
            yield f"formula{number}_{kind}.xlsx", corpus.in_sheet(good, b"</sheetData>", new)
    del rng


def cell_types(good: bytes, rng: random.Random) -> Made:
    values = (
        "9" * 400,
        "-" + "9" * 400,
        "NaN",
        "inf",
        "-inf",
        "1e999",
        "-0",
        "0x10",
        "",
        " ",
        "1,5",
        "１２",
        "9" * 15,
        "1e-400",
    )
    for kind in ("n", "s", "str", "b", "e", "d", "inlineStr", "x", ""):
        for number, value in enumerate(values):
            cell = f'<row r="20"><c r="A20" t="inlineStr"><is><t>W01</t></is></c><c r="J20" t="{kind}"><v>{value}</v></c></row></sheetData>'
            yield f"type_{kind or 'none'}{number}.xlsx", corpus.in_sheet(good, b"</sheetData>", cell.encode())
    del rng


def dates(good: bytes, rng: random.Random) -> Made:
    for number, value in enumerate((0, -1, 0.5, 1, 59, 60, 2_958_465, 2_958_466, 1e12, 1e300)):
        for code in ("yyyy-mm-dd", "h:mm", "[h]:mm:ss"):
            yield (
                f"date{number}_{len(code)}.xlsx",
                corpus.bare(corpus.rows(W01=["W01", "x", "合计", 2025, (value, code)])),
            )
    del good, rng


def definitions(good: bytes, rng: random.Random) -> Made:
    """Entities, outside references, encodings that hide them."""
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
    for number, part in enumerate(PARTS):
        for kind, head in enumerate(
            (laughs, outside, b"<!DOCTYPE x>", b"<?xml-stylesheet href='http://127.0.0.1:9/'?>")
        ):
            yield (
                f"dtd{number}_{kind}.xlsx",
                corpus.repacked(good, lambda n, c, p=part, h=head: after_head(c, h) if n == p else c),
            )
        for encoding in ("utf-16", "utf-32", "utf-7"):
            yield (
                f"encoding{number}_{encoding}.xlsx",
                corpus.repacked(good, lambda n, c, p=part, e=encoding: c.decode().encode(e) if n == p else c),
            )
    del rng


def after_head(content: bytes, inserted: bytes) -> bytes:
    end = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
    return content[:end] + inserted + content[end:]


def reaching(good: bytes, rng: random.Random) -> Made:
    for number, part in enumerate(
        (
            *("xl/externalLinks/externalLink1.xml", "xl/embeddings/oleObject1.bin", "xl/embeddings/book.xlsx"),
            *(
                "xl/activeX/activeX1.bin",
                "customUI/customUI.xml",
                "xl/connections.xml",
                "xl/queryTables/queryTable1.xml",
            ),
            *(
                "xl/webextensions/webextension1.xml",
                "xl/volatileDependencies.xml",
                "xl/model/item.data",
                "xl/ctrlProps/c.xml",
            ),
        )
    ):
        yield f"part{number}.xlsx", corpus.with_part(good, part, b"<x/>")
    link = b'<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s" TargetMode="External"/></Relationships>'
    for number, (kind, target) in enumerate(
        (k, t)
        for k in (b"attachedTemplate", b"image", b"oleObject", b"frame", b"externalLinkPath")
        for t in (b"http://127.0.0.1:9/", b"file:///etc/passwd", b"\\\\host\\share\\x")
    ):
        yield (
            f"link{number}.xlsx",
            corpus.repacked(
                good,
                lambda n, c, x=link % (kind, target): c.replace(b"</Relationships>", x) if n.endswith(".rels") else c,
            ),
        )
    del rng


def macros(good: bytes, rng: random.Random) -> Made:
    for suffix in (".xlsm", ".xlsx", ".xltm", ".xlam"):
        for part in ("xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "XL/VBAPROJECT.BIN"):
            yield f"macro_{part.rpartition('/')[2]}{suffix}", corpus.with_part(good, part, b"\0" * 50)
    del rng


def compounds(good: bytes, rng: random.Random) -> Made:
    """The old format and what else comes in its container."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    old = corpus.old_workbook()
    for number, name in enumerate(
        ("EncryptedPackage", "_VBA_PROJECT_CUR", "VBA", "MBD00012345", "Ctls", "\1Ole10Native", "WordDocument")
    ):
        for suffix in (".xls", ".xlsx", ".et"):
            yield f"ole{number}{suffix}", head + bytes(600) + name.encode("utf-16-le") + bytes(600)
            yield f"old{number}{suffix}", old + name.encode("utf-16-le") + bytes(2)
    for number in range(40):  # records of the sheet spoilt
        data = bytearray(old)
        for _ in range(4):
            struct.pack_into(
                "<H", data, rng.randrange(512, len(data) - 2), rng.choice((0, 0xFFFF, 0x809, 0x2F, 0x1AE, 0x85))
            )
        yield f"records{number}.xls", bytes(data)
    yield "renamed.xlsx", old
    yield "renamed.csv", old
    del good


def other_formats(good: bytes, rng: random.Random) -> Made:
    kinds = {
        "pdf": b"%PDF-1.7\n%\xe2\xe3\n",
        "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "jpg": b"\xff\xd8\xff\xe0" + bytes(100),
        "rar": b"Rar!\x1a\x07\x01\x00" + bytes(50),
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50),
        "gz": b"\x1f\x8b\x08\x00" + bytes(50),
        "html": "<html><table><tr><td>指标编码</td></tr></table></html>".encode(),
        "xml": b"<?xml version='1.0'?><Workbook/>",
        "mht": b"MIME-Version: 1.0\nContent-Type: multipart/related\n",
        "nothing": b"",
        "one": b"P",
    }
    for name, data in kinds.items():
        for suffix in (".xlsx", ".xls", ".csv", ".ods", f".{name}"):
            yield f"{name}{suffix}", data
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("表.xlsx", good)
    yield "packed.zip", stream.getvalue()
    yield "packed.xlsx", stream.getvalue()
    del rng


def archive_names(good: bytes, rng: random.Random) -> Made:
    for number, name in enumerate(
        (
            "../../evil",
            "/etc/evil",
            "C:\\evil",
            "xl\\worksheets\\sheet9.xml",
            "a" * 4000,
            "",
            "\0",
            "XL/WORKBOOK.XML",
            "nul",
            "a/../b",
        )
    ):
        yield f"name{number}.xlsx", corpus.with_part(good, name or "x/", b"x")
    yield "flagged.xlsx", corpus.flagged(good)
    del rng


def sheets(good: bytes, rng: random.Random) -> Made:
    for number in range(12):
        extra = lambda made, _, n=number: [made.add_worksheet(f"表{i}").write(0, 0, "指标编码") for i in range(n)]  # noqa: E731
        yield f"sheets{number}.xlsx", corpus.bare(corpus.rows(), extra=extra)
    del good, rng


ODD_TEXTS = (
    *(
        "=1+1",
        "@SUM(1)",
        "+1",
        "-1",
        "\t1",
        "92.6①",
        "九十二",
        "٤٥",
        "1" * 5000,
        "\u202e6.29",
        "92\u200b.6",
        "a\u0000b"[:1],
    ),
    *(
        "<script>alert(1)</script>",
        "'; DROP TABLE x",
        "../../x",
        "{year}",
        "%s%n",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ),
    *("92.6\n92.7", " ", "\u3000", "NaN", "1e5", "0x1F", "٪", "92.6 % %", "一", "≥", "--", "．"),
)


def texts(good: bytes, rng: random.Random) -> Made:
    for number, text in enumerate(ODD_TEXTS):
        yield f"value{number}.xlsx", corpus.bare(corpus.rows(W01=["W01", "婚前医学检查率", "合计", 2025, text]))
        yield f"code{number}.xlsx", corpus.bare(corpus.rows(W01=[text, "婚前医学检查率", "合计", 2025, 92.6]))
        yield f"year{number}.xlsx", corpus.bare(corpus.rows(W01=["W01", "婚前医学检查率", "合计", text, 92.6]))
    del good, rng


def tables(good: bytes, rng: random.Random) -> Made:
    """The same return as a table, in the encodings and with the separators that programs write."""
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-32", "big5"):
        for number, sign in enumerate((",", "\t", ";", "|")):
            yield (
                f"{encoding}{number}.csv",
                corpus.text_file(encoding, [[c if c is None else str(c) for c in r] for r in lines(encoding)], sign),
            )
    yield "marks.csv", b"\xef\xbb\xbf" * 3 + corpus.text_file("utf-8", lines())
    yield "sep.csv", b"sep=;\r\n" + corpus.text_file("utf-8", lines(), ";")
    for number in range(10):
        yield f"wide{number}.csv", corpus.text_file("utf-8", [[*row, *[""] * 20 * number] for row in lines()])
        yield f"long{number}.csv", corpus.text_file("utf-8", [*lines(), *[[""] * 7] * 700 * number])
    del good, rng


def lines(encoding: str = "utf-8") -> list:
    """Rows of the return; Big5 holds no simplified characters, so these are written otherwise there."""
    rows = corpus.csv_lines()
    if encoding != "big5":
        return rows
    return [
        ["填報單位:區衛健委"],
        ["數據年度:2025"],
        ["指標編碼", "指標名稱", "年份", "數值"],
        ["W01", "婚前醫學檢查率", "2025", "92.6"],
    ]


def hostile_tables(good: bytes, rng: random.Random) -> Made:
    base = corpus.text_file("utf-8", lines())
    for number in range(60):
        data = bytearray(base)
        for _ in range(rng.randrange(1, 10)):
            place = rng.randrange(len(data))
            data[place : place + rng.randrange(3)] = rng.choice(
                [b'"', b"\0", b"\xff", b",", b"\n", b"\r", b"\xe2\x80\x8b", b"=1", b"\x1a"]
            )
        yield f"spoilt{number}.csv", bytes(data)
    for number, data in enumerate(
        (bytes(range(256)) * 4, b"\xff\xfe", b"\xff\xfe\0", b"\xef\xbb\xbf", b'"', b"\r" * 5000, b"\x81" * 99)
    ):
        yield f"bytes{number}.csv", data
    del good


def formats(good: bytes, rng: random.Random) -> Made:
    codes = (
        '0.00"%"',
        r"0.00\%",
        "0.00‰",
        '0!.0,"万"',
        "[Red]0",
        "[<1]0;1",
        '"',
        "\\",
        "_",
        "*",
        "[",
        "[$",
        ";;;",
        "@",
        "0" * 5000,
        "G/通用格式",
    )
    for number, code in enumerate(codes):
        data = corpus.bare(corpus.rows(W01=["W01", "婚前医学检查率", "合计", 2025, (92.6, "0.000")]))
        escaped = code.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").encode()
        yield (
            f"format{number}.xlsx",
            corpus.repacked(
                data,
                lambda n, c, e=escaped: (
                    c.replace(b'formatCode="0.000"', b'formatCode="' + e + b'"') if n == "xl/styles.xml" else c
                ),
            ),
        )
    del good, rng


def opened(good: bytes, rng: random.Random) -> Made:
    """ODS, as packages made by hand and spoilt."""
    body = (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>'
        '<table:table table:name="表"><table:table-row><table:table-cell office:value-type="string"><text:p>填报单位:区卫健委</text:p>'
        '</table:table-cell></table:table-row><table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        'table:number-columns-repeated="{columns}" office:value-type="percentage" office:value="{value}"><text:p>92.6%</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    odd = ("1", "0", "-1", "99999999", "9" * 30, "x", "")
    for number, (rows, columns, value) in enumerate(
        [(r, "1", "0.926") for r in odd] + [("1", c, "0.926") for c in odd] + [("1", "1", v) for v in odd]
    ):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as package:
            package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            package.writestr("content.xml", body.format(rows=rows, columns=columns, value=value))
        yield f"open{number}.ods", stream.getvalue()
        yield f"cut{number}.ods", stream.getvalue()[: rng.randrange(10, len(stream.getvalue()))]
    del good
