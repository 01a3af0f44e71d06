"""Every index of the catalogue against its oracle, at home and in environments."""

import importlib
import inspect
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import segregate as sg
from segregate.registry import specs
from tests.helpers import focal_names, population, quietly
from tests.oracles import _common
from tests.properties.strategies import cities

sg.bind  # noqa: B018 - fills the registry
GLOBAL = [name for name, spec in specs.items() if spec.level != "local"]
LOCAL = [name for name, spec in specs.items() if spec.level != "global"]
LOGS = {"information_theory", "mutual_information", "divergence", "entropy"}
VARIANTS = {
    "isolation": [{}, {"exact": True}],
    "mutual_information": [{}, {"base": 2.0}],
    "divergence": [{}, {"base": 10.0}],
    "entropy": [{}, {"base": 2.0}, {"scaled": True}],
    "simpson": [{}, {"scaled": True}],
}
CASES = [(name, params) for name in specs for params in VARIANTS.get(name, [{}])]


def oracle_of(name):
    return importlib.import_module(f"tests.oracles.{name}")


def close(value, expected, what):
    value, expected = float(value), float(expected)
    assert math.isnan(value) == math.isnan(expected), f"{what}: {value} against {expected}"
    if not math.isnan(expected):
        assert math.isclose(value, expected, rel_tol=1e-10, abs_tol=1e-12), f"{what}: {value} against {expected}"


def exact(name, city):
    """Return counts as fractions where the formula has no logarithm, so that the oracle does not round."""
    return city if name in LOGS else [[Fraction(count) for count in row] for row in city]


def focal_arguments(spec, group, other):
    """Return the focal groups as names for the package and as numbers for the oracle."""
    numbers = {None: {}, "group": {"group": group}, "pair": {"group": group, "other": other}}[spec.focal]
    return focal_names(spec, group, other), numbers


@st.composite
def focal_cities(draw, **how):
    city = draw(cities(units=(2, 25), **how))
    m = st.integers(0, len(city[0]) - 1)
    return city, draw(m), draw(m)


slow_data = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(("name", "params"), [case for case in CASES if case[0] in GLOBAL])
@slow_data
@given(data=st.data())
def test_index_at_home(name, params, data):
    city, group, other = data.draw(focal_cities(whole=bool(params.get("exact"))))
    spec, judge = specs[name], oracle_of(name)
    names, numbers = focal_arguments(spec, group, other)
    counts = exact(name, city)
    composition, shares = _common.home(counts)
    pop = population(city)
    expected = judge.oracle(counts, composition, shares, **numbers, **params)
    close(quietly(spec.function, pop, **names, **params), expected, name)
    if spec.additive:
        terms = quietly(sg.contributions, pop, sg.bind(name, **params), **names)
        for term, wanted in zip(
            terms, judge.contributions(counts, composition, shares, **numbers, **params), strict=True
        ):
            close(term, wanted, f"contribution to {name}")


@pytest.mark.parametrize(("name", "params"), [case for case in CASES if case[0] in LOCAL])
@slow_data
@given(data=st.data())
def test_local_index_at_home(name, params, data):
    city, group, other = data.draw(focal_cities())
    spec, judge = specs[name], oracle_of(name)
    names, numbers = focal_arguments(spec, group, other)
    counts = exact(name, city)
    composition, shares = _common.home(counts)
    table = quietly(sg.local, population(city), sg.bind(name, **params), **names)
    local = getattr(judge, "local", judge.oracle)
    for value, wanted in zip(table["value"], local(counts, composition, shares, **numbers, **params), strict=True):
        close(value, wanted, name)


def surround(city, weights):
    """Return whom people meet under a matrix of weights, in plain loops."""
    composition = []
    for row in weights:
        around = [
            sum((w * unit[m] for w, unit in zip(row, city, strict=True)), start=0 * city[0][0])
            for m in range(len(city[0]))
        ]
        total = sum(around)
        composition.append([count / total for count in around] if total > 0 else None)
    return composition


@pytest.mark.parametrize(("name", "params"), [case for case in CASES if "exact" not in case[1]])
@slow_data
@given(data=st.data())
def test_index_in_an_environment(name, params, data):
    city, group, other = data.draw(focal_cities(peopled=True))
    n = len(city)
    rows = st.lists(st.sampled_from([0.0, 0.0, 0.25, 1.0, 3.0]), min_size=n, max_size=n)
    weights = data.draw(st.lists(rows, min_size=n, max_size=n))
    spec, judge = specs[name], oracle_of(name)
    names, numbers = focal_arguments(spec, group, other)
    counts = exact(name, city)
    exact_weights = weights if name in LOGS else [[Fraction(w) for w in row] for row in weights]
    _, shares = _common.home(counts)
    composition = surround(counts, exact_weights)
    pop = population(city).within(sg.Weights(scipy.sparse.csr_array(np.array(weights))))
    if spec.level != "local":
        expected = judge.oracle(counts, composition, shares, **numbers, **params)
        close(quietly(spec.function, pop, **names, **params), expected, name)
    if spec.level != "global":
        local = getattr(judge, "local", judge.oracle)
        found = quietly(sg.local, pop, sg.bind(name, **params), **names)["value"]
        for value, wanted in zip(found, local(counts, composition, shares, **numbers, **params), strict=True):
            close(value, wanted, name)


def test_every_index_has_an_oracle_that_imports_nothing_of_ours():
    for name in specs:
        source = inspect.getsource(oracle_of(name))
        assert "import segregate" not in source
        assert "from segregate" not in source
