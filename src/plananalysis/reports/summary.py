"""What an e-mail about a run says: the counts, what changed, who must act, what failed and what to open. ``summary.txt``, ``summary.html``."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plananalysis.base.text import say
from plananalysis.editions.variant import AUDIENCES, form_in
from plananalysis.render.texts import web_language
from plananalysis.reports.edition import Edition

if TYPE_CHECKING:
    from plananalysis.editions.opened import Published, Record

Parts = list[tuple[str, list[str]]]  # headings, and the lines under each
FILES = ("summary.txt", "summary.html")
_SHOWN = 20  # changes told one by one
_STYLE = "body{max-width:44em;margin:1em auto;padding:0 1em;font-family:sans-serif;line-height:1.6}h1{font-size:1.3em}h2{font-size:1.1em}"


def told(job: Mapping[str, Any]) -> dict[str, Any]:
    """What a run is summed up in; for a worker, which has pandas at hand.

    Parameters
    ----------
    job
        ``folder`` (of the project), ``area``, ``as_of``, ``language``, ``audience``, ``mode``.

    Returns
    -------
    dict
        ``parts``: the counts, the changes and who must act, in the words of the brief; ``state``: the counts, for the list of editions.
    """
    from plananalysis.pages import open_edition

    edition = open_edition(job["area"], job["as_of"], Path(job["folder"]), **form_in(job)).seen_by("overview")
    named = job["audience"] in AUDIENCES[:2]  # the public reads neither alerts nor whom they concern
    return {"parts": _parts(edition, named), "state": _state(edition, named)}


def _state(edition: Published, named: bool) -> dict[str, Any]:
    """How many rows have which outlook or, at the end, were reached, and how many need action; as the audience may know it."""
    from plananalysis.pages.counts import POSITIONS, outlook_counts
    from plananalysis.pages.rows import over, urgent

    newest = {"newest_year": edition.info.get("newest_year")}
    if over(edition):  # nothing is to come any more
        places = [r.text("position") or "unknown" for r in edition.rows]
        return newest | {"positions": {p: places.count(p) for p in POSITIONS}}
    counts = newest | {"outlooks": outlook_counts(edition.rows)}
    if not named:
        return counts
    rows = urgent(edition)
    return counts | {"urgent": len(rows), "binding": sum(r.text("attribute") == "binding" for r in rows)}


def _parts(edition: Published, named: bool) -> Parts:
    """The counts, the changes and who must act, in the words of the brief."""
    from plananalysis.pages import final
    from plananalysis.pages.changes import compared, first_sentence, nothing_changed
    from plananalysis.pages.counts import nothing_urgent, opening
    from plananalysis.pages.rows import over, urgent

    rows = edition.rows
    if over(edition):
        missed = [r for r in rows if r.text("position") == "not_met"]
        parts = [("", [final.reached(edition, rows)])]
        return [*parts, (say("reports.summary.missed"), _by_unit(missed))] if named and missed else parts
    changes, first = compared(edition)
    sentences = [r.text("sentence") for r in changes]
    told = [s for s in sentences if s][:_SHOWN]  # of what is withheld there is none
    rest = len(changes) - len(told)
    told += [say("reports.summary.more", count=rest)] if rest else []
    told += [first_sentence(first)] if first else []
    told = told or [nothing_changed(edition)]
    parts = [("", opening(edition)), (say("reports.summary.changes"), told)]
    if named:
        act = _by_unit(urgent(edition)) or [nothing_urgent(rows)]
        parts.append((say("reports.summary.act"), act))
    return parts


def _by_unit(rows: Sequence[Record]) -> list[str]:
    """Rows by the unit that leads, those with the most rows first."""
    from plananalysis.pages.rows import by_unit, named

    return [say("reports.summary.unit", unit=unit, count=len(held), names=named(held)) for unit, held in by_unit(rows)]


def write(edition: Edition, parts: Parts | None, failed: Sequence[str]) -> dict[str, bytes]:
    """The two files by name.

    Parameters
    ----------
    parts
        See :func:`parts_of`; None when they could not be had.
    failed
        One sentence per page or document that failed. How many were made and how many kept stands in the record alone:
        that depends on what was there before, and equal inputs are to give equal files.
    """
    title = say("reports.summary.title", name=edition.name, as_of=edition.as_of)
    parts = [("", [say("reports.summary.unknown")])] if parts is None else [*parts]
    if edition.variant.audience == AUDIENCES[0]:
        done = say("reports.summary.done", pages=len(edition.pages))
        parts.append((say("reports.summary.run"), list(failed) or [done]))
    folder = edition.folder.relative_to(edition.root).as_posix()
    parts.append((say("reports.summary.open"), [f"{folder}/index.html"]))
    notice = say("reports.page.fictional_notice") if edition.fictional else ""
    return {FILES[0]: _mail_text(title, notice, parts), FILES[1]: _page(edition, title, notice, parts)}


def _mail_text(title: str, notice: str, parts: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    blocks = [title, *([notice] if notice else [])]
    for heading, lines in parts:
        blocks.append("\n".join([*([say("joint.heading", text=heading)] if heading else []), *lines]))
    return ("\n\n".join(b for b in blocks if b) + "\n").encode("utf-8")


def _page(edition: Edition, title: str, notice: str, parts: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    """Small enough for the body of an e-mail: no font, no script, nothing to fetch."""
    e = html.escape
    body = [f"<h1>{e(title)}</h1>", *([f'<p role="note"><strong>{e(notice)}</strong></p>'] if notice else [])]
    for heading, lines in parts:
        items = "".join(f"<li>{e(line)}</li>" for line in lines)
        body.append(f"<h2>{e(heading)}</h2><ul>{items}</ul>" if heading else "".join(f"<p>{e(t)}</p>" for t in lines))
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
    view = f'<title>{e(title)}</title><meta name="viewport" content="width=device-width, initial-scale=1">'
    main = "\n".join(body)
    text = f'<!doctype html>\n<html lang="{web_language()}">\n<head>\n{head}{view}\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{main}\n</main>\n</body>\n</html>\n'
    return text.encode("utf-8")
