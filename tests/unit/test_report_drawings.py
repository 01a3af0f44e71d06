"""Drawings within a page: short paths, pictures of many units, ids of their own."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import segregate as sg
from segregate.reporting import _svg
from segregate.reporting._sources import references

from .report_pages import city

NUMBER = r"-?\d*\.?\d+"
HREF = "{http://www.w3.org/1999/xlink}href"


def ring(rng, corners):
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return 200 + 90 * np.column_stack([np.cos(turn), np.sin(turn)]) + rng.normal(0, 3, (corners, 2))


def as_path(points):
    return " ".join(f"{'L' if number else 'M'} {x:.6f} {y:.6f}" for number, (x, y) in enumerate(points)) + " z "


def corners_of(path):
    """Return the corners of each part of a path of M, l and z."""
    parts = []
    for start, steps in re.findall(r"M([^lz]+)(?:l([^z]*))?z", path):
        first, pairs = (np.array(re.findall(NUMBER, text), dtype=float).reshape(-1, 2) for text in (start, steps))
        parts.append(np.vstack([first, first + np.cumsum(pairs, axis=0)]))
    return parts


def test_a_compact_path_keeps_its_corners_to_a_twentieth_of_a_point():
    rng = np.random.default_rng(5)
    parts = [ring(rng, 60), 5 + ring(rng, 40) / 3 - 100]
    short = _svg._compact("".join(map(as_path, parts)))
    found = corners_of(short)
    assert len(found) == 2
    for before, after in zip(parts, found, strict=True):
        rounded = np.round(before, 1)
        steps = np.vstack([[True, True], np.diff(rounded, axis=0) != 0]).any(axis=1)
        np.testing.assert_allclose(after, rounded[steps], atol=1e-9)
        np.testing.assert_allclose(rounded, before, atol=0.05 + 1e-9)
    assert len(short) < len("".join(map(as_path, parts))) / 2


def test_curves_and_short_paths_keep_two_decimals():
    assert _svg._compact("M 1.234567 2 C 3.000001 4 5 6 7.5 8 z ") == "M 1.23 2 C 3 4 5 6 7.5 8 z"
    assert _svg._compact("M 0 358.080034 \nL 504 358.087 ") == "M 0 358.08 L 504 358.09"


@pytest.fixture(scope="module")
def large():
    pop = city(side=46)
    prepared = sg.plot.prepare_map(sg.local(pop, "divergence"))
    return prepared, ElementTree.fromstring(
        _svg.drawn(sg.plot.draw_map(prepared, managed=False), "x1-", "A title", "Words", raster=True)
    )


def test_a_picture_within_the_drawing_has_the_colours_of_the_legend(large):
    prepared, root = large
    pictures = [one for one in root.iter() if one.tag.endswith("image")]
    assert pictures
    assert len([one for one in root.iter() if one.tag.endswith("path")]) < 200
    image = Image.open(io.BytesIO(base64.b64decode(pictures[0].get(HREF).partition(",")[2])))
    assert image.mode == "P"
    shown = {colour[:3] for _, colour in image.convert("RGBA").getcolors(1 << 20)}
    wanted = prepared.classes.loc[~prepared.classes["hatched"], "color"]
    assert {tuple(bytes.fromhex(colour[1:])) for colour in wanted} <= shown


def test_ids_are_of_the_drawing_alone_and_references_follow(large):
    _, root = large
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith("x1-") for name in ids)
    referred = {
        name for one in root.iter() for value in one.attrib.values() for name in re.findall(r"url\(#([^)]+)\)", value)
    }
    referred |= {one.get(HREF)[1:] for one in root.iter() if (one.get(HREF) or "").startswith("#")}
    assert referred
    assert referred <= set(ids)
    named = {one.get("id"): one.text for one in root if one.tag.endswith(("title", "desc"))}
    assert [named[name] for name in root.get("aria-labelledby").split()] == ["A title", "Words"]
    assert not [one for one in root.iter() if one.tag.endswith(("style", "metadata"))]


def test_references_are_those_of_docstrings_each_once():
    def first():
        """Do.

        References
        ----------
        Ann and Bob (1999), On things, doi:10.1000/AB.1; Zoe
        (2001), doi:10.1000/z; A book without a number (1980).

        Examples
        --------
        >>> 1
        1
        """

    def second():
        """Do.

        References
        ----------
        Ann and Bob (1999), doi:10.1000/ab.1.
        """

    found = references([], [second, first])
    assert [(one.text, one.doi) for one in found] == [
        ("A book without a number (1980)", ""),
        ("Ann and Bob (1999), On things", "10.1000/AB.1"),
        ("Zoe (2001)", "10.1000/z"),
    ]
    assert found[1].link == "https://doi.org/10.1000/AB.1"


def test_every_index_has_its_citations_among_the_references():
    from segregate.registry import specs

    for spec in specs.values():
        found = references([spec], [])
        assert {doi for doi in spec.cite if doi.startswith("10.")} <= {one.doi for one in found}, spec.name
        assert all(one.text for one in found if one.doi in spec.cite), spec.name
