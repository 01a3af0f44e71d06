"""Means under random allocation: against every table that there is, against draws, and what is refused."""

import dataclasses
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import segregate as sg
from segregate.kernels.deviation import binomial_chance, hypergeometric_chance, mean_deviations, mean_divergences
from tests.unit import oracle_expected as oracle

MARGINS = [
    ((4, 3, 5), (5, 7)),
    ((1, 2, 6), (4, 5)),
    ((2, 0, 3, 1), (3, 3)),
    ((3, 4, 2), (2, 3, 4)),
    ((5, 1, 3), (1, 1, 7)),
    ((2, 2, 2, 1), (1, 2, 2, 2)),
]
ALL_GROUPS = (
    *("dissimilarity", "information_theory", "mutual_information", "squared_coefficient_of_variation"),
    *("relative_diversity", "normalized_exposure"),
)
OF_A_GROUP = ("gorard", "group_divergence", "correlation_ratio", "isolation")


def city(totals, sizes) -> sg.Population:
    """Return any table with these margins."""
    table, left = [], list(sizes)
    for total in totals:
        row = []
        for m, people in enumerate(left):
            taken = min(total - sum(row), people)
            row.append(taken)
            left[m] -= taken
        table.append(row)
    groups = [f"g{m}" for m in range(len(sizes))]
    return sg.Population.from_frame(pd.DataFrame(table, columns=groups), groups)


def of_counts(counts, **options) -> sg.Population:
    counts = np.asarray(counts)
    groups = [f"g{m}" for m in range(counts.shape[1])]
    return sg.Population.from_frame(pd.DataFrame(counts, columns=groups), groups, **options)


# formulas against every table ----------------------------------------------------------


@pytest.mark.parametrize(("totals", "sizes"), MARGINS)
@pytest.mark.parametrize("index", ALL_GROUPS)
def test_all_groups_against_every_table(index, totals, sizes):
    found = sg.expected(city(totals, sizes), index)
    assert found.value == pytest.approx(oracle.expected(totals, sizes, getattr(oracle, index)), rel=1e-12, abs=1e-12)
    assert (found.se, found.replicates) == (0.0, 0)


@pytest.mark.parametrize(("totals", "sizes"), MARGINS)
@pytest.mark.parametrize("index", OF_A_GROUP)
def test_one_group_against_every_table(index, totals, sizes):
    for m in range(len(sizes)):
        found = sg.expected(city(totals, sizes), index, group=f"g{m}")
        true = oracle.expected(totals, sizes, lambda table, m=m: getattr(oracle, index)(table, m))
        assert found.value == pytest.approx(true, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("totals", "sizes"), MARGINS)
def test_pairs_against_every_table(totals, sizes):
    for m in range(len(sizes)):
        for k in range(len(sizes)):
            found = sg.expected(city(totals, sizes), "exposure", group=f"g{m}", other=f"g{k}")
            true = oracle.expected(totals, sizes, lambda table, m=m, k=k: oracle.exposure(table, m, k))
            assert found.value == pytest.approx(true, rel=1e-12, abs=1e-12)


def test_two_groups_and_parameters_against_every_table():
    totals, sizes = (4, 3, 5), (5, 7)
    pop = city(totals, sizes)
    true = oracle.expected(totals, sizes, oracle.karmel_maclachlan)
    assert float(sg.expected(pop, "karmel_maclachlan")) == pytest.approx(true, rel=1e-12)
    true = oracle.expected(totals, sizes, oracle.mutual_information)
    assert float(sg.expected(pop, sg.bind("M", base=2))) == pytest.approx(true / math.log(2), rel=1e-12)
    true = oracle.expected(totals, sizes, oracle.exact_isolation)
    assert float(sg.expected(pop, sg.bind("isolation", exact=True), group="g0")) == pytest.approx(true, rel=1e-12)
    true = oracle.expected(totals, sizes, oracle.exact_exposure)
    found = sg.expected(pop, sg.bind("exposure", exact=True), group="g0", other="g1")
    assert found.value == pytest.approx(true, rel=1e-12)


