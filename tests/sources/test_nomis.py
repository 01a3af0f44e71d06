"""Census 2021, TS021: broad and detailed groups."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import read_source

from .make_nomis_ts021 import COLUMNS, HEAD, ROWS

FILE = "census2021-ts021-oa.csv"
BROAD = [0, 1, 7, 11, 16, 22]
"""Places of the total and of the broad columns among those of the table."""


def asked(detail):
    return {"source": "nomis_ts021", "detail": detail}


def test_the_broad_columns_are_where_the_publisher_has_them():
    """Columns 4, 5, 11, 15, 20 and 26 of the file, counted from 1, after date, geography and code."""
    assert [place + 4 for place in BROAD] == [4, 5, 11, 15, 20, 26]
    assert all(":" not in COLUMNS[place].removeprefix("Total: ") for place in BROAD)


@pytest.mark.parametrize(("detail", "groups"), [("broad", 5), ("detailed", 19)])
def test_nobody_is_counted_twice(made, detail, groups):
    population = sg.read(made("nomis_ts021") / FILE, source=asked(detail))
    assert population.n_groups == groups
    everything = sum(sum(counts[1:]) for counts in ROWS.values())
    assert population.size < 0.6 * everything, "broad and detailed together would be twice the people"
    assert population.totals[:2].tolist() == [175, 254]


def test_one_or_the_other_only(made):
    with pytest.raises(ParameterError, match="detail='both' is not known; it is one of 'broad', 'detailed'"):
        sg.read(made("nomis_ts021") / FILE, source=asked("both"))


def test_detailed_groups_merge_into_the_broad_ones(made):
    detailed = sg.read(made("nomis_ts021") / FILE, source=asked("detailed"))
    black = detailed.merge({"black": ["african", "caribbean", "other_black"]})
    broad = sg.read(made("nomis_ts021") / FILE)
    assert black.counts[:2, black.groups.index("black")].tolist() == broad.counts[:2, 1].tolist()


def test_a_file_without_some_of_the_columns_is_refused(made, tmp_path):
    frame = pd.read_csv(made("nomis_ts021") / FILE).drop(columns=HEAD + "White: Roma")
    frame.to_csv(tmp_path / FILE, index=False)
    with pytest.raises(DataError, match="lacks 1 column of TS021: 'Ethnic group: White: Roma'"):
        read_source(tmp_path / FILE)


def test_shapes_are_joined_by_the_code(made, tmp_path):
    codes = [*ROWS][::-1]
    squares = [box(1000 * place, 0, 1000 * place + 1000, 1000) for place in range(len(codes))]
    gpd.GeoDataFrame({"OA21CD": codes}, geometry=squares, crs="EPSG:27700").to_file(tmp_path / "oa.gpkg")
    population = sg.read(made("nomis_ts021") / FILE, join=tmp_path / "oa.gpkg", on=("geography code", "OA21CD"))
    assert population.ids.tolist() == [*ROWS]
    assert population.crs.to_epsg() == 27700
    assert population.geometry.bounds["minx"].tolist() == [2000, 1000, 0]
    assert [file.name for file in population.provenance.files] == [FILE, "oa.gpkg"]


def test_counts_carry_noise_of_unknown_size(made):
    population = sg.read(made("nomis_ts021") / FILE)
    assert population.disclosure.table["kind"].tolist() == ["perturbed"]
    assert population.uncertainty is None
