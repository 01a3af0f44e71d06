"""Indices of clustering: numbers that are known, lengths, regions, one pass over the pairs, and what is refused."""

import math
import warnings
from decimal import MIN_EMIN, Decimal, localcontext

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from numpy.testing import assert_allclose
from shapely import box

import segregate as sg
from segregate import Population
from segregate.environment import _met
from segregate.registry import specs
from tests.placed import CRS, SOUTH, WEST, city, grid

CLUSTERING = ["spatial_proximity", "relative_clustering", "absolute_clustering", "mean_proximity"]
PLANE = 'LOCAL_CS["plane",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
UTM = "+proj=utm +zone=33 +datum=WGS84 +units={}"


def value(name: str, population: Population, group: str = "x", other: str = "y", **params: object) -> object:
    focal = {None: {}, "group": {"group": group}, "pair": {"group": group, "other": other}}[specs[name].focal]
    return specs[name].function(population, **focal, **params)


def squares(members: np.ndarray, size: int = 10) -> Population:
    """Return squares of side 1 with 100 people each, row by row from the south-west."""
    cells = [box(i, j, i + 1, j + 1) for j in range(size) for i in range(size)]
    frame = gpd.GeoDataFrame({"x": members, "y": 100 - members}, geometry=cells, crs=PLANE)
    return Population.from_frame(frame, ["x", "y"])


COLUMN, ROW = np.tile(np.arange(10), 10), np.repeat(np.arange(10), 10)
HALVES = np.where(COLUMN < 5, 90, 10)
CHECKERBOARD = np.where((COLUMN + ROW) % 2 == 0, 90, 10)


# numbers that are known -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "sp", "acl", "own", "others"),
    [(HALVES, 1.4606, 0.4606, 0.7384, 0.2616), (CHECKERBOARD, 0.9821, -0.0179, 0.4911, 0.5089)],
    ids=["two halves", "checkerboard"],
)
def test_ten_by_ten_squares(members: np.ndarray, sp: float, acl: float, own: float, others: float):
    pop = squares(members)
    assert sg.spatial_proximity(pop, scale=1) == pytest.approx(sp, abs=5e-5)
    assert sg.absolute_clustering(pop, group="x", scale=1) == pytest.approx(acl, abs=5e-5)
    assert sg.relative_clustering(pop, group="x", scale=1) == pytest.approx(0, abs=1e-13)
    nearby = pop.within(sg.Decay(1))
    assert sg.isolation(nearby, group="x") == pytest.approx(own, abs=5e-5)
    assert sg.exposure(nearby, group="x", other="y") == pytest.approx(others, abs=5e-5)


def test_two_units_by_hand():
    """(3, 1) and (1, 3), 1 km apart, of 0.6 / 0.36 km2, so that both are 1 km from themselves too: c = 1 / e."""
    pop = city([3, 1], [1, 3], m2=[1e6 / 0.6] * 2, east=[0, 1000])
    e = math.exp(-1)
    for group, other in [("x", "x"), ("x", "y"), ("y", "x"), ("y", "y")]:
        assert sg.mean_proximity(pop, group=group, other=other) == pytest.approx(e, rel=1e-13)
    assert sg.spatial_proximity(pop) == pytest.approx(1, rel=1e-13)
    assert sg.relative_clustering(pop, group="x") == pytest.approx(0, abs=1e-13)
    assert sg.absolute_clustering(pop, group="x") == pytest.approx(0, abs=1e-13)
    # with people of one unit in one place: P_xx = (9 + 3 e + 3 e + 1) / 16, P_xy = (3 + 9 e + e + 3) / 16
    same, different = (10 + 6 * e) / 16, (6 + 10 * e) / 16
    zero = {"self_distance": "zero"}
    assert sg.mean_proximity(pop, group="x", other="x", **zero) == pytest.approx(same, rel=1e-13)
    assert sg.mean_proximity(pop, group="x", other="y", **zero) == pytest.approx(different, rel=1e-13)
    assert sg.spatial_proximity(pop, **zero) == pytest.approx(2 * same / (same + different), rel=1e-13)
    # members near members 4 P_xx, everybody 4 (P_xx + P_xy), an even spread 4 (2 + 2 e) / 4
    even = 2 + 2 * e
    expected = (4 * same - even) / (4 * same + 4 * different - even)
    assert sg.absolute_clustering(pop, group="x", **zero) == pytest.approx(expected, rel=1e-12)


