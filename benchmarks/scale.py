"""Time and memory of runs over many areas: a city, a nation, and a cluster against local workers.

    python benchmarks/scale.py CASE [--out DIR] [--workers N] [--areas N …] [--rounds N]

CASE is one of

    simulate    41 district folders, and --areas counties as one file
    assess      projections and assessments of 41 districts, nothing else
    city        every table of 41 districts, then every page (``plananalysis city``)
    dask        ``plananalysis city --no-pages`` by local workers and by a Dask LocalCluster, taking turns
    nation      ``plananalysis nation`` for each number of --areas

Each line of the answer is JSON: wall and CPU seconds of the whole process tree, and its peak memory (sum of the resident sets, sampled five
times a second, so that pages shared between processes count several times: an upper bound).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = "from plananalysis.cli import main; main()"
SEED = "20263"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("case", choices=["simulate", "assess", "city", "dask", "nation"])
    asked.add_argument("--out", type=Path, default=Path("build") / "scale")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--areas", type=int, nargs="+", default=[2800])
    asked.add_argument("--rounds", type=int, default=1)
    options = asked.parse_args()
    options.out = options.out.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    globals()[options.case](options)


def simulate(options: argparse.Namespace) -> None:
    tell("simulate 41 folders", run("simulate", "--areas", "41", "--seed", SEED, "--out", options.out / "city"))
    for count in options.areas:
        folder = options.out / f"nation-{count}"
        arguments = ("simulate", "--areas", count, "--columnar", "--seed", SEED, "--out", folder)
        measured = run(*arguments)
        size = (folder / "data" / "raw" / "nation" / "observations.parquet").stat().st_size
        tell(f"simulate {count} areas, one file", measured | {"megabytes": round(size / 1e6, 1)})


def assess(options: argparse.Namespace) -> None:
    """In processes of their own, as a run does it; each loads what the district reported and assesses its whole chain of years."""
    root = city_folder(options)
    program = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import scale; scale.assess_all({str(root)!r}, {options.workers})"
    tell("assess 41 districts", measured([sys.executable, "-c", program]))


def assess_all(root: str, workers: int) -> None:
    from plananalysis.base.tables import areas
    from plananalysis.panels import Chunk, hired, spread

    target = Path(root) / "data" / "processed" / "panels" / ".assess"
    shutil.rmtree(target, ignore_errors=True)
    chunks = [Chunk(area, (area,), target / f"{area}.csv") for area in areas(Path(root))]
    with hired(workers) as crew:
        assert all(o.fine for o in spread(partial(assess_one, root=Path(root)), chunks, crew))


def assess_one(areas: tuple[str, ...], target: Path, *, root: Path) -> None:
    from plananalysis.assessments import assess_areas
    from plananalysis.observations import known_histories, load_observations
    from plananalysis.plan import load_plan

    (area,) = areas
    latest = load_plan(root, area)
    plans = [load_plan(root, area, year) for year in range(latest.outline.base_year + 1, latest.as_of)] + [latest]
    known = known_histories(load_observations(root, area), plans)
    ((edition,),) = assess_areas([list(zip(plans, known, strict=True))])
    edition.assessments.to_csv(target)


def city(options: argparse.Namespace) -> None:
    root = city_folder(options)
    clean(root)
    arguments = ("city", "--root", root, "--workers", options.workers)
    tell("city: tables and overview", run(*arguments, "--no-pages"))
    tell("city: all pages, tables there", run(*arguments))
    tell("city: nothing changed", run(*arguments))
    pages = list((root / "reports").glob("sim-*/2025/*.html"))
    size = sum(p.stat().st_size for p in pages) / 1e6
    tell("pages", {"count": len(pages), "megabytes": round(size, 1)})


def dask(options: argparse.Namespace) -> None:
    root = city_folder(options)
    for number in range(options.rounds):
        for name, more in (("local workers", ()), ("Dask LocalCluster", ("--dask", "local"))):
            clean(root)
            found = run("city", "--root", root, "--workers", options.workers, "--no-pages", *more)
            tell(f"round {number + 1}: {name}", found | {"tables": digest(root)})


def nation(options: argparse.Namespace) -> None:
    for count in options.areas:
        root = options.out / f"nation-{count}"
        if not (root / "data" / "raw" / "nation" / "observations.parquet").is_file():
            run("simulate", "--areas", count, "--columnar", "--seed", SEED, "--out", root)
        clean(root)
        found = run("nation", "--root", root, "--workers", options.workers)
        table = root / "data" / "processed" / "panels" / "nation" / "2025" / "assessments.parquet"
        tell(f"nation of {count} areas", found | {"megabytes": round(table.stat().st_size / 1e6, 1)})


def city_folder(options: argparse.Namespace) -> Path:
    root = options.out / "city"
    if not (root / "data" / "raw" / "city.toml").is_file():
        run("simulate", "--areas", "41", "--seed", SEED, "--out", root)
    return root


def clean(root: Path) -> None:
    for name in ("processed", "../reports"):
        shutil.rmtree(root / "data" / name, ignore_errors=True)


def digest(root: Path) -> str:
    """Ten characters that name the content of all derived tables."""
    import hashlib

    whole = hashlib.sha256()
    for path in sorted((root / "data" / "processed").glob("sim-*/2025/*.csv")):
        whole.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()[:10]


def run(*arguments: object) -> dict[str, float]:
    return measured([sys.executable, "-c", PROGRAM, *map(str, arguments)])


def measured(command: list[str]) -> dict[str, float]:
    """Run a program to its end and say what it took, its children and theirs included."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)
    most = [0]

    def watch() -> None:
        while process.poll() is None:
            try:
                tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
                most[0] = max(most[0], sum(_resident(p) for p in tree))
            except psutil.Error:
                pass
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if status:
        raise SystemExit(f"{' '.join(command)} left with {status}")
    wall = time.perf_counter() - begun
    return {"wall": round(wall, 1), "cpu": round(cpu, 1), "peak_mb": round(most[0] / 1e6)}


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def tell(name: str, found: dict[str, object]) -> None:
    load = os.getloadavg()[0]
    print(json.dumps({"what": name, **found, "load": round(load, 1)}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
