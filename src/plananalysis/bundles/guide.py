"""The page to read first: what a package is, in which order to read it, and what its words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base.text import listed, say
from plananalysis.bundles.form import Form
from plananalysis.editions.called import domains_of
from plananalysis.figures.marks import OUTLOOKS
from plananalysis.render import cuts

_PAPERS = ("report.docx", "report.pdf", "brief.pdf", "tables.xlsx", "warning_list.docx")
_FOLDERS = ("letters", "feedback")


@dataclass(frozen=True)
class Chapter:
    """One edition of the package: its form, the record of its run, and the names of its pages and documents."""

    form: Form
    run: dict[str, Any]
    pages: tuple[str, ...]
    papers: tuple[str, ...]


def page(root: Path, chapters: Sequence[Chapter]) -> str:
    """The guide as a page that needs nothing else; equal editions give equal bytes."""
    from plananalysis.render import page as render
    from plananalysis.reports.finder import finder
    from plananalysis.reports.pool import FONT_CACHE

    infos = [c.form.info(root) for c in chapters]
    names = listed(dict.fromkeys(str(c.run["name"]) for c in chapters))
    title = say("bundles.guide.title", names=names)
    body = [
        f'<h1 class="plain-title">{escape(title)}</h1>',
        _paragraph("what"),
        _paragraph("unpack"),
        finder(root, [(f"{c.form.area}/{c.form.name}", c.run) for c in chapters]),
        _editions(chapters),
    ]
    body += [part for chapter in chapters for part in _order(root, chapter, len(chapters) > 1)]
    body += [_heading("words"), _words(infos[0].get("thresholds") or {})]
    body += [_heading("check"), _paragraph("check"), _heading("ask"), _paragraph("ask", names=names)]
    frame = render.Frame(
        title=title,
        kind="list",
        fictional=any(c.run["fictional"] for c in chapters),
        foot=[say("reports.page.program", version=__version__)],
    )
    return render.plain_page("\n".join(body), frame, root / FONT_CACHE)


def _paragraph(key: str, **values: Any) -> str:
    return f"<p>{escape(say(f'bundles.guide.{key}_text', **values))}</p>"


def _heading(key: str, **values: Any) -> str:
    return f"<h2>{escape(say(f'bundles.guide.{key}', **values))}</h2>"


def _editions(chapters: Sequence[Chapter]) -> str:
    columns = ("area", "edition", "as_of", "known_on", "mode", "audience", "pages")
    heads = "".join(f'<th scope="col">{escape(say(f"bundles.guide.column.{c}"))}</th>' for c in columns)
    rows = []
    for c in chapters:
        v = c.form
        cells = [
            str(c.run["edition"]),
            say("reports.list.year", as_of=v.as_of),
            str(c.run.get("known_on") or ""),
            say(f"bundles.mode.{v.mode}"),
            say(f"bundles.audience.{v.audience}"),
            str(len(c.pages)),
        ]
        link = f'<th scope="row"><a href="{v.area}/{v.name}/index.html">{escape(_called(c.run))}</a></th>'
        rows.append(f"<tr>{link}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    return f'<table class="editions"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _order(root: Path, chapter: Chapter, named: bool) -> list[str]:
    """What to read first, second, third, each with a link."""
    home = f"{chapter.form.area}/{chapter.form.name}"
    heading = _heading("order_of", name=_called(chapter.run)) if named else _heading("order")

    def link(file: str, key: str) -> str:
        return f'<a href="{home}/{file}">{escape(say(f"bundles.guide.{key}"))}</a>'

    domains = _domains(root, chapter.form)
    items = [f"{link('index.html', 'brief')}{_told('brief')}"]
    titles = {p["file"]: str(p.get("name") or p["title"]) for p in chapter.run["pages"]} | domains
    for kind, wanted in (("domains", [*domains]), ("units", [f for f in chapter.pages if f.startswith("unit.")])):
        files = [file for file in chapter.pages if file in wanted]
        if files:
            links = listed(f'<a href="{home}/{f}">{escape(titles[f])}</a>' for f in files)
            items.append(f"{escape(say(f'bundles.guide.{kind}'))}{_told(kind)}<br>{links}")
    held = (name for name in _PAPERS if name in chapter.papers)
    papers = [link(f"documents/{name}", f"paper.{name.replace('.', '_')}") for name in held]
    for folder in _FOLDERS:
        if any(name.startswith(f"{folder}/") for name in chapter.papers):
            papers.append(escape(say(f"bundles.guide.paper.{folder}", path=f"{home}/documents/{folder}")))
    if papers:
        there = "documents.html" in chapter.pages
        whole = link("documents.html", "papers") if there else escape(say("bundles.guide.papers"))
        items.append(f"{whole}{_told('papers')}<br>{listed(papers)}")
    kinds = ("indicators", "data_quality", "method_check")
    if rest := [link(f"{kind}.html", kind) for kind in kinds if f"{kind}.html" in chapter.pages]:
        items.append(f"{listed(rest)}{_told('rest')}")
    return [heading, f"<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>"]


def _domains(root: Path, form: Form) -> dict[str, str]:
    """Name of every domain by the file of its page."""
    path = root / "data" / "raw" / form.area / "plan" / "domains.csv"
    column = "name" if form.language == "zh" else "name_en"
    rows = domains_of(root, form.area, form.info(root)) if path.is_file() else []
    return {f"{row['domain']}.html": row[column] or row["name"] for row in rows}


def _called(run: Mapping[str, Any]) -> str:
    """The area an edition is about; with its plans where the area has several plan periods."""
    return say("reports.list.of_plans", area=run["name"], plans=run["plans"]) if run.get("plans") else str(run["name"])


def _told(key: str) -> str:
    return escape(say(f"bundles.guide.{key}_told"))


def _words(thresholds: dict[str, Any]) -> str:
    """The outlook's words with the cuts of this edition, and the few others a reader cannot do without."""
    found = cuts.named(thresholds)
    pairs = [(say(f"outlook.{o}"), say(f"pages.meaning.{o}", **found)) for o in OUTLOOKS] if "likely" in found else []
    other = ("probability", "range", "grade", "unit")
    pairs += [(say(f"bundles.guide.word.{w}"), say(f"bundles.guide.meaning.{w}")) for w in other]
    rows = "".join(f'<tr><th scope="row">{escape(word)}</th><td>{escape(means)}</td></tr>' for word, means in pairs)
    return f'<table class="editions"><tbody>{rows}</tbody></table>'
