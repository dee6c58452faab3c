"""Thousands of areas from one file: the verdicts of each area's own edition, the same bytes whichever way they were made."""

from __future__ import annotations

import gc
import json
import shutil
import signal
import subprocess
import sys
import tracemalloc
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import panel_tasks
import pytest
from small_city import HEALTH, ROWS, trim, trim_nation

from plananalysis import editions
from plananalysis.base.errors import DataError
from plananalysis.observations import load_observations
from plananalysis.panels import Chunk, Crew, Dask, Here, Shard, hired, nation, spread
from plananalysis.simulate import area_codes, simulate, simulate_nation

ROOT = Path(__file__).resolve().parents[1]
PATHS = 60
pyarrow = pytest.mark.skipif(not find_spec("pyarrow"), reason="needs the extra columnar")
dask = pytest.mark.skipif(not find_spec("distributed"), reason="needs the extra cluster")
kills = pytest.mark.skipif(sys.platform == "win32", reason="no such signal")


@pytest.fixture(scope="module")
def small_nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("nation")
    simulate_nation(ROOT, 3, seed=3, target=root)
    trim_nation(root)
    return root


def run(root: Path, crew: Crew | None = None, **options) -> nation.Nation:
    return nation.run(root, "nation", crew or Here(), n_paths=PATHS, **({"size": 1} | options))


def result(root: Path) -> dict[str, bytes]:
    folder = nation.home(root, "nation", 2025)
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def worked_out(root: Path) -> dict[str, bytes]:
    """As ``result``, without the checksums of the files that went in: they alone tell of the order of rows."""
    found = result(root)
    told = json.loads(found["panel.json"])
    assert told.pop("inputs")
    return found | {"panel.json": json.dumps(told, sort_keys=True).encode()}


def copied(root: Path, tmp_path: Path) -> Path:
    shutil.copytree(root / "data" / "raw", tmp_path / "data" / "raw")
    return tmp_path


@pyarrow
def test_the_same_bytes_at_once_in_shares_or_by_processes(small_nation, tmp_path):
    done = run(small_nation)
    assert (done.areas, done.rows, done.failed) == (3, 3 * len(ROWS), {})
    alone = result(small_nation)
    shared = copied(small_nation, tmp_path)
    assert run(shared, shard=Shard(2, 2)).waiting == 2  # chunks 1 and 3 are left to others
    with hired(2) as crew:
        assert run(shared, crew, shard=Shard(1, 2)).folder is not None
    assert result(shared) == alone


@pyarrow
def test_a_corrected_value_has_its_own_area_assessed_again_and_no_other(small_nation, tmp_path, monkeypatch):
    from plananalysis.panels import assessing, columnar

    asked, plain = [], assessing._assessed
    monkeypatch.setattr(
        assessing, "_assessed", lambda areas, *a: asked.extend(a.code for a in areas) or plain(areas, *a)
    )
    root = copied(small_nation, tmp_path)
    run(root, size=2)
    assert asked == ["sim-0001", "sim-0002", "sim-0003"]
    path = root / "data" / "raw" / "nation" / columnar.OBSERVATIONS
    rows = pd.read_parquet(path)
    first, marks = worked_out(root), columnar.Reader(path, root).marks
    parts = [part for _, part in rows.groupby("area")]
    columnar.write_observations([part.sample(frac=1, random_state=1) for part in parts], path, marks)
    run(root, size=2)
    assert len(asked) == 3 and worked_out(root) == first
    at = np.flatnonzero((rows["area"] == "sim-0002") & (rows["series"] == "W01") & (rows["year"] == 2025))[-1]
    rows.loc[at, "value"] -= 1
    columnar.write_observations([part for _, part in rows.groupby("area")], path, marks)
    run(root, size=2)
    assert asked[3:] == ["sim-0002"]
    corrected = result(root)
    shutil.rmtree(root / "data" / "processed")
    run(root, size=2)
    assert result(root) == corrected and worked_out(root) != first


