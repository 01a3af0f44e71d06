"""The indices of clustering: pairs of groups, environments, and what ties them to each other, against the oracles."""

import math
from importlib import import_module

import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import segregate as sg
from segregate.registry import specs
from tests.helpers import focal_names, quietly
from tests.helpers import population as plain
from tests.oracles._common import add, home, rounding, totals
from tests.oracles._nearness import decay, people_near
from tests.oracles._places import Places
from tests.oracles.absolute_clustering import parts
from tests.properties import places as lands
from tests.properties.strategies import cities

sg.bind  # noqa: B018 - fills the registry
CLUSTERING = ["spatial_proximity", "relative_clustering", "absolute_clustering", "mean_proximity"]
DATA = settings(deadline=None, suppress_health_check=list(HealthCheck))
CELLS = st.sampled_from([0.0, 0.0, 0.25, 1.0, 3.0])


def test_these_are_the_family():
    assert set(sg.catalogue("clustering").index) == set(CLUSTERING)


def numbers(name, group, other):
    """Return the focal groups as the oracle takes them."""
    return {None: {}, "group": {"group": group}, "pair": {"group": group, "other": other}}[specs[name].focal]


def told(name, counts, group, other, places=None, **how):
    """Return what the oracle gives, and how far rounding may lead from it."""
    value = import_module(f"tests.oracles.{name}").oracle(counts, places, **numbers(name, group, other), **how)
    margin = 1e-12
    found = parts(counts, places, group, **how) if name == "absolute_clustering" else None
    if found is not None:
        _, every, even = map(math.fsum, found)
        margin += 1e-14 * max(every, even) / max(abs(every - even), 1e-300)
    return value, margin


def found(name, pop, group, other, **params):
    return quietly(specs[name].function, pop, **focal_names(specs[name], group, other), **params)


def close(value, wanted, margin, what):
    assert math.isnan(value) == math.isnan(wanted), f"{what}: {value} against {wanted}"
    if not math.isnan(wanted):
        allowed = margin * max(1.0, abs(wanted))
        assert math.isclose(value, wanted, rel_tol=1e-10, abs_tol=allowed), f"{what}: {value} against {wanted}"


@st.composite
def placed(draw, **how):
    """Draw a city, its land, two groups, a scale and a self-distance."""
    counts = draw(cities(units=(2, 15), **how))
    group, other = draw(st.permutations(range(len(counts[0]))))[:2]
    params = {"scale": draw(lands.scales), "self_distance": draw(st.sampled_from(["area", "zero"]))}
    return counts, draw(lands.land(len(counts))), group, other, params


# at home --------------------------------------------------------------------------------


@DATA
@given(drawn=placed())
def test_two_different_groups(drawn):
    """test_places takes one group twice."""
    counts, places, group, other, params = drawn
    pop = lands.population(counts, places)
    wanted, margin = told("mean_proximity", counts, group, other, places, **params)
    value = found("mean_proximity", pop, group, other, **params)
    close(value, wanted, margin, "Pxy")
    close(found("mean_proximity", pop, other, group, **params), value, 1e-12, "Pyx")
    if not math.isnan(wanted):
        assert math.isclose(value, wanted, rel_tol=1e-10, abs_tol=0)  # small numbers have all their digits too


@DATA
@given(drawn=placed(groups=(2, 4)))
def test_all_come_from_the_mean_proximities(drawn):
    """SP = sum T_m P_mm / (T P_tt), T^2 P_tt = sum T_m T_n P_mn, RCL = P_xx / P_yy - 1."""
    counts, places, _, _, params = drawn
    sizes = [add(column) for column in zip(*counts, strict=True)]
    assume(all(size > 0 for size in sizes))
    pop = lands.population(counts, places)
    groups, everyone = range(len(sizes)), math.fsum(sizes)
    p = [[found("mean_proximity", pop, m, n, **params) for n in groups] for m in groups]
    all_together = math.fsum(sizes[m] * sizes[n] * p[m][n] for m in groups for n in groups) / everyone**2
    value = math.fsum(sizes[m] * p[m][m] for m in groups) / (everyone * all_together)
    close(sg.spatial_proximity(pop, **params), value, 1e-12, "SP")
    rest = range(1, len(sizes))
    others = math.fsum(sizes[m] * sizes[n] * p[m][n] for m in rest for n in rest) / math.fsum(sizes[1:]) ** 2
    close(sg.relative_clustering(pop, group="g0", **params), p[0][0] / others - 1, 1e-11, "RCL")


