"""Groups classified in several ways: dimensions, margins, merging."""

import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError

DIMENSIONS = {"origin": ("asian", "black", "white"), "age": ("0-14", "15-64", "65+"), "sex": ("f", "m")}


@pytest.fixture(scope="module")
def people():
    """One row per person."""
    rng = np.random.default_rng(7)
    columns = {name: rng.choice(categories, 4000) for name, categories in DIMENSIONS.items()}
    return pd.DataFrame({"tract": rng.integers(0, 30, 4000), **columns})


@pytest.fixture(scope="module")
def crossed(people):
    return sg.Population.from_long(people, unit="tract", group=list(DIMENSIONS))


def alone(people, *dimensions):
    """Count by plain loops."""
    found = {}
    for row in people.itertuples():
        key = (row.tract, " | ".join(getattr(row, name) for name in dimensions))
        found[key] = found.get(key, 0) + 1
    return found


def as_dict(pop):
    cells = {
        (unit, group): int(pop.counts[j, m]) for j, unit in enumerate(pop.ids) for m, group in enumerate(pop.groups)
    }
    return {key: count for key, count in cells.items() if count}


def test_columns_of_a_long_table(people, crossed):
    assert crossed.n_groups == 18
    assert crossed.groups[:3] == ("asian | 0-14 | f", "asian | 0-14 | m", "asian | 15-64 | f")
    assert crossed.dimensions == DIMENSIONS
    assert as_dict(crossed) == alone(people, *DIMENSIONS)
    assert list(crossed.attributes) == []


@pytest.mark.parametrize("kept", [("origin",), ("sex",), ("sex", "origin"), ("age", "sex"), ("sex", "age", "origin")])
def test_margins(people, crossed, kept):
    margin = crossed.margin(*kept)
    assert as_dict(margin) == alone(people, *kept)
    assert margin.dimensions == {name: DIMENSIONS[name] for name in kept}
    assert margin.size == crossed.size
    assert margin.groups == tuple(sorted(margin.groups))


def test_a_margin_of_a_margin(people, crossed):
    assert as_dict(crossed.margin("sex", "origin").margin("origin")) == alone(people, "origin")
    np.testing.assert_array_equal(
        crossed.margin("origin").counts, crossed.margin("origin", "age").margin("origin").counts
    )


def test_order_of_categories_is_kept(people):
    ages = pd.Categorical(people["age"], ["65+", "15-64", "0-14"], ordered=True)
    pop = sg.Population.from_long(people.assign(age=ages), unit="tract", group=["sex", "age"])
    assert pop.groups[:3] == ("f | 65+", "f | 15-64", "f | 0-14")
    assert pop.margin("age").groups == ("65+", "15-64", "0-14")


def test_numbers_as_categories(people):
    rows = people.assign(age=people["age"].map({"0-14": 5, "15-64": 40, "65+": 100}))
    assert sg.Population.from_long(rows, unit="tract", group=["age"]).groups == ("5", "40", "100")
    assert sg.Population.from_long(rows, unit="tract", group=["age"]).dimensions == {"age": ("5", "40", "100")}


def test_counts_missing_values_and_attributes(people):
    rows = people.groupby(["tract", "origin", "sex"], as_index=False).size().assign(district=lambda f: f["tract"] % 3)
    pop = sg.Population.from_long(rows, unit="tract", group=["origin", "sex"], count="size")
    assert as_dict(pop) == alone(people, "origin", "sex")
    assert list(pop.attributes) == ["district"]
    rows.loc[2, "sex"] = None
    with pytest.raises(DataError, match=r"1 row of \d+ without unit, group or count \('origin \| sex': 1\)"):
        sg.Population.from_long(rows, unit="tract", group=["origin", "sex"], count="size")


