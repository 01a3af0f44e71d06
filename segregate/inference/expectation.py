"""What an index would be if people were allocated to the units at random."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from .._checks import check_choice
from .._progress import Progress
from .._regions import warn_about
from ..errors import ParameterError, plural
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._draws import of_people, of_shares
from ._expected_exact import closed_form, lacks_formula
from ._replicates import check_replicates, replicate
from ._statistic import Statistic, named
from ._whole import whole_people

__all__ = ["Expected", "expected"]

METHODS = ("exact", "simulate")
MARGINS = ("both", "units")
WINSHIP = (
    "Winship's approximation: the share of each group is fixed as observed while its people are drawn, so this is not "
    "the mean of the index over such draws (method='simulate' gives that)"
)


@dataclass(frozen=True, repr=False)
class Expected(Result):
    """The mean of an index under random allocation; `expected` makes it. ``float(result)`` is the value.

    Attributes
    ----------
    value : float
        The mean; NaN where the index is undefined.
    se : float
        Standard error of the simulated mean; 0 of a formula.
    raw : float
        The index as measured.
    method, margins : str
        How it was computed, and what random allocation keeps.
    replicates : int
        Simulated cities on which the index is defined; 0 of a formula.
    about : mapping
        Index, symbol, group, versus, environment and params.
    """

    value: float
    se: float
    raw: float
    method: str
    margins: str
    replicates: int
    about: dict[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_small_units"

    def __float__(self) -> float:
        return self.value

    @property
    def table(self) -> pd.DataFrame:
        """One row: what was asked for, method, margins, raw, expected, se, replicates."""
        row = {
            **self.about,
            "method": self.method,
            "margins": self.margins,
            "raw": self.raw,
            "expected": self.value,
            "se": self.se,
            "replicates": self.replicates,
        }
        return pd.DataFrame([row])

    def _headline(self) -> str:
        kept = "totals of units and sizes of groups" if self.margins == "both" else "totals of units"
        error = f" (standard error {self.se:.2g})" if self.method == "simulate" else ""
        return (
            f"{self.title}: {self.raw:.4g} measured, {self.value:.4g}{error} expected if people were allocated at "
            f"random ({kept} as they are)"
        )


def expected(
    pop: Population,
    index: IndexLike,
    *,
    method: str = "exact",
    margins: str = "both",
    group: str | None = None,
    other: str | None = None,
    replicates: int = 999,
    round: str | None = None,  # noqa: A002 - the word of numpy and pandas
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Expected:
    r"""Return the mean of an index over all ways to allocate the people to the units at random.

    Where units hold few people, chance alone makes them differ, and an index of evenness is above 0 although nobody
    minds who lives where. For dissimilarity the mean is

    .. math:: E[D] = \frac{1}{2 T I} \sum_m \sum_j E |x_{jm} - t_j \pi_m|

    with :math:`x_{jm}` hypergeometric: :math:`t_j` people drawn without replacement from T, of whom :math:`T_m` are of
    group m. Each mean absolute deviation has a closed form, so that no draws are needed.

    Parameters
    ----------
    pop : Population
        The units, with whole numbers of people. Its environment is kept, which takes draws.
    index : str, function or bound index
        An index that gives one number for a population.
    method : {"exact", "simulate"}
        A formula, or the mean of random cities. Formulas are there at home for D, KM, GS (sums of absolute deviations),
        M, H and the divergence of a group (sums over the distribution of each count), and V, P, R, C, isolation and
        exposure (second moments: with J units with people, :math:`(J - 1) / (T - 1)` for the first four).
    margins : {"both", "units"}
        What random allocation keeps. "both": the totals of units and the sizes of groups (the hypergeometric
        distribution). "units": the totals of units alone, every person's group being drawn from the city's shares.
        With ``method="exact"`` that is Winship's approximation, in which the city's shares stay as observed in the
        formula of the index, too: for D,
        :math:`\sum_j E|x_j - t_j P| / (2 T P (1 - P))` with :math:`x_j` binomial.
    group, other : str, optional
        The group, or the pair, where the index is about one. An index that compares groups takes `group` against
        everybody else, or against `other`.
    replicates : int
        Simulated cities; a formula needs none.
    round : {"largest_remainder"}, optional
        Makes counts whole; otherwise parts of people are an error.
    rng : Generator, int or None
        Source of randomness of the simulation. The same number gives the same bits, whatever the order of the rows.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Expected
        ``float(result)`` is the mean; `.se`, `.raw`, `.table`, `.plot()`. NaN where the index is undefined.

    Raises
    ------
    DataError
        For parts of people.
    ParameterError
        For arguments that cannot be used, and for ``method="exact"`` where there is no formula.

    Notes
    -----
    Winship's approximation lies above the mean of the index: on units of 4, 3 and 5 people with 5 members of a group
    it is .411, while the mean of D is .365 where groups are drawn and .344 where both margins are kept. The difference
    vanishes in large cities.

    References
    ----------
    Cortese, Falk and Cohen (1976), doi:10.2307/2094840; Winship (1977), doi:10.1093/sf/55.4.1058; Carrington and Troske
    (1997), doi:10.1080/07350015.1997.10524718. The closed form of the mean deviation of a binomial is De Moivre's:
    Diaconis and Zabell (1991), doi:10.1214/ss/1177011699; that of a hypergeometric follows in the same way.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> found = sg.expected(schools, "D")
    >>> print(f"{found.raw:.3f} {found.value:.3f}")
    0.356 0.045
    """
    check_choice("method", method, METHODS)
    check_choice("margins", margins, MARGINS)
    replicates = check_replicates(replicates)
    statistic, notes = counted(pop, index, group, other, round)
    found = expectation(
        statistic, method=method, margins=margins, replicates=replicates, rng=rng, progress=progress, notes=notes
    )
    warn_about(statistic.observed)
    return found


def counted(
    pop: Population,
    index: IndexLike,
    group: str | None,
    other: str | None,
    round: str | None = None,  # noqa: A002
) -> tuple[Statistic, tuple[str, ...]]:
    """Return an index on whole people, and what is to be said of the rounding."""
    statistic = Statistic(pop, index, group, other)
    notes: tuple[str, ...] = ()
    if (statistic.view.counts != np.floor(statistic.view.counts)).any():
        pop, notes = whole_people(pop, round)
        statistic = Statistic(pop, index, group, other)
    elif round is not None:
        whole_people(pop, round)
    return statistic, notes


def expectation(
    statistic: Statistic,
    *,
    method: str,
    margins: str,
    replicates: int,
    rng: np.random.Generator | int | None,
    progress: Progress,
    notes: tuple[str, ...] = (),
) -> Expected:
    """Return the mean of an index under random allocation; see `expected`."""
    fixed = margins == "both"
    value, se, defined = float("nan"), float("nan"), 0
    said = (str(statistic.observed.messages[0]),) if statistic.observed.messages[0] else ()
    if method == "exact":
        why = lacks_formula(statistic)
        if why:
            raise ParameterError(f"method='exact' cannot be had: {why}. Take method='simulate'.")
        if np.isfinite(statistic.value):
            value, se = closed_form(statistic, fixed=fixed), 0.0
        if not fixed:
            said = (*said, WINSHIP)
    elif np.isfinite(statistic.value):
        viewed = statistic.of_view()
        draw = of_people(viewed.pop) if fixed else of_shares(viewed.pop)
        drawn = replicate(
            lambda states: viewed.on(draw(states), moved=False),
            replicates,
            rng,
            progress=progress,
            what=f"{statistic.spec.name} by chance",
            chunk=viewed.chunk,
        )
        found = drawn.values[np.isfinite(drawn.values)]
        defined = len(found)
        said = (*said, *drawn.notes)
        if defined < len(drawn.values):
            missing = len(drawn.values) - defined
            said = (*said, f"the index is undefined in {plural(missing, 'random city', 'random cities')}, left out")
        if defined:
            value = float(found.mean())
        if defined > 1:
            se = float(found.std(ddof=1)) / float(np.sqrt(defined))
    return Expected(
        value=value,
        se=se,
        raw=statistic.value,
        method=method,
        margins=margins,
        replicates=defined,
        about=statistic.described,
        title=named(statistic),
        notes=(*said, *notes),
    )


def baseline(
    statistic: Statistic, replicates: int, rng: np.random.Generator | int | None, progress: Progress
) -> Expected:
    """Return the mean under random allocation with both margins kept: by a formula where there is one."""
    method = "simulate" if lacks_formula(statistic) else "exact"
    found = expectation(statistic, method=method, margins="both", replicates=replicates, rng=rng, progress=progress)
    return replace(found, notes=found.notes[1:] if statistic.observed.messages[0] else found.notes)
