"""Take the pictures of the README from the reports of this checkout: ``make report``, then ``.venv/bin/python tools/images.py``.

Needs Chromium and pdftoppm, like the tests of pages.
"""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import DESK, PHONE, Browser, Page, recording_proxy  # noqa: E402

CHINA, EXAMPLE = (ROOT / "reports" / edition for edition in ("china/2024", "example/2025"))
DESK = DESK | {"deviceScaleFactor": 1.25}
GROUND, GAP = (229, 229, 229), 24
TOP_OF = "(s => {{ const e = document.querySelector(s); return e.getBoundingClientRect().top + scrollY; }})({!r})"


def shot(page: Page, shape: dict, file: Path, height: int, start: str = "") -> Image.Image:
    """A page as wide as ``shape``, ``height`` CSS pixels of it, from the top or from the element ``start`` on."""
    page.reshape(**shape)
    page.open(file.as_uri())
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
    for kind, picture in pictures.items():
        picture.quantize(255).save(ROOT / "docs" / "images" / f"{kind}.png", optimize=True)


if __name__ == "__main__":
    main()
