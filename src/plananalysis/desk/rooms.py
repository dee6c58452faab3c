"""The pages of the desk by their addresses, and what becomes of whatever goes wrong on the way to one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from plananalysis.base.errors import BusyError, DataError, UsageError
from plananalysis.base.publication import disk_trouble
from plananalysis.base.text import say
from plananalysis.desk import acting, looking, planning, starting, values
from plananalysis.desk.visits import TEMPLATES, Desk, Visit
from plananalysis.plan import load_plan

_MAX_FILES, _MAX_FIELDS = 1000, 5000
Make = Callable[[Visit], Response]


def application(desk: Desk) -> Starlette:
    """Every page and every action of a desk, without the door."""

    def route(path: str, look: Make | None = None, act: Make | None = None) -> Route:
        methods = [name for name, made in (("GET", look), ("POST", act)) if made]

        async def answer(request: Request) -> Response:
            make = act if request.method == "POST" else look
            assert make is not None
            if request.method != "POST":
                return await run_in_threadpool(_answer, desk, request, FormData(), make)
            async with request.form(max_files=_MAX_FILES, max_fields=_MAX_FIELDS) as form:
                return await run_in_threadpool(_answer, desk, request, form, make)

        return Route(path, answer, methods=methods)

    year = "/{area}/{year:int}"
    static = StaticFiles(directory=TEMPLATES / "desk" / "static")
    reports = StaticFiles(directory=TEMPLATES / "plan" / "static")
    routes = [
        Mount("/static/desk", static),
        Mount("/static/plan", reports),
        route("/", looking.areas, starting.new_area),
        route("/{area}/plan", starting.plan, starting.workbook),
        route("/close", None, acting.close),
        route("/jobs/{number:int}", looking.job),
        route("/reports/{file:path}", looking.report),
        route(year, looking.round_page),
        route(year + "/receive", None, acting.receive),
        route(year + "/accept-clean", None, acting.accept_clean),
        route(year + "/questions", None, acting.questions),
        route(year + "/due", None, values.set_due),
        route(year + "/findings", values.findings, values.decide),
        route(year + "/make", looking.make, acting.make),
        route(year + "/outbox/{file:path}", looking.outbox),
        route(year + "/import", starting.table, starting.take_table),
        route(year + "/readings", planning.readings, starting.confirm),
        route(year + "/readings/{series}", planning.reading, planning.decide),
        route("/{area}/plan.xlsx", looking.plan_workbook),
        route(year + "/unit/{unit}", looking.unit, acting.decide),
        route(year + "/unit/{unit}/correct", None, acting.correct),
    ]
    handlers: dict[Any, Any] = {HTTPException: lambda request, error: _lost(desk, request, error)}
    made = Starlette(routes=routes, exception_handlers=handlers)
    made.router.redirect_slashes = False
    return made


def _answer(desk: Desk, request: Request, form: FormData, make: Make) -> Response:
    """What a page or an action answers; what a user can cause is told in sentences, anything else in one."""
    visit = Visit(desk, request, form)
    with desk.one_at_a_time:
        try:
            if area := request.path_params.get("area"):
                if area not in desk.areas():
                    raise HTTPException(404)
                if year := request.path_params.get("year", 0):
                    visit.plan = load_plan(desk.root, area, year)
                visit.area, visit.year = area, year
            return make(visit)
        except HTTPException as error:
            return _lost(desk, request, error)
        except DataError as error:
            return visit.page("told.html", 422, title=error.lead, lines=[str(p) for p in error.problems])
        except UsageError as error:
            return visit.page("told.html", 422, title=say("desk.error.not_done"), lines=[str(error)])
        except BusyError as error:
            return visit.page("told.html", 409, title=say("desk.error.busy"), lines=[str(error)])
        except Exception as error:
            trouble = disk_trouble(error) if isinstance(error, OSError) else ""
            log = "" if trouble or desk.failed is None else str(desk.failed(["desk", request.method, request.url.path]))
            lines = [trouble or say("desk.error.unexpected", kind=type(error).__name__, log=log or os.devnull)]
            return visit.page("told.html", 500, title=say("desk.error.not_done"), lines=lines)


def _lost(desk: Desk, request: Request, error: HTTPException) -> Response:
    known = {404: "lost", 405: "lost", 413: "large"}
    title = say(f"desk.error.{known.get(error.status_code, 'not_done')}")
    return Visit(desk, request, FormData()).page("told.html", error.status_code, title=title, lines=[])
