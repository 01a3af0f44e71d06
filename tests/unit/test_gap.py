"""School against home, against plain loops; zero where the construction says so."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from tests.unit import oracle_gap as oracle

GROUPS = ["a", "b", "c"]


def district(seed=1, blocks=20, schools=4, scale=1.0):
    """Return blocks with zones, and schools to which some pupils go who are not assigned."""
    rng = np.random.default_rng(seed)
    homes = rng.integers(0, 30, (blocks, 3)).astype(float)
    homes[2] = 0
    zone = np.arange(blocks) % schools
    homes[zone == 1, 2] = 0  # nobody of c is assigned to the second school
    assigned = np.array([homes[zone == s].sum(axis=0) for s in range(schools)])
    learn = assigned * rng.uniform(0.5, 1.5, assigned.shape)
    learn[1, 2] = 7
    learn *= scale * assigned.sum() / learn.sum()
    spots = shapely.points(rng.uniform(0, 3000, (blocks, 2)) + np.array([5e5, 5e6]))
    frame = gpd.GeoDataFrame(pd.DataFrame(homes, columns=GROUPS), geometry=spots, crs="EPSG:32633")
    frame["zone"] = [f"S{k}" for k in zone]
    frame.index = [f"b{k}" for k in range(blocks)]
    there = shapely.points(rng.uniform(0, 3000, (schools, 2)) + np.array([5e5, 5e6]))
    places = gpd.GeoDataFrame(pd.DataFrame(learn, columns=GROUPS), geometry=there, crs="EPSG:32633")
    places.index = [f"S{k}" for k in range(schools)]
    return sg.Population.from_frame(places, GROUPS), sg.Population.from_frame(frame, GROUPS), zone


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("index", "group"), [("H", None), ("D", "a")])
def test_against_plain_loops(seed, index, group):
    schools, homes, zone = district(seed)
    found = sg.schools.gap(schools, homes, zones="zone", index=index, group=group)
    shares = [[1.0 if s == zone[j] else 0.0 for s in range(4)] for j in range(20)]
    measure = oracle.information if index == "H" else oracle.dissimilarity
    worth, parts = oracle.gap(homes.counts.tolist(), shares, schools.counts.tolist(), measure)
    assert [found.residence, found.zoning, found.choice] == pytest.approx(parts, rel=1e-10, abs=1e-12)
    assert found.schools == pytest.approx(worth[True, True, True], rel=1e-12)
    assert found.homes == pytest.approx(worth[True, False, False], rel=1e-12)
    assert found.zones == pytest.approx(worth[True, True, False], rel=1e-12)
    assert abs(found.residence + found.zoning + found.choice - found.schools) < 1e-12
    assert abs(found.table["of_difference"].sum() - found.difference) < 1e-12
    for *players, value in found.coalitions.itertuples(index=False):
        assert value == pytest.approx(worth[tuple(map(bool, players))], rel=1e-10, abs=1e-12)


def test_the_values_are_those_of_the_populations():
    schools, homes, _ = district()
    found = sg.schools.gap(schools, homes, zones="zone")
    assert found.schools == pytest.approx(sg.information_theory(schools), rel=1e-12)
    assert found.homes == pytest.approx(sg.information_theory(homes), rel=1e-12)


def test_nobody_chooses():
    _, homes, _ = district()
    assigned = homes.to_frame().groupby("zone")[GROUPS].sum()
    schools = sg.Population.from_frame(assigned, GROUPS)
    found = sg.schools.gap(schools, homes, zones="zone")
    assert abs(found.choice) < 1e-12
    assert found.schools == pytest.approx(found.zones, abs=1e-14)
    assert found.residence + found.zoning == pytest.approx(found.schools, abs=1e-12)


def test_all_live_alike():
    homes = sg.Population.from_frame(
        pd.DataFrame({"a": [10, 20, 30.0], "b": [5, 10, 15.0], "zone": ["x", "x", "y"]}), ["a", "b"]
    )
    schools = sg.Population.from_frame(pd.DataFrame({"a": [40, 20.0], "b": [5, 25.0]}, index=["x", "y"]), ["a", "b"])
    found = sg.schools.gap(schools, homes, zones="zone")
    assert abs(found.residence) < 1e-12
    assert abs(found.homes) < 1e-12
    assert abs(found.zones) < 1e-12
    assert found.schools > 0.1


def test_every_block_is_a_zone():
    _, homes, _ = district()
    learn = homes.to_frame()[GROUPS] * 1.0
    schools = sg.Population.from_frame(learn, GROUPS)
    found = sg.schools.gap(schools, homes, zones=pd.Series(homes.ids, index=homes.ids))
    assert abs(found.zoning) < 1e-12
    assert abs(found.choice) < 1e-12
    assert found.residence == pytest.approx(found.schools, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_school_with_room(seed):
    schools, homes, _ = district(seed)
    found = sg.schools.gap(schools, homes)
    costs = [[float(np.hypot(*(a - b))) for b in schools.points] for a in homes.points]
    shares, without = oracle.nearest_with_room(costs, homes.totals.tolist(), schools.totals.tolist())
    assert without == pytest.approx(0, abs=1e-6)
    assigned = np.array(shares).T @ homes.counts
    np.testing.assert_allclose(found.assigned, assigned, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.assigned.sum(axis=1), schools.totals, rtol=1e-9)
    _, parts = oracle.gap(homes.counts.tolist(), shares, schools.counts.tolist(), oracle.information)
    assert [found.residence, found.zoning, found.choice] == pytest.approx(parts, rel=1e-8, abs=1e-10)
    wide = pd.DataFrame(costs, index=homes.ids, columns=schools.ids)
    again = sg.schools.gap(schools, homes, travel=wide, capacity=1.0)
    assert again.choice == pytest.approx(found.choice, rel=1e-9)


def test_room_that_is_short_is_said():
    schools, homes, _ = district()
    with pytest.raises(DataError, match=r"pupils find no school with room .* places\) that they can reach"):
        sg.schools.gap(schools, homes, capacity=0.8)
    more, _, _ = district(scale=1.1)
    found = sg.schools.gap(more, homes, zones="zone")
    assert any("the difference counts as choice" in note for note in found.notes)
    assert abs(found.residence + found.zoning + found.choice - found.schools) < 1e-12


def test_groups_in_another_order():
    schools, homes, _ = district()
    one = sg.schools.gap(schools, homes, zones="zone", index="D", group="a", other="b")
    two = sg.schools.gap(schools.select("c", "a", "b"), homes, zones="zone", index="D", group="a", other="b")
    assert one.table.equals(two.table)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"zones": "zne"}, r"homes have no column 'zne'"),
        ({"zones": {"b0": "S0"}}, r"18 blocks with pupils without a zone \(first: 'b1', 'b3', 'b4', ...\)"),
        ({"zones": pd.Series("Q", index=[f"b{k}" for k in range(20)])}, r"19 blocks assigned to a school that is not"),
        ({"zones": "zone", "capacity": 1.0}, r"leave travel= and capacity= out"),
        ({"zones": "zone", "index": "spatial_proximity"}, r"sees where units lie"),
        ({"zones": "zone", "index": "share"}, r"sees where units lie, or each unit"),
        ({"capacity": -1}, r"capacity=-1 times the pupils"),
        ({"capacity": "seats"}, r"There is no column 'seats'"),
    ],
)
def test_what_is_refused(how, message):
    schools, homes, _ = district()
    with pytest.raises((ParameterError, UnknownNameError, DataError), match=message):
        sg.schools.gap(schools, homes, **how)


def test_other_groups_and_types_are_refused():
    schools, homes, _ = district()
    with pytest.raises(ParameterError, match="choose the same in both"):
        sg.schools.gap(schools.select("a", "b"), homes, zones="zone")
    with pytest.raises(ParameterError, match="homes is a Population, not GeoDataFrame"):
        sg.schools.gap(schools, homes.to_frame(), zones="zone")
