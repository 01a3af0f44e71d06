"""Plans: every index before and after, against building the changed table by hand; derivatives against differences."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError, ParameterError, UnknownNameError
from segregate.schools._influence import influence_of
from tests.helpers import quietly
from tests.unit import oracle_influence as oracle

GROUPS = ["a", "b", "c"]
INDICES = ["D", "G", "H", "M", "R", "V", "isolation", "exposure", "atkinson"]


def city(seed=1, units=25):
    rng = np.random.default_rng(seed)
    counts = rng.integers(5, 60, (units, 3)).astype(float)
    corner = np.array([(k % 5, k // 5) for k in range(units)]) * 400.0 + np.array([5e5, 5e6])
    frame = gpd.GeoDataFrame(
        pd.DataFrame(counts, columns=GROUPS),
        geometry=shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 400, corner[:, 1] + 400),
        crs="EPSG:32633",
    )
    frame.index = [f"u{k}" for k in range(units)]
    return frame


def population(frame):
    return sg.Population.from_frame(frame, GROUPS)


def compared(found, before, after, indices=INDICES, **how):
    for column, pop in (("before", before), ("after", after)):
        expected = quietly(sg.measure, pop, indices, **how)
        assert found.table["index"].tolist() == expected["index"].tolist()
        np.testing.assert_allclose(found.table[column], expected["value"], rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(found.table["change"], found.table["after"] - found.table["before"])


@pytest.mark.parametrize("near", [None, sg.Kernel(900), sg.Nearest(300), sg.Contiguity()])
def test_new_homes_people_who_move_and_a_closed_unit(near):
    frame = city()
    later = frame.copy()
    later.loc["u3", GROUPS] += [100, 150, 50]
    later.loc["u7", "a"] -= 5
    later.loc["u9", "a"] += 5
    later.loc["u12", GROUPS] += frame.loc["u11", GROUPS]
    later.loc["u11", GROUPS] = 0
    before, after = population(frame), population(later)
    if near is not None:
        before, after = before.within(near), after.within(near)
    found = quietly(
        sg.what_if,
        before,
        add={"u3": {"a": 100, "b": 150, "c": 50}},
        move=[{"from": "u7", "to": "u9", "a": 5}],
        close="u11",
        to="u12",
        indices=INDICES,
    )
    compared(found, before, after)
    np.testing.assert_allclose(found.after.counts, after.counts)
    assert found.units.index.tolist() == ["u3", "u7", "u9", "u11", "u12"]
    assert found.units.loc["u11", "after"] == 0
    local = found.local("divergence")
    expected = quietly(sg.local, after, "divergence")["value"] - quietly(sg.local, before, "divergence")["value"]
    np.testing.assert_allclose(local["change"], expected, atol=1e-12)
    assert "Change of" in local.attrs["segregate"]["title"]


def test_all_indices_by_default():
    frame = city()
    found = quietly(sg.what_if, population(frame), add={"u3": {"a": 100}})
    later = frame.copy()
    later.loc["u3", "a"] += 100
    compared(found, population(frame), population(later), None)
    assert found.table["index"].nunique() > 20


def test_pairs():
    frame = city()
    found = quietly(sg.what_if, population(frame), close=["u1", "u2"], indices=["D", "exposure"], versus="pairs")
    later = frame.copy()
    later.loc[["u1", "u2"], GROUPS] = 0
    compared(found, population(frame), population(later), ["D", "exposure"], versus="pairs")


def test_a_new_unit():
    frame = city()
    new = gpd.GeoDataFrame(
        {"a": [30.0], "c": [60.0]},
        geometry=[shapely.box(502000, 5e6, 502400, 5000400)],
        index=["new"],
        crs="EPSG:32633",
    )
    after = population(pd.concat([frame, new]).fillna(0.0))
    found = quietly(sg.what_if, population(frame), add=new.to_crs("EPSG:4326"), indices=INDICES)
    compared(found, population(frame), after)
    assert found.after.n_units == 26
    near = population(frame).within(sg.Kernel(900))
    found = quietly(sg.what_if, near, add=new, indices=["H", "delta"] if near.at_home else ["H"])
    assert found.table["after"].item() == pytest.approx(sg.information_theory(after.within(sg.Kernel(900))), rel=1e-10)
    assert found.local("divergence")["before"].isna().sum() == 1
    with pytest.raises(GeometryError, match=r"1 new unit \(first: 'new'\) without a place"):
        sg.what_if(population(frame), add=pd.DataFrame({"a": [3]}, index=["new"]))
    table = sg.Population.from_frame(pd.DataFrame(frame[GROUPS]), GROUPS)
    assert quietly(sg.what_if, table, add={"new": {"a": 3}}, indices=["H"]).after.n_units == 26
    weights = table.within(sg.Flows(np.ones((25, 2))))
    with pytest.raises(ParameterError, match="is a table of the units there are"):
        sg.what_if(weights, add={"new": {"a": 3}}, indices=["H"])


def test_where_the_people_of_a_closed_unit_go():
    frame = city()
    pop = population(frame)
    nearest = quietly(sg.what_if, pop, close=["u0", "u1"], to="nearest", indices=["H"])
    assert nearest.after.size == pytest.approx(pop.size)
    assert nearest.units.index.tolist() == ["u0", "u1", "u2", "u5"]  # u0 to u5 above it, u1 to u2 beside it
    split = quietly(sg.what_if, pop, close="u0", to={"u0": {"u4": 0.25, "u5": 0.75}}, indices=["H"])
    here = frame.loc["u0", GROUPS].astype(float)
    np.testing.assert_allclose(split.units.loc["u4", GROUPS].astype(float), here / 4)
    np.testing.assert_allclose(split.units.loc["u5", GROUPS].astype(float), here * 0.75)
    gone = quietly(sg.what_if, pop, close="u0", indices=["H"])
    assert gone.after.size == pytest.approx(pop.size - here.sum())
    first = quietly(sg.what_if, pop, move=[{"from": "u0", "to": "u8", "a": 5}], close="u0", to="u9", indices=["H"])
    assert first.units.loc["u9", "a"] == here["a"] - 5
    assert first.after.size == pytest.approx(pop.size)


@pytest.mark.parametrize("unit", [0, 3])
@pytest.mark.parametrize("group", [0, 1, 2])
def test_derivatives(unit, group):
    counts = city(units=6)[GROUPS].to_numpy()
    table = counts.tolist()
    known = {
        ("mutual_information", None, None): lambda t: oracle.information([list(map(float, row)) for row in t])[0],
        ("information_theory", None, None): lambda t: oracle.information([list(map(float, row)) for row in t])[1],
        ("isolation", 0, None): lambda t: oracle.exposure(t, 0, 0),
        ("exposure", 0, 2): lambda t: oracle.exposure(t, 0, 2),
        ("correlation_ratio", 1, None): lambda t: oracle.eta(t, 1),
        ("dissimilarity", 2, None): lambda t: oracle.two_groups(t, 2),
    }
    for (name, own, other), index in known.items():
        exact = name not in ("mutual_information", "information_theory")
        step = {} if exact else {"step": oracle.Fraction(1, 1000)}
        expected = oracle.slope(index, table, unit, group, **step)
        found = influence_of(name, counts, own, other)[unit, group]
        assert found == pytest.approx(expected, rel=1e-9 if exact else 1e-5, abs=1e-12), name


def test_small_plans_change_as_their_influence_says():
    pop = population(city())
    found = quietly(
        sg.what_if,
        pop,
        move=[{"from": "u7", "to": "u9", "a": 1e-4}],
        indices=["D", "H", "M", "isolation", "exposure", "V"],
    )
    table = found.table
    known = table["influence"].notna()
    assert known.sum() == len(table) - 1  # D of three groups together has no formula
    np.testing.assert_allclose(table["change"][known], table["influence"][known], rtol=1e-3, atol=1e-12)
    two = quietly(sg.what_if, pop.select("a", "b"), add={"u2": {"a": 1e-4}}, indices=["D", "isolation", "H"]).table
    np.testing.assert_allclose(two["change"], two["influence"], rtol=1e-3)
    pairs = quietly(sg.what_if, pop, add={"u2": {"a": 1e-4}}, indices=["exposure", "atkinson"], versus="pairs").table
    known = pairs["influence"].notna()
    assert set(pairs["index"][known]) == {"exposure"}
    np.testing.assert_allclose(pairs["change"][known], pairs["influence"][known], rtol=1e-3, atol=1e-12)
    near = quietly(sg.what_if, pop.within(sg.Kernel(900)), add={"u2": {"a": 1e-4}}, indices=["H"]).table
    assert near["influence"].isna().all()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({}, "A plan has add=, move= or close="),
        ({"add": {"u1": {"a": 3}}, "to": "u2"}, "name them: close="),
        ({"add": {"u1": {"z": 3}}}, "add= names 'z', which is no group"),
        ({"add": {"u1": {"a": -3}}}, "not 0 or more"),
        ({"add": 3}, "add= is a table of people by unit"),
        ({"add": pd.DataFrame({"a": [1, 2]}, index=["u1", "u1"])}, "add= names units twice"),
        ({"move": [{"from": "u1", "a": 3}]}, "move= is a list of"),
        ({"move": [{"from": "u1", "to": "x9", "a": 3}]}, "move= goes to 'x9', which is no unit"),
        (
            {"move": [{"from": "u1", "to": "u2", "a": 3000}]},
            r"More people leave than live there in 1 unit \(first: 'u1'",
        ),
        ({"close": "u99"}, "close= names 'u99', which is no unit"),
        ({"close": "u1", "to": "u1"}, "closed itself"),
        ({"close": "u1", "to": {"u2": "u3"}}, "to= names 'u2', which is not closed"),
        ({"close": "u1", "to": {"u1": {"u2": 0.5}}}, "shares sum to 1"),
        ({"close": "u1", "to": {"u1": {"u2": 1.5}}}, "shares lie between 0 and 1"),
        ({"close": "u1", "to": "u77"}, "sends people to 'u77'"),
        ({"close": [f"u{k}" for k in range(25)], "to": "nearest"}, "All units are closed"),
    ],
)
def test_what_is_refused(how, message):
    with pytest.raises((ParameterError, UnknownNameError, DataError), match=message):
        sg.what_if(population(city()), **how)
