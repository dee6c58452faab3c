"""Has a file read in a process that cannot harm this one, and answers for it when it does not answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from plananalysis.sheets.child import unpacked
from plananalysis.sheets.grids import Refused, Sheets
from plananalysis.sheets.reading import MAX_FILE

SECONDS = 2  # of processor time; the slowest file that is read takes under one
PATIENCE = 60  # seconds on the clock: on a machine with other work the file is not to blame
MEMORY = 320_000_000  # bytes of address space
_FORKS = sys.platform == "linux"  # elsewhere a process is started for each file
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from plananalysis.sheets import child; child."


def read_apart(data: bytes, suffix: str) -> Sheets:
    """The sheets of a file, read in a process that cannot harm this one: limited in time and memory, it writes nothing.

    Raises
    ------
    Refused
        The file is not read, and why: a process that ended otherwise than with an answer counts as an answer.
    """
    if len(data) > MAX_FILE:
        raise Refused("file_large", size=f"{len(data) / 1e6:.1f}", limit=f"{MAX_FILE / 1e6:.0f}")
    code, answer = (_forked if _FORKS else _started)(data, json.dumps([suffix[:20], SECONDS, MEMORY]))
    if code != 0:
        raise Refused("file_slow" if code == -24 else "file_heavy")
    try:
        return unpacked(answer)
    except (ValueError, KeyError, TypeError):  # half an answer
        raise Refused("file_heavy") from None


def _command(does: str, *given: str) -> list[str]:
    return [sys.executable, "-I", "-c", _PROGRAM + does, str(Path(__file__).parents[2]), *given]


def _started(data: bytes, given: str) -> tuple[int, bytes]:
    """How a process started for this file ended, and what it said."""
    import subprocess

    command = _command("main(sys.argv[2])", given)
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise Refused("file_slow") from None
    return done.returncode, done.stdout


def _forked(data: bytes, given: str) -> tuple[int, bytes]:
    """The same of a fork of a process that is started once: a round of ninety files waits for one start."""
    reader = _rested()
    ended = reader.read(data, given)
    _at_rest.append(reader)
    return ended


def _rested() -> _Reader:
    with suppress(IndexError):
        while True:
            if (reader := _at_rest.pop()).is_ours():
                return reader
    return _Reader()


class _Reader:
    """A process that forks for each file and ends when nobody holds the other end of its line.

    Each fork is given a line of its own and none of the others', so that a file can only answer for itself.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(PATIENCE)
        with theirs, open(os.devnull, "wb") as nowhere:
            ends = (theirs.fileno(), nowhere.fileno(), nowhere.fileno())
            places = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)]
            command = _command("serve()")
            self._process = os.posix_spawn(
                command[0], command, os.environ, file_actions=places, setpgroup=0, setsigdef=[signal.SIGCHLD]
            )

    def is_ours(self) -> bool:
        """Whether it is at work, and for this process: a fork of ours has the line too and must not use it."""
        with suppress(ChildProcessError):
            return self._owner == os.getpid() and os.waitpid(self._process, os.WNOHANG) == (0, 0)
        return False

    def read(self, data: bytes, given: str) -> tuple[int, bytes]:
        """How the fork for this file ended, and what it said."""
        ours, theirs = socket.socketpair()
        answer = bytearray()
        with ours:
            ours.settimeout(PATIENCE)
            try:
                with theirs:
                    socket.send_fds(self._line, [given.encode()], [theirs.fileno()])
                with suppress(BrokenPipeError, ConnectionResetError):  # it has ended before it had read everything
                    ours.sendall(data)
                    ours.shutdown(socket.SHUT_WR)
                with suppress(ConnectionResetError):
                    while chunk := ours.recv(1 << 20):
                        answer += chunk
                return int(self._line.recv(20) or b"1"), bytes(answer)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    os.killpg(self._process, signal.SIGKILL)
                raise Refused("file_slow") from None


_at_rest: list[_Reader] = []
