"""How often tests reject what is true, and how often intervals cover it, in cities of which the truth is known.

    python -m benchmarks.calibration                        everything, a quarter of an hour on two free cores
    python -m benchmarks.calibration --only people units    some of it
    python -m benchmarks.calibration --quick                a few cities: does everything work?

The figures go to benchmarks/calibration.json; `python -m benchmarks.calibration_report` puts them into the tables of
docs/uncertainty.md. A city depends on its number alone, so that the number of processes changes nothing.
"""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import os
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import segregate as sg
from segregate.inference._jackknife import acceleration_of
from segregate.inference._replicates import KINDS, interval_of, p_value
from segregate.inference._statistic import Around, Statistic
from segregate.inference.resampling import _work

RESULTS = Path(__file__).with_name("calibration.json")
CITIES = 1000
FEWER = 500
"""Cities where each takes long."""
LARGE = 200
"""Units from which on there are fewer cities."""
SEED = 20261126
LEVEL = 0.95
NULL_REPLICATES = 199
REPLICATES = 499
GROUPS = {2: (0.3, 0.7), 5: (0.5, 0.2, 0.15, 0.1, 0.05)}
"""Shares of the groups in the places that cities are drawn from."""
ALIKE = {"none": np.inf, "low": 30.0, "high": 2.0}
"""Precision of the Dirichlet distribution of the shares of units."""
STEP, RADIUS = 100.0, 200.0
"""Cells of grids in metres, and the radius of the environment."""
ENDLESS = 200_000
"""Units in the places that units are drawn from."""
WIDE = 200
"""Cells along a side of the city whose units are drawn with their surroundings."""
UNITS_OF_A_CLUSTER = 5
PARTS = 10
"""Parts in which the cities of a setting are done."""
RATES = (0.01, 0.05, 0.1)


@dataclass(frozen=True)
class Null:
    """Cities in which a null is true.

    Attributes
    ----------
    null, index : str
        As in `segregate.monte_carlo_test`.
    groups, people : int
        Number of groups, and mean people of a unit.
    within : bool
        Whether people meet those within `RADIUS`.
    """

    null: str
    index: str
    groups: int
    people: int
    within: bool = False

    @property
    def name(self) -> str:
        """What makes the cities of this setting its own."""
        return f"{self.null}, {self.index}, {self.groups}, {self.people}, {self.within}"

    @property
    def many(self) -> int:
        """How many cities are drawn."""
        return CITIES


@dataclass(frozen=True)
class Sample:
    """Samples of a place whose indices are known.

    Attributes
    ----------
    resample : str
        As in `segregate.bootstrap`.
    units : int
        Units of a sample; of clusters their number.
    people : int
        Mean people of a unit.
    groups : int
        Number of groups.
    alike : {"none", "low", "high"}
        How segregated the place is.
    kind : {"people", "totals", "units", "clusters", "ground", "surroundings"}
        What is sampled: people; people with the totals of units given; units; clusters of units; people on a grid
        within an environment; units with their surroundings.
    """

    resample: str
    units: int
    people: int
    groups: int
    alike: str
    kind: str

    @property
    def name(self) -> str:
        """What makes the cities of this setting its own; resampled otherwise they are the same cities."""
        return f"{self.kind}, {self.units}, {self.people}, {self.groups}, {self.alike}"

    @property
    def indices(self) -> list[tuple[str, dict[str, str]]]:
        """Indices, and the groups that they are about."""
        of_last = {"group": "abcde"[self.groups - 1] if self.groups > 2 else "a"}
        other = "G" if self.groups == 2 else "M"
        return [("D", {}), (other, {}), ("H", {}), ("V", of_last), ("isolation", of_last)]

    @property
    def many(self) -> int:
        """How many cities are drawn."""
        return FEWER if self.units * (UNITS_OF_A_CLUSTER if self.kind == "clusters" else 1) >= LARGE else CITIES


NULLS = [
    Null("people", "D", 2, 20),
    Null("people", "H", 5, 20),
    Null("people", "isolation", 2, 200),
    Null("people", "H", 5, 20, within=True),
    Null("multinomial", "D", 2, 20),
    Null("multinomial", "H", 5, 20),
    Null("multinomial", "isolation", 5, 200),
    Null("multinomial", "H", 5, 20, within=True),
    Null("binomial", "D", 2, 20),
    Null("binomial", "V", 2, 20),
    Null("binomial", "isolation", 2, 200),
    Null("units", "H", 5, 20, within=True),
    Null("units", "D", 2, 200, within=True),
    Null("units", "isolation", 2, 200, within=True),
    Null("units", "spatial_proximity", 2, 20),
]
SAMPLES = [
    *(
        Sample("people", 50, people, groups, alike, "people")
        for groups in (2, 5)
        for people in (20, 200, 4000)
        for alike in ("low", "high")
    ),
    *(Sample("people", 200, people, 2, alike, "people") for people in (200, 4000) for alike in ("low", "high")),
    Sample("people", 50, 200, 2, "none", "people"),
    Sample("people", 50, 200, 2, "low", "totals"),
    Sample("people", 50, 200, 2, "high", "totals"),
    *(Sample("people", 49, people, 2, "high", "ground") for people in (20, 200, 4000)),
    *(Sample("units", units, 200, 2, alike, "units") for units in (20, 50, 200) for alike in ("low", "high")),
    *(Sample("units", units, 200, 5, "high", "units") for units in (20, 50, 200)),
    *(Sample("units", units, 200, 2, "high", "surroundings") for units in (50, 200)),
    *(Sample("clusters", units, 200, 2, "high", "clusters") for units in (20, 50)),
    *(Sample("units", units, 200, 2, "high", "clusters") for units in (20, 50)),
]


