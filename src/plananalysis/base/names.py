"""Names that become folders and files: one rule for codes, and what is left of a name that people chose freely."""

from __future__ import annotations

import re

_CODE = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
_PERIOD = re.compile(r"(?=.*[0-9])[a-z0-9]+([_-][a-z0-9]+)*", re.ASCII)
_LONGEST = 40
DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
_NO_FILE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


def is_code(text: str) -> bool:
    """Whether a text may be the code of an area or a unit: a folder on every system, and the same one on each.

    Small letters only, for ``Demo`` and ``demo`` are one folder on Windows; no space and no mark but a line between letters or
    digits, for a code stands in commands; not what Windows takes for a device.

    >>> is_code("jiangbei"), is_code("sim-0001"), is_code("Demo"), is_code("aux"), is_code("a;b"), is_code("-x")
    (True, True, False, False, False, False)
    """
    return len(text) <= _LONGEST and bool(_CODE.fullmatch(text)) and text not in DEVICES


def is_period(text: str) -> bool:
    """Whether a text may be the id of a plan period that stands beside another, which makes it a part of names of folders.

    The digit keeps it apart from what else stands there, such as ``public`` and ``en``.

    >>> is_period("2021-2025"), is_period("fyp14"), is_period("final"), is_period("../x1")
    (True, True, False, False)
    """
    return len(text) <= _LONGEST and bool(_PERIOD.fullmatch(text))


def file_part(text: str) -> str:
    """A name as a part of a file's name: what would lead into another folder or is no name on Windows becomes a line.

    >>> file_part("区卫健委/疾控局"), file_part("../../x"), file_part("a. ")
    ('区卫健委_疾控局', '.._.._x', 'a')
    """
    return _NO_FILE.sub("_", text)[:80].rstrip(". ") or "_"
