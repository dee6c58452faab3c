"""Waiting for changes: each saved file is told once, when it is whole, and what nobody means to change is not told."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from plananalysis.reports import watch


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("data/raw/example/observations", "data/raw/reference", "notebooks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/raw/example/observations/a.csv").write_text("1", encoding="utf-8")
    return tmp_path


@pytest.fixture
def told_after(project, monkeypatch):
    """What is told first when one step is taken whenever the watch sleeps."""

    def told(*steps) -> list[str]:
        left = list(steps)
        clock = SimpleNamespace(sleep=lambda seconds: left and left.pop(0)(), perf_counter=time.perf_counter)
        monkeypatch.setattr(watch, "time", clock)
        found = next(watch.changes(project, watch.look(project)))
        assert left == []
        return found

    return told


def test_files_added_saved_and_removed_are_told_by_their_place_in_the_project(project, told_after):
    folder = project / "data" / "raw" / "example" / "observations"
    (folder / "b.csv").write_text("2", encoding="utf-8")
    changed = told_after(
        lambda: (folder / "a.csv").write_text("12", encoding="utf-8"),
        lambda: (folder / "b.csv").unlink(),
        lambda: (project / "notebooks" / "1.ipynb").write_text("{}", encoding="utf-8"),
    )
    home = "data/raw/example/observations"
    assert changed == [f"{home}/a.csv", f"{home}/b.csv", "notebooks/1.ipynb"]


def test_a_file_that_is_still_being_written_is_waited_for(project, told_after):
    path = project / "data" / "raw" / "example" / "observations" / "a.csv"
    steps = [lambda n=n: path.write_text("x" * n, encoding="utf-8") for n in range(2, 12)]
    assert told_after(*steps) == ["data/raw/example/observations/a.csv"]
    assert path.stat().st_size == 11


def test_hidden_and_unread_files_are_nobodys_change(project, told_after):
    folder = project / "data" / "raw"
    changed = told_after(
        lambda: (folder / "example" / "~$a.xlsx").write_text("", encoding="utf-8"),
        lambda: (folder / "example" / ".a.csv.swp").write_text("", encoding="utf-8"),
        lambda: (folder / "reference" / "big.csv").write_text("", encoding="utf-8"),
        lambda: (folder / "thresholds.toml").write_text("", encoding="utf-8"),
    )
    assert changed == ["data/raw/thresholds.toml"]


def test_what_was_saved_since_the_look_is_told_at_once(project):
    before = watch.look(project)
    (project / "data" / "raw" / "example" / "observations" / "a.csv").write_text("12", encoding="utf-8")
    assert next(watch.changes(project, before)) == ["data/raw/example/observations/a.csv"]


def test_a_value_of_the_same_length_saved_within_the_same_second_is_a_change(project, told_after):
    path = project / "data" / "raw" / "example" / "observations" / "a.csv"
    about = path.stat()
    changed = told_after(
        lambda: (path.write_text("2", encoding="utf-8"), os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 1))),
    )
    assert changed == ["data/raw/example/observations/a.csv"]
