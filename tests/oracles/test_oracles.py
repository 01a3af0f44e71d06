"""The oracles against examples worked out by hand, exactly where there are no logarithms.

Three cities, with the steps of every number:

TWO   units (3, 1) and (1, 3): T = 8, pi = (1/2, 1/2), I = 1/2, p = (3/4, 1/4) and (1/4, 3/4).
THREE units (2, 1, 1), (0, 4, 0), (2, 1, 5): t = 4, 4, 8, T = 16, T_m = 4, 6, 6, pi = (1/4, 3/8, 3/8),
      I = 1 - (1/16 + 9/64 + 9/64) = 21/32, p = (1/2, 1/4, 1/4), (0, 1, 0), (1/4, 1/8, 5/8).
MET   units (3, 1), (1, 3), (2, 0); the first meet (1/2, 1/2), the second (1/4, 3/4), the third nobody: pi =
      (3/5, 2/5), I = 12/25 come from all ten, T = 8 and T_m = 4, 4 from the eight who meet somebody.
"""

import math
from fractions import Fraction as F
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles._common import add, home, rounding
from tests.properties.strategies import cities

TWO = [[3, 1], [1, 3]]
THREE = [[2, 1, 1], [0, 4, 0], [2, 1, 5]]
MET = [[3, 1], [1, 3], [2, 0]]
MET_COMPOSITION = [[F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)], None]
MET_SHARES = [F(3, 5), F(2, 5)]

POPULATION = [
    "dissimilarity",
    "gini",
    "information_theory",
    "mutual_information",
    "relative_diversity",
    "normalized_exposure",
]
FOCAL = ["isolation", "exposure", "correlation_ratio"]
DIVERSITY = ["entropy", "simpson"]
LOCAL = ["location_quotient", "divergence", "share"]


def module(name):
    return import_module(f"tests.oracles.{name}")


def exact(city):
    """Return the counts as fractions, with composition and shares."""
    counts = [[F(count) for count in row] for row in city]
    return counts, *home(counts)


def inexact(city):
    counts = [[float(count) for count in row] for row in city]
    return counts, *home(counts)


def met(kind):
    composition = [None if row is None else [kind(value) for value in row] for row in MET_COMPOSITION]
    return [[kind(count) for count in row] for row in MET], composition, [kind(share) for share in MET_SHARES]


def focal(name):
    return {"exposure": {"group": 0, "other": 1}, "entropy": {}, "simpson": {}, "divergence": {}}.get(
        name, {} if name in POPULATION else {"group": 0}
    )


