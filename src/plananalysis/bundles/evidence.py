"""The bundle for an evaluator: inputs, what was made of them, and by which code, so that anybody can make it again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock, own_files, program, versions
from plananalysis.base.tables import read_json
from plananalysis.base.text import listed, say, speaking
from plananalysis.bundles import many, packing, signing
from plananalysis.bundles.form import Form
from plananalysis.bundles.rendering import contents, rendered
from plananalysis.editions import inputs

FORMAT = 2
PARAMETERS = "bundle.json"
INPUTS, OUTPUTS, CODE = "inputs/", "outputs/", "code/files.sha256"
RECORD = "inputs.json"  # of a build, for itself; not a result
NOTEBOOKS = f"{INPUTS}notebooks/"
LOCK = "code/requirements.lock.txt"
_NATIONAL = "china"


def bundle(root: Path, form: Form, target: Path, key: Path | None = None) -> list[str]:
    """Write one archive that holds an edition as published and everything it was derived from, as it was then.

    Equal inputs, code and outputs give equal bytes. What came in after the edition was made does not belong to it.

    Parameters
    ----------
    key
        SSH key to sign it with; not signed without.

    Returns
    -------
    list of str
        The files in it.

    Raises
    ------
    UsageError
        Raw data the edition rests on are no longer what they were, the program is another, pages could not be renewed, the form is
        the public's (a bundle holds what the public may not see), the key cannot sign, or the target is somebody's file.
    """
    if form.audience == "public":
        raise UsageError(say("bundles.refused.public"))
    if target.exists() and not _ours(target):
        raise UsageError(say("bundles.refused.foreign_file", path=target))
    run = rendered(root, form)
    with lock(root, form.area):
        raw, gone = _inputs(root, form)
        if changed := gone + ([say("bundles.refused.program")] if run.get("program", program()) != program() else []):
            raise UsageError(say("bundles.refused.changed", files=listed(changed[:5])))
        files = {f"{INPUTS}{name}": data for name, data in raw.items()}
        files |= {f"{OUTPUTS}{name}": data for name, data in outputs(root, form, run).items()}
    used = {page["notebook"] for page in run["pages"] if "notebook" in page}
    files |= {f"{NOTEBOOKS}{name}": tables.notebook(root, name).read_bytes() for name in sorted(used)}
    files[CODE] = "".join(f"{value}  {name}\n" for name, value in own_files().items()).encode()
    if (lock_file := root / Path(LOCK).name).is_file():
        files[LOCK] = lock_file.read_bytes()
    given = {name: packing.digest(data) for name, data in files.items() if name.startswith((INPUTS, "code/"))}
    files[PARAMETERS] = _as_json(parameters(root, form, run) | {"given": dict(sorted(given.items()))})
    files |= note(form, run)
    files = packing.with_sums(files)
    if key is not None:
        files[signing.SIGNATURE] = signing.sign(files[packing.SUMS], key)
    packing.write_zip(files, target)
    return sorted(files)


def note(form: Form, run: dict[str, Any]) -> dict[str, bytes]:
    """The page to read first, by its name."""
    with speaking(form.language):
        text = say("bundles.note.text", name=run["name"], as_of=form.as_of).lstrip("\n")
        return {say("bundles.note.name"): text.encode("utf-8")}


def outputs(root: Path, form: Form, run: dict[str, Any]) -> dict[str, bytes]:
    """Everything derived for one form of an edition, by path in the project: tables, pages, documents."""
    home = form.pages(root).relative_to(root).as_posix()
    pages, papers = contents(root, form, run)
    return tables_of(root, form) | {f"{home}/{name}": data for name, data in (pages | papers).items()}


def tables_of(root: Path, form: Form) -> dict[str, bytes]:
    """The derived tables of an edition, by path in the project."""
    paths = [p for p in sorted(form.tables(root).iterdir()) if p.suffix in (".csv", ".json") and p.name != RECORD]
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths}


def _inputs(root: Path, form: Form) -> tuple[dict[str, bytes], list[str]]:
    """Raw files an edition and those it looks back to were derived from, as they were then; and the names of those that are gone."""
    if form.kind(root) != "area":
        return many.raw_files(root, form)
    recorded: dict[str, tuple[str, str]] = {}  # the edition's own word comes last, and counts
    for one in [*beside(root, form), form]:
        recorded |= {name: (one.area, value) for name, value in _recorded(root, one).items()}
    told = recorded.pop(inputs.PEERS, None)
    content = {name: inputs.kept(root, area, name, value) for name, (area, value) in sorted(recorded.items())}
    if told:  # not what other districts reported, but what this one was told of it
        name = inputs.handed(root, form.area).relative_to(root).as_posix()
        content[name] = (form.tables(root) / inputs.handed(root, form.area).name).read_bytes()
    return {n: data for n, data in content.items() if data is not None}, [n for n, d in content.items() if d is None]


def beside(root: Path, form: Form) -> list[Form]:
    """Other editions that this form looks back to: evaluations compare with the period's earlier ones and the national outline's."""
    if form.mode == "annual":
        return []
    home = root / "data" / "processed"
    years, outlines = range(_info(root, form)["base_year"] + 1, form.as_of), dict.fromkeys(("", form.outline))
    found = [Form(form.area, year, outline=outline) for year in years for outline in outlines]
    found += [Form(_NATIONAL, int(p.name)) for p in sorted((home / _NATIONAL).glob("*")) if p.name.isdigit()]
    return [f for f in found if (f.tables(root) / "edition.json").is_file() and f.area in tables.areas(root)]


def _info(root: Path, form: Form) -> dict[str, Any]:
    return json.loads((form.tables(root) / "edition.json").read_text(encoding="utf-8"))


def _recorded(root: Path, form: Form) -> dict[str, str]:
    """SHA-256 of every raw file the tables were derived from, by path in the project, as their build recorded it."""
    path = form.tables(root) / RECORD
    found = read_json(path) if path.is_file() else _info(root, form)
    return found.get("inputs") or {}


def parameters(root: Path, form: Form, run: dict[str, Any]) -> dict[str, Any]:
    """What `bundle.json` says of an edition."""
    keys = ("file", "notebook", "parameters")
    return {
        "format": FORMAT,
        **asdict(form),
        "name": run["name"],
        "edition": run["edition"],
        "known_on": run.get("known_on"),
        "fictional": run["fictional"],
        "version": __version__,
        "libraries": versions(),
        "beside": [[f.area, f.as_of, *([f.outline] if f.outline else [])] for f in beside(root, form)],
        "pages": [{key: page[key] for key in keys if key in page} for page in run["pages"]],
    }


def _as_json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _ours(path: Path) -> bool:
    try:
        return PARAMETERS in packing.read_zip(path)
    except packing.Damaged:
        return False
