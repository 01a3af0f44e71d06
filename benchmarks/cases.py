"""The one table of cases: the runner, the tests and the page in docs/ all read it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

import segregate as sg

from . import data
from .data import Table

PYSAL = {
    "dissimilarity": "multigroup.MultiDissim",
    "gini": "multigroup.MultiGini",
    "information_theory": "multigroup.MultiInfoTheory",
    "mutual_information": "multigroup.MultiDivergence",
    "normalized_exposure": "multigroup.MultiNormExposure",
    "relative_diversity": "multigroup.MultiRelativeDiversity",
    "entropy": "multigroup.MultiDiversity",
    "simpson": "multigroup.SimpsonsInteraction",
    "isolation": "singlegroup.Isolation",
    "exposure": "singlegroup.Interaction",
    "correlation_ratio": "singlegroup.CorrelationR",
    "squared_coefficient_of_variation": "multigroup.MultiSquaredCoefVar",
    "atkinson": "singlegroup.Atkinson",
    "minmax": "singlegroup.MinMax",
}
"""Which class of PySAL segregation gives the same index, where one does."""

PYSAL_BATCH = PYSAL | {
    "concentration_profile": "singlegroup.ConProf",
    "delta": "singlegroup.Delta",
    "absolute_concentration": "singlegroup.AbsoluteConcentration",
    "relative_concentration": "singlegroup.RelativeConcentration",
    "absolute_centralization": "singlegroup.AbsoluteCentralization",
    "relative_centralization": "singlegroup.RelativeCentralization",
    "dissimilarity versus rest": "singlegroup.Dissim",
    "gini versus rest": "singlegroup.Gini",
    "information_theory versus rest": "singlegroup.Entropy",
    "hutchens versus rest": "singlegroup.HutchensSqrt",
    "boundary_dissimilarity by queen": "singlegroup.SpatialDissim",
    "boundary_dissimilarity by length": "singlegroup.BoundarySpatialDissim",
    "boundary_dissimilarity by shape": "singlegroup.PARDissim",
}
"""The same for the functions that compute all of its indices at once; what does not agree is counted as such."""


@dataclass(frozen=True)
class Peer:
    """Somebody else who gives the same numbers.

    Attributes
    ----------
    kind : {"alone", "pysal"}
        Each region measured alone by ourselves, or PySAL segregation in a process of its own.
    rtol, atol : float
        How far a value may be from ours and still be the same.
    at_least : float or None
        How many times faster we have to be, where values agree.
    regions : int or None
        Only so many regions, chosen at random from a seed.
    leave_out : tuple of str
        Indices that the peer is not asked for.
    why : str
        Why they are left out.
    batch : bool
        Its functions that compute everything at once are called, instead of single classes.
    """

    kind: str
    rtol: float
    atol: float
    at_least: float | None = None
    regions: int | None = None
    leave_out: tuple[str, ...] = ()
    why: str = ""
    batch: bool = False


@dataclass(frozen=True)
class Measuring:
    """One call of `measure` on a table.

    Attributes
    ----------
    name, title : str
        For the command line and for the page.
    table : callable
        Makes the table; takes whether a tiny one will do.
    ours : callable
        Takes a population and the name of the regions, returns what `measure` returns.
    peers : tuple of Peer
        Who else is asked.
    seconds, memory : float or None
        Budget for a warm call, in seconds, and for the whole process, in GB (1e9 bytes).
    repeats : int
        Warm calls before the peers are asked, and again after them.
    each_index : bool
        Time every index by itself, too.
    """

    name: str
    title: str
    table: Callable[[bool], Table]
    ours: Callable[[sg.Population, str | None], pd.DataFrame]
    peers: tuple[Peer, ...]
    seconds: float | None = None
    memory: float | None = None
    repeats: int = 7
    each_index: bool = False


@dataclass(frozen=True)
class Starting:
    """One command in a fresh process.

    Attributes
    ----------
    command : callable
        Takes an empty folder to write to, returns the arguments after the name of the interpreter.
    seconds : float or None
        Budget.
    beside : tuple of str
        A command without which ours cannot be; its time is added to the budget.
    clock : {"process", "inside"}
        The whole process is timed, or it prints its own seconds.
    cold : bool or None
        Whether caches (compiled kernels, fonts) are empty before each run, or stay from one
        to the next; None: they play no part.
    quick : bool
        Whether the tests run it.
    """

    name: str
    title: str
    command: Callable[[Path], tuple[str, ...]]
    seconds: float | None
    beside: tuple[str, ...] = ()
    clock: str = "process"
    cold: bool | None = None
    repeats: int = 5
    quick: bool = True


def measure_everything(population: sg.Population, by: str | None) -> pd.DataFrame:
    """Measure with all indices that the data allow, each group against the rest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sg.SegregateWarning)  # tracts outside all metropolitan areas
        return sg.measure(population, by=by)


