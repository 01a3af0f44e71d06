"""Distortion by hand, at its bound, unit by unit, and the order in which people enter."""

import decimal
import itertools
import math
import threading
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate.indices.distortion import _greatest, _of_each
from segregate.kernels.outward import outward
from segregate.kernels.shares import log_shares
from tests.helpers import population as plain
from tests.helpers import quietly
from tests.oracles import distortion as judge
from tests.oracles._places import Places
from tests.placed import city
from tests.properties import places as lands
from tests.properties.strategies import cities

L2, L3 = math.log(2), math.log(3)


def on_a_line(x: list, y: list, east: list) -> sg.Population:
    return city(x, y, m2=[1] * len(x), east=east)


def values_of(pop: sg.Population, **params: bool) -> np.ndarray:
    return quietly(sg.local, pop, sg.bind("distortion", **params))["value"].to_numpy()


# by hand --------------------------------------------------------------------------------


def test_three_units_on_a_line():
    """Counts (1, 0), (0, 1), (0, 2) at 0, 1 and 3 km: the city is (1/4, 3/4).

    KL is ln 4 of the first alone, ln 4/3 of people of y only, 1/2 ln 2 + 1/2 ln 2/3 = 1/2 ln 4/3 of one of each.
    """
    pop = on_a_line([1, 0, 0], [0, 1, 2], [0, 1000, 3000])
    one_of_each, only_y = L2 - L3 / 2, 2 * L2 - L3
    first = (2 * L2 + one_of_each) / 4
    second = (only_y + one_of_each) / 4
    third = 3 / 4 * only_y
    assert values_of(pop) == pytest.approx([first, second, third], rel=1e-14)
    assert sg.distortion(pop) == pytest.approx((first + second + 2 * third) / 4, rel=1e-14)
    terms = sg.contributions(pop, "distortion")
    assert terms.to_list() == pytest.approx([first / 4, second / 4, third / 2], rel=1e-14)


def test_a_divergence_to_come_counts_before_it_comes():
    """The unit in the middle has the city's mix, (1, 1); then come (2, 0), and last (0, 2).

    Its own people count with the divergence of (3, 1), 3/4 ln 3/2 - 1/4 ln 2, which is not yet passed.
    """
    pop = on_a_line([1, 2, 0], [1, 0, 2], [0, 1000, -2000])
    assert values_of(pop)[0] == pytest.approx(4 / 6 * (0.75 * L3 - L2), rel=1e-14)


def test_units_at_one_distance_enter_together():
    """Around the middle all others are 1 km away: nothing but its own mix, ln 2, is seen before the whole city."""
    east, north = [0, 1000, -1000, 600, -800], [0, 0, 0, 800, 600]
    counts = [[2.0, 0.0], [5.0, 1.0], [0.0, 3.0], [1.0, 4.0], [1.0, 1.0]]
    places = Places(points=[(5e5 + x, 5.5e6 + y) for x, y in zip(east, north, strict=True)])
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        pop = lands.population([counts[j] for j in order], Places(points=[places.points[j] for j in order]))
        assert values_of(pop)[order.index(0)] == pytest.approx(2 / 18 * L2, rel=1e-14)


def test_neighbours_at_one_point_are_one_unit():
    apart = on_a_line([3, 1, 4, 2], [1, 2, 0, 9], [0, 0, 500, 800])
    whole = on_a_line([4, 4, 2], [3, 0, 9], [0, 500, 800])
    assert_allclose(values_of(apart), values_of(whole)[[0, 0, 1, 2]], rtol=1e-14)
    assert sg.distortion(apart) == pytest.approx(sg.distortion(whole), rel=1e-14)


def test_it_is_close_to_the_published_value_in_the_sample_city():
    """.0420025 in the tracts as published (tests/peers); the sample has simpler borders, so its points are moved."""
    pop = sg.sample("sacramento")
    with pytest.warns(sg.SegregateWarning, match="taken in WGS 84 / UTM zone 10N"):
        value = sg.distortion(pop)
    assert value == pytest.approx(0.0420025, rel=1e-4)
    bound = value / sg.distortion(pop, normalize=True)
    assert math.floor(bound * 1e4) == 6877  # .6877..., cut off
    assert bound == pytest.approx(judge.greatest(pop.segments.shares[0]), rel=1e-13)


# the bound ------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2, 3), (4, 4), (1, 6), (2, 3, 4), (1, 2, 3), (3, 3, 3), (3, 4, 4), (1, 1, 2, 3)])
def test_no_order_of_people_has_more_than_the_rarest_first(sizes: tuple):
    """Every order in which people may enter, one by one."""
    shares = [size / sum(sizes) for size in sizes]
    rarest_first = [m for m, size in enumerate(sizes) for _ in range(size)]
    most = around_one(rarest_first, shares)
    assert most < judge.greatest(shares)
    for people in set(itertools.permutations(rarest_first)) if sum(sizes) <= 8 else orders(list(sizes)):
        assert around_one(people, shares) <= most + 1e-12


