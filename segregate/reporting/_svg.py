"""Drawings as text: SVG that stands in a page among others, and is a file of its own."""

from __future__ import annotations

import base64
import io
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image
from scipy.spatial import cKDTree

from ..io._formulas import without_formulas
from ..plot._save import save_figure

__all__ = ["VECTOR_UNITS", "csv_link", "drawn", "shapes_of", "svg_link"]

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
HREF = f"{{{XLINK}}}href"
VECTOR_UNITS = 2000
"""Shapes of a drawing beyond which they are a picture within it, so that the page stays small."""
MANY = 100
"""Shapes of one kind that such a picture takes in; fewer stay drawn."""
COLOURS = 255
OUTLINE = re.compile(r"M[^CQSTAHVmclqstahv]*")
CORNERS = re.compile(r"([ML])\s+(\S+)\s+(\S+)|(z)")
GRID = 10.0
"""Corners of shapes lie on a grid of a tenth of a point (720 to the inch), so that neighbours keep a common border."""
FEW = 12
"""Corners of a path up to which it is written as it is."""
LONG = re.compile(r"-?\d+\.\d{3,}")
URL = re.compile(r"url\(#([^)]*)\)")
STROKES = "stroke-linejoin: round; stroke-linecap: butt"
"""What matplotlib says in a style sheet for all drawings of a page."""
KEPT = "/:;=,()'-+.!*@$&?[]"
"""Marks that stay as they are in the link to a drawing."""


def shapes_of(axes: Any) -> tuple[int, int]:
    """Return how many shapes of maps a drawing has, and how many corners these have."""
    paths = [path for artist in _shapes(axes.figure) for path in artist.get_paths()]
    return len(paths), sum(len(path.vertices) for path in paths)


def _shapes(figure: Any) -> list[Any]:
    return [one for one in figure.findobj(lambda one: hasattr(one, "get_paths")) if len(one.get_paths()) > MANY]


def drawn(axes: Any, prefix: str, title: str, text: str, *, raster: bool = False) -> str:
    """Return a drawing as SVG that can stand in a page.

    Parameters
    ----------
    axes : Axes
        Of a figure that pyplot does not know.
    prefix : str
        Put before every id, so that those of several drawings differ.
    title, text : str
        What it is called, and what it shows in words.
    raster : bool
        Whether the shapes of maps become a picture within it.

    Returns
    -------
    str
        One element ``svg``, without the head of an XML file.
    """
    figure = axes.figure
    for artist in _shapes(figure) if raster else ():
        artist.set_rasterized(True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawing.svg"
        save_figure(figure, path, title=title, caption=text)
        root = ElementTree.fromstring(path.read_bytes())
    return _page_ready(root, prefix, title, text)


def _page_ready(root: ElementTree.Element, prefix: str, title: str, text: str) -> str:
    """Return the element with ids of its own, short numbers, small pictures, a title and a description."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style", f"{{{SVG}}}title"):
                parent.remove(child)
    times: Counter[str] = Counter()
    for element in root.iter():
        _own(element, prefix)
        name = element.get("id")
        if name:
            times[name] += 1
            if times[name] > 1:  # a label of matplotlib that several groups of a drawing have; nothing refers to it
                element.set("id", f"{name}-{times[name]}")
    for name, words in (("desc", text), ("title", title)):
        said = ElementTree.Element(f"{{{SVG}}}{name}", id=f"{prefix}svg-{name}")
        said.text = words
        root.insert(0, said)
    root.attrib |= {
        "role": "img",
        "aria-labelledby": f"{prefix}svg-title {prefix}svg-desc",
        "style": STROKES,
    }
    return ElementTree.tostring(root, encoding="unicode")


def _own(element: ElementTree.Element, prefix: str) -> None:
    """Give ids and what refers to them the prefix, and write numbers with two decimals."""
    for name, value in list(element.attrib.items()):
        if name == "id":
            element.set(name, f"{prefix}{value}")
        elif name in (HREF, "href") and value.startswith("#"):
            element.set(name, f"#{prefix}{value[1:]}")
        elif name in (HREF, "href") and value.startswith("data:image/png"):
            element.set(name, _smaller(value))
        elif name == "d":
            element.set(name, _compact(value))
        elif "url(#" in value:
            element.set(name, URL.sub(rf"url(#{prefix}\1)", value))


def _compact(path: str) -> str:
    """Return a path with short numbers; that of a shape with many corners has each step on the grid written once."""
    if OUTLINE.fullmatch(path) is None or path.count("L") <= FEW:
        return " ".join(LONG.sub(_short, path).split())
    made: list[str] = []
    corners = [(kind or close, x, y) for kind, x, y, close in CORNERS.findall(path)]
    before = (0, 0)
    for kind, x, y in corners:
        if kind == "z":
            made.append("z")
            continue
        here = (round(float(x) * GRID), round(float(y) * GRID))
        if kind == "M":
            made.append(f"M{_tenths(here[0])},{_tenths(here[1])}")
        elif here != before:
            step = f"{_tenths(here[0] - before[0])},{_tenths(here[1] - before[1])}"
            made.append(step if made[-1][0] not in "Mz" else f"l{step}")
        before = here
    return ",".join(made).replace(",l", "l").replace(",z", "z").replace("z,M", "zM").replace(",-", "-")


def _tenths(number: int) -> str:
    """Write tenths: 12 is 1.2."""
    whole, rest = divmod(abs(number), 10)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole or (0 if not rest else '')}{f'.{rest}' if rest else ''}"


def _short(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _smaller(link: str) -> str:
    """Return a picture with a palette; the most frequent colours stay exactly as they are."""
    head, _, content = link.partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(content))).convert("RGBA")
    pixels = np.asarray(image)
    packed = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    found, place, times = np.unique(packed, return_inverse=True, return_counts=True)
    order = np.lexsort((found, -times))[:COLOURS]
    kept = np.sort(found[order])
    nearest = cKDTree(_channels(kept)).query(_channels(found))[1].astype(np.uint8)
    small = Image.fromarray(nearest[place].reshape(packed.shape))
    small.putpalette(np.ascontiguousarray(kept).view(np.uint8).tobytes(), rawmode="RGBA")
    stream = io.BytesIO()
    small.save(stream, format="PNG", optimize=True)
    return f"{head},{base64.b64encode(stream.getvalue()).decode('ascii')}"


def _channels(packed: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """Return red, green, blue and opacity of colours."""
    return np.ascontiguousarray(packed).view(np.uint8).reshape(-1, 4).astype(np.float64)


def svg_link(drawing: str) -> str:
    """Return the address of a drawing as a file."""
    return "data:image/svg+xml;charset=utf-8," + quote('<?xml version="1.0" encoding="UTF-8"?>\n' + drawing, safe=KEPT)


def csv_link(table: pd.DataFrame) -> str:
    """Return the address of a table as a CSV file; text that a spreadsheet would run gets an apostrophe before it."""
    safe, _ = without_formulas(table)
    return "data:text/csv;charset=utf-8," + quote("\ufeff" + safe.to_csv(index=False, lineterminator="\n"), safe=KEPT)
