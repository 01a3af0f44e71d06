"""What each index declares of itself: axioms, bounds, values at the extremes."""

import math
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import segregate as sg
from segregate.registry import AXIOMS as DECLARABLE
from segregate.registry import specs
from tests.asking import codes
from tests.helpers import focal_names, population, quietly
from tests.oracles._common import home, rounding, steady
from tests.oracles.test_axioms import TABLES
from tests.properties.strategies import AXIOMS, cities

sg.bind  # noqa: B018 - fills the registry
GLOBAL = {name: spec for name, spec in specs.items() if spec.level != "local" and not spec.needs}
LOCAL = {name: spec for name, spec in specs.items() if spec.level != "global" and not spec.needs}
DATA = settings(deadline=None, suppress_health_check=list(HealthCheck))


def of_two(spec):
    return spec.groups == (2, 2)


def seen(spec, city, group, turned=False):
    """Return the city that an index sees: of two groups only, where it takes no more."""
    if not of_two(spec):
        return city
    pairs = [[row[group], math.fsum(count for m, count in enumerate(row) if m != group)] for row in city]
    return [pair[::-1] for pair in pairs] if turned else pairs


def value(spec, city, group, other, turned=False):
    pop = population(seen(spec, city, group, turned))
    return quietly(spec.function, pop, **({} if of_two(spec) else focal_names(spec, group, other)))


def local_values(spec, city, group, other):
    focal = focal_names(spec, group, other)
    index = sg.bind(spec.name, host=f"g{group}") if "host" in spec.required else spec.name
    return codes(quietly(sg.local, population(city), index, **focal)["value"]).to_numpy()


def test_the_axioms_have_strategies():
    assert set(AXIOMS) == DECLARABLE


@pytest.mark.parametrize("name", [*GLOBAL, *LOCAL])
def test_the_registry_says_what_the_table_says(name):
    """AXIOMS.md is tried on the oracles, the registry on the package: they must claim the same."""
    spec = specs[name]
    kind = "local index" if spec.level == "local" else "index"
    (row,) = [row for row in TABLES[kind] if row[kind] == name] or [None]
    if row is None:
        assert name == "typology", "only an index whose values are names may be missing from the table"
        return
    assert spec.holds == {axiom for axiom in DECLARABLE if row.get(axiom) == "holds"}
    low, high = map(float, row["bounds"].split(","))
    assert spec.bounds == (low, high)
    assert dict(spec.at) == {extreme: float(row[extreme]) for extreme in ("even", "complete") if row[extreme]}


@pytest.mark.parametrize("axiom", AXIOMS)
@DATA
@given(data=st.data())
def test_declared_axioms_hold(axiom, data):
    change = data.draw(AXIOMS[axiom]())
    after_group, after_other = change.group_after(change.group), change.group_after(change.other)
    shares = home(change.before)[1]
    margin = rounding(shares)
    for name, spec in GLOBAL.items():
        if axiom not in spec.holds or not steady(name, shares):
            continue
        before = value(spec, change.before, change.group, change.other)
        after = value(spec, change.after, after_group, after_other, turned=axiom == "group_order")
        if change.relation == "same":
            assert math.isclose(after, before, rel_tol=1e-10, abs_tol=margin), name
        else:
            assert after <= before + margin, name
    for name, spec in LOCAL.items():
        if (
            axiom in spec.holds
            and change.relation == "same"
            and axiom in ("unit_order", "group_order", "scale", "empty_unit", "empty_group")
        ):
            before = local_values(spec, change.before, change.group, change.other)
            after = local_values(spec, change.after, after_group, after_other)
            for j, origin in enumerate(change.units):
                expected = math.nan if origin is None else before[origin]
                assert (math.isnan(after[j]) and math.isnan(expected)) or math.isclose(
                    after[j], expected, rel_tol=1e-10, abs_tol=margin
                ), name


@pytest.mark.parametrize("name", GLOBAL)
def test_an_axiom_that_is_not_declared_has_a_counter_example(name):
    """The oracle stores a pair of cities that breaks it; the package breaks it there as well."""
    spec = GLOBAL[name]
    examples = import_module(f"tests.oracles.{name}").COUNTEREXAMPLES
    assert set(examples) == DECLARABLE - spec.holds - ({"empty_group"} if of_two(spec) else set())
    for axiom, (before, after, *params) in examples.items():
        numbers = dict(params[0]) if params else {}
        values = [value(spec, city, numbers.get("group", 0), numbers.get("other", 1)) for city in (before, after)]
        if axiom in ("transfers", "exchanges"):
            assert values[1] > values[0] + 1e-9, axiom
        else:
            assert abs(values[1] - values[0]) > 1e-9, axiom


