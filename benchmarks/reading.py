"""Seconds and memory of reading large files, beside pandas and geopandas alone in the same run.

    python -m benchmarks.reading                       everything, 4.6 million rows: some twenty minutes, 3 GB on disk
    python -m benchmarks.reading --rows 200000         fewer rows
    python -m benchmarks.reading --quick               tiny files, once each: does everything work?
    python -m benchmarks.reading --earlier old.json    beside the figures of schools of an earlier version, measured by
                                                       the same script: --only schools -o old.json

The figures go to benchmarks/reading.json; `python -m benchmarks.reading_report` makes the page of them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import segregate as sg

from .compare import spread
from .data import ROOT, shared
from .environments import peak
from .run import LIBRARIES, load, machine

RESULTS = Path(__file__).with_name("reading.json")
GERMANY = "germany_grid_2011/germany_1km.parquet"
TILES = 23
SHARES = (0.7, 0.15, 0.1, 0.05)
GROUPS = [f"group_{m + 1}" for m in range(len(SHARES))]
BUDGET = 4.0
"""GB that reading the large grid may take."""
BOX = (4_400_000.0, 3_100_000.0, 4_500_000.0, 3_300_000.0)
WHERE = "x BETWEEN 4400000 AND 4500000 AND y BETWEEN 3100000 AND 3300000"
RUNS = 3
PUPILS = 5_000_000
"""Rows of the table of pupils."""
SET_A = "Category Set A - By Race/Ethnicity; Sex; Grade"
RACES = {
    "native": "American Indian or Alaska Native",
    "asian": "Asian",
    "black": "Black or African American",
    "hispanic": "Hispanic/Latino",
    "pacific": "Native Hawaiian or Other Pacific Islander",
    "multiracial": "Two or more races",
    "white": "White",
}


@dataclass(frozen=True)
class Case:
    """A file, how we read it, and how the library below does."""

    title: str
    file: str
    ours_text: str
    ours: Callable[[Path], sg.Population]
    peer_text: str
    peer: Callable[[Path], pd.DataFrame]
    groups: tuple[str, ...] = ()


def _points(frame: pd.DataFrame) -> pd.DataFrame:
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["x"], frame["y"]), crs=3035)


def _inside(frame: pd.DataFrame) -> pd.DataFrame:
    west, south, east, north = BOX
    return frame[frame["x"].between(west, east) & frame["y"].between(south, north)]


def _pupils(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype={"NCESSCH": str})
    rows = frame[frame["TOTAL_INDICATOR"] == SET_A]
    table: pd.DataFrame = rows.pivot_table(
        index="NCESSCH", columns="RACE_ETHNICITY", values="STUDENT_COUNT", aggfunc="sum"
    )
    named: pd.DataFrame = table.rename(columns={text: name for name, text in RACES.items()})
    return named


XY: dict[str, Any] = {"groups": GROUPS, "id": "GRD_ID", "points": ("x", "y"), "crs": "EPSG:3035"}
CASES = {
    "csv": Case(
        "CSV, all columns",
        "grid.csv",
        'sg.read(path, groups=[...], id="GRD_ID", points=("x", "y"), crs="EPSG:3035")',
        lambda path: sg.read(path, **XY),
        "pandas.read_csv, then geopandas.points_from_xy",
        lambda path: _points(pd.read_csv(path)),
    ),
    "csv_table": Case(
        "CSV, without points",
        "grid.csv",
        'sg.read(path, groups=[...], id="GRD_ID")',
        lambda path: sg.read(path, groups=GROUPS, id="GRD_ID"),
        "pandas.read_csv",
        pd.read_csv,
    ),
    "csv_where": Case(
        "CSV, few columns and rows",
        "grid.csv",
        f'sg.read(path, groups=[...], id="GRD_ID", columns=[], where="{WHERE}")',
        lambda path: sg.read(path, groups=GROUPS, id="GRD_ID", columns=[], where=WHERE),
        "pandas.read_csv(usecols=[...]), then the rows",
        lambda path: _inside(pd.read_csv(path, usecols=["GRD_ID", "x", "y", *GROUPS])),
    ),
    "parquet": Case(
        "GeoParquet, polygons, all columns",
        "grid.parquet",
        'sg.read(path, groups=[...], id="GRD_ID")',
        lambda path: sg.read(path, groups=GROUPS, id="GRD_ID"),
        "geopandas.read_parquet",
        gpd.read_parquet,
    ),
    "parquet_few": Case(
        "GeoParquet, polygons, needed columns",
        "grid.parquet",
        'sg.read(path, groups=[...], id="GRD_ID", columns=[])',
        lambda path: sg.read(path, groups=GROUPS, id="GRD_ID", columns=[]),
        "geopandas.read_parquet(columns=[...])",
        lambda path: gpd.read_parquet(path, columns=["GRD_ID", *GROUPS, "geometry"]),
    ),
    "parquet_where": Case(
        "GeoParquet, polygons, few rows by a condition",
        "grid.parquet",
        f'sg.read(path, groups=[...], id="GRD_ID", where="{WHERE}")',
        lambda path: sg.read(path, groups=GROUPS, id="GRD_ID", where=WHERE),
        "geopandas.read_parquet, then the rows",
        lambda path: _inside(gpd.read_parquet(path)),
    ),
    "parquet_bbox": Case(
        "GeoParquet with boxes, few rows by a box",
        "boxed.parquet",
        'sg.read(path, groups=[...], id="GRD_ID", bbox=(...))',
        lambda path: sg.read(path, groups=GROUPS, id="GRD_ID", bbox=BOX),
        "geopandas.read_parquet(bbox=...), then what touches it",
        lambda path: gpd.read_parquet(path, bbox=BOX).loc[lambda f: f.intersects(shapely.box(*BOX))],
    ),
    "geopackage": Case(
        "GeoPackage, polygons, one tile",
        "tile.gpkg",
        'sg.read(path, groups=[...], id="GRD_ID")',
        lambda path: sg.read(path, groups=GROUPS, id="GRD_ID"),
        "geopandas.read_file",
        gpd.read_file,
    ),
    "schools": Case(
        "CSV of pupils by school, grade, race and sex",
        "ccd_sch_052_2223_l_1a_083023.csv",
        "sg.read(path)",
        sg.read,
        'pandas.read_csv, then the rows of "Category Set A", then DataFrame.pivot_table',
        _pupils,
        tuple(RACES),
    ),
}
LARGE = ("csv", "csv_table", "parquet", "parquet_few", "schools")
"""Whole files, for which the budget holds."""


def grid(rows: int | None) -> pd.DataFrame:
    """Return Germany's 1 km grid of 2011 tiled 23 times, with four groups by a seeded split: it is synthetic.

    With fewer `rows` every so many cells are taken.
    """
    frame = pd.read_parquet(shared(GERMANY))
    copies = [(700_000 * (k % 5), 900_000 * (k // 5)) for k in range(TILES)]
    number = len(frame) * TILES
    taken = np.linspace(0, number - 1, number if rows is None else rows).astype(int)
    east, north = (
        np.concatenate([frame[axis] + copy[k] for copy in copies])[taken].astype(int) for k, axis in enumerate("xy")
    )
    total = np.tile(frame["total"].to_numpy(), TILES)[taken]
    split = np.random.default_rng(2011).multinomial(total, SHARES)
    ids = [f"CRS3035RES1000mN{n - 500}E{e - 500}" for e, n in zip(east, north, strict=True)]
    return pd.DataFrame({"GRD_ID": ids, "T": total, **dict(zip(GROUPS, split.T, strict=True)), "x": east, "y": north})


def pupils(path: Path, rows: int) -> int:
    """Write a table in the layout of the Common Core of Data, by a seeded draw, and return its number of rows.

    As in the published file each pupil is there by race, sex and grade, and again in subtotals and totals.
    """
    columns = "SCHOOL_YEAR,FIPST,STATENAME,ST,SCH_NAME,STATE_AGENCY_NO,UNION,ST_LEAID,LEAID,ST_SCHID,NCESSCH,SCHID,"
    columns += "GRADE,RACE_ETHNICITY,SEX,STUDENT_COUNT,TOTAL_INDICATOR,DMS_FLAG"
    grades = ["Kindergarten", *(f"Grade {grade}" for grade in range(1, 6))]
    none = "No Category Codes"
    again = "Derived - Subtotal by Race/Ethnicity and Sex minus Adult Education Count"
    draw = np.random.default_rng(2023)
    written = schools = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{columns}\n")
        while written < rows:
            key = f"{1 + schools // 2000:02d}{schools // 10:05d}{schools % 100_000:05d}"
            front = f"2022-2023,{key[:2]},STATE {key[:2]},S{key[1]},School number {schools},{key[:2]},,XX-{key[2:7]},"
            front += f"{key[:7]},XX-{key[7:]},{key},{key[:2]}{key[7:]}"
            counts = draw.poisson(5, (len(grades), len(RACES), 2))
            lines = []
            for g, grade in enumerate(grades):
                for r, race in enumerate(RACES.values()):
                    for s, sex in enumerate(("Female", "Male")):
                        lines.append(f"{front},{grade},{race},{sex},{counts[g, r, s]},{SET_A},Reported")
                lines.append(f"{front},{grade},{none},{none},{counts[g].sum()},Subtotal 4 - By Grade,Reported")
            for r, race in enumerate(RACES.values()):
                for s, sex in enumerate(("Female", "Male")):
                    lines.append(f"{front},{none},{race},{sex},{counts[:, r, s].sum()},{again},Derived")
            lines.append(f"{front},{none},{none},{none},{counts.sum()},Education Unit Total,Reported")
            stream.write("\n".join(lines) + "\n")
            written, schools = written + len(lines), schools + 1
    return written


def make(folder: Path, rows: int | None) -> int:
    """Write the files of the grid and return the number of rows."""
    table = grid(rows)
    table.to_csv(folder / "grid.csv", index=False)
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    cells = gpd.GeoDataFrame(table, geometry=shapely.box(x - 500, y - 500, x + 500, y + 500), crs=3035)
    cells.to_parquet(folder / "grid.parquet")
    cells.to_parquet(folder / "boxed.parquet", write_covering_bbox=True, row_group_size=65_536)
    cells.head(len(table) // TILES).to_file(folder / "tile.gpkg")
    return len(table)


def one(name: str, who: str, folder: Path) -> dict[str, Any]:
    """Read one file, once, in this process."""
    case = CASES[name]
    warm = folder / "warm.csv"  # imports, and what a library does when it is first called
    if who == "ours":
        sg.read(warm, groups=GROUPS)
    else:
        pd.read_csv(warm)
    before, begun = peak(), time.perf_counter()
    path = folder / case.file
    if who == "ours":
        pop = case.ours(path)
        seconds = time.perf_counter() - begun
        people = [float(pop.counts[:, pop.groups.index(group)].sum()) for group in case.groups or GROUPS]
        rows = pop.n_units
    else:
        frame = case.peer(path)
        seconds = time.perf_counter() - begun
        people = [float(frame[group].sum()) for group in case.groups or GROUPS]
        rows = len(frame)
    return {"seconds": seconds, "memory_before": before, "memory": peak(), "rows": rows, "people": people}


def apart(name: str, who: str, folder: Path) -> dict[str, Any]:
    """Read in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.reading", "--one", name, who, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def compared(name: str, folder: Path, runs: int, run: Callable[..., dict[str, Any]] = apart) -> dict[str, Any]:
    """Read a file with both, in turn, and compare what they found."""
    found: dict[str, list[dict[str, Any]]] = {"peer": [], "ours": []}
    for _ in range(runs):
        for who in found:
            found[who].append(run(name, who, folder))
    same = all(
        one["rows"] == found["peer"][0]["rows"] and one["people"] == found["peer"][0]["people"]
        for one in found["ours"] + found["peer"]
    )
    memory = {who: max(one["memory"] for one in several) for who, several in found.items()}
    row = {
        "file": CASES[name].file,
        "bytes": (folder / CASES[name].file).stat().st_size,
        "rows": found["ours"][0]["rows"],
        "same": same,
        "memory_before": max(one["memory_before"] for one in found["ours"]),
        "peer_memory_before": max(one["memory_before"] for one in found["peer"]),
        **{f"{who}_seconds": spread([one["seconds"] for one in several]) for who, several in found.items()},
        **{f"{who}_memory": value for who, value in memory.items()},
    }
    if name in LARGE:
        row |= {"budget": BUDGET, "holds": memory["ours"] <= BUDGET}
    return row


