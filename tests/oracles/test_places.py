"""Every index that needs areas, points or borders: AXIOMS.md, the oracle and the package against each other."""

import math
from fractions import Fraction
from importlib import import_module

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import segregate as sg
from segregate.registry import specs
from tests.helpers import population as plain
from tests.helpers import quietly
from tests.oracles._common import defined, home, rounding
from tests.oracles._places import Places
from tests.oracles.absolute_clustering import parts
from tests.oracles.absolute_concentration import extremes
from tests.oracles.test_axioms import AXIOMS, TABLES, check_the_move
from tests.properties import places as lands
from tests.properties.strategies import as_two, cities

sg.bind  # noqa: B018 - fills the registry
DATA = settings(deadline=None, suppress_health_check=list(HealthCheck))
TABLE = {row["index with places"]: row for row in TABLES["index with places"]}
HOLDS = {axiom: [name for name, row in TABLE.items() if row[axiom] == "holds"] for axiom in AXIOMS}
FAILS = [(name, axiom) for name, row in TABLE.items() for axiom in AXIOMS if row[axiom] == "fails"]
BORDERS = [
    *({"contiguity": contiguity} for contiguity in ("rook", "queen")),
    *(
        {"contiguity": contiguity, "order": order, "decay": decay}
        for contiguity in ("rook", "queen")
        for order in (2, 3)
        for decay in ("exp", "reciprocal")
    ),
    {"adjust": "length"},
    *({"adjust": "shape", "perimeter": perimeter} for perimeter in ("interior", "whole")),
]
NEEDS_CENTRE = {"absolute_centralization", "relative_centralization", "central_share"}
OF_LAND = {"absolute_concentration", "relative_concentration"}
OF_UNITS = {"local_centralization"}
CLUSTERING = {name for name, spec in specs.items() if spec.family == "clustering"}


def judge(name):
    return import_module(f"tests.oracles.{name}")


def of_two(name):
    return TABLE[name]["empty_group"] == "-"


def exact(counts, places):
    """Return counts, areas and points as fractions, so that the oracle does not round."""
    area = None if places.area is None else [Fraction(a) for a in places.area]
    points = None if places.points is None else [tuple(Fraction(x) for x in point) for point in places.points]
    return [[Fraction(count) for count in row] for row in counts], Places(area, points, places.rings)


def margin_of(name, counts, places, group, params=None):
    """Return how far rounding may lead: S2 - S1 has few digits left where one class has nearly all people.

    So has the denominator of absolute clustering where there are about as many people around the members as members
    in an even spread.
    """
    margin = 1e-12
    if name == "absolute_clustering":
        found = parts(counts, places, group, **(params or {}))
        if found is not None:
            _, every, even = map(math.fsum, found)
            margin += 1e-14 * max(every, even) / max(abs(every - even), 1e-300)
    if name in OF_LAND and defined(counts, *home(counts), group):
        ends = extremes(*exact(counts, places), group)
        if ends is not None:
            margin += 1e-13 * float(ends[1] / (ends[1] - ends[0]))
    return margin


def close(value, wanted, margin, what):
    value, wanted = float(value), float(wanted)
    assert math.isnan(value) == math.isnan(wanted), f"{what}: {value} against {wanted}"
    if not math.isnan(wanted):
        allowed = margin * max(1.0, abs(wanted))
        assert math.isclose(value, wanted, rel_tol=1e-10, abs_tol=allowed), f"{what}: {value} against {wanted}"


def focal(name, group, of_oracle=False):
    """Return the focal group; of a pair both are the same, test_clustering takes two."""
    words = {None: (), "group": ("group",), "pair": ("group", "other")}[specs[name].focal]
    return dict.fromkeys(words, group if of_oracle else f"g{group}")


def told(name, counts, places, group, params):
    """Return the values of an oracle: one, or one for each unit."""
    counts, places = exact(counts, places)
    params = {word: exact_centre(value) if word == "centre" else value for word, value in params.items()}
    if "radius" in params:
        params["radius"] = Fraction(params["radius"])
    function = judge(name).local if name in OF_UNITS else judge(name).oracle
    values = function(counts, places, **focal(name, group, of_oracle=True), **params)
    return values if name in OF_UNITS else [values]


