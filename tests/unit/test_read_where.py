"""Conditions in SQL for formats that know no SQL; SQLite says which rows meet them."""

import sqlite3

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io._where import parse_condition

TABLE = pa.table(
    {
        "n": pa.array(range(12), pa.int64()),
        "state": ["CA", "NV", None, "ca", "O'N", "", "CA", "a%b", "NV", "é", "06", "CAL"],
        "year": pa.array([2000, 2010, None, 2020, 2010, 2011, 0, -5, 2000, 2001, 2010, 2000], pa.int32()),
        "rate": [1.5, None, 0.0, -2.0, 1.5, 3e3, 0.25, 1.0, None, 2.0, 1.0, 1.5],
        "Two Words": pa.array([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, None], pa.int8()),
        "kind": pa.array(["x", "y", "x", None, "z", "x", "y", "y", "z", "z", "x", "x"]).dictionary_encode(),
    }
)


@pytest.fixture(scope="module")
def base():
    """The same table in SQLite, where LIKE tells upper from lower case as well."""
    made = sqlite3.connect(":memory:")
    TABLE.to_pandas().astype(object).where(lambda f: f.notna(), None).to_sql("t", made, index=False)
    made.execute("pragma case_sensitive_like = on")
    yield made
    made.close()


def rows(where):
    return TABLE.filter(parse_condition(where, TABLE.column_names, "t.csv").expression(TABLE.schema))["n"].to_pylist()


WRITTEN = [
    "state = 'CA'",
    "state != 'CA'",
    "state <> 'CA' AND year >= 2010",
    "NOT state = 'CA'",
    "state = 'O''N'",
    "state == ''",
    "year IN (2010, 2000)",
    "year NOT IN (2010, 2000)",
    "NOT (year IN (2010, 2000) OR state = 'NV')",
    "rate NOT IN (1.5, 0)",
    "rate != 1.5",
    "rate < 1.5",
    "NOT rate < 1.5",
    "year = 2010.0",
    "year < 2010.5 and rate > -1e1",
    "rate IS NULL",
    "rate is not null",
    "NOT NOT (rate IS NULL)",
    '"Two Words" BETWEEN 2 AND 4',
    "\"Two Words\" NOT BETWEEN 2 AND 4 OR kind = 'x'",
    "year = 300000000000",
    '"Two Words" IN (1, 300)',
    "state LIKE 'C%'",
    "state NOT LIKE 'C_'",
    "state LIKE '%%' AND NOT kind IN ('x', 'y')",
    "kind = 'x' OR kind = 'y' AND year = 2000",
    "(kind = 'x' OR kind = 'y') AND year = 2000",
    "state < 'D'",
    "((((year = -5))))",
]


@pytest.mark.parametrize("where", WRITTEN)
def test_same_rows_as_sqlite(base, where):
    assert rows(where) == [n for (n,) in base.execute(f"select n from t where {where}")]


texts = st.sampled_from(["'CA'", "'NV'", "'ca'", "''", "'O''N'", "'06'"])
numbers = st.sampled_from(["2000", "2010", "-5", "0", "1.5", "2e3", "+1"])
signs = st.sampled_from(["=", "!=", "<>", "<", "<=", ">", ">="])
maybe = st.sampled_from(["", "NOT "])
leaves = st.one_of(
    st.tuples(st.sampled_from(["state", "kind"]), signs, texts).map(" ".join),
    st.tuples(st.sampled_from(["year", "rate", '"Two Words"']), signs, numbers).map(" ".join),
    st.tuples(st.sampled_from(["year", "rate"]), maybe, st.lists(numbers, min_size=1, max_size=3)).map(
        lambda t: f"{t[0]} {t[1]}IN ({', '.join(t[2])})"
    ),
    st.tuples(st.sampled_from(["year", "rate"]), maybe, numbers, numbers).map(
        lambda t: f"{t[0]} {t[1]}BETWEEN {t[2]} AND {t[3]}"
    ),
    st.tuples(st.sampled_from(["state", "rate", "year"]), maybe).map(lambda t: f"{t[0]} IS {t[1]}NULL"),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        inner.map(lambda text: f"NOT ({text})"),
        inner.map(lambda text: f"({text})"),
    ),
    max_leaves=6,
)


