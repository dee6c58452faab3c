"""Derives and renders an edition again, in a process that has nothing of the evaluator's: no environment, no home, no privileges."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plananalysis.base.errors import PlanAnalysisError
from plananalysis.base.text import say
from plananalysis.bundles.form import Form

NOBODY = 65534  # who owns nothing, on Linux and macOS
_KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # without these an interpreter may not start
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from plananalysis.bundles.rerun import main; main(*sys.argv[2:])"
)


class RerunError(PlanAnalysisError):
    """The process that derives an edition again ended without an answer."""


def rerun(root: Path, form: Form, beside: Sequence[Form], pages: bool, pdf: bool) -> list[str]:
    """Derive an edition in a project folder, after those it looks back to; render it unless only its tables are wanted.

    Returns
    -------
    list of str
        A sentence for each page that failed.

    Raises
    ------
    RerunError
        It could not be derived; the message says why.
    """
    asked = {
        "form": [form.area, form.as_of, form.mode, form.audience, form.language, form.outline],
        "beside": [[one.area, one.as_of, one.outline] for one in beside],
        "pages": pages,
        "pdf": pdf,
    }
    (root / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-I", "-c", _PROGRAM, str(Path(__file__).parents[2]), str(root), json.dumps(asked)]
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        command,
        cwd=root,
        env=environment(root),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        **_nobody(root),
    )
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = done.stderr.decode(errors="replace").strip().splitlines()
        raise RerunError(
            say("bundles.found.no_answer", code=done.returncode, problem=(last or [""])[-1][:300])
        ) from None
    if "error" in answer:
        raise RerunError(answer["error"])
    return answer["failed"]


def environment(root: Path) -> dict[str, str]:
    """All that the process sees of its surroundings."""
    own = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return own | {
        "PATH": os.defpath,
        "HOME": str(root),
        "USERPROFILE": str(root),
        "TMPDIR": str(root / "tmp"),
        "TEMP": str(root / "tmp"),
        "IPYTHONDIR": str(root / "tmp" / "ipython"),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def unprivileged() -> bool:
    """Whether the process runs without an administrator's rights: because we have none, or because it can be given away."""
    return not _root() or _readable_by_nobody()


def _root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _readable_by_nobody() -> bool:
    """Whether a user who owns nothing can start this interpreter with this package."""
    try:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM.partition("; main(")[0], str(Path(__file__).parents[2])],
            capture_output=True,
            check=False,
            cwd="/",
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
        )
    except OSError:
        return False
    return done.returncode == 0


def _nobody(root: Path) -> dict[str, Any]:
    """How to start the process as a user who owns nothing but the project folder, where we may."""
    if not _root() or not _readable_by_nobody():
        return {}
    for path in (root, *root.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    root.parent.chmod(0o711)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def main(folder: str, text: str) -> None:
    """What the process does; its last line on standard output is the answer."""
    asked, root = json.loads(text), Path(folder)
    answer: dict[str, object]
    try:
        answer = {"failed": _derive(root, asked)}
    except (PlanAnalysisError, OSError) as error:
        answer = {"error": str(error).replace(f"{root}{os.sep}", "")}
    print("\n" + json.dumps(answer))


def _derive(root: Path, asked: dict[str, object]) -> list[str]:
    from plananalysis.bundles import rendering

    form = Form(*asked["form"])  # type: ignore[misc]
    if form.kind(root) != "area":
        rendering.build(root, form)
        return rendering.render(root, form) if asked["pages"] else []
    for area, as_of, outline in asked["beside"]:  # type: ignore[attr-defined]
        rendering.build(root, Form(area, as_of, outline=outline))
    rendering.build(root, form)
    return rendering.render(root, form, bool(asked["pdf"])) if asked["pages"] else []
