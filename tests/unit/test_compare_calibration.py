"""Whether ranks, changes and the smallest change that is detected keep what they promise, on simulated cities."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

import segregate as sg

UNITS = (np.arange(40) + 0.5) / 40


def shares_of(size, rho):
    """Shares of a group of the given size in 40 units, alike within units by the correlation rho."""
    k = (1 - rho) / rho
    return beta.ppf(UNITS, size * k, (1 - size) * k)


def true_dissimilarity(share):
    return sum(abs(p / share.sum() - (1 - p) / (1 - share).sum()) for p in share) / 2


def drawn(rng, share, people):
    table = np.column_stack([share, 1 - share]).ravel() / len(share)
    counts = rng.multinomial(people * len(share), table).reshape(-1, 2)
    return sg.Population.from_frame(pd.DataFrame(counts, columns=["a", "b"]), ["a", "b"])


def covered(shares, people, simulations, seed):
    """Share of simulations in which the sets of all ranks hold the true ranks, all ranks of cities that tie."""
    rng = np.random.default_rng(seed)
    true = np.array([true_dissimilarity(share) for share in shares])
    first = 1 + (true[None, :] > true[:, None] + 1e-9).sum(axis=1)
    last = len(true) - (true[None, :] < true[:, None] - 1e-9).sum(axis=1)
    held = []
    for _ in range(simulations):
        cities = {k: drawn(rng, share, many) for k, (share, many) in enumerate(zip(shares, people, strict=True))}
        table = sg.rank(cities, "D", replicates=199, rng=rng).table.set_index("name").loc[list(cities)]
        held.append(((table["rank_low"] <= first) & (table["rank_high"] >= last)).all())
    return np.mean(held)


NEAR_TIES = (0.1, 0.1, 0.1, 0.1, 0.102, 0.2, 0.2, 0.203)


@pytest.mark.slow
@pytest.mark.parametrize("rhos", [[0.1] * 8, NEAR_TIES], ids=["all tie", "ties and near ties"])
def test_sets_of_ranks_hold_the_true_ranks(rhos):
    """Units of 800 people: the bias is small. 95 % of 200 simulations, less three standard errors of that share."""
    shares = [shares_of(0.3, rho) for rho in rhos]
    assert covered(shares, [800] * 8, 200, seed=5) >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 200)


@pytest.mark.slow
def test_sets_of_ranks_are_too_small_where_units_are():
    """Every second city has units of 20 people, whose bias is 1.6 standard errors: the page says so."""
    shares = [shares_of(0.3, rho) for rho in NEAR_TIES]
    share = covered(shares, [20, 400] * 4, 100, seed=5)
    assert share == pytest.approx(0.89, abs=3 * math.sqrt(0.89 * 0.11 / 100))


@pytest.mark.slow
def test_the_smallest_change_is_detected_with_a_chance_of_80_percent():
    """A second year that differs from the first by what the trend itself calls detectable."""
    rng = np.random.default_rng(7)
    then = shares_of(0.3, 0.15)
    people, simulations = 400, 250
    first = sg.trend([drawn(rng, then, people), drawn(rng, then, people)], "D", replicates=999, rng=rng)
    wanted = true_dissimilarity(then) + float(first.table["detectable"][1])
    low, high = 0.15, 0.9
    for _ in range(60):  # the correlation that gives the wanted dissimilarity, by halving
        middle = (low + high) / 2
        low, high = (middle, high) if true_dissimilarity(shares_of(0.3, middle)) < wanted else (low, middle)
    now = shares_of(0.3, low)
    found = []
    for _ in range(simulations):
        table = sg.trend([drawn(rng, then, people), drawn(rng, now, people)], "D", replicates=199, rng=rng).table
        found.append(table["told_apart"][1])
    assert np.mean(found) == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / simulations))


@pytest.mark.slow
def test_a_change_that_is_none_is_found_in_5_percent():
    rng = np.random.default_rng(9)
    share, simulations = shares_of(0.3, 0.15), 250
    found, p_values = [], []
    for _ in range(simulations):
        both = [drawn(rng, share, 400) for _ in range(2)]
        result = sg.trend(both, "D", replicates=199, rng=rng)
        found.append(result.table["told_apart"][1])
        p_values.append(result.p_values[1])
    near = 4 * math.sqrt(0.05 * 0.95 / simulations)
    assert np.mean(found) == pytest.approx(0.05, abs=near)
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=near)
