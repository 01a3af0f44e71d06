"""Regions: all the cities of a table in one pass."""

import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate import Population
from tests.asking import asked, codes

GROUPS = ["white", "black", "asian"]
CATALOGUE = sg.catalogue()
GLOBAL = [name for name, row in CATALOGUE.iterrows() if row["level"] != "local"]
LOCAL = [name for name, row in CATALOGUE.iterrows() if row["level"] == "local"]
VARIANTS = [(name, {}) for name in GLOBAL] + [
    ("isolation", {"exact": True}),
    ("exposure", {"exact": True}),
    ("mutual_information", {"base": 2}),
    ("entropy", {"scaled": True}),
    ("simpson", {"scaled": True}),
    ("atkinson", {"b": 0.2}),
    ("rank_order", {"kind": "variance", "degree": 1, "weights": "none"}),
    ("ordinal", {"kind": "absolute"}),
    ("boundary_dissimilarity", {"order": 3, "contiguity": "queen"}),
    ("boundary_dissimilarity", {"adjust": "length"}),
    ("boundary_dissimilarity", {"adjust": "shape"}),
    ("boundary_dissimilarity", {"adjust": "shape", "perimeter": "whole"}),
]


@pytest.fixture
def city(land: gpd.GeoDataFrame) -> Population:
    return Population.from_frame(land, GROUPS, id="unit")


def ask(name: str, population: Population, **params: object) -> float | np.ndarray:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Degree lowered|Note on|.* without neighbours", sg.SegregateWarning)
        return asked(name, population, **params)


LABELS: dict[str, Callable[[np.ndarray], object]] = {
    "whole numbers": lambda numbers: numbers,
    "text": lambda numbers: np.array([f"0{10 - number}" for number in numbers]),
    "python text": lambda numbers: [f"city {number}" for number in numbers],
    "categories": lambda numbers: pd.Categorical(
        [f"c{n}" for n in numbers], categories=[f"c{n}" for n in range(9, -1, -1)]
    ),
    "numbers": lambda numbers: numbers / 3 - 1,
    "dates": lambda numbers: pd.Timestamp("2020-01-01") + pd.to_timedelta(numbers, unit="D"),
    "true and false": lambda numbers: numbers > 3,
    "nullable": lambda numbers: pd.array(numbers, dtype="Int64"),
    "a series by position": lambda numbers: pd.Series(numbers, name="town"),
    "one unit each": lambda numbers: np.arange(len(numbers))[::-1],
}


@pytest.mark.parametrize(("name", "params"), VARIANTS, ids=str)
def test_array_equals_each_region_alone(city: Population, land: gpd.GeoDataFrame, name: str, params: dict):
    values = ask(name, city, by="district", **params)
    alone = [
        ask(name, Population.from_frame(land[land["district"] == district], GROUPS), **params) for district in range(7)
    ]
    assert isinstance(values, np.ndarray)
    assert values.dtype == np.float64
    assert_allclose(values, alone, rtol=1e-12, atol=1e-14)
    parts = city.split("district").values()
    assert_allclose(values, [ask(name, part, **params) for part in parts], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("labels", [kind for kind in LABELS if kind != "one unit each"])
def test_labels_of_any_kind(city: Population, table: pd.DataFrame, labels: str):
    by = LABELS[labels](table["district"].to_numpy())
    regions = city.regions(by)
    parts = city.split(by)
    assert list(regions.labels) == list(parts)
    assert regions.labels.is_unique
    assert len(regions) == len(set(by))
    values = np.asarray(by)
    for label, value in zip(regions.labels, sg.information_theory(regions), strict=True):
        alone = Population.from_frame(table[values == np.asarray(label)], GROUPS)
        assert value == pytest.approx(sg.information_theory(alone), rel=1e-12)


def test_labels_are_sorted_and_categories_keep_their_order(city: Population, table: pd.DataFrame):
    numbers = table["district"].to_numpy()
    assert list(city.regions(numbers).labels) == [0, 1, 2, 3, 4, 5, 6]
    assert list(city.regions(LABELS["categories"](numbers)).labels) == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]
    assert city.regions("district").labels.name == "district"
    assert city.regions(numbers).labels.name == "region"


