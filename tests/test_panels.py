"""Many areas: no share lost or done twice, the same bytes whichever way they were run, and nothing lost with a worker."""

from __future__ import annotations

import sys
import time
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path

import panel_tasks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plananalysis.base.errors import UsageError
from plananalysis.panels import Chunk, Crew, Here, Processes, Shard, hired, sliced, spread

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


def test_without_its_extra_a_cluster_is_misuse_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr("plananalysis.panels.crews.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="cluster"), hired(2, "tcp://127.0.0.1:1"):
        pass


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("distributed"), reason="needs the extra cluster")
def test_a_cluster_without_workers_says_so_and_workers_who_come_late_do_the_work(tmp_path, monkeypatch):
    from distributed import LocalCluster

    from plananalysis.panels import crews

    monkeypatch.setattr(crews.Dask, "patience", 0.5)
    chunks = [Chunk(str(n), (n,), tmp_path / f"{n}.txt") for n in range(20)]
    said: list[str] = []
    with LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:

        def hear(sentence: str) -> None:
            said.append(sentence)
            if len(said) == 2:  # at once, and while nothing came
                cluster.scale(2)

        with hired(1, cluster.scheduler_address, hear) as crew:
            found = list(spread(panel_tasks.write, chunks, crew))
    assert [o.state for o in found] == ["done"] * 20
    assert len(said) >= 2 and cluster.scheduler_address in said[0]


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("distributed"), reason="needs the extra cluster")
def test_workers_that_run_another_program_are_named_before_any_work(monkeypatch):
    from plananalysis.panels import crews

    monkeypatch.setattr(crews, "program", lambda: "another")
    with pytest.raises(UsageError, match="1 个工作进程运行的程序"), hired(1, "local"):
        pytest.fail("it was handed out")


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("distributed"), reason="needs the extra cluster")
def test_a_scheduler_that_is_gone_is_told_in_one_sentence(capfd):
    import logging

    from distributed import LocalCluster

    cluster = LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50)
    with pytest.raises(UsageError, match="连接中断"), hired(1, cluster.scheduler_address) as crew:
        assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR)
        cluster.close()
        until = time.monotonic() + 60
        while crew._client.status == "running" and time.monotonic() < until:
            time.sleep(0.1)
        crew.renew()
    assert "Traceback" not in capfd.readouterr().err


def test_a_piece_is_refused_by_a_worker_that_runs_another_program(tmp_path):
    from plananalysis.panels.spread import work

    answer = work(panel_tasks.write, ("a",), tmp_path / "a.txt", "another")
    assert answer["state"] == "failed" and "another" in answer["message"] and not (tmp_path / "a.txt").exists()


def test_what_cannot_be_seen_from_here_is_not_done(tmp_path, monkeypatch):
    """A worker on another machine leaves its file there when the folder is not shared."""
    from plananalysis.panels import crews

    class Elsewhere(crews.Here):
        def executor(self):
            crew = super().executor()
            crew.submit = lambda fn, *a, **k: _answered({"state": "done", "message": "", "seconds": 0.0})
            return crew

    def _answered(answer):
        future: Future = Future()
        future.set_result(answer)
        return future

    monkeypatch.setattr(sys.modules["plananalysis.panels.spread"], "ARRIVAL", 0.3)
    (outcome,) = spread(panel_tasks.write, [Chunk("a", ("a",), tmp_path / "a.txt")], Elsewhere())
    assert outcome.state == "failed" and "看不到" in outcome.message
