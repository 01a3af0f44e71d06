"""Rasters of people, made here as GeoTIFFs and read again."""

import hashlib
import json
import math
import sys
import warnings

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError, MissingDependencyError, ParameterError, UnknownNameError
from segregate.io import _rasters
from segregate.io._rasters import raster_frame, read_raster
from tests.helpers import quietly

rasterio = pytest.importorskip("rasterio", reason="rasterio is not installed")
from rasterio.transform import Affine  # noqa: E402

WEST, NORTH, SIZE = 4_321_000, 3_210_000, 1000
NONE = -99999.0


def from_origin(west, north, width, height):
    return Affine(width, 0, west, 0, -height, north)


def tif(path, bands, *, crs="EPSG:3035", transform=None, nodata=NONE, dtype="float32", scales=None, **profile):
    """Write one band for each array and return the path."""
    bands = np.atleast_3d(np.asarray(bands).T).T if np.ndim(bands) == 2 else np.asarray(bands)
    count, height, width = bands.shape
    transform = from_origin(WEST, NORTH, SIZE, SIZE) if transform is None else transform
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        shape = {"count": count, "height": height, "width": width, "dtype": dtype}
        with rasterio.open(
            path, "w", driver="GTiff", crs=crs, transform=transform, nodata=nodata, **shape, **profile
        ) as out:
            out.write(bands.astype(dtype))
            if scales:
                out.scales = scales
    return path


def city(seed=0, height=23, width=31, groups=3):
    """Return values of cells: mostly no data or nobody."""
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 90, (groups, height, width)) * (rng.random((1, height, width)) < 0.4)
    outside = rng.random((height, width)) < 0.3
    return np.where(outside, NONE, people.astype(float))


def files(folder, values, **options):
    return {f"g{m}": tif(folder / f"g{m}.tif", layer, **options) for m, layer in enumerate(values)}


def in_loops(values, west=WEST, north=NORTH, size=SIZE):
    """Return (row, column, centre, people) of cells with people, one by one."""
    rows = []
    for r in range(values.shape[1]):
        for c in range(values.shape[2]):
            people = [float(values[m, r, c]) for m in range(len(values))]
            if NONE not in people and sum(people) > 0:
                rows.append((r, c, (west + (c + 0.5) * size, north - (r + 0.5) * size), people))
    return rows


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [1, 200, 4_000_000])
@pytest.mark.parametrize(
    "blocks", [{"blockysize": 1}, {"tiled": True, "blockxsize": 16, "blockysize": 16}, {"compress": "deflate"}]
)
def test_cells_against_plain_loops(tmp_path, monkeypatch, seed, most, blocks):
    monkeypatch.setattr(_rasters, "CELLS", most)
    values = city(seed)
    pop = read_raster(files(tmp_path, values, **blocks))
    expected = in_loops(values)
    assert np.array_equal(pop.counts, [people for *_, people in expected])
    assert np.allclose(pop.points, [centre for _, _, centre, _ in expected], rtol=0, atol=1e-6)
    assert pop.ids.tolist() == [f"CRS3035RES1000mN{y - 500:.0f}E{x - 500:.0f}" for _, _, (x, y), _ in expected]
    assert (pop.area == 1e6).all()
    assert pop.groups == ("g0", "g1", "g2")
    assert pop.crs.to_epsg() == 3035
    assert pop.source == "g0.tif, g1.tif, g2.tif"
    nothing = int((values[0] == NONE).sum())
    assert pop.notes == (
        f"raster of 23 x 31 cells (rows x columns): {nothing} cells without data left out, "
        f"{23 * 31 - nothing - len(expected)} cells without people left out",
    )


def test_the_index_is_that_of_the_table(tmp_path):
    values = city(9)
    pop = read_raster(files(tmp_path, values))
    shares = np.array([people for *_, people in in_loops(values)])
    a, rest = shares[:, 0], shares[:, 1:].sum(axis=1)
    expected = np.abs(a / a.sum() - rest / rest.sum()).sum() / 2
    assert np.isclose(sg.dissimilarity(pop.versus("g0")), expected, rtol=1e-12)