def test_a_group_against_the_rest_and_against_another():
    totals, sizes = (3, 4, 2), (2, 3, 4)
    pop = city(totals, sizes)
    rest = oracle.expected(totals, (3, 6), oracle.dissimilarity)
    assert sg.expected(pop, "D", group="g1").value == pytest.approx(rest, rel=1e-12)
    pair = pop.select("g1", "g2")
    there = [int(t) for t in pair.totals]
    true = oracle.expected(there, (3, 4), oracle.dissimilarity)
    assert sg.expected(pop, "D", group="g1", other="g2").value == pytest.approx(true, rel=1e-12)


def test_empty_groups_and_units_change_nothing():
    full = sg.expected(of_counts([[3, 1], [0, 4], [2, 2]]), "H").value
    more = of_counts([[3, 0, 1], [0, 0, 4], [0, 0, 0], [2, 0, 2]])
    assert sg.expected(more, "H").value == pytest.approx(full, rel=1e-14)
    assert sg.expected(more, "exposure", group="g0", other="g1").value == 0.0


# the approximation ---------------------------------------------------------------------


def test_winship():
    pop = city((4, 3, 5), (5, 7))
    found = sg.expected(pop, "D", margins="units")
    assert found.value == pytest.approx(oracle.winship((4, 3, 5), 5), rel=1e-12)
    assert f"{found.value:.3f}" == "0.411"
    assert f"{sg.expected(pop, 'D').value:.3f}" == "0.344"
    assert any("Winship" in note for note in found.notes)
    drawn = sg.expected(pop, "D", margins="units", method="simulate", replicates=4000, rng=1)
    assert abs(drawn.value - 0.36495710890353) < 4 * drawn.se


@pytest.mark.parametrize(("totals", "sizes"), MARGINS)
def test_shares_fixed_as_observed(totals, sizes):
    pop, n = city(totals, sizes), sum(sizes)
    interaction = sum(s / n * (1 - s / n) for s in sizes)
    deviation = oracle.with_units_fixed(totals, sizes, lambda x, t, p: abs(x - t * p))
    assert sg.expected(pop, "D", margins="units").value == pytest.approx(deviation / (2 * n * interaction), rel=1e-12)
    divergence = oracle.with_units_fixed(totals, sizes, lambda x, t, p: x * math.log(x / (t * p)) if x else 0.0)
    assert sg.expected(pop, "M", margins="units").value == pytest.approx(divergence / n, rel=1e-12)
    square = oracle.with_units_fixed(totals, sizes, lambda x, t, p: (x - t * p) ** 2 / (t * p) if t else 0.0)
    found = sg.expected(pop, "C", margins="units").value
    assert found == pytest.approx(square / (n * (len(sizes) - 1)), rel=1e-12)
    one = oracle.with_units_fixed(
        totals, (sizes[0], n - sizes[0]), lambda x, t, p: x * x / t if t and p == sizes[0] / n else 0.0
    )
    if sizes[0] * 2 != n:
        found = sg.expected(pop, "isolation", group="g0", margins="units").value
        assert found == pytest.approx(one / sizes[0], rel=1e-12)


# draws ---------------------------------------------------------------------------------


@pytest.mark.parametrize("index", ["D", "H", "M", "C", "P", "R"])
def test_formulas_are_the_mean_of_draws(index):
    pop = sg.sample("schools")
    exact = sg.expected(pop, index)
    drawn = sg.expected(pop, index, method="simulate", replicates=400, rng=2)
    assert drawn.replicates == 400
    assert abs(exact.value - drawn.value) < 4 * drawn.se


@pytest.mark.parametrize("index", ["gorard", "V", "isolation", "group_divergence"])
def test_formulas_of_a_group_are_the_mean_of_draws(index):
    pop = sg.sample("schools")
    exact = sg.expected(pop, index, group="black")
    drawn = sg.expected(pop, index, group="black", method="simulate", replicates=400, rng=3)
    assert abs(exact.value - drawn.value) < 4 * drawn.se


