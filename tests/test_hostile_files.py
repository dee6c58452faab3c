"""A thousand hostile and odd files: none crashes, none takes more than its reader may, none that is refused leaves a trace."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import clock
import hostile_corpus
import intake_corpus as corpus
import pytest

from plananalysis import round as intake
from plananalysis.returns import register
from plananalysis.sheets import apart as sheets_apart
from plananalysis.sheets.grids import Refused
from plananalysis.sheets.reading import read_file

DAY = "2026-04-20"
BATCH = 60  # files of one call: as many as an office takes in of a day


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
@pytest.mark.skipif(sys.platform != "linux", reason="costs of forks are counted there")
def test_no_file_crashes_costs_much_or_leaves_a_trace_when_refused(made, demo, tmp_path, monkeypatch, capsys):
    log, read = tmp_path / "costs", []
    # The reader tells what each of its forks has cost, also of one that was ended at its limit.
    tell = f"""import os
def waitpid(child, options):
    _, status, used = os.wait4(child, options)
    with open({str(log)!r}, "a") as log:
        log.write(f"{{used.ru_utime + used.ru_stime}} {{used.ru_maxrss / 1024}}\\n")
    return child, status
os.waitpid = waitpid
"""
    monkeypatch.setattr(sheets_apart, "_PROGRAM", tell + sheets_apart._PROGRAM)
    monkeypatch.setattr(sheets_apart, "_at_rest", [])
    forked = sheets_apart._forked
    monkeypatch.setattr(sheets_apart, "_forked", lambda data, given: (read.append(data), forked(data, given))[1])
    told: Counter[str] = Counter()
    home, total, names = register.folder(demo, "demo"), 0, {}
    batches = [(kind, found[i : i + BATCH]) for kind, found in made.items() for i in range(0, len(found), BATCH)]
    for number, (kind, found) in enumerate(batches):
        inbox = tmp_path / str(number)
        inbox.mkdir()
        paths = [inbox / name for name, _ in found]
        for path, (_, data) in zip(paths, found, strict=True):
            path.write_bytes(data)
            names[data] = f"{kind}/{path.name}"
        before, begun = stored(home), time.process_time()
        result = intake.receive(demo, "demo", paths, DAY, "监测组")
        own = (time.process_time() - begun) / len(paths)
        assert own < 1.0 or own < clock.slowness(), kind  # what the checks cost, a file
        new = [one for one in result.files if one.submission]
        assert stored(home) - before == {one.submission for one in new}
        assert [one for one in result.files if one.refused and one.submission] == []
        assert all(i.message and i.advice and len(str(i)) < 2500 for one in result.files for i in one.issues)
        assert kind != "reaching" or new == []
        told.update(one.issues[0].rule if one.refused else "read" for one in result.files)
        total += len(paths)
    assert total >= 1000
    costs = [tuple(map(float, line.split())) for line in log.read_text(encoding="utf-8").splitlines()]
    slowest = max((cost, names[data]) for (cost, _), data in zip(costs, read, strict=True))
    peak = max((peak, names[data]) for (_, peak), data in zip(costs, read, strict=True))
    assert len(read) >= 0.9 * total
    assert slowest[0] <= sheets_apart.SECONDS + 1.5, (
        slowest
    )  # ended at the limit or a second later, and what that takes
    assert peak[0] <= sheets_apart.MEMORY / 2**20, peak
    assert register.strangers(demo, "demo") == []
    with capsys.disabled():
        print(f"\n{total} files; slowest {slowest}; peak {peak}; {dict(told.most_common())}")


def stored(home: Path) -> set[str]:
    return (
        {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file() and p.parent != home}
        if home.is_dir()
        else set()
    )