def test_names_of_cells(tmp_path):
    values = np.full((1, 2, 2), 5.0)
    cases = [
        ({"transform": from_origin(4_321_000, 3_210_000, 100, 100)}, "CRS3035RES100mN3209900E4321000"),
        ({"transform": from_origin(4_321_050, 3_210_000, 100, 100)}, "r0c0"),
        ({"transform": from_origin(4_321_000, 3_210_000, 100, 200)}, "r0c0"),
        ({"crs": "EPSG:25832"}, "r0c0"),
        ({"transform": Affine(1000, 0, 4_321_000, 0, 1000, 3_210_000)}, "CRS3035RES1000mN3210000E4321000"),
    ]
    for options, name in cases:
        frame = raster_frame({"a": tif(tmp_path / "a.tif", values, **options)}).frame
        assert frame.index[0] == name


def test_south_up_rasters(tmp_path):
    values = city(2)
    flipped = files(tmp_path, values[:, ::-1], transform=Affine(SIZE, 0, WEST, 0, SIZE, NORTH - 23 * SIZE))
    pop = read_raster(flipped)
    whole = {name: people for name, people in zip(pop.ids, pop.counts.tolist(), strict=True)}  # noqa: C416
    for _, _, (x, y), people in in_loops(values):
        assert whole[f"CRS3035RES1000mN{y - 500:.0f}E{x - 500:.0f}"] == people


def test_empty_cells_may_be_kept(tmp_path):
    values = city(3)
    raster = raster_frame(files(tmp_path, values), empty="keep")
    inside = values[0] != NONE
    assert len(raster.frame) == inside.sum()
    assert np.array_equal(raster.frame[raster.groups].to_numpy().T, values[:, inside])
    assert raster.notes[0].endswith(f"{(values[:, inside].sum(axis=0) == 0).sum()} cells without people kept")


@pytest.mark.parametrize("blocks", [{"blockysize": 1}, {"tiled": True, "blockxsize": 16, "blockysize": 16}])
@pytest.mark.parametrize("most", [1, 4_000_000])
def test_box(tmp_path, monkeypatch, blocks, most):
    monkeypatch.setattr(_rasters, "CELLS", most)
    values = city(4, 40, 50)
    box = (WEST + 7500, NORTH - 30_000, WEST + 36_499, NORTH - 9_500)
    raster = raster_frame(files(tmp_path, values, **blocks), bbox=box)
    expected = [people for _, _, (x, y), people in in_loops(values) if box[0] <= x <= box[2] and box[1] <= y <= box[3]]
    assert np.array_equal(raster.frame[raster.groups], expected)
    assert raster.notes[0].startswith("raster of 21 x 29 cells")
    whole = raster_frame(files(tmp_path, values)).frame
    assert set(raster.frame.index) <= set(whole.index)


def test_boxes_that_cannot_be(tmp_path):
    paths = files(tmp_path, city(4))
    with pytest.raises(
        DataError, match=r"No cell has its centre in bbox=\(0, 0, 1, 1\); the centres go from 4321500, 3187500 to"
    ):
        raster_frame(paths, bbox=(0, 0, 1, 1))
    for box in ((1, 2, 3), "abcd", (5, 0, 1, 1), (0, 0, 1, np.nan), 7, ("a", "b", "c", "d")):
        with pytest.raises(ParameterError, match=r"bbox= takes \(west, south, east, north\)"):
            raster_frame(paths, bbox=box)


def test_cells_as_polygons(tmp_path):
    values = city(5)
    frame = raster_frame(files(tmp_path, values), shapes="cells").frame
    assert (frame.geometry.area == 1e6).all()
    for shape, (_, _, (x, y), _) in zip(frame.geometry, in_loops(values), strict=True):
        assert shape.bounds == (x - 500, y - 500, x + 500, y + 500)


