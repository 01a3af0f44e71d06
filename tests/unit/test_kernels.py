"""Compiled code: cache, threads, signatures, bits."""

import dataclasses
import logging
import os
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate import kernels
from segregate._segments import sealed
from segregate.kernels import _jit
from segregate.registry import specs
from tests.helpers import quietly


def big_city(n=450_000, m=5, seed=1):
    """Return a city whose arrays are large enough for the parallel twins."""
    assert n != 450_000 or n * m >= _jit.WORTH_THREADS
    rng = np.random.default_rng(seed)
    counts = rng.gamma(0.7, 40, size=(n, m))
    groups = [f"g{k}" for k in range(m)]
    return sg.Population.from_frame(pd.DataFrame(counts, columns=groups), groups)


def bits(pop, by):
    """Return the values of all indices of counts as raw bytes."""
    known = sg.catalogue()
    fit = (known["level"] != "local") & (known["needs"] == "") & (known["required"] == "")
    return sg.measure(pop, list(known.index[fit]), by=by)["value"].to_numpy().tobytes()


def test_sums_are_compensated():
    values = sealed(np.array([1e16, 1.0, -1e16, 1.0]))
    starts = sealed(np.array([0, 4]))
    assert kernels.segment_sums(values, starts)[0] == 2.0
    assert kernels.column_sums(sealed(values[:, None].copy()), starts)[0, 0] == 2.0
    assert kernels.exact_sum(values) == 2.0


def test_shares_keep_their_digits_where_one_group_is_nearly_everybody():
    shares = sealed(np.array([1 - 1e-9, 1e-9]))
    assert kernels.simpson(shares) == pytest.approx(2e-9 * (1 - 1e-9), rel=1e-14)
    exact = -(1 - 1e-9) * np.log1p(-1e-9) - 1e-9 * np.log(1e-9)
    assert kernels.entropy(shares) == pytest.approx(exact, rel=1e-14)


def test_one_signature_is_compiled():
    pop = big_city(3000)
    regions = np.arange(3000) % 7
    loose = dataclasses.replace(pop, counts=pop.counts.copy())  # as a caller might make it
    frame = pd.DataFrame({"a": [5, 2], "b": [1, 9], "c": [4, 4], "m": [1, 1], "n": [2, 2], "o": [1, 3]})
    doubtful = sg.Population.from_frame(frame, ["a", "b", "c"], moe=["m", "n", "o"])
    for _ in range(2):
        quietly(sg.measure, pop)
        loose.versus("g0")
        quietly(sg.measure, loose, "atkinson")
        quietly(sg.measure, pop, by=regions)
        quietly(sg.measure, pop.subset(np.arange(3000) % 2 == 0), by=regions[::2], versus="pairs")
        quietly(sg.measure, sg.sample("schools"))
        doubtful.versus("a")
        sg.plot.prepare_rank_order_profile(doubtful)
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        pytest.skip("nothing is compiled in this run")
    found = []
    for spec in specs.values():
        module = sys.modules[spec.function.__module__]
        found += [value for value in vars(module).values() if isinstance(value, _jit._Twins)]
    found += [value for value in vars(kernels).values() if isinstance(value, _jit._Twins)]
    assert len(found) > 10
    for twins in found:
        assert len(twins.serial.signatures) <= 1, twins.__name__
        assert len(twins.parallel.signatures) <= 1, twins.__name__


@pytest.mark.slow
def test_threads_change_no_bit():
    import numba

    pop = big_city()
    by = np.random.default_rng(2).integers(0, 50, pop.n_units)
    most = numba.get_num_threads()
    try:
        answers = []
        for threads in range(1, most + 1):
            numba.set_num_threads(threads)
            answers.append((bits(pop, None), bits(pop, by)))
    finally:
        numba.set_num_threads(most)
    elsewhere = []
    worker = threading.Thread(target=lambda: elsewhere.append((bits(pop, None), bits(pop, by))))
    worker.start()
    worker.join()
    assert set(answers) | set(elsewhere) == {answers[0]}


@pytest.mark.slow
def test_two_threads_at_once_give_the_same_bits():
    pop = big_city()
    answers = []
    workers = [threading.Thread(target=lambda: answers.append(bits(pop, None))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(answers) == 4
    assert set(answers) == {bits(pop, None)}


@pytest.mark.slow
def test_unit_order_changes_nothing_that_can_be_seen():
    pop = big_city()
    order = np.random.default_rng(3).permutation(pop.n_units)
    turned = sg.Population.from_frame(pop.to_frame().iloc[order], list(pop.groups))
    there, here = (quietly(sg.measure, one)["value"] for one in (turned, pop))
    np.testing.assert_allclose(there, here, rtol=1e-12)


def test_large_counts():
    frame = pd.DataFrame({"a": [1e9, 3e9, 5.0], "b": [2e9, 1e9, 7.0]})
    values = quietly(sg.measure, sg.Population.from_frame(frame, ["a", "b"]))["value"]
    small = quietly(sg.measure, sg.Population.from_frame(frame / 1e9, ["a", "b"]))["value"]
    np.testing.assert_allclose(values, small, rtol=1e-12)


SCRIPT = """
import logging
logging.basicConfig(level=logging.INFO, format="%(message)s")
import segregate as sg
print(repr(sg.dissimilarity(sg.sample("schools"))))
from segregate.indices import dissimilarity
print(type(dissimilarity._terms.serial._cache).__name__ if hasattr(dissimilarity._terms.serial, "_cache") else "python")
"""


def in_a_process(**environment):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.slow
def test_the_same_number_without_compiling_and_without_cache(tmp_path):
    compiled = in_a_process().stdout.split()
    plain = in_a_process(NUMBA_DISABLE_JIT="1").stdout.split()
    uncached = in_a_process(SEGREGATE_NO_CACHE="1").stdout.split()
    assert plain[0] == compiled[0] == uncached[0]
    assert compiled[1] == "FunctionCache"
    assert plain[1] == "python"
    assert uncached[1] == "NullCache"


def test_no_folder_for_the_cache_is_said_once(monkeypatch, caplog):
    import numba

    real = numba.njit  # noqa: TID251

    def no_locator(function, **options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(function, **options)

    monkeypatch.setattr(numba, "njit", no_locator)
    monkeypatch.delenv("SEGREGATE_NO_CACHE", raising=False)
    _jit._log_uncached.cache_clear()
    with caplog.at_level(logging.INFO, logger="segregate"):
        first = _jit.kernel(lambda x: x + 1)
        second = _jit.kernel(lambda x: x + 2)
    assert first(1) + second(1) == 5
    assert [record.message for record in caplog.records] == [
        "No folder to write to: compiled code is not cached, each process compiles anew."
    ]
