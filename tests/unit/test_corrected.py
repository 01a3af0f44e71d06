"""Corrections for small units: against the papers' formulas in plain loops, and what is refused."""

import dataclasses
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import segregate as sg
from segregate.inference._corrected_density import most_likely
from segregate.inference._corrected_methods import METHODS
from tests.unit import oracle_corrected as oracle
from tests.unit import oracle_expected

PLACE = "sacramento_2000_sf3/sacramentot2.parquet"


def of_counts(counts, **options) -> sg.Population:
    counts = np.asarray(counts)
    groups = [f"g{m}" for m in range(counts.shape[1])]
    return sg.Population.from_frame(pd.DataFrame(counts, columns=groups), groups, **options)


def towns(groups=2, number=6):
    """Yield small towns: tables of counts with an empty unit, and units of one person."""
    for seed in range(number):
        rng = np.random.default_rng(seed)
        counts = rng.poisson(rng.gamma(0.6, 4, (30, groups)))
        counts[3], counts[4] = 0, [1] + [0] * (groups - 1)
        yield counts


def environment(groups=2) -> sg.Population:
    rng = np.random.default_rng(5)
    names = list("abc")[:groups]
    frame = pd.DataFrame(rng.integers(0, 9, (36, groups)), columns=names)
    points = gpd.points_from_xy(100.0 * (np.arange(36) % 6), 100.0 * (np.arange(36) // 6))
    pop = sg.Population.from_frame(gpd.GeoDataFrame(frame, geometry=points, crs=32633), names)
    return pop.within(sg.Kernel(250))


# Carrington and Troske -----------------------------------------------------------------


@pytest.mark.parametrize("index", ["D", "H", "V", "R"])
def test_carrington_troske(index):
    below = 0
    for counts in [*towns(), np.array([[2, 2], [3, 3], [1, 1], [4, 4]])]:
        pop = of_counts(counts)
        found = sg.corrected(pop, index)
        by_chance = sg.expected(pop, index)
        assert found.expected == by_chance.value
        assert found.value == pytest.approx(oracle.carrington_troske(found.raw, by_chance.value), rel=1e-14)
        below += found.value < 0
    assert below >= 1


def test_carrington_troske_at_the_ends():
    assert sg.corrected(of_counts([[4, 0], [0, 3], [0, 2]]), "D").value == pytest.approx(1, rel=1e-14)
    assert sg.corrected(of_counts([[2, 2], [3, 3]]), "D").value == pytest.approx(-1, rel=1e-14)


def test_carrington_troske_with_draws():
    pop = sg.sample("schools").versus("black")
    found = sg.corrected(pop, "G", replicates=50, rng=1)
    drawn = sg.expected(pop, "G", method="simulate", replicates=50, rng=1)
    assert (found.expected, found.replicates) == (drawn.value, 50)
    within = environment()
    found = sg.corrected(within, "D", replicates=30, rng=2)
    assert found.expected == sg.expected(within, "D", method="simulate", replicates=30, rng=2).value


def test_nothing_to_compare_with():
    found = sg.corrected(of_counts([[1, 0], [0, 1], [1, 0]]), "D")
    assert math.isnan(found.value)
    assert "random allocation gives complete separation, so there is nothing to compare with" in found.notes
    assert "complete separation" in repr(found)


# Allen and others ----------------------------------------------------------------------


def test_the_density_correction():
    for counts in towns():
        found = sg.corrected(of_counts(counts), "D", method="allen_density")
        assert found.value == pytest.approx(oracle.density(*counts.T.tolist()), rel=1e-6)
        assert found.raw == pytest.approx(oracle.dissimilarity(*counts.T.tolist()), rel=1e-13)
        assert 0 <= found.value <= found.raw


def test_the_most_likely_size_of_a_gap():
    z = np.array([0.0, 0.5, 1.0, 1.0 + 1e-9, 1.001, 1.1, 1.5, 2.0, 3.0, 8.0, 100.0])
    n = most_likely(z)
    assert (n[:3] == 0).all()
    np.testing.assert_allclose(n, z * np.tanh(n * z), atol=1e-12)
    assert (np.diff(n[3:]) > 0).all()
    for size in (0.5, 1.1, 1.5, 3.0):
        assert most_likely(np.array([size]))[0] == pytest.approx(oracle.most_likely(size), abs=1e-6)


def test_the_density_correction_of_sacramento(shared_data):
    frame = pd.read_parquet(shared_data(PLACE), columns=["hisp", "tot_pop"])
    pop = sg.Population.from_frame(frame, ["hisp"], total="tot_pop")
    assert sg.corrected(pop, "D", method="allen_density").value == pytest.approx(0.3213802698, abs=5e-11)


def test_the_density_correction_of_multiples_of_d():
    (counts,) = towns(number=1)
    pop = of_counts(counts)
    d = sg.corrected(pop, "D", method="allen_density").value
    x, y = counts.sum(axis=0)
    share = x / (x + y)
    found = sg.corrected(pop, "karmel_maclachlan", method="allen_density").value
    assert found == pytest.approx(2 * share * (1 - share) * d, rel=1e-13)
    found = sg.corrected(pop, "gorard", method="allen_density", group="g1").value
    assert found == pytest.approx(share * d, rel=1e-13)


def test_complete_separation_is_not_corrected():
    assert sg.corrected(of_counts([[5, 0], [0, 7]]), "D", method="allen_density").value == pytest.approx(1, rel=1e-14)


def test_the_bootstrap():
    """Of two units all tables of as many people can be listed."""
    counts, n = [[3, 1], [1, 2]], 7
    cells = [c for row in counts for c in row]
    total, ways = 0.0, 0.0
    for table in (
        (a, b, c, n - a - b - c) for a in range(n + 1) for b in range(n + 1 - a) for c in range(n + 1 - a - b)
    ):
        rows = [table[:2], table[2:]]
        if not all(sum(column) for column in zip(*rows, strict=True)):
            continue
        chance = math.factorial(n) * math.prod(
            (c / n) ** k / math.factorial(k) for c, k in zip(cells, table, strict=True)
        )
        total += chance * oracle.dissimilarity(table[::2], table[1::2])
        ways += chance
    pop = of_counts(counts)
    raw = sg.dissimilarity(pop)
    found = sg.corrected(pop, "D", method="allen_bootstrap", replicates=4000, rng=1)
    drawn = sg.bootstrap(pop, "D", replicates=4000, rng=1).replicates
    error = np.nanstd(drawn) / math.sqrt(4000)
    assert abs(found.value - (2 * raw - total / ways)) < 4 * error
    assert found.replicates == np.isfinite(drawn).sum()
    assert any("undefined on" in note for note in found.notes)


def test_the_interval_of_the_bootstrap():
    pop = sg.sample("schools").versus("black")
    found = sg.corrected(pop, "D", method="allen_bootstrap", replicates=199, level=0.9, rng=3)
    same = sg.bootstrap(pop, "D", interval="basic", replicates=199, level=0.9, rng=3)
    assert (found.low, found.high, found.level) == (same.low, same.high, 0.9)
    assert found.value == pytest.approx(2 * found.raw - same.replicates.mean(), rel=1e-13)
    assert found.low < found.value < found.high
    within = sg.corrected(environment(), "H", method="allen_bootstrap", replicates=20, rng=1)
    assert within.value < within.raw


# Miller and Madow, Fossett -------------------------------------------------------------


@pytest.mark.parametrize("groups", [2, 3])
def test_miller_madow(groups):
    for counts in towns(groups):
        pop = of_counts(np.column_stack([counts, np.zeros(30, dtype=int)]))
        m, h = oracle.miller_madow(counts.tolist())
        assert sg.corrected(pop, "M", method="miller_madow").value == pytest.approx(m, rel=1e-10, abs=1e-13)
        assert sg.corrected(pop, "H", method="miller_madow").value == pytest.approx(h, rel=1e-10, abs=1e-13)
        bits = sg.corrected(pop, sg.bind("M", base=2), method="miller_madow").value
        assert bits == pytest.approx(m / math.log(2), rel=1e-10, abs=1e-13)


def test_leave_one_out():
    for counts in towns():
        x, y = counts.T.tolist()
        found = sg.corrected(of_counts(counts), "V", method="leave_one_out", group="g0")
        assert found.value == pytest.approx(oracle.leave_one_out(x, y), rel=1e-12, abs=1e-14)
        alone = (counts.sum(axis=1) == 1).sum()
        assert found.notes[-1].startswith(f"{alone} unit")
        for index in ("P", "R", "C"):
            assert sg.corrected(of_counts(counts), index, method="leave_one_out").value == pytest.approx(found.value)
    (counts,) = towns(3, number=1)
    found = sg.corrected(of_counts(counts), "V", method="leave_one_out", group="g1")
    x = counts[:, 1].tolist()
    assert found.value == pytest.approx(oracle.leave_one_out(x, (counts.sum(axis=1) - x).tolist()), rel=1e-12)


def test_leave_one_out_has_no_bias_under_random_allocation():
    totals, sizes = (4, 3, 5), (5, 7)
    mean = oracle_expected.expected(totals, sizes, lambda table: oracle.leave_one_out(*zip(*table, strict=True)))
    assert mean == pytest.approx(-1 / 11, rel=1e-12)  # -1 / (T - 1)


def test_nobody_is_left():
    found = sg.corrected(of_counts([[1, 0], [0, 4], [1, 0]]), "V", method="leave_one_out", group="g0")
    assert math.isnan(found.value)
    assert "nobody of one of the two groups lives in a unit with somebody else" in found.notes


# results and refusals ------------------------------------------------------------------


def test_what_comes_back():
    found = sg.corrected(sg.sample("schools"), "D", method="allen_bootstrap", group="black", replicates=19, rng=1)
    assert isinstance(found, sg.Corrected)
    assert float(found) == found.value
    row = found.table.iloc[0]
    assert (row["index"], row["group"], row["versus"], row["method"]) == (
        *("dissimilarity", "black", "rest"),
        "allen_bootstrap",
    )
    assert (row["raw"], row["value"], row["low"], row["high"]) == (found.raw, found.value, found.low, found.high)
    assert "corrected by allen_bootstrap (95% interval" in repr(found)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.value = 0.0
    ax = Figure().add_subplot()
    assert found.plot(ax=ax) is ax
    other = sg.corrected(sg.sample("schools"), "D", method="allen_bootstrap", group="black", replicates=19, rng=1)
    assert other.value == found.value
    none = sg.corrected(sg.sample("schools"), "D", method="allen_density", group="black", level=0.9, rng=1)
    assert all(math.isnan(end) for end in (none.low, none.high, none.level, none.least, none.expected))


@pytest.mark.parametrize("method", METHODS)
def test_undefined(method):
    index = {"miller_madow": "M", "leave_one_out": "R"}.get(method, "D")
    with pytest.warns(sg.UndefinedIndexWarning, match="only one group has people here"):
        found = sg.corrected(of_counts([[3, 0], [5, 0]]), index, method=method, replicates=9)
    assert math.isnan(found.value)
    assert math.isnan(found.low)
    assert "only one group" in found.notes[0]


@pytest.mark.parametrize(
    ("method", "index", "message"),
    [
        ("carrington_troske", "isolation", "0 in an even city and 1 in one of complete separation; isolation is not"),
        ("carrington_troske", "M", "mutual_information is not"),
        ("allen_density", "H", "is for dissimilarity, karmel_maclachlan, gorard, .*; not for information_theory"),
        ("miller_madow", "D", "is for mutual_information, information_theory, .*; not for dissimilarity"),
        ("leave_one_out", "D", "is for correlation_ratio, .*; not for dissimilarity"),
        ("leave_one_out", "isolation", r"sg.isolation\(pop, group=..., exact=True\)"),
        ("beta_mixture", "delta", "is for dissimilarity, .*gini: functions of the share of a group .* delta is none"),
        ("bounds", "gini", "is for dissimilarity, .* gini is none of them"),
        ("bounds", sg.bind("isolation", exact=True), "isolation with exact=True is none of them"),
    ],
)
def test_indices_that_a_method_is_not_for(method, index, message):
    (counts,) = towns(number=1)
    pop = of_counts(counts)
    focal = {"group": "g0"} if "isolation" in str(index) else {}
    with pytest.raises(sg.ParameterError, match=message):
        sg.corrected(pop, index, method=method, **focal)


@pytest.mark.parametrize("method", ["allen_density", "beta_mixture", "bounds", "leave_one_out"])
def test_methods_of_two_groups(method):
    (counts,) = towns(3, number=1)
    index = "R" if method == "leave_one_out" else "D"
    with pytest.raises(sg.ParameterError, match=rf"method='{method}' is about two groups, .* is about 3 groups: name"):
        sg.corrected(of_counts(counts), index, method=method)
    both = sg.corrected(of_counts(counts).select("g2", "g0"), index, method=method)
    assert sg.corrected(of_counts(counts), index, method=method, group="g2", other="g0").value == pytest.approx(
        both.value, nan_ok=True
    )


@pytest.mark.parametrize("method", ["allen_density", "miller_madow", "leave_one_out", "beta_mixture", "bounds"])
def test_methods_for_home(method):
    index = {"miller_madow": "H", "leave_one_out": "R"}.get(method, "D")
    with pytest.raises(sg.ParameterError, match=rf"method='{method}' .* take pop.home\(\), or method="):
        sg.corrected(environment(), index, method=method)


def test_what_is_refused():
    pop = of_counts([[3, 1], [1, 2]])
    with pytest.raises(sg.ParameterError, match="method='winship' is not known; it is one of 'carrington_troske'"):
        sg.corrected(pop, "D", method="winship")
    with pytest.raises(sg.ParameterError, match=r"components= is for method='beta_mixture'; 'bounds' takes none"):
        sg.corrected(pop, "D", method="bounds", components=2)
    with pytest.raises(sg.ParameterError, match=r"sizes= is for method='bounds'; 'beta_mixture' takes none"):
        sg.corrected(pop, "D", method="beta_mixture", sizes="free")
    with pytest.raises(sg.ParameterError, match="components=0 is a whole number, 1 or more"):
        sg.corrected(pop, "D", method="beta_mixture", components=0)
    with pytest.raises(sg.ParameterError, match="sizes='any' is not known"):
        sg.corrected(pop, "D", method="bounds", sizes="any")
    with pytest.raises(sg.ParameterError, match="level=95 is a share between 0 and 1"):
        sg.corrected(pop, "D", level=95)
    with pytest.raises(sg.ParameterError, match="replicates=1.5 is a whole number"):
        sg.corrected(pop, "D", replicates=1.5)
    with pytest.raises(sg.DataError, match="counts that are not whole numbers"):
        sg.corrected(of_counts([[3.5, 1], [1, 2]]), "D")
    assert "rounded" in sg.corrected(of_counts([[3.5, 1], [1, 2]]), "D", round="largest_remainder").notes[-1]


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_units_changes_nothing(method):
    (counts,) = towns(number=1)
    pop = of_counts(counts)
    index = {"miller_madow": "H", "leave_one_out": "R"}.get(method, "D")
    frame = pd.DataFrame(counts, columns=["g0", "g1"]).iloc[::-1]
    turned = sg.Population.from_frame(frame, ["g0", "g1"])
    one = sg.corrected(pop, index, method=method, replicates=20, rng=1)
    other = sg.corrected(turned, index, method=method, replicates=20, rng=1)
    for field in ("value", "low", "high", "least", "greatest"):
        assert getattr(other, field) == pytest.approx(getattr(one, field), rel=1e-12, nan_ok=True)
