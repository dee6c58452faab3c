"""An edition is derived from what was known then, names the cause of every change, and is equal when built twice."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from plananalysis import assessments
from plananalysis.assessments import backtests, years
from plananalysis.base.errors import DataError, UsageError
from plananalysis.base.tables import read_table, write_rows
from plananalysis.editions import build, changed, editions, fresh, inputs
from plananalysis.editions.changes import sentence
from plananalysis.editions.memo import Memo
from plananalysis.pages import open_edition
from plananalysis.projections import explain
from plananalysis.render.cuts import CUTS
from plananalysis.schema.rows import Record

ROOT = Path(__file__).parents[1]
COLUMNS = ["series", "year", "value", "status", "reported_at", "source", "note"]


@pytest.fixture
def district(tmp_path):
    """A folder with Jiangbei's plan and no observations; returns a function that files one submission."""
    raw = tmp_path / "data" / "raw"
    shutil.copytree(ROOT / "data" / "raw" / "jiangbei", raw / "jiangbei", ignore=shutil.ignore_patterns("observations"))
    shutil.copy(ROOT / "data" / "raw" / "thresholds.toml", raw)
    settings = raw / "jiangbei" / "area.toml"
    alone = re.sub(r"(?m)^comparators = .*$", "comparators = []", settings.read_text(encoding="utf-8"))
    settings.write_text(alone, encoding="utf-8")

    def submit(name, rows):
        filled = [dict(zip(COLUMNS, (*row, "A", when, "试验", ""), strict=True)) for *row, when in rows]
        write_rows(filled, COLUMNS, raw / "jiangbei" / "observations" / f"{name}.csv")

    submit.root = tmp_path
    return submit


def yearly(series, first, values):
    """One report a year, each in the May after."""
    return [(series, first + i, v, f"{first + i + 1}-05-01") for i, v in enumerate(values)]


def test_building_twice_gives_the_same_bytes_and_only_derived_files(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3]))
    first = build(district.root, "jiangbei", 2025)
    folder = district.root / first.folder
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert build(district.root, "jiangbei", 2025) == first
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert [p.name for p in folder.parent.glob(".*")] == [], "nothing half-made is left behind"
    assert "edition.json" in before and {"plan.csv", "observations.csv", "assessments.csv", "projections.csv"} <= set(
        before
    )


def test_summary_counts_rows_years_and_verdicts(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3]))
    summary = build(district.root, "jiangbei", 2025)
    assert (summary.observations, summary.first_year, summary.last_year, summary.newest) == (11, 2015, 2025, {2025: 1})
    assert sum(summary.outlooks.values()) == 89 and summary.outlooks["no_data"] == 84


def test_editions_begin_with_the_first_that_closed_after_the_plan_was_issued(district):
    settings = district.root / "data/raw/jiangbei/area.toml"
    assert 'issued = "2022-12-29"' in settings.read_text(encoding="utf-8")
    earlier_close = settings.read_text(encoding="utf-8").replace("data_closes_months = 12", "data_closes_months = 9")
    settings.write_text(earlier_close, encoding="utf-8")  # that of 2021 now closes on 2022-09-30, before the plan
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3]))
    assert [e.plan.as_of for e in editions(district.root, "jiangbei", 2024)] == [2022, 2023, 2024]
    folder = district.root / build(district.root, "jiangbei", 2024).folder
    assert json.loads((folder / "edition.json").read_text(encoding="utf-8"))["first_as_of"] == 2022
    assert set(read_table(folder / "earlier.csv")["year"]) == {2022, 2023}


def test_an_earlier_edition_does_not_know_what_was_reported_later(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4]))
    as_was = build(district.root, "jiangbei", 2022)
    before = (district.root / as_was.folder / "assessments.csv").read_bytes()
    district("late", [("W04", 2021, 80.0, "2025-05-01"), ("W04", 2023, 95.0, "2024-05-01")])
    build(district.root, "jiangbei", 2022)
    assert (district.root / as_was.folder / "assessments.csv").read_bytes() == before


