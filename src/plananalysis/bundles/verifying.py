"""Checks a bundle: are its files what they were, is its program this one, and does everything derived come out the same again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plananalysis.base.errors import PlanAnalysisError
from plananalysis.base.names import is_code
from plananalysis.base.text import LANGUAGES, listed, say
from plananalysis.bundles import evidence, packing, release, rerun, signing
from plananalysis.bundles.differences import differences
from plananalysis.bundles.form import Form
from plananalysis.editions.variant import Variant
from plananalysis.reports import record
from plananalysis.reports.edition import NOTEBOOK

Again = Callable[[Path, Form, Sequence[Form]], list[str]]
_RAW = f"{evidence.INPUTS}data/raw/"


@dataclass
class Verdict:
    """What a check of a bundle found.

    Parameters
    ----------
    form
        The form of the edition it holds.
    files, compared
        How many files are in the bundle, and how many derived ones were compared with those derived anew.
    checks
        One sentence for each check that was made, and for each that was not.
    findings
        One Chinese sentence for each thing that is not as it should be; none means equal.
    notes
        Differences between the programs then and now, which explain findings but are none.
    """

    form: Form
    files: int
    compared: int = 0
    checks: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def checked(self, check: str, found: Sequence[str] = (), /, **words: Any) -> None:
        """Note a check with what it found."""
        self.checks.append(say(f"bundles.checked.{check}", **words))
        self.findings += found


def verify(
    path: Path,
    again: Again | None = None,
    key: Path | None = None,
    tables_only: bool = False,
    trust_notebooks: bool = False,
) -> Verdict:
    """Check checksums, signature and program of a bundle, derive everything again from its raw data, and compare.

    Of the bundle only raw data are unpacked. Pages are made with the program's own notebooks; the bundle's are held against them and
    not run. It all happens in a process with an empty environment and, for an administrator, as a user who owns nothing.

    Parameters
    ----------
    again
        Builds and renders a form in a project folder, after the editions it looks back to, and returns a sentence for each page
        that failed; by default as every run does.
    key
        Public keys, one of which must have signed the bundle.
    tables_only
        Derive the tables alone: no notebook is run, no page compared.
    trust_notebooks
        Run the bundle's own notebooks where they differ from the program's, as a district has that changed them.

    Raises
    ------
    Damaged
        The file is no bundle, is broken, or would do harm when unpacked.
    UsageError
        The key is none; or foreign notebooks would run with an administrator's rights.
    """
    files = packing.read_zip(path)
    form, beside = _forms(path, files)
    _refuse_members(files, form)
    verdict = Verdict(form, len(files))
    verdict.checked("sums", _check_sums(files), count=len(files))
    _check_signature(verdict, files, key)
    told, verdict.notes = release.compared(files)
    verdict.checked("program_differs" if told or verdict.notes else "program", told)
    strange = release.strange_notebooks(files)
    verdict.checked(
        "notebooks_differ" if strange else "notebooks",
        [say("bundles.found.notebook", file=f"{evidence.NOTEBOOKS}{name}") for name in strange],
        names=listed(strange),
        run=say("bundles.checked.run_theirs" if trust_notebooks else "bundles.checked.run_ours"),
    )
    if trust_notebooks and strange and not rerun.unprivileged():
        raise packing.Damaged(say("bundles.refused.privileged"))
    verdict.checked("apart" if rerun.unprivileged() else "privileged")
    pdf = any(name.startswith(evidence.OUTPUTS) and name.endswith(".pdf") for name in files)
    with TemporaryDirectory() as scratch:
        root = Path(scratch).resolve() / "project"
        packing.unpack({n: d for n, d in files.items() if n.startswith(_RAW)}, evidence.INPUTS, root)
        packing.unpack(_to_run(files, trust_notebooks), "", root)
        try:
            failed = (again or partial(rerun.rerun, pages=not tables_only, pdf=pdf))(root, form, beside)
            run = {} if tables_only else record.read(form.pages(root))
            made = evidence.tables_of(root, form) if tables_only else evidence.outputs(root, form, run)
        except (PlanAnalysisError, OSError) as error:
            reason = str(error).replace(f"{root}/", "")
            verdict.checked("not_derived", [say("bundles.found.failed", reason=reason)])
            return verdict
        verdict.findings += [say("bundles.found.failed", reason=sentence) for sentence in failed]
        if not tables_only:
            verdict.checked("parameters", _check_parameters(root, form, run, files))
    given = {n.removeprefix(evidence.OUTPUTS): d for n, d in files.items() if n.startswith(evidence.OUTPUTS)}
    derived = {name: data for name, data in given.items() if not tables_only or name.startswith("data/")}
    verdict.compared = len(derived)
    verdict.checked("tables" if tables_only else "outputs", _compare(derived, made, files), count=len(derived))
    if tables_only and len(given) > len(derived):
        verdict.checked("pages_not", count=len(given) - len(derived))
    return verdict


def _to_run(files: Mapping[str, bytes], theirs: bool) -> dict[str, bytes]:
    packed = {n.removeprefix(evidence.INPUTS): d for n, d in files.items() if n.startswith(evidence.NOTEBOOKS)}
    own = {f"notebooks/{name}": data for name, data in release.notebooks().items()}
    return own | packed if theirs else own


def _forms(path: Path, files: Mapping[str, bytes]) -> tuple[Form, list[Form]]:
    """Which form the bundle says it holds and which editions that looks back to, if it says so in words that can name folders."""
    needed = (evidence.PARAMETERS, packing.SUMS)
    if missing := [name for name in needed if name not in files]:
        raise packing.Damaged(say("bundles.refused.not_ours", file=path.name, missing=missing[0]))
    try:
        said: dict[str, Any] = json.loads(files[evidence.PARAMETERS])
        if said["format"] != evidence.FORMAT:
            older = "older" if said["format"] < evidence.FORMAT else "format"
            raise packing.Damaged(say(f"bundles.refused.{older}", file=path.name, format=said["format"]))
        parts = ("area", "as_of", "mode", "audience", "language")
        form = Form(**{part: said[part] for part in parts}, outline=said.get("outline", ""))
        beside = [Form(area, year, outline=next(iter(rest), "")) for area, year, *rest in said["beside"]]
        for one in (form, *beside):
            Variant(one.mode, one.audience, one.language, one.outline)  # refuses what there is not
            if type(one.as_of) is not int or not is_code(one.area):
                raise packing.Damaged(say("bundles.refused.area", file=path.name, area=one.area))
    except (ValueError, KeyError, TypeError) as error:
        missing_part = f"{evidence.PARAMETERS} ({type(error).__name__})"
        raise packing.Damaged(say("bundles.refused.not_ours", file=path.name, missing=missing_part)) from None
    return form, beside


def _refuse_members(files: Mapping[str, bytes], form: Form) -> None:
    """Refuse a bundle that holds anything but what bundles hold: a cache among its inputs would be believed unread."""
    for name in files:
        inside = name.split("/")
        known = name in (evidence.PARAMETERS, packing.SUMS, signing.SIGNATURE, evidence.CODE, evidence.LOCK)
        known |= name in {say("bundles.note.name", language) for language in LANGUAGES}
        known |= name.startswith(_RAW) and not any(part.startswith(".") for part in inside)
        known |= name.startswith(evidence.NOTEBOOKS) and len(inside) == 3 and name.endswith(NOTEBOOK)
        homes = (
            (f"{evidence.OUTPUTS}data/processed/{under}{form.area}/", 6 + bool(under)) for under in ("", "panels/")
        )
        of_tables = any(name.startswith(home) and len(inside) == depth for home, depth in homes)
        known |= of_tables and inside[-1].endswith((".csv", ".json"))
        known |= name.startswith(f"{evidence.OUTPUTS}reports/{form.area}/{form.name}/")
        if not known:
            raise packing.Damaged(say("bundles.refused.member", name=name))


def _check_sums(files: Mapping[str, bytes]) -> list[str]:
    sums = packing.read_sums(files[packing.SUMS])
    given = json.loads(files[evidence.PARAMETERS]).get("given") or {}
    found = [say("bundles.found.missing", file=name) for name in sorted({*sums, *given}) if name not in files]
    for name, data in sorted(files.items()):
        if name in (packing.SUMS, signing.SIGNATURE):
            continue
        value = packing.digest(data)
        if name not in sums or (name.startswith((evidence.INPUTS, "code/")) and name not in given):
            found.append(say("bundles.found.unlisted", file=name))
        elif value != sums[name] or value != given.get(name, value):
            found.append(say("bundles.found.damaged", file=name))
    return found


def _check_signature(verdict: Verdict, files: Mapping[str, bytes], key: Path | None) -> None:
    signature, sums = files.get(signing.SIGNATURE), files[packing.SUMS]
    if signature is None:
        verdict.checked("unsigned", [say("bundles.found.unsigned")] if key else [])
    elif key is not None and signing.signed_by(sums, signature, key):
        verdict.checked("signed_by", keys=key.name)
    elif key is not None:
        verdict.checked("not_signed_by", [say("bundles.found.signature", keys=key.name)], keys=key.name)
    elif maker := signing.signer(sums, signature):
        verdict.checked("signed", maker=maker)
    else:
        verdict.checked("signed_wrong", [say("bundles.found.signed_other")])


def _check_parameters(root: Path, form: Form, run: dict[str, Any], files: Mapping[str, bytes]) -> list[str]:
    """What the bundle says of the edition, held against what the edition made again says."""
    said, now = json.loads(files[evidence.PARAMETERS]), evidence.parameters(root, form, run)
    explained = ("version", "libraries")  # told as notes
    found = []
    for name in sorted({*said, *now} - {*explained, "given"}):
        if said.get(name) != now.get(name):
            values = {"was": _json(said.get(name)), "now": _json(now.get(name))}
            found.append(say("bundles.found.value", file=evidence.PARAMETERS, place=name, **values))
    for name, data in evidence.note(form, run).items():
        if files.get(name) != data:
            found += differences(name, files.get(name, b""), data)
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]


def _compare(given: Mapping[str, bytes], made: Mapping[str, bytes], files: Mapping[str, bytes]) -> list[str]:
    sums = packing.read_sums(files[packing.SUMS])
    found = []
    for name in sorted({*given, *made}):
        if name not in made:
            found.append(say("bundles.found.not_made", file=name))
        elif name not in given:
            if f"{evidence.OUTPUTS}{name}" not in sums:  # else it was already told to be missing
                found.append(say("bundles.found.only_made", file=name))
        else:
            found += differences(name, given[name], made[name])
    return found
