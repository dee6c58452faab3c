"""Commands of handing out: the monitoring database, a schedule, a package to be read, a look before it is sent, and the evidence for an evaluator."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from plananalysis.base import area_changes, tables
from plananalysis.base.errors import UsageError
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import LANGUAGES, say
from plananalysis.cli.chinese import File, Whole
from plananalysis.cli.group import (
    NEW_FOLDER,
    Wanted,
    area_option,
    as_of_option,
    choice,
    command,
    form_options,
    in_area,
    in_project,
    one_area,
    option,
    root_option,
)
from plananalysis.cli.run import Run, plain
from plananalysis.cli.schedule import KINDS, as_text, files


@command("database")
@one_area
@option("export", "export_folder", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@choice("audience")
@as_of_option
@in_area
def database(run: Run, area: str, export: Path | None, audience: str, as_of: int | None, root: Path) -> None:
    """The monitoring database, rebuilt from the raw files, and exported when asked."""
    from plananalysis.round import database as store
    from plananalysis.round import export as exporting

    run.record["database"] = str(store.rebuild(root, area))
    run.out("report.wrote_file", path=run.record["database"])
    if export:
        public = None
        if audience == "public":
            from plananalysis import bundles
            from plananalysis.editions import periods
            from plananalysis.editions.opened import Published
            from plananalysis.editions.opening import opened

            year = bundles.current(root, area, as_of)
            cells: dict[tuple[str, ...], dict] = {}
            for one in periods(root, area, year):  # what several periods share is the same in each
                edition = opened(area, year, root, audience=audience, outline=one, kind=Published)
                for row in edition.tables["observations"].to_dict("records"):
                    cells.setdefault(tuple(str(row[c]) for c in ("series", "group", "year", "definition")), row)
            public = [*cells.values()]
        run.record["files"] = plain(exporting.export(root, area, export, public))
        run.out("report.wrote_file", path=export)


@command("schedule")
@option("print", "print", type=click.Choice(tuple(KINDS)), required=True, metavar="|".join(KINDS))
@option("at", default="06:30", metavar=say("cli.metavar.time"))
@area_option
@option("mail", default="", metavar=say("cli.metavar.mail"))
@option("out", "settings_folder", type=NEW_FOLDER, metavar=say("cli.metavar.folder"))
@in_project
def schedule(run: Run, print: str, at: str, area: Sequence[str], mail: str, out: Path | None, root: Path) -> None:
    """What a scheduler needs to make the reports without anybody at the keyboard."""
    program = Path(sys.executable).with_name("plananalysis.exe" if os.name == "nt" else "plananalysis")
    made = files(print, root, program, at, run.areas(area, root) if area else (), mail)
    run.record["files"] = made
    if not run.as_json:
        click.echo(as_text(made), nl=False)
    for name, text in made.items():
        if out:
            write_atomic(out / name, text.encode("utf-8"))
            run.note("schedule.wrote", path=out / name)
    run.note(f"schedule.how_{print}")
    if print == "windows" and os.name != "nt":
        run.note("schedule.not_here")


@command("publish")
@option("to", required=True, type=NEW_FOLDER, metavar=say("cli.metavar.package"))
@area_option
@as_of_option
@form_options
@in_project
def publish(run: Run, to: Path, area: Sequence[str], as_of: int | None, wanted: Wanted, root: Path) -> None:
    """Editions as one folder or archive that opens offline."""
    from plananalysis import bundles
    from plananalysis.editions import period
    from plananalysis.editions.variant import usual_language

    many = [code for code in bundles.overviews(root) if code in area or not area]
    if wanted.audience == "public" and not area:  # no reader outside is told of single counties
        many = [code for code in many if not tables.is_panel(root, code)]
    rest = [code for code in area if code not in many]
    gone = area_changes.gone(root)
    districts = [] if area else [a for a in tables.areas(root) if a not in gone and not tables.is_panel(root, a)]
    codes = run.areas(rest or districts, root) if rest or districts or not many else []
    usual = {usual_language(root, code) for code in codes} or {LANGUAGES[0]}
    language = wanted.lang or (usual.pop() if len(usual) == 1 else LANGUAGES[0])  # a package is in one language

    def form(code: str) -> bundles.Form:
        return bundles.Form(code, bundles.current(root, code, as_of), wanted.mode, wanted.audience, language)

    def periods(code: str) -> list[bundles.Form]:
        one = form(code)
        if wanted.outline is None:
            return bundles.of_periods(root, one)
        return [replace(one, outline=period(root, code, one.as_of, wanted.outline))]

    usual_form: dict[str, Any] = {"mode": "annual", "audience": "public" if wanted.audience == "public" else "internal"}
    forms = [*(replace(form(code), **usual_form) for code in many), *(one for code in codes for one in periods(code))]
    package = bundles.publish(root, forms, to)
    run.record |= {"path": str(package.path), "files": package.files, "left_out": package.left_out}
    if package.left_out:
        run.note("publish.left_out", count=len(package.left_out), audience=say(f"bundles.audience.{wanted.audience}"))
    run.out("publish.wrote", count=len(package.files), path=package.path, first=say("bundles.guide.file", language))


@command("preview")
@area_option
@option("port", type=Whole(1, 65535), metavar=say("cli.metavar.port"))
@in_project
def preview(run: Run, area: Sequence[str], port: int | None, root: Path) -> None:
    """The published pages, in a browser of this machine."""
    codes = run.areas(area, root, panels=True) if area else []
    from plananalysis import bundles

    bundles.serve(root, codes, port, lambda address: run.out("preview.open", address=address))


@command("desk")
@option("port", type=Whole(1, 65535), metavar=say("cli.metavar.port"))
@choice("lang")
@option("no-browser", is_flag=True)
@root_option
def desk(run: Run, port: int | None, lang: str, no_browser: bool, root: Path | None) -> None:
    """The yearly round in a browser of this machine, without a terminal."""
    root = run.find_root(root, begin=root is not None)
    if not all(map(find_spec, ("jinja2", "multipart", "starlette", "uvicorn"))):
        raise UsageError(say("cli.misuse.desk"))
    from plananalysis.desk import serve

    def tell(address: str) -> None:
        run.out("desk.open", address=address)
        sys.stdout.flush()
        if not no_browser:
            webbrowser.open(address)

    serve(root, port, lang, tell, run.log_failure)


@command("bundle")
@one_area
@as_of_option
@option("out", "bundle_file", required=True, type=NEW_FOLDER, metavar=say("cli.metavar.file"))
@form_options
@option("sign", type=NEW_FOLDER, metavar=say("cli.metavar.key"))
@in_project
def bundle(run: Run, area: str, as_of: int | None, out: Path, wanted: Wanted, sign: Path | None, root: Path) -> None:
    """One archive of inputs, outputs and the code's checksums, for a third party to re-run."""
    from plananalysis import bundles
    from plananalysis.editions import period
    from plananalysis.editions.variant import usual_language

    year, many = bundles.current(root, area, as_of), area in bundles.overviews(root)
    if not many:
        run.areas([area], root)
    language = wanted.lang or (LANGUAGES[0] if many else usual_language(root, area))
    outline = "" if many else period(root, area, year, wanted.outline or "")
    form = bundles.Form(area, year, wanted.mode, wanted.audience, language, outline)
    run.record["files"] = bundles.bundle(root, form, out, sign)
    run.out("bundle.wrote", count=len(run.record["files"]), path=out)


@command("verify")
@click.argument("file", type=File(), metavar=say("cli.metavar.file"))
@option("key", type=NEW_FOLDER, metavar=say("cli.metavar.key"))
@option("tables-only", is_flag=True)
@option("trust-notebooks", is_flag=True)
def verify(run: Run, file: Path, key: Path | None, tables_only: bool, trust_notebooks: bool) -> None:
    """A bundle checked, derived again, and compared."""
    from plananalysis import bundles

    run.note("verify.working")
    try:
        verdict = bundles.verify(file, key=key, tables_only=tables_only, trust_notebooks=trust_notebooks)
    except bundles.Damaged as error:
        run.bad_data = True
        run.record["findings"] = [str(error)]
        run.note("verify.broken", problem=error)
        return
    run.record |= plain(verdict)
    run.bad_data = bool(verdict.findings)
    for check in verdict.checks:
        run.out("verify.check", sentence=check)
    for note in verdict.notes:
        run.note("build.item", sentence=note)
    for finding in verdict.findings:
        run.out("build.item", sentence=finding)
    result = "different" if verdict.findings else "equal_tables" if tables_only else "equal"
    run.out(f"verify.{result}", count=len(verdict.findings), files=verdict.files, compared=verdict.compared)
