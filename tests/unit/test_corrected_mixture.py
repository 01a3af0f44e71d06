"""Distributions behind the counts: mixtures of beta distributions, and all that the counts allow."""

import math

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.inference._corrected_beta import BetaMixture, fit_mixture
from segregate.inference._corrected_bounds import Counts, extremes
from segregate.inference._corrected_shares import OF_SHARES
from tests.unit import oracle_corrected as oracle

WEIGHTS, SHAPES = [0.3, 0.7], [(1.0, 4.0), (2.4, 1.6)]


def of_members(x, t) -> sg.Population:
    x, t = np.asarray(x), np.asarray(t)
    return sg.Population.from_frame(pd.DataFrame({"a": x, "b": t - x}), ["a", "b"])


def drawn(shape, t, seed) -> sg.Population:
    rng = np.random.default_rng(seed)
    return of_members(rng.binomial(t, rng.beta(*shape, len(t))), t)


# beta mixtures -------------------------------------------------------------------------


@pytest.mark.parametrize("index", sorted(oracle.OF_SHARES))
def test_indices_of_a_mixture(index):
    means = np.array([a / (a + b) for a, b in SHAPES])
    mixture = BetaMixture(np.array(WEIGHTS), means, np.array([1 / (a + b) for a, b in SHAPES]), 0.0)
    known = OF_SHARES[index]
    true = oracle.index_of_mixture(index, WEIGHTS, SHAPES)
    assert known.value(mixture.average(known), mixture.mean) == pytest.approx(true, rel=1e-6)


def test_gini_of_a_mixture():
    means = np.array([a / (a + b) for a, b in SHAPES])
    mixture = BetaMixture(np.array(WEIGHTS), means, np.array([1 / (a + b) for a, b in SHAPES]), 0.0)
    assert mixture.gini() == pytest.approx(oracle.gini_of_mixture(WEIGHTS, SHAPES), abs=2e-5)
    uniform = BetaMixture(np.ones(1), np.array([0.5]), np.array([0.5]), 0.0)
    assert uniform.gini() == pytest.approx(2 / 3, rel=1e-9)  # a mean difference of 1/3 over 2 m (1 - m)
    points = BetaMixture(np.array([0.5, 0.5]), np.array([0.2, 0.6]), np.array([1e-9, 1e-9]), 0.0)
    assert points.gini() == pytest.approx(0.2 / (2 * 0.4 * 0.6), rel=1e-6)


