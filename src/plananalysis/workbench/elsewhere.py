"""Real histories of other places that come with the project, as indicators: to compare with, and to score methods on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.text import say, speaking
from plananalysis.observations import History
from plananalysis.plan.thresholds import national
from plananalysis.projections.reference import bounds, decimals, load_corpus
from plananalysis.workbench.asking import language_of
from plananalysis.workbench.indicator import Indicator

USES = ("check", "learn")


def reference(
    use: str = "check", *, root: str | Path | None = None, language: str | None = None
) -> dict[str, Indicator]:
    """Openly licensed histories of ``data/raw/reference``, by code; each names its source.

    Parameters
    ----------
    use
        ``check``: the 195 the engine has never learned from, for scoring; ``learn``: those it learned from, where its own score is
        too good.
    """
    language = language_of(language)
    with speaking(language):
        if use not in USES:
            raise UsageError(say("workbench.errors.use", use=use, known=", ".join(USES)))
    folder = tables.find_root() if root is None else Path(root)
    corpus = load_corpus(folder)
    names = tables.read_table(folder / "data" / "raw" / "reference" / "sources.csv").set_index("source")["name"]
    corpus = corpus.keep((corpus.series["use"] == use).to_numpy())
    digits, found = decimals(corpus.values), {}
    for row, (code, about) in enumerate(corpus.series.iterrows()):
        held = np.flatnonzero(np.isfinite(corpus.values[row]))
        values = corpus.values[row, held]
        unit = {"percent": "%", "years": "年"}.get(about["unit_type"], "")
        low, high = bounds(about["unit_type"], values.min())
        none = np.full(len(held), np.nan)
        years = held + corpus.first_year
        history = History(
            str(code),
            unit,
            years,
            values,
            low,
            high,
            int(digits[row]),
            int(about["direction"]),
            "annual",
            none,
            none,
        )
        name = f"{about['indicator']} ({about['entity']})"
        found[str(code)] = Indicator(
            history,
            name,
            national(),
            language=language,
            source=str(names.get(about["source"], about["source"])),
            world="known",
        )
    return found
