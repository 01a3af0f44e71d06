"""Every index with places: where it is undefined or refused, any number of people, any coordinate reference system."""

import math
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from numpy.testing import assert_allclose
from shapely import Point, Polygon

import segregate as sg
from segregate import Population
from segregate.registry import specs
from tests.helpers import quietly
from tests.oracles._places import Places
from tests.oracles.distortion import oracle as distortion
from tests.placed import CRS, GIVEN, PLACED, SOUTH, WEST, ask, city, grid


@pytest.fixture
def town() -> Population:
    """Return twelve plots of different sizes, one without people."""
    rng = np.random.default_rng(11)
    return city(rng.integers(0, 60, 12).tolist(), [*rng.integers(1, 60, 11).tolist(), 0], uneven())


def uneven() -> list:
    """Return 4 x 3 plots whose corners meet, in columns and rows of different widths, slanted."""
    rng = np.random.default_rng(5)
    east, north = np.array([0, 700, 1900, 2500, 4000]), np.array([0, 900, 1500, 3000])
    x = WEST + east[:, None] + rng.uniform(-200, 200, (5, 4))
    y = SOUTH + north[None, :] + rng.uniform(-200, 200, (5, 4))
    corners = [((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)) for i in range(4) for j in range(3)]
    return [Polygon([(x[at], y[at]) for at in four]) for four in corners]


@pytest.mark.parametrize("name", PLACED)
def test_a_group_that_nobody_is_of(name: str):
    pop = city([0, 0, 0], [10, 50, 40], grid(3, 1))
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        assert np.isnan(ask(name, pop)).all()
    said = [str(one.message) for one in caught]
    assert len(said) == 1
    assert ("nobody of group 'x' lives" in said[0]) or (
        name in ("boundary_dissimilarity", "distortion") and "only one group has people here ('y')" in said[0]
    )


@pytest.mark.parametrize("name", PLACED)
def test_nobody_lives_anywhere(name: str):
    pop = city([0, 0, 0], [0, 0, 0], grid(3, 1))
    values = quietly(ask, name, pop)
    assert np.isnan(values).all()
    if specs[name].level != "local":
        with pytest.warns(sg.UndefinedIndexWarning, match=r"^The index is undefined: nobody lives here\.$"):
            ask(name, pop)


@pytest.mark.parametrize("name", PLACED)
def test_everybody_is_of_one_group(name: str):
    """An index says what it is undefined for; no value is made up."""
    pop = city([10, 50, 40], [0, 0, 0], grid(3, 1))
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        assert np.isnan(ask(name, pop)).all()
    assert len(caught) == 1


ONE_UNIT = {
    "delta": 0,
    "absolute_centralization": 0,
    "relative_centralization": 0,
    "central_share": 1,
    "local_centralization": 0,
    "distortion": 0,
}


@pytest.mark.parametrize("name", PLACED)
def test_one_unit(name: str):
    pop = city([3], [7], grid(1, 1))
    if name in ONE_UNIT:
        assert ask(name, pop) == ONE_UNIT[name]
    else:
        with pytest.warns(sg.UndefinedIndexWarning):
            assert math.isnan(ask(name, pop))


@pytest.mark.parametrize(
    "name", ["absolute_centralization", "relative_centralization", "local_centralization", "distortion"]
)
def test_all_at_one_point(name: str):
    """Everybody is as far from the centre as everybody else."""
    pop = city([30, 10, 0], [10, 50, 40], m2=[1, 2, 5], east=[700, 700, 700])
    assert np.abs(ask(name, pop)).max() == 0
    assert ask("central_share", pop, radius=700.0) == 1
    assert ask("central_share", pop, radius=699.0) == 0
    assert ask("central_share", pop, centre="population", radius=1e-6) == 1


