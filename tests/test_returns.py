"""returns: every cell is read by one contract, every broken file is refused with a sentence, nothing is guessed."""

import functools
import io
import math
import random
import re
import tomllib
import unicodedata
import zipfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import clock
import intake_corpus as corpus
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plananalysis.base import tables
from plananalysis.checks.ranges import Point, expected
from plananalysis.returns import HINT, Issue, issue, parse_value, read_return, told
from plananalysis.returns.values import in_unit, raw_text, same_unit
from plananalysis.round import Checker
from plananalysis.sheets.grids import Cell, Refused, address
from plananalysis.sheets.reading import read_file
from plananalysis.sheets.xlsx import read_xlsx

FULL = {ord(c): ord(c) + 0xFEE0 for c in "0123456789.%,-+/<>"}
NUMBERS = st.decimals(-(10**6), 10**6, places=3, allow_nan=False).map(lambda d: f"{d.normalize():f}")


@given(st.one_of(st.text(), st.none(), st.booleans(), st.floats(), st.integers(), st.datetimes()), st.text(max_size=12))
def test_the_parser_never_raises_and_never_gives_a_value_without_a_kind(raw, number_format):
    read = parse_value(raw, number_format)
    assert (read.value is not None) == (read.kind == "number")
    assert read.kind != "error" or read.problem
    assert read.value is None or math.isfinite(read.value)


@given(NUMBERS, st.sampled_from(["", "%", "‰", "/10万", "万"]))
def test_full_width_says_the_same_as_half_width(number, unit):
    half, full = parse_value(number + unit), parse_value((number + unit).translate(FULL))
    assert (half.value, half.unit, half.kind) == (full.value, full.unit, "number")
    assert half.value == float(number)


@given(st.text(min_size=1, max_size=6))
def test_no_digit_is_read_that_is_not_an_ascii_digit(text):
    """NFKC and ``\\d`` would find numbers in circled, superscript and Arabic digits."""
    read = parse_value(text)
    if read.kind == "number":
        strange = [
            c
            for c in text
            if unicodedata.category(c) in ("No", "Nd", "Nl") and c not in "0123456789０１２３４５６７８９"
        ]
        assert strange == []


@given(st.floats(-1e9, 1e9))
def test_a_spreadsheets_number_keeps_the_fifteen_digits_it_shows(number):
    read = parse_value(number)
    assert math.isclose(read.value, number, rel_tol=1e-14, abs_tol=1e-300)
    assert "e" not in read.text.lower() and read.raw == raw_text(number)


@pytest.mark.parametrize(
    ("raw", "shown", "kind", "text", "unit", "more"),
    [
        ("92.6%", "", "number", "92.6", "%", ""),
        (0.926, "0.0%", "number", "92.6", "%", ""),
        (92.6, '0.0"%"', "number", "92.6", "%", ""),
        (92.60000000000001, "", "number", "92.6", "", ""),
        ("0/10万", "", "number", "0", "1/10万", ""),
        ("81.77万", "", "number", "81.77", "万", ""),
        ("≥94", "", "number", "94", "", "≥"),
        ("45左右", "", "number", "45", "", "左右"),
        ("1,234.5", "", "number", "1234.5", "", ""),
        ("18.0", "", "number", "18.0", "", ""),
        ("—", "", "missing", "", "", ""),
        ("…", "", "tiny", "", "", ""),
        ("不适用", "", "not_applicable", "", "", ""),
        ("　", "", "blank", "", "", ""),
        ("无", "", "error", "", "", "none_word"),
        ("92.6①", "", "error", "", "", "footnote"),
        ("92。6", "", "error", "", "", "point"),
        ("92,6", "", "error", "", "", "comma"),
        ("1,23", "", "error", "", "", "comma"),
        ("007", "", "error", "", "", "zeros"),
        ("40~45", "", "error", "", "", "range"),
        ("九十二", "", "error", "", "", "chinese_digits"),
        ("٤٥", "", "error", "", "", "number"),
        (True, "", "error", "", "", "boolean"),
        (12345, '0!.0,"万"', "error", "", "", "scaled"),
        ("#DIV/0!", "", "error", "", "", "formula_error"),
    ],
)
def test_the_contract_case_by_case(raw, shown, kind, text, unit, more):
    read = parse_value(raw, shown or "General")
    assert (read.kind, read.text, read.unit, read.problem or read.qualifier) == (kind, text, unit, more)


