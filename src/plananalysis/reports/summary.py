"""What an e-mail about a run says: the counts, what changed, who must act, what failed and what to open. ``summary.txt``, ``summary.html``."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis.reports.edition import AUDIENCES, Edition
from plananalysis.text import say

FILES = ("summary.txt", "summary.html")
_SHOWN = 20  # changes told one by one
_STYLE = "body{max-width:44em;margin:1em auto;padding:0 1em;font-family:sans-serif;line-height:1.6}h1{font-size:1.3em}h2{font-size:1.1em}"


def facts_of(job: Mapping[str, Any]) -> dict[str, Any]:
    """The counts, the changes and who must act, in the words of the brief; for a worker, which has pandas at hand.

    Parameters
    ----------
    job
        ``folder`` (of the project), ``area``, ``as_of``, ``language``, ``audience``, ``mode``.
    """
    from plananalysis.pages import open_edition
    from plananalysis.pages.brief import urgent
    from plananalysis.pages.counts import counts_sentence, position_sentence

    edition = open_edition(
        job["area"], job["as_of"], Path(job["folder"]), job["language"], job["audience"], job["mode"]
    ).seen_by("overview")
    counts = [s for s in (counts_sentence(edition, edition.rows), position_sentence(edition, edition.rows)) if s]
    units: dict[str, list[str]] = {}
    for r in urgent(edition):
        units.setdefault(r.text("lead_unit"), []).append(f"{r.text('series')} {r.text('name')}")
    return {
        "counts": counts,
        "changes": [r.text("sentence") for r in edition.records("changes")],
        "units": units if job["audience"] in AUDIENCES[:2] else {},
    }


def write(edition: Edition, facts: Mapping[str, Any] | None, failed: Sequence[str]) -> dict[str, bytes]:
    """The two files by name.

    Parameters
    ----------
    facts
        See :func:`facts_of`; None when they could not be had.
    failed
        One sentence per page or document that failed. How many were made and how many kept stands in the record alone:
        that depends on what was there before, and equal inputs are to give equal files.
    """
    title = say("reports.summary.title", name=edition.name, as_of=edition.as_of)
    parts: list[tuple[str, list[str]]] = [("", [*(facts or {}).get("counts", [])])]
    changes = list((facts or {}).get("changes", []))
    rest = [say("reports.summary.more", count=len(changes) - _SHOWN)] if len(changes) > _SHOWN else []
    parts.append((say("reports.summary.changes"), [*changes[:_SHOWN], *rest] or [say("reports.summary.no_changes")]))
    if edition.variant.audience in AUDIENCES[:2]:
        join = say("joint.list").join
        units = [
            say("reports.summary.unit", unit=unit, count=len(names), names=join(names))
            for unit, names in sorted((facts or {}).get("units", {}).items(), key=lambda u: (-len(u[1]), u[0]))
        ]
        parts.append((say("reports.summary.act"), units or [say("reports.summary.nobody")]))
    if edition.variant.audience == AUDIENCES[0]:
        done = say("reports.summary.done", pages=len(edition.pages))
        parts.append((say("reports.summary.run"), list(failed) or [done]))
    folder = edition.folder.relative_to(edition.root).as_posix()
    parts.append((say("reports.summary.open"), [f"{folder}/index.html"]))
    notice = say("reports.page.fictional_notice") if edition.fictional else ""
    return {FILES[0]: _plain(title, notice, parts), FILES[1]: _page(edition, title, notice, parts)}


def _plain(title: str, notice: str, parts: Sequence[tuple[str, Sequence[str]]]) -> bytes:
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
    lang = edition.frame()["language"]
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}"><title>{e(title)}</title>'
    )
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    main = "\n".join(body)
    text = f'<!doctype html>\n<html lang="{lang}">\n<head>\n{head}{view}\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{main}\n</main>\n</body>\n</html>\n'
    return text.encode("utf-8")
