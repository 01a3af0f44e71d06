"""Merged units: who may be merged, what comes out, and what is refused."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import shapely
from libpysal.graph import Graph
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate import Population
from segregate.decomposition import _pairs
from tests.unit.merging_cases import assert_steps, of_counts, random_counts
from tests.unit.oracle_compress import merged_by_pairs

GROUPS = ["white", "black", "asian"]


@pytest.fixture
def city(land: gpd.GeoDataFrame) -> Population:
    return Population.from_frame(land, GROUPS, id="unit")


# neighbours


@pytest.fixture
def grid() -> Population:
    """Return a hundred squares, ten by ten, called by row and column."""
    counts = random_counts(6, 100, 3)
    shapes = [
        shapely.box(1000 * (j % 10), 1000 * (j // 10), 1000 * (j % 10 + 1), 1000 * (j // 10 + 1)) for j in range(100)
    ]
    frame = gpd.GeoDataFrame(pd.DataFrame(counts, columns=GROUPS), geometry=shapes, crs=32633)
    return Population.from_frame(frame.set_index(np.arange(100)), GROUPS)


def steps_of(grid: Population, moves) -> set:
    return {
        (j, j + across + 10 * along)
        for j in range(100)
        for across, along in moves
        if 0 <= j % 10 + across < 10 and j // 10 + along < 10
    }


@pytest.mark.parametrize(
    ("kind", "moves"),
    [(None, [(1, 0), (0, 1)]), ("rook", [(1, 0), (0, 1)]), ("queen", [(1, 0), (0, 1), (1, 1), (-1, 1)])],
)
def test_units_that_touch(grid, kind, moves):
    found = sg.compress(grid, neighbours="borders", kind=kind)
    assert found.neighbours == f"units that touch, {kind or 'rook'}"
    assert_steps(found, merged_by_pairs(grid.counts.astype(int).tolist(), steps_of(grid, moves)))


def test_all_ways_to_name_pairs(grid):
    pairs = sorted(steps_of(grid, [(1, 0), (0, 1)]))
    i, j = np.array(pairs).T
    matrix = scipy.sparse.coo_array((np.ones(len(i)), (i, j)), shape=(100, 100))
    graph = Graph.build_contiguity(grid.geometry, rook=True)
    usual = sg.compress(grid, neighbours="borders")
    for neighbours in (
        pairs,
        np.array(pairs)[:, ::-1],
        pd.DataFrame(pairs * 2, columns=["from", "to"]),
        matrix,
        matrix.T.tocsr(),
        graph,
        graph.assign_self_weight(),
    ):
        found = sg.compress(grid, neighbours=neighbours)
        assert found.neighbours == "given pairs"
        assert_array_equal(found.merged, usual.merged)
        assert found.losses.tobytes() == usual.losses.tobytes()


def test_merging_stops_where_no_pair_is_left():
    counts = [[9, 1], [8, 2], [1, 9], [0, 10], [5, 5]]
    merged = sg.compress(of_counts(counts, ids=list("abcde")), neighbours=[("a", "b"), ("d", "c")])
    assert merged.notes == ("no pair of neighbours links the 3 units that are left, so merging stops there",)
    assert "note: no pair" in repr(merged)
    assert "note: no pair" in merged._repr_html_()
    assert merged.table["n_units"].tolist() == [5, 4, 3]
    assert merged.crosswalk(n_units=3).tolist() == ["a", "a", "c", "c", "e"]
    left = of_counts([[17, 3], [1, 19], [5, 5]])
    assert merged.left == pytest.approx(sg.mutual_information(left), rel=1e-13)
    assert merged.table["M"].iloc[-1] == merged.left
    assert merged.units_at(0) == 3
    with pytest.raises(sg.ParameterError, match=r"n_units=2 is a whole number from 3 to 5 here"):
        merged.crosswalk(n_units=2)


def test_no_pairs_at_all():
    merged = sg.compress(of_counts([[1, 2], [2, 1]]), neighbours=[])
    assert merged.table["n_units"].tolist() == [2]
    assert merged.units_at(0.5) == 2


def test_parts_of_the_same_composition_have_no_information():
    merged = sg.compress(of_counts([[1, 2], [2, 1], [2, 1], [1, 2]]), neighbours=[(0, 1), (2, 3)])
    assert merged.left == 0
    assert merged.information[0] > 0


def test_nearest_units_with_ties_take_the_first():
    shares = np.array([[0.5, 0.5], [0.4, 0.6], [0.6, 0.4], [0.3, 0.7], [0.7, 0.3], [0.1, 0.9], [0.9, 0.1]])
    i, j = _pairs.in_composition(shares, 1)
    assert dict(zip(i.tolist(), j.tolist(), strict=True)) == {0: 1, 1: 0, 2: 0, 3: 1, 4: 2, 5: 3, 6: 4}
    i, j = _pairs.in_composition(np.tile([0.25, 0.75], (20, 1)), 3)
    assert j.reshape(20, 3)[[0, 1, 10, 19]].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 2], [0, 1, 2]]
    assert _pairs.in_composition(shares[:3], 9)[1].tolist() == [1, 2, 0, 2, 0, 1]


# units without people


def test_units_without_people_are_left_out(city):
    empty = city.ids[city.totals == 0]
    assert len(empty) == 2
    merged = sg.compress(city)
    assert merged.notes == ("2 units without people left out",)
    assert merged.table["n_units"].tolist() == list(range(58, 0, -1))
    crosswalk = merged.crosswalk(n_units=7)
    assert crosswalk.index.equals(city.ids)
    assert crosswalk[crosswalk.isna()].index.equals(empty)
    assert crosswalk.nunique() == 7
    few = merged.merge(n_units=7)
    assert few.notes[0].startswith("58 units merged into 7 (all pairs), which keep ")
    assert few.notes[0].endswith("% of M")
    assert few.notes[1] == "2 units without people left out"
    assert set(few.ids) == set(crosswalk.dropna())


def test_units_without_people_connect_nobody():
    merged = sg.compress(of_counts([[3, 1], [0, 0], [1, 3]]), neighbours=[(0, 1), (1, 2)])
    assert len(merged.losses) == 0
    assert len(merged.notes) == 2


@pytest.mark.parametrize(("kind", "expected"), [("int64", "Int64"), ("uint8", "UInt64"), ("float64", "float64")])
def test_labels_keep_their_kind(kind, expected):
    ids = np.array([7, 5, 3], dtype=kind)
    merged = sg.compress(of_counts([[3, 1], [0, 0], [1, 3]], ids=ids))
    assert merged.crosswalk(n_units=1).dtype == expected
    assert merged.crosswalk(n_units=1).tolist()[::2] == [3, 3]
    assert merged.crosswalk(n_units=1).isna().tolist() == [False, True, False]
    full = sg.compress(of_counts([[3, 1], [1, 3]], ids=ids[:2]))
    assert full.crosswalk(n_units=1).dtype == kind


# what comes out


def test_the_table():
    merged = sg.compress(of_counts([[8, 2], [2, 8], [7, 3]], ids=list("abc")))
    table = merged.table
    assert table.columns.to_list() == ["step", "n_units", "M", "loss", "share", "into", "merged"]
    assert table["step"].tolist() == [0, 1, 2]
    assert table["into"].tolist()[1:] == ["a", "a"]
    assert table["merged"].tolist()[1:] == ["c", "b"]
    assert table[["into", "merged"]].iloc[0].isna().all()
    table.loc[0, "M"] = -1
    assert merged.table.loc[0, "M"] > 0
    assert repr(merged).startswith("Compression of 3 units into 1 (all pairs): M 0.1")
    assert "units that keep 99% by 3, 95% by 2, 90% by 2" in repr(merged)
    assert "<table" in merged._repr_html_()


def test_results_are_read_only(city):
    merged = sg.compress(city)
    for array in (merged.into, merged.merged, merged.losses, merged.information, merged.merge(n_units=3).counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert_array_equal(city.counts, sg.compress(city).population.counts)


def test_units_at_is_the_fewest_that_keep_a_share(city):
    merged = sg.compress(city)
    table = merged.table
    for share in (1, 0.99, 0.5, 0.25, 0):
        enough = table[table["share"] >= share]
        assert merged.units_at(share) == enough["n_units"].min()
        assert merged.merge(keep=share).n_units == merged.units_at(share)
        assert merged.crosswalk(keep=share).nunique() == merged.units_at(share)


def test_shapes_are_dissolved_and_places_kept(city, land):
    merged = sg.compress(city, neighbours="borders")
    few = merged.merge(n_units=5)
    crosswalk = merged.crosswalk(n_units=5)
    assert few.crs == city.crs
    assert few.geometry.index.equals(few.ids)
    peopled = city.totals > 0
    for label in few.ids:
        parts = city.geometry[(crosswalk == label).to_numpy()]
        assert few.geometry[label].equals(shapely.union_all(parts.to_numpy()))
    assert few.area.sum() == pytest.approx(city.area[peopled].sum(), rel=1e-12)
    assert (few.geometry.geom_type == "Polygon").all()
    assert "borders" not in few.__dict__
    assert few.places.borders.i.size  # they are known anew
    assert list(few.groups) == GROUPS


def test_units_that_stay_alone_keep_their_shape_to_the_bit(city):
    whole = sg.compress(city).merge(n_units=58)
    peopled = city.totals > 0
    assert whole.geometry.geom_equals_exact(city.geometry[peopled], 0).all()
    assert whole.ids.equals(city.ids[peopled])
    pd.testing.assert_frame_equal(whole.attributes, city.attributes[peopled])


def test_attributes_stay_where_they_agree():
    frame = pd.DataFrame({"a": [9, 8, 1], "b": [1, 2, 9], "state": ["x", "x", "y"], "name": list("pqr")})
    frame["tags"] = [[1], [1], [2]]
    frame["land"] = ["z", None, None]
    merged = sg.compress(Population.from_frame(frame, ["a", "b"]))
    few = merged.merge(n_units=2)
    assert few.attributes.to_dict("list") == {"state": ["x", "y"]}
    assert few.notes[-1] == "3 columns left out, which differ within merged units: 'name', 'tags', 'land'"
    assert merged.merge(n_units=3).attributes.columns.to_list() == ["state", "name", "tags", "land"]
    one = sg.compress(Population.from_frame(frame.drop(columns=["name", "tags"]), ["a", "b"])).merge(n_units=2)
    assert one.notes[-1] == "1 column left out, which differs within merged units: 'land'"


def test_a_second_geometry_column_is_an_attribute(land):
    land["inner"] = land.geometry.buffer(-10)
    land["same"] = gpd.GeoSeries([shapely.Point(0, 0)] * 60, crs=land.crs)
    few = sg.compress(Population.from_frame(land, GROUPS, id="unit")).merge(n_units=5)
    assert "same" in few.attributes
    assert "inner" not in few.attributes


def test_points_become_the_mean_place_of_the_people():
    frame = pd.DataFrame({"a": [9, 27, 1], "b": [1, 3, 9], "x": [0.0, 400.0, 7.0], "y": [100.0, 500.0, 7.0]})
    pop = Population.from_frame(frame, ["a", "b"], points=("x", "y"), crs=32633)
    few = sg.compress(pop).merge(n_units=2)
    assert_allclose(few.points, [[300.0, 400.0], [7.0, 7.0]], rtol=1e-14)
    assert few.geometry.geom_type.to_list() == ["MultiPoint", "Point"]


def test_given_areas_are_added_up():
    frame = pd.DataFrame({"a": [9, 8, 1], "b": [1, 2, 9], "ha": [1.0, 2.0, 4.0]})
    few = sg.compress(Population.from_frame(frame, ["a", "b"], area=("ha", "ha"))).merge(n_units=2)
    assert few.area.tolist() == [30_000.0, 40_000.0]


def test_a_part_without_place_leaves_the_whole_without():
    frame = gpd.GeoDataFrame(
        {"a": [9, 8, 1, 0], "b": [1, 2, 9, 9], "x": [1.0, np.nan, 2.0, 4.0], "y": 1.0},
        geometry=[shapely.box(0, 0, 1, 1), None, shapely.box(1, 0, 2, 1), shapely.box(2, 0, 3, 1)],
        crs=32633,
    )
    few = sg.compress(Population.from_frame(frame, ["a", "b"])).merge(n_units=2)
    assert few.geometry.isna().tolist() == [True, False]
    placed = sg.compress(Population.from_frame(frame, ["a", "b"], points=("x", "y"))).merge(n_units=2)
    assert placed._points.isna().tolist() == [True, False]


def test_shapes_that_cross_themselves_are_dissolved():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    frame = gpd.GeoDataFrame(
        {"a": [9, 9, 1], "b": [1, 1, 9]}, geometry=[bow, shapely.box(2, 0, 3, 2), shapely.box(3, 0, 4, 2)]
    )
    few = sg.compress(Population.from_frame(frame, ["a", "b"])).merge(n_units=2)
    assert few.geometry.is_valid.all()
    assert few.geometry.area.tolist() == [4.0, 2.0]


def test_progress_is_told(city):
    for neighbours in ("all", 4, "borders"):
        seen = []
        sg.compress(city, neighbours=neighbours, progress=lambda done, todo, seen=seen: seen.append((done, todo)))
        assert seen == [(done, 57) for done in range(1, 58)]


def test_progress_on_a_bar(city, capsys):
    sg.compress(city, progress=True)
    assert capsys.readouterr().out == ""


# what is refused


def test_an_environment_is_refused(city):
    near = city.within(sg.Weights(scipy.sparse.eye_array(60)))
    with pytest.raises(
        sg.ParameterError, match=r"surroundings of merged units are not known: pass population\.home\(\)"
    ):
        sg.compress(near)
    assert len(sg.compress(near.home()).losses) == 57


def test_only_populations():
    with pytest.raises(sg.ParameterError, match="compress takes a Population, not DataFrame"):
        sg.compress(pd.DataFrame())


def test_two_groups_need_people():
    with pytest.raises(sg.DataError, match="'g1' alone has people: M compares at least two groups"):
        sg.compress(of_counts([[0, 3], [0, 4]]))
    with pytest.raises(sg.DataError, match="No group has people"):
        sg.compress(of_counts([[0, 0], [0, 0]]))


@pytest.mark.parametrize("neighbours", [0, -3, np.int64(0)])
def test_numbers_of_neighbours_start_at_one(city, neighbours):
    with pytest.raises(sg.ParameterError, match=r"number of units nearest in composition, 1 or more"):
        sg.compress(city, neighbours=neighbours)
    assert sg.compress(city, neighbours=np.int64(2)).neighbours == "2 nearest units in composition"
    assert sg.compress(city, neighbours=1).neighbours == "1 nearest unit in composition"


@pytest.mark.parametrize("neighbours", [None, True, 2.5, {"a": "b"}])
def test_what_names_no_neighbours(city, neighbours):
    with pytest.raises(
        sg.ParameterError, match=r"neighbours= takes 'all', 'borders', .* not (NoneType|bool|float|dict)"
    ):
        sg.compress(city, neighbours=neighbours)


def test_unknown_words(city):
    with pytest.raises(sg.ParameterError, match=r"neighbours='local' is not known; it is one of 'all', 'borders'"):
        sg.compress(city, neighbours="local")
    with pytest.raises(sg.ParameterError, match=r"kind='bishop' is not known; it is one of 'rook', 'queen'"):
        sg.compress(city, neighbours="borders", kind="bishop")
    with pytest.raises(sg.ParameterError, match=r"kind= is about units that touch; give neighbours='borders'"):
        sg.compress(city, kind="rook")


def test_tables_that_are_no_pairs(city):
    with pytest.raises(sg.ParameterError, match="this table of pairs has 3 columns"):
        sg.compress(city, neighbours=np.zeros((4, 3)))
    with pytest.raises(sg.ParameterError, match="these pairs make no table"):
        sg.compress(city, neighbours=np.zeros((4, 3, 2)))
    with pytest.raises(
        sg.UnknownNameError, match=r"2 ids in the pairs of neighbours= are not in the population \(first: 'x', 'y'\)"
    ):
        sg.compress(city, neighbours=[("x", city.ids[0]), (city.ids[1], "y"), ("x", "y")])
    with pytest.raises(sg.ParameterError, match=r"1 pair of neighbours= names one unit twice \(first: '00003'\)"):
        sg.compress(city, neighbours=[("00003", "00003"), ("00001", "00002")])


def test_graphs_that_do_not_fit(city):
    with pytest.raises(sg.ParameterError, match="matrix of weights is for 3 units, the population has 60"):
        sg.compress(city, neighbours=scipy.sparse.eye_array(3))


def test_borders_need_polygons(table):
    pop = Population.from_frame(table, GROUPS, id="unit")
    with pytest.raises(sg.GeometryError, match="The population has no geometry"):
        sg.compress(pop, neighbours="borders")


def test_how_far_to_merge_is_said_once(city):
    merged = sg.compress(city)
    for verb in (merged.crosswalk, merged.merge):
        with pytest.raises(sg.ParameterError, match="Give either n_units=, the number of units, or keep="):
            verb()
        with pytest.raises(sg.ParameterError, match="Give either n_units=, the number of units, or keep="):
            verb(n_units=3, keep=0.9)
        for wrong in (0, 59, 2.5, True, "3"):
            with pytest.raises(sg.ParameterError, match="is a whole number from 1 to 58 here"):
                verb(n_units=wrong)
        for wrong in (-0.1, 1.1, 95, float("nan"), "0.9", True):
            with pytest.raises(sg.ParameterError, match=r"keep=.* is a share of M, from 0 to 1"):
                verb(keep=wrong)
    with pytest.raises(sg.ParameterError, match=r"share=95 is a share of M, from 0 to 1"):
        merged.units_at(95)
    with pytest.raises(sg.ParameterError, match=r"share=None is a share of M, from 0 to 1"):
        merged.units_at(None)


def test_without_information_there_is_no_share():
    merged = sg.compress(of_counts([[1, 2], [2, 4], [3, 6]]))
    assert merged.table["share"].isna().all()
    assert merged.table["M"].tolist() == [0, 0, 0]
    assert "M is 0, nothing can be lost" in repr(merged)
    assert merged.merge(n_units=1).notes[-1] == "3 units merged into 1 (all pairs)"
    with pytest.raises(sg.DataError, match="M is 0: all units have the same composition"):
        merged.units_at(0.9)
    with pytest.raises(sg.DataError, match="Give n_units= instead"):
        merged.merge(keep=0.9)


def test_one_unit_with_people():
    merged = sg.compress(of_counts([[1, 2], [0, 0]]))
    assert merged.table["n_units"].tolist() == [1]
    assert merged.merge(n_units=1).counts.tolist() == [[1, 2]]
