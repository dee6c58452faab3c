"""Pictures with matplotlib and seaborn, drawn on axes that are given or made, in the indicator's language.

Every picture says where invented numbers are invented, and shows years as whole numbers. Chinese is drawn with the package's own font.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from plananalysis.assessments.verdicts import OUTLOOKS
from plananalysis.base.errors import UsageError
from plananalysis.base.fonts import use_in_matplotlib
from plananalysis.base.text import LANGUAGES, say, speaking
from plananalysis.figures import svg
from plananalysis.plan.groups import group_name
from plananalysis.workbench import answers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# of the outlooks, worst first
_TONES = dict(
    zip(
        OUTLOOKS,
        ("#9c1f1f", "#c9631a", "#b8a13a", "#9a9a9a", "#c3c3c3", "#86a8c9", "#4d7ba8", "#2f4d6e"),
        strict=True,
    )
)
_LINES = ("#2f4d6e", "#c9631a", "#3b7d4f", "#7a4b91", "#8a6d1f", "#5f5f5f")


def fan(
    indicator: Any,
    ax: Axes | None = None,
    bands: Sequence[int] = (50, 80),
    target: bool = True,
    methods: Sequence[Any] = (),
    to: int | None = None,
    n: int = 1000,
) -> Axes:
    """History, projection and target of one indicator.

    Parameters
    ----------
    bands
        Central ranges to shade, in per cent, for the first method.
    target
        Whether to draw the target.
    methods
        Methods to draw, see ``Indicator.paths``; ours by default. The first has its ranges shaded, the others have the median and
        the ends of the widest range as lines.
    """
    ax = _axes(ax)
    h = indicator.history
    with speaking(indicator.language):
        if h.earlier:
            years, values = zip(*((y, v) for y, v, _ in h.earlier), strict=True)
            ax.plot(years, values, "o", color=svg.RULE, mfc="white", ms=4, label=say("workbench.picture.earlier"))
        known = ~np.isin(h.years, indicator.assumed)
        ax.plot(h.years, h.values, "-", color=svg.INK, lw=1.4)
        ax.plot(h.years[known], h.values[known], "o", color=svg.INK, ms=4, label=say("workbench.picture.observed"))
        if indicator.assumed:
            label = say("workbench.picture.assumed")
            ax.plot(h.years[~known], h.values[~known], "D", color=svg.GOAL, ms=5, mfc="white", label=label)
        for number, method in enumerate(methods or ("ours",)):
            _projected(ax, indicator, method, number, bands, to, n, named=bool(methods))
        if target and indicator.target is not None:
            _target(ax, indicator)
        ax.set(ylabel=indicator.unit)
        _head(ax, _title(indicator))
        _finish(ax, indicator.fictional, source=indicator.source)
    return ax


def _projected(
    ax: Axes, indicator: Any, method: Any, number: int, bands: Sequence[int], to: Any, n: int, named: bool
) -> None:
    try:
        paths = indicator.paths(to, n, method)
    except UsageError as error:
        if not number:
            _instead(ax, error)
        return
    h, colour = indicator.history, _LINES[number % len(_LINES)]
    years = [int(h.years[-1]), *paths.columns]
    name = answers.name_of(method)

    def line(level: float) -> np.ndarray:
        return np.concatenate([h.values[-1:], np.quantile(paths.to_numpy(), level, axis=0)])

    widest = max(bands, default=80)
    for band in sorted(bands, reverse=True) if number == 0 else ():
        label, shade = say("workbench.picture.band", band=band), 0.15 + 0.2 * (band != widest)
        low, high = line(0.5 - band / 200), line(0.5 + band / 200)
        ax.fill_between(years, low, high, color=colour, alpha=shade, lw=0, label=label)
    label = say("workbench.picture.median") + (f" ({name})" if named else "")
    ax.plot(years, line(0.5), "--", color=colour, lw=1.6, label=label)
    if number:
        for level in (0.5 - widest / 200, 0.5 + widest / 200):
            ax.plot(years, line(level), ":", color=colour, lw=1)


def _target(ax: Axes, indicator: Any) -> None:
    if not answers.of_one_value(indicator.event):
        return
    span = [indicator.target.base_year, indicator.target.year]
    label = say("workbench.picture.target", target=indicator.target.short(indicator.event))
    edges = answers.ends_of(indicator.event)
    if len(edges) == 2:
        ax.fill_between(span, edges[0], edges[1], color=svg.GOAL, alpha=0.12, lw=0, label=label)
    elif edges:
        ax.plot(span, edges * 2, color=svg.GOAL, lw=1.4, label=label)


def _title(indicator: Any) -> str:
    if indicator.target is None:
        return indicator.name
    chance = indicator.chance()
    words = indicator.why_no_chance() if np.isnan(chance) else say("workbench.chance", p=f"{chance:.2f}")
    if not np.isnan(chance):
        words += say("joint.aside", text=indicator.outlook())
    return f"{indicator.name}\n{say('workbench.picture.target', target=indicator.target.short(indicator.event))}{say('joint.clause')}{words}"


def chance_curve(
    indicator: Any,
    ax: Axes | None = None,
    values: Sequence[float] | None = None,
    op: str | None = None,
    methods: Sequence[Any] = ("ours",),
    by: int | None = None,
) -> Axes:
    """The probability of meeting a target, for every value the target might have.

    Parameters
    ----------
    values
        Target values; by default from the 1 % to the 99 % quantile of the projection.
    op
        ``>=`` or ``<=``; by default the indicator's better side.
    """
    ax = _axes(ax)
    op = op or ("<=" if indicator.history.direction < 0 else ">=")
    with speaking(indicator.language):
        year = answers.last_year(indicator, by)
        _head(ax, say("workbench.picture.curve", name=indicator.name, year=year))
        if values is None:
            try:
                ends = indicator.quantiles((0.01, 0.99), year).iloc[-1]
            except UsageError as error:
                _instead(ax, error)
                return ax
            values = np.linspace(ends.iloc[0], ends.iloc[1], 101).tolist()
        for number, method in enumerate(methods):
            found = indicator.chance(op, values, by=year, method=method)
            colour, label = _LINES[number % len(_LINES)], answers.name_of(method)
            ax.plot(found.index, found.to_numpy(), color=colour, lw=1.8, label=label)
        for cut in (indicator.thresholds.likely, indicator.thresholds.hard):
            ax.axhline(cut, color=svg.GRID, lw=1, zorder=0)
        for edge in answers.ends_of(indicator.event):
            ax.axvline(edge, color=svg.GOAL, ls=":", lw=1.4)
        sign = {">=": "≥", "<=": "≤"}.get(op, op)
        ax.set(
            xlabel=say("workbench.picture.value", sign=sign, unit=indicator.unit),
            ylabel=say("workbench.picture.probability"),
            ylim=(-0.02, 1.02),
        )
        _finish(ax, indicator.fictional, years=False, legend=len(methods) > 1)
    return ax


def ranking(area: Any, ax: Axes | None = None, domain: str | None = None, top: int | None = None) -> Axes:
    """Every target by its probability, worst first, coloured by its outlook.

    Parameters
    ----------
    domain
        Only the targets of one domain.
    top
        Only so many, from the worst on.
    """
    table = area.chances()
    table = table[table["probability"].notna() & ((table["domain"] == domain) if domain else True)]
    table = table.sort_values("probability", kind="stable").head(top or len(table))
    ax = _axes(ax, (8, 1 + 0.24 * len(table)))
    with speaking(area.language):
        labels = [f"{code} {_short(name)}" for code, name in table["name"].items()]
        for code in (c for c in OUTLOOKS if c in set(table["outlook"])):
            rows = np.flatnonzero(table["outlook"] == code)
            ax.barh(rows, table["probability"].iloc[rows], color=_TONES[code], label=say(f"outlook.{code}"), height=0.7)
        ax.set_yticks(range(len(table)), labels, fontsize=8)
        ax.invert_yaxis()
        _head(ax, say("workbench.picture.ranking", name=area.plan.name, year=area.plan.outline.target_year))
        ax.set(xlabel=say("workbench.picture.probability"), xlim=(0, 1))
        _finish(ax, area.plan.fictional, years=False)
    return ax


def pace(area: Any, ax: Axes | None = None, named: int = 8) -> Axes:
    """Required against own pace of every target that is not met, both in usual yearly steps of the series.

    Parameters
    ----------
    named
        So many of the targets farthest above the diagonal are named.
    """
    ax = _axes(ax, (6.5, 6))
    table = area.chances().dropna(subset=["required_steps", "own_steps"])
    with speaking(area.language):
        for code in (c for c in OUTLOOKS if c in set(table["outlook"])):
            some = table[table["outlook"] == code]
            label = say(f"outlook.{code}")
            ax.scatter(some["own_steps"], some["required_steps"], color=_TONES[code], s=28, label=label)
        far = float(np.abs(table[["own_steps", "required_steps"]].to_numpy()).max(initial=1.0)) * 1.3
        ax.plot(line := np.linspace(-far, far, 401), line, color=svg.RULE, lw=1, zorder=0)
        ax.set_xscale("symlog", linthresh=1)  # most are within a step or two, a few need ten
        ax.set_yscale("symlog", linthresh=1)
        ax.set_xlim(min(table["own_steps"].min() * 1.3, -1), far)
        ax.set_ylim(min(table["required_steps"].min(), -0.1), far)
        beyond = (table["required_steps"] - table["own_steps"]).nlargest(named).index
        for code in beyond:
            place = table.loc[code, ["own_steps", "required_steps"]]
            ax.annotate(code, place, (4, 3), textcoords="offset points", fontsize=8)
        _head(ax, say("workbench.picture.pace", name=area.plan.name))
        ax.set(xlabel=say("workbench.picture.own"), ylabel=say("workbench.picture.required"))
        _finish(ax, area.plan.fictional, years=False)
    return ax


def groups(area: Any, code: str, dimension: str | None = None, ax: Axes | None = None) -> Axes:
    """The values of every group of one series in one dimension (``sex``, ``residence``, ``age``; by default its first), and the total."""
    ax = _axes(ax)
    table = area.tidy(groups=True).query("series == @code and comparable")
    known = list(dict.fromkeys(g.partition(":")[0] for g in table["group"] if g != "total"))
    dimension = dimension or next(iter(known), "")
    held = sorted(g for g in table["group"].unique() if g.startswith(f"{dimension}:"))
    plan = str(area.plan.series.loc[code, "plan"]) if code in area.plan.series.index else ""
    with speaking(area.language):
        if not held:
            told = ", ".join(known) or "–"
            raise UsageError(say("workbench.errors.dimension", dimension=dimension, code=code, known=told))
        for number, group in enumerate([*held, "total"]):
            rows = table[table["group"] == group].sort_values("year")
            colour = svg.GREY if group == "total" else _LINES[number % len(_LINES)]
            ax.plot(rows["year"], rows["value"], "-o", color=colour, ms=4, lw=1.4, label=group_name(group, plan))
        about = area.indicators.loc[code]
        _head(ax, about["name"])
        ax.set(ylabel=about["unit"])
        _finish(ax, area.plan.fictional, source=area.source)
    return ax


def counts(met: pd.Series, ax: Axes | None = None, language: str | None = None) -> Axes:
    """How many targets will be met together, as ``Area.met`` draws it."""
    import seaborn as sns

    ax = _axes(ax)
    with speaking(language or met.attrs.get("language") or LANGUAGES[0]):
        sns.histplot(met, discrete=True, stat="probability", color=_LINES[0], alpha=0.75, ax=ax)
        low, median, high = met.quantile([0.1, 0.5, 0.9])
        for value, style in ((low, ":"), (median, "--"), (high, ":")):
            ax.axvline(value, color=svg.GOAL, ls=style, lw=1.3)
        said = say("workbench.picture.counted", median=f"{median:.0f}", low=f"{low:.0f}", high=f"{high:.0f}")
        _head(ax, said)
        ax.set(xlabel=say("workbench.picture.met"), ylabel=say("workbench.picture.probability"))
        _finish(ax, bool(met.attrs.get("fictional")), years=False, legend=False)
    return ax


def _axes(ax: Axes | None, size: tuple[float, float] = (8, 4.4)) -> Axes:
    """The axes given, or new ones; and the package's font, which a theme set in between would have put away."""
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        raise UsageError(say("workbench.errors.matplotlib")) from None
    use_in_matplotlib()
    if ax is not None:
        return ax
    return plt.subplots(figsize=size, layout="constrained")[1]


def _instead(ax: Axes, error: Exception) -> None:
    """Why something cannot be drawn, where it would be."""
    words = str(error)
    ax.annotate(words, (0.5, 0.05), xycoords="axes fraction", ha="center", fontsize=9, color=svg.GREY, wrap=True)


def _head(ax: Axes, words: str) -> None:
    ax.set_title(words, loc="left", fontsize=11)


def _finish(ax: Axes, fictional: bool, years: bool = True, legend: bool = True, source: str = "") -> None:
    from matplotlib.ticker import MaxNLocator

    if years:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.spines[["top", "right"]].set_visible(False)
    if source:
        ax.set_xlabel(source, loc="right", fontsize=7, color=svg.GREY)
    if legend:
        ax.legend(frameon=False, fontsize=8, loc="best")
    if fictional:
        words, beside = say("workbench.fictional"), ax.transAxes  # where nothing else is drawn
        ax.text(1.01, 0.5, words, color=svg.GOAL, fontsize=8, transform=beside, rotation=270, va="center", ha="left")


def _short(name: str, most: int = 34) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