def source(name: str, number: int) -> np.random.Generator:
    """Return what the city of this number is drawn from."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode()), number])


def totals_of(rng: np.random.Generator, units: int, people: int) -> np.ndarray:
    """Draw sizes of units, from half the mean to one and a half times."""
    return rng.integers(people // 2, people + people // 2 + 1, units)


def shares_of(rng: np.random.Generator, units: int, groups: int, alike: str) -> np.ndarray:
    """Draw shares of the groups in units, (units, groups)."""
    city = np.array(GROUPS[groups])
    return np.tile(city, (units, 1)) if alike == "none" else rng.dirichlet(ALIKE[alike] * city, units)


def population(counts: np.ndarray, *, ground: bool = False, **more: Any) -> sg.Population:
    """Return a population, on a square grid or nowhere."""
    names = list("abcde"[: counts.shape[1]])
    frame = pd.DataFrame(counts, columns=names).assign(**more)
    if ground:
        side = int(np.sqrt(len(counts)))
        x, y = STEP * (np.arange(len(counts)) % side), STEP * (np.arange(len(counts)) // side)
        frame = gpd.GeoDataFrame(frame.assign(area=STEP**2), geometry=gpd.points_from_xy(x, y), crs=32633)
        return sg.Population.from_frame(frame, names, area="area")
    return sg.Population.from_frame(frame, names)


# tests ------------------------------------------------------------------------------------------------------------


def random_city(one: Null, number: int) -> sg.Population:
    """Draw a city in which the null is true; it is drawn person by person, not by the sampler that is tested."""
    rng = source(one.name, number)
    units, city = 49, np.array(GROUPS[one.groups])
    totals = totals_of(rng, units, one.people)
    if one.null == "people":  # everybody in a row, in random order, and the units take as many as they hold
        people = np.repeat(np.arange(one.groups), rng.multinomial(totals.sum(), city))
        unit = np.repeat(np.arange(units), totals)
        counts = np.zeros((units, one.groups))
        np.add.at(counts, (unit, rng.permutation(people)), 1)
    else:
        alike = "high" if one.null == "units" else "none"
        counts = rng.multinomial(totals, shares_of(rng, units, one.groups, alike))
    return population(counts, ground=one.within or one.null == "units")


def tested(one: Null, cities: range) -> list[list[float]]:
    """Return the p-values of some cities: greater, less and two-sided."""
    found = []
    for number in cities:
        pop = random_city(one, number)
        pop = pop.within(sg.Kernel(RADIUS)) if one.within else pop
        group = {"group": "a"} if one.index in ("isolation", "V") else {}
        test = sg.monte_carlo_test(
            pop, one.index, null=one.null, replicates=NULL_REPLICATES, rng=number, alternative="greater", **group
        )
        others = [p_value(test.statistic, test.null, way) for way in ("less", "two-sided")]
        found.append([test.p_value, *others])
    return found


def uniformity(one: Null, p: np.ndarray) -> dict[str, Any]:
    """Return how often p-values reject, and how far they are from uniform.

    `above` is the largest excess of the distribution of p over the uniform one on 1/(R + 1), ..., 1, so that a test
    that rejects too often shows there; `below` is the largest lack.
    """
    steps = np.arange(1, NULL_REPLICATES + 2) / (NULL_REPLICATES + 1)
    cumulated = (p[:, :1] <= steps + 1e-9).mean(axis=0)
    return {
        "null": one.null,
        "index": one.index,
        "groups": one.groups,
        "people": one.people,
        "within": one.within,
        "cities": len(p),
        "greater": [float((p[:, 0] <= rate + 1e-9).mean()) for rate in RATES],
        "less": float((p[:, 1] <= 0.05 + 1e-9).mean()),
        "two_sided": float((p[:, 2] <= 0.05 + 1e-9).mean()),
        "above": float(max(0.0, (cumulated - steps).max())),
        "below": float(max(0.0, (steps - cumulated).max())),
    }


# intervals --------------------------------------------------------------------------------------------------------


@cache
def place(groups: int, people: int, alike: str, kind: str) -> sg.Population:
    """Return a place with so many units that it counts as endless."""
    rng = np.random.default_rng([SEED, groups, people, list(ALIKE).index(alike), len(kind)])
    units = WIDE**2 if kind == "surroundings" else ENDLESS
    if kind == "clusters":
        counts, _ = in_clusters(rng, units // UNITS_OF_A_CLUSTER, people, groups, alike)
        return population(counts)
    counts = rng.multinomial(totals_of(rng, units, people), shares_of(rng, units, groups, alike))
    if kind == "surroundings":
        return population(counts, ground=True).within(sg.Kernel(RADIUS))
    return population(counts)


def in_clusters(
    rng: np.random.Generator, clusters: int, people: int, groups: int, alike: str
) -> tuple[np.ndarray, np.ndarray]:
    """Draw clusters of units that are alike, and the cluster of each unit."""
    centres = np.repeat(shares_of(rng, clusters, groups, alike), UNITS_OF_A_CLUSTER, axis=0)
    around = rng.standard_gamma(20 * centres + 1e-9)
    shares = around / around.sum(axis=1, keepdims=True)
    counts = rng.multinomial(totals_of(rng, len(shares), people), shares)
    return counts, np.repeat(np.arange(clusters), UNITS_OF_A_CLUSTER)


def sampled(one: Sample, number: int) -> tuple[sg.Population, sg.Population, np.ndarray | None]:
    """Return a sample, the place that it comes from, and the cluster of each unit."""
    rng = source(one.name, number)
    if one.kind in ("units", "clusters", "surroundings"):
        whole = place(one.groups, one.people, one.alike, one.kind)
        if one.kind == "units":
            shares = shares_of(rng, one.units, one.groups, one.alike)
            return population(rng.multinomial(totals_of(rng, one.units, one.people), shares)), whole, None
        if one.kind == "clusters":
            counts, codes = in_clusters(rng, one.units, one.people, one.groups, one.alike)
            return population(counts), whole, codes
        chosen = np.zeros(whole.n_units, dtype=bool)
        chosen[rng.choice(whole.n_units, one.units, replace=False)] = True
        return whole.subset(chosen), whole, None
    totals = totals_of(rng, one.units, one.people)
    expected = totals[:, None] * shares_of(rng, one.units, one.groups, one.alike)
    if one.kind == "totals":
        counts = rng.multinomial(totals, expected / totals[:, None])
    else:
        counts = rng.multinomial(totals.sum(), expected.ravel() / expected.sum()).reshape(expected.shape)
    ground = one.kind == "ground"
    pops = [population(table, ground=ground) for table in (counts, expected)]
    sample, whole = [pop.within(sg.Kernel(RADIUS)) for pop in pops] if ground else pops
    return sample, whole, None


def truths(one: Sample, whole: sg.Population) -> list[float]:
    """Return the indices of the place."""
    if one.kind in ("units", "clusters", "surroundings"):
        return _truths(one.groups, one.people, one.alike, one.kind)
    return [Statistic(whole, index, **about).value for index, about in one.indices]


@cache
def _truths(groups: int, people: int, alike: str, kind: str) -> list[float]:
    whole = place(groups, people, alike, kind)
    return [
        Statistic(whole, index, **about).value for index, about in Sample("", 0, people, groups, alike, kind).indices
    ]


def covering(one: Sample, cities: range) -> list[list[list[float]]]:
    """Return for each city and index: truth, and what `intervals` returns."""
    found = []
    for number in cities:
        sample, whole, clusters = sampled(one, number)
        codes = clusters if one.resample == "clusters" else None
        words = np.random.default_rng([number, SEED]).integers(0, 2**64, (REPLICATES, 4), dtype=np.uint64)
        rows = intervals(one, sample, codes, words)
        found.append([[true, *row] for true, row in zip(truths(one, whole), rows, strict=True)])
    return found


def intervals(one: Sample, sample: sg.Population, clusters: np.ndarray | None, words: np.ndarray) -> list[list[float]]:
    """Return what `segregate.bootstrap` finds for each index: value, bias, se, and the ends of each kind of interval.

    All indices and kinds rest on the same replicates, which takes a tenth of the time; `words` are their seeds.
    """
    around = Around(sample)
    statistics = [Statistic(sample, index, **about, around=around) for index, about in one.indices]
    drawn = _work(statistics, sample, one.resample, clusters)(words)
    rows = []
    for statistic, values in zip(statistics, drawn.T, strict=True):
        value, acceleration = statistic.value, acceleration_of(statistic, one.resample, clusters)
        ends = [interval_of(value, values, LEVEL, kind, acceleration) for kind in KINDS]
        defined = values[np.isfinite(values)]
        known = len(defined) > 1
        bias, se = (defined.mean() - value, defined.std(ddof=1)) if known else (np.nan, np.nan)
        rows.append([value, float(bias), float(se), *np.ravel(ends).tolist()])
    return rows


def coverage(one: Sample, rows: np.ndarray) -> Iterator[dict[str, Any]]:
    """Return how often intervals cover the truth; an interval that is undefined does not."""
    for k, (index, about) in enumerate(one.indices):
        true, value, bias, se = rows[:, k, :4].T
        ends = {kind: (rows[:, k, 4 + 2 * at], rows[:, k, 5 + 2 * at]) for at, kind in enumerate(KINDS)}
        slack = 1e-12
        yield {
            "resample": one.resample,
            "kind": one.kind,
            "units": one.units,
            "people": one.people,
            "groups": one.groups,
            "alike": one.alike,
            "index": index,
            "group": about.get("group", ""),
            "cities": len(rows),
            "true": float(true.mean()),
            "bias": float((value - true).mean()),
            "deviation": float((value - true).std(ddof=1)),
            "se": float(se.mean()),
            "bias_of_replicates": float(bias.mean()),
            "bias_in_se": float(np.median(bias / se)),
            "covered": {k: float(((a <= true + slack) & (b >= true - slack)).mean()) for k, (a, b) in ends.items()},
            "too_high": {k: float((a > true + slack).mean()) for k, (a, _) in ends.items()},
            "too_low": {k: float((b < true - slack).mean()) for k, (_, b) in ends.items()},
            "width": {k: float(np.nanmean(b - a)) if np.isfinite(b).any() else None for k, (a, b) in ends.items()},
            "undefined": {k: float(np.isnan(b).mean()) for k, (_, b) in ends.items()},
        }


# everything -------------------------------------------------------------------------------------------------------


def part(one: Null | Sample, first: int, last: int) -> list[Any]:
    """Return what is found of some cities."""
    return tested(one, range(first, last)) if isinstance(one, Null) else covering(one, range(first, last))


def summary(one: Null | Sample, found: list[Any]) -> list[dict[str, Any]]:
    """Return the rows of a setting."""
    return [uniformity(one, np.array(found))] if isinstance(one, Null) else list(coverage(one, np.array(found)))


def tidy(row: dict[str, Any]) -> dict[str, Any]:
    """Leave six digits after the point, which is more than cities can tell."""
    return json.loads(json.dumps(row), parse_float=lambda number: round(float(number), 6))  # type: ignore[no-any-return]


def group_of(one: Null | Sample) -> str:
    """Return the name under which a setting is asked for."""
    return one.null + " null" if isinstance(one, Null) else one.kind


def run(settings: list[Null | Sample], cities: int | None, processes: int) -> Iterator[tuple[Null | Sample, list[Any]]]:
    """Simulate, some cities at a time, and yield the rows of each setting when it is done."""
    os.environ["NUMBA_NUM_THREADS"] = "1"  # of the processes that are started now
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        waiting = []
        for one in settings:
            many = cities or one.many
            cuts = [(many * cut // PARTS, many * (cut + 1) // PARTS) for cut in range(PARTS)]
            waiting.append((one, [pool.submit(part, one, *cut) for cut in cuts]))
        for one, parts in waiting:
            yield one, summary(one, [row for done in parts for row in done.result()])


def main() -> None:
    """Simulate, and write what was found."""
    names = list(dict.fromkeys(group_of(one) for one in (*NULLS, *SAMPLES)))
    parser = argparse.ArgumentParser(description="Simulate cities of which the truth is known.")
    parser.add_argument("--only", nargs="+", choices=names)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    wanted = [one for one in (*NULLS, *SAMPLES) if not arguments.only or group_of(one) in arguments.only]
    known: dict[str, Any] = {}
    if arguments.only and arguments.output.is_file():
        known = json.loads(arguments.output.read_text(encoding="utf-8"))["found"]
    cities = 10 if arguments.quick else None
    begun = time.perf_counter()
    for one, rows in run(wanted, cities, arguments.processes):
        print(f"{time.perf_counter() - begun:7.0f} s  {group_of(one)}: {one.name}", flush=True)
        known[f"{getattr(one, 'resample', 'test')}: {one.name}"] = [tidy(row) for row in rows]
    order = [f"{getattr(one, 'resample', 'test')}: {one.name}" for one in (*NULLS, *SAMPLES)]
    results = {
        "date": datetime.date.today().isoformat(),
        "version": sg.__version__,
        "quick": arguments.quick,
        "seed": SEED,
        "level": LEVEL,
        "null_replicates": NULL_REPLICATES,
        "replicates": REPLICATES,
        "found": {name: known[name] for name in order if name in known},
    }
    arguments.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
