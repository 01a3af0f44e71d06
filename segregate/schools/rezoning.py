"""School zones: the plan that separates pupils least, within what is possible, and how far from it any other may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .._checks import check_choice
from .._progress import Progress, progress_over
from ..errors import ParameterError
from ..population import Population
from ..registry import IndexLike
from ._rezone_frontier import OVER, Frontier, frontier_of, limited, limits_of, no_worse
from ._rezone_plan import Plan
from ._rezone_problem import Problem
from ._rezone_reading import Asked
from ._rezone_reasons import NoPlanError, no_plan
from ._rezone_solve import Outcome
from ._rezone_task import plan_of, prepared, solved

__all__ = ["Frontier", "NoPlanError", "Plan", "frontier", "rezone"]

WHY = 0.5
"""Part of the time limit that may be spent on why there is no plan, at most `WHY_MOST` seconds a limit."""
WHY_MOST = 20.0


def rezone(
    blocks: Population,
    schools: Any,
    *,
    capacity: Hashable | float | Mapping[Any, float] | pd.Series[float] | None,
    fill: tuple[float, float] = (0.0, 1.0),
    travel: Any = None,
    max_travel: float | None = None,
    objective: IndexLike = "dissimilarity",
    group: str | None = None,
    contiguous: Any = True,
    max_moved: float | None = None,
    keep: Iterable[Any] = (),
    current: Hashable | Mapping[Any, Any] | pd.Series[Any] | None = None,
    time_limit: float = 60,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Plan:
    r"""Draw school zones that separate pupils least, within what is possible.

    Every block goes to one school, with all its pupils. The index of dissimilarity of the schools is linear in the
    assignment, so the least is found, or bounded, by mixed-integer programming; how far the plan may be from the least
    is said. Other indices are improved by moves and exchanges of blocks.

    Parameters
    ----------
    blocks : Population
        Pupils where they live. With polygons zones can hang together.
    schools : GeoDataFrame, DataFrame or Population
        One row each, its index the ids; with points, or areas.
    capacity : column name, number, mapping or Series
        Seats of each school; None for no limit.
    fill : (float, float), optional
        Pupils at least and at most, as shares of the capacity.
    travel : optional
        As in `segregate.access`: by default straight lines in metres; streets, a Network, or costs from blocks to
        schools. What is not in a table cannot be reached.
    max_travel : float, optional
        Farthest that pupils may travel, in metres or in what `travel` is in.
    objective : index, optional
        Dissimilarity, or any index that gives one number and sees no space.
    group : str, optional
        The group against all others. Without it, of more than two groups, dissimilarity is that of all groups together.
    contiguous : bool or sparse array, optional
        Whether the blocks of a school are connected by common borders, and the block in which a school lies belongs to
        it. An array says which blocks are neighbours.
    max_moved : float or int, optional
        Pupils who may change school: a float from 0 to 1 is a share of all pupils, a whole number is a number of them.
    keep : block, school, or list of them, optional
        Blocks that stay at the school of today; schools whose zones stay as they are.
    current : column name, mapping or Series, optional
        The school of each block of today: a column of ``blocks.attributes``, or ids of blocks to ids of schools. Needed
        for `max_moved` and `keep`, and a good beginning.
    time_limit : float, optional
        Seconds.
    rng : Generator or int, optional
        Of the search.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do), in hundredths of the time.

    Returns
    -------
    Plan
        `.assignment`, `.value`, `.bound`, `.gap`, `.status`, `.before`, `.moved`, `.burden` (who moves and travels,
        by group), `.table` (by school), `.zones` (for maps), `.plot()`.

    Raises
    ------
    NoPlanError
        Where no plan keeps all limits: which ones, and by how much they are short (`.table`).
    ParameterError, UnknownNameError, DataError, GeometryError
        For arguments and data that cannot be used.
    MissingDependencyError
        Without the package highspy: ``pip install 'segregate[rezone]'``.

    Notes
    -----
    With weights :math:`w_b = x_b/X - y_b/Y` of a group x and all others y, dissimilarity is
    :math:`\frac12 \sum_s |\sum_b a_{bs} w_b|`, the sum of the nets above 0, with :math:`a_{bs}` 1 where block b goes to
    school s. Zones that hang together are asked for by flows in small problems and by cuts in rounds in large ones. A
    search (simulated annealing over moves and exchanges) gives the first plan, which the solver HiGHS improves and
    bounds. Blocks without pupils are assigned too, and no limit of travel holds for them. Where pupils could go back
    to the school of today at no loss, they do. The same `rng` gives the same plan as long as the time does not run
    out. Pupils are assumed to go where they are assigned; `segregate.schools.gap` says how many do.

    References
    ----------
    Franklin and Koenigsberg (1973), Computed school assignments in a large district, doi:10.1287/opre.21.2.413; Caro,
    Shirabe, Guignard and Weintraub (2004), School redistricting: embedding GIS tools with integer programming,
    doi:10.1057/palgrave.jors.2601729; Shirabe (2009), Districting modeling with exact contiguity constraints,
    doi:10.1068/b34104; Oehrlein and Haunert (2017), A cutting-plane method for contiguity-constrained spatial
    aggregation, doi:10.5311/JOSIS.2017.15.379; Huangfu and Hall (2018), Parallelizing the dual revised simplex method,
    doi:10.1007/s12532-017-0130-5.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.testing import school_city
    >>> city = school_city(1, blocks=(6, 6), schools=3)
    >>> sites = city.schools.to_frame().loc[["S01", "S02", "S03"]]
    >>> plan = sg.schools.rezone(
    ...     city.blocks, sites, capacity="capacity", group="minority", current="zone", time_limit=1, rng=1)
    >>> plan.bound <= plan.value <= plan.before
    True
    """
    limits = Asked(capacity, fill, travel, max_travel, contiguous, max_moved, keep, current)
    task = prepared(blocks, schools, limits, objective, group, time_limit)
    until = time.monotonic() + time_limit
    with progress_over(progress, 100, "rezone") as step:
        said = _clock(step, time.monotonic(), time_limit)
        outcome, finished = solved(task, task.reading.problem, [], np.random.default_rng(rng), until, time_limit, said)
        said(done=True)
    if outcome.zones is None:
        raise no_plan(task.reading, min(WHY * time_limit, WHY_MOST), proven=outcome.state == "infeasible")
    return plan_of(task, task.reading.problem, outcome, outcome.zones, finished=finished)


def _clock(step: Callable[[], None], begun: float, limit: float) -> Callable[..., None]:
    """Return what moves a bar on to the part of the time that is over."""
    shown = 0

    def said(_: str = "", *, done: bool = False) -> None:
        nonlocal shown
        part = 100 if done else min(int(100 * (time.monotonic() - begun) / limit), 99)
        while shown < part:
            shown += 1
            step()

    return said


def frontier(
    blocks: Population,
    schools: Any,
    *,
    capacity: Hashable | float | Mapping[Any, float] | pd.Series[float] | None,
    over: str = "max_moved",
    values: Iterable[float] | None = None,
    fill: tuple[float, float] = (0.0, 1.0),
    travel: Any = None,
    max_travel: float | None = None,
    objective: IndexLike = "dissimilarity",
    group: str | None = None,
    contiguous: Any = True,
    max_moved: float | None = None,
    keep: Iterable[Any] = (),
    current: Hashable | Mapping[Any, Any] | pd.Series[Any] | None = None,
    time_limit: float = 120,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Frontier:
    """Say how much less separated schools could be for more pupils who move, or who travel farther.

    A plan is made for each of a row of limits, the tightest first. Each begins with the plan of the limit before,
    and takes part of the bound of the limit after: more is never worse, and bounds never cross.

    Parameters
    ----------
    blocks, schools, capacity, fill, travel, max_travel, objective, group, contiguous, max_moved, keep, current
        As in `rezone`; the one of `max_moved` and `max_travel` that is varied is left out.
    over : {"max_moved", "max_travel"}, optional
        The limit that is varied.
    values : list of float, optional
        Its values: shares or numbers of pupils, or travel. By default some shares from 0 to 1, and six limits of travel
        from the least at which every block reaches a school.
    time_limit : float, optional
        Seconds for all plans together.
    rng, progress
        As in `rezone`; progress counts plans.

    Returns
    -------
    Frontier
        `.table` (a row per limit: value, bound, gap, moved, travel, whether it is dominated), `.plans`, `.plot()`.

    Raises
    ------
    ParameterError
        For limits that are none, and the varied one given as well; otherwise as `rezone`. A limit that no plan keeps
        is a row of the table with status "infeasible".

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.testing import school_city
    >>> city = school_city(1, blocks=(6, 6), schools=3)
    >>> sites = city.schools.to_frame().loc[["S01", "S02", "S03"]]
    >>> line = sg.schools.frontier(
    ...     city.blocks, sites, capacity="capacity", group="minority", current="zone", values=[0.0, 0.1, 0.3],
    ...     time_limit=1, rng=1)
    >>> line.table["value"].is_monotonic_decreasing
    True
    """
    check_choice("over", over, OVER)
    if {"max_moved": max_moved, "max_travel": max_travel}[over] is not None:
        raise ParameterError(f"{over} is varied (over=); give its values= and leave {over}= out.")
    limits = Asked(capacity, fill, travel, max_travel, contiguous, max_moved, keep, current)
    task = prepared(blocks, schools, limits, objective, group, time_limit)
    steps = limits_of(task.reading, over, values)
    source, begun = np.random.default_rng(rng), time.monotonic()
    problems: list[Problem] = []
    outcomes: list[Outcome] = []
    with progress_over(progress, len(steps), "frontier") as step:
        for k, limit in enumerate(steps):
            problem = limited(task.reading, over, limit, task.reading.blocks.size)
            known = [one.zones for one in outcomes if one.zones is not None]
            left = begun + time_limit - time.monotonic()
            until = time.monotonic() + max(left / (len(steps) - k), 0.2)
            outcome, _ = solved(task, problem, known[-2:], source, until, time_limit / len(steps))
            outcomes.append(no_worse(task, problem, outcome, known))
            problems.append(problem)
            step()
    return frontier_of(task, over, steps, problems, outcomes)
