"""Checks a bundle: are its files what they were, and does everything derived come out the same when derived again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plananalysis import __version__
from plananalysis.base.errors import PlanAnalysisError
from plananalysis.base.publication import own_files, versions
from plananalysis.base.text import say
from plananalysis.bundles import evidence, packing, rendering
from plananalysis.bundles.differences import differences
from plananalysis.bundles.form import Form
from plananalysis.editions.variant import Variant
from plananalysis.reports import record

Again = Callable[[Path, Form, Sequence[Form]], list[str]]


@dataclass
class Verdict:
    """What a check of a bundle found.

    Parameters
    ----------
    form
        The form of the edition it holds.
    files, compared
        How many files are in the bundle, and how many derived ones were compared with those derived anew.
    findings
        One Chinese sentence for each thing that is not as it should be; none means equal.
    notes
        Differences between the programs then and now, which explain findings but are none.
    """

    form: Form
    files: int
    compared: int = 0
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(path: Path, again: Again | None = None) -> Verdict:
    """Check the checksums of a bundle, derive everything again from its inputs, and compare.

    The notebooks of the bundle are run, with the rights of whoever checks it; not when they are not what was packed.

    Parameters
    ----------
    again
        Builds and renders a form in a project folder, after the editions it looks back to, and returns a sentence for each page
        that failed; by default as every run does.

    Raises
    ------
    Damaged
        The file is no bundle, is broken, or would do harm when unpacked.
    """
    files = packing.read_zip(path)
    form, beside = _forms(path, files)
    verdict = Verdict(form, len(files))
    listed = packing.read_sums(files.get(packing.SUMS, b""))
    verdict.findings += _check_sums(files, listed)
    verdict.notes += _check_code(files)
    runnable = all(
        packing.digest(data) == listed.get(n) for n, data in files.items() if n.startswith(evidence.NOTEBOOKS)
    )
    if not runnable:
        verdict.findings.append(say("bundles.found.failed", reason=say("bundles.found.notebooks")))
        return verdict
    with TemporaryDirectory() as scratch:
        root = Path(scratch).resolve()
        packing.unpack(files, evidence.INPUTS, root)
        try:
            pdf = any(name.startswith(evidence.OUTPUTS) and name.endswith(".pdf") for name in files)
            failed = (again or partial(_again, pdf=pdf))(root, form, beside)
            made = evidence.outputs(root, form, record.read(form.pages(root)))
        except (PlanAnalysisError, OSError) as error:
            verdict.findings.append(say("bundles.found.failed", reason=str(error).replace(f"{root}/", "")))
            return verdict
    verdict.findings += [say("bundles.found.failed", reason=sentence) for sentence in failed]
    given = {
        name.removeprefix(evidence.OUTPUTS): data for name, data in files.items() if name.startswith(evidence.OUTPUTS)
    }
    verdict.compared = len(given)
    verdict.findings += _compare(given, made, listed)
    return verdict


def _again(root: Path, form: Form, beside: Sequence[Form], pdf: bool) -> list[str]:
    for one in [*beside, form]:
        rendering.build(root, one)
    return rendering.render(root, form, pdf)


def _forms(path: Path, files: Mapping[str, bytes]) -> tuple[Form, list[Form]]:
    """Which form the bundle says it holds and which editions that looks back to, if it says so in words that can name folders."""
    needed = (evidence.PARAMETERS, packing.SUMS)
    if missing := [name for name in needed if name not in files]:
        raise packing.Damaged(say("bundles.refused.not_ours", file=path.name, missing=missing[0]))
    try:
        said: dict[str, Any] = json.loads(files[evidence.PARAMETERS])
        if said["format"] > evidence.FORMAT:
            raise packing.Damaged(say("bundles.refused.format", file=path.name, format=said["format"]))
        form = Form(*(said[key] for key in ("area", "as_of", "mode", "audience", "language")))
        beside = [Form(area, year) for area, year in said["beside"]]
        Variant(form.mode, form.audience, form.language)  # refuses what there is not
        for one in (form, *beside):
            if type(one.as_of) is not int or not re.fullmatch(r"[a-z][a-z0-9_]*", one.area):
                raise ValueError(one)
    except (ValueError, KeyError, TypeError) as error:
        missing_part = f"{evidence.PARAMETERS} ({type(error).__name__})"
        raise packing.Damaged(say("bundles.refused.not_ours", file=path.name, missing=missing_part)) from None
    return form, beside


def _check_sums(files: Mapping[str, bytes], listed: Mapping[str, str]) -> list[str]:
    found = [say("bundles.found.missing", file=name) for name in listed if name not in files]
    for name, data in sorted(files.items()):
        if name == packing.SUMS:
            continue
        if name not in listed:
            found.append(say("bundles.found.unlisted", file=name))
        elif packing.digest(data) != listed[name]:
            found.append(say("bundles.found.damaged", file=name))
    return found


def _check_code(files: Mapping[str, bytes]) -> list[str]:
    """How the program here differs from the one that made the bundle."""
    said = json.loads(files[evidence.PARAMETERS])
    notes = []
    if said.get("version") != __version__:
        notes.append(say("bundles.found.version", was=said.get("version"), now=__version__))
    was, now = packing.read_sums(files.get(evidence.CODE, b"")), own_files()
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            how = "gone" if name not in now else "added" if name not in was else "changed"
            notes.append(say("bundles.found.code", file=name, how=say(f"bundles.found.code_{how}")))
    was, now = said.get("libraries") or {}, versions()
    none = say("bundles.found.absent")
    return notes + [
        say("bundles.found.library", name=name, was=was.get(name, none), now=now.get(name, none))
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]


def _compare(given: Mapping[str, bytes], made: Mapping[str, bytes], listed: Mapping[str, str]) -> list[str]:
    found = []
    for name in sorted({*given, *made}):
        if name not in made:
            found.append(say("bundles.found.not_made", file=name))
        elif name not in given:
            if f"{evidence.OUTPUTS}{name}" not in listed:  # else it was already told to be missing
                found.append(say("bundles.found.only_made", file=name))
        else:
            found += differences(name, given[name], made[name])
    return found