def test_units_are_compared_and_a_conversion_is_only_suggested():
    assert same_unit("", "%") and same_unit("人", "名") and not same_unit("‰", "%")
    assert (
        in_unit("926.1", "‰", "%") == "92.61" and in_unit("0.6", "万", "") == "6000" and in_unit("3", "%", "岁") == ""
    )


def test_addresses_are_those_of_a_spreadsheet():
    assert [address(0, j) for j in (0, 25, 26, 701, 702, 16383)] == ["A1", "Z1", "AA1", "ZZ1", "AAA1", "XFD1"]


@pytest.fixture(scope="module")
def checker(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo")
    corpus.write_area(root)
    return Checker.load(root, "demo")


@pytest.fixture(scope="module")
def expectations():
    found = {}
    for row in tables.read_rows(corpus.FOLDER / "expected.csv", corpus.FOLDER, corpus.COLUMNS):
        found.setdefault(row["file"], []).append(tuple(row[c] for c in corpus.COLUMNS))
    return found


FILES = sorted(p.name for p in corpus.FOLDER.iterdir() if p.name != "expected.csv" and not p.name.startswith("."))


def decided_at_once(data: bytes, name: str) -> bool:
    """Whether reading or refusing a file, here instead of in its own process, costs less than a second."""

    def read() -> None:
        with suppress(Exception):  # any means a broken file
            read_file(data, f".{name.rpartition('.')[2].lower()}")

    return clock.costs_under(1, read)


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_corpus_has_exactly_the_issues_expected(name, checker, expectations):
    data = (corpus.FOLDER / name).read_bytes()
    one = read_return(data, name, checker.book)
    if one.refused:
        assert decided_at_once(data, name) and one.rows == ()
    found = [corpus.issue_row(name, one, i) for i in checker.check(one)]
    told = [tuple(str(row[c]) for c in corpus.COLUMNS) for row in found]
    assert told == expectations[name] or (told == [] and expectations[name][0][3] == "")
    assert all(i.message and i.advice and "{" not in i.message + i.advice for i in checker.check(one))


def test_the_committed_corpus_is_what_the_script_builds(tmp_path):
    lock = tomllib.loads((Path(__file__).parents[1] / "uv.lock").read_text(encoding="utf-8"))["package"]
    (locked,) = [p["version"] for p in lock if p["name"] == "xlsxwriter"]
    if version("xlsxwriter") != locked:
        pytest.skip(f"the bytes of its workbooks are those that XlsxWriter {locked} writes")
    root = tmp_path
    corpus.write_area(root)
    made = corpus.cases(root)
    assert sorted(made) == FILES
    assert [
        n for n, data in made.items() if data != (corpus.FOLDER / n).read_bytes() and not n.startswith("old_form")
    ] == []


@pytest.mark.parametrize("rows", [40_000, 250_000])
def test_sheets_with_formats_in_every_row_are_refused_at_once(rows, checker):
    data = corpus.styled(rows)
    one = read_return(data, "整列格式.xlsx", checker.book)
    assert one.refused and decided_at_once(data, "整列格式.xlsx")
    assert one.issues[0].rule in ("file_cells", "file_bomb", "file_large")


def test_a_few_hundred_rows_with_formats_are_no_reason_to_refuse(checker):
    assert not read_return(corpus.styled(500), "表.xlsx", checker.book).refused


@pytest.mark.slow
def test_a_million_styled_rows_are_refused_in_a_second(checker):
    data = corpus.styled(1_000_000)
    assert read_return(data, "一百万行.xlsx", checker.book).refused and decided_at_once(data, "一百万行.xlsx")


def test_an_entity_is_refused_even_when_the_guard_does_not_see_it():
    good = (corpus.FOLDER / "good.xlsx").read_bytes()
    data = corpus.in_sheet(good, b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aaaaaaaa">]><worksheet')
    with zipfile.ZipFile(io.BytesIO(data)) as package, pytest.raises(Refused, match="file_dtd"):
        read_xlsx(package)


WHOLE = ("good.xlsx", "groups.xlsx", "codes.xlsx", "formulas.xlsx", "odd_cells.xlsx", "far_cell.xlsx")


def mutations(count, seed):
    """Files of the corpus with bytes flipped, cut out, doubled, or with a part of the package spoilt."""
    rng = random.Random(seed)
    pool = [
        p
        for p in sorted(corpus.FOLDER.iterdir())
        if p.name in FILES and p.suffix in (".xlsx", ".csv") and 0 < p.stat().st_size < 40_000
    ]
    for _ in range(count):
        path = rng.choice(pool)
        data = bytearray(path.read_bytes())
        kind = rng.randrange(8)
        if kind > 2:  # inside the package, where no checksum shows it
            path = rng.choice([p for p in pool if p.name in WHOLE])
            data = path.read_bytes()
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                target = rng.choice(package.namelist())
            spoilt = corpus.repacked(bytes(data), lambda n, c, t=target: spoil(c, rng) if n == t else c)
            yield path.name, spoilt
            continue
        for _ in range(rng.randrange(1, 12)):
            place = rng.randrange(len(data))
            if kind == 0:
                data[place] ^= 1 << rng.randrange(8)
            elif kind == 1:
                del data[place : place + rng.randrange(1, 200)]
            else:
                data[place:place] = data[place : place + rng.randrange(1, 200)]
            if not data:
                break
        yield path.name, bytes(data)


def spoil(content, rng):
    text = bytearray(content)
    for _ in range(rng.randrange(1, 6)):
        place = rng.randrange(len(text)) if text else 0
        text[place : place + rng.randrange(0, 20)] = rng.choice(
            [b"", b"<", b"/>", b"99999999", b'"', b"\xff", b"&amp;", b"-1", b"r="]
        )
    return bytes(text)


def run_fuzz(count, seed, checker):
    """Whether no file costs more than two seconds beside what its reader may take."""
    slowest = 0.0, None

    def read(name, data):
        one = read_return(data, name, checker.book)
        checker.check(one)
        assert not one.refused or one.issues[0].message

    for name, data in mutations(count, seed):
        one = functools.partial(read, name, data)
        slowest = max(slowest, (clock.least(one, rounds=1), one), key=lambda found: found[0])
    return slowest[0] < 2 or clock.costs_under(2, slowest[1])


def test_spoilt_files_neither_crash_nor_hang(checker):
    assert run_fuzz(60, 7, checker)


@pytest.mark.slow
def test_a_thousand_spoilt_files_neither_crash_nor_hang_nor_fill_the_memory(checker):
    resource = pytest.importorskip("resource")  # not on Windows
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert run_fuzz(1000, 11, checker)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024  # kilobytes on Linux


HISTORY = [Point(2015 + i, 80 + 0.5 * i + 0.2 * (i % 2)) for i in range(10)]


@pytest.mark.parametrize(("value", "unusual"), [(85.2, False), (84.6, False), (58.2, True), (0.85, True), (99.9, True)])
def test_a_value_is_unusual_when_it_leaves_its_own_past(value, unusual):
    found = expected(HISTORY, Point(2025, value), "%", 100, 2)
    assert (found.distance > 4) is unusual
    assert found.low < 85 < found.high


def test_two_years_are_too_few_to_say_what_is_usual():
    assert expected(HISTORY[:2], Point(2017, 10), "%", 100, 2) is None


def test_three_equal_years_leave_a_value_four_usual_steps_and_a_quarter_more():
    """No scatter of their own: a step is √(2 × 0.05² / 4) on the logarithm, a quarter wider, four times: 19.3 per cent."""
    still = [Point(year, 50.0) for year in (2015, 2016, 2017)]
    assert [expected(still, Point(2018, v), "年", math.nan, 1).distance > 4 for v in (59.6, 59.7)] == [False, True]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=4, max_size=8), st.floats(0, 100))
