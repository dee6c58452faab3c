"""What is missing from whom: series without a verdict, by the unit that has to report them."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import say
from plananalysis.editions.opened import Published, Record
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.links import coded
from plananalysis.pages.rows import by_unit, led_by, missing_leaves
from plananalysis.render.blocks import Table, Words, words

KINDS = (
    *("no_observations", "pending", "in_error", "no_baseline"),
    *("no_counts", "too_few", "years_missing", "no_reference"),
)
_Unit = tuple[str, Sequence[Record]]


def missing_table(edition: Published, rows: Sequence[Record]) -> Table:
    """One line per unit that leads a row without a verdict, the longest first; for the public one per kind of gap."""
    public, lacking = edition.audience == "public", missing_leaves(edition, rows)
    kinds = [(say(f"pages.gap.{kind}"), held) for kind, held in missing_by_kind(lacking)]
    groups = kinds if public else by_unit(lacking)
    total = (say("pages.total"), lacking)
    columns = [
        column("cause" if public else "unit", lambda g: words(g[0], role="b")),
        count_column("missing", lambda g: len(g[1])),
        column("what", lambda g: "" if g is total else _names(g[1]) if public else _what(g[1])),
    ]
    return edition.table(
        say("pages.gaps_public_caption" if public else "pages.gaps_caption"),
        columns,
        groups,
        "gaps stack",
        foot=[total] if len(groups) > 1 else (),
        empty=say("pages.no_gaps"),
    )


def missing_by_kind(leaves: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    """Series by what keeps them from a verdict, as far as it occurs."""
    found = [(kind, [leaf for leaf in leaves if why_missing(leaf) == kind]) for kind in KINDS]
    return [(kind, held) for kind, held in found if held]


def _names(leaves: Sequence[Record]) -> Words:
    return words(*(coded(leaf.text("series"), leaf.text("name")) for leaf in leaves), role="list")


def _what(leaves: Sequence[Record]) -> Words:
    lines = []
    for kind, held in missing_by_kind(leaves):
        lead = say("pages.gap_line", kind=say(f"pages.gap.{kind}"), count=len(held))
        lines.append(words(words(lead, role="b"), _names(held), role="line"))
    return words(*lines)


def why_missing(leaf: Record) -> str:
    """What keeps a series from a verdict."""
    code = leaf.text("why_no_probability")
    if code.startswith("reference_") or code == "no_common_year":
        return "no_reference"
    return code if code in KINDS else "too_few"


def missing_sentence(edition: Published, leaves: Sequence[Record], led: bool = True) -> str | None:
    """How many series have no stated outlook, why, and, where ``led`` and not for the public, which units have the most of them."""
    if not leaves:
        return None
    silent = sum(leaf.text("why_no_probability") == "no_observations" for leaf in leaves)
    if not led or edition.audience == "public":
        return say("pages.gaps_public", count=len(leaves), silent=silent)
    return say("pages.gaps_sentence", count=len(leaves), silent=silent, led=led_by(leaves))
