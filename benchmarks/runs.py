"""Runs of reports beside the habit they replace: a shell loop over the command lines of papermill and nbconvert.

    python benchmarks/runs.py [--repeat 3] [--area example] [--domains 15] [--out runs.json]

Both render the same notebooks from the same stored tables, in a scratch copy of the project, turn by turn in one run. Wall time is
that of the whole command, processor time that of every process it started. Prints a table and writes all numbers as JSON.
Let nothing else run on the machine meanwhile; even so, trust the ratios rather than the seconds.
"""

from __future__ import annotations

import argparse
import csv
import ctypes
import hashlib
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: processes whose parent ends without waiting for them become ours
_LOOP = """set -e
for domain in {domains}; do
  papermill -k python3 --cwd "{root}" "{root}/notebooks/2_domain_report.ipynb" "{out}/$domain.ipynb" -p area {area} -p as_of {as_of} -p domain $domain
  jupyter nbconvert --no-input --to html --output-dir "{out}" "{out}/$domain.ipynb"
done
"""
_PAGES = """from pathlib import Path
from plananalysis import reports
done = reports.report(Path({root!r}), {area!r}, {as_of}, documents=False)
assert not done.failed and done.rendered == {count}, (done.failed, done.rendered)
"""
# (measure, numerator, denominator or "" for seconds, kind of time, limit) of the project's goals
GOALS = (
    ("15 domain reports, wall, against the shell loop", "domains", "loop", "wall", 1 / 12),
    ("15 domain reports, CPU, against the shell loop", "domains", "loop", "cpu", 1 / 8),
    ("a whole edition of one district from stored projections, s", "edition", "", "wall", 20),
    ("nothing changed, s", "nothing", "", "wall", 1),
    ("one series corrected, wall, against a full run", "one_series", "full", "wall", 1 / 6),
    ("the same while report --watch is running, wall, against a full run", "watched", "full", "wall", 1 / 6),
    ("first command to first report, all areas, s", "first", "", "wall", 60),
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--repeat", type=int, default=3)
    asked.add_argument("--area", default="example")
    asked.add_argument("--domains", type=int, default=15, help="how many of the domain reports; fewer for a trial")
    asked.add_argument("--only", nargs="+", metavar="MEASURE", help="loop, domains, edition, …; by default all")
    asked.add_argument("--out", type=Path, default=Path("build/runs.json"))
    options = asked.parse_args()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="runs-") as scratch:
        bench = Bench(Path(scratch) / "project", options.area, options.domains)
        times = bench.run(options.repeat, options.only)
    goals = [_goal(times, *goal) for goal in GOALS if {*goal[1:3]} <= {*times, ""}]
    result = {
        "command": " ".join(["python", *sys.argv]),
        "machine": {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "area": options.area,
        "domains": len(bench.domains),
        "pages": bench.pages,
        "same_bytes": bench.same_bytes,
        "seconds": times,
        "goals": goals,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    _tell(result)


class Bench:
    """A scratch project, and the runs that are timed in it."""

    def __init__(self, root: Path, area: str, domains: int) -> None:
        self.root, self.area = root, area
        self._clone()
        with (root / "data" / "raw" / area / "plan" / "domains.csv").open(encoding="utf-8-sig") as file:
            self.domains = [row["domain"] for row in csv.DictReader(file)][:domains]
        self.pages: dict[str, int] = {}
        self.same_bytes: bool | None = None

    def run(self, repeat: int, only: Sequence[str] | None = None) -> dict[str, dict[str, list[float]]]:
        """Wall and processor seconds of every measure, one value per repetition."""
        if only and "full" not in only:
            measure([str(BIN / "plananalysis"), "report", "--area", self.area], self.root)
        times: dict[str, dict[str, list[float]]] = {}
        seen: set[str] = set()
        for number in range(repeat):
            for name, before, command in self._measures(number):
                if only and name not in only:
                    continue
                before()
                wall, cpu = self._watched(number) if name == "watched" else measure(command, self.root)
                times.setdefault(name, {"wall": [], "cpu": []})
                times[name]["wall"].append(round(wall, 3))
                times[name]["cpu"].append(round(cpu, 3))
                print(f"{number + 1}/{repeat} {name}: wall {wall:.2f} s, cpu {cpu:.2f} s", file=sys.stderr, flush=True)
                if name == "full":
                    seen.add(self._digest())
                self.pages[name] = (
                    len(self.domains) if name == "domains" else len([*self._outputs(name).glob("*.html")])
                )
        self.same_bytes = len(seen) == 1 if repeat > 1 else None
        return times

    def _measures(self, number: int) -> list[tuple[str, Callable[[], object], Sequence[str]]]:
        report = [str(BIN / "plananalysis"), "report", "--area", self.area]
        loop = self._outputs("loop")
        words = {"root": self.root, "out": loop, "area": self.area, "as_of": self.as_of}
        script = _LOOP.format(domains=" ".join(self.domains), **words)
        every = {"root": str(self.root), "area": self.area, "as_of": self.as_of}
        domains = ["sh", "-c", script]
        some = _PAGES.format(count=len(self.domains), **every)
        return [
            ("first", self._clone, [str(BIN / "plananalysis"), "report"]),
            ("full", self._clone, report),  # the values of the last turn's corrections too
            ("nothing", lambda: None, report),
            ("one_series", lambda: self._correct(number), report),
            ("watched", lambda: None, []),
            ("edition", lambda: self._forget("reports"), report),
            ("loop", lambda: self._empty(loop), domains),
            ("domains", self._drop, [sys.executable, "-c", some]),
        ]

    def _watched(self, number: int) -> tuple[float, float]:
        """From a value's being saved to the new edition's being there, with ``report --watch`` running since before."""
        command = [str(BIN / "plananalysis"), "report", "--area", self.area, "--watch"]
        with subprocess.Popen(
            command, cwd=self.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as run:
            _until_it_waits(run)
            for part in range(2):  # the first correction also pays for what is loaded once
                time.sleep(0.5)
                before, started = _used(psutil.Process(run.pid)), time.perf_counter()
                self._correct(number + 0.2 + 0.2 * part)
                _until_it_waits(run)
                wall, used = time.perf_counter() - started, _used(psutil.Process(run.pid))
            run.terminate()
        return wall, used - before

    @property
    def as_of(self) -> int:
        import tomllib

        settings = self.root / "data" / "raw" / self.area / "area.toml"
        return int(tomllib.loads(settings.read_text(encoding="utf-8"))["as_of"])

    def _outputs(self, name: str) -> Path:
        return self.root / "loop" if name == "loop" else self.root / "reports" / self.area / str(self.as_of)

    def _clone(self) -> None:
        """The project as it is before anything was run, or corrected."""
        shutil.rmtree(self.root, ignore_errors=True)
        ignored = shutil.ignore_patterns("reference", ".ipynb_checkpoints")
        for folder in ("data/raw", "notebooks"):
            shutil.copytree(REPOSITORY / folder, self.root / folder, ignore=ignored)

    def _forget(self, *folders: str) -> None:
        for folder in folders:
            shutil.rmtree(self.root / folder, ignore_errors=True)

    def _drop(self) -> None:
        """Remove the domain pages of a complete edition, so that exactly these are rendered."""
        for domain in self.domains:
            (self._outputs("domains") / f"{domain}.html").unlink()

    def _empty(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def _correct(self, number: float) -> None:
        """Put one value of one yearly series down, each time by another amount."""
        for path in sorted((self.root / "data" / "raw" / self.area / "observations").glob(f"*_{self.as_of}.csv")):
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            header = next(csv.reader(lines[:1]))
            rows = list(csv.DictReader(lines))
            for row in rows:
                if row["series"] == "W04" and row["year"] == str(self.as_of):
                    row["value"] = f"{float(row['value']) - 0.1 * (number + 1):.2f}"
                    with path.open("w", encoding="utf-8-sig", newline="") as file:
                        writer = csv.DictWriter(file, header, lineterminator="\n")
                        writer.writeheader()
                        writer.writerows(rows)
                    return
        raise SystemExit(f"{self.area} has no value of W04 in {self.as_of}")

    def _digest(self) -> str:
        """One number for all tables, pages and documents of the area; records of the runs themselves differ."""
        total = hashlib.sha256()
        for path in sorted(
            [*(self.root / "data" / "processed" / self.area).rglob("*"), *self._outputs("full").rglob("*")]
        ):
            if path.is_file() and not path.name.startswith(("run.json", "summary")):
                total.update(path.relative_to(self.root).as_posix().encode() + path.read_bytes())
        return total.hexdigest()


def measure(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Wall seconds of a command, and processor seconds of it and of everything it started."""
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("OPENBLAS_NUM_THREADS", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    wall = time.perf_counter() - started
    while True:  # whoever was left behind counts too
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _until_it_waits(run: subprocess.Popen) -> None:
    assert run.stderr is not None
    for line in run.stderr:
        if "等待数据变动" in line:
            return
    raise SystemExit("report --watch ended")


def _used(process: psutil.Process) -> float:
    """Processor seconds of a process and all below it, also of those that are gone."""
    times = [p.cpu_times() for p in (process, *process.children(recursive=True))]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def _goal(times: dict, name: str, measured: str, against: str, kind: str, limit: float) -> dict[str, object]:
    """A goal's measured value: the median, of seconds or of the ratios of each repetition."""
    values = times[measured][kind]
    if against:
        values = [a / b for a, b in zip(values, times[against][kind], strict=True)]
    value = statistics.median(values)
    return {"goal": name, "limit": round(limit, 4), "measured": round(value, 4), "met": value <= limit}


def _tell(result: dict) -> None:
    print(
        f"{'measure':<12} {'pages':>5} {'wall s':>9} {'cpu s':>9}   (medians of {len(next(iter(result['seconds'].values()))['wall'])})"
    )
    for name, kinds in result["seconds"].items():
        wall, cpu = (statistics.median(kinds[kind]) for kind in ("wall", "cpu"))
        print(f"{name:<12} {result['pages'].get(name, 0):>5} {wall:>9.2f} {cpu:>9.2f}")
    print()
    for goal in result["goals"]:
        limit, value = goal["limit"], goal["measured"]
        ratio = f" (1/{1 / value:.1f}, goal 1/{1 / limit:.0f})" if "against" in goal["goal"] else ""
        print(f"{'met' if goal['met'] else 'NOT MET':<8} {goal['goal']}: {value}{ratio or f' (goal {limit})'}")
    print(f"two full runs gave the same bytes: {result['same_bytes']}")


if __name__ == "__main__":
    main()
