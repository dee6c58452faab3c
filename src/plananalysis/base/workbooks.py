"""Workbooks that an office fills in: forms, a plan, confirmations. Equal input gives equal bytes, whenever and wherever they are made."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

_CREATED = datetime(2000, 1, 1)  # any fixed day: the bytes must not depend on the clock
_AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_MESSAGE, _LABEL = 255, 32  # what Excel allows in a hint and its title


def drawn(
    title: str, plain: Mapping[str, Any], styles: Mapping[str, Mapping[str, Any]], draw: Callable[[Any, Any], None]
) -> bytes:
    """The workbook that ``draw`` makes of an empty one and of its styles, each of which goes out from ``plain``."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, **_AS_TYPED})
    book.set_properties({"created": _CREATED, "title": title, "author": ""})
    draw(book, {name: book.add_format({**plain, **style}) for name, style in styles.items()})
    book.close()
    return stream.getvalue()


def hint(title: str, message: str) -> dict[str, str]:
    """What a spreadsheet shows beside a cell that is about to be filled in, as far as there is room."""
    return {"input_title": title[:_LABEL], "input_message": message[:_MESSAGE]}


def on_paper(sheet: Any, paper: int = 9) -> None:
    """Lay a sheet across the paper, A4 where none is named, as many pages long as it needs."""
    sheet.set_paper(paper)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