def test_a_solid_block_is_more_clustered_than_the_same_people_scattered():
    """The squares are the same, and how many people live in each: 25 with 90 members."""
    solid = squares(np.where((COLUMN < 5) & (ROW < 5), 90, 10))
    scattered = squares(np.where((COLUMN % 2 == 0) & (ROW % 2 == 0), 90, 10))
    assert sg.dissimilarity(solid) == sg.dissimilarity(scattered)
    for scale in (0.5, 1, 3):
        assert sg.spatial_proximity(solid, scale=scale) > max(1, sg.spatial_proximity(scattered, scale=scale))
        for name in CLUSTERING[1:]:
            params = {"scale": scale, "other": "x"} if name == "mean_proximity" else {"scale": scale}
            assert value(name, solid, **params) > value(name, scattered, **params)


def test_nearness_without_end_and_without_reach():
    """At a scale far beyond the city all are as near; at one far below it only the own unit is."""
    pop = squares(HALVES)
    assert sg.spatial_proximity(pop, scale=1e12) == pytest.approx(1, rel=1e-10)
    near = {"scale": 1e-3, "self_distance": "zero"}
    own, every = 2 * (50 * 90**2 + 50 * 10**2) / 5000, 100 * 100**2 / 10_000
    assert sg.spatial_proximity(pop, **near) == pytest.approx(own / every, rel=1e-13)
    assert sg.mean_proximity(pop, group="x", other="y", **near) == pytest.approx(100 * 900 / 5000**2, rel=1e-13)


# lengths, places, regions ---------------------------------------------------------------


@pytest.fixture
def town() -> Population:
    rng = np.random.default_rng(11)
    return city(rng.integers(0, 60, 12).tolist(), [*rng.integers(1, 60, 11).tolist(), 0], grid(4, 3, 700))


def elsewhere(town: Population, crs: object) -> Population:
    frame = gpd.GeoDataFrame(pd.DataFrame(town.counts, columns=town.groups), geometry=town.geometry.to_numpy(), crs=CRS)
    return Population.from_frame(frame.to_crs(crs), ["x", "y"])


@pytest.mark.parametrize("unit", ["km", "ft", "us-ft"])
@pytest.mark.parametrize("name", CLUSTERING)
def test_the_unit_of_length_of_the_data_does_not_matter(town: Population, name: str, unit: str):
    metres = elsewhere(town, UTM.format("m"))
    assert value(name, elsewhere(town, UTM.format(unit))) == pytest.approx(value(name, metres), rel=1e-12)


@pytest.mark.parametrize("name", CLUSTERING)
def test_degrees_and_projections_agree(town: Population, name: str):
    with pytest.warns(sg.SegregateWarning, match="is in degrees") as caught:
        degrees = value(name, elsewhere(town, "EPSG:4326"))
    assert len(caught) == 1
    assert degrees == pytest.approx(value(name, town), rel=1e-9)
    assert value(name, elsewhere(town, "EPSG:3035")) == pytest.approx(value(name, town), rel=5e-3)


@pytest.mark.parametrize("name", CLUSTERING)
def test_a_unit_without_people_changes_nothing(name: str):
    x, y, m2, east = [30, 10, 5], [10, 50, 40], [4e4, 9e4, 1e4], [0, 600, 900]
    less = value(name, city(x, y, m2=m2, east=east))
    more = value(name, city([30, 0, 10, 5], [10, 0, 50, 40], m2=[4e4, 1e8, 9e4, 1e4], east=[0, 10, 600, 900]))
    assert more == pytest.approx(less, rel=1e-13)


