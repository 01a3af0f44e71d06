"""The table behind a map: what it takes, what it says, and what it leaves alone."""

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError, ParameterError, UnknownNameError
from segregate.plot import prepare_map

RECORD = {
    "index": "location_quotient",
    "symbol": "LQ",
    "title": "Location quotient",
    "params": {},
    "group": "hisp",
    "groups": ["white", "hisp"],
    "environment": "home",
    "units": 3,
    "people": 1234567.0,
    "source": "city.gpkg",
    "center": 1.0,
    "bounds": [0.0, None],
    "notes": ["2 units were left out"],
    "date": "2026-11-22",
    "version": "0.1.0",
}


def frame(values=(0.5, 1.0, 2.0), record=RECORD, crs=25833):
    made = gpd.GeoDataFrame(
        {"tract": [f"{i:03d}" for i in range(len(values))], "value": list(values)},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(len(values))],
        crs=crs,
    )
    if record is not None:
        made.attrs["segregate"] = dict(record)
    return made


def test_title_and_caption_come_from_what_was_computed():
    prepared = prepare_map(frame())
    assert prepared.title == "Location quotient: hisp"
    assert prepared.legend_title == "Location quotient"
    assert prepared.caption == (
        "Location quotient (LQ) of hisp. Groups: white, hisp. Environment: home. 3 units, 1,234,567 people. "
        "Source: city.gpkg. Computed 2026-11-22 with segregate 0.1.0. Classes: the same ratios on both sides of 1 "
        "(upper limit included); middle colour at 1. 2 units were left out."
    )


def test_the_caption_says_what_is_not_recorded():
    assert prepare_map(frame(record=None)).caption.startswith(
        "3 units. Index, groups, environment, source and date: not recorded. Classes: "
    )
    assert prepare_map(frame(record=None)).title == "value"
    partial = {key: RECORD[key] for key in ("index", "title", "groups", "environment", "date", "source")}
    assert "not recorded" not in prepare_map(frame(record=partial)).caption
    del partial["source"]
    assert "Source: not recorded." in prepare_map(frame(record=partial)).caption


def test_the_licence_stands_behind_the_source():
    licensed = frame(record=RECORD | {"licence": "Contains public sector information, OGL v3.0."})
    said = "Source: city.gpkg. Contains public sector information, OGL v3.0."
    assert said in prepare_map(licensed).caption
    assert said in prepare_map(licensed.assign(income=[1.0, 2.0, 3.0]), "income").caption


def test_parameters_of_the_index_stand_in_the_caption():
    assert "(LQ) of hisp, base = 2." in prepare_map(frame(record=RECORD | {"params": {"base": 2}})).caption
    assert "compared with a given reference" in prepare_map(frame(record=RECORD | {"reference": True})).caption


def test_the_record_does_not_speak_of_other_columns():
    other = frame().assign(income=[1.0, 2.0, 3.0])
    other.attrs = {"segregate": RECORD}
    prepared = prepare_map(other, "income")
    assert prepared.title == prepared.legend_title == "income"
    assert prepared.center is None
    assert prepared.caption.startswith("3 units. Source: city.gpkg. Index, groups, environment and date: not recorded.")


def test_a_part_of_what_was_measured_is_called_so():
    assert "2 units shown, 3 measured, 1,234,567 people." in prepare_map(frame().iloc[:2]).caption


def test_a_record_of_another_shape_is_not_a_record():
    broken = frame(record=None)
    broken.attrs["segregate"] = "a text"
    assert "not recorded" in prepare_map(broken).caption


def test_texts_can_be_given_or_left_out():
    prepared = prepare_map(frame(), title="Mine", legend_title="Times", caption="")
    assert (prepared.title, prepared.legend_title, prepared.caption) == ("Mine", "Times", "")


def test_continuous_maps_say_so():
    assert "Continuous colours; middle colour at 1." in prepare_map(frame(), scheme=None).caption


def test_units_without_geometry_are_counted_and_that_is_said():
    holes = frame()
    holes.loc[1, "geometry"] = None
    prepared = prepare_map(holes)
    assert prepared.notes == ("1 unit without geometry counted but not drawn",)
    assert prepared.classes["units"].sum() == 3


def test_the_frame_is_not_changed():
    given = frame([0.5, np.nan, 2.0])
    before, attrs = given.copy(), dict(given.attrs)
    prepared = prepare_map(given)
    prepared.units["value"] = 0.0
    prepared.units["map_color"] = "x"
    geopandas.testing.assert_geodataframe_equal(given, before)
    assert given.attrs == attrs
    assert list(given.columns) == ["tract", "value", "geometry"]


def test_rows_and_index_are_kept():
    given = frame().set_index("tract")
    prepared = prepare_map(given)
    assert prepared.units.index.equals(given.index)
    assert list(prepared.units.columns) == [
        "value",
        "geometry",
        "map_class",
        "map_label",
        "map_color",
        "map_hatched",
    ]
    again = prepare_map(prepared.units, k=2)
    assert list(again.units.columns) == list(prepared.units.columns)


