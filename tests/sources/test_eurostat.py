"""Eurostat census grid 2021: its traps."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import read_source

from .make_eurostat_grid_2021 import ROWS

GROUPS = ["native", "other_eu", "elsewhere"]
V3 = "ESTAT_Census_2021_V3.csv"


def asked(**options):
    return {"source": "eurostat_grid_2021", **options}


@pytest.fixture
def folder(made):
    return made("eurostat_grid_2021")


@pytest.mark.parametrize("file", [V3, "ESTAT_Census_2021_V3.gpkg", "ESTAT_Census_2021_V2.csv", "flags.csv"])
def test_kinds_in_each_version(folder, file):
    found = read_source(folder / file)
    kinds = found.kinds
    assert kinds.loc["CRS3035RES1000mN1766000E5474000"].tolist() == ["suppressed"] * 3
    assert kinds.loc["CRS3035RES1000mN3135000E4051000"].tolist() == ["perturbed", "missing", "missing"]
    assert kinds.loc["CRS3035RES1000mN3136000E4051000"].tolist() == ["missing"] * 3, "all 0 where 80 people live"
    assert kinds.loc["CRS3035RES1000mN2686000E4286000"].tolist() == ["perturbed"] * 3, "all 0 where nobody lives"
    assert found.frame[GROUPS].min().min() == 0, "no sentinel among the people"


def test_sentinels_are_never_summed(folder):
    plain = pd.read_csv(folder / V3)
    assert plain["NAT"].sum() < 0, "what summing them does"
    found = read_source(folder / V3).frame
    assert found["native"].sum() == 529
    population = sg.read(folder / V3, suppressed="low", missing="drop")
    assert population.size == 367 + 47 + 24 + 22 + 1 + 90 + 10 + 20


def test_suppressed_cells_ask_what_to_do(folder):
    with pytest.raises(DataError, match=r"3 counts in 1 unit of 7 are suppressed .*They are not zero"):
        sg.read(folder / V3)
    with pytest.raises(DataError, match=r"2 units of 7 have no count in some column"):
        sg.read(folder / V3, suppressed="low")


def test_the_denominator_is_a_choice(folder):
    by_groups = sg.read(folder / V3, suppressed="drop", missing="drop")
    assert by_groups.groups == tuple(GROUPS)
    assert by_groups.totals[0] == 367 + 47 + 24
    assert by_groups.attributes["published_total"].iloc[0] == 439
    by_total = sg.read(folder / V3, source=asked(denominator="total"), suppressed="drop", missing="drop")
    assert by_total.groups == (*GROUPS, "other")
    assert by_total.totals[0] == 439
    assert by_total.counts[0, 3] == 1
    for population in (by_groups, by_total):
        assert any("another number than T in 2 units of 4: 0 people more and 3 fewer" in n for n in population.notes)


def test_birth_is_not_citizenship(folder):
    population = sg.read(folder / V3, suppressed="drop", missing="drop")
    assert set(population.groups) == set(population.provenance.meanings)
    for meaning in population.provenance.meanings.values():
        assert "place of birth, not citizenship" in meaning


@pytest.mark.parametrize(("country", "units"), [("AT", 3), ("CH", 2), ("LI", 1), ("EL", 2), ("DE", 2)])
def test_a_cell_belongs_to_all_its_countries(folder, country, units):
    found = read_source(folder / V3, source=asked(country=country))
    assert len(found.frame) == units
    wanted = [row[0] for row in ROWS if country in row[4].split("-")]
    assert found.frame["GRD_ID"].tolist() == wanted


@pytest.mark.parametrize(
    ("file", "country", "message"),
    [
        (V3, "GR", r"in country 'GR'\. Greece is EL\. There are 'AT', 'CH', 'DE', 'EL', 'LI'\."),
        (V3, "A", "No cell of .* is in country 'A'"),
        (V3, "AT-CH", "No cell of .* is in country 'AT-CH'"),
        ("ESTAT_Census_2021_V2.csv", "AT", "country= needs the column CNTR_ID"),
    ],
)
def test_countries_that_are_not_there(folder, file, country, message):
    with pytest.raises(ParameterError, match=message):
        read_source(folder / file, source=asked(country=country))


def test_employment_that_is_not_provided_is_said(folder):
    notes = read_source(folder / V3).notes
    assert "EMP is 0 in 2 cells with 50 or more people aged 15 to 64: not provided, it seems" in notes


def test_a_known_noise_gives_intervals(folder):
    population = sg.read(folder / V3, source=asked(noise=2), suppressed="drop", missing="drop")
    np.testing.assert_array_equal(population.uncertainty.low[0], [365, 45, 22])
    np.testing.assert_array_equal(population.uncertainty.high[0], [369, 49, 26])
    np.testing.assert_array_equal(population.uncertainty.low[1], [0, 0, 0])
    unknown = sg.read(folder / V3, suppressed="drop", missing="drop")
    assert unknown.uncertainty is None
    assert any("no intervals of the counts: how far 12 cells of 12 (perturbed)" in note for note in unknown.notes)


def test_geometry(folder):
    squares = read_source(folder / V3).geometry
    package = read_source(folder / "ESTAT_Census_2021_V3.gpkg").geometry
    assert squares.geom_equals(package).all()
    points = read_source(folder / "ESTAT_Census_2021_V3.gpkg", source=asked(geometry="points")).geometry
    assert points.geom_equals(squares.centroid).all()
    assert read_source(folder / V3, source=asked(geometry="none")).geometry is None


def test_shapes_that_lie_elsewhere_than_their_ids_are_refused(folder, tmp_path):
    frame = gpd.read_file(folder / "ESTAT_Census_2021_V3.gpkg")
    turned = frame.set_geometry(frame.geometry.affine_transform([0, 1, 1, 0, 0, 0]))  # easting and northing swapped
    turned.to_file(tmp_path / "turned.gpkg")
    with pytest.raises(DataError, match="7 cells of 7 lie elsewhere than GRD_ID says .* northing comes first"):
        read_source(tmp_path / "turned.gpkg")


def test_a_code_that_is_not_known_is_refused(folder, tmp_path):
    text = (folder / V3).read_text().replace("-8888", "-9986")
    (tmp_path / "odd.csv").write_text(text)
    with pytest.raises(DataError, match=r"column 'EU_OTH' of odd\.csv holds a negative number \('-9986'\)"):
        read_source(tmp_path / "odd.csv")


@pytest.mark.parametrize(
    "options", [{"denominator": "people"}, {"geometry": "hexagons"}], ids=["denominator", "geometry"]
)
def test_options_that_are_not_known(folder, options):
    with pytest.raises(ParameterError, match="is not known; it is one of"):
        read_source(folder / V3, source=asked(**options))
