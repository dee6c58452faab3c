"""One edition's part of a run: what is due, the jobs for it, and the new edition put together from what was made and what was kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from plananalysis.base.publication import file_digest
from plananalysis.base.tables import write_atomic
from plananalysis.base.text import LANGUAGES, say, sentence, speaking
from plananalysis.reports import inputs, papers, record, summary
from plananalysis.reports.edition import DOCUMENTS, Edition, Page
from plananalysis.reports.inputs import Need
from plananalysis.reports.pool import PLAIN, Answer, Job, Pool, job_for

# seconds, for the order
_USUAL = {"overview": 1.0, "domain": 0.8, "unit": 0.6, "data_quality": 0.6, "method_check": 0.4, "indicators": 0.8}


@dataclass(frozen=True)
class Options:
    """How to run: see ``reports.report``."""

    engine: str
    seconds: int
    pdf: bool = False
    documents: bool = True
    force: bool = False


@dataclass
class EditionRun:
    """The run of one edition; ``asked`` are the pages that may be rendered."""

    edition: Edition
    asked: Sequence[Page]
    options: Options
    answers: dict[str, Answer] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)  # for the console, which speaks Chinese
    told: list[str] = field(default_factory=list)  # the same for the summary, in the edition's language

    @cached_property
    def before(self) -> dict[str, Any]:
        return record.read(self.edition.folder)

    def _last(self, kind: str, key: str) -> dict[str, dict[str, Any]]:
        return {entry[key]: entry for entry in self.before.get(kind, []) if key in entry}

    @cached_property
    def needs(self) -> dict[str, Need]:
        """Why each page has to be rendered or not, by file."""
        last = self._last("pages", "file")
        forced = {p.file for p in self.asked} if self.options.force else set()
        return {
            p.file: inputs.page_need(self.edition, p, last.get(p.file), p.file in forced) for p in self.edition.pages
        }

    @cached_property
    def paper_needs(self) -> dict[str, Need]:
        """The same for documents; none where only pages are wanted."""
        last = self._last("documents", "paper")
        kept = papers.PDF in last and not self.options.pdf  # made once, it stays as long as it is right
        found = {
            name: inputs.paper_need(self.edition, name, last.get(name), self.options.force and self._whole)
            for name in papers.papers_of(self.edition, self.options.pdf or kept)
        }
        if kept and found[papers.PDF].due:
            del found[papers.PDF]
        return found if self.options.documents else {n: need for n, need in found.items() if not need.due}

    @property
    def pages_due(self) -> list[Page]:
        return [p for p in self.asked if self.needs[p.file].due]

    @property
    def papers_due(self) -> list[str]:
        return [name for name, need in self.paper_needs.items() if need.due] if self._whole else []

    @property
    def _whole(self) -> bool:
        return len(self.asked) == len(self.edition.pages)  # documents speak about all domains

    @cached_property
    def due(self) -> bool:
        """Whether anything has to be done at all."""
        rest = [DOCUMENTS, *summary.FILES, record.NAME]
        intact = all((self.edition.folder / name).is_file() for name in rest) and all(
            (path := self.edition.folder / name).is_file() and file_digest(path) == digest
            for name, digest in self.before.get("outputs", {}).items()
        )
        return bool(self.pages_due or self.papers_due or not intact)

    def why(self) -> list[str]:
        """One Chinese sentence for every page and document."""
        lines = [self.needs[p.file].sentence(f"{self.edition.name} {p.name}") for p in self.edition.pages]
        return lines + [n.sentence(f"{self.edition.name} {name}") for name, n in self.paper_needs.items()]

    # ---- jobs --------------------------------------------------------------------------------------------------

    def jobs(self, new: Path, workers: int) -> list[Job]:
        """What workers have to do, the longest jobs first."""
        edition, last = self.edition, self._last("pages", "file")
        found: list[tuple[float, Job]] = []
        for page in self.pages_due:
            took = last.get(page.file, {}).get("seconds") or _USUAL.get(page.kind, 1.0)
            extra = {"notebook": str(page.notebook), "parameters": page.parameters}
            frame = edition.frame(page, self.needs[page.file].number)
            job = self.job("notebook", page.file, page.name, new / page.file, frame=frame, **extra)
            found.append((took, job))
        for bundle in papers.in_bundles(self.papers_due, workers):
            took = papers.seconds(bundle)
            name = say("reports.run.documents", count=len(bundle)) if len(bundle) > 1 else bundle[0]
            found.append((took, self.job("papers", bundle[0], name, new / papers.FOLDER, papers=bundle)))
        return [job for _, job in sorted(found, key=lambda f: -f[0])]

    def job(self, kind: str, key: str, name: str, target: Path, **extra: Any) -> Job:
        edition = self.edition
        about = {"area": edition.area, "as_of": edition.as_of, "tables": str(edition.tables), **edition.variant.said}
        about |= {"key": key, "seconds": self.options.seconds, "engine": self.options.engine, **extra}
        return job_for(edition.root, kind, f"{edition.name} {name}", target, **about)

    def take(self, job: Job, answer: Answer) -> None:
        """Note what a worker answered."""
        for name in job.get("papers", [job["key"]]):
            self.answers[name] = answer | answer.get("papers", {}).get(name, {})

    # ---- the new edition ---------------------------------------------------------------------------------------

    def finish(self, new: Path, pool: Pool, started: float, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Complete the draft: what was not made is taken over, then come the list of documents, the summary and the record."""
        edition = self.edition
        pages = [self._page(page, new) for page in edition.pages]
        documents = [self._paper(name, need, new) for name, need in self.paper_needs.items()]
        if edition.variant.audience == "internal":
            lines = ["path,sha256", *(f'"{p}",{d}' for p, d in inputs.made_from(edition).items())]
            write_atomic(new / papers.FOLDER / papers.INPUTS, "\n".join([*lines, ""]).encode("utf-8-sig"))
        absent = [self._placeholder(e, new) for e in pages if e["status"] == "missing"]
        frame = edition.frame() | {"title": say("reports.documents.window", name=edition.name), "file": DOCUMENTS}
        late = {n: "error" in p or p["status"] == "kept" for p in documents for n in p.get("files", {})}
        if edition.variant.audience == "internal":
            late[papers.INPUTS] = False
        lacking = sum(p["status"] == "missing" and "error" in p for p in documents)
        listed = {"late": late, "units": edition.units, "lacking": lacking, "held": str(new / papers.FOLDER)}
        plain = self.job("documents", DOCUMENTS, "", new / DOCUMENTS, frame=frame, **listed)
        told = self.job("summary", "summary", "", new)
        answers = {job["key"]: answer for job, answer in surely(pool, [plain, told, *absent])}
        for entry in pages:
            if entry["status"] == "missing":
                entry |= record.described(new / entry["file"])
        for name, data in summary.write(edition, answers["summary"].get("parts"), self.failed).items():
            write_atomic(new / name, data)
        took = time.time() - started
        state = answers["summary"].get("state", {})
        return record.write(edition, pages, documents, new, started, took, self.options.engine, settings, state)

    def _page(self, page: Page, new: Path) -> dict[str, Any]:
        need, last = self.needs[page.file], self._last("pages", "file").get(page.file)
        if not need.due:
            record.copied([page.file], self.edition.folder, new)
            return (last or {}) | {"status": "unchanged", "why": "same"}
        entry = record.page_entry(self.edition, page, need)
        answer = self.answers.get(page.file)
        if answer:
            entry = record.answered(entry, answer)
            if entry["status"] == "rendered":
                return entry | record.described(new / page.file)
        entry = record.keep_page(self.edition, entry, last, new)
        if answer:
            self._fails(page.name, entry)
        return entry

    def _paper(self, name: str, need: Need, new: Path) -> dict[str, Any]:
        last = self._last("documents", "paper").get(name, {})
        home = self.edition.folder / papers.FOLDER
        held = [f for f in last.get("files", {}) if (home / f).is_file()]
        if not need.due:
            record.copied([f"{papers.FOLDER}/{f}" for f in held], self.edition.folder, new)
            return last | {"status": "unchanged", "why": "same"}
        entry: dict[str, Any] = {"paper": name} | record.asked(need)
        answer = self.answers.get(name)
        if answer and answer["ok"]:
            folder = new / papers.FOLDER
            files = {f: file_digest(folder / f) for f in answer["files"]}
            return entry | {"status": "rendered", "files": files}
        if answer:
            entry |= {"error": answer["error"], "reason": record.reason(answer["error"])}
        if held:
            record.copied([f"{papers.FOLDER}/{f}" for f in held], self.edition.folder, new)
            as_made = {k: last[k] for k in ("inputs", "seen", "files") if k in last}
            entry |= as_made | {"status": "kept", "outdated": True}
        if answer:
            self._fails(name, entry)
        return entry

    def _fails(self, name: str, entry: Mapping[str, Any]) -> None:
        self.told.append(self._failure(name, entry))
        with speaking(LANGUAGES[0]):
            self.failed.append(self._failure(name, entry))

    def _failure(self, name: str, entry: Mapping[str, Any]) -> str:
        page, kept = f"{self.edition.name} {name}", entry["status"] == "kept"
        told = say("reports.run.page_failed", page=page, reason=record.reason(entry["error"]))
        return sentence(told + (say("reports.run.kept") if kept else ""))

    def _placeholder(self, entry: Mapping[str, Any], new: Path) -> Job:
        """A page for one that was never made, so that no link is dead."""
        page = next(p for p in self.edition.pages if p.file == entry["file"])
        message = say("reports.page.failed" if "error" in entry else "reports.page.not_yet")
        body = f'<h1 class="plain-title">{escape(page.title)}</h1><p>{escape(message)}</p>'
        return self.job("plain", page.file, page.name, new / page.file, body=body, frame=self.edition.frame(page))


def surely(pool: Pool, jobs: Sequence[Job]) -> Iterator[tuple[Job, Answer]]:
    """Answers to jobs an edition cannot do without; done right here where no worker can be started.

    Raises
    ------
    OSError
        The disk is full or closed; or a plain page could not be made.
    """
    for job, answer in pool.run(jobs):
        if (answer.get("error") or {}).get("start"):
            from plananalysis.reports import worker

            answer = worker.work(job)
        stop_if_disk(answer, Path(job["target"]))
        if job["kind"] in PLAIN and not answer["ok"]:
            raise RuntimeError(f"{job['key']}: {answer['error']['name']}: {answer['error']['message']}")
        yield job, answer


def stop_if_disk(answer: Answer, target: Path) -> None:
    """A full or closed disk ends the run: every further page would fail, and a half edition is none."""
    error = answer.get("error") or {}
    if error.get("errno"):
        raise OSError(error["errno"], os.strerror(error["errno"]), error.get("file") or str(target))
