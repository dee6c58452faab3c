"""A part of the work in a process of its own: nothing of it is lost, least of all what went wrong."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from plananalysis.base.errors import DataError, Problem
from plananalysis.editions.apart import apart

PROBLEM = Problem("data/raw/east/a.csv", 3, "value", "百分", "不是数值", "请改为数字。")
linux = pytest.mark.skipif(sys.platform != "linux", reason="forks")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Only this thread counts: the test runner has one of its own."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@linux
def test_both_parts_are_done_at_the_end_each_in_its_own_process(tmp_path):
    with apart(lambda: (tmp_path / "part").write_text(str(os.getpid()))):
        (tmp_path / "rest").write_text(str(os.getpid()))
    assert int((tmp_path / "rest").read_text()) == os.getpid() != int((tmp_path / "part").read_text())


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("fork", [True, False])
def test_problems_of_data_arrive_as_they_were(monkeypatch, threads, fork):
    monkeypatch.setattr(threading, "active_count", lambda: threads)

    def part() -> None:
        raise DataError([PROBLEM, PROBLEM])

    with pytest.raises(DataError) as caught, apart(part, fork):
        pass
    assert caught.value.problems == [PROBLEM, PROBLEM] and "第3行" in str(caught.value)


def test_with_threads_about_nothing_is_forked(monkeypatch, tmp_path):
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    with apart(lambda: (tmp_path / "part").write_text(str(os.getpid()))):
        pass
    assert int((tmp_path / "part").read_text()) == os.getpid()


@linux
def test_an_exception_that_cannot_travel_goes_as_its_words():
    class Odd(Exception):
        def __init__(self, one: int, two: int) -> None:
            super().__init__(f"{one} and {two}")

    def part() -> None:
        raise Odd(1, 2)

    with pytest.raises(RuntimeError, match="Odd: 1 and 2"), apart(part):
        pass


@linux
def test_a_part_that_is_killed_is_an_error():
    with pytest.raises(RuntimeError, match="killed"), apart(lambda: os.kill(os.getpid(), signal.SIGKILL)):
        pass


@linux
def test_what_goes_wrong_in_the_rest_comes_first_and_the_part_is_waited_for(tmp_path):
    def part() -> None:
        (tmp_path / "part").write_text("done")
        raise DataError([PROBLEM])

    with pytest.raises(KeyError), apart(part):
        raise KeyError("rest")
    assert (tmp_path / "part").read_text() == "done"
