"""A look at the published pages in a browser of this machine, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from plananalysis.base.errors import UsageError
from plananalysis.base.text import say

LOOPBACK = "127.0.0.1"
PORT = 8765
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "": "application/octet-stream",
}


PATIENCE = 15  # seconds a browser may be silent
CLIENTS = 24  # at a time; a browser opens six


class _Server(ThreadingHTTPServer):
    """A server with room for a few browsers: one that comes when it is full is told so, one that goes away is no error."""

    def __init__(self, *arguments: Any) -> None:
        self._places = BoundedSemaphore(CLIENTS)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.settimeout(1)
            request.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a download that was broken off is the reader's affair."""


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder to browsers that asked for this machine; neither lists of folders nor hidden files."""

    timeout = PATIENCE

    extensions_map = TYPES
    server_version, sys_version = "plananalysis", ""

    def send_head(self) -> Any:
        # a page from elsewhere whose name leads here must not read internal reports through the reader's browser
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host") or ""
        if host not in (LOOPBACK, "localhost"):
            return self.send_error(403)
        folder = Path(self.directory).resolve()
        try:
            path = Path(self.translate_path(self.path)).resolve()  # follows links: they must not lead out either
        except (ValueError, OSError):  # no path at all: it holds a zero byte, or is too long
            return self.send_error(404)
        if not path.is_relative_to(folder) or any(p.startswith(".") for p in path.relative_to(folder).parts):
            return self.send_error(404)
        return super().send_head()

    def list_directory(self, path: Any) -> Any:
        return self.send_error(404)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")  # the next report is shown by a reload
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: whoever looks at pages does not read a log of it."""


def server(folder: Path, port: int | None = None) -> ThreadingHTTPServer:
    """A server of a folder's files, listening on the loopback address only; ``serve_forever`` starts it.

    Parameters
    ----------
    port
        By default 8765, or any other that is free.

    Raises
    ------
    UsageError
        The port asked for is in use.
    """
    handler = partial(_Handler, directory=str(folder))
    for number in (PORT, 0) if port is None else (port,):
        try:
            return _Server((LOOPBACK, number), handler)
        except OSError as error:
            problem = error
    raise UsageError(say("bundles.refused.port", port=port, problem=problem))


def serve(root: Path, areas: list[str], port: int | None, tell: Callable[[str], object]) -> None:
    """Serve ``reports`` until interrupted, and tell the addresses to open.

    Raises
    ------
    UsageError
        Nothing has been published, or the port is in use.
    """
    folder = root / "reports"
    starts = [start for area in areas for start in _newest(folder, area)]
    if not areas and (folder / "index.html").is_file():
        starts = ["index.html"]
    if not starts:
        raise UsageError(say("bundles.refused.nothing", folder=folder))
    with server(folder, port) as running:
        for start in starts:
            tell(f"http://{LOOPBACK}:{running.server_port}/{start}")
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            return


def _newest(folder: Path, area: str) -> list[str]:
    """Where to begin reading about an area: its newest edition, in the usual form where there is one."""
    found = [p.parent.name for p in folder.glob(f"{area}/*/index.html") if p.parent.name[0].isdigit()]
    found.sort(key=lambda name: (name[:4], name.isdigit(), name))
    return [f"{area}/{name}/index.html" for name in found[-1:]]
