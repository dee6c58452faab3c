"""The disk fails at the n-th call, memory at the n-th allocation, for n after n: the old state or the new, and one sentence.

As SQLite tests itself (sqlite.org/testing.html, sections 3.1 and 3.2). Each attempt runs in a fork of a warm process: an audit hook
raises where the interpreter announces that it opens, renames, removes or makes something, and CPython's own switch lets an
allocation fail. A process that dies of it counts as killed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import intake_corpus as corpus
import pytest
from paper_bundle import FORM, project

from plananalysis import round as intake
from plananalysis.base.errors import PlanAnalysisError
from plananalysis.base.publication import disk_trouble
from plananalysis.bundles import bundle, publish
from plananalysis.round import database

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="forks")]
STARTS = ("subprocess.Popen", "os.posix_spawn")
EVENTS = (
    "open",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.listdir",
    "os.scandir",
    "os.chmod",
    *STARTS,
)
POINTS, ALLOCATIONS = 36, 24  # of each operation; all calls are tried where there are no more
DAY = "2026-04-20"


def tree(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder, but for locks and caches, which nobody reads as results."""
    skipped = {".locks", ".cache", ".returns", ".inputs"}
    paths = (p for p in folder.rglob("*") if p.is_file() and not skipped & set(p.parts)) if folder.is_dir() else ()
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(paths)}


def received(root: Path) -> None:
    intake.receive(root, "demo", sorted((root / "inbox").iterdir()), DAY, "监测组")


def reviewed(root: Path) -> None:
    intake.review(root, "demo", "health", "ask", "监测组", "2026-04-25")


def rebuilt(root: Path) -> None:
    database.rebuild(root, "demo")


def published(root: Path) -> None:
    publish(root, [FORM], root.parent / "out.zip")


def unpacked(root: Path) -> None:
    publish(root, [FORM], root.parent / "folder")


def bundled(root: Path) -> None:
    bundle(root, FORM, root.parent / "bundle.zip")


def demo(folder: Path) -> Path:
    root = folder / "project"
    corpus.write_area(root)
    corpus.write_history(root)
    (root / "inbox").mkdir()
    for number, value in enumerate((54.4, 54.5)):
        (root / "inbox" / f"{number}.xlsx").write_bytes(corpus.form(root, C03__value=value))
    return root


def demo_received(folder: Path) -> Path:
    root = demo(folder)
    received(root)
    return root


def paper(folder: Path) -> Path:
    return project(folder / "project")


def state_of(root: Path, operation: Callable[[Path], None]) -> object:
    if operation is rebuilt:
        path = root / "data" / "processed" / "demo" / database.FILE
        return corpus.table_hash(path) if path.is_file() else None
    if operation in (received, reviewed):
        return tree(root / "data" / "raw")
    return {name: value for name, value in tree(root.parent).items() if not name.startswith("project/")}


