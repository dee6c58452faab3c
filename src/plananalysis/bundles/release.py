"""What this release of the program consists of: its own files and notebooks, by digest, and what a bundle says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from plananalysis import __version__
from plananalysis.base import tables
from plananalysis.base.publication import own_files, versions
from plananalysis.base.text import say
from plananalysis.bundles import evidence, packing
from plananalysis.reports.edition import NOTEBOOK


def notebooks() -> dict[str, bytes]:
    """The notebooks that come with the program, by file name."""
    return {p.name: p.read_bytes() for p in sorted(tables.shipped_notebooks().glob(f"*{NOTEBOOK}"))}


def strange_notebooks(files: Mapping[str, bytes]) -> list[str]:
    """Notebooks of a bundle that are not the program's own, or that it lacks."""
    own = notebooks()
    packed = {n.removeprefix(evidence.NOTEBOOKS): d for n, d in files.items() if n.startswith(evidence.NOTEBOOKS)}
    return [name for name in sorted(packed) if own.get(name) != packed[name]]


def compared(files: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """How the program here differs from the one the bundle names: findings where both say to be the same release, else notes."""
    said = json.loads(files[evidence.PARAMETERS])
    same = said.get("version") == __version__
    notes = [] if same else [say("bundles.found.version", was=said.get("version"), now=__version__)]
    told = []
    was, now = packing.read_sums(files.get(evidence.CODE, b"")), own_files()
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            how = "gone" if name not in now else "added" if name not in was else "changed"
            told.append(say("bundles.found.code", file=name, how=say(f"bundles.found.code_{how}")))
    was, now = said.get("libraries") or {}, versions()
    none = say("bundles.found.absent")
    notes += [
        say("bundles.found.library", name=name, was=was.get(name, none), now=now.get(name, none))
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
    if same:
        return told, notes
    # the version stands in one of these files: equal files under another version are a false label
    false = [] if told else [say("bundles.found.release", was=said.get("version"), now=__version__)]
    return false, notes + told
