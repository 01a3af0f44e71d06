"""What the tests see on a page."""

import csv
import hashlib
import io
from pathlib import Path
from typing import Any


def picture(page: Any, canvas: int = 0) -> str:
    """Return a hash of the pixels of the units (0) or of the outlines (1)."""
    settle(page)
    url = page.locator(".explore-canvases canvas").nth(canvas).evaluate("canvas => canvas.toDataURL()")
    return hashlib.sha256(url.encode()).hexdigest()


def settle(page: Any) -> None:
    """Wait until the map stands still."""
    page.evaluate(
        """async () => {
          const frame = () => new Promise(requestAnimationFrame);
          await frame();
          while (document.querySelector('.leaflet-zoom-anim, .leaflet-pan-anim')) await frame();
          await frame();
        }"""
    )


def column(page: Any, number: int) -> list[str]:
    """Return the texts of a column of the table, on the page of the table that is shown."""
    return page.locator(f"#explore-body tr > :nth-child({number + 1})").all_inner_texts()


def legend(page: Any) -> list[str]:
    """Return the rows of the legend."""
    return page.locator("#explore-legend button").all_inner_texts()


def found(page: Any) -> int:
    """Return how many units pass the filter."""
    return int(page.inner_text("#explore-found").split(" ")[0].replace(",", ""))


def downloaded(page: Any) -> list[dict[str, str]]:
    """Click and read the file."""
    with page.expect_download() as download:
        page.click("#explore-download")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def focused(page: Any) -> str:
    """Return the id of what has the focus, or its class and text."""
    return page.evaluate(
        """() => {
          const e = document.activeElement;
          return e === document.body ? '' : e.id || e.className + ': ' + e.innerText;
        }"""
    )