def test_columns_of_several_levels(people, crossed):
    wide = people.pivot_table(index="tract", columns=list(DIMENSIONS), aggfunc="size", fill_value=0)
    pop = sg.Population.from_frame(wide, list(wide.columns))
    assert pop.dimensions == DIMENSIONS
    assert as_dict(pop) == as_dict(crossed)
    wide["district", "", ""] = 1
    wide["total", "", ""] = wide.drop(columns="district", level=0).sum(axis=1) + 5
    pop = sg.Population.from_frame(wide, list(wide.columns[:-3]), total="total")
    assert list(pop.attributes)[-2:] == ["district", "total"]
    assert pop.groups[-1] == "other"
    assert pop.dimensions["origin"] == DIMENSIONS["origin"]
    assert pop.margin("sex").groups == ("f", "m", "other")
    assert pop.margin("sex", "age").dimensions.keys() == {"sex", "age"}
    located = gpd.GeoDataFrame(wide, geometry=gpd.points_from_xy(range(30), range(30)), crs=3035)
    assert sg.Population.from_frame(located, list(wide.columns[:-2])).crs == 3035


def test_levels_that_say_nothing():
    wide = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "f"), ("a", "m")]))
    with pytest.raises(ParameterError, match=r"2 levels of the columns have no name; .*names = \['origin', 'age'\]"):
        sg.Population.from_frame(wide, [("a", "f"), ("a", "m")])
    wide.columns.names = ["origin", "sex"]
    with pytest.raises(UnknownNameError, match=r"no column \('a', 'x'\) \(groups=\)"):
        sg.Population.from_frame(wide, [("a", "f"), ("a", "x")])
    with pytest.raises(DataError, match="2 levels"):
        sg.Population.from_frame(wide, ["a", "b"])


def test_names_with_a_separator(people, crossed):
    wide = crossed.to_frame()
    wide.columns = [name.replace(" | ", "_") for name in wide.columns]
    plain = sg.Population.from_frame(wide, list(wide.columns))
    assert plain.dimensions == {}
    pop = plain.with_dimensions("origin", "age", "sex", separator="_")
    assert pop.groups == crossed.groups
    assert pop.dimensions == DIMENSIONS
    assert as_dict(pop.margin("age")) == alone(people, "age")


@pytest.mark.parametrize(
    ("names", "how", "kind", "message"),
    [
        ((), {}, ParameterError, "takes different names"),
        (("x", "x"), {}, ParameterError, "takes different names"),
        (("x", "y"), {"separator": ""}, ParameterError, "separator='' is no text"),
        (
            ("x", "y", "z"),
            {},
            DataError,
            r"3 groups of 3 are not called by 3 parts with '\|' between them \(first: 'a\|f'",
        ),
        (("x", "y"), {"separator": "_"}, DataError, "3 groups of 3 are not called by 2 parts"),
        (("x", "y"), {}, DataError, r"Two groups have the same parts \('a \| f'\)"),
    ],
)
def test_names_that_do_not_fit(names, how, kind, message):
    pop = sg.Population.from_frame(pd.DataFrame({"a|f": [1], "b|f": [2], "a |f": [3]}), ["a|f", "b|f", "a |f"])
    with pytest.raises(kind, match=message):
        pop.with_dimensions(*names, **how)


def test_merge_by_category(people, crossed):
    pop = crossed.merge({"under 65": ["0-14", "15-64"]}, dimension="age")
    assert pop.dimensions == {**DIMENSIONS, "age": ("under 65", "65+")}
    changed = people.assign(age=people["age"].where(people["age"] == "65+", "under 65"))
    assert as_dict(pop) == alone(changed, *DIMENSIONS)
    every = crossed.merge({"all": list(DIMENSIONS["age"])}, dimension="age")
    assert every.dimensions["age"] == ("all",)
    assert as_dict(every.margin("origin")) == alone(people, "origin")


