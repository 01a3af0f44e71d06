"""Small cities for reports, and pages taken apart."""

import io
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import unquote

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

import segregate as sg

GROUPS = ("red", "green", "blue")
VOID = {"meta", "link", "input", "br", "img", "hr"}


def city(side=6, groups=GROUPS, seed=1, *, ids=None, names=None, geometry=True, source="A made city"):
    """Return a city of squares of 400 m."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 120, size=(side * side, len(groups)))
    counts[3] = 0
    counts[4] = [200, *([0] * (len(groups) - 1))]
    frame = pd.DataFrame(counts, columns=list(groups))
    frame["unit"] = [f"u{number:03d}" for number in range(len(frame))] if ids is None else ids
    frame["called"] = [f"Quarter {number}" for number in range(len(frame))] if names is None else names
    if geometry:
        shapes = [box(400 * x, 400 * y, 400 * x + 400, 400 * y + 400) for y in range(side) for x in range(side)]
        frame = gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:32633")
    return replace(sg.Population.from_frame(frame, list(groups), id="unit"), source=source)


@dataclass
class Element:
    """An element of a page."""

    tag: str
    attributes: dict
    parent: "Element | None" = None
    children: list = field(default_factory=list)

    @property
    def text(self):
        """All text in it."""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    def find(self, tag=None, **attributes):
        """Return the elements below it that have a tag and attributes (``class_`` holds a class)."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        found = []
        for one in self.children:
            if isinstance(one, str):
                continue
            own = all(
                value in (one.attributes.get(name) or "").split()
                if name == "class"
                else one.attributes.get(name) == value
                for name, value in wanted.items()
            )
            if (tag is None or one.tag == tag) and own:
                found.append(one)
            found += one.find(tag, **attributes)
        return found

    def one(self, tag=None, **attributes):
        """Return the only such element."""
        (found,) = self.find(tag, **attributes)
        return found


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("page", {})

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag, attrs):
        self.at.children.append(Element(tag, dict(attrs), self.at))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.at.tag == tag, f"<{self.at.tag}> is closed by </{tag}>"
            self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


def parsed(html):
    """Return a page as a tree; every element has to be closed."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.at is parser.root
    return parser.root


def rows_of(table):
    """Return a table as a list of rows of text."""
    return [[one.text.strip() for one in row.children if not isinstance(one, str)] for row in table.find("tr")]


def table_called(page, caption):
    """Return the rows of the first table with a caption."""
    return next(rows_of(one) for one in page.find("table") if [c.text for c in one.find("caption")] == [caption])


def downloads(page, suffix):
    """Return the files that the page holds, by name, as text."""
    links = [one.attributes for one in page.find("a") if one.attributes.get("download", "").endswith(suffix)]
    return {one["download"]: unquote(one["href"].partition(",")[2]) for one in links}


def csv_of(page, name):
    """Return a table that the page holds as a file."""
    return pd.read_csv(io.StringIO(downloads(page, ".csv")[name].removeprefix("\ufeff")))
