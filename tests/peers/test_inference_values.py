"""Expected and bias-corrected values beside those of R segregation: every number that entries.py sends here.

R draws with its own generator, so both sides have an error of simulation; they agree within four standard errors of
the difference. Where a formula gives our value it has none. A standard error of n draws is itself uncertain by
1 / sqrt(2 n) of it, and the end of a 95 % interval by 2.67 standard errors over sqrt(n), for values that spread as a
normal.
"""

import json
import math
from functools import cache

import numpy as np
import pytest

import segregate as sg
from segregate.inference._draws import resampled
from segregate.inference._replicates import seeds
from segregate.inference._statistic import Statistic
from tests.peers.entries import INFERENCE, LEFT_OUT, SCHOOLS, numbers_in
from tests.peers.make_values import folder
from tests.peers.rows import MISSING, data_is_here, table

FILE = folder() / "reference_values.json"
pytestmark = [
    pytest.mark.skipif(not data_is_here(), reason=MISSING),
    pytest.mark.skipif(
        not FILE.is_file(), reason="reference_values.json is not here (SEGREGATE_PEERS or ../shared/peers)"
    ),
]
DRAWS = 400
END = 2.67
COMPARED = (159, 162, 163, 164, 165, 166, 168, 169, 171, 172)


@cache
def entries():
    return {entry["id"]: entry for entry in json.loads(FILE.read_text(encoding="utf-8"))["entries"]}


@cache
def schools(*groups) -> sg.Population:
    pop = sg.Population.from_long(table(SCHOOLS), unit="school", group="race", count="n")
    return pop.select(*groups) if groups else pop


@cache
def districts() -> sg.Population:
    """Return state A with races for units and districts for groups: a local value of R is that of a group here."""
    frame = table(SCHOOLS)
    wide = frame[frame["state"] == "A"].pivot_table(
        index="race", columns="district", values="n", aggfunc="sum", fill_value=0, observed=True
    )
    return sg.Population.from_frame(wide, list(wide.columns))


def near(theirs, ours, error):
    """Compare within four standard errors of the difference."""
    assert abs(theirs - ours) <= 4 * error, f"{theirs} and {ours} are {abs(theirs - ours) / error:.2f} errors apart"


def near_spread(theirs, ours, n):
    """Compare two standard deviations of n and of DRAWS values."""
    near(theirs, ours, ours * math.sqrt(1 / (2 * n) + 1 / (2 * DRAWS)))


def test_every_number_is_compared():
    ids = [number for number, entry in entries().items() if entry["index"].startswith(LEFT_OUT[INFERENCE])]
    assert sorted(ids) == sorted(COMPARED)
    assert sum(numbers_in(entries()[number]["value"]) for number in ids) == 117


@pytest.mark.slow
@pytest.mark.parametrize(("number", "groups"), [(159, ()), (162, ("black", "white"))])
def test_corrected_by_the_bootstrap(number, groups):
    given, n = entries()[number]["value"], entries()[number]["params"]["n_bootstrap"]
    names = given["stat"] if isinstance(given["stat"], list) else [given["stat"]]
    for k, name in enumerate(names):
        theirs = {key: value[k] if isinstance(value, list) else value for key, value in given.items()}
        ours = sg.corrected(schools(*groups), name, method="allen_bootstrap", replicates=DRAWS, rng=1)
        drawn = sg.bootstrap(schools(*groups), name, interval="basic", replicates=DRAWS, rng=1)
        both = drawn.se * math.sqrt(1 / n + 1 / DRAWS)
        near(theirs["est"], ours.value, both)
        near(theirs["bias"], ours.raw - ours.value, both)
        near_spread(theirs["se"], drawn.se, n)
        near(theirs["CI_lo"], ours.low, END * both)
        near(theirs["CI_hi"], ours.high, END * both)


def test_local_values_corrected_by_the_bootstrap():
    given, n = entries()[163]["value"], entries()[163]["params"]["n_bootstrap"]
    pop = districts()
    people = pop.counts.sum(axis=0) / pop.size
    for k, name in enumerate(given["district"]):
        ours = sg.corrected(pop, "group_divergence", group=name, method="allen_bootstrap", replicates=DRAWS, rng=2)
        drawn = sg.bootstrap(pop, "group_divergence", group=name, replicates=DRAWS, rng=2)
        both = drawn.se * math.sqrt(1 / n + 1 / DRAWS)
        near(given["ls"][k], ours.value, both)
        near(given["ls_bias"][k], ours.raw - ours.value, both)
        near_spread(given["ls_se"][k], drawn.se, n)
        share = people[pop.groups.index(name)]  # the share of the people has no bias
        spread = math.sqrt(share * (1 - share) / pop.size)
        near(given["p"][k], share, spread / math.sqrt(n))
        near(given["p_se"][k], spread, spread / math.sqrt(2 * n))