def test_merge_select_and_versus_of_groups(crossed):
    young = [name for name in crossed.groups if " | 0-14 | " in name]
    pop = crossed.merge({"children": young})
    assert pop.dimensions == {}
    assert crossed.select(*young).dimensions == {**DIMENSIONS, "age": ("0-14",)}
    assert crossed.versus(young[0]).dimensions == {}
    renamed = crossed.merge({"asian | 0-64 | f": ["asian | 0-14 | f", "asian | 15-64 | f"]})
    assert renamed.dimensions["age"] == ("0-64", "0-14", "15-64", "65+")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda pop: pop.margin("race"),
            UnknownNameError,
            "'race' is not a dimension. There are: 'origin', 'age', 'sex'",
        ),
        (lambda pop: pop.margin(), ParameterError, "Name one or more different dimensions of 'origin', 'age', 'sex'"),
        (lambda pop: pop.margin("sex", "sex"), ParameterError, "one or more different"),
        (lambda pop: pop.margin("sex").margin("origin"), UnknownNameError, "'origin' is not a dimension"),
        (lambda pop: pop.select(*pop.groups[:2]).margin("age"), ParameterError, "Everybody is '0-14' by age; an index"),
        (lambda pop: pop.versus(pop.groups[0]).margin("sex"), ParameterError, r"not classified .*with_dimensions"),
        (lambda pop: pop.merge({"x": ["0-14"]}, dimension="ages"), UnknownNameError, "Did you mean 'age'"),
        (lambda pop: pop.merge({"x": ["0-15"]}, dimension="age"), UnknownNameError, "'0-15' is not a group"),
        (lambda pop: pop.merge({"65+": ["0-14"]}, dimension="age"), ParameterError, "There is a group '65"),
        (lambda pop: pop.merge({"x | y": ["0-14"]}, dimension="age"), DataError, r"'x \| y' of 'age' holds '\|'"),
        (
            lambda pop: pop.margin("sex").merge({"all": ["f", "m"]}, dimension="sex"),
            ParameterError,
            "One group would be left",
        ),
    ],
)
def test_what_is_refused(crossed, call, kind, message):
    with pytest.raises(kind, match=message):
        call(crossed)


def test_categories_that_could_not_be_told_apart(people):
    for value in ("a | b", "a |"):
        rows = people.assign(origin=people["origin"].replace("asian", value))
        with pytest.raises(DataError, match=r"of 'origin' holds '\|' between blanks or at its end"):
            sg.Population.from_long(rows, unit="tract", group=["origin", "sex"])
    rows = people.assign(age=[1 if k % 2 else "1" for k in range(len(people))])
    with pytest.raises((DataError, TypeError), match=r"read the same|"):
        sg.Population.from_long(rows, unit="tract", group=["age", "sex"])


def test_a_category_called_like_the_people_in_no_group():
    frame = pd.DataFrame({"other|f": [1, 2], "a|f": [3, 4], "n": [9, 9]})
    pop = sg.Population.from_frame(frame, ["other|f", "a|f"], total="n").with_dimensions("origin", "sex")
    assert pop.dimensions == {"origin": ("other", "a"), "sex": ("f",)}
    with pytest.raises(ParameterError, match=r"'other' is a category of 'origin' and also the group of those in no"):
        pop.margin("origin")
    assert pop.margin("sex").groups == ("f", "other")


def test_columns_that_are_no_dimensions(people):
    with pytest.raises(ParameterError, match=r"or a list of different columns, not \[\]"):
        sg.Population.from_long(people, unit="tract", group=[])
    with pytest.raises(ParameterError, match="different columns"):
        sg.Population.from_long(people, unit="tract", group=["sex", "sex"])
    with pytest.raises(UnknownNameError, match=r"no column 'race' \(group=\)"):
        sg.Population.from_long(people, unit="tract", group=["race", "sex"])


def test_dimensions_travel(people, crossed):
    assert pickle.loads(pickle.dumps(crossed)).dimensions == DIMENSIONS
    assert crossed.subset(crossed.totals > 0).dimensions == DIMENSIONS
    assert "_dimensions" not in repr(crossed)
    before = people.copy()
    sg.Population.from_long(people, unit="tract", group=list(DIMENSIONS))
    pd.testing.assert_frame_equal(people, before)


def test_margins_add_intervals_up(crossed):
    pop = crossed.with_intervals(np.maximum(crossed.counts - 1, 0), crossed.counts + 1)
    margin = pop.margin("sex")
    np.testing.assert_array_equal(margin.uncertainty.high, margin.counts + 9)
