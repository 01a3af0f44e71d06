"""Tables joined to geometry files."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError, SegregateWarning, UnknownNameError

GROUPS = ["a", "b"]
N = 20
IDS = [f"06{k:03d}" for k in range(N)]


def shapes(ids=IDS, **columns):
    k = np.arange(len(ids))
    return gpd.GeoDataFrame(
        {"geoid": ids, "land": k + 0.5, "a": -k, **columns},
        geometry=shapely.box(k * 1000, 0, k * 1000 + 900, 900),
        crs=32633,
    )


def table(ids=IDS, **columns):
    k = np.arange(len(ids))
    return pd.DataFrame({"fips": ids, "a": k + 1, "b": 50 - k, **columns})


def files(folder, counts=None, geometry=None, *, suffix="csv", shape_suffix="gpkg"):
    """Write both files and return their paths."""
    left, right = folder / f"counts.{suffix}", folder / f"tracts.{shape_suffix}"
    counts = table() if counts is None else counts
    {"csv": counts.to_csv, "xlsx": counts.to_excel, "parquet": counts.to_parquet}[suffix](left, index=False)
    geometry = shapes() if geometry is None else geometry
    geometry.to_parquet(right) if shape_suffix == "parquet" else geometry.to_file(right)
    return left, right


def joined(paths, on=("fips", "geoid"), **options):
    return sg.read(paths[0], groups=GROUPS, join=paths[1], on=on, **options)


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("shape_suffix", ["gpkg", "shp", "parquet"])
@pytest.mark.parametrize("columns", [None, []])
def test_join(tmp_path, suffix, shape_suffix, columns):
    order = np.random.default_rng(5).permutation(N)
    paths = files(tmp_path, table().iloc[order].reset_index(drop=True), suffix=suffix, shape_suffix=shape_suffix)
    pop = joined(paths, columns=columns)
    assert list(pop.ids) == [IDS[k] for k in order]
    assert np.array_equal(pop.counts, table()[GROUPS].to_numpy(float)[order])
    assert np.allclose(pop.points[:, 0], order * 1000 + 450)
    assert pop.crs == shapes().crs
    assert pop.source == f"counts.{suffix}, tracts.{shape_suffix}"
    assert pop.notes == ()
    if columns is None:
        assert np.array_equal(pop.attributes["land"], order + 0.5)


def test_one_key_for_both_and_another_id(tmp_path):
    paths = files(tmp_path, table(name=[f"n{k}" for k in range(N)]), shapes().rename(columns={"geoid": "fips"}))
    assert list(joined(paths, on="fips").ids) == IDS
    assert joined(paths, on=["fips", "fips"], id="name").ids[0] == "n0"


def test_area_of_the_geometry_file(tmp_path):
    pop = joined(files(tmp_path), area="land", columns=[])
    assert np.array_equal(pop.area, np.arange(N) + 0.5)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (list(range(100, 100 + N)), [str(k) for k in range(100, 100 + N)]),
        ([f"{k}" for k in range(100, 100 + N)], list(range(100, 100 + N))),
        (list(range(N)), [float(k) for k in range(N)]),
    ],
)
def test_numbers_match_text_of_the_same_digits(tmp_path, ours, theirs):
    pop = joined(files(tmp_path, table(ours), shapes(theirs)))
    assert not pop.geometry.isna().any()


def test_rows_without_a_shape_go_on_with_a_warning(tmp_path):
    paths = files(tmp_path, geometry=shapes().iloc[3:])
    with pytest.warns(
        SegregateWarning,
        match=r"3 rows of 20 in counts.csv without geometry in tracts.gpkg \(first 'fips': '06000', '06001', "
        r"'06002'\). Their people count, but nothing that needs space",
    ) as heard:
        pop = joined(paths)
    assert heard[0].filename == __file__
    assert pop.n_units == N
    assert pop.geometry.isna().tolist() == [True] * 3 + [False] * (N - 3)


def test_shapes_without_a_row_are_left_out_with_a_note(tmp_path):
    pop = joined(files(tmp_path, table().iloc[:18]))
    assert pop.n_units == 18
    assert pop.notes == ("2 shapes of 20 in tracts.gpkg left out: not in counts.csv",)


def test_shapes_without_a_key_are_left_out(tmp_path):
    pop = joined(files(tmp_path, table().iloc[1:], shapes([None, *IDS[1:]])))
    assert pop.n_units == N - 1
    assert not pop.geometry.isna().any()


def test_box_of_a_join(tmp_path):
    paths = files(tmp_path, geometry=shapes().iloc[1:])
    with pytest.warns(SegregateWarning, match="1 row of 20 .*They are left out, because bbox="):
        pop = joined(paths, bbox=(-10, 0, 2500, 10))
    assert list(pop.ids) == IDS[1:3]
    with pytest.raises(DataError, match=r"No row of counts.csv is left with bbox="):
        joined(files(tmp_path), bbox=(-10, 0, -5, 10))


def test_a_column_called_like_the_geometry(tmp_path):
    pop = joined(files(tmp_path, table(geometry="text")))
    assert list(pop.attributes["geometry"]) == ["text"] * N
    assert np.allclose(pop.points[:, 1], 450)


def test_layers_of_a_join(tmp_path):
    paths = files(tmp_path)
    shapes().iloc[:5].to_file(paths[1], layer="other")
    with pytest.raises(ParameterError, match=r"tracts.gpkg has 2 layers: 'tracts', 'other'"):
        joined(paths)
    assert joined(paths, layer="tracts").n_units == N
    left, _ = files(tmp_path, suffix="xlsx")
    with pd.ExcelWriter(left) as book:
        table().to_excel(book, sheet_name="old", index=False)
        table().to_excel(book, sheet_name="new", index=False)
    shapes().iloc[:5].to_file(paths[1], layer="other")
    assert joined((left, paths[1]), layer=("new", "tracts")).n_units == N


# refusals ---------------------------------------------------------------------------------


def refused(tmp_path, counts, geometry, message, kind=DataError, on=("fips", "geoid")):
    with pytest.raises(kind, match=message):
        joined(files(tmp_path, counts, geometry), on=on)


def test_no_key_matches(tmp_path):
    refused(
        tmp_path,
        table([f"X{k}" for k in range(N)]),
        shapes(),
        r"No 'fips' of counts.csv is a 'geoid' of tracts.gpkg \('X0', 'X1', 'X2', ... against '06000', '06001', "
        r"'06002', ...\)\. Check that on= names the same kind of id .*use Population.from_frame",
    )


def test_lost_zeros_in_the_table(tmp_path):
    refused(
        tmp_path,
        table([int(key) for key in IDS]),
        shapes(),
        r"'6000' against '06000': leading zeros were lost in 'fips'; read ids as text, .*str\.zfill\(5\)",
    )


def test_lost_zeros_in_the_geometry_file(tmp_path):
    refused(tmp_path, table(), shapes([int(key) for key in IDS]), r"'6000' against '06000': .* lost in 'geoid'")


def test_lost_zeros_in_some_rows(tmp_path):
    mixed = [str(int(key)) for key in IDS[:5]] + IDS[5:]
    with pytest.warns(SegregateWarning, match="5 rows of 20 .*leading zeros were lost in 'fips'"):
        joined(files(tmp_path, table(mixed)))


@pytest.mark.parametrize("pad", [" {}", "{} "])
def test_blanks_around_keys(tmp_path, pad):
    refused(tmp_path, table([pad.format(key) for key in IDS]), shapes(), "the same but for blanks around them")


def test_prefixes(tmp_path):
    long = [f"1400000US{key}" for key in IDS]
    refused(tmp_path, table(), shapes(long), r"'geoid' begins with '1400000US' and 'fips' does not: .*removeprefix")
    refused(tmp_path, table(long), shapes(), r"'fips' begins with '1400000US' and 'geoid' does not")


def test_upper_and_lower_case(tmp_path):
    refused(
        tmp_path,
        table([f"e{key}" for key in IDS]),
        shapes([f"E{key}" for key in IDS]),
        "the same but for upper and lower case",
    )


def test_repeated_keys_in_the_table(tmp_path):
    refused(
        tmp_path,
        table([*IDS[:-2], IDS[0], IDS[1]]),
        shapes(),
        r"2 values of 'fips' name more than one row of counts.csv \(first: '06000', '06001'\). .*from_long",
    )


def test_repeated_keys_in_the_geometry_file(tmp_path):
    refused(
        tmp_path,
        table(),
        shapes([*IDS[:-1], IDS[0]]),
        r"1 value of 'geoid' names more than one row of tracts.gpkg \(first: '06000'\). .*dissolve\('geoid'\)",
    )


def test_missing_keys_in_the_table(tmp_path):
    refused(
        tmp_path,
        table([IDS[0], "", *IDS[2:]]),
        shapes(),
        r"1 row of 20 in counts.csv without 'fips' \(first: data row 2\)",
    )


def test_unknown_keys(tmp_path):
    refused(
        tmp_path,
        None,
        None,
        r"counts.csv has no column 'fip' \(on=\). Did you mean 'fips'",
        UnknownNameError,
        ("fip", "geoid"),
    )
    refused(
        tmp_path,
        None,
        None,
        r"tracts.gpkg has no column 'geo' \(on=\). Did you mean 'geoid'",
        UnknownNameError,
        ("fips", "geo"),
    )


def test_unknown_column_of_a_join(tmp_path):
    with pytest.raises(UnknownNameError, match=r"no column 'lan' \(columns=\) in counts.csv and tracts.gpkg. .*'land'"):
        joined(files(tmp_path), columns=["lan"])


@pytest.mark.parametrize("on", [("a",), ("a", "b", "c"), (1, 2)])
def test_key_of_another_form(tmp_path, on):
    refused(tmp_path, None, None, "on= takes a column name, or a pair", ParameterError, on)


def test_join_without_key(tmp_path):
    refused(tmp_path, None, None, "join= needs on=, .* both have 'a'", ParameterError, None)
    refused(
        tmp_path,
        None,
        shapes().drop(columns="a"),
        r"join= needs on=, a pair .*counts.csv \('fips', 'a', 'b'\) and one of the geometry file \('geoid', 'land'",
        ParameterError,
        None,
    )


def test_key_without_join(tmp_path):
    left, _ = files(tmp_path)
    with pytest.raises(ParameterError, match="give the geometry file as well"):
        sg.read(left, groups=GROUPS, on="fips")


def test_joining_a_table_to_a_table(tmp_path):
    left, _ = files(tmp_path)
    with pytest.raises(ParameterError, match=r"join= takes a file with geometry \(.*\), and counts.csv has none"):
        sg.read(left, groups=GROUPS, join=left, on="fips")
    table().to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ParameterError, match=r"t.parquet has none"):
        sg.read(left, groups=GROUPS, join=tmp_path / "t.parquet", on="fips")


def test_geometry_and_table_the_wrong_way_round(tmp_path):
    left, right = files(tmp_path)
    with pytest.raises(ParameterError, match=r"tracts.gpkg has geometry of its own, .*change places"):
        sg.read(right, groups=GROUPS, join=left, on=("geoid", "fips"))


def test_missing_geometry_file(tmp_path):
    left, _ = files(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no file .*tract.gpkg'. Did you mean 'tracts.gpkg'"):
        sg.read(left, groups=GROUPS, join=tmp_path / "tract.gpkg", on="fips")


def test_condition_of_a_join_is_one_on_the_table(tmp_path):
    both = files(tmp_path)
    whole = joined(both)
    part = joined(both, where="a > 2")
    assert part.ids.tolist() == whole.ids[whole.counts[:, 0] > 2].tolist()
    assert 0 < part.n_units < whole.n_units


def test_candidates_come_from_the_table(tmp_path):
    left, right = files(tmp_path)
    with pytest.raises(ParameterError, match=r"columns of counts.csv .* hold numbers: 'a', 'b'\."):
        sg.read(left, join=right, on=("fips", "geoid"))