def test_draws_where_there_is_no_formula():
    pop = city((4, 3, 5), (5, 7))

    def gini(table):
        t, s, n = oracle.margins(table)
        pairs = [
            (a[0] / k, b[0] / m, k * m) for a, k in zip(table, t, strict=True) for b, m in zip(table, t, strict=True)
        ]
        return sum(w * abs(p - q) for p, q, w in pairs) / (2 * n * n * s[0] / n * s[1] / n)

    drawn = sg.expected(pop, "gini", method="simulate", replicates=4000, rng=4)
    assert abs(drawn.value - oracle.expected((4, 3, 5), (5, 7), gini)) < 4 * drawn.se


def test_the_same_seed_and_any_order_of_rows():
    frame = pd.DataFrame({"a": [9, 3, 0, 5], "b": [1, 2, 8, 5]}, index=["w", "x", "y", "z"])
    one = sg.expected(sg.Population.from_frame(frame, ["a", "b"]), "G", method="simulate", replicates=50, rng=7)
    other = sg.expected(
        sg.Population.from_frame(frame.iloc[::-1], ["a", "b"]), "G", method="simulate", replicates=50, rng=7
    )
    assert one.value == pytest.approx(other.value, rel=1e-13)
    again = sg.expected(sg.Population.from_frame(frame, ["a", "b"]), "G", method="simulate", replicates=50, rng=7)
    assert one.value == again.value
    calls = []
    sg.expected(
        sg.Population.from_frame(frame, ["a", "b"]),
        "G",
        method="simulate",
        replicates=50,
        rng=7,
        progress=lambda *at: calls.append(at),
    )
    assert calls[-1] == (50, 50)


