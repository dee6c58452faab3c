"""行政区划调整: what became what, and what that did to histories, for an area's pages and a city's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plananalysis.base.text import LANGUAGES, language, listed, say, sentences, translated
from plananalysis.render.blocks import Paragraph

SHOWN = 12  # changes told one by one, the newest of them


def changes_told(info: Mapping[str, Any], since: int = 0, note: str = "") -> list[Paragraph]:
    """A sentence for each change from a year on, and what its words mean; nothing where no area changed.

    Parameters
    ----------
    info
        Content of ``edition.json``, ``city.json`` or ``panel.json``.
    note
        What else is to be known of them.
    """
    held = [one for one in info.get("area_changes", []) if one["year"] >= since]
    if not held:
        return []
    more = say("area_changes.told.more", count=len(held), shown=SHOWN) if len(held) > SHOWN else ""
    told = [Paragraph(_sentence(one), "lead") for one in held[-SHOWN:]]
    return [Paragraph(more, "lead"), *told, Paragraph(sentences(say("area_changes.told.note"), note), "small")]


def _sentence(one: Mapping[str, Any]) -> str:
    before, after = (listed(_names(one[side])) for side in ("before", "after"))
    what = say(f"area_changes.told.{one['kind']}", before=before, after=after)
    return say("area_changes.told.lead", date=one["date"], what=what, how=_how(one))


def _names(names: Sequence[Sequence[str]]) -> list[str]:
    return [(language() != LANGUAGES[0] and english) or str(translated(name)) for name, english in names]


def _how(one: Mapping[str, Any]) -> str:
    joined, broken, year = one["joined"], one["broken"], one["year"]
    key = "joined_all" if one["whole"] else "" if joined or broken else f"all_{one['declared']}"
    key = key or ("broken_some" if not joined else "joined_rest" if broken else "joined")
    return say(f"area_changes.told.{key}", joined=joined, broken=broken, year=year)
