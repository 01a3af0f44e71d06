"""Every index of the catalogue against its oracle, at home and in environments."""

import importlib
import inspect
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import segregate as sg
from segregate.registry import specs
from tests.helpers import focal_names, population, quietly
from tests.oracles import _common
from tests.properties.strategies import cities

sg.bind  # noqa: B018 - fills the registry
APLACE = {name: spec for name, spec in specs.items() if not spec.needs}
"""Indices that need counts only; test_places looks at the others."""
GLOBAL = [name for name, spec in APLACE.items() if spec.level != "local"]
LOCAL = [name for name, spec in APLACE.items() if spec.level != "global"]
INEXACT = {"information_theory", "mutual_information", "divergence", "entropy", "group_divergence"} | {
    *("atkinson", "hutchens")
}
"""Formulas with logarithms, powers or roots, which fractions do not know."""
VARIANTS = {
    "isolation": [{}, {"exact": True}],
    "mutual_information": [{}, {"base": 2.0}],
    "divergence": [{}, {"base": 10.0}],
    "entropy": [{}, {"base": 2.0}, {"scaled": True}],
    "simpson": [{}, {"scaled": True}],
    "atkinson": [{}, {"b": 0.1}, {"b": 0.75}],
    "group_divergence": [{}, {"base": 2.0}],
    "typology": [{}, {"isolated": 0.6, "majority": 0.4, "minority": 0.35, "single": 0.51, "concentrated": 0.8}],
    "ordinal": [{"kind": kind} for kind in ("entropy", "variance", "sqrt", "absolute")],
    "rank_order": [
        *({"kind": kind, "degree": 2} for kind in ("information", "variance", "hutchens")),
        {"degree": 1, "weights": "none"},
        {},
    ],
}
CASES = [(name, params) for name in APLACE for params in VARIANTS.get(name, [{}])]


def oracle_of(name):
    return importlib.import_module(f"tests.oracles.{name}")


def close(value, expected, what):
    value, expected = float(value), float(expected)
    assert math.isnan(value) == math.isnan(expected), f"{what}: {value} against {expected}"
    if not math.isnan(expected):
        assert math.isclose(value, expected, rel_tol=1e-10, abs_tol=1e-12), f"{what}: {value} against {expected}"


def exact(name, city):
    """Return counts as fractions where the formula has no logarithm, so that the oracle does not round."""
    return city if name in INEXACT else [[Fraction(count) for count in row] for row in city]


def focal_arguments(spec, group, other):
    """Return the focal groups as names for the package and as numbers for the oracle."""
    numbers = {None: {}, "group": {"group": group}, "pair": {"group": group, "other": other}}[spec.focal]
    return focal_names(spec, group, other), numbers


@st.composite
def focal_cities(draw, spec, **how):
    two = {"groups": (2, 2)} if spec.groups == (2, 2) else {}
    city = draw(cities(units=(2, 25), **two, **how))
    m = st.integers(0, len(city[0]) - 1)
    return balanced(city) if spec.name == "rank_order" else city, draw(m), draw(m)


def balanced(city):
    """Multiply groups by powers of two until they are about as large: thresholds close together throw the curve."""
    sizes = [math.fsum(column) for column in zip(*city, strict=True)]
    factors = [2.0 ** round(math.log2(max(sizes) / size)) if size > 0 else 1.0 for size in sizes]
    return [[count * factor for count, factor in zip(row, factors, strict=True)] for row in city]


def hosted(spec, group):
    """Return the host of a typology, for the package and for the oracle."""
    return ({"host": f"g{group}"}, {"host": group}) if "host" in spec.required else ({}, {})


def local_table(spec, pop, names, group, params):
    """Return the local values of a population; names of types become numbers."""
    asked, _ = hosted(spec, group)
    values = quietly(sg.local, pop, sg.bind(spec.name, **params, **asked), **names)["value"]
    if hasattr(values, "cat"):
        assert tuple(values.cat.categories) == oracle_of(spec.name).NAMES
        return [None if code < 0 else int(code) for code in values.cat.codes]
    return list(values)


def same(value, wanted, what):
    if wanted is None or isinstance(wanted, int):
        assert value == wanted, what
    else:
        close(value, wanted, what)


slow_data = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(("name", "params"), [case for case in CASES if case[0] in GLOBAL])
@slow_data
@given(data=st.data())
def test_index_at_home(name, params, data):
    spec, judge = specs[name], oracle_of(name)
    city, group, other = data.draw(focal_cities(spec, whole=bool(params.get("exact"))))
    names, numbers = focal_arguments(spec, group, other)
    counts = exact(name, city)
    composition, shares = _common.home(counts)
    assume(_common.steady(name, shares))
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
    spec, judge = specs[name], oracle_of(name)
    city, group, other = data.draw(focal_cities(spec))
    names, numbers = focal_arguments(spec, group, other)
    counts = exact(name, city)
    composition, shares = _common.home(counts)
    found = local_table(spec, population(city), names, group, params)
    expected = judge.local(counts, composition, shares, **numbers, **hosted(spec, group)[1], **exact_params(params))
    for value, wanted in zip(found, expected, strict=True):
        same(value, wanted, name)


def exact_params(params):
    """Return limits between types as the decimal fractions that are written: a share of 2/5 reaches 0.4."""
    limits = ("isolated", "majority", "minority", "single", "concentrated")
    return {key: Fraction(str(value)) if key in limits else value for key, value in params.items()}


def surround(city, weights, shares=True):
    """Return whom people meet under a matrix of weights, in plain loops: as shares or as numbers."""
    composition = []
    for row in weights:
        around = [
            sum((w * unit[m] for w, unit in zip(row, city, strict=True)), start=0 * city[0][0])
            for m in range(len(city[0]))
        ]
        if not shares:
            composition.append(around)
            continue
        total = sum(around)
        composition.append([count / total for count in around] if total > 0 else None)
    return composition


@pytest.mark.parametrize(
    ("name", "params"), [case for case in CASES if "exact" not in case[1] and specs[case[0]].environment]
)
@slow_data
@given(data=st.data())
def test_index_in_an_environment(name, params, data):
    spec, judge = specs[name], oracle_of(name)
    city, group, other = data.draw(focal_cities(spec, peopled=True))
    n = len(city)
    rows = st.lists(st.sampled_from([0.0, 0.0, 0.25, 1.0, 3.0]), min_size=n, max_size=n)
    weights = data.draw(st.lists(rows, min_size=n, max_size=n))
    names, numbers = focal_arguments(spec, group, other)
    counts = exact(name, city)
    exact_weights = weights if name in INEXACT else [[Fraction(w) for w in row] for row in weights]
    _, shares = _common.home(counts)
    assume(_common.steady(name, shares))
    composition = surround(counts, exact_weights)
    pop = population(city).within(sg.Weights(scipy.sparse.csr_array(np.array(weights))))
    around = {"surroundings": surround(counts, exact_weights, shares=False)} if name == "minmax" else {}
    if spec.level != "local":
        expected = judge.oracle(counts, composition, shares, **numbers, **params, **around)
        close(quietly(spec.function, pop, **names, **params), expected, name)
    if spec.level != "global":
        found = local_table(spec, pop, names, group, params)
        expected = judge.local(counts, composition, shares, **numbers, **hosted(spec, group)[1], **exact_params(params))
        for value, wanted in zip(found, expected, strict=True):
            same(value, wanted, name)


def test_every_index_has_an_oracle_that_imports_nothing_of_ours():
    for name in specs:
        source = inspect.getsource(oracle_of(name))
        assert "import segregate" not in source
        assert "from segregate" not in source
