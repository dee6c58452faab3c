"""The bundle for an evaluator: inputs, what was made of them, and by which code, so that anybody can make it again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from plananalysis import __version__, tables
from plananalysis.bundles import packing
from plananalysis.bundles.rendering import documents, rendered
from plananalysis.bundles.variant import Variant
from plananalysis.errors import UsageError
from plananalysis.publication import lock
from plananalysis.text import listed, say, speaking

FORMAT = 1
PARAMETERS = "bundle.json"
INPUTS, OUTPUTS, CODE = "inputs/", "outputs/", "code/files.sha256"
NOTEBOOKS = f"{INPUTS}notebooks/"
_LOCK = "requirements.lock.txt"
_LIBRARIES = (
    "nbconvert",
    "numpy",
    "openpyxl",
    "pandas",
    "papermill",
    "python-docx",
    "scipy",
    "statsmodels",
    "xlsxwriter",
)
_UNUSED = {"reference", "simulation"}  # folders of raw files that only `learn` and `simulate` read


def bundle(root: Path, variant: Variant, target: Path) -> list[str]:
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
    run = rendered(root, variant)
    with lock(root, variant.area):
        if changed := _changed(root, variant):
            raise UsageError(say("bundles.refused.changed", files=listed(changed[:5])))
        files = {f"{INPUTS}{path.relative_to(root).as_posix()}": path.read_bytes() for path in _inputs(root, variant)}
        files |= {f"{OUTPUTS}{name}": data for name, data in outputs(root, variant, run).items()}
    files[CODE] = "".join(f"{value}  {name}\n" for name, value in code().items()).encode()
    if (root / _LOCK).is_file():
        files[f"code/{_LOCK}"] = (root / _LOCK).read_bytes()
    files[PARAMETERS] = _as_json(_parameters(variant, run))
    with speaking(variant.language):
        note = say("bundles.note.text", name=run["name"], as_of=variant.as_of).lstrip("\n")
        files[say("bundles.note.name")] = note.encode("utf-8")
    packing.write_zip(packing.with_sums(files), target)
    return sorted(files)


def outputs(root: Path, variant: Variant, run: dict[str, Any]) -> dict[str, bytes]:
    """Everything derived for one form of an edition, by path in the project: tables, pages, documents."""
    derived, folder = variant.tables(root), variant.pages(root)
    paths = [p for p in sorted(derived.iterdir()) if p.is_file() and p.suffix in (".csv", ".json")]
    paths += [folder / page["file"] for page in run["pages"]]
    home = f"{folder.relative_to(root).as_posix()}/documents"
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths} | {
        f"{home}/{name}": data for name, data in documents(root, variant).items()
    }


def code() -> dict[str, str]:
    """SHA-256 of every file of this package, by path within it."""
    home = Path(str(package_files("plananalysis")))
    paths = (p for p in sorted(home.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(home).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def libraries() -> dict[str, str]:
    """Versions of the interpreter and of the libraries that numbers and pages pass through."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _inputs(root: Path, variant: Variant) -> Iterator[Path]:
    """Raw files of the area and of the places it is compared with, raw files that all areas share, and the notebooks."""
    raw = root / "data" / "raw"
    settings = tables.read_settings(raw / variant.area / "area.toml", root)
    areas, beside = tables.areas(root), {variant.area, *settings.get("comparators", ())}
    recorded = {root / name for name in _described(root, variant).get("inputs", {})}
    folders = [p for p in raw.iterdir() if p.is_dir() and (p.name in beside or p.name not in {*areas, *_UNUSED})]
    found = {p for folder in [*folders, root / "notebooks"] for p in folder.rglob("*")}
    found |= {p for p in raw.iterdir() if p.is_file()} | recorded
    for path in sorted(found):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield path


def _described(root: Path, variant: Variant) -> dict[str, Any]:
    return json.loads((variant.tables(root) / "edition.json").read_text(encoding="utf-8"))


def _changed(root: Path, variant: Variant) -> list[str]:
    """Recorded inputs of the edition that are not what they were."""
    recorded = _described(root, variant).get("inputs", {})
    now = {name: root / name for name in recorded}
    return [n for n, path in now.items() if not path.is_file() or packing.digest(path.read_bytes()) != recorded[n]]


def _parameters(variant: Variant, run: dict[str, Any]) -> dict[str, Any]:
    keys = ("file", "notebook", "parameters")
    return {
        "format": FORMAT,
        **asdict(variant),
        "name": run["name"],
        "edition": run["edition"],
        "known_on": run.get("known_on"),
        "fictional": run["fictional"],
        "version": __version__,
        "libraries": libraries(),
        "pages": [{key: page[key] for key in keys if key in page} for page in run["pages"]],
    }


def _as_json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _ours(path: Path) -> bool:
    try:
        return PARAMETERS in packing.read_zip(path)
    except packing.Damaged:
        return False