def exact_centre(centre):
    if isinstance(centre, list):
        return [exact_centre(one) for one in centre]
    return tuple(Fraction(x) for x in centre) if isinstance(centre, tuple) else centre


def found(name, pop, group, params):
    """Return the values of the package: one, or one for each unit."""
    params = lands.asked(params)
    if name in OF_UNITS:
        return list(quietly(sg.local, pop, sg.bind(name, **params), **focal(name, group))["value"])
    return [quietly(specs[name].function, pop, **focal(name, group), **params)]


@st.composite
def params_of(draw, name, n):
    """Draw the parameters of an index for n units."""
    if name in NEEDS_CENTRE:
        params = {"centre": draw(lands.centres(n))}
        return params | ({"radius": draw(lands.radii)} if name == "central_share" else {})
    if name == "boundary_dissimilarity":
        return dict(draw(st.sampled_from(BORDERS)))
    if name in CLUSTERING:
        return {"scale": draw(lands.scales), "self_distance": draw(st.sampled_from(["area", "zero"]))}
    if name == "distortion":
        return {"normalize": draw(st.booleans())}
    return {"k": draw(st.integers(1, 6))} if name in OF_UNITS else {}


@st.composite
def placed_cities(draw, name, units=(2, 25)):
    """Draw a city that an index can be asked of, its places, a group and parameters."""
    counts = draw(cities(units=units, **({"groups": (2, 2)} if of_two(name) else {})))
    if draw(st.integers(0, 3)) == 0:
        counts[draw(st.integers(0, len(counts) - 1))] = [0.0] * len(counts[0])
    places = draw(lands.land(len(counts)))
    group = draw(st.integers(0, len(counts[0]) - 1))
    return counts, places, group, draw(params_of(name, len(counts)))


# the package against the oracles --------------------------------------------------------


@pytest.mark.parametrize("name", TABLE)
@DATA
@given(data=st.data())
def test_index_against_its_oracle(name, data):
    counts, places, group, params = data.draw(placed_cities(name))
    pop = lands.population(counts, places, given=False)
    margin = margin_of(name, counts, places, group, params)
    wanted = told(name, counts, places, group, params)
    for value, expected in zip(found(name, pop, group, params), wanted, strict=True):
        close(value, expected, margin, name)
    if specs[name].additive:
        index = sg.bind(name, **lands.asked(params))
        terms = quietly(sg.contributions, pop, index, **focal(name, group))
        exact_counts, exact_places = exact(counts, places)
        numbers = focal(name, group, of_oracle=True)
        listed = judge(name).contributions(exact_counts, exact_places, **numbers, **params)
        for term, expected in zip(terms, listed, strict=True):
            close(term, expected, margin, f"contribution to {name}")
        close(math.fsum(terms), wanted[0], margin, f"sum of contributions to {name}")


@pytest.mark.parametrize("params", BORDERS, ids=str)
@DATA
@given(data=st.data())
def test_borders_of_every_kind(params, data):
    counts, places, group, _ = data.draw(placed_cities("boundary_dissimilarity"))
    pop = lands.population(counts, places, given=False)
    name = "boundary_dissimilarity"
    close(found(name, pop, group, params)[0], told(name, counts, places, group, params)[0], 1e-12, params)


@DATA
@given(data=st.data())
def test_borders_that_are_slanted(data):
    """A corner on a slanted side is rounded, up to 1e-9 m off: 1e-10 of the shortest border."""
    counts = data.draw(cities(units=(2, 20), groups=(2, 2)))
    places = data.draw(lands.land(len(counts), turned=True))
    pop = lands.population(counts, places, given=False)
    name = "boundary_dissimilarity"
    for params in BORDERS:
        close(found(name, pop, 0, params)[0], told(name, counts, places, 0, params)[0], 1e-10, params)