# name, parameters, and the value in TWO, THREE and MET
EXACT = [
    # TWO: 4 (1/4 + 1/4) for each unit = 4, over 2 T I = 8.
    # THREE: 4 (1/4 + 1/8 + 1/8) + 4 (1/4 + 5/8 + 3/8) + 8 (0 + 1/4 + 1/4) = 2 + 5 + 4, over 2 T I = 21.
    # MET: 4 (1/10 + 1/10) + 4 (7/20 + 7/20) = 18/5, over 2 * 8 * 12/25 = 192/25.
    ("dissimilarity", {}, F(1, 2), F(11, 21), F(15, 32)),
    # TWO: both orders of 16 (1/2 + 1/2) = 32, over 2 * 64 * 1/2.
    # THREE: both orders of 16 * 3/2 + 32 * 3/4 + 32 * 7/4 = 24 + 24 + 56, over 2 * 256 * 21/32 = 336.
    # MET: both orders of 16 (1/4 + 1/4) = 16, over 2 * 64 * 12/25 = 1536/25.
    ("gini", {}, F(1, 2), F(13, 21), F(25, 96)),
    # TWO: I_j = 3/8 in both, 1 - (3/8) / (1/2).
    # THREE: I_j = 5/8, 0, 17/32; the mean (4 * 5/8 + 8 * 17/32) / 16 = 27/64; 1 - (27/64) / (21/32).
    # MET: I_j = 1/2, 3/8, mean 7/16; 1 - (7/16) / (12/25).
    ("relative_diversity", {}, F(1, 4), F(5, 14), F(17, 192)),
    # TWO: 8 * 1/16 for each group over 8 * 1/2.
    # THREE, over 1 - pi: (4/16 + 4/16 + 0) / (3/4) = 2/3, (4/64 + 100/64 + 8/16) / (5/8) = 17/5,
    # (4/64 + 36/64 + 8/16) / (5/8) = 9/5; their sum 88/15 over 16.
    # MET: 4/100 + 4 * 49/400 = 53/100 for both groups, times (5/2 + 5/3) = 25/6, over 8.
    ("normalized_exposure", {}, F(1, 4), F(11, 30), F(53, 192)),
    # TWO: 3/4 * 3/4 + 1/4 * 1/4. THREE: 2/4 * 1/2 + 0 + 2/4 * 1/4. MET: 3/4 * 1/2 + 1/4 * 1/4.
    ("isolation", {"group": 0}, F(5, 8), F(3, 8), F(7, 16)),
    # TWO: the same. THREE: 1/6 * 1/4 + 4/6 * 1 + 1/6 * 1/8 = (2 + 32 + 1)/48. MET: 1/4 * 1/2 + 3/4 * 3/4.
    ("isolation", {"group": 1}, F(5, 8), F(35, 48), F(11, 16)),
    # TWO: 3/4 * 1/4 + 1/4 * 3/4. THREE: 2/4 * 1/4 + 2/4 * 1/8. MET: 3/4 * 1/2 + 1/4 * 3/4.
    ("exposure", {"group": 0, "other": 1}, F(3, 8), F(3, 16), F(9, 16)),
    # TWO: (5/8 - 1/2) / (1/2). THREE: (3/8 - 1/4) / (3/4). MET: (7/16 - 3/5) / (2/5), below 0.
    ("correlation_ratio", {"group": 0}, F(1, 4), F(1, 6), F(-13, 32)),
    # TWO: (5/8 - 1/2) / (1/2). THREE: (35/48 - 18/48) / (5/8). MET: (11/16 - 2/5) / (3/5).
    ("correlation_ratio", {"group": 1}, F(1, 4), F(17, 30), F(23, 48)),
    # The I of each city; scaled by M/(M - 1).
    ("simpson", {}, F(1, 2), F(21, 32), F(12, 25)),
    ("simpson", {"scaled": True}, F(1), F(63, 64), F(24, 25)),
]


@pytest.mark.parametrize(("name", "params", "two", "three", "within"), EXACT)
def test_exactly_what_the_hand_gives(name, params, two, three, within):
    oracle = module(name).oracle
    assert oracle(*exact(TWO), **params) == two
    assert oracle(*exact(THREE), **params) == three
    assert oracle(*met(F), **params) == within
    for arguments, value in ((inexact(TWO), two), (inexact(THREE), three), (met(float), within)):
        assert oracle(*arguments, **params) == pytest.approx(float(value), rel=1e-14)


def test_exact_contact_leaves_the_person_out():
    # TWO: 3/4 * 2/3 + 1/4 * 0/3 = 1/2; the other group 3/4 * 1/3 + 1/4 * 3/3 = 1/2.
    assert module("isolation").oracle(*exact(TWO), group=0, exact=True) == F(1, 2)
    assert module("exposure").oracle(*exact(TWO), group=0, other=1, exact=True) == F(1, 2)
    # THREE: 1/2 * 1/3 + 1/2 * 1/7 = 5/21 and to the others 5/21, 1/2 * 1/3 + 1/2 * 5/7 = 11/21: together 1.
    assert module("isolation").oracle(*exact(THREE), group=0, exact=True) == F(5, 21)
    assert module("exposure").oracle(*exact(THREE), group=0, other=1, exact=True) == F(5, 21)
    assert module("exposure").oracle(*exact(THREE), group=0, other=2, exact=True) == F(11, 21)


def test_exact_contact_leaves_people_alone_in_their_unit_out():
    # The hermit of unit 1 meets nobody: of group 0 the three of unit 0 are left, who meet 2/3 and 1/3.
    city = [[3, 1], [1, 0], [0, 2]]
    assert module("isolation").oracle(*exact(city), group=0, exact=True) == F(2, 3)
    assert module("exposure").oracle(*exact(city), group=0, other=1, exact=True) == F(1, 3)
    # Only hermits: undefined.
    assert math.isnan(module("isolation").oracle(*exact([[1, 0], [0, 5]]), group=0, exact=True))


L2, L3, L5 = math.log(2), math.log(3), math.log(5)
# MET: E = ln 10 - 3/5 ln 6 - 2/5 ln 4 = ln 5 + ln 2 - 3/5 (ln 2 + ln 3) - 4/5 ln 2
MET_E = L5 - 0.4 * L2 - 0.6 * L3

