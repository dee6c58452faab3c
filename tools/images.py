"""Take the pictures of the README from the reports of this checkout: ``make report``, then ``.venv/bin/python tools/images.py``.

Needs Chromium and pdftoppm, like the tests of pages.
"""

from __future__ import annotations

import base64
import io
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import DESK, PHONE, Browser, Page, recording_proxy  # noqa: E402
from running_desk import Running  # noqa: E402

from plananalysis import round as rounds  # noqa: E402
from plananalysis.round.forms import Form, form_bytes, form_name  # noqa: E402

CHINA, EXAMPLE = (ROOT / "reports" / edition for edition in ("china/2024", "example/2025"))
DESK = DESK | {"deviceScaleFactor": 1.25}
GROUND, GAP = (229, 229, 229), 24
TOP_OF = "(s => {{ const e = document.querySelector(s); return e.getBoundingClientRect().top + scrollY; }})({!r})"


def shot(page: Page, shape: dict, file: Path | str, height: int, start: str = "") -> Image.Image:
    """A page as wide as ``shape``, ``height`` CSS pixels of it, from the top or from the element ``start`` on."""
    page.reshape(**shape)
    page.open(file if isinstance(file, str) else file.as_uri())
    top = max(0, page(TOP_OF.format(start)) - 8) if start else 0
    area = {"x": 0, "y": top, "width": shape["width"], "height": height, "scale": 1}
    taken = page.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=area)
    return Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")


def sheet(page: Page, file: Path, number: int, folder: Path) -> Image.Image:
    """One printed sheet of a page."""
    page.reshape(**DESK)
    page.open(file.as_uri())
    printed = folder / "sheet.pdf"
    made = page.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    printed.write_bytes(base64.b64decode(made["data"]))
    which = [f"-{flag}" if flag.isalpha() else flag for flag in ("f", str(number), "l", str(number), "r", "80")]
    subprocess.run(["pdftoppm", *which, "-png", "-singlefile", printed, folder / "sheet"], check=True)
    return Image.open(folder / "sheet.png").convert("RGB")


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures in a row on grey ground."""
    width = sum(p.width for p in pictures) + GAP * (len(pictures) - 1)
    whole = Image.new("RGB", (width, max(p.height for p in pictures)), GROUND)
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width + GAP
    return whole


def round_at_work(root: Path) -> None:
    """A project with the fictional area's round for 2025 as it may stand: most units have sent, one with slips, some were accepted."""
    shutil.copytree(ROOT / "data" / "raw" / "example", root / "data" / "raw" / "example")
    for name in ("thresholds.toml", "groups.csv", "plans.csv"):
        if (ROOT / "data" / "raw" / name).is_file():
            shutil.copy(ROOT / "data" / "raw" / name, root / "data" / "raw" / name)
    checker = rounds.Checker.load(root, "example")
    filled = {
        (row.series, row.group, row.year): {
            "value": row.value_text, "definition": row.definition,
            **{n: int(v) for n in ("numerator", "denominator") if not math.isnan(v := getattr(row, n))},
        }
        for row in checker.known.view.itertuples() if row.year == 2025
    }  # fmt: skip
    for file in (root / "data" / "raw" / "example" / "observations").glob("*_2025.csv"):
        file.unlink()
    before = rounds.Checker.load(root, "example")
    spoilt = {("W01", "total", 2025): {"value": 0.3413}, ("W04", "total", 2025): {"value": 49.46}}
    sent = []
    for unit in [u for u in before.book.by_unit if u not in ("court", "justice")]:
        cells = filled | (spoilt if unit == "health" else {})
        data = form_bytes(Form(before.book, unit, 2025, known=before.known_texts(), filled=cells))
        sent.append(rounds.Arrived(form_name(before.book, unit, 2025), data))
    rounds.receive(root, "example", sent, "2026-04-20", "监测组")
    rounds.accept_clean(root, "example", 2025, "监测组", "2026-04-24")


def at_the_desk(folder: Path) -> dict[str, Image.Image]:
    """The desk in a browser: the round, and a unit's questions."""
    round_at_work(folder / "round")
    desk, browser = Running(folder / "round"), Browser(folder / "direct", None)
    try:
        page = browser.page(**DESK)
        page.open(desk.address)
        home = f"{desk.origin}/example/2025"
        return {
            "desk": shot(page, DESK, home, 1080),
            "desk_unit": shot(page, DESK, f"{home}/unit/health", 1080),
        }
    finally:
        browser.close()
        desk.close()


def main() -> None:
    with recording_proxy() as (port, _), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        browser = Browser(folder / "profile", port)
        try:
            page = browser.page(**DESK)
            pictures = {
                "brief": shot(page, DESK, CHINA / "index.html", 1500),
                "domain": shot(page, DESK, CHINA / "women.health.html", 860, "#W03"),
                "unit": shot(page, DESK, EXAMPLE / "unit.health.html", 1300),
                "phone": beside(
                    [
                        shot(page, PHONE, CHINA / "index.html", 800),
                        shot(page, PHONE, EXAMPLE / "index.html", 800, "table.action"),
                        shot(page, PHONE, CHINA / "women.health.html", 800, "#W03"),
                    ]
                ),
                "print": beside(
                    [
                        sheet(page, EXAMPLE / "index.html", 1, folder),
                        sheet(page, EXAMPLE / "women.health.html", 3, folder),
                        sheet(page, EXAMPLE / "unit.health.html", 1, folder),
                    ]
                ),
            }
        finally:
            browser.close()
        pictures |= at_the_desk(folder)
    for kind, picture in pictures.items():
        picture.quantize(255).save(ROOT / "docs" / "images" / f"{kind}.png", optimize=True)


if __name__ == "__main__":
    main()