@pytest.mark.parametrize("name", CLUSTERING)
@pytest.mark.parametrize("environment", [None, sg.Decay(800), sg.Kernel(1500)], ids=str)
def test_regions_end_at_their_edge_each_in_its_own_projection(name: str, environment: object):
    """Two towns in degrees, one in each of two UTM zones, side by side at the edge of the zones."""
    rng = np.random.default_rng(3)
    cells = [
        box(11.94 + 0.01 * i, 52 + 0.01 * j, 11.95 + 0.01 * i, 52.01 + 0.01 * j) for i in range(12) for j in (0, 1)
    ]
    table = {"x": rng.integers(0, 50, 24), "y": rng.integers(1, 50, 24), "town": ["b", "a"] * 12}
    table["town"] = np.where(np.arange(24) < 12, "west", "east")
    frame = gpd.GeoDataFrame(table, geometry=cells, crs="EPSG:4326")
    bound = sg.bind(name, **({} if environment is not None else {"scale": 700}))

    def measured(frame: gpd.GeoDataFrame, **how: object) -> pd.DataFrame:
        with pytest.warns(sg.SegregateWarning, match="is in degrees"):
            return sg.measure(Population.from_frame(frame, ["x", "y"]), bound, environment=environment, **how)

    together = measured(frame, by="town")
    for town in ("east", "west"):
        alone = measured(frame[frame["town"] == town])
        assert_allclose(together.loc[together["town"] == town, "value"], alone["value"], rtol=1e-12)


# one pass over the pairs ----------------------------------------------------------------


def random_city(rng: np.random.Generator) -> Population:
    """Return 30 units, three of which have people of one group only."""
    counts = rng.integers(1, 40, (30, 4))
    counts[[2, 9], 1:] = 0
    counts[20, :3] = 0
    table = pd.DataFrame(counts, columns=list("abcd")).assign(part=list("uvw") * 10, m2=1e4)
    table["east"], table["north"] = rng.uniform(WEST, WEST + 3000, 30), rng.uniform(SOUTH, SOUTH + 3000, 30)
    return Population.from_frame(table, list("abcd"), points=("east", "north"), crs=CRS, area="m2")


def test_measure_looks_at_the_pairs_once(monkeypatch: pytest.MonkeyPatch):
    passes = []
    once = _met.Operator.__matmul__
    monkeypatch.setattr(_met.Operator, "__matmul__", lambda self, values: passes.append(1) or once(self, values))

    def count(indices: list, **how: object) -> int:
        passes.clear()
        assert set(sg.measure(random_city(np.random.default_rng(5)), indices, **how)["status"]) == {"ok"}
        return len(passes)

    assert count(CLUSTERING) == 1
    assert count(CLUSTERING, by="part") == 1
    # a unit without people of either of two groups is none for ACL: units are counted again for all pairs but a, d
    assert count(CLUSTERING[:2], versus="pairs") == 1
    assert count(CLUSTERING, versus="pairs") == 1 + 10
    two_scales = [sg.bind("SP", scale=500), sg.bind("RCL", scale=500), "SP", sg.bind("SP", self_distance="zero")]
    assert count(two_scales) == 3
    assert count(CLUSTERING, environment=sg.Decay(1000), versus="pairs") == 1


def test_too_many_pairs_are_not_looked_at_unasked(town: Population, monkeypatch: pytest.MonkeyPatch):
    """12 units make 144 pairs, in two regions 72."""
    monkeypatch.setattr("segregate._measure.MOST_PAIRS", 100)
    with pytest.warns(sg.SegregateWarning) as caught:
        found = sg.measure(town)
    (said,) = {str(one.message) for one in caught if "Skipped" in str(one.message)}
    assert "relative_clustering (144 pairs of units take long, name it to have it)" in said
    assert not set(CLUSTERING) & set(found["index"])
    assert set(sg.measure(town, CLUSTERING)["status"]) == {"ok"}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped", sg.SegregateWarning)
        assert set(CLUSTERING) <= set(sg.measure(town, by=["w"] * 6 + ["e"] * 6)["index"])
        assert set(CLUSTERING) <= set(sg.measure(town.within(sg.Kernel(900)))["index"])


