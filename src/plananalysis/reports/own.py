"""A notebook of one's own as offline pages: run for each area, or each domain or unit of it, with checked parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.tables import read_json
from plananalysis.base.text import LANGUAGES, say, speaking
from plananalysis.reports import parameters, record
from plananalysis.reports.edition import NOTEBOOKS
from plananalysis.reports.pool import Job, Pool, job_for

FOLDER = Path("reports", "notebooks")
SECONDS = 600  # a model fitted to many series may take minutes
_OURS = ("area", "as_of", "language")  # given by the run itself where the notebook asks for them
_TRUTH = {"true": True, "false": False}


@dataclass
class OwnPages:
    """What became of a notebook of one's own.

    Parameters
    ----------
    pages
        Files made, in order.
    failed
        One sentence for each page that could not be made; nothing of it was written.
    left_out
        One sentence for every output that no page can show.
    """

    pages: list[Path] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def report_notebook(
    notebook: str | Path,
    areas: Sequence[str],
    as_of: int | None = None,
    given: Sequence[str] = (),
    language: str = LANGUAGES[0],
    root: str | Path | None = None,
    workers: int = 2,
    progress: Callable[[int, int, str], object] | None = None,
) -> OwnPages:
    """Run a notebook with a cell tagged ``parameters`` and write its pages to ``reports/notebooks/<area>-<as_of>``.

    The notebook is run in a process of its own for every area, where it declares ``area``; for every domain or responsible unit,
    where it declares ``domain`` or ``unit`` and no value is given. ``as_of`` and ``language`` are passed on where declared.

    Parameters
    ----------
    notebook
        Path of the notebook.
    areas
        Area codes; their tables need not have been built unless the notebook opens them.
    given
        Further parameters as ``name=value``, read as the type the notebook declares.

    Raises
    ------
    UsageError
        No notebook, a parameter it does not declare, or a value of another type; nothing has been run.
    """
    root = tables.find_root() if root is None else Path(root)
    notebook = Path(notebook)
    if not notebook.is_file():
        raise UsageError(say("reports.own.no_file", file=notebook))
    values = _given(notebook, given)
    done = OwnPages()
    with speaking(language):
        jobs = [one for area in areas for one in _jobs(root, notebook, area, as_of, values, language)]
        if "area" not in parameters.declared(notebook):
            jobs = jobs[:1]
        with Pool(workers) as pool:
            for number, (made, answer) in enumerate(pool.run(jobs), start=1):
                _take(done, made, answer)
                if progress:
                    progress(number, len(jobs), made["name"])
    done.pages.sort()
    return done


def not_run(root: Path) -> list[str]:
    """Notebooks in ``notebooks/`` that no run of the reports opens, and that are not the researcher's own folder."""
    known = {*NOTEBOOKS.values(), "6_city_overview.ipynb"}
    return sorted(p.name for p in (root / "notebooks").glob("*.ipynb") if p.name not in known)


def _given(notebook: Path, given: Sequence[str]) -> dict[str, Any]:
    types, found = parameters.declared(notebook), {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(say("reports.own.parameter", text=text))
        try:
            found[name] = _typed(types.get(name, str), value)
        except ValueError:
            kind = types[name].__name__
            raise UsageError(say("reports.misuse.type", name=name, value=value, type=kind)) from None
    parameters.check(notebook, found, {})
    return found


def _typed(kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() not in _TRUTH:
            raise ValueError(text)
        return _TRUTH[text.lower()]
    return json.loads(text) if kind is object else kind(text)


def _jobs(
    root: Path, notebook: Path, area: str, as_of: int | None, given: Mapping[str, Any], language: str
) -> Iterator[Job]:
    from plananalysis.plan import load_plan

    types = parameters.declared(notebook)
    plan = load_plan(root, area, as_of, language)
    usual = {"area": area, "as_of": plan.as_of, "language": language}
    values = {name: usual[name] for name in _OURS if name in types} | dict(given)
    folder = root / FOLDER / f"{area}-{plan.as_of}{'' if language == LANGUAGES[0] else f'-{language}'}"
    folder.mkdir(parents=True, exist_ok=True)
    over = next((name for name in ("domain", "unit") if name in types and name not in given), None)
    each = {"": ""}
    if over:
        each = dict(getattr(plan, f"{over}s")["name"])
    heading = _heading(notebook)
    for code, name in each.items():
        told = f"{plan.name} {name or notebook.stem}".strip()
        title = say("reports.own.title", heading=heading, name=f"{plan.name} {name}".strip(), as_of=plan.as_of)
        frame = {
            "title": title,
            "kind": "own",
            "fictional": plan.fictional,
            "edition_line": say("reports.page.edition_line", name=plan.name, as_of=plan.as_of),
            "foot": [say("reports.own.foot", notebook=notebook.name, as_of=plan.as_of, known_on=plan.known_on)],
        }
        target = folder / f"{notebook.stem}{f'.{code}' if code else ''}.html"
        asked = {"notebook": str(notebook.resolve()), "parameters": values | ({over: code} if over else {})}
        yield job_for(root, "notebook", told, target, seconds=SECONDS, frame=frame, **asked)


def _heading(notebook: Path) -> str:
    """The notebook's own title, else its file's name."""
    cells = read_json(notebook)["cells"]
    text = "".join("".join(c["source"]) for c in cells[:1] if c["cell_type"] == "markdown")
    first = text.strip().splitlines()[:1]
    return first[0].lstrip("# ").strip() if first and first[0].startswith("#") else notebook.stem


def _take(done: OwnPages, made: Job, answer: Mapping[str, Any]) -> None:
    if answer["ok"]:
        done.pages.append(Path(made["target"]))
        done.left_out += [say("reports.own.left_out", page=made["name"], what=w) for w in answer["warnings"]]
    else:
        done.failed.append(say("reports.run.page_failed", page=made["name"], reason=record.reason(answer["error"])))
