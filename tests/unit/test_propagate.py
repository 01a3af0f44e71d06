"""From the uncertainty of the counts to that of an index."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import gamma, t

import segregate as sg
from segregate import Population
from segregate._uncertain import Uncertainty
from segregate.inference._replicates import seeds
from segregate.inference.propagation import _of_margins
from segregate.plot import draw_propagated, prepare_propagated
from segregate.plot.propagated import _caption
from tests.unit.oracle_propagate import (
    correlation_ratio,
    dissimilarity,
    information_theory,
    replicate_bias,
    replicate_variance,
)

RANDOM = np.random.default_rng(11).integers(40, 400, (12, 3)).astype(float)
TABLES = RANDOM + np.random.default_rng(12).normal(0, 15, (20, 12, 3))


def people(rows, se=None, ids=None):
    rows = np.asarray(rows, dtype=float)
    names = [f"g{m}" for m in range(rows.shape[1])]
    points = gpd.points_from_xy(100.0 * np.arange(len(rows)), np.zeros(len(rows)))
    index = [f"u{j:02d}" for j in range(len(rows))] if ids is None else ids
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names, index=index), geometry=points, crs=32633)
    pop = Population.from_frame(frame, names)
    if se is None:
        return pop
    known = Uncertainty.none(*rows.shape)
    return replace(pop, uncertainty=replace(known, se=np.broadcast_to(np.asarray(se, dtype=float), rows.shape).copy()))


# replicate tables


@pytest.mark.parametrize("factor", [4 / 80, 1 / 20, 19 / 20])
def test_replicate_tables_give_the_variance_of_the_census_bureau(factor):
    pop = people(RANDOM).with_replicates(TABLES, factor=factor)
    found = sg.propagate(pop, "H")
    value, values = information_theory(RANDOM.tolist()), [information_theory(table.tolist()) for table in TABLES]
    assert found.value == pytest.approx(value, rel=1e-12)
    assert_allclose(found.replicates, values, rtol=1e-10)
    se, bias = math.sqrt(replicate_variance(value, values, factor)), replicate_bias(value, values, factor)
    assert found.se == pytest.approx(se, rel=1e-9)
    assert found.bias == pytest.approx(bias, rel=1e-9)
    reach = t.ppf(0.975, 19) * se
    assert (found.low, found.high) == pytest.approx((value - bias - reach, value - bias + reach), rel=1e-9)
    assert (found.method, found.kind, found.level) == ("replicate tables", "normal", 0.95)
    assert found.notes == ()
    narrower = sg.propagate(pop, "H", level=0.9)
    assert narrower.high - narrower.low == pytest.approx(2 * t.ppf(0.95, 19) * se, rel=1e-9)


def test_the_bias_of_a_jackknife_is_that_of_the_textbook():
    """Leave out one of R parts: bias (R - 1)(mean - value), as Quenouille found."""
    parts = np.random.default_rng(3).poisson(20, (6, 12, 3)).astype(float)
    counts = parts.sum(axis=0)
    tables = [(counts - part) * 6 / 5 for part in parts]
    found = sg.propagate(people(counts).with_replicates(tables, factor=5 / 6), "D", group="g0")
    values = [dissimilarity([[row[0], row[1] + row[2]] for row in table.tolist()]) for table in tables]
    assert found.bias == pytest.approx(5 * (np.mean(values) - found.value), rel=1e-9)


def test_groups_of_replicate_tables_are_put_together_as_those_of_the_counts():
    pop = people(RANDOM).with_replicates(TABLES)
    against = [[[row[1], row[0] + row[2]] for row in table.tolist()] for table in TABLES]
    pair = [[[row[1], row[2]] for row in table.tolist()] for table in TABLES]
    rest = sg.propagate(pop, "D", group="g1")
    assert_allclose(rest.replicates, [dissimilarity(table) for table in against], rtol=1e-10)
    assert_allclose(sg.propagate(pop.versus("g1"), "D").replicates, rest.replicates, rtol=1e-12)
    two = sg.propagate(pop, "D", group="g1", other="g2")
    assert_allclose(two.replicates, [dissimilarity(table) for table in pair], rtol=1e-10)
    assert (rest.about["group"], rest.about["versus"]) == ("g1", "rest")
    assert "of g1 against rest" in repr(rest)


def test_negative_estimates_count_as_nobody_and_that_is_said():
    tables = TABLES.copy()
    tables[3, 4, 1] = -7
    tables[5, 0, 2] = -1
    pop = people(RANDOM).with_replicates(tables)
    found = sg.propagate(pop, "H")
    assert found.notes == ("2 negative cells of replicate tables taken as 0",)
    assert_allclose(
        found.replicates, [information_theory(np.maximum(table, 0).tolist()) for table in tables], rtol=1e-10
    )
    assert pop.uncertainty.replicates[3, 4, 1] == -7


def test_an_undefined_replicate_table_leaves_no_interval():
    tables = TABLES.copy()
    tables[3, :, 0] = 0
    found = sg.propagate(people(RANDOM).with_replicates(tables), "isolation", group="g0")
    assert np.isfinite(found.value)
    assert np.isnan([found.low, found.high, found.se, found.bias]).all()
    assert found.notes == ("the index is undefined on 1 replicate table of 20, so that there is no interval",)
    assert found.table["undefined"].tolist() == [1]


# margins of error


def test_counts_are_drawn_from_gamma_distributions():
    counts = np.array([[100.0, 5, 0], [3, 40, 7]])
    errors = np.array([[10.0, 5, 6], [6, 0, 7]])
    pop = people(counts, errors)
    drawn = _of_margins(pop, pop.uncertainty)(seeds(20_000, 5))
    assert drawn.min() >= 0
    assert_array_equal(drawn[:, 0, 2], 0)
    assert_array_equal(drawn[:, 1, 1], 40)
    for j, m in [(0, 0), (0, 1), (1, 0), (1, 2)]:
        count, se = counts[j, m], errors[j, m]
        cell = drawn[:, j, m]
        assert cell.mean() == pytest.approx(count, abs=4 * se / math.sqrt(20_000))
        assert cell.std() == pytest.approx(se, rel=0.06)
        law = gamma((count / se) ** 2, scale=se**2 / count)
        for chance in (0.1, 0.5, 0.9):
            assert (cell <= law.ppf(chance)).mean() == pytest.approx(chance, abs=0.012)
    free = [(0, 0), (0, 1), (1, 0), (1, 2)]
    between = np.corrcoef([drawn[:, j, m] for j, m in free]) - np.eye(4)
    assert np.abs(between).max() < 0.035


def test_large_counts_may_have_tiny_errors():
    pop = people([[1e9, 2e9], [5e8, 1e9]], 1.0)
    drawn = _of_margins(pop, pop.uncertainty)(seeds(500, 5))
    assert (drawn - pop.counts).std(axis=0) == pytest.approx(np.ones((2, 2)), rel=0.15)


def test_margins_give_the_basic_interval():
    pop = people(RANDOM, np.sqrt(5 * RANDOM))
    found = sg.propagate(pop, "H", replicates=499, rng=4)
    drawn = _of_margins(pop, pop.uncertainty)(seeds(499, 4))
    values = [information_theory(table.tolist()) for table in drawn]
    assert_allclose(found.replicates, values, rtol=1e-10)
    value = information_theory(RANDOM.tolist())
    low, high = np.quantile(values, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((2 * value - high, 2 * value - low), rel=1e-9)
    assert found.se == pytest.approx(np.std(values, ddof=1), rel=1e-9)
    assert found.bias == pytest.approx(np.mean(values) - value, rel=1e-7)
    assert found.bias > 0
    assert found.notes == (
        "errors of the counts are taken as independent of each other, as there are no replicate tables",
    )
    assert (found.method, found.kind) == ("margins of error", "basic")


def test_errors_of_a_linear_index_are_those_of_the_formula():
    """With the margins of one group alone, a share within one unit: se = sqrt of the delta method."""
    pop = people([[5000.0, 5000], [2000, 8000]], [[100.0, 0], [0, 0]])
    found = sg.propagate(pop, "V", group="g0", replicates=1999, rng=1)

    def at(x):
        return correlation_ratio([[x, 5000], [2000, 8000]])

    slope = (at(5010) - at(4990)) / 20
    assert found.se == pytest.approx(abs(slope) * 100, rel=0.06)


def test_exact_counts_have_an_interval_of_no_width():
    found = sg.propagate(people(RANDOM, 0.0), "H", replicates=19, rng=1)
    assert (found.low, found.high, found.se, found.bias) == pytest.approx((found.value, found.value, 0, 0), abs=1e-14)


def test_same_seed_same_bits_whatever_the_order_of_the_rows_and_the_chunk(monkeypatch):
    errors = np.sqrt(5 * RANDOM)
    ids = [f"u{j:02d}" for j in range(12)]
    found = sg.propagate(people(RANDOM, errors, ids), "H", replicates=50, rng=4)
    assert_array_equal(
        sg.propagate(people(RANDOM, errors, ids), "H", replicates=50, rng=4).replicates, found.replicates
    )
    order = np.random.default_rng(0).permutation(12)
    turned = people(RANDOM[order], errors[order], [ids[j] for j in order])
    assert_allclose(sg.propagate(turned, "H", replicates=50, rng=4).replicates, found.replicates, rtol=1e-12)
    monkeypatch.setattr("segregate.inference._statistic.CELLS", 100)
    assert_array_equal(
        sg.propagate(people(RANDOM, errors, ids), "H", replicates=50, rng=4).replicates, found.replicates
    )
    other = sg.propagate(people(RANDOM, errors, ids), "H", replicates=50, rng=5)
    assert (other.replicates != found.replicates).all()
    source = np.random.default_rng(4)
    first = sg.propagate(people(RANDOM, errors, ids), "H", replicates=50, rng=source)
    assert_array_equal(first.replicates, found.replicates)
    assert (
        sg.propagate(people(RANDOM, errors, ids), "H", replicates=50, rng=source).replicates != first.replicates
    ).all()


def test_small_cells_are_named():
    counts = RANDOM.copy()
    counts[:7, 1] = 0
    errors = np.full((12, 3), 4.0)
    errors[8:10, 1] = counts[8:10, 1]
    notes = sg.propagate(people(counts, errors), "H", replicates=19, rng=1).notes
    assert "7 counts of 0 with a margin of error stay 0 in all replicates" in notes
    assert any("more than half of the count in 40 % of the units with people of group 'g1'" in note for note in notes)
    seen = sg.propagate(people(counts, errors), "D", group="g0", other="g2", replicates=19, rng=1).notes
    assert len(seen) == 1, "the index does not look at group g1"


# environments


@pytest.mark.parametrize("environment", [sg.Kernel(250), sg.Nearest(700), sg.Decay(150, "zero")])
@pytest.mark.parametrize("weights", [True, False])
def test_the_environment_acts_on_every_table(environment, weights):
    pop = people(RANDOM, np.sqrt(5 * RANDOM)).within(environment)
    pop = pop.with_replicates(TABLES) if weights else pop
    tables = TABLES if weights else _of_margins(pop, pop.uncertainty)(seeds(8, 2))
    found = sg.propagate(pop, "H", replicates=8, rng=2)
    expected = [sg.information_theory(people(table).within(environment)) for table in tables]
    assert_allclose(found.replicates, expected, rtol=1e-11)
    assert found.about["environment"] == str(environment)


# what is said and refused


def test_intervals_are_left_aside_and_that_is_said():
    pop = people(RANDOM, 5.0)
    boxed = pop.with_intervals(RANDOM - 3, RANDOM + 3)
    found = sg.propagate(boxed, "H", replicates=19, rng=1)
    assert found.notes[-1] == "intervals of the counts are left aside; segregate.bounds is for them"
    assert_array_equal(found.replicates, sg.propagate(pop, "H", replicates=19, rng=1).replicates)
    weighted = boxed.with_replicates(TABLES)
    assert sg.propagate(weighted, "H").method == "replicate tables"
    assert sg.propagate(weighted, "H").notes == found.notes[-1:]


@pytest.mark.parametrize(
    ("pop", "message"),
    [
        (
            people(RANDOM),
            r"Nothing is known of the errors of these counts.*moe=.*with_replicates.*segregate\.bootstrap",
        ),
        (
            people(RANDOM).with_intervals(RANDOM, RANDOM + 1),
            r"Only intervals are known.*segregate\.bounds\(pop, index\)",
        ),
    ],
)
def test_populations_that_are_refused(pop, message):
    with pytest.raises(sg.DataError, match=message):
        sg.propagate(pop, "H")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replicates": 0}, "replicates=0 is a whole number"),
        ({"level": 95}, "level=95 is a share between 0 and 1"),
        ({"group": "g9"}, "g9"),
    ],
)
def test_arguments_that_are_refused(options, message):
    with pytest.raises(sg.SegregateError, match=message):
        sg.propagate(people(RANDOM, 5.0), "D", **{"group": "g0", **options})


def test_local_indices_are_refused():
    with pytest.raises(sg.ParameterError, match="gives one value per unit"):
        sg.propagate(people(RANDOM, 5.0), "location_quotient", group="g0")


def test_an_undefined_index_has_no_interval():
    counts = RANDOM.copy()
    counts[:, 0] = 0
    for pop in (people(counts, 5.0), people(counts).with_replicates(TABLES)):
        with pytest.warns(sg.UndefinedIndexWarning, match="nobody of group 'g0'"):
            found = sg.propagate(pop, "isolation", group="g0", replicates=19, rng=1)
        assert np.isnan([found.value, found.low, found.high, found.se, found.bias]).all()
        assert "nobody of group 'g0' lives here" in found.notes
        with pytest.raises(sg.DataError, match="no value"):
            prepare_propagated(found)


def test_undefined_draws_are_counted():
    """One person in all of g0, with so large an error that most draws underflow to nobody."""
    counts = RANDOM.copy()
    counts[:, 0] = 0
    counts[0, 0] = 1
    errors = np.zeros_like(counts)
    errors[0, 0] = 40
    found = sg.propagate(people(counts, errors), "isolation", group="g0", replicates=199, rng=1)
    undefined = int(np.isnan(found.replicates).sum())
    assert undefined > 0
    assert any(f"undefined on {undefined} replicates of 199; they do not count" in note for note in found.notes)


@pytest.mark.parametrize("weights", [True, False])
def test_progress_is_told(weights):
    told = []
    pop = people(RANDOM, 5.0)
    pop = pop.with_replicates(TABLES) if weights else pop
    sg.propagate(pop, "H", replicates=30, rng=1, progress=lambda done, all_of_it: told.append((done, all_of_it)))
    assert told[-1][0] == told[-1][1] > 0


def test_the_result_shows_itself():
    found = sg.propagate(people(RANDOM, 20.0), "H", replicates=99, rng=1)
    assert isinstance(found, sg.Propagated)
    row = found.table.iloc[0]
    assert (row["index"], row["method"], row["replicates"], row["interval"]) == (
        "information_theory",
        "margins of error",
        99,
        "basic",
    )
    assert "resample" not in found.table
    assert (row["value"], row["low"], row["high"]) == (found.value, found.low, found.high)
    assert "information theory: " in repr(found)
    assert "(margins of error, bias " in repr(found)
    assert "note: errors of the counts" in repr(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(AttributeError):
        found.value = 1


def test_the_picture():
    found = sg.propagate(people(RANDOM, 20.0), "H", replicates=99, rng=1)
    shown = prepare_propagated(found)
    assert shown["replicates"].sum() == 99
    ax = draw_propagated(found, ax=Figure().add_subplot())
    (interval,) = [line for line in ax.lines if line.get_gid() == "interval"]
    assert interval.get_xdata().tolist() == [found.low, found.high]
    assert found.plot(ax=Figure().add_subplot()).get_xlabel() == "Information theory"
    assert "lie closer together" not in _caption(found)
    assert "Interval from margins of error (basic), without a bias of " in _caption(found)
    weighted = sg.propagate(people(RANDOM).with_replicates(TABLES), "H")
    assert "Replicate tables of this kind lie closer together than that" not in _caption(weighted)  # 20, and 4/80
    fourfold = sg.propagate(people(RANDOM).with_replicates(np.repeat(TABLES, 4, axis=0)), "H")
    assert "Replicate tables of this kind lie closer together than that" in _caption(fourfold)
    with pytest.raises(sg.ParameterError, match=r"what segregate\.propagate returns, not str"):
        prepare_propagated("H")


def test_forests_take_it():
    found = sg.propagate(people(RANDOM, 20.0), "H", replicates=99, rng=1)
    shown = sg.plot.prepare_forest({"here": found})
    assert shown[["value", "low", "high"]].to_numpy().tolist() == [[found.value, found.low, found.high]]