@pytest.mark.parametrize("name", TABLE)
@DATA
@given(data=st.data())
def test_regions_equal_each_region_alone(name, data):
    counts, places, group, params = data.draw(placed_cities(name))
    by = data.draw(st.lists(st.sampled_from("cab"), min_size=len(counts), max_size=len(counts)))
    pop = lands.population(counts, places, given=data.draw(st.booleans()))
    params = lands.asked(params)
    index = sg.bind(name, **params)
    together = quietly(specs[name].function, pop.regions(by), **focal(name, group), **params)
    for r, (label, part) in enumerate(pop.split(by).items()):
        inside = dict(params)
        if "centre" in params:
            inside["centre"] = centre_within(params["centre"], part)
        if name in OF_UNITS:
            alone = quietly(specs[name].function, part, **focal(name, group), **params)
            here = [j for j, region in enumerate(by) if region == label]
            for value, expected in zip(together.iloc[here], alone, strict=True):
                close(value, expected, 1e-13, label)
        elif inside.get("centre") == []:
            assert math.isnan(together[r])
        else:
            alone = quietly(specs[name].function, part, **focal(name, group), **inside)
            close(together[r], alone, 1e-13, label)
    if name not in OF_UNITS and specs[name].focal != "pair":  # P_xx is in no row against the rest
        table = quietly(sg.measure, pop, index, by=by)
        asked = "" if not specs[name].by_group else "g0" if of_two(name) else f"g{group}"
        rows = table[table["group"] == asked]
        for label, value, expected in zip(rows["region"], rows["value"], together, strict=True):
            here = [j for j, region in enumerate(by) if region == label]
            there = Places(area=[places.area[j] for j in here], points=[places.points[j] for j in here])
            close(value, expected, margin_of(name, [counts[j] for j in here], there, group, params), name)


def centre_within(centre, part):
    """Return what is left of a centre where some units are not there."""
    if isinstance(centre, list):
        return [one for one in centre if not isinstance(one, str) or one in part.ids]
    return [] if isinstance(centre, str) and centre != "population" and centre not in part.ids else centre


# axioms ---------------------------------------------------------------------------------


def test_the_table_is_that_of_the_registry():
    assert set(TABLE) == {name for name, spec in specs.items() if spec.needs}
    for name, row in TABLE.items():
        assert specs[name].holds == {axiom for axiom in AXIOMS if row[axiom] == "holds"}, name
        assert set(judge(name).COUNTEREXAMPLES) == {axiom for index, axiom in FAILS if index == name}, name
        assert {row[axiom] for axiom in AXIOMS} <= {"holds", "fails", "-"}


@pytest.mark.parametrize(("axiom", "name"), [(axiom, name) for axiom, names in HOLDS.items() for name in names])
@DATA
@given(data=st.data())
def test_what_holds(axiom, name, data):
    change = data.draw(AXIOMS[axiom]())
    change = as_two(change) if of_two(name) else change
    before, after = data.draw(lands.located(change))
    params = data.draw(params_of(name, len(change.before)))
    moved = {word: lands.centre_after(value, change) if word == "centre" else value for word, value in params.items()}
    group, group_after = change.group, change.group_after(change.group)
    margin = margin_of(name, before.counts, before.places, group, params) + rounding(home(change.before)[1])
    first = told(name, before.counts, before.places, group, params)
    second = told(name, after.counts, after.places, group_after, moved)
    assert change.relation == "same"
    packaged = [
        found(name, lands.population(city.counts, city.places), of, given_params)
        for city, of, given_params in ((before, group, params), (after, group_after, moved))
    ]
    for values_before, values_after in ((first, second), packaged):
        if name in OF_UNITS:
            values_before = [math.nan if origin is None else values_before[origin] for origin in change.units]
        for value, expected in zip(values_after, values_before, strict=True):
            close(value, expected, margin, f"{axiom} of {name}")


@pytest.mark.parametrize(("name", "axiom"), FAILS)
def test_what_fails(name, axiom):
    (before, places_before), (after, places_after), params = judge(name).COUNTEREXAMPLES[axiom]
    in_package = [
        found(name, lands.population(counts, places), 0, params)
        for counts, places in ((before, places_before), (after, places_after))
    ]
    by_oracle = [
        told(name, before, places_before, 0, params),
        told(name, after, places_after, 0, params),
    ]
    for first, second in (in_package, by_oracle):
        changes = [b - a for a, b in zip(first, second, strict=False)]
        if axiom in ("transfers", "exchanges"):
            check_the_move(axiom, before, after, params)
            assert changes[0] > 1e-6
        else:
            assert any(abs(change) > 1e-6 for change in changes)


