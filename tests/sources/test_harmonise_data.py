"""Boundaries as they are published, put on each other."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import segregate as sg
from tests.helpers import quietly

RACES = ["white", "black", "asian", "hispanic"]


def test_detroit_2000_on_the_tracts_of_2010(shared_data):
    """Against the LTDB of Brown University, which interpolates by area too, but takes blocks and water into account."""
    pytest.importorskip("tobler", reason="tobler is not installed")
    frame = gpd.read_parquet(shared_data("us_tracts_2000/metro_detroit.parquet"))
    published = gpd.read_parquet(shared_data("detroit_1980_2010/detroit_tracts_wide.parquet")).set_index("geoid")
    wayne = sg.Population.from_frame(frame[frame["geoid"].str.startswith("26163")], RACES, id="geoid")
    made = quietly(sg.harmonise, wayne, published[["geometry"]])
    lost = made.lost["lost"].sum()
    assert np.isclose(made.size + lost, wayne.size, rtol=1e-9)
    assert lost < 1e-3 * wayne.size
    white = made.counts[:, 0]
    assert np.isclose(white.sum(), published["white_2000"].sum(), rtol=1e-3)
    assert np.median(np.abs(white - published["white_2000"])) < 20
    assert np.corrcoef(white, published["white_2000"])[0, 1] > 0.98
    ours = sg.dissimilarity(made.select("black", "white"))
    theirs = sg.Population.from_frame(published, ["black_2000", "white_2000"])
    assert abs(ours - sg.dissimilarity(theirs)) < 0.02


def test_leicester_output_areas_by_lookup_and_by_area(shared_data):
    frame = gpd.read_parquet(shared_data("ew_oa_2011/oa_leicester.parquet"))
    groups = ["whitebrit", "indian", "pakistani", "blkafrican"]
    areas = sg.Population.from_frame(frame, groups, id="oa")
    shapes = frame.dissolve("lsoa")[["geometry"]]
    summed = frame.groupby("lsoa")[groups].sum().loc[shapes.index]
    by_table = sg.harmonise(areas, shapes, crosswalk=pd.DataFrame(frame[["lad_code", "oa", "lsoa"]]))
    assert np.array_equal(by_table.counts, summed)
    assert by_table.lost.empty
    pytest.importorskip("tobler", reason="tobler is not installed")
    by_area = sg.harmonise(areas, shapes)
    assert np.allclose(by_area.counts, summed, rtol=1e-9)
    assert by_area.lost.empty


def test_new_haven_of_1990_on_the_tracts_of_2000(shared_data):
    pytest.importorskip("tobler", reason="tobler is not installed")
    groups = ["white", "black"]
    then = sg.Population.from_frame(
        gpd.read_parquet(shared_data("new_haven_network/newhaven_blockgroups_1990.parquet")), groups
    )
    now = sg.Population.from_frame(
        gpd.read_parquet(shared_data("new_haven_network/newhaven_tracts_2000.parquet")), groups, id="geoid"
    )
    moved = quietly(sg.harmonise, then, now)
    assert np.isclose(moved.size + moved.lost["lost"].sum(), then.size, rtol=1e-9)
    common = (moved.attributes["share_of_area_covered"] > 0.99).to_numpy()
    found = sg.change(moved.subset(common), now.subset(common))
    assert (found.units["status"] == "common").all()
    assert np.isclose(found.then, sg.mutual_information(moved.subset(common)), rtol=1e-9)
