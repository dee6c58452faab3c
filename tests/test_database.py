"""database: append-only, equal when rebuilt, and as-of views that agree with the observations."""

import csv
import json
import re
import sqlite3

import intake_corpus as corpus
import pytest

from plananalysis import round as intake
from plananalysis.base.errors import DataError, UsageError
from plananalysis.observations import as_known, load_observations
from plananalysis.round import database, export


@pytest.fixture
def demo(tmp_path):
    corpus.write_area(tmp_path)
    corpus.write_history(tmp_path)
    folder = tmp_path / "data/raw/demo/observations"
    head = "series,group,year,value,numerator,denominator,status,definition,reported_at,note\n"
    revised = [
        "W01,total,2023,91.5,,,A,,2025-05-10,=补登",
        "W01,total,2024,92.02,,,A,,2026-05-10,",
        "C03,total,2024,,,,M,nbs,2026-05-10,撤回",
    ]
    (folder / "2026_revised.csv").write_text(head + "\n".join(revised) + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def built(demo):
    return database.rebuild(demo, "demo")


def test_rebuilding_twice_gives_the_same_content_and_leaves_nothing_behind(demo, built):
    before = corpus.table_hash(built)
    (built.parent / "monitoring.sqlite.99999.part").write_bytes(b"left by a killed run")
    assert corpus.table_hash(database.rebuild(demo, "demo")) == before
    assert sorted(p.name for p in built.parent.iterdir()) == ["monitoring.sqlite"]


def test_the_fingerprint_sees_a_single_changed_value(demo, built):
    before = corpus.table_hash(built)
    path = demo / "data/raw/demo/observations/2026_revised.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("91.5,", "91.6,"), encoding="utf-8")
    assert corpus.table_hash(database.rebuild(demo, "demo")) != before


@pytest.mark.parametrize("table", ["observation", "submission", "review", "series", "definition", "unit", "about"])
def test_nothing_can_be_changed_or_deleted(built, demo, table):
    path = corpus.form(demo)
    (demo / "a.xlsx").write_bytes(path)
    one = intake.receive(demo, "demo", [demo / "a.xlsx"], "2026-04-20", "监测组").files[0]
    intake.review(demo, "demo", one.submission, "ask", "监测组", "2026-04-20")
    connection = sqlite3.connect(database.rebuild(demo, "demo"))
    column = connection.execute(f"PRAGMA table_info({table})").fetchone()[1]
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    connection.close()


@pytest.mark.parametrize(
    "day", ["2019-12-31", "2024-05-10", "2025-05-09", "2025-05-10", "2026-05-09", "2026-05-10", "2030-01-01"]
)
def test_as_of_says_the_same_in_sql_as_in_pandas(demo, built, day):
    view = as_known(load_observations(demo, "demo"), day, 2030)
    expected = [
        (r.series, r.group, r.year, r.definition, r.value_text, r.reported_at, r.submission) for r in view.itertuples()
    ]
    connection = database.connect(demo, "demo")
    found = [
        (
            r["series"],
            r["group_code"],
            r["year"],
            r["definition"],
            r["value_text"] or "",
            r["reported_at"],
            r["submission"],
        )
        for r in database.as_of(connection, day)
    ]
    connection.close()
    assert found == expected


def test_the_history_of_a_cell_names_file_row_and_day(demo, built):
    connection = database.connect(demo, "demo")
    told = database.history(connection, "W01", 2023)
    repeated = database.history(connection, "W01", 2024)
    connection.close()
    assert [(r["reported_at"], r["value"], r["submission"], r["file_row"], r["vintage"]) for r in told] == [
        ("2024-05-10", 91.42, "2016-2024.csv", 51, 1),
        ("2025-05-10", 91.5, "2026_revised.csv", 2, 2),
    ]
    assert [r["vintage"] for r in repeated] == [1, 0]  # the same value again is a report, not a vintage


def test_a_reader_cannot_write_and_an_absent_database_is_named(demo, built):
    connection = database.connect(demo, "demo")
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("INSERT INTO unit VALUES ('x', 'y')")
    connection.close()
    built.unlink()
    with pytest.raises(UsageError, match="尚未生成"):
        database.connect(demo, "demo")


def test_bad_raw_files_leave_the_old_database(demo, built):
    before = built.read_bytes()
    (demo / "data/raw/demo/observations/bad.csv").write_text(
        "series,year,value,status,reported_at\nW01,2024,x,A,2025-01-01\n", encoding="utf-8"
    )
    with pytest.raises(DataError):
        database.rebuild(demo, "demo")
    assert built.read_bytes() == before and [p.name for p in built.parent.iterdir()] == ["monitoring.sqlite"]


def test_the_export_opens_in_a_spreadsheet_and_runs_nothing(demo, built):
    paths = {p.name: p for p in export.export(demo, "demo", demo / "out")}
    package = json.loads(paths["datapackage.json"].read_text(encoding="utf-8"))
    for resource in package["resources"]:
        data = paths[resource["path"]].read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
        header = data.decode("utf-8-sig").splitlines()[0].split(",")
        assert header == [f["name"] for f in resource["schema"]["fields"]]
        keys = [tuple(r[k] for k in resource["schema"]["primaryKey"]) for r in rows]
        assert len(set(keys)) == len(keys)
    text = paths["observation.csv"].read_text(encoding="utf-8-sig")
    assert "'=补登" in text and ",=补登" not in text
    sdmx = list(csv.DictReader(paths["sdmx.csv"].read_text(encoding="utf-8-sig").splitlines()))
    assert {r["OBS_STATUS"] for r in sdmx} == {"A", "M"} and {r["BREAKDOWN"] for r in sdmx} == {"_T"}
    assert next(r["OBS_VALUE"] for r in sdmx if (r["INDICATOR"], r["TIME_PERIOD"]) == ("W01", "2023")) == "91.5"
    assert "虚构" in package["title"]


PUBLIC = {"series": "W01", "area": "demo", "group": "total", "definition": "", "reported_at": "2025-05-10", "status": "A"} | {
    "value": "", "numerator": "", "denominator": 1200, "source": ""}  # fmt: skip


def handed_out(demo):
    rows = [
        PUBLIC | {"year": 2022, "value": 90.0, "numerator": 1080, "withheld": False, "status": "BP"},
        PUBLIC | {"year": 2023, "numerator": 3, "value": 0.25, "withheld": True},
    ]
    return {p.name: p for p in export.export(demo, "demo", demo / "public", rows)}


def test_a_public_export_tells_values_only_as_the_public_edition_does(demo, built):
    paths = handed_out(demo)
    assert set(paths) == {"observation.csv", "series.csv", "unit.csv", "definition.csv", "sdmx.csv",
                          "sdmx_structure.xml", "datapackage.json"}  # fmt: skip
    shown, hidden = csv.DictReader(paths["observation.csv"].read_text(encoding="utf-8-sig").splitlines())
    assert (shown["value"], shown["numerator"], shown["obs_status"]) == ("90", "1080", "BP")
    assert (hidden["value"], hidden["value_text"], hidden["numerator"], hidden["obs_status"]) == ("", "", "", "Q")
    assert hidden["denominator"] == "1200" and "submission" not in hidden


# --- SDMX, read by the two programs that read it ---------------------------------------------------------------------------


@pytest.fixture
def exchanged(demo, built):
    export.export(demo, "demo", demo / "out")
    return demo / "out" / "sdmx.csv", demo / "out" / "sdmx_structure.xml"


def test_sdmx1_reads_the_structure_and_every_observation_by_it(exchanged):
    sdmx = pytest.importorskip("sdmx")
    data, structure = exchanged
    message = sdmx.read_sdmx(structure)
    (flow,) = message.dataflow.values()
    (definition,) = message.structure.values()
    assert [d.id for d in definition.dimensions] == [
        "FREQ",
        "REF_AREA",
        "INDICATOR",
        "BREAKDOWN",
        "DEFINITION",
        "TIME_PERIOD",
    ]
    found = sdmx.read_sdmx(data, structure=flow)
    lines = list(csv.DictReader(data.read_text(encoding="utf-8").splitlines()))
    observations = [obs for one in found.data for obs in one.obs]
    assert len(observations) == len(lines) > 50
    for column in (
        "REF_AREA",
        "INDICATOR",
        "BREAKDOWN",
        "DEFINITION",
        "UNIT_MEASURE",
        "OBS_STATUS",
        "CONF_STATUS",
        "FREQ",
    ):
        codes = set(message.codelist[f"CL_{column}"].items)
        assert {line[column] for line in lines} <= codes, column


def test_pysdmx_reads_the_structure_and_the_data(exchanged):
    pytest.importorskip("pysdmx")
    pytest.importorskip("pyarrow", reason="pysdmx reads data with it; make cluster brings it, as CI does")
    from pysdmx.io import get_datasets, read_sdmx

    data, structure = exchanged
    message = read_sdmx(structure, validate=True)
    assert {c.id for c in message.get_codelists()} == {
        f"CL_{c}"
        for c in (
            "FREQ",
            "REF_AREA",
            "INDICATOR",
            "BREAKDOWN",
            "DEFINITION",
            "UNIT_MEASURE",
            "OBS_STATUS",
            "CONF_STATUS",
        )
    }
    (dataset,) = get_datasets(data, structure)
    lines = list(csv.DictReader(data.read_text(encoding="utf-8").splitlines()))
    assert len(dataset.data) == len(lines)
    values = {(r["INDICATOR"], str(r["TIME_PERIOD"])): str(r["OBS_VALUE"]) for r in dataset.data.to_dict("records")}
    assert float(values["W01", "2023"]) == 91.5


def test_an_export_of_everything_is_never_marked_free_for_publication(exchanged, demo):
    data, _ = exchanged
    assert {r["CONF_STATUS"] for r in csv.DictReader(data.read_text(encoding="utf-8").splitlines())} == {"N"}
    rows = list(csv.DictReader(handed_out(demo)["sdmx.csv"].read_text(encoding="utf-8").splitlines()))
    told = [(r["TIME_PERIOD"], r["OBS_VALUE"], r["OBS_STATUS"], r["CONF_STATUS"]) for r in rows]
    assert told == [("2022", "90", "B", "F"), ("2023", "", "Q", "C")]


def test_identifiers_are_such_as_sdmx_allows(exchanged):
    data, structure = exchanged
    assert not data.read_bytes().startswith(b"\xef\xbb\xbf")
    for line in csv.DictReader(data.read_text(encoding="utf-8").splitlines()):
        assert all(
            re.fullmatch(r"[A-Za-z0-9_@$-]+", line[c])
            for c in ("REF_AREA", "INDICATOR", "BREAKDOWN", "DEFINITION", "UNIT_MEASURE")
        )
    identifiers = re.findall(r' id="([^"]*)"', structure.read_text(encoding="utf-8"))
    assert identifiers and all(re.fullmatch(r"[A-Za-z0-9_@$-]+", one) for one in identifiers)


@pytest.mark.parametrize(("version", "match"), [(0, "较早的程序"), (99, "较新的程序")])
def test_a_database_of_another_format_is_refused_in_one_sentence(demo, built, version, match):
    with sqlite3.connect(built) as connection:
        connection.execute(f"PRAGMA user_version={version}")
    connection.close()
    with pytest.raises(UsageError, match=match):
        database.connect(demo, "demo")
