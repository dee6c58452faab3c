"""Opens a built edition: its folder is found and refused or read, in a language and for an audience."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from plananalysis.base.errors import UsageError
from plananalysis.base.tables import areas, find_root, read_json
from plananalysis.base.text import LANGUAGES, read_names, say, speaking
from plananalysis.base.text import language as spoken
from plananalysis.editions.called import domains_of
from plananalysis.editions.frames import frames_of
from plananalysis.editions.opened import Domain, Published
from plananalysis.editions.variant import AUDIENCES, Variant, allow_mode, edition_name
from plananalysis.schema import format_version

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", bound=Published)


def opened(
    area: str,
    as_of: int,
    root: Path | None = None,
    language: str | None = None,
    audience: str = "internal",
    mode: str = "annual",
    outline: str = "",
    *,
    kind: type[T],
) -> T:
    """Open one built edition for reading; :func:`plananalysis.pages.open_edition` says what is given.

    Parameters
    ----------
    kind
        What is opened: the tables with their look-ups, or these with more to ask of them.

    Raises
    ------
    UsageError
        There is no such area, edition, language, audience or mode; the message lists the ones there are. Or a mode its year does not
        allow; or its tables are of another format: then it says how to derive them again.
    """
    root = root or find_root()
    known = areas(root)
    if area not in known:
        raise UsageError(say("pages.unknown_area", area=area, known=say("joint.list").join(known)))
    with speaking(language or spoken()):
        language = Variant(mode, audience, spoken()).language
    home = root / "data" / "processed" / area
    folder = home / edition_name(int(as_of), outline)
    if not (folder / "edition.json").is_file():
        built = say("joint.list").join(sorted(p.parent.name for p in home.glob("*/edition.json")))
        raise UsageError(say("pages.unknown_edition", area=area, as_of=as_of, known=built or say("pages.none_built")))
    info = read_json(folder / "edition.json")
    if (found := info.get("format", 1)) != format_version():
        raise UsageError(say("pages.other_format", area=area, as_of=as_of, found=found, known=format_version()))
    allow_mode(mode, int(as_of), int(info["target_year"]))
    frames: Mapping[str, pd.DataFrame] = frames_of(folder)
    if audience != AUDIENCES[0]:  # to the office nothing is withheld, and none of its pages loads what withholds
        from plananalysis.editions.known import as_seen

        frames = as_seen(frames, root, area, int(as_of), audience, outline)
    rows = domains_of(root, area, info)
    name = "name" if language == LANGUAGES[0] else "name_en"
    domains = tuple(Domain(r["domain"], r["plan"], r[name] or r["name"]) for r in rows)
    names = {} if language == LANGUAGES[0] else read_names(root)
    return kind(area, int(as_of), info, domains, frames, language, audience, mode, folder, names=names)
