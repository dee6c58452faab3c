"""Figures of the reports as inline SVG strings."""

from plananalysis.figures.chart import Chart, Fan, Goal, Point, format_value, plain_value
from plananalysis.figures.fan import fan_chart, mini_fan, scales
from plananalysis.figures.marks import ASSESSABLE, OUTLOOKS, fan_legend, key, mark, outlook_bar, reliability

__all__ = [
    "ASSESSABLE",
    "OUTLOOKS",
    "Chart",
    "Fan",
    "Goal",
    "Point",
    "fan_chart",
    "fan_legend",
    "format_value",
    "key",
    "mark",
    "mini_fan",
    "outlook_bar",
    "plain_value",
    "reliability",
    "scales",
]
