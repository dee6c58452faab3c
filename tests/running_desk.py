"""A desk at work, as its command starts it, for tests."""

from __future__ import annotations

import http.client
import importlib.util
import re
import signal
import subprocess
import sys
from pathlib import Path

INSTALLED = all(map(importlib.util.find_spec, ("jinja2", "multipart", "starlette", "uvicorn")))


class Running:
    """A desk at work, and requests to it as anybody could send them."""

    def __init__(self, root: Path, *options: str) -> None:
        command = [sys.executable, "-m", "plananalysis", "desk", "--no-browser", "--root", str(root), *options]
        self.root = root
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/\?key=(\S+)", said)):
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            said += line
        self.port, self.key = int(found[1]), found[2]
        self.address, self.origin = found[0], f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> tuple[int, dict, str]:
        """Status, headers and text of an answer; the right key and origin unless others are given ("" for none)."""
        given = {"Cookie": f"plananalysis-desk-{self.port}={self.key}", "Host": f"127.0.0.1:{self.port}"}
        given |= {"Origin": self.origin} if method == "POST" else {}
        given |= {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body, {k: v for k, v in given.items() if v})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    def close(self) -> str:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=300)
        return ""