@pytest.mark.parametrize("name", [name for name, spec in GLOBAL.items() if spec.holds_within])
@DATA
@given(data=st.data())
def test_what_holds_within_an_environment(name, data):
    spec = GLOBAL[name]
    two = {"groups": (2, 2)} if of_two(spec) else {}
    city = data.draw(cities(peopled=True, units=(2, 10), **two))
    n, m = len(city), len(city[0])
    cells = st.sampled_from([0.0, 0.5, 1.0, 2.0])
    weights = np.array(data.draw(st.lists(st.lists(cells, min_size=n, max_size=n), min_size=n, max_size=n)))
    group, other = data.draw(st.permutations(range(m)))[:2]

    def within(people, matrix, first=group, second=other):
        pop = population(people).within(sg.Weights(scipy.sparse.csr_array(matrix)))
        return quietly(spec.function, pop, **focal_names(spec, first, second))

    assume(steady(name, home(city)[1]))
    before = within(city, weights)
    margin = rounding(home(city)[1])

    def same(after):
        return (math.isnan(before) and math.isnan(after)) or math.isclose(after, before, rel_tol=1e-9, abs_tol=margin)

    units = data.draw(st.permutations(range(n)))
    assert same(within([city[j] for j in units], weights[np.ix_(units, units)]))
    columns = list(data.draw(st.permutations(range(m))))
    turned = within([[row[k] for k in columns] for row in city], weights, columns.index(group), columns.index(other))
    assert same(turned) or "group_order" not in spec.holds_within
    assert same(within([[3 * count for count in row] for row in city], weights))
    if "even" in spec.holds_within:
        mix = data.draw(st.lists(st.integers(1, 50), min_size=m, max_size=m))
        even = within([[float(k * share) for share in mix] for k in range(1, n + 1)], weights)
        assert math.isnan(even) or abs(even - spec.at["even"]) < 1e-12


@pytest.mark.parametrize("name", GLOBAL)
@DATA
@given(data=st.data())
def test_bounds_and_extremes(name, data):
    spec = GLOBAL[name]
    city = data.draw(cities())
    group, other = data.draw(st.permutations(range(len(city[0]))))[:2]
    found = value(spec, city, group, other)
    assume(not math.isnan(found))
    low, high = spec.bounds
    assert low - 1e-12 <= found <= high + 1e-9

    m = len(city[0])
    if "even" in spec.at:
        even = [[float(k * (g + 1)) for g in range(m)] for k in range(1, 6)]
        assert value(spec, even, group, other) == pytest.approx(spec.at["even"], abs=1e-12)
    if "complete" in spec.at:
        complete = [[float(10 + j) if g == j % m else 0.0 for g in range(m)] for j in range(2 * m)]
        assert value(spec, complete, group, other) == pytest.approx(spec.at["complete"], abs=1e-12)


@DATA
@given(city=cities(units=(2, 20)))
def test_identities_at_home(city):
    pop = population(city)
    margin = 100 * rounding(home(city)[1])
    mutual, entropy = sg.mutual_information(pop), sg.entropy(pop)
    assert math.isclose(mutual, entropy * sg.information_theory(pop), rel_tol=1e-9, abs_tol=margin)
    assert sg.gini(pop) >= sg.dissimilarity(pop) - margin
    weights = pop.totals / pop.size
    assert math.isclose(np.nansum(weights * sg.divergence(pop)), mutual, rel_tol=1e-9, abs_tol=margin)
    met = [[quietly(sg.exposure, pop, group=a, other=b) for b in pop.groups] for a in pop.groups]
    for m, row in enumerate(met):
        own = quietly(sg.isolation, pop, group=pop.groups[m])
        if not math.isnan(own):
            assert math.isclose(sum(row), 1, abs_tol=1e-12)
            assert math.isclose(row[m], own, abs_tol=1e-12)
    ratios = [quietly(sg.correlation_ratio, pop, group=g) for g in pop.groups]
    mean = np.nansum(pop.shares * np.array(ratios))
    assert math.isclose(sg.normalized_exposure(pop), mean, rel_tol=1e-8, abs_tol=margin)


@DATA
@given(city=cities(groups=(2, 2)))
def test_identities_of_two_groups(city):
    pop = population(city)
    margin = 100 * rounding(home(city)[1])
    ratio = sg.correlation_ratio(pop)
    assert math.isclose(sg.relative_diversity(pop), ratio, rel_tol=1e-9, abs_tol=margin)
    assert math.isclose(sg.normalized_exposure(pop), ratio, rel_tol=1e-9, abs_tol=margin)
    gap = sg.isolation(pop) - sg.exposure(pop, group="g1", other="g0")
    assert math.isclose(gap, ratio, rel_tol=1e-9, abs_tol=margin)


