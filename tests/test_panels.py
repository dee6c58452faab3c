"""Many areas: no share lost or done twice, the same bytes whichever way they were run, and nothing lost with a worker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import panel_tasks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis import editions
from plananalysis.errors import DataError, UsageError
from plananalysis.panels import Chunk, Crew, Dask, Here, Processes, Shard, hired, nation, sliced, spread
from plananalysis.panels import city as cities
from plananalysis.panels.standings import standings
from plananalysis.simulate import area_codes, simulate, simulate_nation

ROOT = Path(__file__).resolve().parents[1]
pyarrow = pytest.mark.skipif(not find_spec("pyarrow"), reason="needs the extra columnar")
dask = pytest.mark.skipif(not find_spec("distributed"), reason="needs the extra cluster")
kills = pytest.mark.skipif(sys.platform == "win32", reason="no such signal")


# ---- shares and chunks ---------------------------------------------------------------------------------------


@given(st.lists(st.integers(), max_size=60), st.integers(1, 20))
def test_the_shares_of_a_count_hold_every_piece_once(items, count):
    pieces = list(enumerate(items))
    shares = [Shard(k, count).of(pieces) for k in range(1, count + 1)]
    assert sorted(piece for share in shares for piece in share) == pieces
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(st.lists(st.integers(), max_size=60), st.integers(1, 70))
def test_chunks_keep_order_and_size(items, size):
    chunks = sliced(items, size)
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(0 < len(chunk) <= size for chunk in chunks)


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "1/0", "-1/2", "1/2/3", "a/b", "１/２"])
def test_a_share_that_is_none_is_misuse(text):
    with pytest.raises(UsageError, match="2/8"):
        Shard.parse(text)


# ---- the map -------------------------------------------------------------------------------------------------


def chunks_of(folder: Path, *names: str) -> list[Chunk]:
    return [Chunk(name, (name,), folder / f"{name}.txt") for name in names]


def asked(folder: Path) -> list[str]:
    return sorted((folder / "asked.log").read_text(encoding="utf-8").split())


def test_what_is_done_is_not_done_again(tmp_path):
    (tmp_path / "b.txt").write_text("from an earlier run", encoding="utf-8")
    told = []
    found = list(spread(panel_tasks.write, chunks_of(tmp_path, "a", "b", "c"), Here(), lambda *seen: told.append(seen)))
    assert {o.chunk.name: o.state for o in found} == {"a": "done", "b": "kept", "c": "done"}
    assert asked(tmp_path) == ["a.txt", "c.txt"]
    assert (tmp_path / "b.txt").read_text(encoding="utf-8") == "from an earlier run"
    assert [(done, total) for done, total, _ in told] == [(1, 3), (2, 3), (3, 3)]


def test_a_piece_that_fails_fails_alone_and_says_why(tmp_path):
    chunks = chunks_of(tmp_path, "bad", "fault", "lazy", "good")
    found = {o.chunk.name: o for o in spread(panel_tasks.fail, chunks, Here())}
    assert {name: o.state for name, o in found.items()} == {
        "bad": "data",
        "fault": "failed",
        "lazy": "failed",
        "good": "done",
    }
    assert "data/raw/x/observations/a.csv 第7行“value”列" in found["bad"].message
    assert found["bad"].problems[0]["row"] == 7
    assert "ZeroDivisionError" in found["fault"].message and "Traceback" in found["fault"].detail
    assert not (tmp_path / "bad.txt").exists()


class Counting(Crew):
    """Takes pieces in and answers them only when asked, so that what is in flight can be counted."""

    def __init__(self, size: int) -> None:
        self.size, self.flying, self.most = size, 0, 0

    def executor(self):
        return self

    def submit(self, fn, *arguments):
        crew = self

        class Late(Future):
            def result(self, timeout=None):
                crew.flying -= 1
                return fn(*arguments)

        self.flying += 1
        self.most = max(self.most, self.flying)
        future = Late()
        future.set_result(None)
        return future


def test_only_a_few_pieces_are_in_flight_however_many_there_are(tmp_path):
    crew = Counting(3)
    names = [f"n{number}" for number in range(50)]
    assert all(o.fine for o in spread(panel_tasks.write, chunks_of(tmp_path, *names), crew))
    assert crew.most == 2 * 3
    assert asked(tmp_path) == sorted(f"{name}.txt" for name in names)


@kills
def test_a_killed_worker_loses_nothing(tmp_path):
    chunks = chunks_of(tmp_path, "a", "b", "x", "c", "d")
    with hired(2) as crew:
        assert isinstance(crew, Processes)
        found = list(spread(panel_tasks.die_once, chunks, crew))
    assert (tmp_path / "died").exists()
    assert all(o.fine for o in found) and len(found) == 5
    assert [c.target.read_text(encoding="utf-8") for c in chunks] == ["a", "b", "x", "c", "d"]


@kills
def test_a_piece_that_kills_its_worker_is_named_and_takes_no_other_along(tmp_path):
    with hired(2) as crew:
        found = {o.chunk.name: o for o in spread(panel_tasks.die_always, chunks_of(tmp_path, "a", "x", "b", "c"), crew)}
    assert {name: o.state for name, o in found.items() if name != "x"} == dict.fromkeys("abc", "done")
    assert found["x"].state == "killed" and "3 次" in found["x"].message


# ---- how districts stand -------------------------------------------------------------------------------------


def chances(table: dict[str, list[float]]) -> pd.DataFrame:
    rows = [[a, f"t{i}", p] for a, values in table.items() for i, p in enumerate(values)]
    return pd.DataFrame(rows, columns=["area", "series", "probability"])


def test_equal_districts_are_not_ranked():
    table = standings(chances({f"d{i}": [0.2, 0.5, 0.8] * 10 for i in range(6)}))
    assert set(table["standing"]) == {"within"}
    assert (table["difference"].abs() < 1e-9).all()
    assert (table["rank_low"] <= 2).all() and (table["rank_high"] >= 5).all()


def test_a_district_that_is_sure_of_more_stands_above_one_that_is_sure_of_less():
    table = standings(chances({"best": [0.95] * 30, "worst": [0.05] * 30, **{f"d{i}": [0.5] * 30 for i in range(5)}}))
    words = dict(zip(table["area"], table["standing"], strict=True))
    assert (words["best"], words["worst"]) == ("above", "below")
    assert {words[f"d{i}"] for i in range(5)} == {"within"}
    # 30 targets at 0.95 against the mean of (0.95 + 0.05 + 5 x 0.5) / 7 = 0.5
    assert table.set_index("area").loc["best", "difference"] == pytest.approx(30 * 0.45)


def test_gaps_in_the_data_neither_help_nor_harm():
    """A district that lacks the easy targets is compared on the hard ones only."""
    full = [0.9] * 15 + [0.1] * 15
    table = standings(chances({**{f"d{i}": full for i in range(5)}, "gaps": [np.nan] * 15 + [0.1] * 15}))
    line = table.set_index("area").loc["gaps"]
    assert line["able"] == 15 and line["difference"] == pytest.approx(0, abs=1e-9) and line["standing"] == "within"


def test_a_district_with_hardly_any_outlook_is_not_placed():
    table = standings(chances({"a": [0.5] * 30, "b": [0.5] * 30, "few": [0.9] * 9 + [np.nan] * 21}))
    assert table.set_index("area").loc["few", "standing"] == "few"
    assert np.isnan(table.set_index("area").loc["few", "rank_low"])


def verdict(area: str, series: str, outlook: str, p: float, alerts: str = "", domain: str = "women.health") -> dict:
    return {
        "area": area,
        "series": series,
        "outlook": outlook,
        "probability": p,
        "alerts": alerts,
        "domain": domain,
        "position": "not_met",
        **dict.fromkeys(("plan", "number", "name", "attribute", "lead_unit", "target_text"), "x"),
    }


def test_districts_that_stand_out_are_those_most_others_differ_from():
    words = {"a": "likely", "b": "likely", "c": "hard", "d": "no_data"}
    rows = pd.DataFrame(
        [verdict(a, "W01", o, {"likely": 0.8, "hard": 0.2}.get(o, np.nan)) for a, o in words.items()]
        + [verdict(a, "W02", o, p) for a, o, p in (("a", "hard", 0.2), ("b", "very_hard", 0.05), ("c", "likely", 0.7))]
        + [verdict(a, "W03", o, p) for a, o, p in (("a", "hard", 0.2), ("b", "likely", 0.7))]
    )
    found = cities.targets(rows).set_index("series")
    assert found.loc["W01", ["behind", "ahead", "able", "no_data"]].tolist() == ["c", "", 3, 1]  # one of three is hard
    assert found.loc["W02", ["behind", "ahead"]].tolist() == ["", "c"]  # two of three are
    assert found.loc["W03", ["behind", "ahead"]].tolist() == ["", ""]  # one of two: nobody stands out


def test_the_matrix_counts_rows_with_an_outlook_and_those_in_difficulty():
    rows = pd.DataFrame(
        [
            verdict("a", "W01", "very_hard", 0.05, "both_red;hard_to_reach"),
            verdict("a", "W02", "hard", 0.2),
            verdict("a", "W03", "no_data", np.nan),
            verdict("a", "W04", "met_secure", 0.9, domain="women.law"),
        ]
    )
    found = cities.matrix(rows).set_index(["area", "domain"])
    health = found.loc[("a", "women.health"), ["rows", "able", "hard", "very_hard", "both_red"]]
    assert health.tolist() == [3, 2, 1, 1, 1]
    assert found.loc[("a", "women.law"), ["rows", "able", "hard", "very_hard", "both_red"]].tolist() == [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [('code = "example"', "example"), ('code = "A B"', "A B"), ('districts = ["nowhere"]', "nowhere")],
)
def test_a_city_that_cannot_be_is_misuse(tmp_path, text, words):
    (tmp_path / "data" / "raw" / "example").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "example" / "area.toml").touch()
    (tmp_path / "data" / "raw" / "city.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        cities.read_city(tmp_path)


def test_districts_of_different_plan_periods_are_not_put_side_by_side(tmp_path):
    for area, base, as_of in (("a", 2020, 2025), ("b", 2020, 2025), ("c", 2010, 2015)):
        folder = tmp_path / "data" / "raw" / area
        folder.mkdir(parents=True)
        outline = f"[[outlines]]\nbase_year = {base}\ntarget_year = {base + 10}\n"
        (folder / "area.toml").write_text(f"as_of = {as_of}\n{outline}", encoding="utf-8")
    assert cities.shared_year(tmp_path, cities.read_city(tmp_path, ["a", "b"])) == 2025
    with pytest.raises(UsageError, match=r"^c "):
        cities.shared_year(tmp_path, cities.read_city(tmp_path, ["a", "b", "c"]))
    with pytest.raises(UsageError, match=r"city\.toml"):
        cities.read_city(tmp_path)


# ---- a nation ------------------------------------------------------------------------------------------------

PATHS = 60


@pytest.fixture(scope="module")
def small_nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("nation")
    simulate_nation(ROOT, 3, seed=3, target=root)
    return root


def run(root: Path, crew: Crew | None = None, **options) -> nation.Nation:
    return nation.run(root, "nation", crew or Here(), n_paths=PATHS, **({"size": 1} | options))


def result(root: Path) -> dict[str, bytes]:
    folder = nation.home(root, "nation", 2025)
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def copied(root: Path, tmp_path: Path) -> Path:
    shutil.copytree(root / "data" / "raw", tmp_path / "data" / "raw")
    return tmp_path


@pyarrow
def test_the_same_bytes_at_once_in_shares_or_by_processes(small_nation, tmp_path):
    done = run(small_nation)
    assert (done.areas, done.rows, done.failed) == (3, 3 * 89, {})
    alone = result(small_nation)
    shared = copied(small_nation, tmp_path)
    assert run(shared, shard=Shard(2, 2)).waiting == 2  # chunks 1 and 3 are left to others
    with hired(2) as crew:
        assert run(shared, crew, shard=Shard(1, 2)).folder is not None
    assert result(shared) == alone


@pyarrow
@pytest.mark.slow
def test_an_area_has_the_verdicts_of_its_own_edition(tmp_path):
    """Troubled histories, with revisions and breaks, from a folder and from the nation's file."""
    from plananalysis.panels import columnar
    from plananalysis.tables import read_table

    codes = area_codes(1)
    simulate(ROOT, areas=1, seed=5, target=tmp_path)
    simulate_nation(ROOT, 1, seed=5, target=tmp_path)
    place = tmp_path / "data" / "raw" / "nation" / columnar.OBSERVATIONS
    columnar.write_observations(columnar.from_folders(tmp_path, codes), place, {})
    nation.run(tmp_path, "nation", Here())
    whole = pd.read_parquet(nation.home(tmp_path, "nation", 2025) / nation.TABLE)
    for code in codes:
        editions.build(tmp_path, code)
        own = read_table(tmp_path / "data" / "processed" / code / "2025" / "assessments.csv").set_index("series")
        found = whole[whole["area"] == code].set_index("series")
        assert found.index.tolist() == own.index.tolist()
        for column in ("outlook", "position", "alerts", "evidence_grade", "schedule", "why_no_probability"):
            assert found[column].astype(str).tolist() == own[column].fillna("").astype(str).tolist(), column
        for column in ("probability", "median_target_year", "low80_target_year", "goal", "required_annual_change"):
            np.testing.assert_array_equal(found[column].to_numpy(float), own[column].to_numpy(float), column)


