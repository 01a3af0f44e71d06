"""The verbs on a population: measure, local, contributions, bind and explain."""

import json
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from shapely import box

import segregate as sg
from segregate import Population
from segregate.registry import specs
from tests.asking import asked, required
from tests.helpers import quietly

GROUPS = ["white", "black", "asian"]
COLUMNS = ["index", "symbol", "family", "group", "versus", "environment", "params", "value", "status", "message"]
CATALOGUE = sg.catalogue()


@pytest.fixture
def city(land: gpd.GeoDataFrame) -> Population:
    return Population.from_frame(land, GROUPS, id="unit")


@pytest.fixture
def mapped(table: pd.DataFrame) -> Population:
    frame = gpd.GeoDataFrame(
        table, geometry=[box(i % 10, i // 10, i % 10 + 1, i // 10 + 1) for i in range(60)], crs=32633
    )
    frame.attrs["segregate"] = {"source": "grid.gpkg"}
    return Population.from_frame(frame, GROUPS, id="unit")


# measure


def test_columns_of_the_table(city: Population):
    assert sg.measure(city).columns.to_list() == COLUMNS
    assert sg.measure(city, by="district").columns.to_list() == ["district", *COLUMNS]
    assert sg.measure(city, "D", by=city.attributes["district"].to_numpy()).columns.to_list() == ["region", *COLUMNS]
    assert sg.measure(city, []).columns.to_list() == COLUMNS


def test_every_index_that_gives_a_number_is_measured_by_default(city: Population):
    found = sg.measure(city)
    asked_for = CATALOGUE[(CATALOGUE["level"] != "local") & (CATALOGUE["required"] == "")]
    assert set(found["index"]) == set(asked_for.index[~asked_for["family"].isin(["ordered", "scale"])])
    assert set(found["status"]) == {"ok"}
    for _, row in found.iterrows():
        assert row["symbol"] == CATALOGUE.loc[row["index"], "symbol"]
        assert row["family"] == CATALOGUE.loc[row["index"], "family"]
        assert row["environment"] == "home"
        assert row["params"] == "{}"


def test_rows_against_the_rest(city: Population):
    found = sg.measure(city, ["D", "isolation", "exposure", "correlation_ratio"])
    assert found.loc[found["index"] == "dissimilarity", ["group", "versus"]].values.tolist() == [["", ""]]
    for name in ("isolation", "exposure", "correlation_ratio"):
        rows = found[found["index"] == name].set_index("group")
        assert rows.index.to_list() == GROUPS
        assert set(rows["versus"]) == {"rest"}
        for group in GROUPS:
            two = city.versus(group)
            other = {"other": "rest"} if name == "exposure" else {}
            assert rows.loc[group, "value"] == pytest.approx(getattr(sg, name)(two, group=group, **other), rel=1e-13)


def test_rows_by_pairs(city: Population):
    found = sg.measure(city, ["isolation", "exposure", "correlation_ratio"], versus="pairs")
    exposure = found[found["index"] == "exposure"]
    assert exposure[["group", "versus"]].values.tolist() == [[a, b] for a in GROUPS for b in GROUPS]
    for _, row in exposure.iterrows():
        direct = sg.exposure(city, group=row["group"], other=row["versus"])
        assert row["value"] == pytest.approx(direct, rel=1e-13)
    assert_allclose(exposure.groupby("group")["value"].sum(), 1, rtol=1e-12)
    for name in ("isolation", "correlation_ratio"):
        rows = found[found["index"] == name]
        assert rows[["group", "versus"]].values.tolist() == [[a, b] for a in GROUPS for b in GROUPS if a != b]
        for _, row in rows.iterrows():
            pair = city.select(row["group"], row["versus"])
            assert row["value"] == pytest.approx(getattr(sg, name)(pair, group=row["group"]), rel=1e-13)


def test_exposure_to_the_own_group_is_isolation(city: Population):
    for group in GROUPS:
        assert sg.exposure(city, group=group, other=group) == pytest.approx(sg.isolation(city, group=group), rel=1e-13)


def test_two_groups_name_each_other(city: Population):
    two = city.select("black", "white")
    found = sg.measure(two, ["isolation", "exposure"])
    assert found[["index", "group", "versus"]].values.tolist() == [
        ["isolation", "black", "white"],
        ["isolation", "white", "black"],
        ["exposure", "black", "white"],
        ["exposure", "white", "black"],
    ]
    assert found["value"].iloc[0] == sg.isolation(two) == sg.isolation(two, group="black")
    assert found["value"].iloc[2] == sg.exposure(two) == sg.exposure(two, group="black", other="white")
    assert sg.exposure(two, group="white") == sg.exposure(two, group="white", other="black")


def test_a_group_that_is_called_rest(table: pd.DataFrame):
    city = Population.from_frame(table.rename(columns={"asian": "rest"}), ["white", "black", "rest"])
    found = sg.measure(city, "isolation").set_index("group")
    plain = sg.measure(Population.from_frame(table, GROUPS), "isolation").set_index("group")
    assert_allclose(found["value"], plain["value"], rtol=1e-14)
    assert not found["versus"].isin(["rest"]).any(), "the word stands for everybody else"


def test_rows_come_region_by_region(city: Population):
    found = sg.measure(city, ["H", "xPx"], by="district")
    assert found["district"].tolist() == [district for district in range(7) for _ in range(4)]
    assert found["index"].tolist() == (["information_theory"] + ["isolation"] * 3) * 7
    for district, part in city.split("district").items():
        assert_allclose(
            found.loc[found["district"] == district, "value"], sg.measure(part, ["H", "xPx"])["value"], rtol=1e-12
        )


def test_indices_are_asked_for_in_many_ways(city: Population):
    expected = sg.mutual_information(city, base=2)
    ways = [
        sg.bind("mutual_information", base=2),
        sg.bind("M", base=2),
        sg.bind(sg.mutual_information, base=2),
        {"index": "M", "base": 2},
        sg.bind(sg.bind("M", base=10), base=2),
    ]
    for way in ways:
        for form in (way, [way]):
            found = sg.measure(city, form)
            assert found["value"].tolist() == [expected]
            assert json.loads(found["params"].item()) == {"base": 2}
    for way in ("mutual_information", "M", sg.mutual_information, ("M",), iter(["M"])):
        assert sg.measure(city, way)["value"].tolist() == [sg.mutual_information(city)]


def test_params_are_canonical_json(city: Population):
    same = [{"index": "entropy", "scaled": True, "base": 2}, {"index": "entropy", "base": 2.0, "scaled": True}]
    found = sg.measure(city, same)
    assert found["params"].nunique() == 1
    assert found["params"].iloc[0] == json.dumps(json.loads(found["params"].iloc[0]), sort_keys=True)
    assert sg.measure(city, sg.bind("isolation", exact=False))["params"].unique().tolist() == ["{}"]
    assert sg.measure(city, sg.bind("isolation", exact=True))["params"].unique().tolist() == ['{"exact": true}']


def test_numbers_of_numpy_are_numbers(city: Population):
    for base in (np.int64(2), np.float32(2), np.float64(2)):
        found = sg.measure(city, sg.bind("M", base=base))
        assert json.loads(found["params"].item()) == {"base": 2.0}


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: sg.bind("dissimlarity"), sg.UnknownNameError, "'dissimlarity'.*'dissimilarity'"),
        (lambda: sg.bind("isolation", exakt=True), sg.ParameterError, "'exakt'.*'exact'"),
        (lambda: sg.bind("isolation", group="white"), sg.ParameterError, "group="),
        (lambda: sg.bind("isolation", exact=1), sg.ParameterError, "true or false"),
        (lambda: sg.bind("M", base="two"), sg.ParameterError, "a number"),
        (lambda: sg.bind("M", base=True), sg.ParameterError, "a number"),
        (lambda: sg.bind("dissimilarity", base=2), sg.ParameterError, "no parameter 'base'"),
        (lambda: sg.bind({"base": 2}), sg.ParameterError, "which index"),
        (lambda: sg.bind(len), sg.UnknownNameError, "'len'"),
    ],
)
def test_bind_refuses_what_the_index_does_not_take(make: Callable, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("base", [0, 1, -2, float("nan"), float("inf")])
def test_a_base_that_is_none_is_refused(city: Population, base: float):
    with pytest.raises(sg.ParameterError, match="base="):
        sg.mutual_information(city, base=base)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: sg.measure(p, "gni"), sg.UnknownNameError, "'gni'.*'gini'"),
        (lambda p: sg.measure(p, ["D", "H", "Q"]), sg.UnknownNameError, "'Q'"),
        (lambda p: sg.measure(p, "location_quotient"), sg.ParameterError, "segregate.local"),
        (lambda p: sg.measure(p, "D", versus="all"), sg.ParameterError, "versus='all'.*'rest', 'pairs'"),
        (lambda p: sg.measure(p.to_frame(), "D"), sg.ParameterError, "groups="),
        (lambda p: sg.measure(p.counts, "D"), sg.ParameterError, "not ndarray"),
        (lambda p: sg.measure(p.regions("district"), "D"), sg.ParameterError, "by=|not Regions"),
        (lambda p: sg.measure(p, "D", groups=["white", "blak"]), sg.UnknownNameError, "'black'"),
        (lambda p: sg.measure(p, 5), sg.SegregateError, "5"),
        (lambda p: sg.isolation(p), sg.ParameterError, "pass group= .*'white', 'black', 'asian'"),
        (lambda p: sg.isolation(p, group="blak"), sg.UnknownNameError, "group='blak'.*'black'"),
        (lambda p: sg.exposure(p, group="black"), sg.ParameterError, "pass other="),
        (lambda p: sg.exposure(p, group="black", other="whit"), sg.UnknownNameError, "other='whit'.*'white'"),
        (lambda p: sg.dissimilarity(p.to_frame()), sg.SegregateError, "Population"),
        (lambda p: sg.local(p, "D"), sg.ParameterError, "no local values.*contributions"),
        (lambda p: sg.local(p, "divergence", group="black"), sg.ParameterError, "no group="),
        (lambda p: sg.local(p, "share", group="black", reference=p), sg.ParameterError, "no reference="),
        (lambda p: sg.local(p, "share"), sg.ParameterError, "pass group="),
        (lambda p: sg.local(p, "sahre"), sg.UnknownNameError, "'share'"),
        (lambda p: sg.contributions(p, "E"), sg.ParameterError, "not a sum over units.*dissimilarity"),
        (lambda p: sg.contributions(p, "D", group="black"), sg.ParameterError, "no group="),
        (lambda p: sg.contributions(p, "xPx"), sg.ParameterError, "pass group="),
        (lambda p: sg.contributions(p.to_frame(), "D"), sg.SegregateError, "Population"),
        (lambda p: sg.catalogue("eveness"), sg.ParameterError, "'evenness'"),
    ],
)
def test_verbs_refuse_what_cannot_be_asked(city: Population, call: Callable, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        call(city)


def test_measure_a_frame_and_chosen_groups(table: pd.DataFrame, city: Population):
    expected = sg.dissimilarity(city.select("asian", "black"))
    assert sg.measure(table, "D", groups=["asian", "black"])["value"].item() == expected
    assert sg.measure(city, "D", groups=["asian", "black"])["value"].item() == expected


def test_undefined_rows_say_why():
    city = Population.from_frame(pd.DataFrame({"a": [5, 5], "b": [0, 0]}), ["a", "b"])
    found = quietly(sg.measure, city)
    undefined = found[found["status"] == "undefined"]
    assert undefined["value"].isna().all()
    assert (undefined["message"] != "").all()
    assert "only one group has people here ('a')" in set(undefined["message"])
    diversity = found[found["family"] == "diversity"]
    assert_array_equal(diversity["value"], 0)


def test_an_undefined_index_is_nan_with_one_warning():
    plots = [box(5e5 + x, 5.5e6, 5e5 + x + 100, 5.5e6 + 100) for x in (0, 100)]
    frame = gpd.GeoDataFrame({"a": [5, 5], "b": [0, 0]}, geometry=plots, crs=32633)
    city = Population.from_frame(frame, ["a", "b"])
    for name, row in CATALOGUE.iterrows():
        if row["level"] == "local" or row["family"] == "diversity":
            continue
        reason = "nobody of group 'b'" if row["focal"] else "only one group"
        with pytest.warns(sg.UndefinedIndexWarning, match=reason) as caught:
            assert np.isnan(asked(name, city, ("b", "a")))
        assert len(caught) == 1


def test_exact_counts_say_who_is_left_out():
    city = Population.from_frame(pd.DataFrame({"a": [3, 1, 0], "b": [2, 0, 5]}), ["a", "b"])
    with pytest.warns(sg.SegregateWarning, match=r"1 unit with fewer than 2 people left out \(1 of 11 people\)"):
        assert sg.isolation(city, group="a", exact=True) == pytest.approx(2 / 4, rel=1e-14)
    parts = Population.from_frame(pd.DataFrame({"a": [3.5, 1], "b": [2, 5]}), ["a", "b"])
    with pytest.raises(sg.DataError, match=r"1 unit of 2 .*not whole numbers.*first: 0"):
        sg.isolation(parts, group="a", exact=True)


def test_progress_is_called_to_the_end(city: Population):
    seen: list[tuple[int, int]] = []
    sg.measure(city, ["D", "H", "xPx"], progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (3, 3)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_attrs_are_json_and_say_what_was_measured(mapped: pd.DataFrame):
    for result in (sg.measure(mapped), sg.local(mapped, "share", group="black"), sg.contributions(mapped, "H")):
        recorded = json.loads(json.dumps(result.attrs["segregate"], allow_nan=False))
        assert recorded["groups"] == GROUPS
        assert recorded["environment"] == "home"
        assert recorded["units"] == 60
        assert recorded["people"] == mapped.size
        assert recorded["source"] == "grid.gpkg"
        assert recorded["version"] == sg.version


# local, contributions


def test_local_is_a_layer_in_the_order_of_the_ids(mapped: Population):
    layer = sg.local(mapped, "location_quotient", group="black")
    assert isinstance(layer, gpd.GeoDataFrame)
    assert layer.columns.to_list() == ["unit", "value", "geometry"]
    assert layer["unit"].tolist() == list(mapped.ids)
    assert layer.crs == mapped.crs
    assert_allclose(layer["value"], mapped.composition[:, 1] / mapped.shares[1], rtol=1e-14)
    assert np.flatnonzero(layer["value"].isna()).tolist() == [4, 31]
    recorded = layer.attrs["segregate"]
    assert recorded["index"] == "location_quotient"
    assert (recorded["symbol"], recorded["title"], recorded["params"]) == ("LQ", "Location quotient", {})
    assert (recorded["group"], recorded["center"], recorded["bounds"]) == ("black", 1.0, [0.0, None])


def test_local_without_geometry_or_names(table: pd.DataFrame):
    layer = sg.local(Population.from_frame(table, GROUPS), "divergence")
    assert type(layer) is pd.DataFrame
    assert layer.columns.to_list() == ["id", "value"]


@pytest.mark.parametrize("name", ["value", "geometry"])
def test_ids_named_like_another_column_of_the_layer_are_not_lost(mapped: Population, name: str):
    frame = mapped.to_frame()[[*GROUPS, "geometry"]].rename_axis(name)
    layer = sg.local(Population.from_frame(frame, GROUPS), "divergence")
    assert layer.shape == (60, 3)
    assert layer.iloc[:, 0].tolist() == list(mapped.ids)
    assert_allclose(layer["value"], sg.divergence(mapped).to_numpy(), rtol=1e-14)


def test_local_of_two_groups_records_the_group(city: Population):
    two = city.select("asian", "black")
    layer = sg.local(two, "share")
    assert layer.attrs["segregate"]["group"] == "asian"
    assert_array_equal(layer["value"], two.composition[:, 0])


def test_contributions_of_two_groups_record_the_group(city: Population):
    terms = sg.contributions(city.select("asian", "black"), "isolation")
    assert terms.attrs["segregate"]["group"] == "asian"


def test_entropy_and_simpson_have_local_values(city: Population):
    p = np.nan_to_num(city.composition)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(p > 0, p * np.log(p), 0).sum(axis=1)
    nobody = city.totals == 0
    expected = {"entropy": entropy, "simpson": 1 - (p**2).sum(axis=1)}
    for name, values in expected.items():
        found = sg.local(city, name)["value"].to_numpy()
        assert_allclose(found, np.where(nobody, np.nan, values), rtol=1e-13, atol=1e-15)
    found = sg.local(city, sg.bind("entropy", scaled=True))["value"].to_numpy()
    assert_allclose(found, np.where(nobody, np.nan, entropy / np.log(3)), rtol=1e-13)


def test_reference_puts_a_wider_area_in_place_of_the_city(city: Population):
    part = city.subset(np.arange(60) < 20)
    expected = part.composition[:, 1] / city.shares[1]
    assert_allclose(sg.location_quotient(part, group="black", reference=city), expected, rtol=1e-14)
    people = dict(zip(city.groups, city.counts.sum(axis=0), strict=True))
    assert_allclose(sg.location_quotient(part, group="black", reference=people), expected, rtol=1e-14)
    assert sg.local(part, "divergence", reference=city)["value"].sum() != sg.local(part, "divergence")["value"].sum()


@pytest.mark.parametrize(
    ("reference", "error", "message"),
    [
        ({"white": 1, "black": 1}, sg.UnknownNameError, "must be the same"),
        ({"white": 1, "black": 1, "asian": -1}, sg.DataError, "0 or more"),
        ({"white": 0, "black": 0, "asian": 0}, sg.DataError, "0 or more"),
        ({"white": 1, "black": 1, "asian": float("nan")}, sg.DataError, "0 or more"),
        ("black", sg.SegregateError, "reference"),
    ],
)
def test_references_that_cannot_be(city: Population, reference: object, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        sg.divergence(city, reference=reference)


def test_a_group_that_the_reference_lacks_has_no_divergence_from_it():
    """p ln(p / 0) is infinite: NaN with a reason, not a term silently left out."""
    city = Population.from_frame(pd.DataFrame({"a": [9, 5], "b": [1, 0]}), ["a", "b"])
    with pytest.warns(sg.UndefinedIndexWarning, match=r"1 unit with people .* reference"):
        values = sg.divergence(city, reference={"a": 1, "b": 0})
    assert np.isnan(values[0])
    assert values[1] == 0


def test_a_quotient_to_a_reference_without_the_group_says_so():
    city = Population.from_frame(pd.DataFrame({"a": [9, 5], "b": [1, 0]}), ["a", "b"])
    with pytest.warns(sg.UndefinedIndexWarning, match="reference"):
        assert sg.location_quotient(city, group="b", reference={"a": 1, "b": 0}).isna().all()


@pytest.mark.parametrize("name", CATALOGUE.index[CATALOGUE["additive"]])
def test_contributions_add_up(city: Population, name: str):
    spec = specs[name]
    two = city.select("asian", "white") if spec.groups == (2, 2) else city
    focal = {None: {}, "group": {"group": "asian"}, "pair": {"group": "asian", "other": "white"}}[spec.focal]
    terms = quietly(sg.contributions, two, sg.bind(name, **required(name)), **focal)
    assert terms.index.equals(city.ids)
    assert terms.sum() == pytest.approx(quietly(asked, name, city, ("asian", "white")), rel=1e-12)
    if name != "delta":  # where land without people counts
        assert_array_equal(terms.to_numpy()[[4, 31]], 0)


def test_contributions_of_an_undefined_index_are_nan():
    city = Population.from_frame(pd.DataFrame({"a": [5, 5], "b": [0, 0]}), ["a", "b"])
    with pytest.warns(sg.UndefinedIndexWarning, match="only one group"):
        assert sg.contributions(city, "D").isna().all()


# explain


@pytest.mark.parametrize("versus", ["rest", "pairs"])
def test_every_row_is_explained_in_words(city: Population, versus: str):
    empty = Population.from_frame(pd.DataFrame({"white": [0], "black": [0]}), ["white", "black"])
    ordered = sg.measure(city, ["rank_order", "ordinal", sg.bind("central_share", centre="population", radius=900)])
    everything = (sg.measure(city, versus=versus), sg.measure(city, by="district"), quietly(sg.measure, empty), ordered)
    for table in everything:
        for _, row in table.iterrows():
            for text in (sg.explain(row), sg.explain(row.to_dict())):
                assert text.endswith((".", ")"))
                assert not any(piece in text for piece in ("{", "}", "nan", "None", "''", '""'))
                assert len(text.split()) > 5
            if row["group"] and row["status"] == "ok":
                assert row["group"] in sg.explain(row)


def test_explain_needs_a_row():
    with pytest.raises(sg.ParameterError, match="row of measure"):
        sg.explain({"value": 0.5})
    with pytest.raises(sg.SegregateError, match="row of measure"):
        sg.explain(0.5)


# warnings point to the line of the caller


def test_warnings_name_the_line_that_asked(mapped: Population):
    alone = mapped.merge({"all": ["white", "black"]}).subset(mapped.totals > 0)
    frame = alone.to_frame().assign(asian=0, part=[None] + ["x"] * 57)
    degrees = Population.from_frame(frame.to_crs(4326), ["all", "asian"])
    asked: dict[str, Callable[[], object]] = {
        "index": lambda: sg.dissimilarity(degrees),
        "local index": lambda: sg.location_quotient(degrees, group="asian"),
        "local": lambda: sg.local(degrees, "location_quotient", group="asian"),
        "contributions": lambda: sg.contributions(degrees, "D"),
        "index of regions": lambda: sg.dissimilarity(degrees.regions("district")),
        "regions": lambda: degrees.regions("part"),
        "split": lambda: degrees.split("part"),
        "measure": lambda: sg.measure(degrees, "D", by="part"),
        "points": lambda: degrees.points,
        "area": lambda: degrees.subset(degrees.totals > 0).area,
    }
    wrong = {}
    for name, ask in asked.items():
        with pytest.warns(sg.SegregateWarning) as caught:
            ask()
        line = ask.__code__.co_firstlineno
        if (caught[0].filename, caught[0].lineno) != (__file__, line):
            wrong[name] = (caught[0].filename, caught[0].lineno)
    assert not wrong
