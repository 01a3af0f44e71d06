"""Maps look as they did: compared pixel by pixel with stored pictures, text left out.

Pictures differ from one release of matplotlib to the next, so they are compared with one release
only. To make them anew after a change that is meant: ``python -m tests.images.test_map_images``,
and look at every one before it is committed.
"""

from pathlib import Path

import geopandas as gpd
import matplotlib
import numpy as np
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from segregate.plot import map as draw

MATPLOTLIB = "3.11.2"
"""The release that drew the stored pictures."""
TOLERANCE = 3
BASELINE = Path(__file__).parent / "baseline"


def honeycomb(rings: int) -> gpd.GeoDataFrame:
    """Return hexagons around a place in Berlin, with a hole, an island and a unit in two parts."""
    side = 600.0
    corners = [(side * np.cos(a), side * np.sin(a)) for a in np.radians(np.arange(0, 360, 60))]
    hexagon = shapely.Polygon(corners)
    shapes, values = [], []
    for q in range(-rings, rings + 1):
        for r in range(max(-rings, -q - rings), min(rings, -q + rings) + 1):
            x, y = side * 1.5 * q, side * np.sqrt(3) * (r + q / 2)
            shapes.append(shapely.affinity.translate(hexagon, 390_000 + x, 5_820_000 + y))
            values.append(2.0 ** ((q + 0.5 * r) / rings * 2))
    made = gpd.GeoDataFrame({"value": values}, geometry=shapes, crs=25833)
    middle = len(made) // 2
    made.loc[middle, "geometry"] = made.geometry[middle].difference(made.geometry[middle].centroid.buffer(250))
    far = shapely.affinity.translate(hexagon, 390_000 + side * 1.5 * (rings + 2), 5_820_000)
    made.loc[3, "geometry"] = shapely.MultiPolygon([made.geometry[3], far])
    made.loc[[5, 6, 17], "value"] = np.nan
    return made


def classed() -> Axes:
    return draw(honeycomb(4), center=1, managed=False, width=5)


def sequential() -> Axes:
    return draw(honeycomb(3), scheme="equal_interval", k=4, palette="ember", legend="bottom", managed=False, width=4)


def continuous() -> Axes:
    points = honeycomb(3)
    points["geometry"] = points.centroid
    return draw(points, scheme=None, managed=False, width=5)


PICTURES = {function.__name__: function for function in (classed, sequential, continuous)}


def picture(name: str, path: Path) -> None:
    """Draw a map without its text."""
    figure = PICTURES[name]().figure
    for text in figure.findobj(Text):
        text.set_color("none")
        text.set_path_effects([])
    figure.savefig(path, dpi=80)


@pytest.mark.skipif(
    matplotlib.__version__ != MATPLOTLIB, reason=f"pictures are compared with matplotlib {MATPLOTLIB} only"
)
@pytest.mark.parametrize("name", PICTURES)
def test_maps_look_as_they_did(name, tmp_path):
    picture(name, tmp_path / f"{name}.png")
    difference = compare_images(BASELINE / f"{name}.png", tmp_path / f"{name}.png", tol=TOLERANCE)
    assert difference is None, difference


if __name__ == "__main__":
    for each in PICTURES:
        picture(each, BASELINE / f"{each}.png")
