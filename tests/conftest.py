"""Fixtures shared by all tests."""

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from shapely import box

settings.register_profile("default", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

ROOT = Path(__file__).parents[1]
REQUIRE_ALL = os.environ.get("SEGREGATE_REQUIRE_ALL") == "1"


def _skips_fail(report: Any) -> Any:
    """Turn a skip into a failure where everything is required."""
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}; with SEGREGATE_REQUIRE_ALL=1 nothing may be skipped"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    return _skips_fail((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    return _skips_fail((yield))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return the path of a file of the public data sets, or skip where they are not there."""
    folder = Path(os.environ.get("SEGREGATE_DATA") or ROOT.parent / "shared" / "data")

    def path(name: str) -> Path:
        if not (folder / name).is_file():
            pytest.skip(f"the public data are not here ({name} below SEGREGATE_DATA or ../shared/data)")
        return folder / name

    return path


@pytest.fixture
def table() -> pd.DataFrame:
    """Sixty units of three groups, some of them empty, in seven districts that come in no order."""
    rng = np.random.default_rng(20)
    counts = rng.integers(0, 60, (60, 3))
    counts[[4, 31]] = 0
    frame = pd.DataFrame(counts, columns=["white", "black", "asian"])
    frame["district"] = rng.permutation(np.arange(60) % 7)
    frame["unit"] = [f"{number:05d}" for number in rng.permutation(60)]
    return frame


@pytest.fixture
def land(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the sixty units as plots of different widths, those of a district side by side, in metres."""
    place = table.groupby("district").cumcount().to_numpy()
    west = 500_000 + 1000 * place + 10 * place**2
    east = 500_000 + 1000 * (place + 1) + 10 * (place + 1) ** 2
    south = 5_500_000 + 1000 * table["district"].to_numpy()
    shapes = [box(w, s, e, s + 1000) for w, e, s in zip(west, east, south, strict=True)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:32633")
