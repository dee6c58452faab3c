"""Pages that lead to others: all editions, the newest ones of an area, the documents of an edition."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import say
from plananalysis.reports import record
from plananalysis.reports.edition import Edition

LATEST = "latest"
INPUTS = "inputs.csv"  # the raw files an edition was made from, with their checksums
_ORDER = ("report.docx", "report.pdf", "brief.pdf", "tables.xlsx", "warning_list.docx")


def runs(root: Path, area: str = "*") -> list[tuple[str, dict[str, Any]]]:
    """Folder below ``reports`` and record of every published edition: real areas first, the newest year first, the usual form first."""
    found = [
        (f"{path.parent.parent.name}/{path.parent.name}", run)
        for path in (root / "reports").glob(f"{area}/*/{record.NAME}")
        if (run := record.read(path.parent)) and not path.parent.name.startswith(".")
    ]
    return sorted(found, key=lambda f: (f[1]["fictional"], f[1]["area"], -f[1]["as_of"], len(f[0]), f[0]))


def list_body(found: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Content of ``reports/index.html``."""
    columns = ("area", "outline", "as_of", "form", "pages", "note")
    heads = "".join(f'<th scope="col">{_text(f"reports.list.{c}")}</th>' for c in columns)
    rows = "".join(_row(folder, run) for folder, run in found)
    table = f'<table class="editions"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    heading = f'<h1 class="plain-title">{_text("reports.list.heading")}</h1>'
    return heading + (table if found else f"<p>{_text('reports.list.empty')}</p>")


def _row(folder: str, run: Mapping[str, Any]) -> str:
    late = sum(1 for p in run["pages"] if p.get("outdated") or p["status"] == "missing")
    notes = [say("pages.fictional")] * run["fictional"] + [say("reports.list.outdated", count=late)] * bool(late)
    link = f'<a href="{html.escape(folder)}/index.html">{html.escape(run["name"])}</a>'
    year, note = say("reports.list.year", as_of=run["as_of"]), say("reports.list.joint").join(notes)
    cells = [html.escape(str(t)) for t in (run.get("outline", ""), year, form(run), str(len(run["pages"])), note)]
    return f'<tr><th scope="row">{link}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def form(run: Mapping[str, Any]) -> str:
    """In words: what kind of evaluation, for whom, in which language."""
    variant = run.get("variant") or {}
    return say("reports.list.joint").join(say(f"reports.form.{value}") for value in variant.values())


def latest_body(found: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Content of ``reports/<area>/latest/index.html``: the newest year's editions, the usual form first.

    A link to click, since a page that leads on by itself needs a script or a refresh, which the policy of our pages forbids,
    and a symbolic link does not survive a Windows share or a memory stick.
    """
    newest = [(folder, run) for folder, run in found if run["as_of"] == found[0][1]["as_of"]]
    heading = f'<h1 class="plain-title">{_text("reports.list.latest", name=found[0][1]["name"])}</h1>'
    year = say("reports.list.year", as_of=newest[0][1]["as_of"])
    items = "".join(
        f'<li><a href="../{html.escape(folder.partition("/")[2])}/index.html">{html.escape(year)} {html.escape(form(run))}</a></li>'
        for folder, run in newest
    )
    return f"{heading}<ul>{items}</ul>"


def latest_record(found: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The same for programs."""
    folder, run = found[0]
    content = {
        "area": run["area"],
        "edition": run["edition"],
        "as_of": run["as_of"],
        "folder": folder.partition("/")[2],
    }
    return (json.dumps(content | {"index": f"{content['folder']}/index.html"}, ensure_ascii=False) + "\n").encode()


def documents_body(edition: Edition, papers: Iterable[Mapping[str, Any]]) -> str:
    """Content of ``documents.html``: every document of the edition with a link; one that could not be renewed says so."""
    late = {name: "error" in p or p["status"] == "kept" for p in papers for name in p.get("files", {})}
    names = sorted(late, key=lambda n: (_ORDER.index(n) if n in _ORDER else len(_ORDER), n))
    items = []
    for name in names:
        folder, _, file = name.rpartition("/")
        unit = edition.units.get(file.partition(".")[0], file) if folder else ""
        words = say(f"reports.documents.{folder or file.replace('.', '_')}", unit=unit)
        mark = f" <strong>{_text('reports.documents.late')}</strong>" if late[name] else ""
        kind = html.escape(file.rpartition(".")[2].upper())
        items.append(f'<li><a href="documents/{html.escape(name)}">{html.escape(words)}</a> ({kind}){mark}</li>')
    if edition.variant.audience == "internal":
        words = html.escape(say("reports.documents.inputs_csv"))
        items.append(f'<li><a href="documents/{INPUTS}">{words}</a> (CSV)</li>')
    lacking = [p for p in papers if p["status"] == "missing" and "error" in p]
    body = f'<h1 class="plain-title">{_text("reports.documents.title")}</h1>'
    body += f"<ul>{''.join(items)}</ul>" if items else f"<p>{_text('reports.documents.none')}</p>"
    return body + (f"<p>{_text('reports.documents.failed', count=len(lacking))}</p>" if lacking else "")


def foot() -> list[str]:
    return [say("reports.page.program", version=__version__)]


def write_latest_record(root: Path, area: str) -> None:
    found = runs(root, area)
    if found:
        write_atomic(root / "reports" / area / f"{LATEST}.json", latest_record(found))


def _text(key: str, **values: Any) -> str:
    return html.escape(say(key, **values))