@pyarrow
def test_an_area_with_wrong_values_is_named_and_the_others_are_assessed(small_nation, tmp_path):
    from plananalysis.panels import columnar

    root = copied(small_nation, tmp_path)
    path = root / "data" / "raw" / "nation" / columnar.OBSERVATIONS
    rows = pd.read_parquet(path)
    bad = np.flatnonzero((rows["area"] == "sim-0002") & (rows["series"] == "W03"))
    rows["status"] = rows["status"].astype(str)
    rows.loc[bad[0], "status"] = "X"
    rows.loc[bad[1], "value"] = np.nan
    columnar.write_observations([part for _, part in rows.groupby("area")], path, {})
    done = run(root)
    assert done.areas == 2 and list(done.failed) == ["sim-0002"]
    assert [(p.row, p.column) for p in done.failed["sim-0002"]] == [(bad[0] + 1, "status"), (bad[1] + 1, "value")]
    assert done.failed["sim-0002"][0].file == "data/raw/nation/observations.parquet"
    table = pd.read_parquet(nation.home(root, "nation", 2025) / nation.TABLE)
    assert sorted(set(table["area"])) == ["sim-0001", "sim-0003"]
    assert "sim-0002" in (nation.home(root, "nation", 2025) / "failed.csv").read_text(encoding="utf-8-sig")


