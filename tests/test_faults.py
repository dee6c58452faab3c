"""Runs that are killed, or meet a full or closed disk: the old edition or the new one, never half of one, and one clear sentence."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import clock
import pytest
from report_project import content, edition, make_project

from plananalysis.base.publication import lock

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="forks")]
SERVER = Path(__file__).parent / "fault_server.py"
KILLS = 50


class Server:
    """Runs of projects, each in a fork of one warm process."""

    def __init__(self, scratch: Path) -> None:
        sources = str(Path(__file__).parents[1] / "src")
        settings = os.environ | {
            "PYTHONPATH": sources,
            "OPENBLAS_NUM_THREADS": "1",
            "IPYTHONDIR": str(scratch / "ipython"),
        }
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, str(SERVER)], env=settings, **pipes)

    def start(self, root: Path, *command: object) -> int:
        self.process.stdin.write(json.dumps([*map(str, command or ("run",)), str(root)]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def answer(self) -> dict:
        return json.loads(self.process.stdout.readline())

    def do(self, root: Path, *command: object) -> dict:
        self.start(root, *command)
        return self.answer()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    running = Server(tmp_path_factory.mktemp("server"))
    try:
        yield running
    finally:
        running.process.stdin.close()
        running.process.wait(300)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("faults"))


def known_on(root: Path, day: str) -> None:
    """Other data, so that every page has to be made again."""
    path = root / "data" / "processed" / "example" / "2025" / "edition.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"known_on": day}), encoding="utf-8")


def whole(root: Path) -> dict[str, bytes]:
    """The edition's files, after making sure that its record names exactly these."""
    import hashlib

    folder = edition(root)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}
    assert {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in found.items()} == run["outputs"]
    return content(folder)


def drafts(root: Path) -> list[str]:
    return [p.name for p in (root / "reports" / "example").iterdir() if p.name.startswith(".")]


def test_a_run_killed_at_fifty_random_moments_leaves_the_old_edition_or_the_new(root, server):
    versions: dict[str, dict[str, bytes]] = {}

    def make(day: str) -> None:
        known_on(root, day)
        assert server.do(root)["failed"] == []
        versions[day] = whole(root)

    make("2026-06-30")
    kills = clock.Kills(random.Random(1), lambda: make("2026-07-31"))
    assert len(set(map(str, versions.values()))) == 2
    seen, days = {"old": 0, "new": 0}, list(versions)
    for number in range(KILLS):
        new = days[number % 2]
        known_on(root, new)
        before = whole(root)
        kills.kill(server.start(root))
        kills.ended(server.answer() != {})
        after = whole(root)
        assert after in (before, versions[new])
        seen["new" if after == versions[new] else "old"] += 1
        with lock(root, "example"):  # no lock is left behind
            pass
    assert min(seen.values()) > 0, seen
    for day in days:
        known_on(root, day)
        assert server.do(root)["failed"] == [] and whole(root) == versions[day]
    assert drafts(root) == []


@pytest.mark.parametrize("files", [0, 1, 3])  # at a page, at the summary, at the record
def test_a_disk_that_fills_up_is_one_sentence_and_the_old_edition_stays(root, server, files):
    known_on(root, "2026-06-30")
    server.do(root)
    before = whole(root)
    known_on(root, f"2026-09-0{files + 1}")
    answer = server.do(root, "full", files)
    assert answer["told"].startswith("磁盘空间不足，无法写入 ") and answer["told"].count("。") == 1
    assert whole(root) == before and drafts(root) == []
    assert server.do(root)["failed"] == [] and whole(root) != before


def test_a_closed_target_is_one_sentence_and_the_old_edition_stays(server, tmp_path):
    root = make_project(tmp_path / "project")
    server.do(root)
    before = whole(root)
    closed = [root / "reports", *(p for p in (root / "reports").rglob("*") if p.is_dir())]
    for path in closed:
        path.chmod(0o555)
    assert server.do(root, "bare") == {"failed": [], "rendered": 0}  # nothing to do, nothing to write
    known_on(root, "2026-07-31")
    answer = server.do(root, "bare")
    for path in closed:
        path.chmod(0o755)
    assert answer["told"].startswith("没有写入权限或目录只读，无法写入 ") and answer["told"].count("。") == 1
    assert whole(root) == before and drafts(root) == []
    assert server.do(root)["failed"] == []


def test_a_small_disk_that_is_really_full(server, tmp_path):
    """The same on a file system of a megabyte and a half, where one may be mounted."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1600k", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("may not mount")
    try:
        root = make_project(tmp_path / "project")
        (root / "reports").symlink_to(place)
        assert server.do(root)["failed"] == []
        before = whole(root)
        known_on(root, "2026-07-31")
        ballast = place / "ballast"
        with suppress(OSError), ballast.open("wb") as file:
            file.write(b"x" * (shutil.disk_usage(place).free - 100_000))
        answer = server.do(root)
        assert answer["told"].startswith("磁盘空间不足")
        assert whole(root) == before and drafts(root) == []
        ballast.unlink()
        assert server.do(root)["failed"] == [] and whole(root) != before
    finally:
        subprocess.run(["umount", str(place)], check=False)