# nobody within hundreds of scales -------------------------------------------------------

X, Y, EAST = [30, 10, 0, 5], [10, 50, 0, 40], [0, 900, 1500, 4000]


def exactly(scale: float, name: str) -> float:
    """Return an index of X and Y with units of 1 km2 in decimals, which do not vanish."""
    with localcontext() as context:
        context.prec, context.Emin = 60, MIN_EMIN
        own = Decimal("0.6").sqrt() * 1000
        lived_in = [i for i in range(4) if X[i] + Y[i] > 0]
        c = {
            (i, j): (-(own if i == j else Decimal(abs(EAST[i] - EAST[j]))) / Decimal(scale)).exp()
            for i in lived_in
            for j in lived_in
        }

        def mean(one: list, other: list) -> Decimal:
            return sum(one[i] * c[i, j] * other[j] for i, j in c) / Decimal(sum(one) * sum(other))

        everybody = [x + y for x, y in zip(X, Y, strict=True)]
        if name == "spatial_proximity":
            found = (sum(X) * mean(X, X) + sum(Y) * mean(Y, Y)) / (sum(everybody) * mean(everybody, everybody))
        elif name == "relative_clustering":
            found = mean(X, X) / mean(Y, Y) - 1
        elif name == "mean_proximity":
            found = mean(X, Y)
        else:
            even = Decimal(sum(X)) / len(lived_in) ** 2 * sum(c.values())
            found = (mean(X, X) * sum(X) - even) / (mean(X, everybody) * sum(everybody) - even)
        return float(found)


@pytest.mark.parametrize("scale", [900.0, 3.0, 1.3, 0.5, 1e-4])
@pytest.mark.parametrize("name", CLUSTERING)
def test_many_scales_away_from_everybody(name: str, scale: float):
    """Sums of exp(-775) and less vanish; the ratios do not, at home and within a decay, in parts and in regions."""
    pop = city(X, Y, m2=[1e6] * 4, east=EAST)
    expected = exactly(scale, name)
    margin = {"rel": 1e-10, "abs": 0 if name != "mean_proximity" else 1e-300}
    assert value(name, pop, scale=scale) == pytest.approx(expected, **margin)
    nearby = pop.within(sg.Decay(scale))
    assert value(name, nearby) == pytest.approx(expected, **margin)
    assert value(name, nearby.subset(pop.totals > 0)) == pytest.approx(expected, **margin)
    assert value(name, nearby.regions(["all"] * 4)) == pytest.approx([expected], **margin)
    assert value(name, nearby.select("y", "x")) == pytest.approx(expected, **margin)
    (row,) = (
        sg.measure(pop, sg.bind(name, scale=scale), versus="pairs")
        .query("group in ('', 'x') and versus in ('', 'y')")
        .to_dict("records")
    )
    assert row["value"] == pytest.approx(expected, **margin)


def test_scales_of_two_regions_do_not_mix():
    """One town of large units, one of small ones: each has its own least distance."""
    table = pd.DataFrame({"x": X * 2, "y": Y * 2, "east": [WEST + e for e in EAST] * 2, "north": SOUTH})
    table["m2"], table["town"] = [1e6] * 4 + [100.0] * 4, ["large"] * 4 + ["small"] * 4
    pop = Population.from_frame(table, ["x", "y"], points=("east", "north"), crs=CRS, area="m2")
    for name in CLUSTERING:
        together = value(name, pop.regions("town"), scale=1.0)
        alone = [value(name, part, scale=1.0) for part in pop.split("town").values()]
        assert_allclose(together, alone, rtol=1e-12)