def test_cells_put_on_districts(tmp_path):
    pytest.importorskip("tobler", reason="tobler is not installed")
    values = city(6)
    pop = read_raster(files(tmp_path, values), shapes="cells")
    half = WEST + 15_250
    districts = gpd.GeoDataFrame(
        geometry=[shapely.box(WEST, 0, half, 4e6), shapely.box(half, 0, 5e6, 4e6)], crs=3035, index=["west", "east"]
    )
    made = quietly(sg.harmonise, pop, districts)
    west = np.zeros(3)
    for _, c, _, people in in_loops(values):
        west += np.array(people) * (1 if c < 15 else 0.25 if c == 15 else 0)
    assert np.allclose(made.counts[0], west, rtol=1e-12)
    assert np.isclose(made.size, pop.size, rtol=1e-12)


# numbers -----------------------------------------------------------------------------------


def test_no_data_of_every_kind(tmp_path):
    plain = np.array([[[1, 2], [3, 4]]], dtype=float)
    paths = {
        "declared": tif(tmp_path / "a.tif", np.where(plain == 4, NONE, plain)),
        "nan": tif(tmp_path / "b.tif", np.where(plain == 4, np.nan, plain), nodata=None),
        "named": tif(tmp_path / "c.tif", np.where(plain == 4, -200, plain), nodata=None),
        "largest": tif(tmp_path / "d.tif", np.where(plain == 4, np.finfo("f4").min, plain), nodata=None),
        "byte": tif(tmp_path / "e.tif", np.where(plain == 4, 255, plain), nodata=255, dtype="uint8"),
        "short": tif(tmp_path / "f.tif", np.where(plain == 4, -200, plain), nodata=None, dtype="int16"),
    }
    nodata = {"named": -200, "largest": float(np.finfo("f4").min), "short": -200.0}
    for name, path in paths.items():
        raster = raster_frame({"a": path}, nodata=nodata.get(name))
        assert raster.frame["a"].tolist() == [1, 2, 3], name
        assert raster.notes[0].endswith("1 cell without data left out, 0 cells without people left out"), name
    assert len(raster_frame({"a": paths["declared"]}, nodata=1e300).frame) == 3
    with pytest.raises(ParameterError, match=r"nodata='-200' is the number that stands for 'no data'"):
        raster_frame({"a": paths["named"]}, nodata="-200")


def test_negative_numbers_are_refused(tmp_path):
    values = city(7)
    values[:, 3, 4] = 7, -200, -3
    values[1, 5, 6] = -200
    match = (
        r"Negative numbers of people: 2 cells of g1.tif \('g1'\), among them -200; 1 cell of g2.tif \('g2'\), among "
        r"them -3 \(first cells: 'CRS3035RES1000mN3206000E4325000', 'CRS3035RES1000mN3204000E4327000'\).*nodata="
    )
    with pytest.raises(DataError, match=match):
        read_raster(files(tmp_path, values))


def test_cells_with_data_for_some_groups(tmp_path):
    values = np.array([[[1, NONE, NONE], [4, 0, 6]], [[10, 20, NONE], [NONE, 50, NONE]]])
    paths = files(tmp_path, values)
    match = (
        r"3 cells with data for some of the groups only \(first: 'CRS3035RES1000mN3209000E4322000', "
        r"'CRS3035RES1000mN3208000E4321000', 'CRS3035RES1000mN3208000E4323000'; 30 people where there are data\)"
    )
    with pytest.raises(DataError, match=match):
        read_raster(paths)
    dropped = read_raster(paths, missing="drop")
    assert dropped.counts.tolist() == [[1, 10], [0, 50]]
    assert dropped.notes[1] == "3 cells with data for some of the groups only, with 30 people, left out"
    zero = read_raster(paths, missing="zero")
    assert zero.counts.tolist() == [[1, 10], [0, 20], [4, 0], [0, 50], [6, 0]]
    assert zero.notes[1].endswith("with 30 people, counted there as nobody of the others")