@pyarrow
def test_a_file_that_cannot_be_used_as_a_whole_is_refused_with_its_name(small_nation, tmp_path):
    from plananalysis.panels import columnar

    root = copied(small_nation, tmp_path)
    path = root / "data" / "raw" / "nation" / columnar.OBSERVATIONS
    rows = pd.read_parquet(path)
    halves = [rows[rows["area"] > "sim-0002"], rows[rows["area"] <= "sim-0002"]]
    columnar.write_observations(halves, path, {})
    with pytest.raises(DataError, match=r"observations\.parquet.*从小到大"):
        run(root)
    rows.drop(columns="reported_at").to_parquet(path)
    with pytest.raises(DataError, match="reported_at"):
        run(root)
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="不是完好的 parquet"):
        run(root)


@pyarrow
def test_memory_does_not_grow_with_the_number_of_areas(small_nation, tmp_path, monkeypatch):
    """A worker reads the row groups of its own areas only, and gathering holds one part at a time."""
    import pyarrow.parquet as pq

    from plananalysis.panels import columnar, summaries

    reader = columnar.Reader(small_nation / "data" / "raw" / "nation" / columnar.OBSERVATIONS, small_nation)
    frames = [reader.rows([f"sim-000{n}"]) for n in range(1, 4)]
    path = tmp_path / "apart.parquet"
    columnar.write_observations(frames, path, {})
    read = []
    plain = pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda self, n, *a, **k: read.append(n) or plain(self, n, *a, **k)
    )
    pd.testing.assert_frame_equal(
        columnar.Reader(path, tmp_path).rows(["sim-0002", "sim-0003"]).drop(columns="file_row"),
        pd.concat(frames[1:3], ignore_index=True).drop(columns="file_row"),
    )
    assert read == [1, 2]

    run(small_nation)
    table = pd.read_parquet(nation.home(small_nation, "nation", 2025) / nation.TABLE)

    def peak(times: int) -> int:
        tracemalloc.start()
        counts = summaries.Counts()
        for _ in range(times):
            counts.add(table.copy())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert counts.rows == times * 3 * 89
        return most

    peak(1)
    assert peak(20) < 1.2 * peak(4)