def test_three_groups_of_whom_two_are_left(monkeypatch: pytest.MonkeyPatch):
    """The nearest people may be others once a group is left out, so nothing is taken over from the whole."""
    table = pd.DataFrame(
        {"x": X, "y": Y, "z": [0, 0, 9, 1], "east": [WEST + e for e in EAST], "north": SOUTH, "m2": 1e6}
    )
    pop = Population.from_frame(table, ["x", "y", "z"], points=("east", "north"), crs=CRS, area="m2")
    for scale in (1.3, 0.5, 900.0):
        for name in CLUSTERING[:3]:
            found = sg.measure(pop, sg.bind(name, scale=scale), versus="pairs")
            if name != "spatial_proximity":
                row = found[(found["group"] == "x") & (found["versus"] == "y")]
                assert row["value"].item() == pytest.approx(exactly(scale, name), rel=1e-10)
            assert value(name, pop.select("x", "y"), scale=scale) == pytest.approx(exactly(scale, name), rel=1e-10)


# within an environment ------------------------------------------------------------------


def within(x: list, y: list, matrix: list | np.ndarray) -> Population:
    pop = Population.from_frame(pd.DataFrame({"x": x, "y": y}, dtype=float), ["x", "y"])
    return pop.within(sg.Weights(scipy.sparse.csr_array(np.array(matrix, dtype=float))))


def test_an_environment_needs_no_places():
    pop = within([3, 1], [1, 3], [[1, 0.5], [0.5, 1]])
    assert sg.mean_proximity(pop, group="x", other="y") == pytest.approx(
        (3 * 1 + 3 * 0.5 * 3 + 0.5 + 3) / 16, rel=1e-14
    )
    with pytest.warns(sg.SegregateWarning, match="Skipped") as caught:
        assert set(CLUSTERING) <= set(sg.measure(pop)["index"])
    assert not any(name in str(one.message) for one in caught for name in CLUSTERING)
    with pytest.warns(sg.SegregateWarning, match=r"Skipped: .*absolute_clustering \(needs areas\)"):
        assert not set(CLUSTERING) & set(sg.measure(pop.home())["index"])


def test_units_with_people_are_those_of_the_population_within():
    """The third unit has people of z only: a unit with people of everybody, and none of x and y."""
    table = pd.DataFrame({"x": [3.0, 1, 0], "y": [1.0, 3, 0], "z": [0.0, 0, 5]})
    matrix = sg.Weights(scipy.sparse.csr_array(np.array([[1, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 1]])))
    pop = Population.from_frame(table, ["x", "y", "z"])
    # S_x = 3.5, 2.5; S of x and y = 6, 6; all c: 1.75 + 2 + 1.75 of three units, or 1.5 + 1.5 of two
    own, every = 0.75 * 3.5 + 0.25 * 2.5, 6.0
    after = sg.absolute_clustering(pop.within(matrix).select("x", "y"), group="x")
    assert after == pytest.approx((own - 4 / 9 * 5.5) / (every - 4 / 9 * 5.5), rel=1e-13)
    two = sg.Weights(scipy.sparse.csr_array(np.array([[1, 0.5], [0.5, 1]])))
    before = sg.absolute_clustering(pop.select("x", "y").subset([True, True, False]).within(two), group="x")
    assert before == pytest.approx((own - 3) / (every - 3), rel=1e-13)


# what is refused, and what has no value -------------------------------------------------


@pytest.mark.parametrize(
    "params", [{"scale": 500}, {"self_distance": "zero"}, {"scale": 2000.0, "self_distance": "zero"}]
)
@pytest.mark.parametrize("name", CLUSTERING)
def test_a_scale_has_no_meaning_within_an_environment(town: Population, name: str, params: dict):
    scale, own = params.get("scale", 1000), params.get("self_distance", "area")
    with pytest.raises(sg.ParameterError) as caught:
        value(name, town.within(sg.Kernel(900)), **params)
    assert str(caught.value) == (
        f"scale={scale:g} and self_distance={own!r} say who is near at home; this population is within an environment, "
        "which says it. Take population.home(), or give the environment the scale: "
        f"population.within(sg.Decay({scale:g}))."
    )


