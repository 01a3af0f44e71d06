"""Where grid cells are, from their ids."""

import re

import numpy as np
import pandas as pd
import pytest

from segregate.errors import DataError, ParameterError
from segregate.io.sources._cells import grid_cells


def cells(*ids, **how):
    return grid_cells(pd.Series(ids, name="GRD_ID"), **how)


@pytest.mark.parametrize(
    ("text", "how", "corner", "size", "epsg"),
    [
        ("CRS3035RES1000mN2685000E4286000", {}, (4286000, 2685000), 1000, 3035),
        ("CRS3035RES200mN2029800E4252400", {}, (4252400, 2029800), 200, 3035),
        ("CRS3035RES100mN2689000E4337000", {"epsg": 3035, "size": 100}, (4337000, 2689000), 100, 3035),
        ("CRS28992RES500mN436000E85500", {}, (85500, 436000), 500, 28992),
        ("crs28992res100mN436000E85900", {}, (85900, 436000), 100, 28992),
        ("1kmN2689E4337", {"epsg": 3035}, (4337000, 2689000), 1000, 3035),
        ("100mN26890E43370", {"epsg": 3035}, (4337000, 2689000), 100, 3035),
        ("10kmN268E433", {"epsg": 3035}, (4330000, 2680000), 10000, 3035),
        ("E85900N436000", {"epsg": 28992, "size": 100, "unit": 1}, (85900, 436000), 100, 28992),
        ("E1300N4786", {"epsg": 28992, "size": 500, "unit": 100}, (130000, 478600), 500, 28992),
        ("E1300N4786", {"epsg": 28992, "size": 100}, (130000, 478600), 100, 28992),
    ],
)
def test_the_south_west_corner(text, how, corner, size, epsg):
    found = cells(text, f" {text} ", **how)
    assert (found.size, found.epsg, found.crs) == (size, epsg, f"EPSG:{epsg}")
    east, north = corner
    assert found.east.tolist() == [east] * 2
    assert found.north.tolist() == [north] * 2
    square, point = found.polygons(), found.points()
    assert square.crs.to_epsg() == point.crs.to_epsg() == epsg
    assert square.bounds.to_numpy()[0].tolist() == [east, north, east + size, north + size]
    assert (point.x[0], point.y[0]) == (east + size / 2, north + size / 2)


def test_northing_comes_first():
    """The grid of 2685 km north of the origin in the Alps, not one in the Atlantic."""
    longitude, latitude = cells("CRS3035RES1000mN2685000E4286000").points().to_crs(4326).get_coordinates().iloc[0]
    assert 9 < longitude < 10
    assert 47 < latitude < 48


def test_many_at_once():
    n = 200_000
    north, east = 2_000_000 + 1000 * np.arange(n), 4_000_000 + 1000 * (np.arange(n) % 700)
    ids = pd.Series(north.astype(str)).radd("CRS3035RES1000mN") + "E" + pd.Series(east.astype(str))
    found = grid_cells(ids.rename("id"))
    assert np.array_equal(found.north, north)
    assert np.array_equal(found.east, east)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["tract 1"], "'GRD_ID' holds no ids of grid cells that are known (first: 'tract 1'); they look like CRS3035"),
        (["CRS3035RES1000mE4286000N2685000"], "holds no ids of grid cells that are known"),
        (
            ["CRS3035RES1000mN2685000E4286000", "1kmN2689E4337", None],
            "2 ids of 3 in 'GRD_ID' are not written as 'CRS3035RES1000mN2685000E4286000' is (first: '1kmN2689E4337'",
        ),
        (
            ["CRS3035RES1000mN2685000E4286000", "CRS3035RES100mN2685000E4286000"],
            "'GRD_ID' holds cells of 2 widths (1000m, 100m); read one width at a time",
        ),
        (
            ["CRS3035RES1000mN2685000E4286000", "CRS2975RES1000mN7630000E338000"],
            "'GRD_ID' holds cells in 2 coordinate systems (3035, 2975)",
        ),
        (
            ["CRS3035RES1000mN2685500E4286000"],
            "1 id in 'GRD_ID' with a corner that is no multiple of 1000 m (first: 'CRS3035RES1000mN2685500E4286000')",
        ),
    ],
)
def test_other_ids_are_refused(ids, message):
    with pytest.raises(DataError, match=re.escape(message)):
        cells(*ids)


@pytest.mark.parametrize(
    ("text", "how", "error", "message"),
    [
        ("1kmN2689E4337", {}, ParameterError, "do not say their coordinate system: give epsg="),
        ("E1300N4786", {"epsg": 28992}, ParameterError, "do not say their width: give size="),
        ("CRS3035RES100mN2689000E4337000", {"size": 1000}, DataError, "say size=100, not 1000"),
        ("CRS2975RES1000mN7630000E338000", {"epsg": 3035}, DataError, "say epsg=2975, not 3035"),
    ],
)
def test_what_ids_do_not_say(text, how, error, message):
    with pytest.raises(error, match=message):
        cells(text, **how)
