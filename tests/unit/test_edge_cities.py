"""Cities at the edge: an empty group, a group in one unit, a billion people, parts of people; documented answers."""

import importlib
import math
from fractions import Fraction

import pytest

import segregate as sg
from segregate.registry import specs
from tests.helpers import population, quietly
from tests.oracles._common import home

sg.bind  # noqa: B018 - fills the registry
COUNTS_ONLY = [name for name, spec in specs.items() if spec.level != "local" and not spec.needs]
LOCAL = [name for name, spec in specs.items() if spec.level != "global" and not spec.needs and not spec.required]

ONE_EMPTY = [[30.0, 0.0, 10.0], [5.0, 0.0, 25.0], [20.0, 0.0, 20.0]]
WITHOUT = [[30.0, 10.0], [5.0, 25.0], [20.0, 20.0]]
ONE_UNIT = [[12.0, 8.0], [0.0, 40.0], [0.0, 20.0]]
"""All twelve of the first group live in the first unit, with eight others: P = 12/80, p = 3/5."""
BILLIONS = [[3_000_000_001.0, 17.0, 1.0], [5.0, 2_999_999_999.0, 4e9], [1e9, 1e9, 1e9]]
PARTS = [[0.5, 1 / 3, 2.25], [1e-3, 7.125, 0.1], [2.5, 0.75, 1e-6]]


def focal(spec, first="g0", second="g1"):
    return {None: {}, "group": {"group": first}, "pair": {"group": first, "other": second}}[spec.focal]


def numbers(spec):
    return {None: {}, "group": {"group": 0}, "pair": {"group": 0, "other": 1}}[spec.focal]


def as_two(city):
    return [[row[0], math.fsum(row[1:])] for row in city]


@pytest.mark.parametrize("name", COUNTS_ONLY)
def test_a_group_without_people_changes_nothing(name):
    spec = specs[name]
    if spec.groups == (2, 2):
        pop = population([[row[0], row[1]] for row in ONE_EMPTY])
        with pytest.warns(sg.UndefinedIndexWarning, match="only one group has people here"):
            assert math.isnan(spec.function(pop))
        return
    there = quietly(spec.function, population(ONE_EMPTY), **focal(spec, "g0", "g2"))
    assert there == pytest.approx(quietly(spec.function, population(WITHOUT), **focal(spec)), rel=1e-13)


@pytest.mark.parametrize("name", [name for name in COUNTS_ONLY if specs[name].focal])
def test_about_a_group_without_people_there_is_no_value(name):
    spec = specs[name]
    with pytest.warns(sg.UndefinedIndexWarning, match="nobody of group 'g1' lives here"):
        assert math.isnan(spec.function(population(ONE_EMPTY), **focal(spec, "g1", "g0")))


# Of the city ONE_UNIT: D = (1 - 8/68) / 2 + (40 + 20) / 68 / 2 = 15/17.
D, P = Fraction(15, 17), Fraction(12, 80)
IN_ONE_UNIT = {
    "dissimilarity": D,
    "gini": D,  # the segregation curve has one step
    "gorard": 1 - Fraction(20, 80),
    "karmel_maclachlan": 2 * P * (1 - P) * D,
    "minmax": 2 * D / (1 + D),
    "isolation": Fraction(3, 5),
    "exposure": Fraction(2, 5),
    "correlation_ratio": (Fraction(3, 5) - P) / (1 - P),
    "relative_diversity": (Fraction(3, 5) - P) / (1 - P),
    "normalized_exposure": (Fraction(3, 5) - P) / (1 - P),
    "squared_coefficient_of_variation": (Fraction(3, 5) - P) / (1 - P),
    "concentration_profile": (Fraction(3, 5) - P) / (1 - P),
    "extremes": Fraction(12 - 68, 80),
    "simpson": 2 * P * (1 - P),
    "hutchens": 1 - math.sqrt(8 / 68),
    "atkinson": 1 - 8 / 68,
    "group_divergence": math.log(4),
    "entropy": -(0.15 * math.log(0.15) + 0.85 * math.log(0.85)),
}
CITY, UNIT = IN_ONE_UNIT["entropy"], -(0.6 * math.log(0.6) + 0.4 * math.log(0.4))
IN_ONE_UNIT["information_theory"] = 1 - 20 * UNIT / (80 * CITY)
IN_ONE_UNIT["mutual_information"] = CITY - 20 * UNIT / 80
IN_ONE_UNIT["ordinal"] = IN_ONE_UNIT["rank_order"] = IN_ONE_UNIT["information_theory"]


@pytest.mark.parametrize("name", COUNTS_ONLY)
def test_a_group_in_one_unit_by_hand(name):
    spec = specs[name]
    value = quietly(spec.function, population(ONE_UNIT), **focal(spec))
    assert value == pytest.approx(float(IN_ONE_UNIT[name]), rel=1e-12)


@pytest.mark.parametrize("city", [BILLIONS, PARTS], ids=["billions", "parts of people"])
@pytest.mark.parametrize("name", COUNTS_ONLY)
def test_large_and_broken_numbers_lose_no_digits(name, city):
    spec = specs[name]
    here = as_two(city) if spec.groups == (2, 2) else city
    exact = [[Fraction(count) for count in row] for row in here]
    oracle = importlib.import_module(f"tests.oracles.{name}").oracle
    value = quietly(spec.function, population(here), **focal(spec))
    assert value == pytest.approx(float(oracle(exact, *home(exact), **numbers(spec))), rel=1e-10)


@pytest.mark.parametrize("name", LOCAL)
def test_large_and_broken_numbers_lose_no_digits_in_units(name):
    spec = specs[name]
    local = importlib.import_module(f"tests.oracles.{name}").local
    for city in (BILLIONS, PARTS):
        exact = [[Fraction(count) for count in row] for row in city]
        expected = [float(value) for value in local(exact, *home(exact), **numbers(spec))]
        found = sg.local(population(city), name, **focal(spec))["value"]
        assert found.tolist() == pytest.approx(expected, rel=1e-10)


def test_one_unit_alone_is_spread_evenly():
    pop = population([[30.0, 10.0]])
    for name in COUNTS_ONLY:
        spec = specs[name]
        if "even" in spec.at:
            assert quietly(spec.function, pop, **focal(spec)) == pytest.approx(spec.at["even"], abs=1e-15), name


def test_a_city_of_one_group_has_no_index_and_says_why():
    table = quietly(sg.measure, population([[30.0, 0.0], [10.0, 0.0]]))
    evenness = table[table["family"] == "evenness"]
    assert (evenness["status"] == "undefined").all()
    assert evenness["value"].isna().all()
    about_first = evenness[evenness["group"].isin(["", "g0"])]
    assert about_first["message"].str.contains("only one group has people here").all()


def test_exact_exposure_refuses_parts_of_people():
    with pytest.raises(sg.DataError, match="3 units of 3 have counts that are not whole numbers"):
        sg.isolation(population(PARTS), group="g0", exact=True)
