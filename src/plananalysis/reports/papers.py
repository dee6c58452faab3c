"""The office's documents as a part of a run: which there are for whom, and how a worker makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from plananalysis.reports.edition import Edition
from plananalysis.tables import write_atomic

FOLDER = "documents"
LETTERS, PDF = "letters", "pdf"
SECONDS = {
    "report.docx": 3.0,
    "tables.xlsx": 1.5,
    PDF: 2.0,
    "warning_list.docx": 0.5,
    LETTERS: 0.5,
}  # for the order of jobs


def papers_of(edition: Edition, pdf: bool) -> list[str]:
    """The documents of an edition for its readers; ``letters`` stands for as many as there are addressees."""
    papers = ["report.docx", "tables.xlsx", *([PDF] if pdf else [])]
    if edition.variant.audience != "public":
        papers += ["warning_list.docx", LETTERS]
    if edition.variant.audience == "internal":
        papers += [f"feedback/{unit}.xlsx" for unit in edition.units]
    return papers


def make(job: dict[str, Any]) -> list[str]:
    """Write the documents a job names into its folder; the files made, by path in it.

    Parameters
    ----------
    job
        ``papers``, ``target``, ``folder`` (of the project), ``area``, ``as_of``, ``mode``, ``audience``.
    """
    from plananalysis import documents
    from plananalysis.documents.facts import open_facts

    root, target = Path(job["folder"]), Path(job["target"])
    form = (job["mode"], job["audience"])
    facts = open_facts(root, job["area"], job["as_of"], *form)
    made: list[str] = []
    for paper in job["papers"]:
        if paper == PDF:
            paths = documents.pdf(root, job["area"], job["as_of"], target, *form)
            made += [p.relative_to(target).as_posix() for p in paths]
        elif paper.startswith("feedback/"):
            from plananalysis.documents.feedback import feedback_bytes

            unit = Path(paper).stem
            own = replace(
                facts, edition=facts.edition.seen_by("unit", unit)
            )  # nothing of other units, so nothing else counts
            write_atomic(target / paper, feedback_bytes(own, unit))
            made.append(paper)
        else:
            files = documents.files_of(facts)
            names = [n for n in files if n == paper or (paper == LETTERS and n.startswith(f"{LETTERS}/"))]
            for name in names:
                write_atomic(target / name, files[name]())
            made += names
    return made


def in_bundles(papers: Sequence[str], workers: int) -> list[list[str]]:
    """Documents by job: big ones alone, the many small workbooks together, so that each of several workers gets a share."""
    small = [p for p in papers if p.startswith("feedback/")]
    size = max(1, -(-len(small) // (2 * workers)))
    return [[p] for p in papers if p not in small] + [small[i : i + size] for i in range(0, len(small), size)]