@pytest.mark.parametrize("name", LOCAL)
def test_local_values_against_the_own_region_in_the_order_of_the_units(city: Population, name: str):
    values = codes(ask(name, city, by="district"))
    assert values.index.equals(city.ids)
    for part in city.split("district").values():
        assert_allclose(values.loc[part.ids], codes(ask(name, part)), rtol=1e-12)


def test_order_of_the_units_changes_nothing(table: pd.DataFrame):
    values = sg.gini(Population.from_frame(table, GROUPS).regions("district"))
    shuffled = table.sample(frac=1, random_state=9)
    assert_allclose(sg.gini(Population.from_frame(shuffled, GROUPS).regions("district")), values, rtol=1e-12)
    ordered = table.sort_values("district", kind="stable")
    assert_allclose(sg.gini(Population.from_frame(ordered, GROUPS).regions("district")), values, rtol=1e-12)


def test_one_region_is_the_whole(city: Population):
    assert sg.dissimilarity(city.regions(["all"] * 60)) == pytest.approx([sg.dissimilarity(city)], rel=1e-14)


def test_regions_of_a_subset_and_of_chosen_groups(city: Population, table: pd.DataFrame):
    keep = (table.index % 2 == 0) & (table["district"] != 2)
    part = city.subset(keep.to_numpy()).versus("asian")
    values = sg.dissimilarity(part.regions("district"))
    assert list(part.regions("district").labels) == [0, 1, 3, 4, 5, 6]
    frame = table[keep].assign(rest=table["white"] + table["black"])
    alone = [sg.dissimilarity(Population.from_frame(rows, ["asian", "rest"])) for _, rows in frame.groupby("district")]
    assert_allclose(values, alone, rtol=1e-12)


def test_a_series_is_matched_by_id_as_in_subset(city: Population, table: pd.DataFrame):
    """A Series whose index holds the ids is not taken by position."""
    series = table.set_index("unit")["district"].sample(frac=1, random_state=2)
    assert_allclose(sg.dissimilarity(city.regions(series)), sg.dissimilarity(city.regions("district")), rtol=1e-14)
    assert list(city.split(series)[3].ids) == list(city.split("district")[3].ids)
    by_series, by_name = sg.measure(city, "H", by=series), sg.measure(city, "H", by="district")
    assert_array_equal(by_series["value"], by_name["value"])


def test_a_series_that_holds_some_of_the_ids_is_refused(city: Population, table: pd.DataFrame):
    series = table.set_index("unit")["district"].rename({"00007": "elsewhere"})
    with pytest.raises(sg.SegregateError, match=r"by="):
        city.regions(series)


# regions without a value


def test_undefined_regions_are_nan_with_one_warning():
    frame = pd.DataFrame({"a": [5, 5, 0, 0, 7, 1], "b": [5, 1, 0, 0, 0, 0], "town": list("ppqqrr")})
    population = Population.from_frame(frame, ["a", "b"])
    with pytest.warns(sg.UndefinedIndexWarning, match=r"2 regions of 3, first 'q': nobody lives here") as caught:
        values = sg.dissimilarity(population.regions("town"))
    assert len(caught) == 1
    assert_array_equal(np.isnan(values), [False, True, True])
    table = sg.measure(population, ["D", "xPx"], by="town")
    d = table[table["index"] == "dissimilarity"]
    assert d["status"].tolist() == ["ok", "undefined", "undefined"]
    assert d["message"].tolist() == ["", "nobody lives here", "only one group has people here ('a')"]
    of_b = table[(table["index"] == "isolation") & (table["group"] == "b")]
    assert of_b["status"].tolist() == ["ok", "undefined", "undefined"]
    assert np.isfinite(table.loc[table["status"] == "ok", "value"]).all()
    assert table.loc[table["status"] == "undefined", "value"].isna().all()
    assert (table.loc[table["status"] == "undefined", "message"] != "").all()