@DATA
@given(city=cities(groups=(2, 2)))
def test_more_identities_of_two_groups(city):
    pop = population(city)
    margin = 100 * rounding(home(city)[1])
    d, share = sg.dissimilarity(pop), pop.shares[0]

    def close(value, expected):
        assert math.isclose(value, expected, rel_tol=1e-9, abs_tol=margin)

    close(sg.squared_coefficient_of_variation(pop), sg.correlation_ratio(pop))
    close(sg.gorard(pop), d * (1 - share))
    close(sg.minmax(pop), 2 * d / (1 + d))
    close(sg.karmel_maclachlan(pop), 2 * share * (1 - share) * d)
    assert sg.atkinson(pop) == pytest.approx(1 - (1 - sg.hutchens(pop)) ** 2, rel=1e-9, abs=1e-12)
    pairs = {"information": sg.information_theory, "variance": sg.relative_diversity, "hutchens": sg.hutchens}
    for kind, two_group in pairs.items():
        close(quietly(sg.rank_order, pop, kind=kind), two_group(pop))
        close(sg.ordinal(pop, kind={"information": "entropy", "hutchens": "sqrt"}.get(kind, kind)), two_group(pop))


@DATA
@given(city=cities(units=(2, 20)))
def test_more_identities(city):
    pop = population(city)
    margin = 100 * rounding(home(city)[1])
    parts = np.array([quietly(sg.group_divergence, pop, group=group) for group in pop.groups])
    assert math.isclose(np.nansum(pop.shares * parts), sg.mutual_information(pop), rel_tol=1e-9, abs_tol=margin)
    one, other = pop.groups[:2]
    surplus = quietly(sg.local, pop, "extremes", group=one, other=other)["value"].fillna(0)
    mean = (pop.totals * surplus).sum() / pop.size
    if pop.shares[0] > 0:
        assert math.isclose(mean, sg.extremes(pop, group=one, other=other), rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(mean, pop.shares[0] - pop.shares[1], rel_tol=1e-9, abs_tol=1e-12)
        met = quietly(sg.local_exposure, pop, group=one, other=other).fillna(0)
        mean = (pop.counts[:, 0] * met).sum() / pop.counts[:, 0].sum()
        assert math.isclose(mean, sg.exposure(pop, group=one, other=other), rel_tol=1e-9, abs_tol=1e-12)


@DATA
@given(city=cities(units=(2, 12), groups=(2, 3)), data=st.data())
def test_hutchens_between_and_within(city, data):
    """O = O between + sum_k prod_m (T_km/T_m)^(1/M) O_k; a region with weight 0 adds nothing."""
    by = data.draw(st.lists(st.integers(0, 3), min_size=len(city), max_size=len(city)))
    pop = population(city)
    pop = pop if pop.n_groups == 2 or (pop.shares > 0).all() else pop.select("g0", "g1")
    assume((pop.shares > 0).all())
    parts = pop.split(np.array(by))
    sums = [part.counts.sum(axis=0) for part in parts.values()]
    total = sg.hutchens(population([row.tolist() for row in sums]))
    for row, part in zip(sums, parts.values(), strict=True):
        weight = float(np.prod((row / pop.counts.sum(axis=0)) ** (1 / pop.n_groups)))
        total += weight * quietly(sg.hutchens, part) if weight > 0 else 0.0
    assert math.isclose(sg.hutchens(pop), total, rel_tol=1e-9, abs_tol=1e-12)


@DATA
@given(city=cities(units=(2, 12)), data=st.data())
def test_between_and_within_add_up(city, data):
    """M = between regions + weighted mean within regions, and H with the regions' entropies."""
    by = data.draw(st.lists(st.integers(0, 3), min_size=len(city), max_size=len(city)))
    pop = population(city)
    parts = pop.split(np.array(by))
    people = np.array([part.size for part in parts.values()]) / pop.size
    inside = np.array([quietly(sg.mutual_information, part) for part in parts.values()])
    between = sg.mutual_information(population([part.counts.sum(axis=0).tolist() for part in parts.values()]))
    total = between + np.nansum(people * inside)
    assert math.isclose(sg.mutual_information(pop), total, rel_tol=1e-9, abs_tol=100 * rounding(home(city)[1]))


@DATA
@given(city=cities(units=(2, 15)), data=st.data())
def test_regions_equal_each_region_alone(city, data):
    by = pd.Series(data.draw(st.lists(st.sampled_from("dcba"), min_size=len(city), max_size=len(city))))
    pop = population(city)
    regions, parts = pop.regions(by), pop.split(by)
    group, other = data.draw(st.permutations(range(len(city[0]))))[:2]
    pair = pop.select(f"g{group}", f"g{other}")
    for spec in GLOBAL.values():
        focal = {} if of_two(spec) else focal_names(spec, group, other)
        here, alone_here = (pair.regions(by), pair.split(by)) if of_two(spec) else (regions, parts)
        together = quietly(spec.function, here, **focal)
        alone = [quietly(spec.function, part, **focal) for part in alone_here.values()]
        np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-14, err_msg=spec.name)
