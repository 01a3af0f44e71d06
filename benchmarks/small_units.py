"""How near corrections for small units come to what is true of simulated cities.

    python -m benchmarks.small_units            everything, some ten minutes
    python -m benchmarks.small_units --quick    a few cities: does everything work?

The figures go to benchmarks/small_units.json; `python -m benchmarks.small_units_report` makes the page of them.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import integrate, stats

import segregate as sg

RESULTS = Path(__file__).with_name("small_units.json")
UNITS = 300
SIZES = (4, 10, 30, 100)
"""Mean people of a unit; units have from half of it to one and a half times."""
CITIES = 100
SEED = 20170308
Shares = Callable[[np.random.Generator, int], np.ndarray]


def beta(a: float, b: float) -> Shares:
    """Draw shares from a beta distribution."""
    return lambda rng, n: rng.beta(a, b, n)


def two_kinds(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw shares of two kinds of units, one in ten of them full of the group."""
    return np.where(rng.random(n) < 0.1, rng.beta(80, 20, n), rng.beta(10, 90, n))


def same(_: np.random.Generator, n: int) -> np.ndarray:
    """Give all units the same share."""
    return np.full(n, 0.25)


WORLDS: dict[str, tuple[str, Shares, list[tuple[float, float, float]]]] = {
    "random": ("the same share (0.25) in all units: people at random", same, []),
    "one slope": ("shares from Beta(1, 3): fewer and fewer units with higher shares", beta(1, 3), [(1.0, 1, 3)]),
    "two ends": ("shares from Beta(0.2, 0.6): most units have nearly one group only", beta(0.2, 0.6), [(1, 0.2, 0.6)]),
    "weak": ("shares from Beta(10, 30): all units much alike", beta(10, 30), [(1.0, 10, 30)]),
    "two kinds": (
        "shares from Beta(10, 90) in nine units of ten and Beta(80, 20) in the tenth: no single beta distribution",
        two_kinds,
        [(0.9, 10, 90), (0.1, 80, 20)],
    ),
}
"""Name -> what it is, how shares are drawn, and the beta distributions with their weights."""

ASKED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "D": [
        ("carrington_troske", {}),
        ("allen_bootstrap", {"replicates": 99}),
        ("allen_density", {}),
        ("beta_mixture", {}),
        ("beta_mixture, 2 components", {"components": 2}),
        ("bounds", {}),
    ],
    "H": [
        ("carrington_troske", {}),
        ("allen_bootstrap", {"replicates": 99}),
        ("miller_madow", {}),
        ("beta_mixture", {}),
        ("bounds", {}),
    ],
    "V": [
        ("carrington_troske", {}),
        ("allen_bootstrap", {"replicates": 99}),
        ("leave_one_out", {}),
        ("beta_mixture", {}),
        ("bounds", {}),
    ],
}


def truths(parts: list[tuple[float, float, float]]) -> dict[str, float]:
    """Return D, H and V of a mixture of beta distributions, by numerical integration; 0 where all shares are equal."""
    if not parts:
        return dict.fromkeys(ASKED, 0.0)
    mean = sum(w * a / (a + b) for w, a, b in parts)

    def over(function: Callable[[float], float]) -> float:
        total = 0.0
        for w, a, b in parts:
            law = stats.beta(a, b)
            for low, high in ((0.0, mean), (mean, 1.0)):
                # equal steps of probability, so that no density has to be finite
                ends = law.cdf([low, high])
                total += w * integrate.quad(lambda u, law=law: function(float(law.ppf(u))), *ends, limit=400)[0]
        return total

    def entropy(p: float) -> float:
        return float(-sum(q * np.log(q) for q in (p, 1 - p) if q > 0))

    return {
        "D": over(lambda p: abs(p - mean)) / (2 * mean * (1 - mean)),
        "H": 1 - over(entropy) / entropy(mean),
        "V": over(lambda p: (p - mean) ** 2) / (mean * (1 - mean)),
    }