def test_the_reading_that_held_then_is_used_and_its_change_is_named_as_the_cause(district):
    district("w04", yearly("W04", 2015, [94.5] * 11))
    targets = district.root / "data/raw/jiangbei/plan/targets.csv"
    rows = list(csv.DictReader(targets.open(encoding="utf-8-sig", newline="")))
    harder = next(r for r in rows if r["series"] == "W04") | {
        "value": "99",
        "operator_source": "office",
        "decided_on": "2026-03-01",
        "decided_by": "监测评估领导小组",
        "reason": "指标调整",
    }
    write_rows([*rows, harder], list(rows[0]), targets)
    chain = editions(district.root, "jiangbei", 2025)
    assert [e.plan.reading("W04").value for e in chain] == [
        94,
        94,
        94,
        94,
        99,
    ]  # the edition of 2025 closes on 2026-12-31
    assert [chain[i].assessments.loc["W04", "position"] for i in (3, 4)] == ["met", "not_met"]
    change = changed(chain[3], chain[4]).set_index("series", drop=False).loc["W04"]
    assert change["cause"] == "reading_changed" and "目标口径调整" in sentence(Record(change.to_dict()), ())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.5, 0.2, "（达标概率约50%→约20%）"),
        (math.nan, 0.2, "（达标概率约20%）"),
        (0.5, math.nan, "（上版达标概率约50%）"),
        (math.nan, math.nan, ""),
    ],
)
def test_a_change_shows_the_probabilities_there_are(before, after, said):
    def edition(outlook, probability):
        line = {"role": "target", "name": "某率", "outlook": outlook, "probability": probability}
        plan = SimpleNamespace(
            series=pd.DataFrame({"row": ["W01"], "role": ["target"]}, index=["W01"]),
            targets=pd.DataFrame(),
            thresholds=SimpleNamespace(**dict.fromkeys(CUTS, 0.66), min_points=4),
        )
        return SimpleNamespace(assessments=pd.DataFrame([line], index=["W01"]), plan=plan, histories={})

    (row,) = changed(edition("no_data", before), edition("hard", after)).to_dict("records")
    assert sentence(Record(row), ()).startswith(f"W01 某率：由“数据不足”变为“达标困难”{said}，原因：")


def test_a_revision_and_new_data_are_told_apart(district):
    steady = yearly("W04", 2012, [93.6, 93.8, 93.7, 93.9, 93.8, 93.9, 93.9, 94.0, 94.1, 94.2, 94.2, 94.3, 94.3])
    district("w04", [*steady, ("W04", 2025, 90.0, "2026-05-01")])
    chain = editions(district.root, "jiangbei", 2025)
    assert changed(chain[-2], chain[-1]).set_index("series").loc["W04", "cause"] == "new_data"
    district("w04", [*steady, ("W04", 2024, 90.0, "2026-04-01"), ("W04", 2025, 90.0, "2026-05-01")])
    chain = editions(district.root, "jiangbei", 2025)
    assert changed(chain[-2], chain[-1]).set_index("series").loc["W04", "cause"] == "revised_data"


def test_a_verdict_that_only_new_years_made_possible_is_owed_to_them_though_a_value_was_revised_too(district):
    first = [("W04", 2020, 93.6, "2021-05-01")]
    rest = [
        ("W04", y, v, "2026-05-01")
        for y, v in zip(range(2016, 2026), (93, 93.2, 93.4, 93.5, 93.7, 93.9, 94, 94.1, 94.2, 94.4), strict=True)
    ]
    district("w04", [*first, *rest])  # the value of 2020 was 93.6 and is 93.7 now; nine years are new
    chain = editions(district.root, "jiangbei", 2025)
    (row,) = [r for r in changed(chain[-2], chain[-1]).to_dict("records") if r["series"] == "W04"]
    assert (row["from_outlook"], row["cause"]) == ("no_data", "new_data")


