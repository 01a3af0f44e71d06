"""What corrections give on average in simulated cities of which the truth is known.

`docs/small-units.md` shows more of it; these are the claims that docstrings make.
"""

import numpy as np
import pandas as pd
import pytest

import segregate as sg

UNITS = 200


def city(shares, sizes, seed) -> sg.Population:
    rng = np.random.default_rng(seed)
    t = rng.integers(sizes[0], sizes[1] + 1, UNITS)
    x = rng.binomial(t, shares(rng))
    return sg.Population.from_frame(pd.DataFrame({"a": x, "b": t - x}), ["a", "b"])


def random_city(sizes, seed) -> sg.Population:
    """Spread people with both margins fixed, one by one, by a shuffle: no draw of the package."""
    rng = np.random.default_rng(seed)
    t = np.random.default_rng(0).integers(sizes[0], sizes[1] + 1, UNITS)
    people = np.zeros(t.sum(), dtype=int)
    people[: round(0.3 * len(people))] = 1
    rng.shuffle(people)
    x = np.add.reduceat(people, np.concatenate([[0], np.cumsum(t)[:-1]]))
    return sg.Population.from_frame(pd.DataFrame({"a": x, "b": t - x}), ["a", "b"])


def mean_and_error(values):
    values = np.asarray(values)
    return values.mean(), values.std(ddof=1) / np.sqrt(len(values))


@pytest.mark.slow
@pytest.mark.parametrize("index", ["D", "H", "V"])
def test_random_cities_are_zero_beyond_chance(index):
    """The index less its expected value is 0 on average. What is below that value is divided by less, so that the
    corrected index is off by the mean shortfall times 1 / (1 - S*) - 1 / S*, which is what it is off by here."""
    cities = [random_city((3, 12), seed) for seed in range(300)]
    found = [sg.corrected(pop, index, group="a") for pop in cities]
    mean, error = mean_and_error([one.raw - one.expected for one in found])
    assert abs(mean) < 3.5 * error
    by_chance = found[0].expected
    short = np.mean([max(by_chance - one.raw, 0) for one in found])
    mean, error = mean_and_error([one.value for one in found])
    assert abs(mean - short * (1 / (1 - by_chance) - 1 / by_chance)) < 3.5 * error
    assert abs(mean) < 0.06 < 0.35 * by_chance or index != "D"


@pytest.mark.slow
def test_random_cities_by_the_other_methods():
    cities = [random_city((3, 12), seed) for seed in range(150)]
    mean, error = mean_and_error([float(sg.corrected(p, "V", method="leave_one_out", group="a")) for p in cities])
    assert abs(mean) < 3.5 * error + 1 / 1000
    for method, least, most in (
        ("allen_bootstrap", 0.1, 0.25),
        ("allen_density", 0.1, 0.25),
        ("beta_mixture", 0, 0.06),
    ):
        options = {"replicates": 19} if method == "allen_bootstrap" else {}
        mean, _ = mean_and_error([float(sg.corrected(p, "D", method=method, rng=1, **options)) for p in cities[:60]])
        assert least <= mean < most < np.mean([sg.dissimilarity(p) for p in cities]), method


@pytest.mark.slow
def test_shares_from_a_beta_distribution():
    """Of Beta(1, 3): D = 27/64, V = 1 / (1 + a + b) = 1/5."""
    cities = [city(lambda rng: rng.beta(1, 3, UNITS), (2, 8), seed) for seed in range(80)]
    d, v = 27 / 64, 1 / 5
    found = [sg.corrected(pop, "D", method="beta_mixture") for pop in cities]
    mean, error = mean_and_error([one.value for one in found])
    assert abs(mean - d) < 3.5 * error + 0.005
    assert 0.85 <= np.mean([one.low <= d <= one.high for one in found]) <= 1
    mean, error = mean_and_error([float(sg.corrected(p, "V", method="leave_one_out", group="a")) for p in cities])
    assert abs(mean - v) < 3.5 * error + 0.005
    bounded = [sg.corrected(pop, "D", method="bounds") for pop in cities]
    assert np.mean([one.low <= d <= one.high for one in bounded]) >= 0.9
    raw = np.mean([one.raw for one in found]) - d
    density = np.mean([float(sg.corrected(pop, "D", method="allen_density")) for pop in cities]) - d
    assert raw > 0.1 > density > 0
