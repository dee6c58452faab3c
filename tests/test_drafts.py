"""drafts: a file is the old one or the new one; what killed runs leave goes with the next; every failure names the file."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plananalysis.base.drafts import drafting, sweep_folder
from plananalysis.base.publication import DISK, disk_trouble
from plananalysis.base.tables import write_atomic

HOST = "".join(c for c in socket.gethostname() if c.isascii() and (c.isalnum() or c in "_-"))[:30]


def gone() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "t.csv"
    write_atomic(path, b"old")
    with pytest.raises(RuntimeError), drafting(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.skipif(os.name == "nt", reason="processes are not asked there")
def test_the_next_run_removes_what_a_killed_one_left_and_nothing_else(tmp_path):
    path = tmp_path / "p.zip"
    dead, alive = f"p.zip.{HOST}-{gone()}.part", f"p.zip.{HOST}-{os.getppid()}.part"
    kept = ["p.zip.elsewhere-1.part", alive, "q.zip.part", f"q.zip.{HOST}-{gone()}.part", "p.zip.notes.part"]
    old = "p.zip.elsewhere-2.part"
    for name in (dead, old, *kept):
        (tmp_path / name).write_bytes(b"x")
    os.utime(tmp_path / old, (time.time() - 90_000,) * 2)
    write_atomic(path, b"new")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["p.zip", *kept])
    sweep_folder(tmp_path)
    assert not (tmp_path / kept[3]).exists() and (tmp_path / alive).exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EDQUOT])
def test_a_disk_that_fails_while_writing_is_told_with_the_files_name(tmp_path, monkeypatch, number):
    def fsync(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError) as found:
        write_atomic(tmp_path / "报表.csv", b"x")
    told = disk_trouble(found.value)
    assert "报表.csv" in told and ".part" not in told and told.count("。") == 1
    assert list(tmp_path.iterdir()) == []


def test_every_trouble_of_a_disk_has_a_sentence():
    for number in DISK:
        assert disk_trouble(OSError(number, "x", "a.csv")).startswith(("磁盘", "没有写入", "a.csv", "读写"))
    assert disk_trouble(OSError(errno.ENOENT, "x", "a.csv")) == ""


@pytest.mark.skipif(os.name == "nt", reason="a shell closes the stream")
def test_a_program_started_without_a_screen_works():
    program = Path(sys.executable).with_name("plananalysis")
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        done = subprocess.run(f"{program} --version {closed}", shell=True, capture_output=True, check=False)
        assert done.returncode == 0 and b"Traceback" not in done.stderr, closed