@pyarrow
@pytest.mark.slow
def test_an_area_has_the_verdicts_of_its_own_edition(tmp_path):
    """Troubled histories, with revisions, breaks and five peers, from a folder of a city and from the nation's file."""
    from plananalysis.base.tables import read_table
    from plananalysis.panels import columnar

    codes = area_codes(6)
    simulate(ROOT, areas=6, seed=5, target=tmp_path)
    simulate_nation(ROOT, 6, seed=5, target=tmp_path)
    trim(tmp_path, HEALTH)
    place = tmp_path / "data" / "raw" / "nation" / columnar.OBSERVATIONS
    columnar.write_observations((load_observations(tmp_path, c).assign(area=c) for c in sorted(codes)), place, {})
    nation.run(tmp_path, "nation", Here())
    whole = pd.read_parquet(nation.home(tmp_path, "nation", 2025) / nation.TABLE)
    for code in codes[:1]:
        editions.build(tmp_path, code)
        assert len(read_table(tmp_path / "data" / "processed" / code / "2025" / "peers.csv")) > 100
        own = read_table(tmp_path / "data" / "processed" / code / "2025" / "assessments.csv").set_index("series")
        found = whole[whole["area"] == code].set_index("series")
        assert found.index.tolist() == own.index.tolist()
        for column in ("outlook", "position", "alerts", "evidence_grade", "schedule", "why_no_probability"):
            assert found[column].astype(str).tolist() == own[column].fillna("").astype(str).tolist(), column
        for column in ("probability", "median_target_year", "low80_target_year", "goal", "required_annual_change"):
            stored = own[column].to_numpy(float)  # tables of text hold ten digits
            np.testing.assert_allclose(found[column].to_numpy(float), stored, rtol=1e-9, atol=1e-9, err_msg=column)


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
def test_a_folder_of_files_one_a_province_is_read_as_one_file(small_nation, tmp_path):
    from plananalysis.panels import columnar

    run(small_nation)
    root = copied(small_nation, tmp_path)
    path = root / "data" / "raw" / "nation" / columnar.OBSERVATIONS
    rows = pd.read_parquet(path)
    marks = columnar.Reader(path, root).marks
    path.unlink()

    def write(name: str, some: pd.DataFrame) -> None:
        columnar.write_observations([part for _, part in some.groupby("area")], path / name / "part.parquet", marks)

    write("province=1", rows[rows["area"] == "sim-0003"])  # neither files nor codes in one order
    write("province=2", rows[rows["area"] != "sim-0003"])
    run(root)
    assert worked_out(root) == worked_out(small_nation)

    spoilt = rows[rows["area"] != "sim-0003"].reset_index(drop=True)
    spoilt.loc[4, "value"] = -1.0
    write("province=2", spoilt)
    write("province=3", rows[rows["area"] == "sim-0003"].head(3))
    done = run(root, size=3)
    (second,), (third,) = done.failed["sim-0001"], done.failed["sim-0003"]
    assert (second.file, second.row) == ("data/raw/nation/observations.parquet/province=2/part.parquet", 5)
    assert (third.file, third.row, third.column) == (
        "data/raw/nation/observations.parquet/province=3/part.parquet",
        1,
        "area",
    )
    assert done.areas == 1


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
        columnar.Reader(path, tmp_path).rows(["sim-0002", "sim-0003"]).drop(columns=["file", "file_row"]),
        pd.concat(frames[1:3], ignore_index=True).drop(columns=["file", "file_row"]),
    )
    assert read == [1, 2]

    run(small_nation)
    few = pd.read_parquet(nation.home(small_nation, "nation", 2025) / nation.TABLE)
    table = pd.concat([few] * 9, ignore_index=True)  # as long as one of three areas with a whole plan

    def kept(times: int) -> int:
        counts = summaries.Counts()
        for _ in range(times):
            counts.add(table.copy())
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        assert counts.rows == times * len(table) > times * 3 * 89
        return held

    one = int(table.memory_usage(deep=True).sum())
    tracemalloc.start()
    try:
        kept(1)  # what the first pass imports and caches is not of the counts
        assert kept(20) - kept(4) < 2 * one  # sixteen more tables: held on to, they would weigh sixteen times as much
    finally:
        tracemalloc.stop()


@pyarrow
@kills
@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_where_it_was(small_nation, tmp_path):
    run(small_nation)
    root = copied(small_nation, tmp_path)
    parts = root / "data" / "processed" / "panels" / ".parts"
    program = f"""
import os, signal
from pathlib import Path
from plananalysis.panels import Here, columnar, nation
parts, read = Path({str(parts)!r}), columnar.Reader.rows
def rows(self, areas):
    if list(parts.glob("*/*.parquet")):  # in the midst of the second piece
        os.kill(os.getpid(), signal.SIGKILL)
    return read(self, areas)
columnar.Reader.rows = rows
nation.run(Path({str(root)!r}), "nation", Here(), n_paths={PATHS}, size=1)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    kept = {p.name: p.stat().st_mtime_ns for p in parts.glob("*/*.parquet")}
    assert len(kept) == 1
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
        chunks = [Chunk(n, (n,), tmp_path / "killed" / f"{n}.txt") for n in ("a", "x", "b")]
        found = list(spread(panel_tasks.die_once, chunks, crew))
    assert result(root) == result(small_nation)
    assert (tmp_path / "killed" / "died").exists()
    assert sorted(o.state for o in found) == ["done"] * 3
