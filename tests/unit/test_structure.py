"""Composition against spatial structure: values, what holds exactly, and examples by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import segregate as sg
from segregate.decomposition._structure_matching import matched_counts
from tests.unit import oracle_structure as oracle

INDICES = {
    "dissimilarity": oracle.dissimilarity,
    "information_theory": oracle.information_theory,
    "isolation": oracle.isolation,
    "correlation_ratio": oracle.correlation_ratio,
}


def population(units, points=None, names=("x", "y")):
    frame = pd.DataFrame(units, columns=list(names))
    if points is not None:
        frame = gpd.GeoDataFrame(frame, geometry=[Point(*point) for point in points], crs="EPSG:32633")
    return sg.Population.from_frame(frame, list(names))


def random_units(rng, n, most=30):
    """Return units of few people, so that shares are often equal, and some without people."""
    units = rng.integers(0, most, (n, 2))
    units[rng.random(n) < 0.15] = 0
    units[:2] = [[3, 1], [1, 4]]
    return [tuple(map(int, unit)) for unit in units]


def random_points(rng, n):
    return [tuple(point) for point in rng.uniform(0, 3000, (n, 2))]


def cities(seed, n=(17, 23)):
    rng = np.random.default_rng(seed)
    return [(random_units(rng, size), random_points(rng, size)) for size in n]


# matching -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_oracle_agrees_with_people_in_a_line(seed):
    rng = np.random.default_rng(seed)
    a, b = random_units(rng, 5, most=6), random_units(rng, 6, most=6)
    assert oracle.laid_on(a, b) == oracle.laid_person_by_person(a, b)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("factor", [1.0, 0.1, 1e7])
def test_shares_are_laid_on_units_as_the_oracle_lays_them(seed, factor):
    (a, _), (b, _) = cities(seed)
    found = matched_counts(np.array(a) * factor, np.array(b) * 3.7)
    expected = np.array(oracle.laid_on(a, b), dtype=float) * factor
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12 * factor)


@pytest.mark.parametrize("seed", range(5))
def test_units_keep_their_people_and_the_city_takes_the_other_share(seed):
    (a, _), (b, _) = (tuple(map(np.array, city)) for city in cities(seed))
    found = matched_counts(a.astype(float), b.astype(float))
    np.testing.assert_allclose(found.sum(axis=1), a.sum(axis=1), rtol=1e-14)
    assert found[:, 0].sum() / found.sum() == pytest.approx(b[:, 0].sum() / b.sum(), rel=1e-13)
    order = np.argsort(a[:, 0] / np.maximum(a.sum(axis=1), 1), kind="stable")
    order = order[a[order].sum(axis=1) > 0]
    shares = found[order, 0] / found[order].sum(axis=1)
    assert (np.diff(shares) >= -1e-12).all()  # the order of the shares stays


def test_equal_shares_take_the_mean_of_their_block():
    a = np.array([[5.0, 5.0], [10.0, 10.0], [9.0, 1.0]])  # 30 people at 1/2, 10 at 9/10
    b = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])  # a quarter at 0, a half at 1/2, a quarter at 1
    np.testing.assert_allclose(matched_counts(a, b), [[10 / 3, 20 / 3], [20 / 3, 40 / 3], [10, 0]], rtol=1e-15)


def test_shares_that_differ_by_a_rounding_are_equal():
    factors = np.random.default_rng(0).uniform(0.1, 2, 40)
    parts = np.array([[1.0, 2.0]] * 40 + [[100.0, 3.0]]) * np.append(factors, 1)[:, None]
    assert len(set((parts[:40, 0] / parts[:40].sum(axis=1)).tolist())) > 1  # 1/3 comes in several roundings
    found = matched_counts(parts, np.array([[1.0, 9.0], [2.0, 8.0], [9.0, 1.0], [6.0, 4.0]]))
    shares = found[:, 0] / found.sum(axis=1)
    assert np.ptp(shares[:40]) < 1e-15
    assert shares[40] > shares[0] + 0.1


def test_the_smallest_unit_has_a_share():
    a = np.array([[1.0, 2.0], [2e-20, 1e-20], [3.0, 1.0]])
    found = matched_counts(a, np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert np.isfinite(found).all()
    assert found[1].sum() == pytest.approx(3e-20)


def test_a_share_near_one_keeps_its_digits():
    a = np.array([[1e9, 1.0], [1e9, 2.0], [5.0, 5.0]])
    b = np.array([[1e9, 3.0], [1e9, 7.0], [5.0, 5.0]])
    found = matched_counts(a, b)
    expected = np.array(oracle.laid_on([tuple(map(int, u)) for u in a], [tuple(map(int, u)) for u in b]), dtype=float)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


# values ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("radius", [0, 900])
def test_values_are_those_of_the_oracle(seed, name, radius):
    (a, at_a), (b, at_b) = cities(seed)
    pops = [population(units, points) for units, points in ((a, at_a), (b, at_b))]
    around = [None, None]
    if radius:
        pops = [pop.within(sg.Kernel(radius)) for pop in pops]
        around = [oracle.kernel_weights(points, radius) for points in (at_a, at_b)]
    found = sg.structure(*pops, name)
    values, parts = oracle.structure(a, b, INDICES[name], *around)
    assert found.a == pytest.approx(values["a", "a"], rel=1e-10)
    assert found.b == pytest.approx(values["b", "b"], rel=1e-10)
    assert found.a_with_shares_of_b == pytest.approx(values["a", "b"], rel=1e-10)
    assert found.b_with_shares_of_a == pytest.approx(values["b", "a"], rel=1e-10)
    assert found.composition == pytest.approx(parts["shares"], abs=1e-11)
    assert found.structure == pytest.approx(parts["places"], abs=1e-11)


@pytest.mark.parametrize("environment", [sg.Nearest(60), sg.Decay(400, self_distance="zero")])
def test_the_environment_counts_everybody(environment):
    """With two of three groups the nearest people are those of all three, and stay so in other tables."""
    rng = np.random.default_rng(5)
    pops, units, weights = [], [], []
    for n in (12, 15):
        counts, points = rng.integers(1, 30, (n, 3)), random_points(rng, n)
        home = population(counts, points, ("x", "z", "y"))
        pops.append(home.within(environment))
        units.append([(int(x), int(y)) for x, _, y in counts])
        weights.append(environment.on(home).to_sparse().toarray())
    found = sg.structure(*pops, "H", group="x", other="y")
    values, parts = oracle.structure(*units, oracle.information_theory, *weights)
    assert found.a == pytest.approx(values["a", "a"], rel=1e-10)
    assert found.a_with_shares_of_b == pytest.approx(values["a", "b"], rel=1e-10)
    assert found.b_with_shares_of_a == pytest.approx(values["b", "a"], rel=1e-10)
    assert found.structure == pytest.approx(parts["places"], abs=1e-11)


def test_one_group_against_the_rest():
    city = sg.sample("sacramento").split("county")
    a, b = city["Placer"], city["Sacramento"]
    for name in ("H", "isolation", "exposure", "D"):
        found = sg.structure(a, b, name, group="black")
        by_hand = sg.structure(a.versus("black"), b.versus("black"), name)
        assert (found.a, found.b, found.structure) == (by_hand.a, by_hand.b, by_hand.structure)
    assert found.a == sg.dissimilarity(a.versus("black"))
    assert (found.about["group"], found.about["versus"]) == ("black", "rest")
    named = sg.structure(a, b, "D", group="black", other="rest")
    assert named.composition == found.composition


def test_of_two_groups_either_can_be_the_group():
    (a, _), (b, _) = cities(3)
    a, b = population(a), population(b)
    assert sg.structure(a, b, "isolation").a == sg.isolation(a, group="x")
    assert sg.structure(a, b, "isolation", group="y").a == sg.isolation(a, group="y")
    assert sg.structure(a, b, "isolation", group="y", other="x").b == sg.isolation(b, group="y")
    swapped = b.select("y", "x")
    assert sg.structure(a, swapped, "isolation").composition == pytest.approx(
        sg.structure(a, b, "isolation").composition, abs=1e-14
    )


# what holds -----------------------------------------------------------------------------


def everywhere():
    """Return every index of whole populations that two groups have without further parameters."""
    table = sg.catalogue()
    fits = table["level"].isin(["global", "both"]) & (table["required"].map(len) == 0) & (table["family"] != "scale")
    return table.index[fits].to_list()


def squares(counts, wider=0):
    """Return cells of 100 m, or columns of which each is some metres wider than the last."""
    side = int(np.sqrt(len(counts)))
    edges = np.concatenate([[0], np.cumsum(100 + wider * np.arange(side))])
    where = [(k % side, k // side) for k in range(side**2)]
    cells = [box(edges[x], 100 * y, edges[x + 1], 100 * y + 100) for x, y in where]
    frame = gpd.GeoDataFrame(counts, columns=["x", "y"], geometry=cells, crs="EPSG:32633")
    return sg.Population.from_frame(frame, ["x", "y"])


@pytest.mark.parametrize("name", everywhere())
def test_a_population_against_itself_gives_exactly_zero(name):
    rng = np.random.default_rng(2)
    counts = rng.integers(0, 40, (36, 2))
    counts[4] = 0
    for pop in (squares(counts, 7), squares(counts, 7).within(sg.Kernel(150))):
        if not (pop.at_home or sg.catalogue().loc[name, "environment"]):
            continue
        found = sg.structure(pop, pop, name)
        assert np.isfinite(found.a)
        assert (found.difference, found.composition, found.structure) == (0, 0, 0)
        rows = rng.permutation(36)
        if pop.at_home:
            moved = sg.Population.from_frame(pop.to_frame().iloc[rows], ["x", "y"])
            found = sg.structure(pop, moved, name)
            assert found.composition == pytest.approx(0, abs=1e-12 * max(1, abs(found.a)))
            assert found.structure == pytest.approx(0, abs=1e-12 * max(1, abs(found.a)))


def test_even_nearly_equal_shares_give_exactly_zero():
    """A chain of shares each equal to the next: one block, whose units keep what they are."""
    first = 0.3 * (1 + 8e-13 * np.arange(12))
    pop = population(np.column_stack([first, 1 - first]) * np.arange(1, 13)[:, None])
    found = sg.structure(pop, pop, "V")
    assert (found.difference, found.composition, found.structure) == (0, 0, 0)


@pytest.mark.parametrize("name", everywhere())
def test_parts_add_up_and_change_sign_when_cities_are_exchanged(name):
    rng = np.random.default_rng(11)
    for within in (False, True):
        pops = [squares(rng.integers(0, 40, (n, 2)), 7) for n in (25, 36)]
        if within:
            if not sg.catalogue().loc[name, "environment"]:
                continue
            pops = [pop.within(sg.Kernel(150)) for pop in pops]
        found, back = sg.structure(*pops, name), sg.structure(*pops[::-1], name)
        large = max(1, abs(found.a), abs(found.b))
        assert np.isfinite([found.composition, found.structure]).all()
        assert found.composition + found.structure == pytest.approx(found.b - found.a, abs=1e-12 * large)
        assert found.difference == found.b - found.a
        assert (back.composition, back.structure, back.difference) == (
            -found.composition,
            -found.structure,
            -found.difference,
        )
        assert back.a_with_shares_of_b == found.b_with_shares_of_a


@pytest.mark.parametrize("within", [False, True])
def test_neither_the_order_of_units_nor_that_of_groups_matters(within):
    rng = np.random.default_rng(4)
    pops = [squares(rng.integers(0, 9, (n, 2))) for n in (25, 36)]
    other = [sg.Population.from_frame(pop.to_frame().iloc[rng.permutation(pop.n_units)], ["y", "x"]) for pop in pops]
    if within:
        pops, other = ([pop.within(sg.Kernel(150)) for pop in both] for both in (pops, other))
    for name in ("D", "H", "M", "gini"):
        found, again = sg.structure(*pops, name), sg.structure(*other, name)
        assert again.composition == pytest.approx(found.composition, abs=1e-12)
        assert again.structure == pytest.approx(found.structure, abs=1e-12)


def test_neither_does_scale_or_a_unit_without_people():
    (a, _), (b, _) = cities(8)
    found = sg.structure(population(a), population(b), "H")
    again = sg.structure(population(np.array([*a, (0, 0)]) * 0.1), population(np.array(b) * 13), "H")
    assert again.composition == pytest.approx(found.composition, abs=1e-12)
    assert again.structure == pytest.approx(found.structure, abs=1e-12)


# by hand --------------------------------------------------------------------------------


def halves_and_checkerboard():
    """Return 10 x 10 squares, 90/10 against 10/90: two halves, and a checkerboard."""
    k = np.arange(100)
    west, black = k % 10 < 5, (k % 10 + k // 10) % 2 == 0
    return [squares(np.where(high[:, None], [90, 10], [10, 90])) for high in (west, black)]


@pytest.mark.parametrize("name", ["D", "H", "isolation", "V"])
def test_a_checkerboard_differs_from_two_halves_by_structure_alone(name):
    halves, checkers = (pop.within(sg.Kernel(250)) for pop in halves_and_checkerboard())
    found = sg.structure(checkers, halves, name)
    assert found.composition == 0
    assert found.structure == found.difference
    assert found.structure > 0.2
    home = sg.structure(checkers.home(), halves.home(), name)
    assert (home.composition, home.structure, home.difference) == (0, 0, 0)


def test_an_index_of_clustering_tells_them_apart_at_home_too():
    halves, checkers = halves_and_checkerboard()
    found = sg.structure(checkers, halves, sg.bind("spatial_proximity", scale=100))
    assert found.a == pytest.approx(0.9821, abs=5e-5)  # known values of these two cities
    assert found.b == pytest.approx(1.4606, abs=5e-5)
    assert found.composition == 0
    assert found.structure == found.difference


def test_one_kernel_and_only_other_shares_give_composition_alone():
    """The same cells in the same order of shares, with 90/10 and with 70/30."""
    strong, _ = halves_and_checkerboard()
    weak = squares(np.where(strong.counts == 90, 70, 30))
    found = sg.structure(weak.within(sg.Kernel(250)), strong.within(sg.Kernel(250)), "H")
    assert found.structure == pytest.approx(0, abs=1e-15)
    assert found.composition == pytest.approx(found.difference, abs=1e-15)


def test_at_home_structure_is_what_larger_units_average_away():
    """Two units of shares 1/5 and 4/5, and four of 0, 2/5, 3/5 and 1 whose halves have these means.

    V is the variance of the shares over P (1 - P): .09 / .25 = .36 and .13 / .25 = .52. The two units cannot take on
    the four shares (.36 again); the four can take on the two (.36). So composition and structure have .08 each.
    """
    two, four = population([(2, 8), (8, 2)]), population([(0, 5), (2, 3), (3, 2), (5, 0)])
    found = sg.structure(two, four, "V")
    values = [found.a, found.a_with_shares_of_b, found.b_with_shares_of_a, found.b]
    assert values == pytest.approx([0.36, 0.36, 0.36, 0.52], abs=1e-15)
    assert [found.composition, found.structure] == pytest.approx([0.08, 0.08], abs=1e-15)
    assert found.tables["spread"].to_numpy() == pytest.approx(np.sqrt([0.09, 0.09, 0.09, 0.13]))
    assert found.notes == (
        "on the units of a the shares of b keep 69% of their variance: many people of a live in units of one share, or "
        "in few units",
    )