# name, parameters, and the value in TWO, THREE and MET
LOGARITHMIC = [
    # TWO: ln 2. THREE: 1/4 ln 4 + 3/4 ln (8/3) = 11/4 ln 2 - 3/4 ln 3.
    ("entropy", {}, L2, 2.75 * L2 - 0.75 * L3, MET_E),
    ("entropy", {"base": 2}, 1.0, 2.75 - 0.75 * L3 / L2, MET_E / L2),
    ("entropy", {"scaled": True}, 1.0, (2.75 * L2 - 0.75 * L3) / L3, MET_E / L2),
    # TWO: E_j = 1/4 ln 4 + 3/4 ln (4/3) = 2 ln 2 - 3/4 ln 3, so M = 3/4 ln 3 - ln 2.
    # THREE: E_j = 3/2 ln 2, 0, 11/4 ln 2 - 5/8 ln 5; mean 7/4 ln 2 - 5/16 ln 5; M = E - mean.
    # MET: half of 1/2 ln (5/6) + 1/2 ln (5/4) = 1/2 ln (25/24), and half of 1/4 ln (5/12) + 3/4 ln (15/8).
    (
        "mutual_information",
        {},
        0.75 * L3 - L2,
        L2 - 0.75 * L3 + 0.3125 * L5,
        0.25 * math.log(25 / 24) + 0.125 * math.log(5 / 12) + 0.375 * math.log(15 / 8),
    ),
    (
        "mutual_information",
        {"base": 10},
        (0.75 * L3 - L2) / math.log(10),
        (L2 - 0.75 * L3 + 0.3125 * L5) / math.log(10),
        (0.25 * math.log(25 / 24) + 0.125 * math.log(5 / 12) + 0.375 * math.log(15 / 8)) / math.log(10),
    ),
    # M / E; MET: E_j = ln 2 and 2 ln 2 - 3/4 ln 3, their mean 3/2 ln 2 - 3/8 ln 3.
    (
        "information_theory",
        {},
        0.75 * L3 / L2 - 1,
        (L2 - 0.75 * L3 + 0.3125 * L5) / (2.75 * L2 - 0.75 * L3),
        1 - (1.5 * L2 - 0.375 * L3) / MET_E,
    ),
]


@pytest.mark.parametrize(("name", "params", "two", "three", "within"), LOGARITHMIC)
def test_what_the_hand_gives(name, params, two, three, within):
    oracle = module(name).oracle
    for arguments, value in ((inexact(TWO), two), (inexact(THREE), three), (met(float), within)):
        assert oracle(*arguments, **params) == pytest.approx(value, rel=1e-13)


def test_local_values_are_what_the_hand_gives():
    assert module("location_quotient").oracle(*exact(THREE), group=0) == [2, 0, 1]
    assert module("location_quotient").oracle(*exact(THREE), group=1) == [F(2, 3), F(8, 3), F(1, 3)]
    wider = [F(1, 2), F(1, 4), F(1, 4)]
    assert module("location_quotient").oracle(*exact(THREE), group=0, reference=wider) == [1, 0, F(1, 2)]
    assert module("share").oracle(*exact(THREE), group=2) == [F(1, 4), 0, F(5, 8)]
    assert module("simpson").local(*exact(THREE)) == [F(5, 8), 0, F(17, 32)]
    assert module("simpson").local(*exact(THREE), scaled=True) == [F(15, 16), 0, F(51, 64)]
    # 1/2 ln 2 + 2/4 ln 4; 0; 1/4 ln 4 + 1/8 ln 8 + 5/8 ln (8/5)
    entropies = [1.5 * L2, 0.0, 2.75 * L2 - 0.625 * L5]
    assert module("entropy").local(*inexact(THREE)) == pytest.approx(entropies, rel=1e-14)
    scaled = [value / L3 for value in entropies]
    assert module("entropy").local(*inexact(THREE), scaled=True) == pytest.approx(scaled, rel=1e-14)
    # 1/2 ln 2 + 2/4 ln (2/3); ln (8/3); 0 + 1/8 ln (1/3) + 5/8 ln (5/3)
    divergences = [L2 - 0.5 * L3, 3 * L2 - L3, 0.625 * L5 - 0.75 * L3]
    assert module("divergence").oracle(*inexact(THREE)) == pytest.approx(divergences, rel=1e-13)
    # against (1/2, 1/4, 1/4) the first unit is the reference itself; then ln 4; 1/4 ln (1/2) + 1/8 ln (1/2) +
    # 5/8 ln (5/2)
    against = module("divergence").oracle(*inexact(THREE), reference=[0.5, 0.25, 0.25])
    assert against == pytest.approx([0.0, 2 * L2, 0.625 * L5 - L2], rel=1e-13)