def of_city(shares: np.ndarray, people: np.ndarray) -> dict[str, float]:
    """Return D, H and V of the shares of a city's units, weighed by their people: what they would be without chance."""
    weights = people / people.sum()
    mean = float(weights @ shares)
    bound = np.clip(shares, 1e-300, 1 - 1e-16)
    entropy = float(weights @ -(bound * np.log(bound) + (1 - bound) * np.log1p(-bound)))
    whole = -(mean * np.log(mean) + (1 - mean) * np.log(1 - mean))
    return {
        "D": float(weights @ np.abs(shares - mean)) / (2 * mean * (1 - mean)),
        "H": 1 - entropy / whole,
        "V": float(weights @ (shares - mean) ** 2) / (mean * (1 - mean)),
    }


def city(world: str, size: int, seed: int, units: int = UNITS) -> tuple[sg.Population, dict[str, float]]:
    """Return a city, and D, H and V of the shares from which its people were drawn."""
    rng = np.random.default_rng([SEED, list(WORLDS).index(world), size, seed])
    people = rng.integers(max(size // 2, 2), size + size // 2 + 1, units)
    shares = WORLDS[world][1](rng, units)
    members = rng.binomial(people, shares)
    pop = sg.Population.from_frame(pd.DataFrame({"a": members, "b": people - members}), ["a", "b"])
    return pop, of_city(shares, people)


def measured(world: str, size: int, cities: int, units: int = UNITS) -> list[dict[str, Any]]:
    """Return what each method gives on average, for each index."""
    found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for seed in range(cities):
        pop, own = city(world, size, seed, units)
        for index, methods in ASKED.items():
            group = {"group": "a"}
            raw = float(sg.measure(pop, index)["value"].iloc[0])
            found.setdefault((index, "raw"), []).append((own[index], raw, *[np.nan] * 4))
            by_chance = float(sg.expected(pop, index, **group))
            found.setdefault((index, "raw less expected"), []).append((own[index], raw - by_chance, *[np.nan] * 4))
            for name, options in methods:
                one = sg.corrected(pop, index, method=name.split(",")[0], **group, **options, rng=seed)
                row = (own[index], one.value, one.low, one.high, one.least, one.greatest)
                found.setdefault((index, name), []).append(row)
    true = truths(WORLDS[world][2])
    return [summary(world, size, index, name, true[index], np.array(rows)) for (index, name), rows in found.items()]


def summary(world: str, size: int, index: str, method: str, true: float, rows: np.ndarray) -> dict[str, Any]:
    """Return bias, spread and coverage; of bounds, their means and how often they hold the truth.

    Errors are those against the shares of the city at hand, and so is "covered"; "covered_of_law" and "held" are about
    the distribution that the shares come from.
    """
    own, value, low, high, least, greatest = rows.T
    known, interval, bounded = np.isfinite(value), np.isfinite(low), np.isfinite(least)

    def mean(values: np.ndarray) -> float | None:
        return float(values.mean()) if len(values) else None

    errors = value[known] - own[known]
    ours = own[interval]
    return {
        "world": world,
        "size": size,
        "index": index,
        "method": method,
        "true": true,
        "cities": len(rows),
        "values": int(known.sum()),
        "bias": mean(errors),
        "se": float(errors.std(ddof=1) / np.sqrt(len(errors))) if len(errors) > 1 else None,
        "rmse": float(np.sqrt((errors**2).mean())) if len(errors) else None,
        "intervals": int(interval.sum()),
        "covered": mean((low[interval] <= ours) & (high[interval] >= ours)),
        "covered_of_law": mean((low[interval] <= true) & (high[interval] >= true)),
        "width": mean(high[interval] - low[interval]),
        "least": mean(least[bounded]),
        "greatest": mean(greatest[bounded]),
        "held": mean((least[bounded] <= true + 1e-6) & (greatest[bounded] >= true - 1e-6)),
    }


def main() -> None:
    """Simulate, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    cities, units = (3, 60) if quick else (CITIES, UNITS)
    rows = []
    for world in WORLDS:
        for size in SIZES[:2] if quick else SIZES:
            print(f"{world}, {size} people a unit", flush=True)
            rows += measured(world, size, cities, units)
    results = {
        "date": datetime.date.today().isoformat(),
        "version": sg.__version__,
        "quick": quick,
        "units": units,
        "cities": cities,
        "seed": SEED,
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
