"""A table measured in tiles against the same table in memory: seams are exact."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.batch import _store
from segregate.batch._plan import TOGETHER, separable
from segregate.errors import ParameterError
from segregate.registry import specs
from tests.batch.plans import GROUPS
from tests.helpers import quietly

AROUND = [name for name, spec in specs.items() if separable(spec) and not spec.required and spec.environment]
AT_HOME = [name for name, spec in specs.items() if separable(spec) and not spec.required]


def nation(seed=1, units=2500):
    """Return units that lie close in some places and far apart in others, with a group that crowds in the west."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.integers(0, 50, (units, 3)), columns=GROUPS)
    table["x"] = 4e6 + 20_000 * rng.beta(0.7, 1.5, units)
    table["y"] = 3e6 + rng.uniform(0, 15_000, units)
    table["b"] = np.where(table["x"] < 4.003e6, 4 * table["b"], table["b"])
    table.loc[:20, GROUPS] = 0
    return table


def plan(folder, *, tiles, indices, environments, **data):
    given = {"path": str(folder / "nation.parquet"), "label": "the nation", "year": 2021, "groups": GROUPS}
    return {
        "plan": {"name": "nation", "output": str(folder / "out")},
        "data": [given | {"tiles": tiles} | data],
        "measure": {"indices": indices, "environments": environments},
        "engine": {"workers": 1},
    }


def compared(found, pops, indices):
    expected = pd.concat([quietly(sg.measure, pop, indices) for pop in pops], ignore_index=True)
    names = ["index", "symbol", "family", "group", "versus", "environment", "params", "status"]
    assert found[names].to_numpy().tolist() == expected[names].to_numpy().tolist()
    np.testing.assert_allclose(found["value"], expected["value"], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("tiles", [2600, 7000.0])
def test_seams_are_exact(tmp_path, monkeypatch, tiles):
    table = nation()
    table.to_parquet(tmp_path / "nation.parquet")
    monkeypatch.setattr(_store, "ROWS", 700)
    monkeypatch.setattr("segregate.batch._tasks.ROWS", 400)
    around = [
        {"kind": "home"},
        {"kind": "kernel", "radius": [800, 2500]},
        {"kind": "kernel", "radius": 1200, "shape": "uniform"},
    ]
    found = sg.run(plan(tmp_path, tiles=tiles, indices=AROUND, environments=around, points=["x", "y"], crs="EPSG:3035"))
    assert len(list((tmp_path / "out" / "parts").glob("*.parquet"))) > 3
    pop = sg.Population.from_frame(table, GROUPS, points=("x", "y"), crs="EPSG:3035")
    pops = [pop, *(pop.within(sg.Kernel(*how)) for how in ((800,), (2500,), (1200, "uniform")))]
    compared(found, pops, AROUND)
    assert set(found["units"]) == {2500}
    assert set(found["people"]) == {pop.size}
    assert set(found["city"]) == {"the nation"}


def test_every_index_that_is_said_to_be_a_sum_is_one(tmp_path, monkeypatch):
    nation().to_parquet(tmp_path / "nation.parquet")
    monkeypatch.setattr("segregate.batch._tasks.ROWS", 300)
    found = sg.run(
        plan(tmp_path, tiles=3000, indices=AT_HOME, environments=["home"], points=["x", "y"], crs="EPSG:3035")
    )
    pop = sg.Population.from_frame(nation(), GROUPS, points=("x", "y"), crs="EPSG:3035")
    compared(found, [pop], AT_HOME)


@pytest.mark.parametrize("index", TOGETHER)
def test_others_are_no_sums(tmp_path, monkeypatch, index):
    """What is left out would be wrong, or the list would be too long."""
    monkeypatch.setattr("segregate.batch._plan.TOGETHER", ())
    nation().to_parquet(tmp_path / "nation.parquet")
    given = plan(tmp_path, tiles=3000, indices=[index], environments=["home"], points=["x", "y"], crs="EPSG:3035")
    found = sg.run(given)
    expected = quietly(sg.measure, sg.Population.from_frame(nation(), GROUPS), index)
    assert np.abs(found["value"] - expected["value"]).max() > 1e-3


def test_polygons_in_degrees_through_geoparquet(tmp_path, monkeypatch):
    table = nation(units=600)
    boxes = shapely.box(table["x"] - 60, table["y"] - 40, table["x"] + 50, table["y"] + 70)
    frame = gpd.GeoDataFrame(table[GROUPS], geometry=boxes, crs="EPSG:3035").to_crs("EPSG:4326")
    frame.to_parquet(tmp_path / "nation.parquet")
    monkeypatch.setattr(_store, "ROWS", 250)
    around = [{"kind": "kernel", "radius": [1000, 2000]}]
    found = sg.run(plan(tmp_path, tiles=4000, indices=["H", "isolation"], environments=around))
    pop = sg.Population.from_frame(frame, GROUPS)
    compared(found, [quietly(pop.within, sg.Kernel(radius)) for radius in (1000, 2000)], ["H", "isolation"])


def test_what_does_not_go_with_tiles_is_said_at_once(tmp_path):
    nation().to_parquet(tmp_path / "nation.parquet")
    around = [{"kind": "kernel", "radius": 4000}, {"kind": "nearest", "people": 500}]
    given = plan(tmp_path, tiles=3000, indices=["H", "gini"], environments=around, by="city", join="x.gpkg")
    with pytest.raises(ParameterError) as caught:
        sg.run(given | {"test": {"replicates": 99}})
    for text in (
        "leave by out",
        "join does not go with tiles",
        "gini looks at all units at a time",
        "nearest",
        "tiles = 3000 must be larger than the largest radius, 4000 m",
        "tests and intervals need all units",
    ):
        assert text in str(caught.value)


def test_a_table_that_cannot_be_sorted_says_why(tmp_path):
    table = nation(units=300)
    table.loc[7, "a"] = -1
    table.to_parquet(tmp_path / "nation.parquet")
    given = plan(tmp_path, tiles=3000, indices=["H"], environments=["home"], points=["x", "y"], crs="EPSG:3035")
    found = sg.run(given)
    assert found["status"].tolist() == ["failed"]
    assert "negative" in found["message"].item()
    nation(units=300).drop(columns="y").to_parquet(tmp_path / "nation.parquet")
    found = sg.run(given, fresh=True)
    assert "has no column 'y'" in found["message"].item()
    nation(units=300).to_parquet(tmp_path / "nation.parquet")
    given["data"][0].pop("crs")
    assert "no coordinate reference system" in sg.run(given, fresh=True)["message"].item()
    given["data"][0].pop("points")
    assert "has no geometry" in sg.run(given, fresh=True)["message"].item()
