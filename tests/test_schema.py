"""The one schema: writers are held to it, readers cannot misspell a column, and it describes itself in both languages."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from plananalysis import open_edition
from plananalysis.base.text import catalogue, say, speaking
from plananalysis.editions import build
from plananalysis.schema import Column, format_version, places, table, tables
from plananalysis.schema.datapackage import FILE
from plananalysis.schema.rows import Record
from plananalysis.schema.writing import SchemaError, checked, number, write

ROOT = Path(__file__).parents[1]
EVERY = [(place, name) for place in places("zh") for name in tables(place)]
CHANGE = {
    "series": "W01", "name": "某指标", "from_outlook": "likely", "to_outlook": "hard", "from_probability": 0.7,
    "to_probability": 0.3, "cause": "new_data",
}  # fmt: skip


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    root = tmp_path_factory.mktemp("schema")
    (root / "data").mkdir()
    (root / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    build(root, "jiangbei", 2025)
    return open_edition("jiangbei", 2025, root)


# ---- readers -------------------------------------------------------------------------------------------------------


def test_a_misspelt_column_is_an_error_that_lists_the_columns(edition):
    row = edition.rows[0]
    for ask in (row.text, row.number, row.whole, row.words, row.flag):
        with pytest.raises(KeyError, match=r"assessments has no column 'outlok'; it has series, row, role"):
            ask("outlok")
    assert row.text("required_2027") != "?"  # one column per year, declared once


def test_words_are_no_numbers(edition):
    with pytest.raises(TypeError, match=r"assessments\.name holds"):
        edition.rows[0].number("name")


def test_a_column_the_edition_lacks_is_empty_and_no_error(edition):
    row = Record({"series": "W01"}, table("edition", "assessments"))
    assert (row.text("outlook"), row.number("value"), row.words("alerts"), row.flag("worst_part")) == (
        "",
        None,
        (),
        False,
    )


# ---- writers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"outlok": "hard"}, "has outlok, which nobody declared"),
        ({"to_outlook": "rosy"}, "'rosy' is not one of met_secure"),
        ({"to_probability": 30.0}, "is no share"),
        ({"from_probability": "viel"}, "from_probability"),
        ({"name": 5}, "is no text"),
    ],
)
def test_writers_are_refused_what_nobody_declared(cells, said):
    with pytest.raises(SchemaError, match=said):
        checked(table("edition", "changes"), pd.DataFrame([CHANGE | cells]))


def test_writers_are_refused_a_table_without_a_column_and_two_rows_of_one_key():
    with pytest.raises(SchemaError, match="lacks cause"):
        checked(table("edition", "changes"), pd.DataFrame([CHANGE]).drop(columns="cause"))
    with pytest.raises(SchemaError, match="two rows with one series"):
        checked(table("edition", "changes"), [CHANGE, CHANGE])


def test_a_day_is_a_day_and_a_whole_number_whole():
    action = dict.fromkeys(table("edition", "actions").stored, "") | {"action": "a1", "start": "2025-02-30"}
    with pytest.raises(SchemaError, match="start"):
        checked(table("edition", "actions"), [action])
    with pytest.raises(SchemaError, match=r"2025\.5 is no whole number"):
        checked(table("edition", "projections"), [{"series": "W01", "year": 2025.5}])


@pytest.mark.parametrize(
    ("given", "written"),
    [(82.3 - 81.63, "0.67"), (0.1 + 0.2, "0.3"), (85.0, "85"), (float("inf"), ""), (-0.0, "0"), ("92.60", "92.60")],
)
def test_numbers_are_written_as_they_are_meant(given, written):
    assert number(given) == written


def test_equal_rows_give_equal_bytes_whoever_holds_them(tmp_path):
    for folder, rows in (("a", [CHANGE]), ("b", pd.DataFrame([CHANGE]).astype({"name": "string"}))):
        (tmp_path / folder).mkdir()
        write("edition", "changes", rows, tmp_path / folder)
    assert (tmp_path / "a" / "changes.csv").read_bytes() == (tmp_path / "b" / "changes.csv").read_bytes()


# ---- what is written -----------------------------------------------------------------------------------------------


def test_every_cell_of_a_built_edition_is_what_its_column_says(edition):
    seen = Counter()
    for path in edition.folder.glob("*.csv"):
        about = table("edition", path.stem)
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for name, cell in row.items():
                    column = about.column(name)
                    assert not column.made, name
                    if cell and column.type in ("number", "share") and (path.stem, name) != ("observations", "value"):
                        assert (
                            cell.lower() != "inf" and len(cell.replace("-", "").replace(".", "").lstrip("0")) <= 10
                        ), (path, name, cell)
                    if cell and column.type in ("whole", "year"):
                        assert "." not in cell, (path, name, cell)
                    seen[path.stem] += 1
    assert seen["assessments"] and seen["observations"] and seen["plan"]


def test_tables_hold_no_words_of_a_language(edition):
    """Codes, numbers, and names as people wrote them; what is said of them is a key of the catalogue."""
    unsaid = {say(f"outlook.{c}") for c in table("edition", "assessments").column("outlook").allowed}
    for name, about in tables("edition").items():
        for row in edition.tables.rows(name) if name in edition.tables else []:
            for column, cell in row.items():
                if about.type_of(column) in ("code", "codes") and isinstance(cell, str):
                    assert (cell not in unsaid and cell.isascii()) or column in ("unit",), (name, column, cell)
                if about.type_of(column) == "told" and cell == cell and cell:
                    assert json.loads(cell)["by"], (name, column)


def test_a_text_that_was_told_is_said_again_in_english(edition):
    row = next(r for r in edition.rows if r.text("reason"))
    english = open_edition("jiangbei", 2025, edition.folder.parents[3], language="en")
    twin = english.assessments[row.text("series")]
    assert twin.text("reason").isascii() is False or twin.text("reason") != row.text("reason")
    with speaking("en"):  # the opened one goes on speaking its own language
        assert row.text("reason") == edition.assessments[row.text("series")].text("reason")


def test_the_datapackage_is_valid_and_names_every_column(edition):
    package = json.loads((edition.folder / FILE).read_text(encoding="utf-8"))
    for resource in package["resources"]:
        with (edition.folder / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
            assert next(csv.reader(file)) == [f["name"] for f in resource["schema"]["fields"]]
    assert {r["path"] for r in package["resources"]} == {p.name for p in edition.folder.glob("*.csv")}


def test_frictionless_finds_the_edition_valid(edition):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.Package(str(edition.folder / FILE)).validate()
    assert report.valid, [e.message for t in report.tasks for e in t.errors][:5]


def test_an_edition_of_another_format_is_refused_in_one_sentence(edition, tmp_path):
    assert json.loads((edition.folder / "edition.json").read_text(encoding="utf-8"))["format"] == format_version()


# ---- the schema itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "name"), EVERY)
def test_every_table_and_column_is_described_in_both_languages(place, name):
    about = table(place, name)
    assert about.zh and about.en and set(about.key) <= set(about.columns)
    for column in about.columns.values():
        assert column.zh and column.en.isascii(), column.name
        assert isinstance(column, Column) and (column.allowed or not (column.words or column.codes)), column.name
        for language in ("zh", "en"):
            assert all(column.meanings(language).values())
        assert not column.words or column.words in {k.rpartition(".")[0] for k in catalogue()}


def test_nothing_that_is_loaded_with_the_program_loads_pandas_for_the_schema():
    import subprocess

    code = "import sys, plananalysis.schema as s; s.table('edition', 'plan'); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_description_of_the_data_is_the_one_that_holds(language):
    """``python tools/describe_data.py`` writes it anew."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import describe_data
    finally:
        sys.path.pop(0)
    assert describe_data.FILES[language].read_text(encoding="utf-8") == describe_data.described(language)
