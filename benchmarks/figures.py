"""What a figure costs: the package's own SVG beside matplotlib and seaborn, on the same indicators, as ratios in one run.

python benchmarks/figures.py
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import seaborn as sns

import plananalysis as pa
from plananalysis.base.text import speaking
from plananalysis.figures.fan import fan_chart
from plananalysis.workbench.show import chart_of


def drawn(indicator: pa.Indicator, kind: str, by_seaborn: bool) -> bytes:
    """The fan of an indicator as matplotlib writes it."""
    figure, axes = plt.subplots(figsize=(4.2, 2.4))
    if by_seaborn:
        paths = indicator.paths().melt(var_name="year", value_name="value")
        sns.lineplot(paths, x="year", y="value", estimator="median", errorbar=("pi", 80), ax=axes)
        sns.lineplot(x=indicator.history.years, y=indicator.history.values, ax=axes)
    else:
        indicator.plot(axes)
    out = io.BytesIO()
    figure.savefig(out, format=kind)
    plt.close(figure)
    return out.getvalue()


def main() -> None:
    area = pa.open_area("example", 2025)
    some = [area[c] for c in area if area[c].target is not None and area[c].chance() == area[c].chance()][:30]
    with speaking("zh"):
        charts = [chart_of(it) for it in some]
    ways: dict[str, Callable[[int], bytes]] = {
        "own SVG": lambda i: fan_chart(charts[i]).encode(),
        "matplotlib, SVG": lambda i: drawn(some[i], "svg", False),
        "matplotlib, PNG": lambda i: drawn(some[i], "png", False),
        "seaborn, SVG": lambda i: drawn(some[i], "svg", True),
    }
    base = 0.0
    for name, way in ways.items():
        way(0)
        begun = time.process_time()
        sizes = [len(way(i)) for i in range(len(some))]
        cost = (time.process_time() - begun) / len(some)
        base = base or cost
        print(f"{name}: {1000 * cost:.1f} ms of CPU, {cost / base:.0f} x, {sum(sizes) / len(sizes) / 1000:.1f} kB")


if __name__ == "__main__":
    main()
