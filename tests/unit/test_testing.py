"""The synthetic city of schools is what it says it is."""

import numpy as np
import pytest

import segregate as sg
from segregate.errors import ParameterError
from segregate.testing import GROUPS, school_city


@pytest.fixture(scope="module")
def city():
    return school_city(3)


def test_what_there_is(city):
    assert city.blocks.n_units == 400
    assert city.schools.n_units == 10
    assert city.blocks.groups == city.schools.groups == GROUPS
    assert (city.blocks.geometry.geom_type == "Polygon").all()
    np.testing.assert_allclose(city.blocks.area, 200.0**2)
    assert set(city.schools.attributes["sector"]) == {"public", "private", "charter"}
    assert set(city.blocks.attributes["district"]) == {"West", "East"}
    assert len(city.streets) == 2 * 20 * 21
    assert len({shape.wkb for shape in city.streets.geometry}) == len(city.streets)
    np.testing.assert_allclose(city.streets.length, 200)
    assert set(city.places["kind"]) == {"square", "library", "clinic"}
    assert city.years == (2020, 2025)
    assert city.blocks is city.blocks_by_year[2025]
    assert "synthetic" in city.blocks.source
    assert repr(city).startswith("SchoolCity: 400 blocks, 10 schools")


def test_everybody_learns_somewhere_and_has_room(city):
    for year in city.years:
        homes, schools = city.blocks_by_year[year], city.schools_by_year[year]
        np.testing.assert_array_equal(homes.counts.sum(axis=0), schools.counts.sum(axis=0))
        assert (schools.totals <= schools.attributes["capacity"].to_numpy()).all()
        for pop in (homes, schools):
            np.testing.assert_array_equal(pop.counts, np.rint(pop.counts))
            assert (pop.counts >= 0).all()
            assert (pop.totals > 0).all()


def test_zones_are_those_of_the_nearest_public_school(city):
    public = (city.schools.attributes["sector"] == "public").to_numpy()
    gaps = city.blocks.points[:, None, :] - city.schools.points[public][None]
    away = np.hypot(gaps[..., 0], gaps[..., 1])
    given = city.schools.ids[public].get_indexer(city.zones)
    np.testing.assert_allclose(away[np.arange(400), given], away.min(axis=1))
    assert city.zones.index.equals(city.blocks.ids)


def test_the_same_seed_is_the_same_city(city):
    again, other = school_city(3), school_city(4)
    np.testing.assert_array_equal(again.blocks.counts, city.blocks.counts)
    np.testing.assert_array_equal(again.schools.counts, city.schools.counts)
    assert not np.array_equal(other.blocks.counts, city.blocks.counts)


@pytest.mark.parametrize("seed", range(3))
def test_the_truth_comes_out(seed):
    small = {"blocks": (10, 12), "schools": 5}
    nobody = school_city(seed, choice=0, **small)
    found = sg.schools.gap(nobody.schools, nobody.blocks, zones=nobody.zones)
    assert nobody.truth["choice"] == 0
    assert abs(found.choice) < 1e-12
    assert found.residence > 0.01
    even = school_city(seed, residence=0, effect=0, **small)
    found = sg.schools.gap(even.schools, even.blocks, zones=even.zones)
    assert even.truth["residence"] == even.truth["homes"] == 0
    assert abs(found.residence) < 1e-12
    assert abs(found.homes) < 1e-12
    assert found.choice > 0
    moved = school_city(seed, effect=0.2, **small)
    change = sg.before_after(
        moved.blocks_by_year[2020],
        moved.blocks,
        area="invested",
        index="share",
        group="minority",
        placebos=9,
        replicates=9,
        rng=0,
    )
    assert moved.truth["effect"] < -0.1
    assert change.value == pytest.approx(moved.truth["effect"], rel=1e-12)
    assert school_city(seed, effect=0, **small).truth["effect"] == 0


def test_homes_are_more_separated_as_asked():
    values = [sg.information_theory(school_city(2, residence=part, effect=0).blocks) for part in (0, 0.3, 0.6, 1)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0, abs=1e-12)
    assert values[-1] > 0.2


def test_years_between():
    city = school_city(0, years=(2010, 2015, 2020))
    shares = [
        pop.subset(pop.attributes["invested"].to_numpy()).shares[1] for _, pop in sorted(city.blocks_by_year.items())
    ]
    assert shares[0] > shares[1] > shares[2]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"choice": 2}, "choice=2 is a share from 0 to 1"),
        ({"years": (2020,)}, "two or more, rising"),
        ({"years": (2020, 2010)}, "two or more, rising"),
        ({"blocks": (1, 5)}, "rows and columns of blocks"),
        ({"blocks": (2, 2), "schools": 5}, "from 1 to that of the blocks"),
        ({"size": 0}, "a length in metres"),
    ],
)
def test_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        school_city(**given)
