"""What an area starts from, on the desk: its folder, its plan as a workbook out and in, a table an office has already."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.responses import Response

from plananalysis import onboarding
from plananalysis.base.errors import UsageError
from plananalysis.base.names import is_code
from plananalysis.base.text import listed, say
from plananalysis.desk.visits import OUTBOX, Visit, first_year
from plananalysis.editions.variant import usual_language
from plananalysis.onboarding import importing
from plananalysis.plan import load_plan
from plananalysis.returns import told
from plananalysis.sheets.reading import MAX_FILE

_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".csv", ".txt")
_HELD = 8  # tables kept in memory between the page that shows how they are understood and the button that stores them


def new_area(visit: Visit) -> Response:
    """The folder of a new area with its plan's workbook, in which the indicators of a table stand where one is given; and on to its plan."""
    code, year = visit.text("code"), visit.text("year")
    if not is_code(code) or not (year.isascii() and year.isdigit()):
        raise UsageError(say("desk.error.choice", value=code if not is_code(code) else year))
    with _placed(visit, "file") if _sent(visit, "file") else nullcontext((None, None, None)) as (_, _, table):
        if table is not None:
            importing.lines_in(table)  # refused before anything is laid down
        onboarding.new_area(visit.root, code, visit.text("name"), int(year))
        visit.area = code
        onboarding.write_workbook(visit.root, code, _book(visit), table)
    return visit.back(f"/{code}/plan", "area")


def plan(visit: Visit) -> Response:
    """The plan's workbook, to be written and taken back; also of an area whose plan does not hold yet."""
    return visit.page("plan.html", written=_book(visit).is_file())


def workbook(visit: Visit) -> Response:
    """The plan as a workbook into the outbox, with the indicators of a table where one is given; or a filled-in one taken back."""
    write = visit.chosen("what", ("write", "read")) == "write"
    if write and not _sent(visit, "file"):
        onboarding.write_workbook(visit.root, visit.area, _book(visit))
        return visit.back(f"/{visit.area}/plan", "workbook")
    with _placed(visit, "file") as (_, _, file):
        if write:
            onboarding.write_workbook(visit.root, visit.area, _book(visit), file)
            return visit.back(f"/{visit.area}/plan", "workbook")
        taken = onboarding.read_workbook(visit.root, visit.area, file)
    files = listed(path.name for path in taken.written)
    title = say("desk.plan.taken", files=files) if files else say("desk.plan.same")
    if not _sent(visit, "table"):
        return visit.page("told.html", title=title, lines=taken.filled)
    visit.year = first_year(visit.root, visit.area)
    visit.plan = load_plan(visit.root, visit.area, visit.year)
    return _understood(visit, "table", title, taken.filled)


def confirm(visit: Visit) -> Response:
    """The form of readings, filled and signed, taken over as dated rows."""
    with _placed(visit, "file") as (_, _, file):
        done = onboarding.read_form(visit.root, visit.area, file, visit.today)
    return visit.page("told.html", title=say("desk.plan.confirmed", count=len(done.decisions)), lines=done.decisions)


def table(visit: Visit) -> Response:
    """Where a table an office has already is handed over."""
    return visit.page("import.html", known=None, taken="", filled=[])


def take_table(visit: Visit) -> Response:
    """A table shown as it is understood, line by line; or stored as it was settled."""
    if visit.chosen("what", ("understand", "store")) == "understand":
        return _understood(visit, "file")
    if (held := visit.desk.held.get(visit.text("digest"))) is None:
        raise UsageError(say("desk.error.no_file"))
    with _written(*held) as file:
        known = replace(importing.understand(visit.root, visit.area, file), file=held[0])
    series = visit.texts("series")
    if len(series) != len(known.proposals):
        raise UsageError(say("desk.error.choice", value=len(series)))
    decided = [
        importing.settled(known, one, code.split(" ")[0].strip())
        for one, code in zip(known.proposals, series, strict=True)
    ]
    done = importing.store(visit.root, visit.area, known, decided, visit.text("by"), visit.on)
    words = {"values": done.values, "series": done.series, "same": done.same, "changed": done.changed}
    lines = told(done.issues)
    if done.closed_on:
        lines.insert(0, say("desk.import.closed", year=known.plan.as_of, closing=done.closed_on))
    title, language = say("desk.import.done", **words), usual_language(visit.root, visit.area)
    return visit.signed(visit.page("told.html", title=title, lines=lines, report=language))


def _book(visit: Visit) -> Path:
    return visit.root / OUTBOX / visit.area / "plan.xlsx"


def _understood(visit: Visit, field: str, taken: str = "", filled: Sequence[str] = ()) -> Response:
    """A table that was handed over, shown line by line as it is understood; kept until somebody stores it."""
    with _placed(visit, field) as (name, data, file):
        known = replace(importing.understand(visit.root, visit.area, file), file=name)
    visit.desk.held[known.sha256] = name, data
    for old in [*visit.desk.held][:-_HELD]:
        del visit.desk.held[old]
    return visit.page("import.html", known=known, taken=taken, filled=filled)


def _sent(visit: Visit, field: str) -> UploadFile | None:
    sent = visit.form.get(field)
    return sent if isinstance(sent, UploadFile) and sent.filename else None


@contextmanager
def _placed(visit: Visit, field: str) -> Iterator[tuple[str, bytes, Path]]:
    """A file that was handed over: its name, its content, and a place where that can be read."""
    sent = _sent(visit, field)
    if sent is None:
        raise UsageError(say("desk.error.no_file"))
    name = str(sent.filename).replace("\\", "/").rpartition("/")[2]
    data = sent.file.read(MAX_FILE + 1)
    with _written(name, data) as file:
        yield name, data, file


@contextmanager
def _written(name: str, data: bytes) -> Iterator[Path]:
    """A file under a name of ours: of its sender's only which kind of file it is."""
    kind = next((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)), ".xlsx")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, say("desk.plan.uploaded") + kind)
        file.write_bytes(data)
        yield file