def test_scale_and_offset_of_the_file_are_applied(tmp_path):
    path = tif(tmp_path / "a.tif", [[10, 0], [30, 255]], dtype="uint8", nodata=255, scales=(0.5,))
    raster = raster_frame({"a": path})
    assert raster.frame["a"].tolist() == [5, 15]


def test_one_file_with_several_bands(tmp_path):
    values = city(8)
    path = tif(tmp_path / "all.tif", values)
    paths = {"x": path, "y": path, "z": path}
    pop = read_raster(paths, band={"x": 1, "y": 2, "z": 3})
    assert np.array_equal(pop.counts, [people for *_, people in in_loops(values)])
    assert pop.source == "all.tif"
    assert np.array_equal(raster_frame({"y": path}, band=2).frame["y"], values[1][(values[1] > 0)])
    with pytest.raises(ParameterError, match=r"all.tif has 3 bands; choose one: band=\{'x': 1\}"):
        read_raster(paths)
    with pytest.raises(ParameterError, match=r"all.tif has 3 bands, so there is no band 4"):
        raster_frame({"x": path}, band=4)
    with pytest.raises(ParameterError, match=r"band=0 is no band; bands are counted from 1"):
        raster_frame({"x": path}, band=0)
    with pytest.raises(UnknownNameError, match=r"band= names 'w', which is no group"):
        raster_frame({"x": path}, band={"w": 1})
    with rasterio.open(path, "r+") as out:
        out.descriptions = ("men", "women", "all")
    with pytest.raises(ParameterError, match=r"3 bands \(1: men, 2: women, 3: all\); choose"):
        raster_frame({"x": path})


def test_nobody(tmp_path):
    values = np.array([[[0, NONE], [0, NONE]]])
    with pytest.raises(DataError, match=r"No cell of 'g0.tif' has people: 2 cells with nobody, 2 without data"):
        raster_frame(files(tmp_path, values))


# grids -------------------------------------------------------------------------------------


def test_different_grids_are_refused(tmp_path):
    values = np.ones((1, 4, 5))
    first = tif(tmp_path / "a.tif", values)
    cases = [
        (np.ones((1, 4, 6)), {}, r"6 x 4 cells against 5 x 4"),
        (values, {"crs": "EPSG:25832"}, r"ETRS89 / UTM zone 32N against ETRS89-extended / LAEA Europe"),
        (
            values,
            {"transform": from_origin(WEST + 500, NORTH, SIZE, SIZE)},
            r"corner at 4321500, 3210000 against 4321000, 3210000",
        ),
        (
            values,
            {"transform": from_origin(WEST, NORTH, 999, SIZE)},
            r"opposite corner at 4325995, 3206000 against 4326000, 3206000",
        ),
    ]
    for cells, options, told in cases:
        other = tif(tmp_path / "b.tif", cells, **options)
        match = rf"b.tif \('b'\) is on another grid than a.tif \('a'\): {told}. Put all files on one grid"
        with pytest.raises(DataError, match=match):
            raster_frame({"a": first, "b": other})
    close = tif(tmp_path / "b.tif", values, transform=from_origin(WEST + 1e-4, NORTH, SIZE, SIZE))
    assert len(raster_frame({"a": first, "b": close}).frame) == 20


