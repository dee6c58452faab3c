"""Figures of the reports as inline SVG strings."""

from plananalysis.figures.chart import Chart, Fan, Goal, Line, Measure, Point, format_value, plain_value
from plananalysis.figures.fan import fan_chart, gap_chart, mini_fan, scales
from plananalysis.figures.groups import group_chart
from plananalysis.figures.marks import (
    ASSESSABLE,
    OUTLOOKS,
    fan_legend,
    key,
    mark,
    measure_sign,
    outlook_bar,
    outlook_boxes,
    reliability,
)

__all__ = [
    "ASSESSABLE",
    "OUTLOOKS",
    "Chart",
    "Fan",
    "Goal",
    "Line",
    "Measure",
    "Point",
    "fan_chart",
    "fan_legend",
    "format_value",
    "gap_chart",
    "group_chart",
    "key",
    "mark",
    "measure_sign",
    "mini_fan",
    "outlook_bar",
    "outlook_boxes",
    "plain_value",
    "reliability",
    "scales",
]
