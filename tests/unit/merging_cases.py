"""What the tests of merging share: populations, and the comparison with an oracle."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from segregate import Population
from segregate.decomposition import Compression


def of_counts(counts, ids=None) -> Population:
    counts = np.asarray(counts)
    groups = [f"g{m}" for m in range(counts.shape[1])]
    return Population.from_frame(pd.DataFrame(counts, columns=groups, index=ids), groups)


def assert_steps(found: Compression, expected) -> None:
    """Compare with the steps of an oracle: the same units in the same order, and their losses."""
    assert list(zip(found.into.tolist(), found.merged.tolist(), strict=True)) == [(a, b) for a, b, _ in expected]
    losses = np.array([lost for *_, lost in expected])
    assert_allclose(found.losses, losses, rtol=1e-11, atol=0)
    assert_array_equal(found.losses == 0, losses == 0)


@st.composite
def small_counts(draw):
    """Draw a few units of few people, so that many compositions and losses are equal; nobody lives in none."""
    m = draw(st.integers(2, 4))
    n = draw(st.integers(2, 8))
    unit = st.lists(st.integers(0, 5), min_size=m, max_size=m).filter(any)
    counts = draw(st.lists(unit, min_size=n, max_size=n))
    if sum(any(unit[g] for unit in counts) for g in range(m)) < 2:
        counts[0] = [1] * m
    return counts


def random_counts(seed: int, n: int, m: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(m, 0.7), size=n)
    return np.array([rng.multinomial(size, p) for size, p in zip(rng.integers(5, 2000, n), shares, strict=True)])