def test_projection_table_is_ordered_quantiles_up_to_the_target_year(district):
    district("w04", yearly("W04", 2015, [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3]))
    summary = build(district.root, "jiangbei", 2025)
    table = read_table(district.root / summary.folder / "projections.csv")
    assert table["year"].tolist() == list(range(2026, 2031)) and set(table["series"]) == {"W04"}
    quantiles = table.drop(columns=["series", "year"]).to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all() and quantiles.min() >= 0 and quantiles.max() <= 100


def test_broken_input_writes_nothing_and_lists_every_problem(district):
    district("bad", [("W99", 2021, 1, "2022-05-01"), ("W04", 2021, "92.6①", "2022-05-01")])
    with pytest.raises(DataError) as error:
        build(district.root, "jiangbei", 2025)
    assert {(p.row, p.column) for p in error.value.problems} == {(2, "series"), (3, "value")}
    assert not (district.root / "data" / "processed").exists()
    settings = district.root / "data/raw/jiangbei/area.toml"
    settings.write_text(re.sub("(?m)^as_of.*$", "", settings.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DataError, match="as_of"):
        build(district.root, "jiangbei")
    assert not fresh(district.root, "jiangbei") and not fresh(district.root, "nowhere")


def test_description_of_an_edition_names_every_input_by_hash_and_no_time_or_place(district):
    district("w04", yearly("W04", 2020, [92.6, 93.0]))
    summary = build(district.root, "jiangbei", 2025)
    description = json.loads((district.root / summary.folder / "edition.json").read_text(encoding="utf-8"))
    made_from = json.loads((district.root / summary.folder / "inputs.json").read_text(encoding="utf-8"))
    file = district.root / "data/raw/jiangbei/observations/w04.csv"
    assert made_from["inputs"]["data/raw/jiangbei/observations/w04.csv"] == sha256(file.read_bytes()).hexdigest()
    assert description["known_on"] == "2026-12-31"
    assert str(district.root) not in json.dumps([description, made_from])
    assert "inputs" not in description  # what pages show must not change with a file they show nothing of


# --- nothing changed -------------------------------------------------------------------------------------------------

THREE = {
    "W04": [88, 89, 90, 90.5, 91, 92.6, 92.9, 93.4, 93.6, 94.1, 94.3],
    "C08": [97.1, 97.3, 97.0, 97.8, 98.1, 98.0, 98.4, 98.6, 98.5, 98.9, 99.0],
    "W42": [38, 38.4, 39.1, 39.0, 39.8, 40.1, 40.9, 41.2, 41.0, 41.7, 42.3],
}


@pytest.fixture
def three_series(district):
    for series, values in THREE.items():
        district(series.lower(), yearly(series, 2015, values))
    return district


def written(root, folder="data/processed/jiangbei/2025"):
    return {p.name: p.read_bytes() for p in (root / folder).iterdir()}


def test_no_table_of_an_edition_is_lost(three_series):
    """A page leaves out what it has no table for, so that a table nobody derives any more would go unseen."""
    judged = {
        "plan",
        "projections",
        "backtests",
        "assessments",
        "explanations",
        "analogues",
        "retrospective",
        "changes",
    }
    judged |= {"reliability", "track_record", "earlier", "actions", "peers", "finished"}
    reported = {"observations", "quality", "completeness", "comparators", "gaps", "gap_years"}
    reported |= {"accountability", "return_questions", "definitions", "comparator_outlooks"}
    build(three_series.root, "jiangbei", 2025)
    found = written(three_series.root)
    assert {name.removesuffix(".csv") for name in found if name.endswith(".csv")} == judged | reported
    assert {name for name in found if not name.endswith(".csv")} == {
        "datapackage.json",
        "edition.json",
        "inputs.json",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_two_processes_derive_what_one_derives(three_series, monkeypatch):
    root, forks = three_series.root, []
    build(root, "jiangbei", 2025)
    alone, fork = written(root), os.fork
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # the test runner has a thread of its own
    monkeypatch.setattr(os, "fork", lambda: (forks.append(1), fork())[1])
    build(root, "jiangbei", 2025, force=True, side_by_side=True)
    assert written(root) == alone and forks == [1]


def test_whatever_an_edition_rests_on_makes_it_stale_when_it_changes(three_series, monkeypatch):
    root = three_series.root
    assert not fresh(root, "jiangbei", 2025)
    build(root, "jiangbei", 2025)
    assert fresh(root, "jiangbei", 2025) and fresh(root, "jiangbei")
    assert not fresh(root, "jiangbei", 2024)
    assert not fresh(root, "jiangbei", 2025, n_paths=500)
    raw, derived = root / "data" / "raw", root / "data" / "processed" / "jiangbei" / "2025"
    for path in (raw / "thresholds.toml", raw / "jiangbei" / "observations" / "w04.csv", derived / "assessments.csv"):
        as_was = path.read_bytes()
        path.write_bytes(as_was + b"\n")
        assert not fresh(root, "jiangbei", 2025), path
        path.write_bytes(as_was)
    new = raw / "jiangbei" / "actions.csv"
    new.touch()
    assert not fresh(root, "jiangbei", 2025)
    new.unlink()
    (derived / "inputs.json").write_text((derived / "inputs.json").read_text(encoding="utf-8")[:-40], encoding="utf-8")
    assert not fresh(root, "jiangbei", 2025)
    build(root, "jiangbei", 2025)
    assert fresh(root, "jiangbei", 2025)
    monkeypatch.setattr(inputs, "program", lambda: "another")
    assert not fresh(root, "jiangbei", 2025)


def test_a_fresh_edition_is_told_without_loading_what_derives(three_series):
    summary = build(three_series.root, "jiangbei", 2025, n_paths=50)
    code = (
        "import sys; from pathlib import Path; from plananalysis.editions import build, fresh, inputs;"
        "root = Path(sys.argv[1]); inputs.program = lambda: sys.argv[2];"  # the sources may be edited while tests run
        "print(fresh(root, 'jiangbei', 2025, n_paths=50)); s = build(root, 'jiangbei', 2025, n_paths=50); print(repr(s));"
        "print(sorted({'pandas', 'numpy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(three_series.root), inputs.program()]
    told = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout.splitlines()
    assert told == ["True", repr(summary), "[]"]


@pytest.fixture
def opened():
    """Files opened while the flag in the first place is set; the hook itself cannot be taken back."""
    found = [False, set()]

    def note(event, args):
        if found[0] and event == "open" and isinstance(args[0], str | Path):
            found[1].add(Path(args[0]))

    sys.addaudithook(note)
    yield found
    found[0] = False


def test_every_raw_file_that_is_read_is_among_the_inputs_recorded(tmp_path, opened):
    raw = tmp_path / "data" / "raw"
    shutil.copytree(ROOT / "data" / "raw", raw, ignore=shutil.ignore_patterns("reference", "simulation"))
    opened[0] = True
    summary = build(tmp_path, "jiangbei")
    opened[0] = False
    read = {p.relative_to(tmp_path).as_posix() for p in opened[1] if p.is_relative_to(raw) and p.is_file()}
    recorded = json.loads((tmp_path / summary.folder / "inputs.json").read_text(encoding="utf-8"))["inputs"]
    assert "data/raw/chongqing/observations" in {str(Path(name).parent) for name in read}
    assert read - recorded.keys() == set()


# --- one series changed ----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch):
    """Series for which anything was projected, by the module that asked."""
    found = []

    def spy(module, name, series_of):
        was = getattr(module, name)

        def told(some, *args, **kwargs):
            found.extend((module.__name__.rpartition(".")[2], name, series) for series in series_of(some))
            return was(some, *args, **kwargs)

        monkeypatch.setattr(module, name, told)

    for module in (years, backtests, explain):
        spy(module, "project_many", lambda requests: [h.series for r in requests for h in r.histories])
    spy(assessments, "one_steps", lambda histories: [h.series for h in histories])
    return found


def test_correcting_one_series_recomputes_that_series_alone_and_gives_the_bytes_of_a_full_run(three_series, asked):
    root = three_series.root
    build(root, "jiangbei", 2025)
    assert {series for *_, series in asked} == set(THREE)
    steps = {(module, name) for module, name, _ in asked}
    assert len(steps) == 4
    asked.clear()
    build(root, "jiangbei", 2025, force=True)
    assert asked == []
    before = written(root)
    three_series("w42", yearly("W42", 2015, [*THREE["W42"][:-1], 43.1]))
    build(root, "jiangbei", 2025)
    assert {series for *_, series in asked} == {"W42"}
    assert {(module, name) for module, name, _ in asked} == steps
    with_kept = written(root)
    for table in ("assessments.csv", "projections.csv", "explanations.csv", "analogues.csv", "observations.csv"):
        others, now = (
            [line for line in files[table].splitlines() if not line.startswith(b"W42,")]
            for files in (before, with_kept)
        )
        assert others == now, table
    shutil.rmtree(root / "data" / "processed")
    build(root, "jiangbei", 2025)
    assert written(root) == with_kept


def another_target(root):
    path = root / "data/raw/jiangbei/plan/targets.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert text.count(",94,threshold,>=,94,") == 1
    path.write_text(text.replace(",94,threshold,>=,94,", ",99,threshold,>=,99,"), encoding="utf-8-sig")


def another_threshold(name, value):
    def change(root):
        path = root / "data/raw/thresholds.toml"
        text, count = re.subn(rf"(?m)^{name} = \S+", f"{name} = {value}", path.read_text(encoding="utf-8"))
        assert count == 1
        path.write_text(text, encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "n_paths"),
    [
        pytest.param(lambda root: None, 50, id="fewer paths"),
        pytest.param(another_target, 1000, id="another target"),
        pytest.param(another_threshold("likely", 0.9), 1000, id="another cut"),
        pytest.param(another_threshold("min_points", 6), 1000, id="more values asked for"),
    ],
)
def test_what_else_a_result_rests_on_is_in_its_name(three_series, change, n_paths):
    """The histories stay as they are: results kept by their digests alone would be taken for the new ones."""
    root = three_series.root
    # two jumps, after four and after five values: unusual where four are asked for, unseen where six are
    three_series("w12", yearly("W12", 2019, [40, 40.1, 40, 40.1, 70, 40, 40.1]))
    build(root, "jiangbei", 2025)
    before = written(root)
    change(root)
    build(root, "jiangbei", 2025, n_paths=n_paths)
    with_kept = written(root)
    assert with_kept != before
    shutil.rmtree(root / "data" / "processed")
    build(root, "jiangbei", 2025, n_paths=n_paths)
    assert written(root) == with_kept


def test_kept_results_that_are_damaged_are_never_believed(three_series, asked):
    root = three_series.root
    build(root, "jiangbei", 2025)
    as_was = written(root)
    (file,) = (root / "data" / "processed" / ".cache" / "jiangbei").iterdir()
    data = file.read_bytes()
    head, body = data.split(b"\n", 1)
    other_program = b" ".join([*head.split()[:-2], b"0" * 64, head.split()[-1]])
    for broken in (b"", data[: len(data) // 2], head + b"\n", other_program + b"\n" + body, body):
        file.write_bytes(broken)
        assert Memo(file)._held == {}
    probability = re.search(
        rb"\nchance [^\t]*\t\[0\.\d", data
    )  # of an edition before: 0.1 more or less would not be noticed
    file.write_bytes(data[: probability.end() - 1] + b"1" + data[probability.end() :])
    asked.clear()
    build(root, "jiangbei", 2025, force=True)
    assert written(root) == as_was and {series for *_, series in asked} == set(THREE)
    assert file.read_bytes() == data  # and it is whole again


def test_results_nobody_asked_for_are_not_kept(three_series):
    root = three_series.root
    build(root, "jiangbei", 2024)
    build(root, "jiangbei", 2025)
    cache = root / "data" / "processed" / ".cache" / "jiangbei"
    assert {p.stem for p in cache.iterdir()} == {"2024", "2025"}
    held = len(Memo(cache / "2025.memo")._held)
    three_series("w42", yearly("W42", 2015, [*THREE["W42"][:-1], 43.1]))
    shutil.rmtree(root / "data" / "processed" / "jiangbei" / "2024")
    build(root, "jiangbei", 2025)
    assert {p.stem for p in cache.iterdir()} == {"2025"}
    assert len(Memo(cache / "2025.memo")._held) == held


def test_a_build_that_cannot_keep_its_results_is_a_build_all_the_same(three_series):
    (three_series.root / "data" / "processed").mkdir()
    (three_series.root / "data" / "processed" / ".cache").write_text("in the way")
    build(three_series.root, "jiangbei", 2025, n_paths=50)
    assert fresh(three_series.root, "jiangbei", 2025, n_paths=50)


def test_tables_of_another_format_are_derived_again_by_a_build_and_refused_by_a_reader(three_series):
    root = three_series.root
    folder = root / build(root, "jiangbei", 2025, n_paths=50).folder
    for name in ("edition.json", "inputs.json"):
        held = json.loads((folder / name).read_text(encoding="utf-8"))
        (folder / name).write_text(json.dumps(held | {"format": 1}), encoding="utf-8")
    with pytest.raises(UsageError, match=r"格式（1）.*格式 4.*plananalysis build --area jiangbei --as-of 2025"):
        open_edition("jiangbei", 2025, root)
    assert not fresh(root, "jiangbei", 2025, n_paths=50)
    build(root, "jiangbei", 2025, n_paths=50)
    assert open_edition("jiangbei", 2025, root).info["format"] == 4


def test_a_process_opens_what_it_reads_once(tmp_path):
    """Notebooks, catalogues and raw tables of a build, of editions opened in two languages, and of several pages of one notebook."""
    shutil.copytree(
        ROOT / "data" / "raw", tmp_path / "data" / "raw", ignore=shutil.ignore_patterns("reference", "simulation")
    )
    code = f"""
import collections, json, sys, time
from pathlib import Path
root, opened = Path({str(tmp_path)!r}), collections.Counter()
sys.addaudithook(lambda event, args: event == "open" and isinstance(args[0], (str, Path)) and "r" in str(args[1]) and opened.update([str(args[0])]))
from plananalysis import open_edition
from plananalysis.base import tables
from plananalysis.editions import build
from plananalysis.reports import execution, parameters
build(root, "jiangbei")
time.sleep(0.3)
for language in ("zh", "en", "zh"):
    edition = open_edition("jiangbei", 2025, root, language=language)
    edition.brief().one_page()
notebook = tables.notebook(root, "5_unit_report.ipynb")
for _ in range(3):
    parameters.declared(notebook), execution._committed_number(notebook, 3), execution.papermill_io.read(f"held:{{notebook}}")
print(json.dumps(opened))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    opened = json.loads(done.stdout.splitlines()[-1])
    kinds = (str(tmp_path / "data" / "raw"), str(ROOT / "src" / "plananalysis" / "catalogue"), ".ipynb", "edition.json")
    read = {p: n for p, n in opened.items() if any(k in p for k in kinds) and Path(p).is_file()}
    assert len(read) > 20 and {p: n for p, n in read.items() if n > 1} == {}
