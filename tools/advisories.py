"""Ask whether an advisory is known for any locked dependency, and note the answer with its date in ``docs/advisories.md``.

Needs a network that reaches osv.dev, and pip-audit (``uvx pip-audit`` or on the path). Exit codes: 0 nothing known, 1 something is, 3 nobody
could be asked: then the record says so, for a check that was not made must not look like one that found nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

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


def line(answer: Answer, day: str, lock: Path) -> str:
    """The record's line of one run."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    if not answer.reached:
        told = "not reached: no check was made"
    else:
        told = "; ".join(answer.found) if answer.found else "none known"
    return f"| {day} | `{digest}` | {answer.packages} | {told} |"


def main() -> int:
    """Ask, note, tell."""
    answer = ask(LOCK)
    text = line(answer, date.today().isoformat(), LOCK)
    RECORD.write_text(RECORD.read_text(encoding="utf-8").rstrip("\n") + f"\n{text}\n", encoding="utf-8")
    print(text)
    return 1 if answer.found else 0 if answer.reached else 3


if __name__ == "__main__":
    sys.exit(main())
