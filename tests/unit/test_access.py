"""Access to services, against plain loops and by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError, ParameterError, UnknownNameError
from tests.unit import oracle_access as oracle

HOW = [
    ("2sfca", {"reach": 900.0}),
    ("e2sfca", {"reach": 1200.0}),
    ("e2sfca", {"bands": [(300, 1.0), (700, 0.68), (1100, 0.22)]}),
    ("gravity", {"scale": 500.0}),
]


def town(seed=1, units=30, places=7):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 40, (units, 3))
    counts[3] = 0
    spots = shapely.points(rng.uniform(0, 2500, (units, 2)) + np.array([5e5, 5e6]))
    frame = gpd.GeoDataFrame(pd.DataFrame(counts, columns=list("abc")), geometry=spots, crs="EPSG:32633")
    frame.index = [f"u{k}" for k in range(units)]
    services = gpd.GeoDataFrame(
        {"seats": rng.integers(0, 50, places)},
        geometry=shapely.points(rng.uniform(0, 2500, (places, 2)) + np.array([5e5, 5e6])),
        index=[f"s{k}" for k in range(places)],
        crs="EPSG:32633",
    )
    return sg.Population.from_frame(frame, list("abc")), services


def straight(pop, services):
    points = shapely.get_coordinates(services.geometry)
    return [[float(np.hypot(*(a - b))) for b in points] for a in pop.points]


@pytest.mark.parametrize(("method", "how"), HOW)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_against_plain_loops(method, how, seed):
    pop, services = town(seed)
    found = sg.access(pop, services, method=method, supply="seats", **how)
    costs, counts = straight(pop, services), pop.counts.tolist()
    people = [sum(row) for row in counts]
    expected = oracle.accessibility(costs, people, services["seats"].tolist(), method, **how)
    np.testing.assert_allclose(found.values, expected, rtol=1e-12, atol=1e-15)
    table = found.table
    means = oracle.mean_by_group(expected, [[*row, sum(row)] for row in counts])
    np.testing.assert_allclose(table["mean"], means, rtol=1e-12)
    parts = oracle.split(costs, counts, services["seats"].tolist(), method, **how)
    np.testing.assert_allclose(table[["gap", "residence", "supply"]].iloc[:3], parts, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(table["residence"] + table["supply"], table["gap"], atol=1e-14)


@pytest.mark.parametrize(("method", "how"), HOW)
def test_all_supply_that_is_reached_is_spread(method, how):
    pop, services = town()
    found = sg.access(pop, services, method=method, supply="seats", **how)
    reached = found.facilities["demand"] > 0
    assert found.values @ pop.totals == pytest.approx(services["seats"][reached.to_numpy()].sum(), rel=1e-12)


def test_even_supply_has_no_part_of_supply():
    pop, services = town()
    first = sg.access(pop, services, reach=900.0, supply="seats")
    services["fair"] = 3 * first.facilities["demand"]
    found = sg.access(pop, services, reach=900.0, supply="fair")
    np.testing.assert_allclose(found.table["supply"], 0, atol=1e-12)
    alike = sg.Population.from_frame(pd.DataFrame({"a": pop.totals, "b": 2 * pop.totals}, index=pop.ids), ["a", "b"])
    costs = pd.DataFrame(straight(pop, services), index=pop.ids, columns=services.index)
    np.testing.assert_allclose(
        sg.access(alike, services, costs, reach=900.0, supply="seats").table[["gap", "residence", "supply"]],
        0,
        atol=1e-14,
    )


def test_nearest():
    pop, services = town()
    found = sg.access(pop, services, method="nearest")
    expected = [min(row) for row in straight(pop, services)]
    np.testing.assert_allclose(found.values, expected, rtol=1e-12)
    means = oracle.mean_by_group(expected, [[*row, sum(row)] for row in pop.counts.tolist()])
    np.testing.assert_allclose(found.table["mean"], means, rtol=1e-12)
    assert (found.table["supply"] == 0).all()
    services["open"] = [0, 0, 0, 0, 0, 0, 1]
    only = sg.access(pop, services, method="nearest", supply="open")
    np.testing.assert_allclose(only.values, [row[-1] for row in straight(pop, services)], rtol=1e-12)


def test_every_way_to_say_travel_gives_the_same():
    pop, services = town()
    expected = sg.access(pop, services, reach=900.0, supply="seats").values.to_numpy()
    array = np.array(straight(pop, services))
    wide = pd.DataFrame(array, index=pop.ids, columns=services.index)
    long = (
        wide.rename_axis("from")
        .reset_index()
        .melt("from", var_name="to", value_name="cost")
        .sample(frac=1, random_state=1)
    )
    near = long[long["cost"] <= 1000]
    sparse = scipy.sparse.csr_array(np.where(array <= 1000, array, 0))
    for travel in (array, wide, wide.iloc[::-1, ::-1], long, near, sparse):
        found = sg.access(pop, services, travel, reach=900.0, supply="seats").values.to_numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    degrees = services.to_crs("EPSG:4326")
    found = sg.access(pop, degrees, reach=900.0, supply="seats").values.to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_along_streets():
    homes = gpd.GeoDataFrame(
        {"a": [10, 20, 5], "b": [1, 2, 3]}, geometry=gpd.points_from_xy([0, 600, 600], [200, 200, 0]), crs="EPSG:32633"
    )
    pop = sg.Population.from_frame(homes, ["a", "b"])
    school = gpd.GeoDataFrame(geometry=gpd.points_from_xy([600], [0]), crs="EPSG:32633")
    streets = gpd.GeoSeries(
        [
            shapely.LineString([(0, 200), (600, 200)]),
            shapely.LineString([(0, 0), (600, 0)]),
            shapely.LineString([(0, 0), (0, 200)]),
        ],
        crs="EPSG:32633",
    )
    for travel in (streets, sg.Network(streets, 100)):
        assert sg.access(pop, school, travel, method="nearest").values.tolist() == [800.0, 1400.0, 0.0]


def test_who_reaches_nothing_is_said():
    pop, services = town()
    found = sg.access(pop, services, reach=150.0, supply="seats")
    nothing = found.values == 0
    assert nothing.any()
    without = pop.counts[nothing.to_numpy()].sum(axis=0) / pop.counts.sum(axis=0)
    np.testing.assert_allclose(found.table["without"].iloc[:3], without)
    assert any("reach no facility; their access is 0" in note for note in found.notes)
    with pytest.raises(DataError, match="Nobody can reach any facility"):
        sg.access(pop, services, reach=1e-3)
    costs = np.array(straight(pop, services))
    costs[5] = np.nan
    gone = sg.access(pop, services, costs, method="nearest")
    assert np.isnan(gone.values.iloc[5])
    assert any("no way to any facility" in note for note in gone.notes)
    assert gone.table["mean"].notna().all()


def test_who_competes():
    pop, services = town()
    found = sg.access(pop, services, reach=900.0, supply="seats", demand="b")
    expected = oracle.accessibility(
        straight(pop, services), pop.counts[:, 1].tolist(), services["seats"].tolist(), "2sfca", reach=900.0
    )
    np.testing.assert_allclose(found.values, expected, rtol=1e-12, atol=1e-15)
    with pytest.raises(UnknownNameError, match="'d'"):
        sg.access(pop, services, reach=900.0, demand="d")


def test_concentration_and_quantiles_by_hand():
    pop = sg.Population.from_frame(pd.DataFrame({"a": [8, 2], "b": [0, 10]}, index=["u", "v"]), ["a", "b"])
    services = pd.DataFrame({"n": [8, 24]}, index=["x", "y"])
    costs = np.array([[1, 9], [9, 1]])
    found = sg.access(pop, services, costs, reach=2, supply="n")
    assert found.values.tolist() == [1.0, 2.0]
    curve = found.concentration
    assert curve["people"].tolist() == [0.0, 0.4, 1.0]
    assert curve["a"].tolist() == [0.0, 0.8, 1.0]
    assert curve["b"].tolist() == [0.0, 0.0, 1.0]
    assert found.table.loc[0, ["low", "high"]].tolist() == [1.0, 2.0]
    assert found.table.loc[1, ["low", "high"]].tolist() == [2.0, 2.0]
    assert found.local["value"].tolist() == [1.0, 2.0]
    assert "worst for a" in repr(found)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({}, r"method='2sfca' needs reach=, in metres"),
        ({"reach": -1}, r"reach=-1 is a cost above 0"),
        ({"reach": 1, "scale": 2}, r"scale= does not go with method='2sfca'"),
        ({"method": "nearest", "reach": 2}, r"reach= does not go with method='nearest'"),
        ({"method": "gravity"}, r"needs scale="),
        ({"method": "e2sfca", "bands": [(3, 1), (2, 0.5)]}, r"bands= rises in cost"),
        ({"method": "e2sfca", "bands": 3}, r"bands= is a list of \(cost, weight\)"),
        ({"method": "e2sfca", "bands": [(3, 1)], "reach": 3}, r"leave reach= out"),
        ({"method": "near"}, r"method"),
        ({"reach": 9, "supply": "seets"}, r"Did you mean 'seats'"),
        ({"reach": 9, "travel": np.ones((2, 2))}, r"travel= is 2 x 2; it takes one row for each of the 30 units"),
        ({"reach": 9, "travel": -np.ones((30, 7))}, r"210 costs of travel= below 0"),
        ({"reach": 9, "travel": "car"}, r"travel= is None, a Network, streets"),
        ({"reach": 9, "travel": pd.DataFrame({"a": [1]})}, r"columns from, to and cost"),
        (
            {"reach": 9, "travel": pd.DataFrame({"o": ["u1", "u1"], "d": ["s1", "s1"], "c": [1, 2]})},
            r"1 pair of travel= named twice \(first: 'u1' to 's1'\)",
        ),
        (
            {"reach": 9, "travel": pd.DataFrame({"o": ["x"], "d": ["s1"], "c": [1]})},
            r"None of the ids in the column 'o'",
        ),
    ],
)
def test_what_is_refused(how, message):
    pop, services = town()
    with pytest.raises((ParameterError, DataError, UnknownNameError), match=message):
        sg.access(pop, services, **how)


def test_places_are_asked_for():
    pop, services = town()
    with pytest.raises(GeometryError, match="facilities have no geometry"):
        sg.access(pop, pd.DataFrame(services.drop(columns="geometry")), reach=9)
    with pytest.raises(GeometryError, match="no coordinate reference system"):
        sg.access(pop, services.set_crs(None, allow_override=True), reach=9)
    with pytest.raises(ParameterError, match="a GeoSeries or a Population, not list"):
        sg.access(pop, [1, 2], reach=9)
    services.loc["s1", "seats"] = -2
    with pytest.raises(DataError, match=r"1 facility of 7 has no number of 0 or more in 'seats' \(first: 's1'\)"):
        sg.access(pop, services, reach=9, supply="seats")


def test_belo_horizonte(shared_data):
    cells = gpd.read_parquet(shared_data("belo_horizonte_travel/bho_hex.parquet"))
    pairs = pd.read_parquet(shared_data("belo_horizonte_travel/bho_travel_matrix.parquet"))
    decile = cells["income_decile"].to_numpy(dtype=float)
    people = cells["population"].to_numpy(dtype=float)
    groups = {"poorer": people * (decile <= 5), "richer": people * (decile > 5)}
    kept = (decile > 0) & ~np.isnan(decile)
    frame = gpd.GeoDataFrame({k: np.where(kept, v, 0) for k, v in groups.items()}, geometry=cells.geometry)
    pop = sg.Population.from_frame(frame, list(groups))
    travel = pairs[["o", "d", "minutes"]]
    found = sg.access(pop, cells[["schools"]].reset_index(drop=True), travel, supply="schools", reach=30)
    totals = pop.totals.tolist()
    supply = cells["schools"].tolist()
    demand, value = {}, dict.fromkeys(range(len(cells)), 0.0)
    rows = list(zip(pairs["o"].tolist(), pairs["d"].tolist(), pairs["minutes"].tolist(), strict=True))
    for o, d, minutes in rows:
        if minutes <= 30:
            demand[d] = demand.get(d, 0.0) + totals[o]
    for o, d, minutes in rows:
        if minutes <= 30 and demand[d] > 0:
            value[o] += supply[d] / demand[d]
    assert len(rows) == 748_437
    np.testing.assert_allclose(found.values, [value[k] for k in range(len(cells))], rtol=1e-12, atol=1e-18)
    assert found.table["mean"].notna().all()
