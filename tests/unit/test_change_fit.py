"""Tables with the margins of another: that they have them, keep their odds ratios, or are said not to exist."""

import itertools

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from segregate.decomposition._margins import CLOSE, fit
from tests.unit import oracle_over_time as oracle


def shares(counts):
    counts = np.array(counts, dtype=float)
    return counts / counts.sum()


def margins(table):
    return table.sum(axis=1), table.sum(axis=0)


def exists(table, rows, columns):
    """Say by linear programming whether a table with these empty cells and margins exists."""
    cells = np.argwhere(table > 0)
    conditions = np.zeros((len(rows) + len(columns), len(cells)))
    for k, (j, m) in enumerate(cells):
        conditions[j, k] = conditions[len(rows) + m, k] = 1
    wanted = np.concatenate([rows, columns])
    return scipy.optimize.linprog(np.zeros(len(cells)), A_eq=conditions, b_eq=wanted).status == 0


def assert_fitted(found, table, rows, columns):
    made = found.table
    assert found.off <= CLOSE
    np.testing.assert_allclose(made.sum(axis=1), rows, rtol=2 * CLOSE)
    np.testing.assert_allclose(made.sum(axis=0), columns, rtol=2 * CLOSE)
    assert not made[table == 0].any()


@pytest.mark.parametrize("shape", [(12, 3), (3, 12), (7, 7)])
@pytest.mark.parametrize("seed", range(3))
def test_margins_and_odds_ratios(shape, seed):
    rng = np.random.default_rng(seed)
    table, other = (shares(rng.integers(1, 90, shape)) for _ in range(2))
    found = fit(table, *margins(other))
    assert_fitted(found, table, *margins(other))
    before, after = (np.log(one) - np.log(one[:1]) for one in (table, found.table))
    np.testing.assert_allclose(after - after[:, :1], before - before[:, :1], rtol=0, atol=1e-12)
    expected = oracle.fitted(table.tolist(), other.sum(axis=1).tolist(), other.sum(axis=0).tolist())
    np.testing.assert_allclose(found.table, expected, rtol=1e-10)


def test_own_margins_are_no_work():
    table = shares([[3, 4, 1], [2, 0, 9], [5, 5, 5], [1, 2, 3]])
    found = fit(table, *margins(table))
    np.testing.assert_allclose(found.table, table, rtol=1e-15)
    assert found.steps == 0


def test_nearly_separate_parts_are_fitted_where_scaling_in_turn_takes_ages():
    table = shares([[1, 1e-6], [1e-6, 1]])
    rows, columns = np.array([0.5, 0.5]), np.array([0.5 + 1e-6, 0.5 - 1e-6])
    found = fit(table, rows, columns)
    assert_fitted(found, table, rows, columns)
    (a, b), (c, d) = found.table
    assert a * d / (b * c) == pytest.approx(1e12, rel=1e-9)
    assert found.steps < 300
    with pytest.raises(ArithmeticError):
        oracle.fitted(table.tolist(), rows.tolist(), columns.tolist(), rounds=10_000)


def test_a_cell_that_has_to_be_empty_becomes_empty():
    """The table is the limit: all of the first unit is of the first group."""
    found = fit(shares([[1, 1], [0, 1]]), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(found.table, [[0.5, 0], [0, 0.5]], rtol=1e-12, atol=1e-12)
    assert found.there


@pytest.mark.parametrize(
    ("table", "rows", "columns"),
    [
        ([[1, 0], [0, 1]], [1, 1], [1, 2]),
        ([[1, 1], [0, 1]], [1, 2], [2, 1]),
        ([[1, 1, 0], [0, 1, 0], [0, 1, 1]], [1, 5, 1], [1, 3, 3]),
    ],
)
def test_tables_that_do_not_exist(table, rows, columns):
    rows, columns = shares(rows), shares(columns)
    for found in (fit(shares(table), rows, columns), fit(shares(table).T, columns, rows)):
        assert not found.there
        assert found.off > 0.1
        assert np.isfinite(found.table).all()
        assert found.steps < 2000


@st.composite
def tables(draw):
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    cell = st.sampled_from([0, 0, 1, 1, 2, 7, 100])
    table = np.array(draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n)), dtype=float)
    for j, column in itertools.zip_longest(range(n), range(m), fillvalue=0):
        if not table[j].any():
            table[j, column] = 1
        if not table[:, column].any():
            table[j, column] = 1
    rows = draw(st.lists(st.integers(1, 6), min_size=n, max_size=n))
    columns = draw(st.lists(st.integers(1, 6), min_size=m, max_size=m))
    return shares(table), shares(rows), shares(columns)


@given(case=tables())
def test_it_is_fitted_where_and_only_where_it_exists(case):
    table, rows, columns = case
    if not (table.any(axis=1).all() and table.any(axis=0).all()):
        return
    found = fit(table, rows, columns)
    assert found.there == exists(table, rows, columns)
    if found.there:
        assert_fitted(found, table, rows, columns)