@given(conditions)
def test_any_condition_gives_the_rows_of_sqlite(where):
    made = sqlite3.connect(":memory:")
    TABLE.to_pandas().astype(object).where(lambda f: f.notna(), None).to_sql("t", made, index=False)
    assert rows(where) == [n for (n,) in made.execute(f"select n from t where {where}")]
    made.close()


def test_nan_counts_as_missing():
    table = pa.table({"n": [0, 1, 2], "rate": [float("nan"), None, 1.0]})

    def found(where):
        return table.filter(parse_condition(where, table.column_names, "t").expression(table.schema))["n"].to_pylist()

    assert found("rate != 5") == [2]
    assert found("rate IS NULL") == [0, 1]
    assert found("rate NOT IN (5)") == [2]
    assert found("NOT rate = 5") == [2]


def test_case_of_columns_matters_only_between_twins():
    assert rows("STATE = 'CA'") == rows("state = 'CA'")
    table = pa.table({"a": [1], "A": [2]})
    assert parse_condition("A = 2", table.column_names, "t").columns == ("A",)
    with pytest.raises(ParameterError, match=r"there is no column 'x'. There are: 'a', 'A'"):
        parse_condition("x = 1", table.column_names, "t")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", r"takes a condition, such as \"state = 'CA'\""),
        (7, "takes a condition"),
        ("state", r"was not understood for t.csv, at its end. It takes comparisons .*columns are 'n', 'state'"),
        ("state = ", "at its end"),
        ("(year = 1", "at its end"),
        ("year = 1)", r"from '\)' on"),
        ("year = kind", "from 'kind' on"),
        ("5 < year", "from '5 < year' on"),
        ("year = NULL", "from 'NULL' on. .*IS NULL"),
        ("year not = 1", "from '= 1' on"),
        ("year IS 5", "from '5' on"),
        ("year IN 5", "from 'IN 5' on"),
        ("year IN (5", "at its end"),
        ("year BETWEEN 1 OR 5", "from 'OR 5' on"),
        ("state LIKE 5", "from '5' on"),
        ('"year = 5', "from '\"year = 5' on"),
        ("year = 5x", "from '5x' on"),
        ("year = 1 # x", "from '# x' on"),
        ("stat = 'CA'", r"does not fit t.csv: there is no column 'stat'. Did you mean 'state'"),
        ("state = 06", "column 'state' holds text; write '06', in quotes"),
        ("kind IN (1)", "column 'kind' holds text; write '1', in quotes"),
        ("year = '2010'", "column 'year' holds numbers, and '2010' is none; write 2010, without quotes"),
        ("year = 'x'", "column 'year' holds numbers, and 'x' is none"),
        ("year LIKE '20%'", "column 'year' holds numbers, and '20%' is none"),
        ("rate = TRUE", "column 'rate' holds numbers, and TRUE is none"),
        ("(" * 60 + "year = 1" + ")" * 60, "more than 50 brackets within brackets"),
        (" OR ".join(["year = 1"] * 501), r"more than 500 comparisons; for a list of values use IN"),
        ("year = 1" + " " * 100_000 + "AND year = 2", "has 100,020 characters; more than 100,000"),
    ],
)
def test_what_is_no_condition(where, message):
    with pytest.raises(ParameterError, match=message):
        rows(where)


def test_many_values_and_deep_brackets_that_are_allowed():
    assert rows(f"year IN ({', '.join(map(str, range(5000)))})") == [0, 1, 3, 4, 5, 6, 8, 9, 10, 11]
    assert rows("(" * 50 + "year = -5" + ")" * 50) == [7]
    assert rows(" OR ".join(["year = -5"] * 500)) == [7]


def test_truth_and_dates():
    table = pa.table(
        {
            "n": [0, 1, 2],
            "open": [True, False, None],
            "day": pa.array([0, 18_000, None], pa.date32()),
            "blob": pa.array([b"a", b"b", None]),
        }
    )

    def found(where):
        return table.filter(parse_condition(where, table.column_names, "t").expression(table.schema))["n"].to_pylist()

    assert found("open = TRUE") == [0]
    assert found("open != true") == [1]
    assert found("day >= '2019-01-01'") == [1]
    for where, message in (
        ("open = 'x'", "holds true and false; write open = TRUE"),
        ("day = 5", r"holds times \(date32\[day\]\); write them like '2021-03-21'"),
        ("day = 'noon'", "holds times"),
        ("blob = 'a'", "holds binary values, which cannot be compared"),
    ):
        with pytest.raises(ParameterError, match=message):
            found(where)