def test_a_group_that_lives_in_no_unit_of_a_region():
    frame = pd.DataFrame({"a": [5, 5, 2, 3], "b": [5, 1, 3, 2], "c": [1, 2, 0, 0], "town": list("ppqq")})
    population = Population.from_frame(frame, ["a", "b", "c"])
    table = sg.measure(population, ["H", "xPx", "V"], by="town").set_index(["town", "index", "group"])
    assert table.loc[("q", "information_theory", ""), "status"] == "ok"
    assert table.loc[("q", "isolation", "c"), "status"] == "undefined"
    assert "'c'" in table.loc[("q", "isolation", "c"), "message"]
    two = Population.from_frame(frame.iloc[2:], ["a", "b"])
    assert table.loc[("q", "information_theory", ""), "value"] == pytest.approx(sg.information_theory(two), rel=1e-12)


# by=


def test_missing_regions_are_left_out_and_said(city: Population, table: pd.DataFrame):
    by = table["district"].astype("Int64").where(table["district"] != 3)
    people = table.loc[table["district"] == 3, GROUPS].to_numpy().sum()
    units = int((table["district"] == 3).sum())
    with pytest.warns(sg.SegregateWarning, match=rf"{units} units of 60 without .* left out \({people} of") as caught:
        found = sg.measure(city, "D", by=by.to_numpy(dtype=object, na_value=None))
    assert len(caught) == 1
    expected = sg.measure(city, "D", by="district")
    assert_array_equal(found["value"], expected.loc[expected["district"] != 3, "value"])


@pytest.mark.parametrize(
    ("by", "error", "message"),
    [
        ("distrct", sg.UnknownNameError, "'distrct' .*'district'"),
        ("white", sg.UnknownNameError, "'white'"),
        (["a", "b"], sg.ParameterError, "2 values for 60 units"),
        (np.zeros((60, 2)), sg.ParameterError, "one per unit"),
        ([None] * 60, sg.DataError, "missing everywhere"),
        (np.full(60, np.nan), sg.DataError, "missing everywhere"),
        (np.array([1, "a"] * 30, dtype=object), sg.DataError, "mix text and numbers"),
        ([1, "a"] * 30, sg.DataError, "mix text and numbers"),
    ],
)
@pytest.mark.parametrize("verb", ["regions", "split", "measure"])
def test_regions_that_cannot_be(city: Population, by: object, error: type[Exception], message: str, verb: str):
    with pytest.raises(error, match=message):
        {"regions": city.regions, "split": city.split, "measure": lambda it: sg.measure(city, "D", by=it)}[verb](by)


@pytest.mark.parametrize("name", ["index", "group", "value", "family", "status"])
def test_a_region_column_named_like_a_column_of_the_table(table: pd.DataFrame, name: str):
    population = Population.from_frame(table.rename(columns={"district": name}), GROUPS)
    with pytest.raises(sg.SegregateError, match=f"'{name}'"):
        sg.measure(population, "D", by=name)


# a whole country


def test_every_metropolitan_area_of_a_country(shared_data: Callable[[str], Path]):
    frame = pd.read_parquet(shared_data("us_tracts_2000/tracts_us_points.parquet"))
    known = [
        "white",
        "black",
        "asian",
        "hispanic",
        "hisp",
        "aian",
        "nhpi",
        "native",
        "pacific",
        "other",
        "two",
        "multi",
    ]
    groups = [name for name in known if name in frame.columns]
    assert len(groups) == 8, list(frame.columns)
    frame = frame.dropna(subset=["cbsa"])
    population = Population.from_frame(frame, groups)
    names = ["D", "G", "H", "M", "R", "P", "xPx", "V"]
    found = sg.measure(population, names, by="cbsa")
    assert (found["message"].eq("") == found["status"].eq("ok")).all()
    some = sorted(frame["cbsa"].unique())[::25]
    for cbsa in some:
        alone = sg.measure(Population.from_frame(frame[frame["cbsa"] == cbsa], groups), names)
        rows = found[found["cbsa"] == cbsa]
        assert rows["group"].tolist() == alone["group"].tolist()
        assert rows["status"].tolist() == alone["status"].tolist()
        assert_allclose(rows["value"], alone["value"], rtol=1e-12, atol=1e-14)
