"""Having an edition at hand in the form asked for: built and rendered where it is missing, by the same code as every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plananalysis.bundles.variant import Variant
from plananalysis.errors import UsageError
from plananalysis.publication import lock
from plananalysis.reports import record
from plananalysis.text import listed, say, speaking


def rendered(root: Path, variant: Variant) -> dict[str, Any]:
    """The record of a published form, which is made first when there is none.

    Raises
    ------
    UsageError
        Some of its pages could not be made, or are older than the rest: it is not for handing out.
    """
    run = record.read(variant.pages(root))
    if not run:
        if not (variant.tables(root) / "edition.json").is_file():
            build(root, variant)
        render(root, variant)
        run = record.read(variant.pages(root))
    late = [p["file"] for p in run.get("pages", []) if p.get("outdated") or p["status"] == "missing"]
    if late or not run:
        raise UsageError(say("bundles.refused.stale", edition=variant.name, pages=listed(late)))
    return run


def build(root: Path, variant: Variant) -> None:
    """Derive the tables."""
    from plananalysis import editions

    with lock(root, variant.area), speaking(variant.language):
        editions.build(root, variant.area, variant.as_of)


def render(root: Path, variant: Variant, workers: int | None = None) -> list[str]:
    """Make pages and documents; a sentence for each that failed."""
    from plananalysis import reports

    asked = {"mode": variant.mode, "audience": variant.audience, "language": variant.language}
    usual = {"mode": "annual", "audience": "internal", "language": "zh"}
    changed = {key: value for key, value in asked.items() if value != usual[key]}
    return reports.report(root, [variant.area], variant.as_of, workers=workers, **changed).failed


def documents(root: Path, variant: Variant) -> dict[str, bytes]:
    """The office's documents of a form: those published with its pages, else made now."""
    home = variant.pages(root) / "documents"
    found = {p.relative_to(home).as_posix(): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}
    if found:
        return found
    from tempfile import TemporaryDirectory

    from plananalysis import documents as office

    with TemporaryDirectory() as scratch, speaking(variant.language):
        folder = Path(scratch)
        made = office.write(root, variant.area, variant.as_of, folder, variant.mode, variant.audience)
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in made}
