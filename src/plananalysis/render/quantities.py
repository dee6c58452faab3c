"""Every kind of number a reader may compare, and the one way each of them is printed: in a cell, in a sentence, in a spreadsheet.

A renderer asks a quantity for its text, or for its number and the number format a spreadsheet shows it with; the two never differ.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from plananalysis.base.digits import fixed, plain, rounded
from plananalysis.base.text import LANGUAGES, catalogue, language, say, tellable
from plananalysis.plan.units import unit_name, with_unit

DASH, STAR = "—", "*"  # where there is no number, and where this audience is not shown it


@tellable
def number(value: float, unit: str, decimals: int, places: int | None = None) -> str:
    """A value with its unit as an office prints it, without zeros nobody reported.

    Parameters
    ----------
    places
        Decimals with which it was published; its zeros are kept.

    >>> number(93.10, "%", 2), number(8, "1/10万", 2), number(81.65, "岁", 1), number(3.0, "%", 2, 1)
    ('93.1%', '8/10万', '81.7岁', '3.0%')
    """
    return DASH if math.isnan(value) else _measured("unit", unit, value, decimals, places)


@tellable
def difference(value: float, unit: str, decimals: int, places: int | None = None) -> str:
    """The size of a change with its unit: percent changes are 百分点, never %.

    Parameters
    ----------
    places
        Decimals of the values it lies between: so many are shown, and more where it needs them.

    >>> difference(-0.9, "%", 1), difference(2, "件", 0), difference(3, "%", 2, 1)
    ('0.9个百分点', '2件', '3.0个百分点')
    """
    kind = "unit_change" if f"unit_change.{unit}" in catalogue() else "unit"
    return _measured(kind, unit, abs(value), decimals, places)


def change(value: float, unit: str, decimals: int, places: int | None = None) -> str:
    """A change with its sign; ``places`` as in :func:`difference`.

    >>> change(-0.9, "%", 1), change(0.04, "%", 1), change(0.4, "%", 2, 2)
    ('−0.9个百分点', '持平', '+0.40个百分点')
    """
    size = difference(value, unit, decimals, places)
    if not re.match(r"[\d.,]*[1-9]", size):
        return say("documents.unchanged")
    return ("+" if value > 0 else "−") + size


def change_name(unit: str) -> str:
    """What a difference is counted in, by itself.

    >>> change_name("%"), change_name("岁")
    ('个百分点', '岁')
    """
    key = f"unit_change.{unit}"
    return say(key, number="").strip() if key in catalogue() else unit_name(unit)


def percent(probability: float, cuts: Sequence[float] = ()) -> str:
    """A probability in whole per cent, with a decimal where rounding would move it across one of ``cuts``.

    >>> percent(0.234), percent(0.004), percent(0.6581, (0.66,)), percent(1.0)
    ('23%', '<1%', '65.8%', '>99%')
    """
    if probability < 0.01:
        return "<1%"
    if probability > 0.99:
        return ">99%"
    whole = rounded(probability, 2)
    if any((whole / 100 >= cut) != (probability >= cut) for cut in cuts):
        return f"{math.floor(probability * 1000) / 10:.1f}%"  # never rounded up across the cut
    return f"{whole}%"


@tellable
def chance(probability: float | None, cuts: Sequence[float] = ()) -> str:
    """The same within a sentence.

    >>> chance(0.004), chance(0.824), chance(1.0), chance(0.658, (0.66,))
    ('不足1%', '约82%', '99%以上', '约65.8%')
    """
    if probability is None or math.isnan(probability):
        return say("probability.unknown")
    shown = percent(probability, cuts)
    words = {"<": "nearly_none", ">": "nearly_sure"}.get(shown[0], "about")
    return say(f"probability.{words}", percent=shown.rstrip("%"))


def rescaled(unit: str) -> bool:
    """Whether English counts in another size: 12.3万人 are 123,000 persons."""
    return unit == "万人" and language() != LANGUAGES[0]


def _measured(kind: str, unit: str, value: float, decimals: int, places: int | None = None) -> str:
    if rescaled(unit):
        return say(f"{kind}.人", number=f"{rounded(value, decimals) * 10 ** (4 - decimals):,.0f}")
    digits = plain(value, decimals)
    # as many as were published, and more where the number has them
    digits = digits if places is None else fixed(value, max(places, len(digits.partition(".")[2])))
    if language() == LANGUAGES[0]:
        digits = digits.replace(",", "").replace("−", "-")
    key = f"{kind}.{unit}"
    return say(key, number=digits) if key in catalogue() else with_unit(digits, unit)


# ---- the same as cells of a table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quantity:
    """A number in a cell.

    Parameters
    ----------
    number
        None where there is none.
    hidden
        There is one that this audience is not shown.
    """

    number: float | None
    _: KW_ONLY
    hidden: bool = False

    def __str__(self) -> str:
        return STAR if self.hidden else DASH if not self else self.text

    def __bool__(self) -> bool:
        return not self.hidden and self.number is not None and not math.isnan(self.number)

    @property
    def text(self) -> str:
        """The number as it is printed; nothing where there is none."""
        return "" if self.number is None else self._printed(self.number)

    def _printed(self, held: float) -> str:
        raise NotImplementedError

    @property
    def format(self) -> str:
        """How a spreadsheet shows the number: the text itself where no number format gives it."""
        return f'"{self.text}"'


@dataclass(frozen=True)
class Count(Quantity):
    """People, cases, rows: whole numbers, thousands apart."""

    format = "0"

    def _printed(self, held: float) -> str:
        return f"{held:,.0f}" if held == int(held) else f"{held:,}"


@dataclass(frozen=True)
class Year(Quantity):
    format = "0"

    def _printed(self, held: float) -> str:
        return f"{held:.0f}"


@dataclass(frozen=True)
class Value(Quantity):
    """A value of a series in its unit; in a spreadsheet the unit stands in a column of its own.

    Parameters
    ----------
    places
        Decimals with which it was published, where that is known.
    mark
        What is said of it wherever it stands: that it is to be verified.
    """

    unit: str = ""
    decimals: int = 0
    places: int | None = None
    mark: str = ""

    def _printed(self, held: float) -> str:
        return number(held, self.unit, self.decimals, self.places) + self.mark

    @property
    def format(self) -> str:
        return f"{0:.{self.decimals}f}" + (f'"{self.mark}"' if self.mark else "")


def as_typed(text: str) -> Value | str:
    """What a unit wrote as a value: a number with the digits it was written with, or the text itself.

    >>> str(as_typed("1.30")), as_typed("约3")
    ('1.30', '约3')
    """
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return text
    places = len(text.partition(".")[2])
    return Value(float(text), "", places, places)


@dataclass(frozen=True)
class Projected(Value):
    """A projected value: its zeros are part of the precision claimed."""

    def _printed(self, held: float) -> str:
        if rescaled(self.unit):
            return number(held, self.unit, self.decimals)
        return with_unit(fixed(held, self.decimals), self.unit)


@dataclass(frozen=True)
class Size(Value):
    """A distance, without a sign."""

    def _printed(self, held: float) -> str:
        return difference(held, self.unit, self.decimals)


@dataclass(frozen=True)
class Change(Value):
    """A change, with its sign."""

    def _printed(self, held: float) -> str:
        return change(held, self.unit, self.decimals, self.places)


@dataclass(frozen=True)
class Signed(Value):
    """A difference in a table that names its unit elsewhere: zeros at its end are kept."""

    def _printed(self, held: float) -> str:
        digits = fixed(held, self.decimals)
        return f"+{digits}" if held > 0 and re.search("[1-9]", digits) else digits


@dataclass(frozen=True)
class Chance(Quantity):
    """A probability; ``cuts`` are those it must not be rounded across."""

    cuts: Sequence[float] = ()

    def _printed(self, held: float) -> str:
        return percent(held, self.cuts)

    @property
    def words(self) -> str:
        return chance(self.number, self.cuts)

    @property
    def format(self) -> str:
        return "0%" if re.fullmatch(r"\d+%", self.text) else super().format


@dataclass(frozen=True)
class Share(Quantity):
    """A part of a whole as a number from 0 to 1."""

    decimals: int = 1

    @classmethod
    def of(cls, part: float, whole: float, decimals: int = 1) -> Share:
        return cls(part / whole if whole else None, decimals)

    def _printed(self, held: float) -> str:
        return f"{fixed(100 * held, self.decimals)}%"

    @property
    def format(self) -> str:
        return f"{0:.{self.decimals}f}%"


@dataclass(frozen=True)
class Progress(Quantity):
    """A share of a way; below nothing and beyond the end are said in words.

    >>> str(Progress(0.254)), str(Progress(-0.3)), str(Progress(1.7)), str(Progress(None))
    ('25%', '倒退', '已完成', '—')
    """

    format = "0%"

    def _printed(self, held: float) -> str:
        if not 0 <= held < 1:
            return say("documents.backward" if held < 0 else "documents.complete")
        return f"{rounded(held, 2)}%"


@dataclass(frozen=True)
class Score(Quantity):
    """A score without unit, three decimals."""

    format = "0.000"

    def _printed(self, held: float) -> str:
        return fixed(held, 3)
