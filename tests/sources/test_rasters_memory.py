"""A large raster is read piece by piece."""

import os
import subprocess
import sys

import numpy as np
import pytest

rasterio = pytest.importorskip("rasterio", reason="rasterio is not installed")
from rasterio.transform import Affine  # noqa: E402

N = 5000
GROUPS = 4
READ = """
import resource, sys
from segregate.io._rasters import raster_frame

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

small, *paths = sys.argv[1:]
raster_frame({"a": small})
before = peak()
frame = raster_frame({f"g{m}": path for m, path in enumerate(paths)}).frame
print(len(frame), peak() - before)
"""


def write(path, values, **profile):
    height, width = values.shape
    options = {"driver": "GTiff", "crs": "EPSG:3035", "transform": Affine(100, 0, 4e6, 0, -100, 3.5e6), "nodata": -1}
    with rasterio.open(path, "w", **options, height=height, width=width, count=1, dtype="float32", **profile) as out:
        out.write(values, 1)
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the peak memory of a process is not known here")
@pytest.mark.parametrize(
    "blocks",
    [{}, {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}],
    ids=["strips", "tiles"],
)
def test_memory_does_not_grow_with_the_raster(tmp_path, blocks):
    rng = np.random.default_rng(3)
    rows, columns = rng.integers(0, N, (2, 2000))
    paths = []
    for m in range(GROUPS):
        values = np.where(np.arange(N)[:, None] < N // 4, np.float32(-1), np.float32(0)).repeat(N, axis=1)
        values[rows, columns] = rng.integers(1, 90, 2000)
        paths.append(write(tmp_path / f"{m}.tif", values, **blocks))
    small = write(tmp_path / "small.tif", np.ones((3, 3), dtype="float32"))
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(small), *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    cells, grown = map(int, ran.stdout.split())
    assert cells == len(set(zip(rows.tolist(), columns.tolist(), strict=True)))
    assert grown < 0.3 * N * N * GROUPS * 8  # of what all values take
