"""Regular grids: recognised from points, and summed in tiles as pairs of points are summed."""

import threading

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from shapely import box

import segregate as sg
from segregate.environment import _raster
from segregate.environment._grid import Grid
from segregate.environment._points import Located, Strips, locate
from segregate.environment._shapes import SHAPES
from segregate.environment.kernel import GridOperator, KernelOperator
from segregate.kernels.pairs import strip_sums
from segregate.kernels.raster import RUN
from tests.unit import environments_oracle as oracle
from tests.unit.environment_cases import city

WEST, SOUTH = 4_334_050.0, 2_684_050.0
WAYS = ["shells", "fft"]
EXACT = {"shells": 1e-13, "fft": 1e-9}
"""Relative error of each way."""


def lattice(rows: int, columns: int, *, share: float = 1.0, width: float = 128.0, height: float = 128.0, seed: int = 0):
    """Return the points of some cells, in no order."""
    rng = np.random.default_rng(seed)
    place = rng.permutation(rows * columns)[: max(2, round(share * rows * columns))]
    return np.column_stack([WEST + width * (place % columns), SOUTH + height * (place // columns)])


def grid_at(points: np.ndarray) -> Grid:
    grid = Grid.of(points)
    assert grid is not None
    return grid


def town(n: int, seed: int = 1) -> np.ndarray:
    """Return counts: many people, a few in one place only, and a city of a million beside small numbers."""
    rng = np.random.default_rng(seed)
    counts = np.column_stack([rng.poisson(3, n), rng.random(n) < 0.01, rng.poisson(0.05, n)]).astype(float)
    counts[rng.integers(0, n, 3), 2] = [1e6, 3e5, 7e5]
    return counts


def by_pairs(points: np.ndarray, values: np.ndarray, radius: float, shape: str) -> np.ndarray:
    """Return the sums over pairs of points."""
    code, cut = SHAPES[shape]
    located = Located(points, np.arange(len(points)), np.array([0, len(points)]), None)
    strips = Strips.of(located, radius * cut)
    sums = np.empty(values.shape)
    sums[strips.order] = strip_sums(*strips.arrays, _raster.frozen(values[strips.order]), radius, code, cut)
    return sums


def by_grid(points: np.ndarray, values: np.ndarray, radii: list[float], shape: str, way: str | None = None) -> list:
    return list(_raster.raster_sums(grid_at(points), values, radii, *SHAPES[shape], way=way))


def assert_sums(found: np.ndarray, expected: np.ndarray, rtol: float) -> None:
    """Hold every entry to its own size; zeros are zeros."""
    assert_array_equal(found == 0, expected == 0)
    assert_allclose(found, expected, rtol=rtol, atol=0)


# what is a grid


@pytest.mark.parametrize("height", [100.0, 70.0, 33.3])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.02])
def test_a_grid_is_found_in_any_order_with_most_cells_missing(share: float, height: float):
    points = lattice(40, 60, share=share, width=100.0, height=height, seed=3)
    grid = grid_at(points)
    assert (grid.width, grid.height) == (100.0, height)
    assert grid.n_cells == len(points)
    assert_allclose(grid.points - grid.points[0], points - points[0], atol=2e-9)
    assert np.all(np.diff(grid.row * grid.shape[1] + grid.column) > 0)
    assert_array_equal(grid.starts, np.searchsorted(grid.row, np.arange(grid.shape[0] + 1)))


def test_no_two_cells_need_to_be_neighbours():
    points = np.array([[0.0, 0.0], [200.0, 0.0], [500.0, 400.0], [900.0, 1000.0]]) + np.array([WEST, SOUTH])
    grid = grid_at(points)
    assert (grid.width, grid.height) == (100.0, 200.0)
    assert_array_equal(np.column_stack([grid.column, grid.row]), [[0, 0], [2, 0], [5, 2], [9, 5]])


@pytest.mark.parametrize("along", [0, 1])
def test_a_single_row_or_column_is_a_grid(along: int):
    points = np.zeros((5, 2))
    points[:, along] = [0, 50, 100, 250, 300]
    grid = grid_at(points)
    assert grid.width == grid.height == 50.0
    assert grid.shape == ((1, 7) if along == 0 else (7, 1))


def test_several_units_in_a_cell_are_summed_and_served_alike():
    points = np.array([[0.0, 0.0], [128.0, 0.0], [0.0, 0.0], [128.0, 128.0], [0.0, 0.0]])
    values = np.array([[1.0], [10.0], [100.0], [1000.0], [10_000.0]])
    assert grid_at(points).n_cells == 3
    for way in WAYS:
        for given_values in (values, values.astype(np.int64)):
            found = by_grid(points, given_values, [128.0], "uniform", way)[0][:, 0]
            assert_allclose(found, [10_111, 11_111, 10_111, 1010, 10_111], rtol=1e-12)


def test_centroids_of_cells_are_a_grid():
    cells = [box(x, y, x + 0.1, y + 0.1) for x in np.arange(20) / 10 + 600.3 for y in np.arange(9) / 10 + 5000.7]
    kilometres = "+proj=utm +zone=33 +units=km"
    frame = gpd.GeoDataFrame({"a": 1.0, "b": 2.0}, index=range(len(cells)), geometry=cells, crs=kilometres)
    grid = grid_at(sg.Population.from_frame(frame, ["a", "b"]).points)
    assert (grid.width, grid.height, grid.shape) == (100.0, 100.0, (9, 20))


def test_cells_in_feet_are_a_grid():
    foot = 1200 / 3937
    grid = grid_at((lattice(20, 30, width=1000.0, height=1000.0) - [WEST, SOUTH] + [6e6, 2e6]) * foot)
    assert_allclose([grid.width, grid.height], 1000 * foot, rtol=1e-12)
    assert grid.shape == (20, 30)


def test_points_are_not_a_grid():
    rng = np.random.default_rng(0)
    assert Grid.of(rng.random((400, 2)) * 1e4) is None
    assert Grid.of(np.column_stack([rng.random(400) * 1e4, np.arange(400.0)])) is None
    assert Grid.of(np.column_stack([np.arange(400.0), rng.random(400) * 1e4])) is None
    assert Grid.of(np.zeros((1, 2))) is None
    assert Grid.of(np.zeros((3, 2))) is None
    assert Grid.of(np.array([[0.0, 0.0], [1.0, np.nan]])) is None


def test_degrees_on_a_plane_are_not_a_grid():
    east, north = np.meshgrid(10 + np.arange(30) / 100, 50 + np.arange(20) / 100)
    points = gpd.GeoSeries(gpd.points_from_xy(east.ravel(), north.ravel()), crs=4326).to_crs(3035)
    assert Grid.of(np.column_stack([points.x, points.y])) is None
    assert Grid.of(np.column_stack([east.ravel(), north.ravel()])) is not None


@pytest.mark.parametrize("moved", [1e-8, 1e-6, np.pi / 1000, 1 / np.pi])
def test_one_point_beside_its_cell_is_enough(moved: float):
    points = lattice(40, 40, width=1000.0, height=1000.0)
    points[700, 1] += 1000 * moved
    assert Grid.of(points) is None


@pytest.mark.parametrize("moved", [1e-8, 1e-6, 1e-4])
def test_one_row_beside_its_place_is_enough(moved: float):
    points = lattice(40, 40, width=1000.0, height=1000.0)
    points[points[:, 1] == SOUTH + 7000, 1] += 1000 * moved
    assert Grid.of(points) is None


@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 12),
    columns=st.integers(1, 12),
    width=st.sampled_from([1.0, 30.0, 100.0, 1000 / 3, 1e4]),
    skew=st.sampled_from([1.0, 0.5, 1 + 1e-9, 1 + 1e-6]),
    jitter=st.floats(-14, -1),
    away=st.sampled_from([0.0, 1e5, 5e6]),
)
def test_distances_on_a_grid_are_those_of_the_points(seed, rows, columns, width, skew, jitter, away):
    """Points that are moved a little are no grid, or their distances are what they were to 1e-9."""
    rng = np.random.default_rng(seed)
    place = rng.permutation(rows * columns)[:40]
    points = np.column_stack([place % columns, place // columns * skew]) * width + away
    points += rng.uniform(-1, 1, points.shape) * width * 10**jitter
    grid = Grid.of(points)
    if grid is None:
        return
    rounding = 4 * np.spacing(away + 12 * width)
    wanted, found = (np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) for places in (points, grid.points))
    assert_allclose(found, wanted, rtol=1e-9, atol=rounding)
    assert (found > 0)[wanted > rounding].all()


# sums against plain loops


@pytest.mark.parametrize("height", [128.0, 64.0, 160.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_are_those_of_plain_loops(shape: str, height: float):
    points = lattice(22, 31, share=0.6, height=height)
    values = town(len(points))
    radii = [64.0, 128.0, 256.0, 1024.0, 8192.0]
    for at, radius in enumerate(radii):
        expected = np.array(oracle.kernel(points.tolist(), radius, shape)) @ values
        for way in WAYS:
            assert_sums(by_grid(points, values, radii, shape, way)[at], expected, EXACT[way])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cell", [100.0, 0.1, 1000 / 3])
def test_cells_on_the_edge_of_the_circle_are_inside(cell: float, way: str):
    """Five cells away lie 12 cells: 4 along the axes, and 8 at 3 and 4."""
    column, row = (part.ravel() for part in np.meshgrid(np.arange(21), np.arange(21)))
    points = np.column_stack([WEST + cell * column, SOUTH + cell * row])
    values = np.zeros((441, 1))
    values[220] = 1.0
    away = (column - 10) ** 2 + (row - 10) ** 2
    for radius, farther in ((5 * cell, 25), (5 * cell * (1 - 1e-11), 24), (10 * cell, 100), (13 * cell, 169)):
        found = by_grid(points, values, [radius], "uniform", way)[0][:, 0]
        assert_allclose(found, away <= farther, rtol=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_village_beside_a_city_is_as_exact_as_the_city(shape: str):
    """A city of 10 million and single people in reach of nothing, of each other, or of the city's edge."""
    points = lattice(60, 60)
    values = np.zeros((3600, 2))
    place = np.rint((points - [WEST, SOUTH]) / 128)
    values[(np.abs(place - 45) <= 4).all(axis=1)] = 123_456.789
    values[(place == [5, 5]).all(axis=1), 0] = 1.0
    values[(place == [9, 7]).all(axis=1), 0] = 1e-6
    values[:, 1] += 1e-3 * np.random.default_rng(4).random(3600)
    for radius in (512.0, 1024.0):
        expected = by_pairs(points, values, radius, shape)
        assert (expected == 0).any() or shape == "gaussian"
        for way in WAYS:
            assert_sums(by_grid(points, values, [radius], shape, way)[0], expected, 1e-9)


def test_without_direct_sums_a_village_would_be_noise(monkeypatch: pytest.MonkeyPatch):
    """The noise of FFT is real, and below its bound."""
    points = lattice(60, 60)
    rng = np.random.default_rng(5)
    for values in (town(3600), rng.random((3600, 2)) * 1e6, rng.lognormal(0, 6, (3600, 2))):
        for shape in SHAPES:
            code, cut = SHAPES[shape]
            grid, radius = grid_at(points), 1024.0 / cut
            exact = next(_raster.raster_sums(grid, values, [radius], code, cut, way="shells"))
            with monkeypatch.context() as patch:
                patch.setattr(_raster, "ACCURATE", 0.0)
                raw = next(_raster.raster_sums(grid, values, [radius], code, cut, way="fft"))
            tiles = _raster.Ways.of(grid, 1024.0).fft
            assert tiles is not None
            assert len(tiles.corners) == 1
            size = _raster.Stencil.of(grid, radius, code, cut).spectrum(tiles)[1]
            for group in range(values.shape[1]):
                bound = _raster.noise(tiles.shape, np.linalg.norm(values[:, group]), size)
                error = np.abs(raw - exact)[:, group].max()
                assert 0 < error < bound / 5
    values = town(3600)
    with monkeypatch.context() as patch:
        patch.setattr(_raster, "ACCURATE", 0.0)
        raw = by_grid(points, values, [256.0], "biweight", "fft")[0]
    exact = by_grid(points, values, [256.0], "biweight", "shells")[0]
    assert (np.abs(raw - exact) > 1e-9 * exact).any()
    assert (raw < 0).any()


# tiles


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_raster, "FFT_TILES", (48,))
    monkeypatch.setattr(_raster, "SHELL_TILE", 20)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_across_tiles(shape: str):
    points = lattice(130, 170, share=0.3, height=64.0)
    values = town(len(points))
    radii = [128.0, 512.0, 1000.0] if shape != "gaussian" else [64.0, 100.0]
    for way in WAYS:
        for radius, found in zip(radii, by_grid(points, values, radii, shape, way), strict=True):
            assert_sums(found, by_pairs(points, values, radius, shape), EXACT[way])


@pytest.mark.usefixtures("small_tiles")
def test_empty_tiles_are_skipped():
    near = lattice(30, 30)
    points = np.concatenate([near, near + 128.0 * 10_000])
    values = town(len(points))
    grid = grid_at(points)
    assert grid.shape == (10_030, 10_030)
    ways = _raster.Ways.of(grid, 512.0)
    assert ways.fft is not None
    for tiles in (ways.fft, _raster.Tiles.for_shells(grid, ways.margin)):
        assert len(tiles.corners) <= 2 * (30 // min(tiles.inner) + 2) ** 2
        served = np.concatenate([tiles.cells(grid, tuple(corner))[0] for corner in tiles.corners.tolist()])
        assert_array_equal(np.sort(served), np.arange(grid.n_cells))
    for way in WAYS:
        assert_sums(
            by_grid(points, values, [512.0], "biweight", way)[0], by_pairs(points, values, 512.0, "biweight"), 1e-9
        )


def test_tiles_of_fft_are_given_up_where_they_would_be_margin_only():
    grid = grid_at(lattice(100, 100))
    assert _raster.Ways.of(grid, 1e9).fft is not None
    far = np.column_stack([np.arange(2, 70_000, 7), np.arange(2, 70_000, 7)]) * 1.0
    assert _raster.Ways.of(grid_at(far), 7 * 1800.0).fft is None
    values = np.ones((len(far), 1))
    assert_sums(
        by_grid(far[:300], values[:300], [30.0], "uniform")[0],
        by_pairs(far[:300], values[:300], 30.0, "uniform"),
        1e-13,
    )


def test_runs_reach_the_eastern_edge():
    points = lattice(3, 3 * RUN + 1)
    values = town(len(points))
    for radius in (100.0, 300.0, 128.0 * 2 * RUN):
        found = by_grid(points, values, [radius], "epanechnikov", "shells")[0]
        assert_sums(found, by_pairs(points, values, radius, "epanechnikov"), 1e-13)


# bits


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("way", WAYS)
def test_neither_threads_nor_order_nor_memory_change_a_bit(way: str, monkeypatch: pytest.MonkeyPatch):
    points = lattice(100, 120, share=0.5)
    values, radii = town(len(points)), [200.0, 400.0, 900.0]
    expected = by_grid(points, values, radii, "biweight", way)
    before = numba.get_num_threads()
    for many in range(1, before + 1):
        numba.set_num_threads(many)
        try:
            assert_array_equal(by_grid(points, values, radii, "biweight", way), expected)
        finally:
            numba.set_num_threads(before)
    elsewhere: list = []
    thread = threading.Thread(target=lambda: elsewhere.extend(by_grid(points, values, radii, "biweight", way)))
    thread.start()
    thread.join()
    assert_array_equal(elsewhere, expected)
    order = np.random.default_rng(1).permutation(len(points))
    for found, wanted in zip(by_grid(points[order], values[order], radii, "biweight", way), expected, strict=True):
        assert_array_equal(found, wanted[order])
    monkeypatch.setattr(_raster, "AT_ONCE", 2 * values.size)
    assert_allclose(by_grid(points, values, radii, "biweight", way), expected, rtol=EXACT[way])


def test_tiles_do_not_change_a_bit_of_shells(monkeypatch: pytest.MonkeyPatch):
    points = lattice(100, 120, share=0.5)
    values = town(len(points))
    expected = by_grid(points, values, [300.0, 900.0], "triangular", "shells")
    for size in (7, 50):
        monkeypatch.setattr(_raster, "SHELL_TILE", size)
        assert_array_equal(by_grid(points, values, [300.0, 900.0], "triangular", "shells"), expected)


# values that are no counts


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e300, 1e-300])
def test_odd_values_reach_no_farther_than_the_radius(odd: float, way: str):
    points = lattice(40, 40)
    values = np.random.default_rng(2).random((1600, 2))
    values[:, 1] *= 1e-200
    values[77, 0] = odd
    radii = [128.0, 384.0]
    for radius, found, within in zip(radii, by_grid(points, values, radii, "uniform", way), (5, 29), strict=True):
        expected = np.array(oracle.kernel(points.tolist(), radius, "uniform"))
        away = expected[:, 77] == 0
        assert 3 <= (~away).sum() <= within
        assert_allclose(found[away], expected[away] @ np.nan_to_num(values), rtol=1e-9)
        if np.isfinite(odd):
            assert_allclose(found, expected @ values, rtol=1e-9)
        else:
            assert_array_equal(found[~away, 0], odd)
            assert_allclose(found[~away, 1], expected[~away] @ values[:, 1], rtol=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_values_below_zero_are_values(way: str):
    points = lattice(40, 40)
    values = np.random.default_rng(2).normal(size=(1600, 1))
    expected = by_pairs(points, values, 700.0, "biweight")
    assert_allclose(by_grid(points, values, [700.0], "biweight", way)[0], expected, rtol=1e-9, atol=1e-13)


# the environment


def inhabited(points: np.ndarray, seed: int = 1) -> sg.Population:
    return city(points, np.random.default_rng(seed).poisson(5, (len(points), 3)), crs=3035)


def test_a_full_grid_is_summed_as_one_and_points_as_pairs():
    population = inhabited(lattice(60, 60, width=100.0, height=100.0))
    assert isinstance(sg.Kernel(1000).on(population), GridOperator)
    assert isinstance(sg.Kernel(1000).on(population, regions=np.zeros(3600, dtype=np.int64)), KernelOperator)
    moved = population.points + np.random.default_rng(1).random((3600, 2))
    assert isinstance(sg.Kernel(1000).on(inhabited(moved)), KernelOperator)


def test_few_cells_of_a_wide_grid_are_summed_as_pairs():
    population = inhabited(np.array([WEST, SOUTH]) + np.rint(np.random.default_rng(1).random((2000, 2)) * 1e5))
    assert Grid.of(population.points) is not None
    assert isinstance(sg.Kernel(1000).on(population), KernelOperator)


@pytest.mark.parametrize("shape", SHAPES)
def test_operators_of_both_kinds_are_the_same(shape: str):
    population = inhabited(lattice(40, 45, share=0.9, width=100.0, height=100.0))
    kernel = sg.Kernel(600 / SHAPES[shape][1], shape)
    located = locate(population, None)
    pairs = kernel._on_points(population, located)
    grid = GridOperator(population.ids, grid_at(population.points), located, kernel)
    assert_allclose(grid @ population.counts, pairs @ population.counts, rtol=1e-9)
    assert_allclose(grid @ population.counts[:, 0], pairs @ population.counts[:, 0], rtol=1e-9)
    assert_allclose((grid.to_sparse() - pairs.to_sparse()).toarray(), 0, atol=1e-12)
    assert_array_equal(grid.to_sparse().indptr, pairs.to_sparse().indptr)
    assert list(grid.to_graph().unique_ids) == list(population.ids)


# several radii


@pytest.mark.parametrize("shape", SHAPES)
def test_radii_come_one_by_one_as_if_asked_alone(shape: str):
    population = inhabited(lattice(60, 60, width=100.0, height=100.0))
    radii = [radius / SHAPES[shape][1] for radius in (50.0, 100.0, 300.0, 1000.0, 2000.0)]
    found = _raster.grid_surroundings(population, radii, shape, population.counts)
    assert found is not None
    listed = list(found)
    assert [radius for radius, _ in listed] == radii
    for radius, sums in listed:
        assert_allclose(sums, by_pairs(population.points, population.counts, radius, shape), rtol=1e-9)
        assert sums.flags.writeable


def test_small_radii_on_thin_grids_are_summed_as_pairs(monkeypatch: pytest.MonkeyPatch):
    population = inhabited(lattice(500, 500, share=0.03, width=100.0, height=100.0))
    asked: list[float] = []
    original = _raster.raster_sums

    def listening(grid, values, radii, code, cut, **more):
        asked.extend(radii)
        return original(grid, values, radii, code, cut, **more)

    monkeypatch.setattr(_raster, "raster_sums", listening)
    radii = [100.0, 200.0, 20_000.0, 30_000.0]
    found = _raster.grid_surroundings(population, radii, "triangular", population.counts)
    assert found is not None
    for radius, sums in found:
        assert_allclose(sums, by_pairs(population.points, population.counts, radius, "triangular"), rtol=1e-9)
    assert asked == [20_000.0, 30_000.0]


def test_radii_of_points_are_not_for_grids():
    points = np.array([WEST, SOUTH]) + np.random.default_rng(1).random((500, 2)) * 1e4
    assert _raster.grid_surroundings(inhabited(points), [500.0], "biweight", np.ones((500, 1))) is None


def test_many_radii_on_few_cells_are_left_to_one_pass_over_pairs():
    thin = inhabited(np.array([WEST, SOUTH]) + np.rint(np.random.default_rng(1).random((500, 2)) * 1e4))
    assert Grid.of(thin.points) is not None
    radii = [100.0 * at for at in range(1, 21)]
    assert _raster.grid_surroundings(thin, radii, "biweight", thin.counts) is None
    found = _raster.grid_surroundings(thin, radii, "triangular", thin.counts)
    assert found is not None
    for radius, sums in found:
        assert_allclose(sums, by_pairs(thin.points, thin.counts, radius, "triangular"), rtol=1e-12)


# a country


@pytest.mark.parametrize("shape", SHAPES)
def test_germany(shape: str, shared_data):
    """201,101 inhabited cells of 1 km; the groups are foreigners and others."""
    table = pd.read_parquet(shared_data("germany_grid_2011/germany_1km.parquet"))
    population = sg.Population.from_frame(table, ["german", "foreign"], points=("x", "y"), crs=3035)
    assert grid_at(population.points).shape == (862, 641)
    for radius in (1000.0, 2000.0, 8000.0):
        radius = radius if shape != "gaussian" else radius / 4
        expected = by_pairs(population.points, population.counts, radius, shape)
        for way in WAYS:
            found = by_grid(population.points, population.counts, [radius], shape, way)[0]
            assert_sums(found, expected, EXACT[way])


def test_migrants_in_cells_of_100_m(shared_data):
    """976,184 cells, hardly any next to each other in the country, and few of many groups."""
    table = pd.read_parquet(shared_data("germany_grid_2011/germany_100m_birthplace.parquet"))
    table = table[(table["y"] > 3_200_000) & (table["y"] < 3_320_000) & (table["x"] > 4_460_000)]
    groups = ["eu27", "other_europe", "other_world", "other"]
    population = sg.Population.from_frame(table, groups, points=("x", "y"), crs=3035)
    assert population.n_units > 30_000
    points, counts = population.points, population.counts
    for radius in (500.0, 4000.0):
        expected = by_pairs(points, counts, radius, "biweight")
        for way in WAYS:
            assert_sums(by_grid(points, counts, [radius], "biweight", way)[0], expected, EXACT[way])
