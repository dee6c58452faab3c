"""The office's documents as a part of a run: which there are for whom, and how a worker makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from plananalysis.base.tables import write_atomic
from plananalysis.editions.variant import form_in
from plananalysis.reports.edition import Edition

FOLDER = "documents"
INPUTS = "inputs.csv"  # the raw files an edition was made from, with their checksums
PDF = "pdf"
_SECONDS = {"report.docx": 0.5, "tables.xlsx": 0.4, PDF: 1.0}  # of a paper; the others take 0.1


def papers_of(edition: Edition, pdf: bool) -> list[str]:
    """The documents of an edition for its readers; a unit that need not be written to gets a letter without a file."""
    papers = ["report.docx", "tables.xlsx", *([PDF] if pdf else [])]
    if edition.variant.audience != "public":
        papers += ["warning_list.docx", *(f"letters/{unit}.docx" for unit in edition.units)]
    if edition.variant.audience == "internal":
        papers += [f"feedback/{unit}.xlsx" for unit in edition.units]
    return papers


def unit_of(paper: str) -> str:
    """Code of the one unit a document is for; empty for one that speaks about all."""
    return Path(paper).stem if "/" in paper else ""


def makers(job: dict[str, Any]) -> Iterator[tuple[str, Callable[[], dict[str, list[str]]]]]:
    """What makes each of the documents a job names; called, it writes into the job's folder and tells its ``files``, by path in it.

    Parameters
    ----------
    job
        ``papers``, ``target``, ``folder`` (of the project), ``area``, ``as_of``, ``mode``, ``audience``.
    """
    from plananalysis.editions.opened import Published
    from plananalysis.editions.opening import opened
    from plananalysis.pages import papers as documents

    root, target = Path(job["folder"]), Path(job["target"])
    edition = opened(job["area"], job["as_of"], root, **form_in(job), kind=Published)

    def make(paper: str) -> dict[str, list[str]]:
        unit = unit_of(paper)
        if paper == PDF:
            files = documents.pdfs_of(edition)
        elif unit:
            files = documents.files_to(edition, Path(paper).parts[0], unit)
        else:
            files = {n: f for n, f in documents.files_for_all(edition).items() if n == paper}
        for name, made in files.items():
            write_atomic(target / name, made())
        return {"files": list(files)}

    for paper in job["papers"]:
        yield paper, partial(make, paper)


def seconds(papers: Sequence[str]) -> float:
    """How long documents usually take together."""
    return sum(_SECONDS.get(p, 0.1) for p in papers)


def in_bundles(papers: Sequence[str], workers: int) -> list[list[str]]:
    """Documents by job: few jobs, since those of one share what they work out; half of the workers go on with pages meanwhile."""
    bundles: list[list[str]] = [[] for _ in range(max(1, workers // 2))]
    for paper in sorted(papers, key=lambda p: -seconds([p])):
        min(bundles, key=seconds).append(paper)
    return [bundle for bundle in bundles if bundle]
