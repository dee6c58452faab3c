"""The cuts a verdict depends on, and how figures and words are to be read."""

from __future__ import annotations

from plananalysis.base.text import catalogue, language, say
from plananalysis.editions.opened import Published
from plananalysis.figures.marks import OUTLOOKS, fan_legend
from plananalysis.pages.columns import column
from plananalysis.pages.many import Overview
from plananalysis.pages.outlooks import outlook_word
from plananalysis.pages.rows import over
from plananalysis.render.blocks import Drawing, Facts, Figure, Group, Paragraph
from plananalysis.render.cuts import threshold
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import DASH

ORDER = (
    *("likely", "hard", "very_hard", "clear_by", "alert_binding", "alert_anticipatory"),
    *("volatile_level", "volatile_steps", "outlier_level"),
    *("about_tolerance", "about_tolerances_shown", "relative_tolerance", "marked_decrease"),
    *("control_level", "control_years", "pool_years"),
    *("min_points", "grade_a_points", "grade_b_points", "grade_fresh_years", "small_events", "schedule_margin"),
)


def thresholds(edition: Published | Overview) -> Blocks:
    """Every cut, who signed it off, and where it was set."""
    found = edition.thresholds
    sources, decided = found.get("sources") or {}, edition.info.get("decided") or {}
    names = [n for n in (*ORDER, *sorted(set(found) - {*ORDER, "sources", "signed_off"})) if n in found]
    texts = catalogue(language())  # a threshold newer than its text is still shown, by its name
    columns = [
        column("threshold", lambda n: texts.get(f"pages.threshold.{n}", n)),
        column("cut", lambda n: threshold(n, found[n])),
        column("source", lambda n: say(f"pages.source_{sources.get(n, 'default')}", who=decided.get(n, "")), ""),
    ]
    made = edition.table(say("pages.thresholds_caption"), columns, names, "thresholds")
    who = str(found.get("signed_off") or "")
    return blocks(Paragraph(say("pages.signed_off", who=who) if who else say("pages.not_signed_off")), made)


def how_to_read(edition: Published) -> Blocks:
    """Legend of the figures and meaning of the words, for a page that shows fan charts."""
    cuts = {n: threshold(n, edition.thresholds.get(n, 0)) for n in ("likely", "hard", "very_hard")}
    figure = Figure(Drawing(fan_legend()), say("pages.legend_caption"))
    if over(edition) and edition.mode != "final":  # which tells what was expected in the years before
        return blocks(Group([figure], "legend"))
    meanings = [(outlook_word(o), say(f"pages.meaning.{o}", **cuts)) for o in OUTLOOKS]
    names = ("grade_a_points", "grade_b_points", "grade_fresh_years", "small_events", "pool_years", "min_points")
    grades = {n: edition.thresholds.get(n, DASH) for n in names}
    probability = Paragraph(say("pages.meaning_probability"), "small")
    grade = Paragraph(say("pages.meaning_grade", **grades), "small")
    return blocks(Group([figure, Facts(meanings, "facts meanings"), probability, grade], "legend"))
