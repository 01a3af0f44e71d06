"""One small case of every public function that draws, and what stands around it, for tests of styles."""

import itertools
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.text import Text

import segregate as sg
from tests.unit import made_results as made

NOISE = np.random.default_rng(3).normal(size=199)


@cache
def town():
    """Return 64 square units with four groups; one is empty."""
    rng = np.random.default_rng(8)
    counts = rng.integers(1, 90, (64, 4)) * rng.integers(1, 5, (64, 4))
    counts[20] = 0
    boxes = [shapely.box(500 * x, 500 * y, 500 * (x + 1), 500 * (y + 1)) for y, x in np.ndindex(8, 8)]
    frame = gpd.GeoDataFrame(counts, columns=["red", "green", "blue", "grey"], geometry=boxes, crs=25833)
    frame["district"] = np.repeat(["North", "South"], 32)
    frame["rent"] = rng.uniform(5, 20, 64)
    return sg.Population.from_frame(frame, ["red", "green", "blue", "grey"])


def local(index="divergence", **of):
    return sg.local(town(), index, **of)


def both():
    return local().assign(rent=town().attributes["rent"].to_numpy())


@cache
def spots():
    return sg.hotspots(town(), group="red", replicates=99, rng=1)


@cache
def scales():
    return sg.profile(town(), "H", [0, 600, 1200])


def intervals():
    return {name: made.interval(value, value - 0.05, value + 0.06) for name, value in (("A", 0.4), ("B", 0.3))}


def ranks():
    return made.ranking(["A", "B", "C"], [0.5, 0.45, 0.2], 0.05, ["a", "a", ""])


CALLS = {
    "bivariate": lambda **how: sg.plot.bivariate(both(), "value", "rent", **how),
    "concentration_profile": lambda **how: sg.plot.concentration_profile(town(), group="red", **how),
    "exposure_matrix": lambda **how: sg.plot.exposure_matrix(town(), **how),
    "forest": lambda **how: sg.plot.forest(intervals(), **how),
    "map": lambda **how: sg.plot.map(local(), **how),
    "null_distribution": lambda **how: sg.plot.null_distribution(made.null_of(0.5, 0.1 + 1e-3 * NOISE), **how),
    "pair_matrix": lambda **how: sg.plot.pair_matrix(town(), **how),
    "profile": lambda **how: sg.plot.profile(scales(), **how),
    "rank_order_profile": lambda **how: sg.plot.rank_order_profile(town(), **how),
    "ranking": lambda **how: sg.plot.ranking(ranks(), **how),
    "school_home": lambda **how: sg.plot.school_home(town(), town(), group="red", key="district", **how),
    "segplot": lambda **how: sg.plot.segplot(town(), **how),
    "segregation_curve": lambda **how: sg.plot.segregation_curve(town(), **how),
    "small_multiples": lambda **how: sg.plot.small_multiples(
        {group: local("share", group=group) for group in ("red", "green")}, **how
    ),
    "trend": lambda **how: sg.plot.trend(made.trend([2000, 2010, 2020], [0.5, 0.4, 0.3], 0.06), **how),
}
"""The functions that prepare, draw and save."""
MINE = [
    name
    for name in CALLS
    if name not in ("bivariate", "exposure_matrix", "pair_matrix", "school_home", "small_multiples")
]
DRAWS = {
    "categories": lambda **how: sg.plot.map(spots(), **how),
    "continuous": lambda **how: sg.plot.map(local("location_quotient", group="red"), scheme=None, **how),
    "centred": lambda **how: sg.plot.map(local("location_quotient", group="red"), **how),
    "comparison": lambda **how: sg.plot.draw_comparison(made.comparison(0.5, 0.4, 0.05 * NOISE, 0.0, 0.2), **how),
    "interval": lambda **how: sg.plot.draw_interval(made.interval(0.5, 0.4, 0.6, 0.5 + 0.05 * NOISE), **how),
    "sensitivity": lambda **how: sg.plot.draw_sensitivity(sg.sensitivity(town(), "H", radius=600), **how),
    "small units": lambda **how: sg.plot.draw_small_units(
        sg.corrected(town().versus("red"), "D", method="allen_density"), **how
    ),
    "structure": lambda **how: sg.plot.draw_structure(
        sg.structure(*town().versus("red").split("district").values(), "D"), **how
    ),
}
"""More of what can be drawn in a figure of its own."""


def boxes_of(ax):
    """Return the places, in pixels, of the axes and of every text and legend around and on them."""
    ax.figure.canvas.draw()
    found = {"axes": ax.get_window_extent()}
    if ax.get_legend():
        found["legend"] = ax.get_legend().get_window_extent()
    if ax.get_title(loc="left"):
        found["title"] = ax._left_title.get_window_extent()
    for n, text in enumerate(ax.texts):
        found[f"text {n} ({text.get_gid()})"] = Text.get_window_extent(text)
    for artist in ax.figure.findobj():
        if artist.get_gid() in ("compass", "inset", "colour-bar"):
            box = artist.get_tightbbox() if isinstance(artist, Axes) else artist.get_window_extent()
            found[artist.get_gid()] = box
    if ax.axison:
        for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
            if axis.label.get_text():
                found[f"{name} label"] = axis.label.get_window_extent()
            for side, ticks in (("label1", axis.get_major_ticks()), ("label2", axis.get_minor_ticks())):
                texts = [text for text in (getattr(tick, side) for tick in ticks) if text.get_text()]
                shown = [text for text in texts if text.get_visible()]
                found |= {f"{name} {side} {n}": text.get_window_extent() for n, text in enumerate(shown)}
    return found


def overlaps(ax):
    """Say what covers something else by more than a pixel, or leaves the figure."""
    found = boxes_of(ax)
    said = []
    for (one, a), (other, b) in itertools.combinations(found.items(), 2):
        over = min(min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0))
        in_corner = {one, other} == {"axes", "legend"} and a.x0 <= b.x0 and b.y1 <= a.y1 + 1 and ax.get_box_aspect()
        if over > 1 and not in_corner and not (one == "axes" and other.startswith("text")):
            said.append(f"{one} and {other} overlap by {over:.1f} pixels")
    whole = ax.figure.bbox
    for name, box in found.items():
        out = max(whole.x0 - box.x0, whole.y0 - box.y0, box.x1 - whole.x1, box.y1 - whole.y1)
        if out > 1:
            said.append(f"{name} sticks out by {out:.1f} pixels")
    return said