# bounds and identities ------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLE)
@DATA
@given(data=st.data())
def test_bounds_and_even_spread(name, data):
    counts, places, group, params = data.draw(placed_cities(name))
    params.pop("order", None)  # each lag takes away up to its weight more
    params.pop("decay", None)
    pop = lands.population(counts, places, given=False)
    low, high = specs[name].bounds
    margin = margin_of(name, counts, places, group, params)
    for value in found(name, pop, group, params):
        assert math.isnan(value) or low - margin <= value <= high + margin
    if "even" in specs[name].at:
        shares = data.draw(st.lists(st.integers(1, 50), min_size=len(counts[0]), max_size=len(counts[0])))
        even = [[float(sum(row) * share) for share in shares] for row in counts]
        for value in found(name, lands.population(even, places, given=False), group, params):
            margin = margin_of(name, even, places, group, params)
            assert math.isnan(value) or abs(value - specs[name].at["even"]) <= margin


def test_bounds_are_those_of_the_declared_extremes():
    """Delta nears 1, ACE and RCE reach their ends, ACO is 1 and 0 in the smallest and the largest units."""
    tiny = lands.population([[5, 0], [0, 5]], Places(area=[1.0, 1e9], points=[(0.0, 0.0), (900.0, 0.0)]))
    assert sg.delta(tiny, group="g0") == pytest.approx(1, abs=1e-8)
    assert sg.relative_centralization(tiny, group="g0", centre="u0") == 1
    assert sg.relative_centralization(tiny, group="g1", centre="u0") == -1
    assert sg.absolute_centralization(tiny, group="g0", centre="u0") == pytest.approx(1, abs=1e-8)
    assert sg.absolute_concentration(tiny, group="g0") == 1
    assert sg.absolute_concentration(tiny, group="g1") == 0


@DATA
@given(data=st.data())
def test_land_as_a_second_group(data):
    """Delta and ACE are D and RCE of the group and the land."""
    counts, places, group, params = data.draw(placed_cities("absolute_centralization"))
    assume(defined(counts, *home(counts), group))
    pop = lands.population(counts, places, given=False)
    members = [row[group] for row in counts]
    pairs = [list(pair) for pair in zip(members, places.area, strict=True)]
    assert quietly(sg.delta, pop, group=f"g{group}") == pytest.approx(sg.dissimilarity(plain(pairs)), abs=1e-12)
    if params["centre"] != "population":  # of the people, not of the land
        both = lands.population(pairs, places, given=False)
        how = lands.asked(params)
        expected = sg.relative_centralization(both, group="g0", **how)
        value = quietly(sg.absolute_centralization, pop, group=f"g{group}", **how)
        assert value == pytest.approx(expected, abs=1e-12)


@DATA
@given(data=st.data())
def test_two_groups_are_each_other_s_opposite(data):
    counts, places, _, params = data.draw(placed_cities("relative_centralization"))
    pop = lands.population([[row[0], math.fsum(row[1:])] for row in counts], places, given=False)
    one, other = (quietly(sg.relative_centralization, pop, group=g, **lands.asked(params)) for g in ("g0", "g1"))
    close(one, -other, 1e-12, "RCE")


@DATA
@given(data=st.data())
def test_equal_squares_are_alike_by_length_and_by_number(data):
    """Where all borders are equally long D(w) is D(adj); where all units have one shape too, D(s) is both."""
    wide, high = data.draw(st.integers(2, 5)), data.draw(st.integers(2, 5))
    sides = [(x, y, x + 1, y + 1) for x in range(wide) for y in range(high)]
    counts = data.draw(cities(units=(wide * high, wide * high), groups=(2, 2)))
    rings = [[[list(shape.exterior.coords)]] for shape in lands.plots(sides)]
    pop = lands.population(counts, Places(rings=rings))
    by_number = quietly(sg.boundary_dissimilarity, pop)
    close(quietly(sg.boundary_dissimilarity, pop, adjust="length"), by_number, 1e-12, "D(w)")
    whole = quietly(sg.boundary_dissimilarity, pop, adjust="shape", perimeter="whole")
    close(whole, by_number, 1e-12, "D(s)")
