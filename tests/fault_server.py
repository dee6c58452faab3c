"""A warm process that forks one run of reports per line it reads, so that fifty runs can be killed for the price of one start.

Commands, each before the folder of a project: ``run``; ``full N``: the disk is full from the Nth file on; ``bare``: without the right
of an administrator to write anywhere.
For each it prints the run's process id, and when the run has ended one line of JSON: what it returned or raised.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import sys
from pathlib import Path

sys.modules["rfc3987_syntax"] = None

from plananalysis import reports  # noqa: E402
from plananalysis.base.publication import disk_trouble  # noqa: E402
from plananalysis.reports import worker  # noqa: E402


class Here:
    """In place of a pool: each job in a fork of this process, one after the other, by the worker's own code."""

    def lend(self, tables, language): ...

    def run(self, jobs):
        for job in jobs:
            child = worker.Child(job)
            while not child.has_ended():
                pass
            yield job, child.answer()


def fill_disk_at(count: int) -> None:
    left, real = [count], os.fsync

    def fsync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    os.fsync = fsync


def give_up_rights() -> None:
    """Let permissions of files hold for this process, also when an administrator runs it."""
    version3, none = 0x20080522, (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset((ctypes.c_uint32 * 2)(version3, 0), none):
        raise OSError(ctypes.get_errno(), "capset")


def attempt(root: Path, command: list[str]) -> dict[str, object]:
    if command[0] == "full":
        fill_disk_at(int(command[1]))
    if command[0] == "bare":
        give_up_rights()
    try:
        outcome = reports.report(root, "example", pool=Here(), documents=False)
    except OSError as error:
        return {"raised": type(error).__name__, "told": disk_trouble(error)}
    return {"failed": outcome.failed, "rendered": outcome.rendered}


def main() -> None:
    worker._warm_up()
    for line in sys.stdin:
        *command, root = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.write(writing, json.dumps(attempt(Path(root), command), ensure_ascii=False).encode())
            os._exit(0)
        os.close(writing)
        print(child, flush=True)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as pipe:
            print(pipe.read(65536).decode() or "{}", flush=True)


if __name__ == "__main__":
    main()