def measure_evenness_and_exposure(population: sg.Population, by: str | None) -> pd.DataFrame:
    """Measure with the aspatial indices of evenness and exposure."""
    known = sg.catalogue()
    wanted = known["family"].isin(["evenness", "exposure"]) & (known["level"] != "local") & (known["needs"] == "")
    return sg.measure(population, list(known.index[wanted]), by=by)


def measure_as_the_batch(population: sg.Population, by: str | None) -> pd.DataFrame:
    """Measure all that the batch functions of PySAL have too, by the names in `PYSAL_BATCH`, and everything else."""
    assert by is None
    population = replace(population)  # keeps nothing of what an earlier call computed
    centre = tuple(population.points.mean(axis=0).tolist())
    known = sg.catalogue()
    fit = (known["level"] != "local") & (known["required"] == "") & ~known["family"].isin(["ordered", "scale"])
    placed = [sg.bind(f"{kind}_centralization", centre=centre) for kind in ("absolute", "relative")]
    borders = {
        "queen": sg.bind("boundary_dissimilarity", contiguity="queen"),
        "length": sg.bind("boundary_dissimilarity", adjust="length"),
        "shape": sg.bind("boundary_dissimilarity", adjust="shape", perimeter="whole"),
    }
    tables = [sg.measure(population, [*known.index[fit], *placed])]
    for name, border in borders.items():
        tables.append(sg.measure(population, border).assign(index=f"boundary_dissimilarity by {name}"))
    for group in population.groups:
        table = sg.measure(population.versus(group), ["D", "G", "H", "O"])
        tables.append(table.assign(index=table["index"] + " versus rest", group=group))
    return pd.concat(tables, ignore_index=True)


def timed_import(code: str) -> tuple[str, ...]:
    """Return a command that prints the seconds that an import takes."""
    return ("-c", f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)")


def demo(folder: Path) -> tuple[str, ...]:
    """Return the command that shows the sample city."""
    return ("-c", "from segregate.cli import main; main()", "demo", "-o", str(folder / "demo"))


GEOPANDAS = timed_import("import geopandas")
CASES: tuple[Measuring | Starting, ...] = (
    Measuring(
        "us_tracts",
        "all tracts of the United States, every metropolitan area: `sg.measure(pop, by='cbsa')`",
        data.us_tracts,
        measure_everything,
        peers=(
            Peer("alone", rtol=1e-12, atol=1e-12),
            Peer("pysal", rtol=1e-10, atol=1e-12, at_least=50),
        ),
    ),
    Measuring(
        "hundred_thousand",
        "all aspatial indices, 100,000 units x 8 groups: `sg.measure(pop)`",
        data.hundred_thousand,
        measure_everything,
        peers=(
            Peer(
                "pysal",
                rtol=1e-10,
                atol=1e-12,
                leave_out=("gini",),
                why="it holds several arrays of units x units, 80 GB each",
            ),
        ),
        seconds=1,
        each_index=True,
    ),
    Measuring(
        "ten_thousand",
        "everything at once, 10,000 units x 5 groups with polygons: `sg.measure(pop, [...])` for all that the batch "
        "functions of PySAL have too",
        data.ten_thousand,
        measure_as_the_batch,
        peers=(Peer("pysal", rtol=0, atol=5.0001e-5, batch=True),),
    ),
    Measuring(
        "eight_million",
        "evenness and exposure, 8 million units x 8 groups in 400 cities: `sg.measure(pop, [...], by='city')`",
        data.eight_million,
        measure_evenness_and_exposure,
        peers=(Peer("alone", rtol=1e-12, atol=1e-12, regions=8),),
        seconds=20,
        memory=8,
        repeats=2,
    ),
    Starting(
        "import",
        "`import segregate`",
        lambda _: timed_import("import segregate"),
        seconds=0.5,
        beside=GEOPANDAS,
        clock="inside",
        repeats=9,
    ),
    Starting(
        "import_all",
        "the same, and `sg.read`, `sg.measure`, `sg.Population` looked up, which loads the libraries",
        lambda _: timed_import("import segregate as sg; sg.read; sg.measure; sg.Population"),
        seconds=None,
        beside=GEOPANDAS,
        clock="inside",
        repeats=9,
        quick=False,
    ),
    Starting("demo_cold", "`segregate demo`, nothing compiled yet", demo, 30, cold=True, repeats=3, quick=False),
    Starting("demo_warm", "`segregate demo`, kernels compiled", demo, 5, cold=False, quick=False),
)


def case(name: str) -> Measuring | Starting:
    """Return the case of that name."""
    for one in CASES:
        if one.name == name:
            return one
    sys.exit(f"There is no case {name!r}; there are {', '.join(one.name for one in CASES)}.")
