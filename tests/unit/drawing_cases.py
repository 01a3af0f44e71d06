"""What tests of random draws share: streams in plain Python, and work that other processes can do."""

import geopandas as gpd
import numpy as np
import pandas as pd

import segregate as sg
from segregate.inference._draws import of_people, of_shares, resampled, units_again
from segregate.inference._replicates import seeds
from segregate.inference._statistic import Statistic

MASK = 2**64 - 1
SEED = 5
REPLICATES = 14
ENVIRONMENTS = {
    "home": None,
    "points": sg.Kernel(250),
    "grid": sg.Kernel(1500, "gaussian"),
    "nearest": sg.Nearest(300),
    "decay": sg.Decay(200, "zero"),
}


def turned(word, by):
    return ((word << by) | (word >> (64 - by))) & MASK


def xoshiro(words, many):
    """Return the first numbers of xoshiro256++, 64 bits each, as Blackman and Vigna (2021) write it down."""
    s = list(words)
    drawn = []
    for _ in range(many):
        drawn.append((turned((s[0] + s[3]) & MASK, 23) + s[0]) & MASK)
        kept = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= kept
        s[3] = turned(s[3], 45)
    return drawn


def city(where):
    """Return a city of 400 units in a given environment; on a grid it is summed by FFT."""
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 40, (400, 3))
    counts[7] = 0
    frame = pd.DataFrame(counts, columns=["a", "b", "c"])
    if where == "grid":
        x, y = 100.0 * (np.arange(400) % 20), 100.0 * (np.arange(400) // 20)
    else:
        x, y = rng.uniform(0, 2000, (2, 400))
    frame = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(x, y), crs=32633)
    pop = sg.Population.from_frame(frame, ["a", "b", "c"])
    return pop if ENVIRONMENTS[where] is None else pop.within(ENVIRONMENTS[where])


def replicates(where, what, first, last, chunk):
    """Return the bits of some replicates of H: (part of the seeds) -> values, as a worker computes them."""
    pop = city(where)
    statistic = Statistic(pop, "H")
    draw = {"people": of_people, "shares": of_shares, "again": resampled, "units": units_again}[what](pop)
    states = seeds(REPLICATES, SEED)
    values = []
    for begin in range(first, last, chunk):
        part = states[begin : min(begin + chunk, last)]
        values.append(statistic.on_rows(*draw(part)) if what == "units" else statistic.on(draw(part)))
    return np.concatenate(values).tobytes()