def test_terms_are_what_the_hand_gives():
    # THREE, see above: 2, 5, 4 of 21; G: a unit's row of pairs 24 + 24, 24 + 56, 24 + 56 over 336.
    assert module("dissimilarity").contributions(*exact(THREE)) == [F(2, 21), F(5, 21), F(4, 21)]
    assert module("gini").contributions(*exact(THREE)) == [F(1, 7), F(5, 21), F(5, 21)]
    # 4 (21/32 - 5/8), 4 * 21/32, 8 (21/32 - 17/32) over 21/2
    assert module("relative_diversity").contributions(*exact(THREE)) == [F(1, 84), F(1, 4), F(2, 21)]
    # 4 (1/16 * 4/3 + 2 * 1/64 * 8/5), 4 (1/16 * 4/3 + 25/64 * 8/5 + 9/64 * 8/5), 8 (2 * 1/16 * 8/5), over 16
    expected = [F(1, 30), F(7, 30), F(1, 10)]
    assert module("normalized_exposure").contributions(*exact(THREE)) == expected
    assert module("isolation").contributions(*exact(THREE), group=0) == [F(1, 4), 0, F(1, 8)]
    assert module("exposure").contributions(*exact(THREE), group=0, other=1) == [F(1, 8), 0, F(1, 16)]
    # the first unit gives 1/2 (1/2 - 1/4) / (3/4), the last has the city's share
    assert module("correlation_ratio").contributions(*exact(THREE), group=0) == [F(1, 6), 0, 0]


@pytest.mark.parametrize("name", [*POPULATION, *FOCAL])
def test_an_empty_unit_and_one_that_meets_nobody_add_nothing(name):
    counts, composition, shares = met(float)
    terms = module(name).contributions([*counts, [0.0, 0.0]], [*composition, None], shares, **focal(name))
    assert terms[2:] == [0.0, 0.0]
    assert math.fsum(terms) == pytest.approx(module(name).oracle(counts, composition, shares, **focal(name)), rel=1e-14)


NOBODY = [[0.0, 0.0], [0.0, 0.0]]
ONE_GROUP = [[3.0, 0.0], [1.0, 0.0]]


@pytest.mark.parametrize("city", [NOBODY, ONE_GROUP], ids=["nobody", "one group"])
@pytest.mark.parametrize("name", [*POPULATION, *FOCAL])
def test_undefined_without_two_groups(name, city):
    assert math.isnan(module(name).oracle(city, *home(city), **focal(name)))
    assert all(math.isnan(term) for term in module(name).contributions(city, *home(city), **focal(name)))


@pytest.mark.parametrize("name", [*DIVERSITY, *LOCAL])
def test_diversity_and_local_values_undefined_without_people(name):
    assert all(math.isnan(value) for value in module(name).local(NOBODY, *home(NOBODY), **focal(name)))
    if name in DIVERSITY:
        assert math.isnan(module(name).oracle(NOBODY, *home(NOBODY)))


@pytest.mark.parametrize("name", DIVERSITY)
def test_one_group_has_no_diversity_and_nothing_to_scale_by(name):
    arguments = (ONE_GROUP, *home(ONE_GROUP))
    assert module(name).oracle(*arguments) == 0
    assert math.isnan(module(name).oracle(*arguments, scaled=True))
    assert module(name).local(*arguments) == [0, 0]
    assert all(math.isnan(value) for value in module(name).local(*arguments, scaled=True))


@pytest.mark.parametrize("name", DIVERSITY)
def test_diversity_of_the_city_knows_no_surroundings(name):
    counts, composition, shares = met(float)
    assert module(name).oracle(counts, [None] * 3, shares) == module(name).oracle(counts, composition, shares)


def test_one_group_is_everywhere_the_city():
    arguments = (ONE_GROUP, *home(ONE_GROUP))
    assert module("divergence").oracle(*arguments) == [0, 0]
    assert module("location_quotient").oracle(*arguments, group=0) == [1, 1]
    assert all(math.isnan(value) for value in module("location_quotient").oracle(*arguments, group=1))
    wider = module("location_quotient").oracle(*arguments, group=1, reference=[0.5, 0.5])
    assert wider == [0, 0]
    assert module("share").oracle(*arguments, group=0) == [1, 1]
    assert module("share").oracle(*arguments, group=1) == [0, 0]


