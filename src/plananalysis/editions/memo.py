"""What was worked out for one series alone, kept by content between the builds of an edition.

A key names everything a result depends on, so that a result is either the one asked for or not there. The whole file stands under
a checksum and the program's own digest: a file that is damaged, half written or from another program is ignored. Numbers only are
kept, in no language; results that a build did not ask for are not kept for the next.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from plananalysis.assessments.chances import Chance
from plananalysis.base.publication import program
from plananalysis.base.tables import write_atomic
from plananalysis.projections import OneStep, Projection
from plananalysis.projections.alike import Analogue
from plananalysis.projections.explanation import Explanation, Variant

_FORMAT = b"plananalysis memo 2"


class Memo:
    """Kept results of one edition.

    Parameters
    ----------
    path
        The file; it may be deleted at any time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = _read(path)
        self._used: dict[str, str] = {}

    def each(self, kind: str, items: Sequence, keys: Sequence[str], compute: Callable[[list], Sequence]) -> list:
        """Results for ``items``, one each; ``compute`` is asked only for those whose key is not known.

        Parameters
        ----------
        kind
            What is kept: ``projection``, ``chance``, ``one_step``, ``cases`` or ``explanation``.
        keys
            One for each item, naming all that its result depends on beside the program.
        """
        pack, unpack = _KINDS[kind]
        names = [f"{kind} {key}" for key in keys]
        known = {name: self._held[name] for name in names if name in self._held}
        found: dict[str, Any] = {n: unpack(json.loads(text, object_hook=_revived)) for n, text in known.items()}
        unknown = {name: item for name, item in zip(names, items, strict=True) if name not in found}
        if unknown:
            results = dict(zip(unknown, compute(list(unknown.values())), strict=True))
            known |= {n: json.dumps(pack(r), default=_stored, separators=(",", ":")) for n, r in results.items()}
            found |= results
        self._used |= known
        return [found[name] for name in names]

    def save(self) -> None:
        """Write what was used, unless that is what the file holds; files of editions that are gone go too.

        A disk that cannot be written costs the next build some time and this one nothing.
        """
        with suppress(OSError):
            if self._used.keys() != self._held.keys():
                body = "\n".join(f"{name}\t{text}" for name, text in self._used.items()).encode()
                self.path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(self.path, b"\n".join([_head(body), body]))
            editions = self.path.parents[2] / self.path.parent.name
            for other in self.path.parent.glob(f"*{self.path.suffix}"):
                if other != self.path and not any(editions.glob(f"{other.stem}*")):
                    other.unlink()


def memo_path(root: Path, area: str, edition: str) -> Path:
    """One file for both languages: numbers have none; ``edition`` is the name of the edition's folder."""
    return root / "data" / "processed" / ".cache" / area / f"{edition}.memo"


def _head(body: bytes) -> bytes:
    return b" ".join([_FORMAT, program().encode(), hashlib.sha256(body).hexdigest().encode()])


def _read(path: Path) -> dict[str, str]:
    """Results by name, each as JSON."""
    with suppress(OSError, ValueError):
        head, _, body = path.read_bytes().partition(b"\n")
        if head == _head(body):
            return dict(line.split("\t", 1) for line in body.decode().split("\n") if line)
    return {}


def _stored(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "shape": value.shape, "bytes": base64.b64encode(value.tobytes()).decode()}
    return value.item()


def _revived(found: dict[str, Any]) -> Any:
    if "dtype" not in found:
        return found
    array = np.frombuffer(base64.b64decode(found["bytes"]), np.dtype(found["dtype"]))
    return array.reshape(found["shape"])


def _cells(thing: Any) -> list[Any]:
    return list(vars(thing).values())


def _explanation(cells: list[Any]) -> Explanation:
    given = dict(zip(Explanation.__dataclass_fields__, cells, strict=True))
    given["analogues"] = tuple(Analogue(*a) for a in given["analogues"])
    given["variants"] = tuple(Variant(*v) for v in given["variants"])
    return Explanation(**given)


def _explanation_cells(thing: Explanation) -> list[Any]:
    nested = {"analogues": [_cells(a) for a in thing.analogues], "variants": [_cells(v) for v in thing.variants]}
    return list((vars(thing) | nested).values())


_KINDS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "projection": (_cells, lambda cells: Projection(*cells)),
    "chance": (list, lambda cells: Chance(cells[0], cells[1], tuple(cells[2]), *cells[3:])),
    "one_step": (_cells, lambda cells: OneStep(*cells)),
    "cases": (lambda cases: cases, lambda cases: cases),
    "explanation": (_explanation_cells, _explanation),
}
