"""Who may come in: the browser that was opened with the key, asking for this machine by its own address, from the desk's own pages."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from plananalysis.base.text import say
from plananalysis.bundles.preview import LOOPBACK

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = (LOOPBACK, "localhost")
MAX_BODY = 60_000_000  # bytes of one request: an archive of a whole round's workbooks takes 2 MB, the intake unpacks 50
_SAFE = ("GET", "HEAD")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("style", "script", "connect", "font")),
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# A report's page brings a policy of its own, which names its one script; this one keeps it away from the desk besides.
REPORT_POLICY = (
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class Door:
    """Stands before the application.

    Parameters
    ----------
    key
        What the first address carries; a cookie carries it from then on.
    port
        Where the desk listens: part of what its pages call their origin.
    """

    def __init__(self, app: ASGIApp, key: str, port: int) -> None:
        self.key, self.cookie = key, f"plananalysis-desk-{port}"
        self.origins = {f"http://{host}:{port}" for host in HOSTS}
        self.app = TrustedHostMiddleware(self._inside(app), allowed_hosts=list(HOSTS), www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever is answered carries the headers that keep other pages away from it."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("Content-Security-Policy", _POLICY)
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = (
                    "same-origin"  # with none at all a browser would hide where a form comes from
                )
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
            await send(message)

        if scope["type"] == "http":
            await self.app(scope, receive, sent)

    def _inside(self, app: ASGIApp) -> ASGIApp:
        async def inside(scope: Scope, receive: Receive, send: Send) -> None:
            answer = self._answer(Request(scope))
            if answer is None:
                await app(scope, _limited(Headers(scope=scope), receive), send)
            else:
                await answer(scope, receive, send)

        return inside

    def _answer(self, request: Request) -> Response | None:
        """What to answer at the door; None for whom it lets in."""
        if request.method in _SAFE and (given := request.query_params.get("key")) is not None:
            if not _same(given, self.key):
                return PlainTextResponse(say("desk.door.key"), 403)
            answer = RedirectResponse("/", 303)
            answer.set_cookie(self.cookie, self.key, path="/", httponly=True, samesite="strict")
            return answer
        if not _same(request.cookies.get(self.cookie, ""), self.key):
            return PlainTextResponse(say("desk.door.key"), 403)
        if request.method not in _SAFE and request.headers.get("origin") not in self.origins:
            return PlainTextResponse(say("desk.door.origin"), 403)
        return None


def _same(given: str, key: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogatepass"), key.encode())


def _limited(headers: Headers, receive: Receive) -> Receive:
    """The body of a request as it comes in, until it is too large, whatever it says of its size."""
    left = MAX_BODY

    async def limited() -> Message:
        nonlocal left
        if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")) > MAX_BODY:
            raise HTTPException(413)
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return limited
