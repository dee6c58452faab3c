"""One desk, and one request to it: what its address and its form say, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote, unquote

import jinja2
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.text import catalogue, language, said, say, translated
from plananalysis.bundles.form import current
from plananalysis.desk.jobs import Jobs
from plananalysis.plan import Plan

OUTBOX = "outbox"  # folder of the project for what is to be sent out
TEMPLATES = Path(__file__).parents[1] / "template"
_NAME = "desk-name"  # cookie: who works here, offered again in the next form


@dataclass
class Desk:
    """What one running desk knows beside the files of its project: its jobs, and how it ends."""

    root: Path
    failed: Callable[[list[str]], Path] | None = None
    close: Callable[[], None] = lambda: None
    jobs: Jobs = field(init=False)
    held: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # tables between two pages, by fingerprint
    one_at_a_time: Any = field(default_factory=Lock)  # pages share caches that were not made for threads

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.root)

    def areas(self) -> list[str]:
        """Areas that have a round and editions of their own."""
        return [a for a in tables.areas(self.root) if not tables.is_panel(self.root, a)]

    @cached_property
    def templates(self) -> jinja2.Environment:
        """The pages' templates; whatever they are given is escaped."""
        made = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES / "desk"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.globals |= {"say": say, "translated": translated, "language": language}
        made.filters |= {"told": lambda text: said(getattr(text, "node", None) or text)}
        return made


@dataclass
class Visit:
    """One request, with what its address says, and the form that came with it.

    Parameters
    ----------
    area, year, plan
        Of the address, and the area's plan as it holds for the year; "" and 0 where it has none.
    """

    desk: Desk
    request: Request
    form: FormData
    area: str = ""
    year: int = 0
    plan: Plan = field(init=False)

    @property
    def root(self) -> Path:
        """The project."""
        return self.desk.root

    @property
    def home(self) -> str:
        """Address of the year's first page."""
        return f"/{self.area}/{self.year}" if self.year else "/"

    @property
    def today(self) -> str:
        """The day, as ISO text."""
        return date.today().isoformat()

    @property
    def on(self) -> str:
        """The day a form names, else today."""
        return self.text("on") or self.today

    def text(self, name: str) -> str:
        """A field of the form, or of the address; "" where there is none."""
        given = self.form.get(name, self.request.query_params.get(name, ""))
        return given.strip() if isinstance(given, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field of the form."""
        return [one for one in self.form.getlist(name) if isinstance(one, str)]

    def chosen(self, name: str, known: Collection[str]) -> str:
        """A field whose value is one of a closed set.

        Raises
        ------
        UsageError
            It is none of them.
        """
        if (given := self.text(name)) not in known:
            raise UsageError(say("desk.error.choice", value=given))
        return given

    def page(self, template: str, status: int = 200, **words: Any) -> Response:
        """A page from its template."""
        frame: dict[str, Any] = {
            "visit": self,
            "name": unquote(self.request.cookies.get(_NAME, "")),
            "done": self.text("done") if f"desk.done.{self.text('done')}" in catalogue() else "",
            "count": self.text("n") if self.text("n").isdigit() else "0",
        }
        return HTMLResponse(self.desk.templates.get_template(template).render(**frame, **words), status)

    def back(self, to: str, done: str, count: int = 0) -> Response:
        """On to the page that shows what was done; who did it is remembered for the next form."""
        answer = RedirectResponse(f"{to}?done={done}&n={count}", 303)
        return self.signed(answer)

    def signed(self, answer: Response) -> Response:
        """The answer, with the name of who works here for the next form."""
        if name := self.text("by"):
            answer.set_cookie(_NAME, quote(name[:60]), max_age=31_536_000, httponly=True, samesite="strict")
        return answer


def first_year(root: Path, area: str) -> int:
    """The year whose round is at hand: the one the area's settings name."""
    return current(root, area, None)
