"""A package to be handed out: pages and documents of one or several editions that open by a double click, and a guide to them."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plananalysis.base import publication
from plananalysis.base.errors import UsageError
from plananalysis.base.text import listed, say, speaking
from plananalysis.bundles import guide, packing
from plananalysis.bundles.form import Form, overviews
from plananalysis.bundles.rendering import contents, rendered
from plananalysis.reports.edition import LIST

# a form made for some readers holds only this of the documents, whatever lies in its folder
_FOR_ALL = ("report.docx", "tables.xlsx", "report.pdf", "brief.pdf")
_DROPPINGS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave in a folder they have shown


@dataclass(frozen=True)
class Package:
    """What was written.

    Parameters
    ----------
    path
        The folder or the archive.
    files
        Its files, by path within it.
    left_out
        What lay beside the pages and was not meant for these readers.
    """

    path: Path
    files: list[str]
    left_out: list[str] = field(default_factory=list)


def publish(root: Path, forms: Sequence[Form], target: Path) -> Package:
    """Write editions as one folder, or as one archive where the target's name ends in ``.zip``.

    Equal editions give equal bytes. Pages stand as in ``reports``, so that their links hold.

    Parameters
    ----------
    forms
        Forms of editions, all for the same readers and in the same language; those never rendered are rendered first.

    Raises
    ------
    UsageError
        The target holds files that are not of an earlier package, or lies among the project's own; or an edition has
        pages that could not be renewed.
    """
    target = target.absolute()
    _refuse(root, target)
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    chapters = []
    if many := [f.area for f in forms if f.audience == "public" and f.kind(root) == "nation"]:
        raise UsageError(say("bundles.refused.overview_public", areas=listed(many)))
    for form in forms:
        run = rendered(root, form)
        home = f"{form.area}/{form.name}"
        with publication.lock(root, form.area):  # nobody replaces a page while we read
            pages, papers = contents(root, form, run)
        withheld = [name for name in papers if not _meant_for(form.audience, name.removeprefix("documents/"))]
        left_out += [f"{home}/{name}" for name in withheld]
        papers = {name: data for name, data in papers.items() if name not in withheld}
        files |= {f"{home}/{name}": data for name, data in (pages | papers).items()}
        chapters.append(guide.Chapter(form, run, tuple(pages), tuple(n.removeprefix("documents/") for n in papers)))
    files |= {
        name: _unlinked(name, data, files)
        for form in forms
        if form.area in overviews(root)
        for name, data in files.items()
        if name.startswith(f"{form.area}/{form.name}/") and name.endswith(".html")
    }
    with speaking(forms[0].language):
        page = guide.page(root, chapters).encode("utf-8")
        back = Path(LIST[forms[0].language]).name  # where the pages' way back to all areas leads
        files |= {say("bundles.guide.file"): page, back: page}
    files = packing.with_sums(files)
    if target.suffix.casefold() == ".zip":
        packing.write_zip(files, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        with publication.draft(target) as new:
            packing.unpack(files, "", new)
            publication.publish(new, target)
    return Package(target, sorted(files), left_out)


def _unlinked(name: str, data: bytes, files: Collection[str]) -> bytes:
    """A page about many areas without its links to those whose pages are not in the package."""

    def kept(match: re.Match[bytes]) -> bytes:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2].decode()))
        return match[0] if target in files else match[1]

    return re.sub(rb'(<a\b[^>]*?) href="(\.\./\.\./[^"/#]+/[^"#]+)[^"]*"', kept, data)


def _meant_for(audience: str, name: str) -> bool:
    if audience == "public":
        return name in _FOR_ALL
    return audience == "internal" or not name.startswith("feedback/")


def _refuse(root: Path, target: Path) -> None:
    """Refuse a target whose replacement would cost somebody their files."""
    for own in ("data", "reports", "notebooks", "src"):
        if target == root or target.is_relative_to(root / own):
            raise UsageError(say("bundles.refused.own", path=target))
    if not target.exists():
        return
    archive = target.suffix.casefold() == ".zip"
    if archive and not (zipfile.is_zipfile(target) and _names_sums(target)):
        raise UsageError(say("bundles.refused.foreign_file", path=target))
    if not archive:
        if not target.is_dir():
            raise UsageError(say("bundles.refused.foreign_file", path=target))
        if foreign := _foreign(target):
            named = listed(foreign[:5])
            raise UsageError(say("bundles.refused.foreign", path=target, count=len(foreign), named=named))


def _names_sums(archive: Path) -> bool:
    with zipfile.ZipFile(archive) as opened:
        return packing.SUMS in opened.namelist()


def _foreign(folder: Path) -> list[str]:
    """Files in a folder that no package of ours put there."""
    sums = folder / packing.SUMS
    own = {packing.SUMS, *packing.read_sums(sums.read_bytes())} if sums.is_file() else set()
    found = [p for p in sorted(folder.rglob("*")) if not p.is_dir() and p.name not in _DROPPINGS]
    return [name for p in found if (name := p.relative_to(folder).as_posix()) not in own]