# in files ---------------------------------------------------------------------------------


def units(n=20):
    k = np.arange(n)
    return gpd.GeoDataFrame(
        {"fips": [f"0{i:03d}" for i in k], "state": np.where(k < 5, "CA", "NV"), "a": k + 1, "b": 50 - k},
        geometry=shapely.box(k * 1000, 0, k * 1000 + 900, 900),
        crs=32633,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("files")
    units().to_parquet(path / "u.parquet")
    units().to_parquet(path / "boxed.parquet", write_covering_bbox=True, row_group_size=5)
    units().to_file(path / "u.gpkg")
    table = pd.DataFrame(units().drop(columns="geometry"))
    table.to_parquet(path / "plain.parquet")
    table.to_csv(path / "u.csv", index=False)
    table.to_excel(path / "u.xlsx", index=False)
    return path


@pytest.mark.parametrize("file", ["u.parquet", "boxed.parquet", "plain.parquet", "u.csv", "u.xlsx", "u.gpkg"])
@pytest.mark.parametrize("columns", [None, [], ["state"]])
def test_condition_in_every_format(folder, file, columns):
    pop = sg.read(folder / file, groups=["a", "b"], id="fips", where="state = 'CA' AND a > 2", columns=columns)
    assert list(pop.ids) == ["0002", "0003", "0004"]
    assert list(pop.attributes.columns) == (["fips"] if columns == [] else ["fips", "state"])


def test_condition_and_box(folder):
    for file in ("u.parquet", "boxed.parquet"):
        pop = sg.read(folder / file, groups=["a", "b"], id="fips", where="a > 1", bbox=(-500, -500, 1500, 500))
        assert list(pop.ids) == ["0001"]


@pytest.mark.parametrize("file", ["u.parquet", "u.csv", "u.xlsx"])
def test_nothing_is_left(folder, file):
    with pytest.raises(DataError, match=rf"No row of {file} is left with where='a > 99'"):
        sg.read(folder / file, groups=["a", "b"], where="a > 99")


def test_labels_are_the_same_whatever_is_read_with_them(tmp_path):
    lines = ["id,code,n,a,b", "06067,x1,1,1,2", "17031,22,2,3,4", "17032,23,<5,5,6"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    pop = sg.read(tmp_path / "t.csv", groups=["a", "b"], id="id", where="id >= '17'")
    assert list(pop.ids) == ["17031", "17032"]
    pop = sg.read(tmp_path / "t.csv", groups=["n", "a"], id="id", where="id = '17031'")
    assert pop.counts.tolist() == [[2, 3]]
    with pytest.raises(DataError, match=r"not numbers: '<5'"):
        sg.read(tmp_path / "t.csv", groups=["n", "a"], id="id")


def test_row_groups_that_cannot_meet_the_condition_are_not_read(folder):
    """The statistics of a row group say what is in it; of the four groups one is left."""
    (fragment,) = ds.dataset(folder / "boxed.parquet").get_fragments()
    schema = pq.read_schema(folder / "boxed.parquet")
    condition = parse_condition("a BETWEEN 7 AND 9", schema.names, "t").expression(schema)
    assert len(fragment.split_by_row_group()) == 4
    assert len(fragment.split_by_row_group(condition)) == 1


def test_only_the_columns_that_are_needed_are_read(folder, monkeypatch):
    seen = []
    whole = pa.csv.open_csv

    def spy(*args, **options):
        seen.append(len(options["convert_options"].include_columns))
        return whole(*args, **options)

    monkeypatch.setattr("pyarrow.csv.open_csv", spy)
    sg.read(folder / "u.csv", groups=["a", "b"], columns=[])
    sg.read(folder / "u.csv", groups=["a", "b"], columns=[], where="state = 'CA'")
    sg.read(folder / "u.csv", groups=["a", "b"])
    assert seen == [2, 1, 2, 4], "a condition is looked at on its own, first"