@DATA
@given(drawn=placed(groups=(2, 4)))
def test_the_choice_of_groups_in_measure_is_that_of_the_population(drawn):
    counts, places, _, _, params = drawn
    assume(all(add(column) > 0 for column in zip(*counts, strict=True)))
    pop = lands.population(counts, places)
    bound = [sg.bind(name, **params) for name in CLUSTERING]
    rest, pairs = (quietly(sg.measure, pop, bound, versus=versus) for versus in ("rest", "pairs"))
    for _, row in rest.iterrows():
        here = pop.versus(row["group"]) if row["group"] and pop.n_groups > 2 else pop
        focal = {None: {}, "group": {"group": row["group"]}}.get(
            specs[row["index"]].focal, {"group": row["group"], "other": row["versus"]}
        )
        close(row["value"], quietly(specs[row["index"]].function, here, **focal, **params), 1e-12, row["index"])
    for _, row in pairs[pairs["group"] != ""].iterrows():
        if specs[row["index"]].focal == "pair":
            here, focal = pop, {"group": row["group"], "other": row["versus"]}
        else:
            here, focal = pop.select(row["group"], row["versus"]), {"group": row["group"]}
        close(row["value"], quietly(specs[row["index"]].function, here, **focal, **params), 1e-12, row["index"])


@DATA
@given(drawn=placed(peopled=True))
def test_a_copy_of_the_city_far_away(drawn):
    """Nobody is near the copy: ratios stay, mean proximities halve."""
    counts, places, group, other, _ = drawn
    far = [(x + 2e5, y) for x, y in places.points]
    twice = Places(places.area * 2, places.points + far)
    one, two = lands.population(counts, Places(places.area, places.points)), lands.population(counts * 2, twice)
    for name in CLUSTERING:
        _, margin = told(name, counts, group, other, places)
        value = found(name, one, group, other) * (0.5 if name == "mean_proximity" else 1)
        close(found(name, two, group, other), value, margin, name)


@DATA
@given(drawn=placed())
def test_home_is_a_decay_of_a_kilometre(drawn):
    counts, places, group, other, params = drawn
    pop = lands.population(counts, places)
    for name in CLUSTERING:
        close(found(name, pop, group, other), found(name, pop.within(sg.Decay(1000)), group, other), 1e-12, name)
        nearby = pop.within(sg.Decay(**params))
        close(found(name, pop, group, other, **params), found(name, nearby, group, other), 1e-12, name)


# within an environment ------------------------------------------------------------------


@st.composite
def surrounded(draw, **how):
    """Draw a city, a matrix of weights and two groups."""
    counts = draw(cities(units=(2, 15), **how))
    n = len(counts)
    weights = draw(st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=n, max_size=n))
    group, other = draw(st.permutations(range(len(counts[0]))))[:2]
    return counts, weights, group, other


def within(counts, weights):
    return plain(counts).within(sg.Weights(scipy.sparse.csr_array(np.array(weights))))


@pytest.mark.parametrize("name", CLUSTERING)
@DATA
@given(drawn=surrounded())
def test_within_weights(name, drawn):
    counts, weights, group, other = drawn
    pop = within(counts, weights)
    wanted, margin = told(name, counts, group, other, nearness=weights)
    close(found(name, pop, group, other), wanted, margin, name)
    names = focal_names(specs[name], group, other)
    terms = quietly(sg.contributions, pop, name, **names)
    listed = import_module(f"tests.oracles.{name}").contributions(
        counts, nearness=weights, **numbers(name, group, other)
    )
    for term, expected in zip(terms, listed, strict=True):
        close(term, expected, margin, f"contribution to {name}")