@pyarrow
@kills
@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_where_it_was(small_nation, tmp_path):
    run(small_nation)
    root = copied(small_nation, tmp_path)
    program = "import sys; from pathlib import Path; from plananalysis.panels import Here, nation; "
    program += f"nation.run(Path({str(root)!r}), 'nation', Here(), n_paths={PATHS}, size=1)"
    process = subprocess.Popen([sys.executable, "-c", program])
    parts = root / "data" / "processed" / "panels" / ".parts"
    while not list(parts.glob("*/*.parquet")) and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = {p.name: p.stat().st_mtime_ns for p in parts.glob("*/*.parquet")}
    assert 1 <= len(kept) < 3
    assert not (nation.home(root, "nation", 2025) / nation.TABLE).exists()
    states = []
    run(root, progress=lambda done, total, outcome: states.append(outcome.state))
    assert states.count("kept") == len(kept)
    assert {p.name: p.stat().st_mtime_ns for p in parts.glob("*/*.parquet") if p.name in kept} == kept
    assert result(root) == result(small_nation)


@pyarrow
@dask
@kills
@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_and_outlives_its_workers(small_nation, tmp_path):
    run(small_nation)
    root = copied(small_nation, tmp_path / "root")
    with hired(2, "local") as crew:
        assert isinstance(crew, Dask)
        run(root, crew)
        chunks = chunks_of(tmp_path / "killed", "a", "x", "b")
        found = list(spread(panel_tasks.die_once, chunks, crew))
    assert result(root) == result(small_nation)
    assert (tmp_path / "killed" / "died").exists()
    assert sorted(o.state for o in found) == ["done"] * 3


