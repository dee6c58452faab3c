"""What the desk does: each action is the function its command calls, with what a form says in place of options."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from plananalysis import round as rounds
from plananalysis.base.errors import UsageError
from plananalysis.base.text import LANGUAGES, say
from plananalysis.desk.looking import kind_of
from plananalysis.desk.visits import OUTBOX, Visit
from plananalysis.editions.variant import AUDIENCES, MODES, Variant
from plananalysis.returns.issues import HINT, Issue, cells_of, keys_in, runs
from plananalysis.returns.register import DECISIONS
from plananalysis.round.arriving import MAX_UNPACKED


def receive(visit: Visit) -> Response:
    """Files dropped in: checked, and unless only checked, stored and registered."""
    sent = [f for name in ("files", "folder") for f in visit.form.getlist(name) if isinstance(f, UploadFile)]
    files = [rounds.Arrived(f.filename, f.file.read(MAX_UNPACKED + 1)) for f in sent if f.filename]
    if not files:
        raise UsageError(say("desk.error.no_file"))
    only = visit.chosen("do", ("check", "receive")) == "check"
    result = (
        rounds.check_files(visit.root, visit.area, files)
        if only
        else rounds.receive(visit.root, visit.area, files, visit.text("on"), visit.text("by"), visit.today)
    )
    rows = [(one, *_parted(one)) for one in result.files]
    rows.sort(key=lambda row: not row[1])
    return visit.signed(visit.page("received.html", rows=rows, only=only, refused=result.refused, kind_of=kind_of))


def accept_clean(visit: Visit) -> Response:
    """Everything in which nothing is open, accepted at once."""
    done, _ = rounds.accept_clean(visit.root, visit.area, visit.year, visit.text("by"), visit.on)
    return visit.back(visit.home, "accepted", len(done))


def questions(visit: Visit) -> Response:
    """Workbooks of questions to all units that have open ones."""
    return _ask(visit, [])


def _ask(visit: Visit, units: list[str]) -> Response:
    """Workbooks of questions into the outbox, and that they were asked on record."""
    out = visit.root / OUTBOX / visit.area / str(visit.year) / "questions"
    made = rounds.questions(visit.root, visit.area, visit.year, out, visit.text("by"), visit.on, units)
    return visit.back(f"{visit.home}/make", "questions", len(made))


def decide(visit: Visit) -> Response:
    """A decision about one return of a unit, or about the indicators that were picked."""
    decision = visit.chosen("decision", (*DECISIONS, "clean", "questions"))
    unit = visit.request.path_params["unit"]
    if decision == "questions":
        return _ask(visit, [unit])
    if decision == "clean":
        done, _ = rounds.accept_clean(visit.root, visit.area, visit.year, visit.text("by"), visit.on, [unit])
        return visit.back(_unit(visit), "clean", len(done))
    issues = [key for text in visit.texts("issue") for key in keys_in(text) or ()]
    named = (text.partition("/") for text in visit.texts("indicator"))
    picked = [(series, int(year)) for series, _, year in named if year.isascii() and year.isdigit()]
    about = (visit.root, visit.area, visit.text("submission"), decision, visit.text("by"), visit.on)
    made = rounds.review(*about, visit.text("reason"), issues, visit.year, picked)
    return visit.back(_unit(visit), decision, len(made))


def correct(visit: Visit) -> Response:
    """A return registered under another date, unit or year, withdrawn, or an earlier one made current again."""
    about = (visit.root, visit.area, visit.text("submission"), visit.text("by"), visit.on, visit.text("reason"))
    if visit.text("what") == "restore":
        rounds.restore(*about, visit.year)
        return visit.back(_unit(visit), "restored", 1)
    year = visit.text("year")
    if year and not (year.isascii() and year.isdigit()):
        raise UsageError(say("desk.error.choice", value=year))
    right = (visit.text("received_on"), visit.text("unit"), int(year) if year else None)
    rounds.correct(*about, *right, visit.text("withdraw") == "1", visit.year)
    return visit.back(_unit(visit), "corrected", 1)


def make(visit: Visit) -> Response:
    """Forms, reports, packages, checks: a command started, and on to the page that shows how far it is."""
    kind = visit.chosen("kind", ("forms", "list", "reminders", "readings", "check", "report", "publish", "database"))
    out = visit.root / OUTBOX / visit.area / str(visit.year)
    arguments = ["round" if kind in ("list", "reminders") else kind, "--area", visit.area]
    if kind in ("forms", "list", "reminders"):
        option = "--reminders" if kind == "reminders" else "--out"
        arguments += ["--year", str(visit.year), option, str(out if kind == "list" else out / kind)]
    if kind in ("forms", "reminders"):
        known = set(visit.plan.units.index)
        arguments += [part for unit in visit.texts("unit") if unit in known for part in ("--unit", unit)]
    if kind == "forms" and visit.text("back_series"):
        first = visit.text("first")
        arguments += ["--back-series", *(["--from", first] if first.isascii() and first.isdigit() else [])]
    if kind == "database":
        arguments += ["--export", str(out / "database")]
    if kind == "readings":
        arguments += ["--to", str(out / f"{say('readings.sheet', 'zh')}.xlsx")]
    if kind in ("readings", "check", "report", "publish"):
        arguments += ["--as-of", str(visit.year)]
    if kind in ("report", "publish"):
        form = Variant(
            visit.chosen("mode", MODES), visit.chosen("audience", AUDIENCES), visit.chosen("lang", LANGUAGES)
        )
        arguments += ["--mode", form.mode, "--audience", form.audience, "--lang", form.language]
        if kind == "publish":
            arguments += ["--to", str(out / f"{visit.area}-{visit.year}{form.suffix}.zip")]
        elif visit.text("pdf"):
            arguments += ["--pdf"]
    number = visit.desk.jobs.start(kind, arguments, f"{visit.home}/make")
    return visit.signed(RedirectResponse(f"/jobs/{number}", 303))


def close(visit: Visit) -> Response:
    """The desk ends; what it has started goes on to its end."""
    visit.desk.close()
    return visit.page("told.html", title=say("desk.closed"), lines=[])


def _parted(one: rounds.FileResult) -> tuple[list[tuple[str, Issue]], list[tuple[str, Issue]]]:
    """What somebody has to do something about, and what is only told, each with the cells it is about."""
    told = [(cells_of(run), run[0]) for run in runs(one.issues)]
    return [t for t in told if t[1].severity != HINT], [t for t in told if t[1].severity == HINT]


def _unit(visit: Visit) -> str:
    return f"{visit.home}/unit/{visit.request.path_params['unit']}"