def measured(rows: int | None, runs: int, names: list[str], run: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Make the files and read them."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        pd.DataFrame({group: [1, 2] for group in GROUPS}).to_csv(folder / "warm.csv", index=False)
        begun = time.perf_counter()
        number = make(folder, rows) if set(names) - {"schools"} else 0
        lines = 0
        if "schools" in names:
            lines = pupils(folder / CASES["schools"].file, PUPILS if rows is None else rows)
        print(f"{number + lines:,} rows written in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        found = {}
        for name in names:
            print(name, file=sys.stderr)
            found[name] = compared(name, folder, runs, run)
    return {"rows": number, "pupils": lines, "found": found}


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Time the reading of large files.")
    parser.add_argument("--only", nargs="+", choices=list(CASES))
    parser.add_argument("--one", nargs=3, metavar=("CASE", "WHO", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--earlier", type=Path, help="figures of schools of an earlier version")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    if arguments.one:
        name, who, folder = arguments.one
        print(json.dumps(one(name, who, Path(folder))))
        return
    rows, runs = (5000, 1) if arguments.quick else (arguments.rows, arguments.runs)
    results = {
        "quick": arguments.quick or arguments.rows is not None,
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "load": load(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in (*LIBRARIES, "pyarrow", "pyogrio")},
        **measured(rows, runs, arguments.only or list(CASES), apart),
    }
    if arguments.earlier:
        before = json.loads(arguments.earlier.read_text(encoding="utf-8"))
        results["earlier"] = {"date": before["date"], "pupils": before["pupils"], **before["found"]["schools"]}
    arguments.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