def attempt(root: Path, operation: Callable[[Path], None], fault: Callable[[], Callable[[], int]]) -> dict[str, object]:
    """What became of an operation in a fork in which something fails: how often it could have failed, what was raised and told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        answer: dict[str, object] = {"raised": ""}
        count = fault()
        try:
            operation(root)
        except PlanAnalysisError as error:
            answer |= {"raised": type(error).__name__, "told": str(error)}
        except OSError as error:
            answer |= {"raised": "OSError", "told": disk_trouble(error)}
        except MemoryError:
            answer |= {"raised": "MemoryError", "told": "-"}
        except BaseException as error:
            answer |= {"raised": type(error).__name__, "told": ""}
        answer["count"] = count()
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"raised": "killed", "told": "-", "count": 0}


def disk_fails_at(number: int, home: Path) -> Callable[[], Callable[[], int]]:
    """From the given call on below a folder one call fails; 0 for none."""

    def begin() -> Callable[[], int]:
        calls, real = [0], os.fsync

        def failing(path: str) -> None:
            calls[0] += 1
            if calls[0] == number:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)

        def hook(event: str, arguments: tuple) -> None:
            if event in EVENTS:
                named = next((os.fsdecode(a) for a in arguments if isinstance(a, str | bytes | os.PathLike)), "")
                if named.startswith(str(home)) or event in STARTS:
                    failing(named)

        def fsync(descriptor: int) -> None:
            failing(os.readlink(f"/proc/self/fd/{descriptor}"))
            real(descriptor)

        os.fsync = fsync
        sys.addaudithook(hook)
        return lambda: calls[0]

    return begin


def memory_fails_at(number: int) -> Callable[[], Callable[[], int]]:
    def begin() -> Callable[[], int]:
        import _testcapi

        _testcapi.set_nomemory(number, number + 1)

        def end() -> int:
            _testcapi.remove_mem_hooks()
            return 0

        return end

    return begin


OPERATIONS = [
    pytest.param(demo, received, id="intake"),
    pytest.param(demo_received, reviewed, id="review"),
    pytest.param(demo, rebuilt, id="database"),
    pytest.param(paper, published, id="publish-archive"),
    pytest.param(paper, unpacked, id="publish-folder"),
    pytest.param(paper, bundled, id="bundle"),
]


@pytest.fixture
def fresh(tmp_path):
    """A project as it was before, any number of times, in one place."""

    def made(make: Callable[[Path], Path]) -> Callable[[], Path]:
        kept = make(tmp_path / "kept")

        def again() -> Path:
            shutil.rmtree(tmp_path / "work", ignore_errors=True)
            shutil.copytree(kept.parent, tmp_path / "work")
            return tmp_path / "work" / kept.name

        return again

    return made


def drafts(root: Path) -> list[str]:
    return [p.name for p in root.parent.rglob("*") if p.name.endswith(".part") or ".draft-" in p.name]


@pytest.mark.parametrize(("make", "operation"), OPERATIONS)
def test_a_disk_that_fails_at_any_call_leaves_the_old_state_or_the_new(fresh, make, operation):
    again = fresh(make)
    operation(again())  # warm: what is imported and cached at first use is no part of the sweep
    root = again()
    before = state_of(root, operation)
    calls = int(attempt(root, operation, disk_fails_at(0, root.parent))["count"])
    after = state_of(root, operation)
    assert before != after and calls > 10
    points = range(1, calls + 1) if calls <= POINTS else sorted(random.Random(1).sample(range(1, calls + 1), POINTS))
    seen = {"old": 0, "new": 0}
    for number in points:
        root = again()
        answer = attempt(root, operation, disk_fails_at(number, root.parent))
        now = state_of(root, operation)
        assert now in (before, after), (number, answer)
        seen["new" if now == after else "old"] += 1
        assert answer["raised"] in ("", "OSError", "DataError", "UsageError", "BusyError", "killed"), (number, answer)
        assert answer["raised"] == "" or str(answer["told"]), (number, answer)
        assert answer["raised"] != "" or now == after, number
        assert "?" not in str(answer.get("told")), (number, answer)
        operation(root)  # the next run has nothing to tidy up by hand
        assert state_of(root, operation) == after or now == after, number  # what was done may be done again
        assert drafts(root) == [], number
    assert seen["old"] > 0


@pytest.mark.parametrize(("make", "operation"), OPERATIONS)
def test_memory_that_fails_at_any_allocation_leaves_the_old_state_or_the_new(fresh, make, operation):
    pytest.importorskip("_testcapi")
    again = fresh(make)
    operation(again())
    root = again()
    before = state_of(root, operation)
    operation(root)
    after = state_of(root, operation)
    draw, raised = random.Random(2), 0
    for _ in range(ALLOCATIONS):
        root = again()
        answer = attempt(root, operation, memory_fails_at(int(10 ** draw.uniform(1, 5.5))))
        now = state_of(root, operation)
        assert now in (before, after), answer
        raised += answer["raised"] != ""
        operation(root)
        assert state_of(root, operation) == after or now == after
        assert drafts(root) == []
    assert raised > 0
