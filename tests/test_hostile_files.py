"""A thousand hostile and odd files: none crashes, none takes over two seconds or 300 MB, none that is refused leaves a trace."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import time
from collections import Counter
from pathlib import Path

import hostile_corpus
import intake_corpus as corpus
import pytest

from plananalysis import round as intake
from plananalysis.returns import register
from plananalysis.sheets import Refused, read_file
from plananalysis.sheets import apart as sheets_apart

pytestmark = pytest.mark.skipif(os.name == "nt", reason="costs of processes are counted by Unix")
DAY = "2026-04-20"
BATCH = 20  # files of one call: as many as an office takes in of a morning


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    corpus.write_area(root)
    return root


@pytest.fixture(scope="module")
def made(demo):
    return hostile_corpus.files(demo)


def test_there_are_a_thousand_of_them_and_no_two_alike(made):
    files = [data for found in made.values() for _, data in found]
    assert len(files) >= 1000 and len(set(files)) >= 950
    assert all(len({name for name, _ in found}) == len(found) for found in made.values())


def test_a_sample_of_each_class_is_read_or_refused(made):
    """What the long test below does for all, here without a process for each: two of a class."""
    for found in made.values():
        for name, data in found[:: max(len(found) // 2, 1)]:
            if len(data) < 300_000 and "bomb" not in name:
                assert outcome(data, f".{name.rpartition('.')[2]}")


def outcome(data: bytes, suffix: str) -> str:
    try:
        return f"{len(read_file(data, suffix).grids)} sheets"
    except Refused as refused:
        return refused.rule
    except Exception as error:  # as the process that reads takes it
        return f"broken: {type(error).__name__}"


@pytest.mark.slow
def test_no_file_crashes_costs_much_or_leaves_a_trace_when_refused(made, demo, tmp_path, monkeypatch, capsys):
    costs: list[tuple[float, str]] = []
    peaks: list[float] = []
    real = subprocess.run

    def run(*arguments, **more):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = real(*arguments, **more)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ""))
        peaks.extend(int(kib) / 1024 for kib in re.findall(rb"VmHWM:\s*(\d+) kB", done.stderr))
        return done

    # The reader tells its own peak as it ends: what a parent sees begins with what the parent itself holds.
    tell = "import atexit, sys; atexit.register(lambda: sys.stderr.write(open('/proc/self/status').read())); "
    monkeypatch.setattr(sheets_apart, "_PROGRAM", tell + sheets_apart._PROGRAM)
    monkeypatch.setattr(sheets_apart.subprocess, "run", run)
    told: Counter[str] = Counter()
    home, total, slowest = register.folder(demo, "demo"), 0, (0.0, "")
    batches = [(kind, found[i : i + BATCH]) for kind, found in made.items() for i in range(0, len(found), BATCH)]
    for number, (kind, found) in enumerate(batches):
        inbox = tmp_path / str(number)
        inbox.mkdir()
        paths = [inbox / name for name, _ in found]
        for path, (_, data) in zip(paths, found, strict=True):
            path.write_bytes(data)
        before = stored(home)
        costs.clear()
        begun = time.process_time()
        result = intake.receive(demo, "demo", paths, DAY, "监测组")
        own = (time.process_time() - begun) / len(paths)
        slowest = max(slowest, *((cost, f"{kind}/{p.name}") for (cost, _), p in zip(costs, paths, strict=False)))
        assert own < 2.0, kind  # what the checks cost, a file
        new = [one for one in result.files if one.submission]
        assert stored(home) - before == {one.submission for one in new}
        assert [one for one in result.files if one.refused and one.submission] == []
        assert all(i.message and i.advice and len(str(i)) < 2500 for one in result.files for i in one.issues)
        assert kind != "reaching" or new == []
        told.update(one.issues[0].rule if one.refused else "read" for one in result.files)
        total += len(paths)
    assert total >= 1000
    assert slowest[0] <= 2.2, slowest  # the limit of two seconds, and what ending a process takes
    assert len(peaks) >= 0.9 * total and max(peaks) <= 300, max(peaks)
    assert register.strangers(demo, "demo") == []
    with capsys.disabled():
        print(
            f"\n{total} files; slowest {slowest[0]:.2f} s ({slowest[1]}); peak {max(peaks):.0f} MB; {dict(told.most_common())}"
        )


def stored(home: Path) -> set[str]:
    return (
        {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file() and p.parent != home}
        if home.is_dir()
        else set()
    )
