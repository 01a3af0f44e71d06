"""How sure is an index whose counts are estimates? From the uncertainty of the data to that of the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from .._progress import Progress, progress_over
from .._regions import warn_about
from .._uncertain import Uncertainty
from ..errors import DataError, plural
from ..population import Population
from ..registry import IndexLike
from ._draws import by_id
from ._replicates import Drawn, check_level, check_replicates, interval_of, replicate
from ._statistic import Statistic, named
from .resampling import Interval

__all__ = ["Propagated", "propagate"]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
TABLES, MARGINS = "replicate tables", "margins of error"
UNSURE = 0.5
"""A standard error above this part of its count makes a cell unsure."""
MANY_UNSURE = 0.2
"""From this share of unsure cells on the interval is too narrow, and that is said."""


@dataclass(frozen=True, repr=False)
class Propagated(Interval):
    """An index with the uncertainty that it has from its data.

    Attributes
    ----------
    value : float
        The index on the counts as they are.
    low, high : float
        Ends of the interval, from which the bias is taken off.
    se : float
        Standard error.
    bias : float
        By how much the noise of the data raises the index, as estimated from the replicates.
    replicates : ndarray of shape (replicates,)
        The index on each table; NaN where it is undefined there.
    level : float
        Confidence.
    kind : str
        "normal" with replicate tables, "basic" with margins of error.
    resample : str
        "counts".
    about : mapping
        Index, symbol, group, versus, environment and params.
    method : str
        "replicate tables" or "margins of error".
    """

    method: str = MARGINS
    picture: ClassVar[str] = "draw_propagated"

    @property
    def table(self) -> pd.DataFrame:
        """One row: what was measured, value, low, high, se, bias, level, interval, method, replicates, undefined."""
        return super().table.rename(columns={"resample": "method"}).assign(method=self.method)

    def _headline(self) -> str:
        return (
            f"{self.title}: {self.value:.4g}, {100 * self.level:g} % interval {self.low:.4g} to {self.high:.4g} "
            f"({self.method}, bias {self.bias:.2g} taken off)"
        )


def propagate(
    pop: Population,
    index: IndexLike,
    *,
    replicates: int = 999,
    level: float = 0.95,
    group: str | None = None,
    other: str | None = None,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Propagated:
    r"""Give an index the interval that it has because its counts are estimates.

    With replicate tables (`Population.with_replicates`) the index I is computed on each of the R tables, and

    .. math:: \mathrm{se}^2 = f \sum_r (I_r - I)^2, \qquad \mathrm{bias} = f \sum_r (I_r - I)

    with the factor f of the tables, 4/80 for the American Community Survey. The interval is
    ``I - bias -/+ t * se``, t being the quantile of Student's distribution with R - 1 degrees of freedom.

    With margins of error only (``moe=`` of `Population.from_frame`) tables are drawn: each count anew, independently
    of the others, from a gamma distribution with the count as its mean and the standard error as its standard
    deviation. Where the count is large this is the normal distribution, where it is small it is skewed and never
    negative. The standard error is the standard deviation of the index on these tables, the bias its mean less I, and
    the interval the basic one, ``2 I - q``, of their quantiles q.

    Parameters
    ----------
    pop : Population
        With `Population.uncertainty`. Every table is measured in its environment: W acts on the tables too.
    index : str, function or bound index
        An index that gives one number for a population.
    replicates : int
        How many tables are drawn, where there are margins of error only.
    level : float
        Confidence, 0.95 for 95 %. (Margins of error are read as of 90 %, whatever this is.)
    group, other : str, optional
        The group, or the pair, where the index is about one. Any other index compares `group` with everybody else, or
        with `other`.
    rng : Generator, int or None
        Source of randomness, where tables are drawn. The same number gives the same bits, whatever the order of the
        rows.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Propagated
        `.value`, `.low`, `.high`, `.se`, `.bias`, `.replicates`, `.method`, `.table`, `.plot()`. NaN where the index
        is undefined, and no interval where it is so on one of the replicate tables.

    Raises
    ------
    DataError
        Where nothing is known of the uncertainty, and where it is intervals only: `segregate.bounds` is for those.
    ParameterError
        For arguments that cannot be used; for an environment that does not fit the population (chosen after `within`).

    Notes
    -----
    *Bias.* Noise in the counts makes units look more different than they are, so that most indices are too high: with
    tracts of a sample survey by as much as one or two standard errors. The replicates have the same noise once more
    (those of successive differences a quarter of its variance, which f makes up for), and show by how much they are
    higher still; that is taken off. An interval around the uncorrected value, or the quantiles of the replicates
    themselves, which have the bias twice, miss the truth far too often. The value itself stays the index on the
    counts as they are; ``value - bias`` is the corrected estimate.

    *How often 95 % intervals cover the truth*, in 500 simulated surveys of one in 20 people, of a city of 100 units
    with about 4,000 people each (the share in brackets is that of ``value -/+ 1.96 se``, bias left in; those with
    margins of error draw every person on its own, so that errors are independent as is assumed, those with replicate
    tables draw from a list sorted by unit):

    ========  =====  ================  ================
    minority  index  margins of error  replicate tables
    ========  =====  ================  ================
    30 %      D      93 % (88 %)       95 % (94 %)
    30 %      H      94 % (86 %)       98 % (89 %)
    30 %      V      94 % (88 %)       97 % (91 %)
    10 %      D      89 % (79 %)       97 % (85 %)
    10 %      H      93 % (65 %)       99 % (80 %)
    10 %      V      94 % (84 %)       98 % (89 %)
    3 %       D      82 % (38 %)       96 % (73 %)
    3 %       H      78 % (14 %)       99 % (59 %)
    3 %       V      97 % (74 %)       99 % (87 %)
    ========  =====  ================  ================

    So intervals from margins of error hold where counts are mostly more than twice their standard error, as in the
    first rows, and are too narrow below. Those from replicate tables hold throughout; where the bias is larger than
    the standard error they are wider than need be, as the variance around I then holds some of the bias too.

    *Small cells.* A normal distribution cut off at 0 would raise the mean of small counts, put members of small groups
    where none were seen and so make the bias of the index come out too small or negative; the gamma distribution keeps
    mean and standard error. But a count of 0 stays 0 whatever its margin of error, which a note tells. Where
    the standard error is more than half the count in more than a fifth of the peopled cells of a group, a note says
    that the interval is too narrow: merge small groups or units.

    *Dependence.* Margins of error say nothing of how the errors of cells go together, so that they are taken as
    independent; totals of units are not held fixed. Replicate tables know it, and come first where there are both.
    Intervals of cells (`Population.with_intervals`) are left aside. Ctrl-C keeps the replicates that are there.

    References
    ----------
    Fay and Train (1995), Aspects of survey and model-based postcensal estimation of income and poverty
    characteristics for states and counties; U.S. Census Bureau, Variance Replicate Estimate Tables Documentation;
    Davison and Hinkley (1997), Bootstrap Methods and their Application, doi:10.1017/CBO9780511802843; Napierala and
    Denton (2017), Measuring residential segregation with the ACS, doi:10.1007/s13524-016-0545-z.

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> tracts = pd.DataFrame({"black": [900, 150, 400], "white": [1200, 2600, 2100]})
    >>> tracts = tracts.assign(black_m=[210, 90, 140], white_m=[240, 310, 290])
    >>> pop = sg.Population.from_frame(tracts, ["black", "white"], moe=["black_m", "white_m"])
    >>> found = sg.propagate(pop, "D", rng=1)
    >>> found.low < found.value < found.high
    True
    """
    replicates, level = check_replicates(replicates), check_level(level)
    statistic = Statistic(pop, index, group, other)
    doubt = _known(pop)
    warn_about(statistic.observed)
    value = statistic.value
    low = high = se = bias = float("nan")
    if doubt.replicates is not None:
        drawn = _on_tables(statistic, doubt.replicates, progress)
        if np.isfinite(value) and np.isfinite(drawn.values).all():
            apart = drawn.values - value
            se, bias = float(np.sqrt(doubt.factor * (apart**2).sum())), float(doubt.factor * apart.sum())
            reach = float(stdtrit(len(apart) - 1, (1 + level) / 2)) * se
            low, high = value - bias - reach, value - bias + reach
    else:
        draw = _of_margins(pop, doubt)
        drawn = replicate(
            lambda states: statistic.on(draw(states)),
            replicates if np.isfinite(value) else 0,
            rng,
            progress=progress,
            what=f"{statistic.spec.name} on other counts",
            chunk=statistic.chunk,
        )
        defined = drawn.values[np.isfinite(drawn.values)]
        low, high = interval_of(value, drawn.values, level, "basic")
        se = float(defined.std(ddof=1)) if len(defined) > 1 else se
        bias = float(defined.mean()) - value if len(defined) else bias
    return Propagated(
        value=value,
        low=low,
        high=high,
        se=se,
        bias=bias,
        replicates=drawn.values,
        level=level,
        kind="normal" if doubt.replicates is not None else "basic",
        resample="counts",
        about=statistic.described,
        title=named(statistic),
        notes=_notes(statistic, doubt, drawn),
        method=MARGINS if doubt.replicates is None else TABLES,
    )


def _known(pop: Population) -> Uncertainty:
    """Return what is known of the errors of the counts."""
    doubt = pop.uncertainty
    if doubt is None:
        raise DataError(
            "Nothing is known of the errors of these counts. Give their margins of error, moe= of "
            "Population.from_frame, or replicate tables, population.with_replicates(tables); for people drawn at "
            "random: segregate.bootstrap."
        )
    if doubt.se is None:
        raise DataError(
            "Only intervals are known of these counts, which say what is possible and not how probable it is: "
            "segregate.bounds(pop, index) gives the least and the greatest value that they allow."
        )
    return doubt


def _on_tables(statistic: Statistic, tables: Floats, progress: Progress) -> Drawn:
    """Return the index on replicate tables, (R,); negative estimates count as nobody."""
    found: list[Floats] = []
    parts = range(0, len(tables) if np.isfinite(statistic.value) else 0, statistic.chunk)
    with progress_over(progress, len(parts), f"{statistic.spec.name} on replicate tables") as step:
        for first in parts:
            found.append(statistic.on(np.maximum(tables[first : first + statistic.chunk], 0.0)))
            step()
    below = int((tables < 0).sum())
    notes = (f"{plural(below, 'negative cell')} of replicate tables taken as 0",) if below else ()
    return Drawn(np.concatenate(found) if found else np.empty(0), notes)


def _of_margins(pop: Population, doubt: Uncertainty) -> Callable[[Words], Floats]:
    """Return what draws counts with their standard errors, independently of each other; units in the order of ids."""
    order = by_id(pop)
    counts, errors = pop.counts[order], np.broadcast_to(np.asarray(doubt.se), pop.counts.shape)[order]
    unsure = (counts > 0) & (errors > 0)
    means, shapes = counts[unsure], (counts[unsure] / errors[unsure]) ** 2

    def draw(states: Words) -> Floats:
        tables = np.repeat(pop.counts[None], len(states), axis=0)
        for table, words in zip(tables, states, strict=True):
            source = np.random.Generator(np.random.PCG64(np.random.SeedSequence([int(word) for word in words])))
            drawn = counts.copy()
            drawn[unsure] = means * (source.standard_gamma(shapes) / shapes)
            table[order] = drawn
        return tables

    return draw


def _notes(statistic: Statistic, doubt: Uncertainty, drawn: Drawn) -> tuple[str, ...]:
    notes = [str(statistic.observed.messages[0])] if statistic.observed.messages[0] else []
    undefined = int(np.isnan(drawn.values).sum())
    if doubt.replicates is not None:
        if undefined:
            notes.append(
                f"the index is undefined on {plural(undefined, 'replicate table')} of {len(drawn.values):,}, so that "
                "there is no interval"
            )
    else:
        notes.append("errors of the counts are taken as independent of each other, as there are no replicate tables")
        if undefined:
            notes.append(
                f"the index is undefined on {plural(undefined, 'replicate')} of {len(drawn.values):,}; "
                "they do not count"
            )
        notes += _of_small_cells(statistic.view)
    if doubt.low is not None:
        notes.append("intervals of the counts are left aside; segregate.bounds is for them")
    return (*notes, *drawn.notes)


def _of_small_cells(view: Population) -> list[str]:
    """Say how many counts are too small for what is assumed about them."""
    doubt = view.uncertainty
    if doubt is None or doubt.se is None:
        return []
    notes = []
    empty = int(((view.counts == 0) & (doubt.se > 0)).sum())
    if empty:
        notes.append(f"{plural(empty, 'count')} of 0 with a margin of error stay 0 in all replicates")
    people = view.counts > 0
    unsure = (doubt.se > UNSURE * view.counts) & people
    shares = unsure.sum(axis=0) / np.maximum(people.sum(axis=0), 1)
    worst = int(shares.argmax())
    if shares[worst] > MANY_UNSURE:
        notes.append(
            f"the standard error is more than half of the count in {100 * shares[worst]:.0f} % of the units with "
            f"people of group {view.groups[worst]!r}; the interval covers the truth less often than it says"
        )
    return notes
