"""The bundle for an evaluator: inputs, what was made of them, and by which code, so that anybody can make it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plananalysis import __version__
from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.publication import lock, own_files, program, versions
from plananalysis.base.text import listed, say, speaking
from plananalysis.bundles import packing
from plananalysis.bundles.form import Form
from plananalysis.bundles.rendering import contents, rendered

FORMAT = 1
PARAMETERS = "bundle.json"
INPUTS, OUTPUTS, CODE = "inputs/", "outputs/", "code/files.sha256"
RECORD = "inputs.json"  # of a build, for itself; not a result
NOTEBOOKS = f"{INPUTS}notebooks/"
_LOCK = "requirements.lock.txt"
_NATIONAL = "china"
_UNUSED = {"reference", "simulation"}  # folders of raw files that only `learn` and `simulate` read


def bundle(root: Path, form: Form, target: Path) -> list[str]:
    """Write one archive that holds an edition as published and everything it was derived from.

    Equal inputs, code and outputs give equal bytes.

    Returns
    -------
    list of str
        The files in it.

    Raises
    ------
    UsageError
        Raw data changed after the edition was made, pages could not be renewed, or the target is another file of somebody's.
    """
    if target.exists() and not _ours(target):
        raise UsageError(say("bundles.refused.foreign_file", path=target))
    run = rendered(root, form)
    with lock(root, form.area):
        if changed := _changed(root, form, run):
            raise UsageError(say("bundles.refused.changed", files=listed(changed[:5])))
        files = {f"{INPUTS}{path.relative_to(root).as_posix()}": path.read_bytes() for path in _inputs(root, form)}
        used = {page["notebook"] for page in run["pages"] if "notebook" in page}
        files |= {f"{NOTEBOOKS}{name}": tables.notebook(root, name).read_bytes() for name in sorted(used)}
        files |= {f"{OUTPUTS}{name}": data for name, data in outputs(root, form, run).items()}
    files[CODE] = "".join(f"{value}  {name}\n" for name, value in own_files().items()).encode()
    if (root / _LOCK).is_file():
        files[f"code/{_LOCK}"] = (root / _LOCK).read_bytes()
    files[PARAMETERS] = _as_json(_parameters(root, form, run))
    with speaking(form.language):
        note = say("bundles.note.text", name=run["name"], as_of=form.as_of).lstrip("\n")
        files[say("bundles.note.name")] = note.encode("utf-8")
    packing.write_zip(packing.with_sums(files), target)
    return sorted(files)


def outputs(root: Path, form: Form, run: dict[str, Any]) -> dict[str, bytes]:
    """Everything derived for one form of an edition, by path in the project: tables, pages, documents."""
    derived, home = form.tables(root), form.pages(root).relative_to(root).as_posix()
    paths = [p for p in sorted(derived.iterdir()) if p.suffix in (".csv", ".json") and p.name != RECORD]
    pages, papers = contents(root, form, run)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths} | {
        f"{home}/{name}": data for name, data in (pages | papers).items()
    }


def _inputs(root: Path, form: Form) -> Iterator[Path]:
    """Raw files of the area and of the places it is compared with, raw files that all areas share, and the notebooks."""
    raw = root / "data" / "raw"
    settings = tables.read_settings(raw / form.area / "area.toml", root)
    areas = tables.areas(root)
    wanted = {form.area, *settings.get("comparators", ()), *(f.area for f in beside(root, form))}
    folders = [p for p in raw.iterdir() if p.is_dir() and (p.name in wanted or p.name not in {*areas, *_UNUSED})]
    found = {p for folder in [*folders, root / "notebooks"] for p in folder.rglob("*")}
    found |= {p for p in raw.iterdir() if p.is_file()} | {root / name for name in _recorded(root, form)}
    for path in sorted(found):
        if path.is_file() and not any(part.startswith((".", "~$")) for part in path.relative_to(root).parts):
            yield path


def beside(root: Path, form: Form) -> list[Form]:
    """Other editions that this form looks back to: evaluations compare with the period's earlier ones and the national outline's."""
    if form.mode == "annual":
        return []
    home = root / "data" / "processed"
    found = [Form(form.area, year) for year in range(_info(root, form)["base_year"] + 1, form.as_of)]
    found += [Form(_NATIONAL, int(p.name)) for p in sorted((home / _NATIONAL).glob("*")) if p.name.isdigit()]
    return [f for f in found if (f.tables(root) / "edition.json").is_file() and f.area in tables.areas(root)]


def _info(root: Path, form: Form) -> dict[str, Any]:
    return json.loads((form.tables(root) / "edition.json").read_text(encoding="utf-8"))


def _recorded(root: Path, form: Form) -> dict[str, str]:
    """SHA-256 of every raw file the tables were derived from, by path in the project, as their build recorded it."""
    path = form.tables(root) / RECORD
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else _info(root, form)
    return found.get("inputs") or {}


def _changed(root: Path, form: Form, run: dict[str, Any]) -> list[str]:
    """What is not as it was when the edition was made: raw files by name, and the program."""
    recorded = _recorded(root, form)
    home = root / "data" / "raw" / form.area
    own = {
        p.relative_to(root).as_posix() for p in home.rglob("*") if p.is_file() and not p.name.startswith((".", "~$"))
    }
    paths = {name: root / name for name in {*recorded, *own}}
    found = [n for n, p in paths.items() if not p.is_file() or packing.digest(p.read_bytes()) != recorded.get(n)]
    return sorted(found) + ([say("bundles.refused.program")] if run.get("program", program()) != program() else [])


def _parameters(root: Path, form: Form, run: dict[str, Any]) -> dict[str, Any]:
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
        "beside": [[f.area, f.as_of] for f in beside(root, form)],
        "pages": [{key: page[key] for key in keys if key in page} for page in run["pages"]],
    }


def _as_json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _ours(path: Path) -> bool:
    try:
        return PARAMETERS in packing.read_zip(path)
    except packing.Damaged:
        return False
