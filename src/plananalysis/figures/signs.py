"""Signs on figures that must differ without colour: one for each place, one for each state of a measure."""

from __future__ import annotations

from plananalysis.figures import svg

SIGNS_OF_PLACES = ("lozenge", "cross", "up", "down")  # no figure compares with more than four places


def place_sign(sign: str, x: float, y: float, title: str, size: float = 2.6) -> str:
    """The sign of a place on its line."""
    r = size
    d = {
        "lozenge": f"M{svg.n(x)} {svg.n(y - r)}l{svg.n(r)} {svg.n(r)}l-{svg.n(r)} {svg.n(r)}l-{svg.n(r)} -{svg.n(r)}Z",
        "cross": f"M{svg.n(x - r)} {svg.n(y - r)}l{svg.n(2 * r)} {svg.n(2 * r)}m0 -{svg.n(2 * r)}l-{svg.n(2 * r)} {svg.n(2 * r)}",
        "up": f"M{svg.n(x)} {svg.n(y - r)}l{svg.n(r)} {svg.n(2 * r)}h-{svg.n(2 * r)}Z",
        "down": f"M{svg.n(x)} {svg.n(y + r)}l{svg.n(r)} -{svg.n(2 * r)}h-{svg.n(2 * r)}Z",
    }[sign]
    return f'<path d="{d}" fill="{svg.PAPER}" stroke="{svg.GREY}" stroke-width="1">{svg.title(title)}</path>'


def measure_sign(number: int, status: str, x: float, y: float, title: str = "") -> str:
    """A number in a circle: broken outline when planned, full outline under way, filled when done; in a square when stopped."""
    fill = svg.INK if status == "done" else svg.PAPER
    dash = ' stroke-dasharray="2 1.5"' if status == "planned" else ""
    style = f'fill="{fill}" stroke="{svg.GREY if status == "stopped" else svg.INK}" stroke-width="1"{dash}'
    shape = f'<circle cx="{svg.n(x)}" cy="{svg.n(y)}" r="5.8" {style}/>'
    if status == "stopped":
        shape = f'<rect x="{svg.n(x - 5.5)}" y="{svg.n(y - 5.5)}" width="11" height="11" {style}/>'
    size, colour = 8.5 if number < 10 else 7.5, svg.PAPER if status == "done" else svg.INK
    words = svg.title(title)
    return f"<g>{words}{shape}{svg.text(x, y + 0.36 * size, str(number), size=size, anchor='middle', fill=colour)}</g>"