def test_grids_that_cannot_be_used(tmp_path):
    values = np.ones((1, 4, 5))
    turned = Affine(866, 500, WEST, 500, -866, NORTH)
    with pytest.raises(GeometryError, match=r"The grid of a.tif is rotated"):
        raster_frame({"a": tif(tmp_path / "a.tif", values, transform=turned)})
    with pytest.raises(GeometryError, match=r"a.tif does not say where its cells are"):
        raster_frame({"a": tif(tmp_path / "a.tif", values, transform=Affine.identity())})
    bare = tif(tmp_path / "a.tif", values, crs=None)
    with pytest.raises(GeometryError, match=r"a.tif has no coordinate reference system. Say which one it is: crs="):
        raster_frame({"a": bare})
    assert raster_frame({"a": bare}, crs=3035).frame.index[0] == "CRS3035RES1000mN3209000E4321000"
    with pytest.raises(ParameterError, match=r"crs='EPSG:4326' was given, but a.tif says EPSG:3035"):
        raster_frame({"a": tif(tmp_path / "a.tif", values)}, crs="EPSG:4326")
    with pytest.raises(ParameterError, match=r"crs='nowhere' is not a coordinate reference system"):
        raster_frame({"a": bare}, crs="nowhere")
    with pytest.raises(DataError, match=r"a.tif holds values of type complex64, not numbers of people"):
        raster_frame({"a": tif(tmp_path / "a.tif", values, dtype="complex64")})


def parallels(south, north, degrees, ellipsoid, steps=2000):
    """Return the area between two parallels and two meridians, by Simpson's rule over the ellipsoid's radii."""
    a, b = ellipsoid.semi_major_metre, ellipsoid.semi_minor_metre
    square = 1 - (b / a) ** 2

    def width_times_height(latitude):
        root = 1 - square * math.sin(latitude) ** 2
        return a * math.cos(latitude) / root**0.5 * a * (1 - square) / root**1.5

    low, high = math.radians(south), math.radians(north)
    step = (high - low) / steps
    total = width_times_height(low) + width_times_height(high)
    total += sum((4 if k % 2 else 2) * width_times_height(low + k * step) for k in range(1, steps))
    return total * step / 3 * math.radians(degrees)


@pytest.mark.parametrize("north", [60.0, 1.0, -30.0, 90.0])
def test_areas_in_degrees_by_latitude(tmp_path, north):
    path = tif(tmp_path / "a.tif", np.ones((1, 6, 3)), crs="EPSG:4326", transform=from_origin(10, north, 0.25, 0.5))
    raster = raster_frame({"a": path})
    ellipsoid = pyproj.CRS(4326).ellipsoid
    expected = [parallels(north - 0.5 * (r + 1), north - 0.5 * r, 0.25, ellipsoid) for r in range(6) for _ in range(3)]
    assert np.allclose(raster.frame["cell_area"], expected, rtol=1e-9)
    assert raster.notes[1] == "areas of cells: on the ellipsoid, by latitude"
    assert raster.frame.index[:4].tolist() == ["r0c0", "r0c1", "r0c2", "r1c0"]


def test_latitudes_beyond_the_pole(tmp_path):
    path = tif(tmp_path / "a.tif", np.ones((1, 6, 3)), crs="EPSG:4326", transform=from_origin(10, 92, 1, 1))
    with pytest.raises(GeometryError, match=r"The raster reaches a latitude of 92 degrees"):
        raster_frame({"a": path})


def test_areas_in_projections(tmp_path):
    values = np.ones((1, 3, 4))

    def areas(crs, transform):
        return raster_frame({"a": tif(tmp_path / "a.tif", values, crs=crs, transform=transform)})

    mollweide = areas("ESRI:54009", from_origin(800_000, 6_000_000, 1000, 1000))
    assert np.allclose(mollweide.frame["cell_area"], 1e6, rtol=1e-9)
    assert len(mollweide.notes) == 1
    feet = areas("EPSG:2232", from_origin(3_100_000, 1_700_000, 1000, 1000))
    assert np.allclose(feet.frame["cell_area"], 1e6 * (1200 / 3937) ** 2, rtol=1e-9)
    web = areas("EPSG:3857", from_origin(1_000_000, 8_399_738, 1000, 1000))  # 60 degrees north
    assert web.notes[1].startswith("WGS 84 / Pseudo-Mercator shows areas 3.98 to 3.99 times as large as they are; ")
    polygons = gpd.GeoSeries(
        shapely.box(
            web.frame.geometry.x - 500,
            web.frame.geometry.y - 500,
            web.frame.geometry.x + 500,
            web.frame.geometry.y + 500,
        ),
        crs=3857,
    )
    assert np.allclose(web.frame["cell_area"], polygons.to_crs(3035).area, rtol=1e-4)
    with pytest.raises(GeometryError, match=r"Cells lie outside"):
        areas("ESRI:54009", from_origin(17_900_000, 8_000_000, 1000, 1000))