def test_without_its_extra_a_cluster_is_misuse_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr("plananalysis.panels.crews.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="cluster"), hired(2, "tcp://127.0.0.1:1"):
        pass


# ---- a city --------------------------------------------------------------------------------------------------


def assessed_only(root: Path, area: str, as_of: int, language: str) -> None:
    """What a comparison needs of an edition, without the tables that take the time."""
    from plananalysis.assessments import assess_areas
    from plananalysis.observations import known_histories, load_observations
    from plananalysis.plan import load_plan
    from plananalysis.tables import write_table

    plan = load_plan(root, area, as_of)
    (known,) = known_histories(load_observations(root, area), [plan])
    ((edition,),) = assess_areas([[(plan, known)]], words=True, n_paths=PATHS)
    folder = root / "data" / "processed" / area / str(as_of)
    write_table(edition.assessments.reset_index(), folder / "assessments.csv")
    info = {k: getattr(plan, k) for k in ("fictional", "as_of", "known_on")}
    info |= {k: getattr(plan.outline, k) for k in ("title", "base_year", "target_year")}
    info["thresholds"] = {row["name"]: row["value"] for row in plan.thresholds.rows()} | {"signed_off": ""}
    (folder / "edition.json").write_text(json.dumps(info), encoding="utf-8")


@pytest.mark.slow
def test_a_district_with_bad_data_is_named_and_the_city_is_compared_without_it(tmp_path, monkeypatch):
    from plananalysis.overviews import run_city

    monkeypatch.setattr(editions, "build", assessed_only)
    simulate(ROOT, areas=3, seed=9, target=tmp_path)
    broken = next((tmp_path / "data" / "raw" / "sim-0002" / "observations").glob("*.csv"))
    lines = broken.read_text(encoding="utf-8-sig").splitlines()
    lines[1] = lines[1].replace(",A,", ",Q,", 1)
    broken.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    done = run_city(tmp_path, cities.read_city(tmp_path), 2025, Here(), pages=False)
    states = {o.chunk.items[0]: o.state for o in done.outcomes}
    assert states == {"sim-0001": "done", "sim-0002": "data", "sim-0003": "done"}
    assert done.page is not None and done.failed_pages == []
    page = done.page.read_text(encoding="utf-8")
    assert f"{broken.name} 第2行“status”列" in page and "3个区县中有1个未纳入本页" in page
    info = json.loads((cities.home(tmp_path, "city", 2025) / "city.json").read_text(encoding="utf-8"))
    assert info["districts"] == ["sim-0001", "sim-0003"] and list(info["failed"]) == ["sim-0002"]
    assert {o.chunk.items[0] for o in done.outcomes if o.chunk.target.exists()} == {"sim-0001", "sim-0003"}
