"""AXIOMS.md against the oracles: what holds is tried on random cities, what fails has a counter-example."""

import inspect
import math
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracles._common import home, rounding, steady
from tests.properties.strategies import AXIOMS, as_two, cities

LOCAL_AXIOMS = ("unit_order", "group_order", "scale", "empty_unit", "empty_group")


def tables():
    """Return the tables of AXIOMS.md: title of the first column -> list of rows (dicts)."""
    found = {}
    head = None
    for line in (Path(__file__).parent / "AXIOMS.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            head = None
        elif head is None:
            head = cells
            found[head[0]] = []
        elif not line.startswith("|---"):
            found[head[0]].append(dict(zip(head, cells, strict=True)))
    return found


TABLES = tables()
PLACED = {row["index with places"] for row in TABLES["index with places"]}
"""Indices that need areas, points or borders: test_places looks at them."""
GLOBAL = {row["index"]: row for row in TABLES["index"]}
LOCAL = {row["local index"]: row for row in TABLES["local index"]}
OF_TWO = {name for name, row in GLOBAL.items() if row["empty_group"] == "-"}
"""Indices of two groups."""
NAMED = {"typology"}
"""Indices whose values are names: test_package compares them."""
FAILS = [(name, axiom) for name, row in GLOBAL.items() for axiom in AXIOMS if row[axiom] == "fails"]


def module(name):
    return import_module(f"tests.oracles.{name}")


def focal(function, group, other):
    """Return the parameters of the focal groups that a function asks for."""
    asked = inspect.signature(function).parameters
    return {key: value for key, value in (("group", group), ("other", other)) if key in asked}


def test_the_table_is_complete():
    files = {path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if not path.stem.startswith("test")}
    assert set(GLOBAL) | set(LOCAL) | NAMED | set(PLACED) == files
    cells = {row[axiom] for row in GLOBAL.values() for axiom in AXIOMS}
    assert cells == {"holds", "fails", "-"}
    assert {row[axiom] for row in LOCAL.values() for axiom in LOCAL_AXIOMS} == {"holds"}
    for name in files - set(PLACED):
        assert set(module(name).COUNTEREXAMPLES) == {axiom for index, axiom in FAILS if index == name}


def both(change, function, two=False):
    """Return the values of an index before and after."""
    if two:
        change = as_two(change)
    before = function(change.before, *home(change.before), **focal(function, change.group, change.other))
    moved = focal(function, change.group_after(change.group), change.group_after(change.other))
    return before, function(change.after, *home(change.after), **moved)


@pytest.mark.parametrize("axiom", AXIOMS)
@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_holds(axiom, data):
    change = data.draw(AXIOMS[axiom]())
    shares = home(change.before)[1]
    margin = rounding(shares)
    for name in [name for name, row in GLOBAL.items() if row[axiom] == "holds" and steady(name, shares)]:
        before, after = both(change, module(name).oracle, two=name in OF_TWO)
        if change.relation == "same":
            assert after == pytest.approx(before, rel=1e-10, abs=margin), name
        else:
            assert after <= before + margin, name


@pytest.mark.parametrize(("name", "axiom"), FAILS)
def test_fails(name, axiom):
    before, after, *params = module(name).COUNTEREXAMPLES[axiom]
    params = params[0] if params else {}
    oracle = module(name).oracle
    rise = oracle(after, *home(after), **params) - oracle(before, *home(before), **params)
    if axiom in ("transfers", "exchanges"):
        check_the_move(axiom, before, after, params)
        assert rise > 1e-6
    else:
        assert abs(rise) > 1e-6


def check_the_move(axiom, before, after, params):
    """Assert that a counter-example does what its axiom speaks of."""
    changed = [
        (j, m, after[j][m] - before[j][m])
        for j in range(len(before))
        for m in range(len(before[0]))
        if after[j][m] != before[j][m]
    ]
    groups = {m for _, m, _ in changed}
    assert len(groups) == (1 if axiom == "transfers" else 2)
    assert params.get("group", changed[0][1]) in groups
    assert len({abs(people) for _, _, people in changed}) == 1
    for group in groups:
        ((source, _, _),) = [c for c in changed if c[1] == group and c[2] < 0]
        ((target, _, _),) = [c for c in changed if c[1] == group and c[2] > 0]
        for city in (before, after):
            assert city[source][group] / sum(city[source]) >= city[target][group] / sum(city[target])
    for m in groups:
        assert math.fsum(people for _, group, people in changed if group == m) == 0


@pytest.mark.parametrize("axiom", LOCAL_AXIOMS)
@settings(deadline=None)
@given(data=st.data())
def test_local_values_follow_their_unit(axiom, data):
    change = data.draw(AXIOMS[axiom]())
    for name in LOCAL:
        before, after = both(change, module(name).local)
        assert len(after) == len(change.units)
        expected = [math.nan if origin is None else before[origin] for origin in change.units]
        assert after == pytest.approx(expected, rel=1e-10, abs=1e-12, nan_ok=True), name


def bounds(row):
    low, high = row["bounds"].split(",")
    return float(low), float(high)


@given(city=cities(units=(1, 8)), data=st.data())
def test_within_bounds(city, data):
    composition, shares = home(city)
    group, other = data.draw(st.permutations([m for m, share in enumerate(shares) if share > 0]))[:2]
    margin = rounding(shares)
    two = [[row[group], math.fsum(row) - row[group]] for row in city]
    for name, row in GLOBAL.items():
        oracle = module(name).oracle
        low, high = bounds(row)
        here = (two, *home(two)) if name in OF_TWO else (city, composition, shares)
        assert low - margin <= oracle(*here, **focal(oracle, group, other)) <= high + margin, name
    for name, row in LOCAL.items():
        local = module(name).local
        low, high = bounds(row)
        for value in local(city, composition, shares, **focal(local, group, other)):
            assert math.isnan(value) or low - 1e-12 <= value <= high + 1e-12, name


EVEN = [[3.0, 5.0, 2.0], [30.0, 50.0, 20.0], [0.0, 0.0, 0.0], [0.3, 0.5, 0.2]]
COMPLETE = [[3.0, 0.0, 0.0], [0.0, 50.0, 0.0], [0.0, 0.0, 0.0], [8.0, 0.0, 0.0], [0.0, 0.0, 2.0]]
OTHER_EVEN = [[1.0, 2.0], [10.0, 20.0]]
OTHER_COMPLETE = [[1.0, 0.0], [0.0, 20.0], [4.0, 0.0]]
EXTREMES = {"even": [EVEN, OTHER_EVEN], "complete": [COMPLETE, OTHER_COMPLETE]}


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("name", GLOBAL)
def test_at_the_extremes(name, extreme):
    oracle = module(name).oracle
    there = EXTREMES[extreme]
    if name in OF_TWO:
        there = [[[row[0], math.fsum(row[1:])] for row in city] for city in there]
    values = [oracle(city, *home(city), **focal(oracle, 0, 1)) for city in there]
    told = GLOBAL[name][extreme]
    if told:
        assert values == pytest.approx([float(told)] * 2, abs=1e-12)
    else:
        assert values[0] != pytest.approx(values[1])


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("name", LOCAL)
def test_local_values_at_the_extremes(name, extreme):
    local = module(name).local
    values = []
    for city in EXTREMES[extreme]:
        values += [v for v in local(city, *home(city), **focal(local, 0, 1)) if not math.isnan(v)]
    told = LOCAL[name][extreme]
    if told:
        assert values == pytest.approx([float(told)] * len(values), abs=1e-12)
    else:
        assert max(values) > min(values) + 1e-6