def test_an_environment_takes_draws():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(0, 9, (36, 3)), columns=["a", "b", "c"])
    points = gpd.points_from_xy(100.0 * (np.arange(36) % 6), 100.0 * (np.arange(36) // 6))
    pop = sg.Population.from_frame(gpd.GeoDataFrame(frame, geometry=points, crs=32633), ["a", "b", "c"])
    within = pop.within(sg.Kernel(250))
    with pytest.raises(
        sg.ParameterError, match=r"method='exact' cannot be had: within an environment .* method='simulate'"
    ):
        sg.expected(within, "D")
    found = sg.expected(within, "D", method="simulate", group="a", replicates=20, rng=1)
    assert 0 < found.value < sg.expected(pop, "D", group="a").value
    assert found.raw == sg.dissimilarity(within.versus("a"))


# single chances ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "members", "drawn"),
    [(10_000_000, 3_000_000, 300), (10_000_000, 40, 2_500), (9_999_991, 9_000_001, 400), (500, 250, 499), (7, 3, 7)],
)
def test_mean_deviation_of_ten_million_people(people, members, drawn):
    sizes = np.array([float(members), float(people - members)])
    found = mean_deviations(np.array([float(drawn)]), sizes, True)[0]
    true = oracle.hypergeometric_deviation(people, members, drawn)
    np.testing.assert_allclose(found, [true, true], rtol=1e-12, atol=1e-15)


def test_single_chances():
    for k in (1150, 1200, 1290):
        true = oracle.one_chance(k, 10_000_000, 3_000_000, 4000)
        assert hypergeometric_chance(float(k), 1e7, 3e6, 4000.0) == pytest.approx(true, rel=1e-12)
    for k in range(13):
        assert binomial_chance(float(k), 12.0, 0.3, 0.7) == pytest.approx(oracle.binomial(k, 12, 0.3), rel=1e-13)
    assert binomial_chance(3.0, 2.0, 0.3, 0.7) == binomial_chance(-1.0, 2.0, 0.3, 0.7) == 0.0
    assert (binomial_chance(0.0, 5.0, 0.0, 1.0), binomial_chance(5.0, 5.0, 1.0, 0.0)) == (1.0, 1.0)
    assert hypergeometric_chance(2.0, 5.0, 2.0, 5.0) == 1.0
    assert hypergeometric_chance(3.0, 5.0, 2.0, 4.0) == 0.0
    nobody = np.zeros(1)
    assert not mean_deviations(nobody, np.array([2.0, 3.0]), True).any()
    assert not mean_divergences(np.ones(1), np.array([0.0, 3.0]), True)[0, 0]


def test_a_city_of_ten_million_people():
    counts = np.column_stack([np.full(5000, 600), np.full(5000, 1400)])
    pop = of_counts(counts)
    m, n, j = 3_000_000, 10_000_000, 5000
    assert sg.expected(pop, "V", group="g0").value == pytest.approx((j - 1) / (n - 1), rel=1e-12)
    spread = math.sqrt(2 / math.pi * 2000 * 0.3 * 0.7 * (1 - 2000 / n))  # of a normal, to the first order
    near = j * spread / (2 * n * 0.3 * 0.7)
    assert sg.expected(pop, "D").value == pytest.approx(near, rel=1e-3)
    assert m == pop.counts[:, 0].sum()


# results and refusals ------------------------------------------------------------------


def test_what_comes_back():
    found = sg.expected(sg.sample("schools"), "D", group="black", method="simulate", replicates=19, rng=1)
    assert isinstance(found, sg.Expected)
    assert float(found) == found.value
    assert found.raw == sg.dissimilarity(sg.sample("schools").versus("black"))
    row = found.table.iloc[0]
    assert (row["index"], row["group"], row["versus"]) == ("dissimilarity", "black", "rest")
    assert (row["expected"], row["se"], row["replicates"]) == (found.value, found.se, 19)
    assert "standard error" in repr(found)
    assert "dissimilarity of black against rest" in found._repr_html_()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.value = 0.0
    ax = Figure().add_subplot()
    assert found.plot(ax=ax) is ax


def test_undefined():
    pop = of_counts([[3, 0], [5, 0]])
    with pytest.warns(sg.UndefinedIndexWarning, match="only one group has people here"):
        found = sg.expected(pop, "D")
    assert math.isnan(found.value)
    assert "only one group" in found.notes[0]
    with pytest.warns(sg.UndefinedIndexWarning), pytest.raises(sg.DataError, match="nothing to draw"):
        sg.expected(pop, "D", method="simulate", replicates=3).plot(ax=Figure().add_subplot())


def test_what_is_refused():
    pop = sg.sample("schools")
    with pytest.raises(
        sg.ParameterError, match=r"the mean of gini .* no formula here .*dissimilarity.* method='simulate'"
    ):
        sg.expected(pop, "gini")
    with pytest.raises(sg.ParameterError, match="method='exakt' is not known"):
        sg.expected(pop, "D", method="exakt")
    with pytest.raises(sg.ParameterError, match="margins='none' is not known"):
        sg.expected(pop, "D", margins="none")
    with pytest.raises(sg.ParameterError, match="replicates=0 is a whole number"):
        sg.expected(pop, "D", replicates=0)
    with pytest.raises(sg.ParameterError, match="other='white' is set against a group: say which by group="):
        sg.expected(pop, "D", other="white")
    with pytest.raises(sg.ParameterError, match=r"correlation_ratio takes one group against everybody else.*select"):
        sg.expected(pop, "V", group="black", other="white")
    with pytest.raises(sg.ParameterError, match="gives one value per unit"):
        sg.expected(pop, "location_quotient")
    with pytest.raises(sg.ParameterError, match="takes a Population"):
        sg.expected(pd.DataFrame(), "D")
    alone = of_counts([[1, 0], [2, 3]])
    with pytest.raises(
        sg.ParameterError, match=r"people who are alone in their unit \(1 unit\) are left out of isolation"
    ):
        sg.expected(alone, sg.bind("isolation", exact=True), group="g0")


def test_parts_of_people():
    pop = of_counts([[1.5, 2.5], [3.0, 1.0]])
    with pytest.raises(sg.DataError, match=r"1 unit of 2 has counts that are not whole numbers.*largest_remainder"):
        sg.expected(pop, "D")
    found = sg.expected(pop, "D", round="largest_remainder")
    assert found.value == sg.expected(of_counts([[2, 2], [3, 1]]), "D").value
    assert any("rounded" in note for note in found.notes)
    with pytest.raises(sg.ParameterError, match="round='up' is not known"):
        sg.expected(of_counts([[2, 2], [3, 1]]), "D", round="up")
