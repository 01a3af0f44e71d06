"""The sample data: what they hold, where they come from, how they are found."""

import os
import runpy
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, UnknownNameError
from segregate.io import samples

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "samples"
PUBLIC = Path(os.environ.get("SEGREGATE_DATA", ROOT.parent / "shared" / "data"))
TRACTS = PUBLIC / "sacramento_2000_sf3" / "sacramentot2.parquet"
needs_public_data = pytest.mark.skipif(
    not TRACTS.is_file(), reason="the public data are not there (SEGREGATE_DATA or ../shared/data)"
)


def test_sacramento():
    pop = sg.sample("sacramento")
    assert pop.groups == ("white", "black", "asian", "hisp")
    assert pop.n_units == 403
    assert pop.size == 1_701_630
    assert pop.source == "US Census Bureau, Census 2000 SF3"
    assert pop.crs.to_epsg() == 4269
    assert pop.ids.name == "fips"
    assert pop.ids.str.fullmatch("06[0-9]{9}").all()
    assert pop.attributes["tot_pop"].sum() == 1_796_857
    assert pop.geometry.is_valid.all()
    assert shapely.coverage_is_valid(pop.geometry.to_numpy())
    assert set(pop.attributes["county"]) == {"El Dorado", "Placer", "Sacramento", "Yolo"}


def test_schools():
    pop = sg.sample("schools")
    assert pop.groups == ("asian", "black", "hispanic", "white")
    assert pop.n_units == 40
    assert "synthetic" in pop.source
    assert np.array_equal(pop.totals, pop.attributes["pupils"])
    assert pop.ids.str.fullmatch("0[1-4]00[0-9]{2}").all()
    assert pop.attributes["school"].str.startswith("Synthetic School").all()
    assert list(pop.attributes["district"].value_counts()) == [10] * 4
    assert pop.crs.to_epsg() == 4326


def test_both_files_of_sacramento_are_the_same():
    options = {"groups": ["white", "black", "asian", "hisp"], "id": "fips"}
    one, two = (sg.read(sg.sample_path(f"sacramento.{suffix}"), **options) for suffix in ("gpkg", "parquet"))
    assert np.array_equal(one.counts, two.counts)
    assert one.ids.equals(two.ids)
    assert one.geometry.geom_equals(two.geometry).all()
    assert one.attributes.astype(object).equals(two.attributes.astype(object))
    assert (one.source, two.source) == ("sacramento.gpkg", "sacramento.parquet")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("sacramento", "sacramento.gpkg"),
        ("sacramento.parquet", "sacramento.parquet"),
        ("schools", "schools.csv"),
        ("schools.csv", "schools.csv"),
    ],
)
def test_paths(name, file):
    path = sg.sample_path(name)
    assert path.is_file()
    assert path.name == file
    assert path.stat().st_size < 1_500_000


def test_unknown_sample():
    with pytest.raises(UnknownNameError, match=r"no sample 'sacremento'. Did you mean 'sacramento'"):
        sg.sample("sacremento")
    with pytest.raises(UnknownNameError, match=r"no sample file 'school\.csv'. Did you mean 'schools\.csv'"):
        sg.sample_path("school.csv")


def test_installation_without_samples(monkeypatch, tmp_path):
    monkeypatch.setattr(samples, "FOLDERS", (tmp_path,))
    with pytest.raises(DataError, match=r"schools\.csv is not installed; install segregate again"):
        sg.sample("schools")


def test_samples_beside_the_package_come_first(monkeypatch, tmp_path):
    (tmp_path / "schools.csv").write_bytes((FOLDER / "schools.csv").read_bytes())
    monkeypatch.setattr(samples, "FOLDERS", (tmp_path, FOLDER))
    assert sg.sample_path("schools").parent == tmp_path
    assert sg.sample_path("sacramento").parent == FOLDER


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(FOLDER / "make_samples.py"), run_name="make_samples")


def test_script_makes_the_same_schools(script, tmp_path):
    script["write_schools"](tmp_path)
    assert (tmp_path / "schools.csv").read_bytes() == (FOLDER / "schools.csv").read_bytes()


@needs_public_data
def test_script_makes_the_same_tracts(script, tmp_path):
    script["write_sacramento"](tmp_path)
    for read, name in ((gpd.read_file, "sacramento.gpkg"), (gpd.read_parquet, "sacramento.parquet")):
        made, kept = read(tmp_path / name), read(FOLDER / name)
        assert made.geometry.geom_equals_exact(kept.geometry, 1e-9).all()
        assert pd.DataFrame(made.drop(columns="geometry")).equals(pd.DataFrame(kept.drop(columns="geometry")))


@needs_public_data
def test_tracts_are_those_of_the_public_file():
    original = gpd.read_parquet(TRACTS).set_index("fips")
    kept = gpd.read_parquet(FOLDER / "sacramento.parquet").set_index("fips")
    original = original.loc[kept.index]
    numbers = [name for name in kept.columns if name not in ("county", "geometry")]
    assert (kept[numbers] == original[numbers]).all(axis=None)
    kept, original = kept.to_crs(32610), original.to_crs(32610)
    assert kept.centroid.distance(original.centroid).max() < 0.4
    assert abs(kept.area / original.area - 1).max() < 0.001
    assert kept.hausdorff_distance(original).max() < 20


def test_readme_tells_what_is_there():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in (*sg.sample("sacramento").attributes.columns, *sg.sample("schools").attributes.columns):
        assert f"`{name}`" in text
    assert "schools that do not exist" in text


@needs_public_data
@pytest.mark.parametrize("dataset", ["sacramento_2000_sf3/sacramentot2.parquet"])
def test_public_file_reads(dataset):
    pop = sg.read(PUBLIC / dataset, groups=["white", "black", "asian", "hisp"], id="fips")
    assert np.array_equal(
        pop.counts[pop.ids.argsort()], sg.sample("sacramento").counts[sg.sample("sacramento").ids.argsort()]
    )


def test_zipped_shapefile_of_the_sample(tmp_path):
    """The whole way: the sample as the zipped Shapefile that offices exchange."""
    gpd.read_file(sg.sample_path("sacramento")).to_file(tmp_path / "tracts.shp")
    with zipfile.ZipFile(tmp_path / "tracts.zip", "w") as archive:
        for part in tmp_path.glob("tracts.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    pop = sg.read(tmp_path / "tracts.zip", groups=["white", "black", "asian", "hisp"], id="fips")
    assert np.array_equal(pop.counts, sg.sample("sacramento").counts)
