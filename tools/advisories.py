"""Ask whether an advisory is known for any locked dependency, and note the answer with its date in ``docs/advisories.md``.

    python tools/advisories.py [CLONE]

Needs a network that reaches osv.dev, and pip-audit (``uvx pip-audit`` or on the path); or, where only a copy of the advisories is at hand, a git clone of
https://github.com/pypa/advisory-database, whose commit and day the record then names, for what was found later it cannot tell. Exit codes: 0 nothing
known, 1 something is, 3 nobody could be asked: then the record says so, for a check that was not made must not look like one that found nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
LOCK, RECORD = ROOT / "requirements.lock.txt", ROOT / "docs" / "advisories.md"
_AUDIT = (
    "--no-deps",
    "--disable-pip",
    "--vulnerability-service",
    "osv",
    "--format",
    "json",
    "--progress-spinner",
    "off",
)


@dataclass(frozen=True)
class Answer:
    """How many packages were asked about, and a line for each advisory; ``reached`` is False when nobody answered."""

    reached: bool
    packages: int = 0
    found: tuple[str, ...] = ()
    source: str = "osv.dev"


def ask(lock: Path) -> Answer:
    """Ask OSV about every pinned package."""
    program = ["pip-audit"] if shutil.which("pip-audit") else ["uvx", "pip-audit"] if shutil.which("uvx") else None
    if program is None:
        return Answer(False)
    done = subprocess.run([*program, "-r", str(lock), *_AUDIT], capture_output=True, text=True, check=False)
    return read(done.stdout)


def read(text: str) -> Answer:
    """The answer in what pip-audit prints as JSON; anything else means that it got none."""
    try:
        packages = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Answer(False)
    asked = [p for p in packages if "skip_reason" not in p]
    found = [
        f"{p['name']} {p['version']}: {v['id']}"
        + (f", mended in {', '.join(v['fix_versions'])}" if v.get("fix_versions") else "")
        for p in asked
        for v in p.get("vulns", ())
    ]
    return Answer(bool(asked), len(asked), tuple(sorted(found)))


def ask_clone(lock: Path, clone: Path) -> Answer:
    """Ask the advisories of a clone, as they stood at its newest commit."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", "-C", str(clone), *arguments], capture_output=True, text=True, check=True).stdout

    pinned = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
    files = {
        name: [f for f in git("ls-tree", "-r", "--name-only", "HEAD", f"vulns/{canonicalize_name(name)}/").split()]
        for name in pinned
    }
    found = [
        known
        for name, version in pinned.items()
        for file in files[name]
        if (known := concerns(yaml.load(git("show", f"HEAD:{file}"), yaml.CSafeLoader), name, version))
    ]
    commit, day = git("log", "-1", "--format=%h %cs").split()
    return Answer(True, len(pinned), tuple(sorted(found)), f"pypa/advisory-database {commit} of {day}")


def concerns(advisory: Mapping[str, Any], name: str, version: str) -> str:
    """A line when an advisory in OSV's form names the version of a package, alone or in a range; else nothing."""
    if advisory.get("withdrawn"):
        return ""
    for one in advisory.get("affected", ()):
        if canonicalize_name(one["package"]["name"]) != canonicalize_name(name):
            continue
        mended = [
            e["fixed"] for r in one.get("ranges", ()) for e in r["events"] if "fixed" in e and r["type"] == "ECOSYSTEM"
        ]
        if version in one.get("versions", ()) or any(
            _inside(r["events"], version) for r in one.get("ranges", ()) if r["type"] == "ECOSYSTEM"
        ):
            return f"{name} {version}: {advisory['id']}" + (f", mended in {', '.join(mended)}" if mended else "")
    return ""


def _inside(events: Sequence[Mapping[str, str]], version: str) -> bool:
    """Whether a version lies in a range of OSV: introduced there or before, and not yet mended."""
    inside = False
    for event in sorted(events, key=lambda e: Version(next(iter(e.values())))):
        (kind, bound), own = next(iter(event.items())), Version(version)
        if kind == "introduced" and own >= Version(bound):
            inside = True
        elif (kind == "fixed" and own >= Version(bound)) or (kind == "last_affected" and own > Version(bound)):
            inside = False
    return inside


def line(answer: Answer, day: str, lock: Path) -> str:
    """The record's line of one run."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    if not answer.reached:
        told = "not reached: no check was made"
    else:
        told = "; ".join(answer.found) if answer.found else "none known"
    return f"| {day} | `{digest}` | {answer.source} | {answer.packages} | {told} |"


def main(clone: str | None = None) -> int:
    """Ask, note, tell."""
    answer = ask_clone(LOCK, Path(clone)) if clone else ask(LOCK)
    text = line(answer, date.today().isoformat(), LOCK)
    RECORD.write_text(RECORD.read_text(encoding="utf-8").rstrip("\n") + f"\n{text}\n", encoding="utf-8")
    print(text)
    return 1 if answer.found else 0 if answer.reached else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