def test_nobody_meets_a_group_without_people():
    city = [[3.0, 1.0, 0.0], [1.0, 1.0, 0.0]]
    assert module("exposure").oracle(city, *home(city), group=0, other=2) == 0


@pytest.mark.parametrize("name", FOCAL)
def test_undefined_without_people_of_the_group(name):
    city = [[0.0, 3.0, 1.0], [0.0, 1.0, 1.0]]
    assert math.isnan(module(name).oracle(city, *home(city), **focal(name)))
    # the group has people, but none who meet anybody
    counts, composition, shares = met(float)
    assert math.isnan(module(name).oracle(counts, [None, None, composition[0]], shares, **{**focal(name), "group": 1}))


def test_local_values_of_units_without_people_or_surroundings_are_undefined():
    counts, composition, shares = met(float)
    for name in [*DIVERSITY, *LOCAL]:
        values = module(name).local([*counts, [0.0, 0.0]], [*composition, [0.5, 0.5]], shares, **focal(name))
        assert [math.isnan(value) for value in values] == [False, False, True, True]


def test_reference_without_the_group_is_undefined():
    quotients = module("location_quotient").oracle(*inexact(THREE), group=0, reference=[0.0, 0.5, 0.5])
    assert all(math.isnan(value) for value in quotients)
    divergences = module("divergence").oracle(*inexact(THREE), reference=[0.0, 0.5, 0.5])
    assert [math.isnan(value) for value in divergences] == [True, False, True]
    assert divergences[1] == pytest.approx(L2)


@given(city=cities(units=(1, 8)), data=st.data())
def test_terms_add_up_to_the_index(city, data):
    arguments = (city, *home(city))
    group, other = data.draw(st.permutations([m for m, share in enumerate(arguments[2]) if share > 0]))[:2]
    for name in [*POPULATION, *FOCAL]:
        params = {key: {"group": group, "other": other}[key] for key in focal(name)}
        terms = module(name).contributions(*arguments, **params)
        value = module(name).oracle(*arguments, **params)
        assert math.fsum(terms) == pytest.approx(value, rel=1e-10, abs=1e-12), name


@given(city=cities(units=(1, 8)))
def test_identities_of_many_groups(city):
    arguments = (city, *home(city))
    margin = rounding(arguments[2])
    value = {name: module(name).oracle(*arguments) for name in [*POPULATION, *DIVERSITY]}
    expected = value["entropy"] * value["information_theory"]
    assert value["mutual_information"] == pytest.approx(expected, abs=margin)
    assert value["gini"] >= value["dissimilarity"] - margin
    shares = arguments[2]
    groups = [m for m, share in enumerate(shares) if share > 0]
    # P is the mean of V weighted by the shares; exposure adds up to 1
    ratios = [shares[m] * module("correlation_ratio").oracle(*arguments, group=m) for m in groups]
    assert value["normalized_exposure"] == pytest.approx(math.fsum(ratios), abs=margin)
    others = [module("exposure").oracle(*arguments, group=groups[0], other=m) for m in groups]
    assert math.fsum(others) == pytest.approx(1.0, rel=1e-12)
    assert others[0] == pytest.approx(module("isolation").oracle(*arguments, group=groups[0]), rel=1e-12)
    # the people-weighted mean of the divergence is M, of the entropy E - M
    people = [add(row) for row in city]
    weighted = [
        t * d for t, d in zip(people, module("divergence").oracle(*arguments), strict=True) if not math.isnan(d)
    ]
    mean = math.fsum(weighted) / math.fsum(people)
    assert mean == pytest.approx(value["mutual_information"], abs=margin)


@given(city=cities(units=(1, 8), groups=(2, 2)))
def test_identities_of_two_groups(city):
    arguments = (city, *home(city))
    margin = rounding(arguments[2])
    value = module("relative_diversity").oracle(*arguments)
    assert module("normalized_exposure").oracle(*arguments) == pytest.approx(value, abs=margin)
    for group in range(2):
        assert module("correlation_ratio").oracle(*arguments, group=group) == pytest.approx(value, abs=margin)
    # Duncan: half the sum of |x_j / X - y_j / Y|
    x, y = (math.fsum(row[m] for row in city) for m in range(2))
    duncan = 0.5 * math.fsum(abs(row[0] / x - row[1] / y) for row in city)
    assert module("dissimilarity").oracle(*arguments) == pytest.approx(duncan, abs=margin)