def test_within_districts_corrected_by_the_bootstrap():
    given, n = entries()[164]["value"], entries()[164]["params"]["n_bootstrap"]
    frame = table(SCHOOLS)
    frame = frame[frame["state"] == "A"]
    pop = sg.Population.from_long(frame, unit="school", group="race", count="n")
    codes = frame.drop_duplicates("school").set_index("school")["district"].loc[pop.ids].astype("category").cat.codes
    codes = codes.to_numpy(dtype=int)
    wholes = np.zeros((codes.max() + 1, pop.n_groups))
    np.add.at(wholes, codes, pop.counts)
    above = sg.Population.from_frame(
        table(SCHOOLS)
        .iloc[: len(wholes), :0]
        .reset_index(drop=True)
        .assign(**dict(zip(pop.groups, wholes.T, strict=True))),
        list(pop.groups),
    )

    def within(tables):
        merged = np.zeros((len(tables), *wholes.shape))
        for row, code in enumerate(codes):
            merged[:, code] += tables[:, row]
        m = Statistic(pop, "M").on(tables) - Statistic(above, "M").on(merged)
        shares = tables.sum(axis=1) / tables.sum(axis=(1, 2))[:, None]
        entropy = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1)
        return np.column_stack([m, m / entropy])  # R divides by the entropy of everybody

    raw = within(pop.counts[None])[0]
    drawn = within(resampled(pop)(seeds(DRAWS, 3)))
    for k in range(2):
        spread = drawn[:, k].std(ddof=1)
        both = spread * math.sqrt(1 / n + 1 / DRAWS)
        near(given["est"][k], 2 * raw[k] - drawn[:, k].mean(), both)
        near(given["bias"][k], drawn[:, k].mean() - raw[k], both)
        near_spread(given["se"][k], spread, n)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "groups", "names"), [(165, (), ("M", "H")), (166, ("black", "white"), ("D",))])
def test_expected_with_both_margins(number, groups, names):
    given, n = entries()[number]["value"], entries()[number]["params"]["n_bootstrap"]
    for k, name in enumerate(names):
        est, se = (value[k] if isinstance(value, list) else value for value in (given["est"], given["se"]))
        exact = sg.expected(schools(*groups), name)
        drawn = sg.expected(schools(*groups), name, method="simulate", replicates=DRAWS, rng=4)
        near(est, exact.value, se / math.sqrt(n))
        near_spread(se, drawn.se * math.sqrt(DRAWS), n)


@pytest.mark.parametrize(("number", "groups", "names"), [(168, (), ("M", "H")), (169, ("black", "white"), ("D",))])
def test_expected_with_margins_drawn(number, groups, names):
    """R then draws both margins, too: as many people with replacement from a city without segregation."""
    given, n = entries()[number]["value"], entries()[number]["params"]["n_bootstrap"]
    pop = schools(*groups)
    even = np.outer(pop.totals, pop.counts.sum(axis=0)) / pop.size
    frame = table(SCHOOLS).iloc[: len(even), :0].reset_index(drop=True)
    city = sg.Population.from_frame(frame.assign(**dict(zip(pop.groups, even.T, strict=True))), list(pop.groups))
    tables = resampled(city)(seeds(DRAWS, 5))
    for k, name in enumerate(names):
        est, se = (value[k] if isinstance(value, list) else value for value in (given["est"], given["se"]))
        drawn = Statistic(city, name).on(tables)
        near(est, drawn.mean(), drawn.std(ddof=1) * math.sqrt(1 / n + 1 / DRAWS))
        near_spread(se, drawn.std(ddof=1), n)


def test_expected_within_states():
    """R averages over states, weighted by their people: M, H, and also their standard errors, as if all states were off
    in the same direction; that of the mean of independent states would be 1.7 times smaller."""
    given, n = entries()[171]["value"], entries()[171]["params"]["n_bootstrap"]
    frame = table(SCHOOLS)
    everybody = frame["n"].sum()
    for k, name in enumerate(("M", "H")):
        means, spreads = [], []
        for state, rows in frame.groupby("state", observed=True):
            pop = sg.Population.from_long(rows, unit="school", group="race", count="n")
            weight = pop.size / everybody
            means.append(weight * sg.expected(pop, name).value)
            drawn = sg.expected(pop, name, method="simulate", replicates=DRAWS, rng=ord(state[0]))
            spreads.append(weight * drawn.se * math.sqrt(DRAWS))
        near(given["est"][k], math.fsum(means), math.hypot(*spreads) / math.sqrt(n))
        near(given["se"][k], math.fsum(spreads), math.hypot(*spreads) * math.sqrt(1 / (2 * n) + 1 / (2 * DRAWS)))


def test_local_values_expected():
    given, n = entries()[172]["value"], entries()[172]["params"]["n_bootstrap"]
    pop = districts()
    people = pop.counts.sum(axis=0) / pop.size
    for k, name in enumerate(given["district"]):
        exact = sg.expected(pop, "group_divergence", group=name)
        drawn = sg.expected(pop, "group_divergence", group=name, method="simulate", replicates=DRAWS, rng=6)
        near(given["est"][k], exact.value, given["se"][k] / math.sqrt(n))
        near_spread(given["se"][k], drawn.se * math.sqrt(DRAWS), n)
        share = people[pop.groups.index(name)]
        near(given["p_mean"][k], share, math.sqrt(share * (1 - share) / pop.size / n))