def test_repr_shows_the_legend():
    text = repr(prepare_map(frame()))
    assert text.startswith("PreparedMap of 'value': Location quotient: hisp")
    assert "over" in text


@pytest.mark.parametrize("kind", ["Int64", "Float64", "int8", "float32", "double[pyarrow]", "uint64"])
def test_numbers_of_any_type(kind):
    given = frame(record=None)
    given["value"] = pd.array([1, 2, 3], dtype=kind)
    assert prepare_map(given, breaks=[1, 2]).units["map_class"].tolist() == [1, 2, 3]
    if kind in ("Int64", "Float64", "double[pyarrow]"):
        given.loc[1, "value"] = pd.NA
        assert prepare_map(given).units["map_hatched"].tolist() == [False, True, False]


def test_real_local_frames_are_mapped():
    city = sg.sample("sacramento")
    local = sg.local(city, "location_quotient", group="hisp")
    prepared = prepare_map(local)
    assert prepared.title == "Location quotient: hisp"
    assert prepared.center == 1
    assert prepared.ratio
    assert "not recorded" not in prepared.caption
    assert f"{city.n_units} units" in prepared.caption
    plain = prepare_map(sg.local(city, "divergence"))
    assert plain.center is None
    assert plain.title == "Divergence"


def test_what_is_no_geodataframe_is_refused_with_what_to_do():
    with pytest.raises(GeometryError, match=r"this is a DataFrame without geometry\. sg.local gives a GeoDataFrame"):
        prepare_map(pd.DataFrame({"value": [1.0]}))
    with pytest.raises(GeometryError, match="this is a Series without geometry"):
        prepare_map(pd.Series([1.0]))
    with pytest.raises(ParameterError, match=r"of type Population\. Map the values of an index with sg"):
        prepare_map(sg.sample("schools"))


def test_no_geometry_column():
    with pytest.raises(GeometryError, match=r"no active geometry column. Choose one with frame.set_geometry"):
        prepare_map(gpd.GeoDataFrame({"value": [1.0]}))


def test_no_rows():
    with pytest.raises(DataError, match="has no rows, so there is nothing to map"):
        prepare_map(frame().iloc[:0])


def test_no_unit_has_geometry():
    empty = frame()
    empty["geometry"] = gpd.GeoSeries([None, shapely.Point(), None], crs=25833)
    with pytest.raises(GeometryError, match=r"No unit has a geometry \(3 rows\)"):
        prepare_map(empty)


def test_an_unknown_column_is_answered_with_the_nearest_names():
    with pytest.raises(UnknownNameError, match=r"There is no column 'valeu' to map. Did you mean 'value'\?"):
        prepare_map(frame(), "valeu")


def test_a_column_that_is_there_twice():
    twice = pd.concat([frame(), frame()[["value"]]], axis=1)
    with pytest.raises(DataError, match="There are 2 columns named 'value'; rename them first"):
        prepare_map(twice)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (["1", "2", "3"], r"its type is str \(first values: '1', '2', '3'\)"),
        ([1j, 2j, 3j], "its type is complex128"),
        ([1, "a", None], "its type is object"),
        (pd.to_datetime(["2020-01-01"] * 3), "its type is datetime64"),
    ],
)
def test_a_column_that_is_not_numeric(content, what):
    wrong = frame()
    wrong["value"] = content
    with pytest.raises(DataError, match=f"Column 'value' is not numeric: {what}.*Turn it into numbers first"):
        prepare_map(wrong)


def test_the_geometry_is_no_number():
    with pytest.raises(DataError, match="its type is geometry"):
        prepare_map(frame(), "geometry")


def test_infinite_values_are_named():
    with pytest.raises(DataError, match=r"2 units of 3 have an infinite 'value' \(first: '000', '002'\)"):
        prepare_map(frame([np.inf, 1.0, -np.inf]))
    with pytest.raises(DataError, match=r"1 unit of 3 has an infinite 'value' \(first: 'c'\)"):
        prepare_map(frame([1.0, 1.0, -np.inf]).set_index(pd.Index(["a", "b", "c"])))


def test_unknown_palette():
    with pytest.raises(UnknownNameError, match=r"There is no palette 'viridiss'. Did you mean 'viridis'"):
        prepare_map(frame(), palette="viridiss")


@pytest.mark.parametrize(
    ("palette", "what"), [(["red"], "1 given"), (["red", "nocolour"], "'nocolour' is not a colour")]
)
def test_a_list_that_is_no_palette(palette, what):
    with pytest.raises(ParameterError, match=f"a list of two or more colours; {what}"):
        prepare_map(frame(), palette=palette)


def test_palettes_are_found_by_any_name():
    assert prepare_map(frame(), palette="VIRIDIS").palette == "viridis"
    assert prepare_map(frame(), palette="Blues_r").palette == "Blues_r"
    assert prepare_map(frame(), palette="Ember").palette == "ember"
    assert prepare_map(frame(), palette=["white", "navy"]).palette == "own colours"