def orders(left: list) -> list:
    """Return all orders of people, so many of each group."""
    if not any(left):
        return [[]]
    found = []
    for m, size in enumerate(left):
        if size:
            rest = [*left[:m], size - 1, *left[m + 1 :]]
            found += [[m, *order] for order in orders(rest)]
    return found


def around_one(people: object, shares: list) -> float:
    """Return the distortion where people of these groups enter one by one."""
    met, found = [0] * len(shares), []
    for number, m in enumerate(people, start=1):
        met[m] += 1
        found.append(judge.divergence([n / number for n in met], shares))
    highest, total = 0.0, 0.0
    for value in reversed(found):
        highest = max(highest, value)
        total += highest / len(found)
    return total


def test_the_bound_is_neared_where_the_rarest_are_nearest():
    n = 2000
    x = [1] * (n // 5) + [0] * (n - n // 5)
    pop = on_a_line(x, [1 - m for m in x], list(range(n)))
    at_the_end = values_of(pop, normalize=True)[0]
    assert 0.998 < at_the_end < 1
    assert values_of(pop)[0] == pytest.approx(at_the_end * judge.greatest([0.2, 0.8]), rel=1e-12)


def test_two_equal_groups_have_a_bound_in_closed_form():
    """-1/2 Li_2(-1) = pi^2 / 24."""
    pop = on_a_line([5, 2, 1], [1, 2, 5], [0, 1000, 2000])
    assert sg.distortion(pop) / sg.distortion(pop, normalize=True) == pytest.approx(math.pi**2 / 24, rel=1e-14)


@settings(deadline=None)
@given(shares=st.lists(st.floats(1e-9, 1), min_size=2, max_size=6))
def test_the_bound_is_the_integral(shares: list):
    pop = lands.population([shares], Places(points=[(5e5, 5.5e6)]))
    assert _greatest(pop.segments.shares)[0] == pytest.approx(judge.greatest(pop.segments.shares[0]), rel=1e-10)


# unit by unit ---------------------------------------------------------------------------


@settings(deadline=None)
@given(data=st.data())
def test_local_values_against_the_oracle(data: st.DataObject):
    counts = data.draw(cities(units=(1, 20)))
    empty = data.draw(st.integers(0, len(counts)))
    if empty < len(counts):
        counts[empty] = [0.0] * len(counts[0])
    assume(sum(any(row[m] for row in counts) for m in range(len(counts[0]))) >= 2)
    places = data.draw(lands.land(len(counts)))
    for normalize in (False, True):
        found = values_of(lands.population(counts, places, given=False), normalize=normalize)
        wanted = judge.local(counts, places, normalize)
        assert found.tolist() == pytest.approx(wanted, rel=1e-10, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("groups", [2, 5])
def test_many_units_anywhere_against_the_oracle(groups: int):
    """Points at random, some of them on a grid and some at one place; counts that are not whole."""
    rng = np.random.default_rng(groups)
    points = rng.uniform(0, 20_000, (120, 2))
    points[:60] = np.round(points[:60], -3)
    points[60:70] = points[60]
    counts = rng.gamma(0.4, 100, (120, groups)) * (rng.random((120, groups)) < 0.8)
    counts[::17] = 0
    places = Places(points=[(5e5 + x, 5.5e6 + y) for x, y in points.tolist()])
    pop = lands.population(counts.tolist(), places)
    for normalize in (False, True):
        assert values_of(pop, normalize=normalize).tolist() == pytest.approx(
            judge.local(counts.tolist(), places, normalize), rel=1e-10, nan_ok=True
        )
        value = sg.distortion(pop, normalize=normalize)
        assert value == pytest.approx(judge.oracle(counts.tolist(), places, normalize), rel=1e-10)


def test_a_rare_group_keeps_its_digits():
    """One person beside a billion: KL of 1e-9 and less, from the logarithm of 1 - p."""
    counts = [[1.0, 1e9], [0.0, 3e9], [0.0, 2e9]]
    places = Places(points=[(5e5, 5.5e6), (5.01e5, 5.5e6), (5.03e5, 5.5e6)])
    found = values_of(lands.population(counts, places))
    assert found.tolist() == pytest.approx(judge.local(counts, places), rel=1e-9)
    assert found.max() < 1e-9


def test_places_where_nobody_lives_have_no_value():
    pop = on_a_line([3, 0, 1], [1, 0, 4], [0, 100, 900])
    assert np.isnan(values_of(pop)).tolist() == [False, True, False]
    assert sg.contributions(pop, "distortion").to_list()[1] == 0


def test_one_group_is_the_city_everywhere_but_has_no_bound():
    pop = on_a_line([3, 2], [0, 0], [0, 100])
    assert values_of(pop).tolist() == [0, 0]
    said = "^2 units with people have no value: only one group has people there, which leaves no bound"
    with pytest.warns(sg.UndefinedIndexWarning, match=said):
        assert np.isnan(sg.local(pop, sg.bind("distortion", normalize=True))["value"]).all()
    with pytest.warns(sg.UndefinedIndexWarning, match="only one group has people here"):
        assert np.isnan(sg.distortion(pop))


def test_what_it_takes():
    pop = on_a_line([3, 1], [1, 4], [0, 900])
    with pytest.raises(sg.ParameterError, match="distortion is about all groups together; it takes no group="):
        sg.local(pop, "distortion", group="x")
    with pytest.raises(sg.ParameterError, match="normalize=1 is not true or false"):
        sg.bind("distortion", normalize=1)
    with pytest.raises(sg.GeometryError, match="The population has no geometry"):
        sg.local(plain([[1, 2], [2, 1]]), "distortion")


def test_it_is_measured_when_named():
    rng = np.random.default_rng(8)
    east = (rng.random(40) * 9000).tolist()
    pop = on_a_line(rng.integers(1, 90, 40).tolist(), rng.integers(1, 90, 40).tolist(), east)
    assert "distortion" not in set(quietly(sg.measure, pop)["index"])
    by = np.where(rng.random(40) < 0.4, "north", "south")
    table = sg.measure(pop, ["D", "DI", {"index": "distortion", "normalize": True}], by=by)
    for region, part in pop.split(by).items():
        rows = table[(table["region"] == region) & (table["index"] == "distortion")]
        assert rows["value"].to_list() == pytest.approx(
            [sg.distortion(part), sg.distortion(part, normalize=True)], rel=1e-13
        )
    told = [sg.explain(row) for _, row in sg.measure(pop, ["DI", sg.bind("DI", normalize=True)]).iterrows()]
    assert " nats, on average" in told[0]
    assert " of the greatest possible, on average" in told[1]


def test_threads_change_no_bit():
    rng = np.random.default_rng(3)
    n = 700
    places = Places(points=[(5e5 + x, 5.5e6 + y) for x, y in rng.uniform(0, 2e4, (n, 2)).tolist()])
    pop = lands.population(rng.integers(0, 90, (n, 3)).tolist(), places)
    assert pop.counts.size >= _of_each.worth
    in_main = values_of(pop)
    beside = []
    thread = threading.Thread(target=lambda: beside.append(values_of(pop)))
    thread.start()
    thread.join()
    assert_array_equal(in_main, beside[0])


# the order ------------------------------------------------------------------------------


def near_each_other() -> st.SearchStrategy:
    """Draw squared distances: any, few different ones, and those of a far place that differ in the last digits."""
    any_value = st.floats(0, 1e18, allow_subnormal=True)
    few = st.sampled_from([0.0, 1.0, 1.0 + 1e-15, 2.0, 5e-324, 1e18])
    far = st.integers(0, 5000).map(lambda step: 1e12 + step * 2.0**-13)
    return st.lists(st.one_of(any_value, few, far), max_size=300)


@settings(deadline=None)
@given(values=near_each_other())
def test_outward_is_a_stable_sort(values: list):
    squared = np.array(values, dtype=float)
    assert_array_equal(
        outward(squared, np.empty((3, len(squared) + 5), dtype=np.int64)), np.argsort(squared, kind="stable")
    )


@pytest.mark.parametrize("n", [1, 63, 64, 65, 2047, 2048, 2049, 30_000])
def test_outward_sorts_any_number(n: int):
    rng = np.random.default_rng(n)
    for squared in (rng.random(n) * 1e9, np.round(rng.random(n) * 30), np.exp(rng.normal(0, 30, n)), np.zeros(n)):
        assert_array_equal(
            outward(squared, np.empty((3, len(squared) + 5), dtype=np.int64)), np.argsort(squared, kind="stable")
        )


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(st.floats(1e-9, 1e12), st.one_of(st.just(0.0), st.floats(1e-9, 1e12))), min_size=1))
def test_logarithms_of_shares_keep_their_digits(pairs: list):
    part, rest = np.array(pairs).T.copy()
    with decimal.localcontext(prec=60):
        wanted = [float((Decimal(a) / (Decimal(a) + Decimal(b))).ln()) for a, b in pairs]
    logs, beside, power = np.empty((3, len(part)))
    log_shares(part, rest, logs, beside, power)
    assert logs.tolist() == pytest.approx(wanted, rel=7e-16, abs=1e-50)