def test_the_usual_range_is_finite_and_inside_the_bounds(values, new):
    earlier = [Point(2010 + i, round(v, 2)) for i, v in enumerate(values)]
    found = expected(earlier, Point(2010 + len(values), round(new, 2)), "%", 100, 2)
    assert 0 <= found.low <= found.high <= 100 and math.isfinite(found.distance)


def test_an_empty_cell_has_no_text():
    assert Cell().text == "" and raw_text(None) == ""


def test_what_is_the_same_in_years_that_follow_each_other_is_told_once():
    def blank(cell: str, year: int, name: str = "检查率") -> Issue:
        return issue(
            "blank", "a.xlsx", HINT, sheet="填报表", cell=cell, series="W01", group="total", year=year, name=name
        )

    several = [
        blank("J7", 2020),
        blank("J8", 2021),
        blank("J9", 2022),
        blank("J11", 2024),
        blank("J12", 2025, "筛查率"),
    ]
    lines = told(several)
    assert [re.search(r"填报表 (\S+) W01 (\S+?)：", line).groups() for line in lines] == [
        ("J7—J9", "2020—2022"), ("J11", "2024"), ("J12", "2025"),
    ]  # fmt: skip
    assert lines[0].replace("J7—J9", "J7").replace("2020—2022", "2020") == str(several[0])
    assert told([]) == [] and lines[1:] == [str(i) for i in several[3:]]