@pytest.mark.parametrize("factor", [1e9, 1e-3, 1 / 7, 12345.678])
@pytest.mark.parametrize("name", PLACED)
def test_any_number_of_people(town: Population, name: str, factor: float):
    table = pd.DataFrame(town.counts * factor, columns=town.groups)
    frame = gpd.GeoDataFrame(table, geometry=town.geometry.to_numpy(), crs=CRS)
    assert_allclose(ask(name, Population.from_frame(frame, ["x", "y"])), ask(name, town), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", PLACED)
def test_billions_beside_one(name: str):
    """One unit of 1e9 people beside small ones: against the same in whole numbers of Python."""
    x, y = [10**9, 1, 0, 3], [1, 2, 10**9, 1]
    pop = city(x, y, m2=[1, 2, 5, 4], shapes=grid(4, 1), east=[0, 1000, 2000, 3000])
    total = [sum(x), sum(y)]
    share = [x[j] / (x[j] + y[j]) for j in range(4)]
    d = sum(abs(x[j] * total[1] - y[j] * total[0]) for j in range(4)) / (2 * total[0] * total[1])
    steps = [(sum(x[: j + 1]), sum(y[: j + 1]), sum([1, 2, 5, 4][: j + 1])) for j in range(4)]
    gap = sum(steps[j - 1][0] * steps[j][1] - steps[j][0] * steps[j - 1][1] for j in range(1, 4))
    land = sum(steps[j - 1][0] * steps[j][2] - steps[j][0] * steps[j - 1][2] for j in range(1, 4))
    mine = (x[0] + 2 * x[1] + 5 * x[2] + 4 * x[3]) / total[0]
    theirs = (y[0] + 2 * y[1] + 5 * y[2] + 4 * y[3]) / total[1]
    smallest = (10**9 + 1 + 2 * 3) / (10**9 + 4)  # 1e9 + 1 people of unit 0 are 3 short of X
    largest = (5 * 10**9 + 4 * 4) / (10**9 + 4)
    expected = {
        "delta": (abs(12 * x[0] - total[0]) + sum(abs(12 * x[j] - a * total[0]) for j, a in ((1, 2), (2, 5), (3, 4))))
        / (24 * total[0]),
        "absolute_concentration": 1 - (mine - smallest) / (largest - smallest),
        "relative_concentration": (mine / theirs - 1) / (smallest / largest - 1),
        "absolute_centralization": land / (total[0] * 12),
        "relative_centralization": gap / (total[0] * total[1]),
        "central_share": (x[0] + x[1]) / total[0],
        "boundary_dissimilarity": d - sum(abs(share[j] - share[j + 1]) for j in range(3)) / 3,
        "local_centralization": gap / (total[0] * total[1]),
        "distortion": distortion([*zip(x, y, strict=True)], Places(points=[(1000 * j, 0) for j in range(4)])),
    }[name]
    value = ask(name, pop)
    value = value[0] if name == "local_centralization" else value
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", PLACED)
def test_not_without_geometry(name: str):
    pop = Population.from_frame(pd.DataFrame({"x": [1, 2], "y": [2, 1]}), ["x", "y"])
    with pytest.raises(sg.GeometryError) as caught:
        ask(name, pop)
    assert str(caught.value) == (
        "The population has no geometry, so distances and areas are not known. Read a file with geometry, join one "
        "(sg.read(..., join=, on=)), or give points=('x', 'y') and crs=."
    )


@pytest.mark.parametrize("name", PLACED)
def test_not_without_a_crs(name: str):
    frame = gpd.GeoDataFrame({"x": [1, 2], "y": [2, 1]}, geometry=grid(2, 1))
    with pytest.raises(sg.GeometryError, match=r"^The data have no coordinate reference system, so .*crs='EPSG:"):
        ask(name, Population.from_frame(frame, ["x", "y"]))


@pytest.mark.parametrize("name", PLACED)
def test_not_with_missing_geometry(name: str):
    frame = gpd.GeoDataFrame({"x": [1, 2], "y": [2, 1]}, geometry=[grid(1, 1)[0], None], crs=CRS)
    with pytest.raises(sg.GeometryError, match=r"^1 unit of 2 has missing or empty geometry \(first: 1\)"):
        ask(name, Population.from_frame(frame, ["x", "y"]))


@pytest.mark.parametrize("name", sorted(name for name in PLACED if "area" in specs[name].needs))
def test_points_have_no_area(name: str):
    frame = gpd.GeoDataFrame({"x": [1, 2], "y": [2, 1]}, geometry=[Point(WEST, SOUTH)] * 2, crs=CRS)
    with pytest.raises(sg.GeometryError) as caught:
        ask(name, Population.from_frame(frame, ["x", "y"]))
    assert str(caught.value) == ("2 units of 2 have no area (first: 0, 1): points or lines. Give a column: area='...'.")
    assert np.isfinite(ask(name, Population.from_frame(frame.assign(m2=[1, 3]), ["x", "y"], area="m2")))


@pytest.mark.parametrize("name", PLACED)
def test_only_at_home(town: Population, name: str):
    near_ones = town.within(sg.Weights(scipy.sparse.csr_array(np.ones((12, 12)))))
    with pytest.raises(sg.ParameterError, match=rf"^{name} has a meaning only at home"):
        ask(name, near_ones)
    assert_allclose(ask(name, near_ones.home()), ask(name, town), rtol=0)


def test_measure_skips_what_the_data_do_not_allow_and_says_so_once():
    pop = Population.from_frame(pd.DataFrame({"x": [1, 2], "y": [2, 1]}), ["x", "y"])
    with pytest.warns(sg.SegregateWarning) as caught:
        table = sg.measure(pop)
    assert len(caught) == 1
    said = str(caught[0].message)
    assert said.startswith("Skipped: ")
    for name, reason in [
        ("delta", "needs areas"),
        ("absolute_concentration", "needs areas"),
        ("relative_concentration", "needs areas"),
        ("boundary_dissimilarity", "needs geometry"),
    ]:
        assert f"{name} ({reason})" in said
    assert not set(table["index"]) & set(PLACED)
    assert "dissimilarity" in set(table["index"])


@pytest.mark.parametrize(
    ("geometry", "crs", "area", "reason", "there"),
    [
        (grid(2, 1), None, None, "needs a coordinate reference system", set()),
        ([Point(WEST, SOUTH)] * 2, CRS, None, "needs polygons", set()),
        ([Point(WEST, SOUTH)] * 2, CRS, "m2", "needs polygons", {"delta", "relative_concentration"}),
        ([grid(1, 1)[0], None], CRS, None, "needs the geometry of every unit", set()),
    ],
)
def test_measure_says_why(geometry: list, crs: object, area: str | None, reason: str, there: set):
    frame = gpd.GeoDataFrame({"x": [1, 2], "y": [2, 1], "m2": [1, 3]}, geometry=geometry, crs=crs)
    with pytest.warns(sg.SegregateWarning, match="^Skipped: ") as caught:
        table = sg.measure(Population.from_frame(frame, ["x", "y"], area=area))
    assert len(caught) == 1
    assert f"boundary_dissimilarity ({reason})" in str(caught[0].message)
    assert ("delta (" in str(caught[0].message)) == (not there)
    assert there <= set(table["index"])


def test_measure_takes_them_all_where_there_is_land(town: Population):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = sg.measure(town)
    needed = {"delta", "absolute_concentration", "relative_concentration", "boundary_dissimilarity"}
    assert needed <= set(table["index"])
    assert set(table.loc[table["index"].isin(needed), "status"]) == {"ok"}
    for name in needed:
        values = table.loc[table["index"] == name].set_index("group")["value"]
        assert values["x"] == pytest.approx(ask(name, town), rel=1e-12)


# one land in many coordinate reference systems


UTM = "+proj=utm +zone=33 +datum=WGS84 +units={}"
VARIANTS = [
    *((name, {}) for name in PLACED),
    ("absolute_centralization", {"centre": "population"}),
    ("relative_centralization", {"centre": "u5"}),
    ("boundary_dissimilarity", {"adjust": "length"}),
    ("boundary_dissimilarity", {"adjust": "shape"}),
    ("boundary_dissimilarity", {"adjust": "shape", "perimeter": "whole"}),
    ("boundary_dissimilarity", {"contiguity": "queen", "order": 2}),
]


def elsewhere(town: Population, crs: object) -> Population:
    table = pd.DataFrame(town.counts, columns=town.groups).assign(unit=town.ids)
    frame = gpd.GeoDataFrame(table, geometry=town.geometry.to_numpy(), crs=CRS).to_crs(crs)
    return Population.from_frame(frame, ["x", "y"], id="unit")


def same_centre(name: str, params: dict) -> dict:
    """Return the parameters with a centre that says its CRS."""
    if name in GIVEN and "centre" not in params:
        return params | {"centre": gpd.GeoSeries([Point(WEST, SOUTH)], crs=CRS)}
    return params


@pytest.mark.parametrize("unit", ["km", "us-ft", "ft"])
@pytest.mark.parametrize(("name", "params"), VARIANTS, ids=str)
def test_units_of_length_of_one_projection_agree(town: Population, name: str, params: dict, unit: str):
    params = same_centre(name, params)
    metres = ask(name, elsewhere(town, UTM.format("m")), **params)
    assert_allclose(ask(name, elsewhere(town, UTM.format(unit)), **params), metres, rtol=1e-12, atol=1e-12)
    assert_allclose(metres, ask(name, town, **params), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "params"), VARIANTS, ids=str)
def test_degrees_and_their_utm_zone_agree(town: Population, name: str, params: dict):
    params = same_centre(name, params)
    degrees = elsewhere(town, "EPSG:4326")
    with pytest.warns(sg.SegregateWarning, match=r"is in degrees, so .* are taken in WGS 84 / UTM zone 33N"):
        assert_allclose(ask(name, degrees, **params), ask(name, town, **params), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("crs", ["EPSG:3035", "EPSG:25832", "EPSG:5243"])
@pytest.mark.parametrize(("name", "params"), VARIANTS, ids=str)
def test_projections_agree(town: Population, name: str, params: dict, crs: str):
    params = same_centre(name, params)
    assert_allclose(ask(name, elsewhere(town, crs), **params), ask(name, town, **params), rtol=5e-3, atol=5e-3)
