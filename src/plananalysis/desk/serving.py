"""The desk as a server on this machine's own address, from its start to the moment somebody closes it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from plananalysis.base.errors import UsageError
from plananalysis.base.text import LANGUAGES, read_names, say, speaking
from plananalysis.bundles.preview import CLIENTS, LOOPBACK, PATIENCE
from plananalysis.desk.door import Door
from plananalysis.desk.rooms import application
from plananalysis.desk.visits import Desk


def serve(
    root: Path,
    port: int | None = None,
    language: str = LANGUAGES[0],
    tell: Callable[[str], object] = print,
    failed: Callable[[list[str]], Path] | None = None,
) -> None:
    """Serve the desk until it is closed.

    Parameters
    ----------
    port
        By default any that is free.
    tell
        Gets the address to open, with the key in it, once somebody listens there.
    failed
        Writes the exception at hand to a file for whoever mends the program, and answers with its place.

    Raises
    ------
    UsageError
        The port asked for is in use.
    """
    listening = socket.socket()
    with suppress(AttributeError, OSError):  # Windows alone has it: nobody else may listen at the same place
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
    try:
        listening.bind((LOOPBACK, port or 0))
    except OSError as error:
        listening.close()
        raise UsageError(say("bundles.refused.port", port=port, problem=error)) from None
    listening.listen()
    here, key = int(listening.getsockname()[1]), secrets.token_urlsafe(32)
    desk = Desk(root, failed)
    settings = uvicorn.Config(
        Door(application(desk), key, here),
        interface="asgi3",
        http="h11",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CLIENTS,
        timeout_keep_alive=PATIENCE,
        timeout_graceful_shutdown=PATIENCE,
    )
    server = uvicorn.Server(settings)
    desk.close = lambda: setattr(server, "should_exit", True)
    tell(f"http://{LOOPBACK}:{here}/?key={key}")
    with listening, speaking(language, read_names(root)), suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