@pytest.mark.parametrize("scale", [0, -1.0, math.inf, math.nan, True, "1", None])
@pytest.mark.parametrize("name", CLUSTERING)
def test_a_scale_that_is_no_length(town: Population, name: str, scale: object):
    with pytest.raises(sg.ParameterError, match=r"^scale=.* is a distance in metres, above 0\.$"):
        value(name, town, scale=scale)


@pytest.mark.parametrize("name", CLUSTERING)
def test_a_self_distance_that_is_none(town: Population, name: str):
    with pytest.raises(sg.ParameterError, match=r"self_distance='aera'.*'area'"):
        value(name, town, self_distance="aera")


@pytest.mark.parametrize("name", CLUSTERING)
def test_not_without_places(name: str):
    bare = Population.from_frame(pd.DataFrame({"x": [1, 2], "y": [2, 1]}), ["x", "y"])
    with pytest.raises(sg.GeometryError, match="has no geometry, so distances and areas are not known"):
        value(name, bare)
    table = pd.DataFrame({"x": [1, 2], "y": [2, 1], "e": [WEST, WEST + 500], "n": SOUTH})
    points = Population.from_frame(table, ["x", "y"], points=("e", "n"), crs=CRS)
    with pytest.raises(sg.GeometryError, match=r"^2 units of 2 have no area .*area='\.\.\.'"):
        value(name, points)
    # without a distance of its own no unit needs an area
    assert math.isfinite(value(name, points, self_distance="zero"))


def test_what_has_no_value_says_why():
    apart = within([3, 1], [2, 0], [[0, 1], [1, 0]])  # the others live in one unit, and meet nobody of theirs
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        assert math.isnan(sg.relative_clustering(apart, group="x"))
    assert [str(one.message) for one in caught] == [
        "The index is undefined: the others have none of their own near, so there is nothing to compare with."
    ]
    # the members meet 3 + 3 + 3 people; spread evenly they would meet 6 / 9 of all 13.5 weights
    alike = within([0, 6, 0], [3, 0, 3], [[1, 0, 4.5], [1, 0.5, 1], [4.5, 1, 0]])
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        assert math.isnan(sg.absolute_clustering(alike, group="x"))
    assert [str(one.message) for one in caught] == [
        "The index is undefined: the people around the group are as many as its members would be around each unit if "
        "they were spread evenly."
    ]
    none = Population.from_frame(pd.DataFrame({"x": [3, 1], "y": [1, 2], "z": 0}), ["x", "y", "z"])
    none = none.within(sg.Weights(scipy.sparse.csr_array(np.ones((2, 2)))))
    with pytest.warns(
        sg.UndefinedIndexWarning, match=r"^The index is undefined: nobody of the other group lives here\.$"
    ):
        assert math.isnan(sg.mean_proximity(none, group="x", other="z"))
    with pytest.warns(sg.UndefinedIndexWarning, match=r"^The index is undefined: nobody of group 'z' lives here\.$"):
        assert math.isnan(sg.mean_proximity(none, group="z", other="x"))
    for name in CLUSTERING:
        with pytest.warns(sg.UndefinedIndexWarning, match="only one group has people here|nobody of the other group"):
            assert math.isnan(value(name, city([3, 1], [0, 0], grid(2, 1))))


def test_nearness_that_is_lost_in_rounding_says_so():
    """The least number there is, for each of ten units: a tenth of it is 0."""
    faint = within([1, 0] * 5, [0, 1] * 5, np.eye(10) * 5e-324)
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        assert math.isnan(sg.spatial_proximity(faint))
    assert [str(one.message) for one in caught] == [
        "The index is undefined: nobody has anybody near, so there is nothing to compare with."
    ]


def test_what_is_bound_is_checked_and_told():
    assert sg.bind("SP", scale=500).params == '{"scale": 500.0}'
    assert sg.bind("RCL", self_distance="zero").params == '{"self_distance": "zero"}'
    with pytest.raises(sg.ParameterError, match="spatial_proximity: scale='far' is not a number"):
        sg.bind("SP", scale="far")
