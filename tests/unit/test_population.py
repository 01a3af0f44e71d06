"""Population: what the door makes of a table, and the populations made from it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from shapely import Point, box

import segregate as sg
from segregate import Population

GROUPS = ["white", "black", "asian"]


@pytest.fixture
def small() -> pd.DataFrame:
    return pd.DataFrame(
        {"white": [90, 10, 0, 40], "black": [10, 90, 0, 0], "asian": [0, 50, 0, 10], "zone": ["n", "s", "s", "n"]},
        index=["a", "b", "c", "d"],
    )


@pytest.fixture
def city(small: pd.DataFrame) -> Population:
    return Population.from_frame(small, GROUPS)


# what there is


def test_arrays_of_a_population(city: Population):
    assert_array_equal(city.counts, [[90, 10, 0], [10, 90, 50], [0, 0, 0], [40, 0, 10]])
    assert_array_equal(city.totals, [100, 150, 0, 50])
    assert_allclose(city.composition, [[0.9, 0.1, 0], [1 / 15, 0.6, 1 / 3], [np.nan] * 3, [0.8, 0, 0.2]], rtol=1e-15)
    assert_allclose(city.shares, [140 / 300, 100 / 300, 60 / 300], rtol=1e-15)
    assert city.surroundings is city.counts
    assert (city.n_units, city.n_groups, city.size) == (4, 3, 300.0)
    assert city.groups == ("white", "black", "asian")
    assert list(city.ids) == ["a", "b", "c", "d"]
    assert list(city.attributes.columns) == ["zone"]
    assert list(city.attributes.index) == ["a", "b", "c", "d"]
    assert (city.geometry, city.crs, city.source, city.notes) == (None, None, None, ())
    assert str(city.environment) == "home"


def test_counts_are_float64_in_c_order_whatever_comes(small: pd.DataFrame):
    mixed = small.astype({"white": "int8", "black": "Float32"})
    mixed["asian"] = pd.Series([0, 50.0, 0, 10], index=small.index, dtype=object)
    for frame in (small, mixed, small[["asian", "zone", "black", "white"]]):
        counts = Population.from_frame(frame, GROUPS).counts
        assert counts.dtype == np.float64
        assert counts.flags.c_contiguous
        assert_array_equal(counts, [[90, 10, 0], [10, 90, 50], [0, 0, 0], [40, 0, 10]])


def test_groups_keep_the_order_in_which_they_are_asked_for(small: pd.DataFrame):
    population = Population.from_frame(small, ["asian", "white"])
    assert population.groups == ("asian", "white")
    assert_array_equal(population.counts[1], [50, 10])
    assert list(population.attributes.columns) == ["black", "zone"]


def test_names_of_groups_that_are_numbers():
    frame = pd.DataFrame({2011: [1, 2], 2012: [3, 4], "1": [5, 6], 1: [7, 8]})
    population = Population.from_frame(frame, [2012, 1])
    assert population.groups == ("2012", "1")
    assert_array_equal(population.counts, [[3, 7], [4, 8]])
    assert population.attributes.columns.to_list() == [2011, "1"]


def test_a_column_name_that_reads_like_another_is_not_a_duplicate():
    frame = pd.DataFrame([[1, 2, 3, 4]] * 2, columns=[1, "1", "1", 2])
    assert_array_equal(Population.from_frame(frame, [1, 2]).counts, [[1, 4], [1, 4]])


def test_source_travels_and_the_frame_keeps_its_attrs(small: pd.DataFrame):
    small.attrs["segregate"] = {"source": "city.gpkg"}
    population = Population.from_frame(small, GROUPS)
    assert population.source == "city.gpkg"
    assert population.within(sg.Home()).subset([True, True, False, True]).versus("black").source == "city.gpkg"
    assert small.attrs == {"segregate": {"source": "city.gpkg"}}


def test_repr_shows_groups_totals_crs_and_bounds(small: pd.DataFrame):
    shapes = gpd.GeoDataFrame(small, geometry=[box(i, 0, i + 1, 2) for i in range(4)], crs="EPSG:32633")
    text = repr(Population.from_frame(shapes, GROUPS))
    for piece in (
        "4 units",
        "3 groups",
        "300 people",
        "white",
        "140",
        "46.7%",
        "WGS 84 / UTM zone 33N",
        "0, 0 to 4, 2",
    ):
        assert piece in text
    page = Population.from_frame(shapes, GROUPS)._repr_html_()
    assert "<table>" in page
    assert "46.7%" in page


def test_repr_html_escapes_names():
    frame = pd.DataFrame({"<b>": [1, 2], "b": [2, 1]})
    assert "<th><b></th>" not in Population.from_frame(frame, ["<b>", "b"])._repr_html_()


def test_repr_without_people_or_shapes(small: pd.DataFrame):
    empty = gpd.GeoDataFrame(small[GROUPS] * 0, geometry=[None] * 4, crs=4326)
    assert "nan" not in repr(Population.from_frame(empty, GROUPS))


# ids and attributes


def test_id_column_gives_the_ids_and_stays_an_attribute(small: pd.DataFrame):
    population = Population.from_frame(small.assign(tract=["07", "01", "03", "02"]), GROUPS, id="tract")
    assert list(population.ids) == ["07", "01", "03", "02"]
    assert population.ids.name == "tract"
    table = sg.measure(population, "D", by="tract")
    assert table["tract"].tolist() == ["01", "02", "03", "07"]


@pytest.mark.parametrize("as_index", [True, False])
def test_to_frame_can_be_reset_and_written_where_the_index_is_named_like_a_column(
    small: pd.DataFrame, tmp_path, as_index: bool
):
    small = small.assign(tract=["07", "01", "03", "02"])
    shapes = gpd.GeoDataFrame(small, geometry=[box(i, 0, i + 1, 2) for i in range(4)], crs="EPSG:32633")
    if as_index:
        population = Population.from_frame(shapes.set_index("tract", drop=False), GROUPS)
    else:
        population = Population.from_frame(shapes, GROUPS, id="tract")
    frame = population.to_frame()
    assert frame.reset_index()["tract"].tolist() == ["07", "01", "03", "02"]
    frame.to_file(tmp_path / "tracts.gpkg")
    assert gpd.read_file(tmp_path / "tracts.gpkg")["tract"].tolist() == ["07", "01", "03", "02"]


def test_to_frame_gives_back_what_came_in(small: pd.DataFrame):
    frame = Population.from_frame(small, GROUPS).to_frame()
    pd.testing.assert_frame_equal(frame, small.astype(dict.fromkeys(GROUPS, float)))
    again = Population.from_frame(frame, GROUPS)
    assert_array_equal(again.counts, small[GROUPS])


def test_to_frame_keeps_attributes_of_the_same_name_apart():
    frame = pd.DataFrame([[1, 2, 3, 4], [5, 6, 7, 8]], columns=["a", "b", "z", "z"])
    out = Population.from_frame(frame, ["a", "b"]).to_frame()
    assert out.columns.to_list() == ["a", "b", "z", "z"]
    assert_array_equal(out.to_numpy(), frame.to_numpy())


def test_frame_with_several_geometry_columns(small: pd.DataFrame):
    shapes = gpd.GeoDataFrame(small, geometry=[box(i, 0, i + 1, 2) for i in range(4)], crs="EPSG:32633")
    shapes = shapes.rename_geometry("border")
    shapes["geometry"] = gpd.GeoSeries([Point(i, i) for i in range(4)], index=small.index, crs="EPSG:32633")
    population = Population.from_frame(shapes, GROUPS)
    assert (population.geometry.geom_type == "Polygon").all()
    frame = population.to_frame()
    assert (frame.geometry.geom_type == "Polygon").all()
    assert (frame["geometry"].geom_type == "Point").all(), "the second geometry column is lost"


def test_attributes_named_like_a_new_group_are_kept_apart(small: pd.DataFrame):
    frame = small.assign(other=["p", "q", "r", "s"], people=[100, 200, 0, 50])
    population = Population.from_frame(frame, GROUPS, total="people")
    assert population.groups == ("white", "black", "asian", "other")
    assert population.counts[1, 3] == 50
    assert population.attributes["other"].tolist() == ["p", "q", "r", "s"]


# total, other, excess, missing


def test_total_makes_the_group_other_and_says_so(small: pd.DataFrame):
    population = Population.from_frame(small.assign(people=[100, 200, 0, 50]), ["white", "black"], total="people")
    assert population.groups == ("white", "black", "other")
    assert_array_equal(population.counts[:, 2], [0, 100, 0, 10])
    assert population.size == 350
    assert len(population.notes) == 1
    assert "'other': 110 people (31.4%)" in population.notes[0]
    assert "people" in population.attributes


def test_total_with_one_listed_group_is_two_groups(small: pd.DataFrame):
    population = Population.from_frame(small.assign(people=[100, 200, 0, 50]), ["black"], total="people")
    assert_array_equal(population.counts, [[10, 90], [90, 110], [0, 0], [0, 50]])


def test_total_within_rounding_of_the_sum_is_no_excess():
    frame = pd.DataFrame({"a": [0.1, 1e6 / 3], "b": [0.2, 1e6 / 3], "c": [0.3, 1e6 / 3], "t": [0.6, 1e6]})
    population = Population.from_frame(frame, ["a", "b", "c"], total="t")
    assert_array_equal(population.counts[:, 3], 0)


def test_groups_above_the_total_are_named(small: pd.DataFrame):
    frame = small.assign(people=[100, 149, 0, 30])
    with pytest.raises(sg.DataError, match=r"2 units of 4 .*'b', 'd'.*21 people in all, at most 20 in one.*excess="):
        Population.from_frame(frame, GROUPS, total="people")


def test_excess_groups_takes_the_sum_and_reports_count_and_size(small: pd.DataFrame):
    population = Population.from_frame(small.assign(people=[110, 149, 0, 30]), GROUPS, total="people", excess="groups")
    assert_array_equal(population.counts[:, 3], [10, 0, 0, 0])
    assert_array_equal(population.totals, [110, 150, 0, 50])
    assert "2 units of 4" in population.notes[0]
    assert "21 people" in population.notes[0]


@pytest.mark.parametrize("option", [{"excess": "groups"}, {"crs": "EPSG:32633"}])
def test_options_that_could_do_nothing_are_refused(small: pd.DataFrame, option: dict[str, str]):
    (name,) = option
    with pytest.raises(sg.ParameterError, match=f"{name}="):
        Population.from_frame(small, GROUPS, **option)


def test_missing_drop_says_how_many_and_whom(small: pd.DataFrame):
    frame = small.astype({"black": "Int64"})
    frame.loc["b", "black"] = pd.NA
    population = Population.from_frame(frame, GROUPS, missing="drop")
    assert list(population.ids) == ["a", "c", "d"]
    assert list(population.attributes.index) == ["a", "c", "d"]
    assert "1 unit of 4" in population.notes[0]
    assert "'b'" in population.notes[0]
    assert "60 people" in population.notes[0]


def test_missing_drop_of_everything_is_an_error(small: pd.DataFrame):
    with pytest.raises(sg.DataError, match="No unit has a complete count"):
        Population.from_frame(small.assign(white=np.nan), GROUPS, missing="drop")


def test_missing_drop_keeps_geometry_points_and_area_aligned(small: pd.DataFrame):
    frame = small.astype({"black": float}).assign(x=[0.0, 1, 2, 3], y=0.0, hectares=[1.0, 2, 3, 4])
    frame.loc["b", "black"] = np.nan
    shapes = gpd.GeoDataFrame(frame, geometry=[box(i, 0, i + 1, 2) for i in range(4)], crs="EPSG:32633")
    population = Population.from_frame(shapes, GROUPS, missing="drop", points=("x", "y"), area=("hectares", "ha"))
    assert_array_equal(population.points[:, 0], [0, 2, 3])
    assert_array_equal(population.area, [10000, 30000, 40000])
    assert_array_equal(population.geometry.bounds["minx"], [0, 2, 3])


# long tables


def test_from_long_adds_up_and_fills_pairs_without_a_row_with_zero():
    rows = pd.DataFrame(
        {"school": ["q", "p", "q", "p", "q"], "race": ["y", "x", "y", "z", "x"], "n": [1, 2, 3, 4, 0.5], "town": "T"}
    )
    population = Population.from_long(rows, unit="school", group="race", count="n")
    assert population.groups == ("x", "y", "z")
    assert list(population.ids) == ["q", "p"]
    assert population.ids.name == "school"
    assert_array_equal(population.counts, [[0.5, 4, 0], [2, 0, 4]])
    assert population.attributes["town"].tolist() == ["T", "T"]


def test_from_long_with_one_row_per_person():
    people = pd.DataFrame({"school": list("aabb"), "race": list("xyxx")})
    assert_array_equal(Population.from_long(people, unit="school", group="race").counts, [[1, 1], [2, 0]])


def test_from_long_sorts_numbers_as_numbers_and_keeps_the_order_of_categories():
    rows = pd.DataFrame({"u": list("aabb"), "g": [10, 2, 2, 10], "n": [1, 2, 3, 4]})
    assert Population.from_long(rows, unit="u", group="g", count="n").groups == ("2", "10")
    ranks = pd.Categorical(["low", "high", "low", "high"], categories=["low", "middle", "high"])
    population = Population.from_long(rows.assign(g=ranks), unit="u", group="g", count="n")
    assert population.groups == ("low", "high")
    assert_array_equal(population.counts, [[1, 2], [3, 4]])


def test_from_long_attributes_are_what_is_the_same_in_all_rows_of_a_unit():
    rows = pd.DataFrame(
        {"u": list("aabb"), "g": list("xyxy"), "n": [1, 2, 3, 4], "same": [1, 1, 2, 2], "differs": [1, 2, 3, 3]}
    )
    assert list(Population.from_long(rows, unit="u", group="g", count="n").attributes.columns) == ["same"]


def test_from_long_keeps_geometry():
    rows = gpd.GeoDataFrame(
        {"u": list("aabb"), "g": list("xyxy"), "n": [1, 2, 3, 4]},
        geometry=[Point(0, 0), Point(0, 0), Point(3, 4), Point(3, 4)],
        crs="EPSG:32633",
    )
    population = Population.from_long(rows, unit="u", group="g", count="n")
    assert_array_equal(population.points, [[0, 0], [3, 4]])


def test_from_long_missing_rows():
    rows = pd.DataFrame({"u": ["a", None, "b", "b"], "g": list("xyxy"), "n": [1, 2, 3, 4]})
    with pytest.raises(sg.DataError, match=r"1 row of 4 .*'u': 1.*missing='drop'"):
        Population.from_long(rows, unit="u", group="g", count="n")
    population = Population.from_long(rows, unit="u", group="g", count="n", missing="drop")
    assert_array_equal(population.counts, [[1, 0], [3, 4]])
    assert "1 row of 4" in population.notes[0]
    assert "2 people" in population.notes[0]


def test_from_long_equals_from_frame(table: pd.DataFrame):
    rows = table.melt(id_vars="unit", value_vars=GROUPS, var_name="race", value_name="n").sample(frac=1, random_state=1)
    long = Population.from_long(rows, unit="unit", group="race", count="n")
    wide = Population.from_frame(table, GROUPS, id="unit")
    assert sg.information_theory(long) == pytest.approx(sg.information_theory(wide), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "g"}, "different columns"),
        ({"group": "race"}, "no column 'race'"),
        ({"missing": "zero"}, "missing='zero'"),
    ],
)
def test_from_long_refuses_wrong_arguments(change: dict[str, str], message: str):
    rows = pd.DataFrame({"u": list("aabb"), "g": list("xyxy"), "n": [1, 2, 3, 4]})
    with pytest.raises(sg.SegregateError, match=message):
        Population.from_long(rows, **{"unit": "u", "group": "g", "count": "n", **change})


def test_from_long_speaks_of_rows_not_of_units():
    rows = pd.DataFrame({"u": list("aabb"), "g": list("xyxy"), "n": [-3, 2, 3, 4]})
    with pytest.raises(sg.DataError, match="1 row of 4"):
        Population.from_long(rows, unit="u", group="g", count="n")


def test_from_long_refuses_labels_that_differ_only_in_type():
    rows = pd.DataFrame({"u": list("aabb"), "g": [1, "1", 2, "x"], "n": [1, 2, 3, 4]})
    with pytest.raises(sg.DataError, match="'1'"):
        Population.from_long(rows, unit="u", group="g", count="n")


# select, versus, merge


def test_select_keeps_only_these_people_in_this_order(city: Population):
    pair = city.select("asian", "white")
    assert pair.groups == ("asian", "white")
    assert_array_equal(pair.counts, [[0, 90], [50, 10], [0, 0], [10, 40]])
    assert_array_equal(pair.totals, [90, 60, 0, 50])
    assert_allclose(pair.shares, [0.3, 0.7])


def test_versus_puts_everybody_else_together(city: Population):
    two = city.versus("asian")
    assert two.groups == ("asian", "rest")
    assert_array_equal(two.counts, [[0, 100], [50, 100], [0, 0], [10, 40]])
    assert two.size == city.size


def test_merge_puts_groups_under_a_new_name(city: Population):
    merged = city.merge({"minority": ["asian", "black"]})
    assert merged.groups == ("white", "minority")
    assert_array_equal(merged.counts, [[90, 10], [10, 140], [0, 0], [40, 10]])
    assert city.merge({"white": ["white", "asian"]}).groups == ("white", "black")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: p.select("white", "blakc"), sg.UnknownNameError, "'blakc' is not a group.*'black'"),
        (lambda p: p.select("white"), sg.ParameterError, "two or more"),
        (lambda p: p.select("white", "white"), sg.ParameterError, "two or more different"),
        (lambda p: p.select(["white", "black"]), sg.SegregateError, r"white"),
        (lambda p: p.versus("blak"), sg.UnknownNameError, "'black'"),
        (lambda p: p.merge({"rest": ["black", "asian"]}).versus("rest"), sg.ParameterError, "'rest'"),
        (lambda p: p.merge({"x": ["black", "asia"]}), sg.UnknownNameError, "'asian'"),
        (lambda p: p.merge({"x": ["black"], "y": ["black", "asian"]}), sg.ParameterError, "'black'.*two groups"),
        (lambda p: p.merge({"x": ["white", "white"]}), sg.ParameterError, "'white'"),
        (lambda p: p.merge({"white": ["black", "asian"]}), sg.ParameterError, "'white' already"),
        (lambda p: p.merge({"all": GROUPS}), sg.ParameterError, "One group"),
        (lambda p: p.merge({"x": "white"}), sg.ParameterError, "lists of groups"),
        (lambda p: p.merge({"x": ["white", "black"], "y": []}), sg.ParameterError, "'y'"),
    ],
)
def test_groups_that_cannot_be_made(city: Population, call, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        call(city)


def test_names_of_merged_groups_are_text(city: Population):
    assert all(isinstance(name, str) for name in city.merge({1: ["black", "asian"]}).groups)


# rows


def test_subset_takes_units_with_all_that_belongs_to_them(city: Population):
    part = city.subset(np.array([False, True, False, True]))
    assert list(part.ids) == ["b", "d"]
    assert_array_equal(part.counts, [[10, 90, 50], [40, 0, 10]])
    assert part.attributes["zone"].tolist() == ["s", "n"]
    assert part.counts.flags.c_contiguous


def test_subset_matches_a_series_by_id_whatever_its_order(city: Population):
    mask = pd.Series({"d": False, "c": False, "b": True, "a": False})
    assert list(city.subset(mask).ids) == ["b"]
    longer = pd.Series({"z": True, "d": False, "c": False, "b": True, "a": False})
    assert list(city.subset(longer).ids) == ["b"]


def test_subset_by_position_where_the_index_is_another(city: Population):
    assert list(city.subset(pd.Series([True, False, False, True])).ids) == ["a", "d"]


@pytest.mark.parametrize("index", [["a", "b", "c", "x"], ["d", "x", "b", "a"], ["a", "a", "b", "c"]])
def test_subset_refuses_a_series_that_holds_some_of_the_ids(city: Population, index: list[str]):
    with pytest.raises(sg.SegregateError, match="mask"):
        city.subset(pd.Series([True, False, True, True], index=index))


@pytest.mark.parametrize("mask", [[True] * 3, [1, 0, 1, 0], "zone", np.ones((4, 1), bool), [True, None, True, True]])
def test_subset_refuses_what_is_not_true_or_false_for_every_unit(city: Population, mask: object):
    with pytest.raises(sg.ParameterError, match="4 values of true or false"):
        city.subset(mask)


def test_subset_of_nothing_is_an_error(city: Population):
    with pytest.raises(sg.DataError, match="No unit would be left"):
        city.subset(city.totals < 0)


def test_subset_follows_an_unordered_index(table: pd.DataFrame):
    frame = table.set_index("unit").sample(frac=1, random_state=3)
    population = Population.from_frame(frame, GROUPS)
    part = population.subset(table.set_index("unit")["district"] == 2)
    assert_array_equal(part.counts, frame.loc[frame["district"] == 2, GROUPS])


def test_split_gives_a_population_per_region(city: Population):
    parts = city.split("zone")
    assert list(parts) == ["n", "s"]
    assert list(parts["n"].ids) == ["a", "d"]
    assert list(parts["s"].ids) == ["b", "c"]
    assert list(city.split(["u", "v", "v", "u"])["v"].ids) == ["b", "c"]


def test_split_leaves_units_without_a_region_out_and_says_so(city: Population):
    with pytest.warns(sg.SegregateWarning, match=r"1 unit of 4 .*150 of 300 people; first: 'b'"):
        parts = city.split(["u", None, "v", "u"])
    assert list(parts) == ["u", "v"]


def test_single_numbers_are_plain_floats(city: Population):
    for value in (city.size, sg.dissimilarity(city), sg.isolation(city, group="black"), sg.entropy(city)):
        assert type(value) is float