def test_the_likelihood_and_its_slopes():
    x, t = [0, 1, 3, 2, 5, 0, 9], [1, 4, 3, 5, 6, 2, 12]
    model, _ = fit_mixture(np.array(x, float), np.array(t, float), 2)
    at = np.array([math.log(0.3 / 0.7), math.log(0.2 / 0.8), math.log(0.6 / 0.4), math.log(1 / 5), math.log(1 / 4)])
    true = oracle.mixture_likelihood(x, t, WEIGHTS, SHAPES)
    assert model.mixture(at).likelihood == pytest.approx(true, rel=1e-12)
    slope = model.minus(at)[1]
    for k, step in enumerate(1e-6 * np.eye(5)):
        around = (model.minus(at + step)[0] - model.minus(at - step)[0]) / 2e-6
        assert slope[k] == pytest.approx(around, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("components", [1, 2])
def test_nothing_near_is_likelier(components):
    pop = drawn((1, 3), np.full(80, 12), 1)
    model, at = fit_mixture(pop.counts[:, 0], pop.totals, components)
    best = model.minus(at)[0]
    rng = np.random.default_rng(2)
    assert all(model.minus(at + 0.05 * rng.normal(size=len(at)))[0] > best - 1e-10 for _ in range(300))


def test_a_mixture_finds_what_counts_are_drawn_from():
    rng = np.random.default_rng(3)
    t = np.full(20_000, 12)
    p = np.where(rng.random(20_000) < 0.2, rng.beta(40, 10, 20_000), rng.beta(5, 45, 20_000))
    pop = of_members(rng.binomial(t, p), t)
    true = oracle.index_of_mixture("dissimilarity", [0.2, 0.8], [(40, 10), (5, 45)])
    found = sg.corrected(pop, "D", method="beta_mixture", components=2)
    assert found.value == pytest.approx(true, abs=0.01)
    assert found.low < true < found.high


def test_the_interval_follows_from_the_curvature():
    """For shares that are all the same but for one beta distribution, the parameters of many cities scatter as said."""
    values, widths = [], []
    for seed in range(40):
        found = sg.corrected(drawn((2, 4), np.full(150, 10), seed), "D", method="beta_mixture")
        values.append(found.value)
        widths.append((found.high - found.low) / 2 / 1.959964)
    assert np.std(values) == pytest.approx(np.mean(widths), rel=0.35)
    wide = sg.corrected(drawn((2, 4), np.full(150, 10), 1), "D", method="beta_mixture", level=0.99)
    assert wide.high - wide.low > 2 * 1.959964 * widths[1]


def test_equal_shares_have_no_interval():
    found = sg.corrected(of_members([2, 2, 3, 1, 2, 2], [8, 8, 8, 8, 8, 8]), "D", method="beta_mixture")
    assert found.value < 1e-3
    assert math.isnan(found.low)
    assert any("there is no interval" in note for note in found.notes)


def test_more_components_than_there_are():
    found = sg.corrected(drawn((2, 4), np.full(60, 3), 5), "H", method="beta_mixture", components=2)
    assert 0 <= found.value <= 1
    assert math.isnan(found.low) or found.low < found.value < found.high


def test_the_two_groups_are_treated_alike():
    pop = drawn((1, 3), np.arange(2, 62), 6)
    for index in ("D", "H", "G"):
        for method in ("beta_mixture", "bounds")[: 1 + (index != "G")]:
            one = sg.corrected(pop, index, method=method).value
            assert sg.corrected(pop.select("b", "a"), index, method=method).value == pytest.approx(one, rel=1e-4)


def test_shares_that_go_with_size_are_told():
    rng = np.random.default_rng(4)
    t = np.repeat([4, 80], 40)
    x = rng.binomial(t, np.concatenate([rng.beta(1, 3, 40), rng.beta(3, 1, 40)]))
    for method in ("beta_mixture", "bounds"):
        found = sg.corrected(of_members(x, t), "D", method=method)
        assert any("shares go with the size of units, which this method takes not to be so" in n for n in found.notes)


def test_a_bad_fit_is_told():
    rng = np.random.default_rng(8)
    t = np.full(200, 30)
    x = rng.binomial(t, np.where(rng.random(200) < 0.1, rng.beta(80, 20, 200), rng.beta(10, 90, 200)))
    one = sg.corrected(of_members(x, t), "V", method="beta_mixture", group="a")
    assert any("1 component fit the counts badly" in note and "method='bounds'" in note for note in one.notes)
    two = sg.corrected(of_members(x, t), "V", method="beta_mixture", group="a", components=2)
    assert not any("badly" in note for note in two.notes)
    assert two.value > one.value + 0.05


def test_units_of_one_person_say_nothing():
    found = sg.corrected(of_members([1, 0, 0, 1], [1, 1, 1, 1]), "D", method="beta_mixture")
    assert math.isnan(found.value)
    assert "all units have a single person, which says nothing of how shares differ" in found.notes
    found = sg.corrected(of_members([1, 0, 0, 1], [1, 1, 1, 1]), "D", method="bounds")
    assert (found.least, found.greatest) == pytest.approx((0, 1), abs=1e-6)


# bounds --------------------------------------------------------------------------------


@pytest.mark.parametrize("moments", [1, 2, 3, 4])
def test_extremes_against_all_vertices(moments):
    points = np.linspace(0, 1, 11)
    rng = np.random.default_rng(moments)
    for function in (abs, lambda p: p * p, lambda p: -oracle.entropy(max(p + 0.3, 0.0)), lambda p: math.sin(9 * p)):
        mass = rng.dirichlet(np.full(11, 0.5))
        given = [float(mass @ points**k) for k in range(1, moments + 1)]
        values = np.array([function(p - 0.3) if function is abs else function(min(p, 0.69)) for p in points])
        of = dict(zip(points.tolist(), values.tolist(), strict=True))
        true = oracle.extremes(points.tolist(), given, of.__getitem__)
        assert extremes(points, mass, moments, values) == pytest.approx(true, abs=1e-8)


@pytest.mark.parametrize("numbers", [(300, 200, 500), (400, 300, 300), (50, 20, 30)])
@pytest.mark.parametrize("sizes", ["independent", "free"])
def test_pairs_of_people(numbers, sizes):
    """Of the mean m and the variance v follows: D is v / (m (1 - m)) at least, and sqrt(v) / (2 m (1 - m)) at most."""
    pop = of_members(np.repeat([0, 1, 2], numbers), np.full(sum(numbers), 2))
    n = sum(numbers)
    m, second = (numbers[1] / 2 + numbers[2]) / n, numbers[2] / n
    v = second - m * m
    assert m + math.sqrt(v) <= 1 >= 0 <= m - math.sqrt(v)  # the two shares that reach the greatest exist
    found = sg.corrected(pop, "D", method="bounds", sizes=sizes)
    assert found.least == pytest.approx(v / (m * (1 - m)), abs=1e-6)
    assert found.greatest == pytest.approx(math.sqrt(v) / (2 * m * (1 - m)), abs=1e-4)
    assert math.isnan(found.value)
    assert any("units tell the first 2 moments of the share" in note for note in found.notes)
    exact = sg.corrected(pop, "V", method="bounds", group="a", sizes=sizes)
    assert exact.least == pytest.approx(exact.greatest, abs=1e-8)
    assert exact.value == pytest.approx(v / (m * (1 - m)), abs=1e-6)


def test_counts_that_vary_less_than_chance():
    found = sg.corrected(of_members(np.full(50, 2), np.full(50, 4)), "D", method="bounds")
    assert found.greatest < 1e-3
    assert found.value == pytest.approx(0, abs=1e-3)


def test_the_likeliest_distribution():
    """At the likeliest distribution no share would make the counts likelier, and those with mass are all equal."""
    pop = drawn((1, 3), np.arange(1, 80), 7)
    points = np.linspace(0, 1, 101)
    counts = Counts(pop.counts[:, 0], pop.totals, points)
    mass = counts.likeliest()
    slope = counts.weights @ (counts.chance / (counts.chance @ mass)[:, None])
    assert mass.sum() == pytest.approx(1, rel=1e-12)
    assert slope.max() <= 1 + 1e-8
    assert slope[mass > 1e-6].min() > 1 - 1e-4
    pulled = counts.likeliest(0.5 * np.sin(7 * points), near=1e-6)
    gain = slope_of(counts, pulled) + 0.5 * np.sin(7 * points)
    assert gain.max() - gain @ pulled <= 2e-6


def slope_of(counts, mass):
    return counts.weights @ (counts.chance / (counts.chance @ mass)[:, None])


def test_the_interval_of_one_size_holds_the_bounds():
    pop = drawn((1, 3), np.full(200, 4), 8)
    for index in ("D", "H", "A"):
        found = sg.corrected(pop, index, method="bounds")
        assert found.low < found.least <= found.greatest < found.high
        narrow = sg.corrected(pop, index, method="bounds", level=0.5)
        assert found.low < narrow.low
        assert narrow.high < found.high


def test_a_likely_range_of_two_shares():
    """Units of one person tell the mean alone; its interval is that of the likelihood ratio of a binomial."""
    counts = Counts(np.repeat([1.0, 0.0], [30, 70]), np.ones(100), np.linspace(0, 1, 201))
    known = OF_SHARES["isolation"]
    mean = known._replace(kind="square", value=lambda e, p: p)
    from segregate.inference._corrected_bounds import likely_range

    low, high = likely_range(counts, counts.likeliest(), mean, 0.95)

    def lost(p):
        return 2 * (30 * math.log(0.3 / p) + 70 * math.log(0.7 / (1 - p)))

    assert lost(low) == pytest.approx(3.8414588, rel=0.02)
    assert lost(high) == pytest.approx(3.8414588, rel=0.02)
    assert low < 0.3 < high


def test_a_distribution_for_each_size():
    rng = np.random.default_rng(9)
    t = np.repeat([3, 6], 400)
    p = np.concatenate([rng.beta(8, 2, 400), rng.beta(2, 8, 400)])
    pop = of_members(rng.binomial(t, p), t)
    free = sg.corrected(pop, "D", method="bounds", sizes="free")
    share = (3 * 0.8 + 6 * 0.2) / 9
    gap = (3 * abs(0.8 - share) + 6 * abs(0.2 - share)) / 9  # if all units of a size had the same share
    assert free.greatest > gap / (2 * share * (1 - share)) - 0.05
    assert free.least <= free.greatest
    assert math.isnan(free.low)
    assert any("every size has a distribution of its own" in note for note in free.notes)
    alone = sg.corrected(of_members([1, 2, 0, 3], [2, 3, 4, 5]), "D", method="bounds", sizes="free")
    assert any("4 units of 4 are the only ones of their size" in note for note in alone.notes)
    assert alone.value == pytest.approx(alone.raw, abs=5e-3)


def test_large_units_are_not_corrected():
    pop = sg.sample("schools").versus("black")
    found = sg.corrected(pop, "V", method="bounds", group="black")
    assert found.greatest - found.least < 1e-6
    assert found.low < found.raw < found.high
