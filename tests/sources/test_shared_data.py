"""Every file of the shared data: read by its layout, or a clear question back; nothing is guessed."""

import os
from pathlib import Path

import pytest

import segregate as sg
from tests.helpers import quietly

DATA = Path(os.environ.get("SEGREGATE_DATA") or Path(__file__).parents[3] / "shared" / "data")
FILES = sorted(path for path in DATA.rglob("*") if path.suffix in (".parquet", ".gpkg", ".csv"))
GROUPS = {
    "ew_lsoa_2011_2021/lsoa_panel_unchanged.parquet": ["white", "mixed", "asian", "black", "other"],
    "germany_grid_2011/germany_1km.parquet": ["german", "foreign"],
    "us_tracts_2000/tracts_us_points.parquet": [
        "white",
        "black",
        "native",
        "asian",
        "pacific",
        "other",
        "multi",
        "hispanic",
    ],
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_without_a_known_layout_asks_which_columns_are_groups(path):
    with pytest.raises(sg.ParameterError, match=r"groups= is needed: which columns of") as asked:
        quietly(sg.read, path)
    message = str(asked.value)
    assert path.name in message
    assert "'aland'" not in message
    assert "groups=['total'" not in message


@pytest.mark.parametrize("name", GROUPS)
def test_with_its_groups_a_file_is_read(name, shared_data):
    pop = quietly(sg.read, shared_data(name), groups=GROUPS[name])
    assert pop.groups == tuple(GROUPS[name])
    assert pop.size > 1e6
    assert pop.source == Path(name).name