# files -------------------------------------------------------------------------------------


def test_files_that_are_none(tmp_path):
    good = tif(tmp_path / "a.tif", np.ones((1, 400, 500)), compress="deflate")
    with pytest.raises(DataError, match=r"There is no file"):
        raster_frame({"a": tmp_path / "b.tif"})
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(DataError, match=r"text.tif is no GeoTIFF that can be read \("):
        raster_frame({"a": text})
    vrt = tmp_path / "other.tif"
    vrt.write_text(f'<VRTDataset rasterXSize="4" rasterYSize="3"><SRS>{good}</SRS></VRTDataset>')
    with pytest.raises(DataError, match=r"other.tif is no GeoTIFF"):
        raster_frame({"a": vrt})
    rng = np.random.default_rng(1)
    whole = tif(tmp_path / "whole.tif", rng.integers(1, 99, (1, 400, 500)), compress="deflate").read_bytes()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cut.tif is no GeoTIFF that can be read \(.*saved completely"):
        raster_frame({"a": cut})


def test_arguments(tmp_path):
    good = tif(tmp_path / "a.tif", np.ones((1, 4, 5)))
    with pytest.raises(ParameterError, match=r"Rasters are a mapping of group to file, .* not list"):
        raster_frame([good])
    with pytest.raises(ParameterError, match=r"A group cannot be called 'cell_area'"):
        raster_frame({"cell_area": good})
    with pytest.raises(ParameterError, match=r"missing='fill' is not known"):
        raster_frame({"a": good}, missing="fill")
    with pytest.raises(ParameterError, match=r"empty='no' is not known"):
        raster_frame({"a": good}, empty="no")
    with pytest.raises(ParameterError, match=r"shapes='squares' is not known"):
        raster_frame({"a": good}, shapes="squares")


def test_progress(tmp_path, monkeypatch):
    monkeypatch.setattr(_rasters, "CELLS", 100)
    told = []
    raster_frame(files(tmp_path, city(1), blockysize=2), progress=lambda done, n: told.append((done, n)))
    assert told == [(k + 1, len(told)) for k in range(len(told))]
    assert len(told) > 5


def test_without_rasterio(tmp_path, monkeypatch):
    paths = files(tmp_path, city(1))
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingDependencyError, match=r"package rasterio, .*pip install 'segregate\[raster\]'"):
        raster_frame(paths)


def test_where_the_cells_come_from(tmp_path):
    given = files(tmp_path, city())
    pop = quietly(read_raster, given, bbox=(WEST, NORTH - 20_000, WEST + 20_000, NORTH), missing="zero", band=1)
    about = pop.provenance
    assert [file.name for file in about.files] == ["g0.tif", "g1.tif", "g2.tif"]
    assert about.files[1].sha256 == hashlib.sha256((tmp_path / "g1.tif").read_bytes()).hexdigest()
    assert about.options["band"] == 1
    assert about.options["bbox"] == [WEST, NORTH - 20_000, WEST + 20_000, NORTH]
    assert "nodata" not in about.options
    assert json.loads(json.dumps(about.record()))["source"] == "g0.tif, g1.tif, g2.tif"
    one = tif(tmp_path / "both.tif", city(groups=2))
    again = quietly(read_raster, {"a": one, "b": one}, band={"a": 1, "b": np.int64(2)}, crs="EPSG:3035", missing="zero")
    assert [file.name for file in again.provenance.files] == ["both.tif"]
    assert json.loads(json.dumps(again.provenance.record()))["options"]["band"] == {"a": 1, "b": 2}