SHAPES = {
    "uniform": lambda u: 1.0,
    "triangular": lambda u: 1 - u,
    "biweight": lambda u: (1 - u * u) ** 2,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", CLUSTERING)
@DATA
@given(drawn=placed(), radius=lands.radii)
def test_within_a_kernel(name, shape, drawn, radius):
    counts, places, group, other, _ = drawn
    gaps = [[math.dist(a, b) / radius for b in places.points] for a in places.points]
    nearness = [[SHAPES[shape](u) if u <= 1 else 0.0 for u in row] for row in gaps]
    pop = lands.population(counts, places).within(sg.Kernel(radius, shape))
    wanted, margin = told(name, counts, group, other, nearness=nearness)
    close(found(name, pop, group, other), wanted, margin, name)


@pytest.mark.parametrize("name", CLUSTERING)
@DATA
@given(drawn=surrounded(peopled=True), data=st.data())
def test_what_holds_within_an_environment(name, drawn, data):
    counts, weights, group, other = drawn
    spec, n, m, matrix = specs[name], len(counts), len(counts[0]), np.array(weights)
    assert spec.holds_within >= {"unit_order", "group_order", "scale"}
    before, margin = (
        found(name, within(counts, matrix), group, other),
        told(name, counts, group, other, nearness=weights)[1],
    )
    margin += rounding(home(counts)[1])
    units = data.draw(st.permutations(range(n)))
    turned = within([counts[j] for j in units], matrix[np.ix_(units, units)])
    close(found(name, turned, group, other), before, margin, "unit_order")
    columns = list(data.draw(st.permutations(range(m))))
    turned = within([[row[k] for k in columns] for row in counts], matrix)
    close(found(name, turned, columns.index(group), columns.index(other)), before, margin, "group_order")
    more = within([[3 * count for count in row] for row in counts], matrix)
    close(found(name, more, group, other), before, margin, "scale")
    if "even" in spec.holds_within:
        mix = data.draw(st.lists(st.integers(1, 50), min_size=m, max_size=m))
        even = within([[float(k * share) for share in mix] for k in range(1, n + 1)], matrix)
        value = found(name, even, group, other)
        assert math.isnan(value) or abs(value - spec.at["even"]) < 1e-12


@pytest.mark.parametrize("name", CLUSTERING)
@DATA
@given(drawn=surrounded(groups=(3, 4)), data=st.data())
def test_groups_chosen_before_and_after(name, drawn, data):
    """The same where no unit is emptied; the units with people are those of the population within."""
    counts, weights, _, _ = drawn
    for row in counts:
        row[0] += 1.0
    pair = data.draw(st.sampled_from([("g0", "g1"), ("g2", "g0")]))
    matrix = sg.Weights(scipy.sparse.csr_array(np.array(weights)))
    first, second = (int(group[1:]) for group in pair)
    reduced = [[row[first], row[second]] for row in counts]
    assume(all(add(column) > 0 for column in zip(*reduced, strict=True)))
    _, margin = told(name, reduced, 0, 1, nearness=weights)
    focal = {None: {}, "group": {"group": pair[0]}, "pair": {"group": pair[0], "other": pair[1]}}[specs[name].focal]
    after, before = (
        quietly(specs[name].function, pop, **focal)
        for pop in (plain(counts).within(matrix).select(*pair), plain(counts).select(*pair).within(matrix))
    )
    close(after, before, margin, name)


@DATA
@given(drawn=surrounded(groups=(2, 3)), data=st.data())
def test_rows_chosen_afterwards_keep_those_around(drawn, data):
    """Members, units and weights of the part; people and units around them of the whole."""
    counts, weights, group, other = drawn
    n = len(counts)
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    assume(keep.any())
    pop = within(counts, weights)
    near = people_near(counts, weights)
    part = [j for j in range(n) if keep[j]]
    here = [m for m in range(len(counts[0])) if add(counts[j][m] for j in part) > 0]
    met = {j: add([0.0] + [near[j][m] for m in here]) for j in part}
    there = [j for j in part if add(counts[j]) > 0 and met[j] > 0]
    x = {j: counts[j][group] for j in there}
    members = math.fsum(x.values())
    assume(members > 0 and len(here) > 1)
    peopled = [j for j, people in enumerate(totals(counts)) if people > 0]
    every = math.fsum(x[j] / members * met[j] for j in there)
    even = members / len(there) ** 2 * math.fsum(weights[j][k] for j in there for k in peopled)
    own = math.fsum(x[j] / members * near[j][group] for j in there)
    assume(abs(every - even) > 1e-6 * max(every, even))
    subset = pop.subset(keep)
    value = quietly(sg.absolute_clustering, subset, group=f"g{group}")
    close(value, (own - even) / (every - even), 1e-9, "ACL")
    by = pop.regions(keep)
    position = list(by.labels).index(True)
    close(quietly(sg.absolute_clustering, by, group=f"g{group}")[position], value, 1e-13, "regions")
    for name in CLUSTERING:
        one, many = (found(name, here, group, other) for here in (subset, by))
        close(many[position], one, 1e-13, name)


# the oracles ----------------------------------------------------------------------------


def test_the_oracle_s_nearness_by_hand():
    places = Places(area=[1.0, 4.0], points=[(0.0, 0.0), (3.0, 4.0)])
    (a, b), (c, d) = decay(places, scale=2.0)
    assert (a, b) == pytest.approx((math.exp(-math.sqrt(0.6) / 2), math.exp(-2.5)), rel=1e-14)
    assert (c, d) == pytest.approx((math.exp(-2.5), math.exp(-math.sqrt(2.4) / 2)), rel=1e-14)
    assert decay(places, 2.0, "zero") == [[1.0, b], [b, 1.0]]
    assert people_near([[2.0, 1.0], [0.0, 4.0]], [[1.0, 0.5], [0.5, 1.0]]) == [[2.0, 3.0], [1.0, 4.5]]
