"""What Excel and WPS make of a cell when a table is opened and saved, undone.

A CSV file holds text, but a spreadsheet reads ``2022-12-29``, ``2/3`` and ``2:3`` as dates and a time of day and saves them its
own way, as Chinese Excel and WPS do: ``2022/12/29``, ``2月3日``, ``2:03``. Nothing else is touched: what is no date or ratio
stays as it is, for the rules of its table to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

Undo = Mapping[str, Callable[[str], str]]  # column of a table -> what undoes there what a spreadsheet did


def as_date(text: str) -> str:
    """A date, year first, as ``2022-12-29``; whether there is such a day is for the reader to check.

    >>> as_date("2022/12/29"), as_date("2022年1月9日"), as_date("2022.1.9"), as_date("29/12/2022")
    ('2022-12-29', '2022-01-09', '2022-01-09', '29/12/2022')
    """
    part = re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日", text, re.ASCII)
    if not part:
        return text
    year, month, day = (part[1], part[3], part[4]) if part[1] else (part[5], part[6], part[7])
    return f"{year}-{int(month):02}-{int(day):02}"


def iso_date(text: str) -> bool:
    """Whether a text is a real date written 2022-12-29."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def as_ratio(text: str) -> str:
    """A fraction or a proportion as it was typed.

    >>> as_ratio("2月3日"), as_ratio("2:03"), as_ratio("30:07:00"), as_ratio("02:03:00"), as_ratio("2:30"), as_ratio("2:3")
    ('2/3', '2:3', '30:7', '2:3', '2:30', '2:3')
    """
    if part := re.fullmatch(r"(\d{1,2})月(\d{1,2})日", text, re.ASCII):
        return f"{part[1]}/{part[2]}"
    part = re.fullmatch(r"(\d+):(\d{2})(?::00)?", text, re.ASCII)
    return f"{int(part[1])}:{int(part[2])}" if part else text


def as_range(text: str) -> str:
    """A range of small whole numbers as it was typed.

    >>> as_range("5月8日"), as_range("5—8")
    ('5-8', '5—8')
    """
    part = re.fullmatch(r"(\d{1,2})月(\d{1,2})日", text, re.ASCII)
    return f"{part[1]}-{part[2]}" if part else text
