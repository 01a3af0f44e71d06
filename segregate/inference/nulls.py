"""Is it more than chance? An index set against what random allocation gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._checks import check_choice
from .._progress import Progress
from .._regions import warn_about
from ..errors import DataError, ParameterError, first_of, have, plural
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._draws import Draw, of_people, of_shares, rearranged
from ._replicates import ALTERNATIVES, check_replicates, p_value, replicate
from ._statistic import Statistic, named
from ._whole import whole_people

__all__ = ["TestResult", "monte_carlo_test"]

Floats = npt.NDArray[np.float64]
NULLS = {
    "people": "people are spread over the units at random; units keep their totals and groups their sizes",
    "multinomial": "every person's group is drawn from the city's shares; units keep their totals",
    "binomial": "whether a person is of the group is drawn from the city's share; units keep their totals",
    "units": "units keep their people and change places",
}
"""The null models, and what they say."""


@dataclass(frozen=True, repr=False)
class TestResult(Result):
    """An index, and what it would be by chance.

    Attributes
    ----------
    statistic : float
        The index on the population.
    null : ndarray of shape (replicates,)
        The index on each replicate; NaN where it is undefined there.
    p_value : float
        (b + 1) / (n + 1), b of n defined replicates reaching the statistic.
    expected : float
        Mean of the replicates.
    z : float
        The statistic less the mean, in standard deviations of the replicates; NaN where these do not vary.
    alternative : str
        Which replicates reach the statistic.
    model : str
        What is random: "people", "multinomial", "binomial" or "units".
    undefined : int
        Replicates on which the index is undefined.
    about : mapping
        Index, symbol, group, versus, environment and params.
    """

    __test__: ClassVar[bool] = False  # pytest collects what is called Test...

    statistic: float
    null: Floats
    p_value: float
    expected: float
    z: float
    alternative: str
    model: str
    undefined: int
    about: dict[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_null"

    @property
    def table(self) -> pd.DataFrame:
        """One row: what was tested, statistic, expected, sd, z, p_value, null, alternative, replicates, undefined."""
        defined = self.null[np.isfinite(self.null)]
        row = {
            **self.about,
            "statistic": self.statistic,
            "expected": self.expected,
            "sd": float(defined.std(ddof=1)) if len(defined) > 1 else float("nan"),
            "z": self.z,
            "p_value": self.p_value,
            "null": self.model,
            "alternative": self.alternative,
            "replicates": len(self.null),
            "undefined": self.undefined,
        }
        return pd.DataFrame([row])

    def _headline(self) -> str:
        return (
            f"{self.title}: {self.statistic:.4g}, by chance {self.expected:.4g} "
            f"(p = {self.p_value:.3g}, {self.alternative}; {NULLS[self.model]})"
        )


def monte_carlo_test(
    pop: Population,
    index: IndexLike,
    *,
    null: str = "people",
    replicates: int = 999,
    alternative: str = "greater",
    group: str | None = None,
    other: str | None = None,
    round: str | None = None,  # noqa: A002 - the word of numpy and pandas
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> TestResult:
    r"""Test whether an index is larger, or smaller, than chance would make it.

    Where units hold few people, an index is above 0 even if everybody settles at random. The test draws many
    cities in which only chance is at work and sees how many reach the index that was measured:

    .. math:: p = \frac{b + 1}{n + 1}

    with b of n replicates reaching it.

    Parameters
    ----------
    pop : Population
        The units. The statistic and all replicates are computed in its environment, see `Population.within`.
    index : str, function or bound index
        An index that gives one number for a population.
    null : {"people", "multinomial", "binomial", "units"}
        What is random. "people": who lives where, with the totals of units and the sizes of groups as they are
        (the multivariate hypergeometric distribution). "multinomial": the group of every person, drawn from the
        city's shares, with the totals of units as they are; "binomial" is the same for two groups. "units": which
        people live in which unit, the units being rearranged over space as wholes; for an index that sees space.
    replicates : int
        How many cities are drawn.
    alternative : {"greater", "less", "two-sided"}
        Whether replicates count that are as large as the statistic, as small, or both (twice the smaller p).
    group, other : str, optional
        The group, or the pair, where the index is about one. Any other index compares `group` with everybody else, or
        with `other`; then only the people of the two are drawn.
    round : {"largest_remainder"}, optional
        Makes counts whole, where people are counted one by one; otherwise parts of people are an error.
    rng : Generator, int or None
        Source of randomness. The same number gives the same bits, whatever the order of the rows and the number of
        threads.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    TestResult
        `.p_value`, `.expected`, `.z`, `.null`, `.table`, `.plot()`. NaN where the index is undefined.

    Raises
    ------
    DataError
        For parts of people, where the null counts people.
    ParameterError
        For arguments that cannot be used, and for rearranged units where the index does not see space.

    Notes
    -----
    A replicate that misses the statistic by no more than 1e-12 counts as reached. Where people live at random,
    p is below 0.05 in 5 % of cities; `docs/uncertainty.md` shows it. Ctrl-C keeps the replicates that are there.

    References
    ----------
    Carrington and Troske (1997), On measuring segregation in samples with small units,
    doi:10.1080/07350015.1997.10524718; Phipson and Smyth (2010), Permutation p-values should never be zero,
    doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> found = sg.monte_carlo_test(schools, "H", replicates=99, rng=1)
    >>> found.p_value
    0.01
    """
    check_choice("null", null, tuple(NULLS))
    check_choice("alternative", alternative, ALTERNATIVES)
    replicates = check_replicates(replicates)
    statistic = Statistic(pop, index, group, other)
    notes: tuple[str, ...] = ()
    if null == "people" and (statistic.view.counts != np.floor(statistic.view.counts)).any():
        pop, notes = whole_people(pop, round)
        statistic = Statistic(pop, index, group, other)
    warn_about(statistic.observed)
    statistic, draw = _drawing(statistic, null)
    moved = null == "units"
    drawn = replicate(
        lambda states: statistic.on(draw(states), moved=moved),
        replicates if np.isfinite(statistic.value) else 0,
        rng,
        progress=progress,
        what=f"{statistic.spec.name} by chance",
        chunk=statistic.chunk,
    )
    if null in ("multinomial", "binomial") and statistic.spec.family == "exposure" and "even" not in statistic.spec.at:
        notes += (
            f"{statistic.spec.name.replace('_', ' ')} follows the sizes of groups, which these replicates draw anew; "
            "p then lies about one half whatever is true; null='people' keeps the sizes",
        )
    return _result(statistic, drawn.values, alternative, null, notes + drawn.notes)


def _drawing(statistic: Statistic, null: str) -> tuple[Statistic, Draw]:
    """Return the statistic of the people who are drawn, and what draws them."""
    if null == "units":
        if not statistic.sees_space:
            raise ParameterError(
                f"{statistic.spec.name} does not see where units lie, so that rearranged units have the same value. "
                "Take the population within an environment, pop.within(sg.Kernel(1000)), an index of space, or "
                "null='people'."
            )
        return statistic, rearranged(statistic.pop)
    viewed = statistic.of_view()
    if null == "people":
        return viewed, of_people(viewed.pop)
    if null == "binomial" and viewed.pop.n_groups != 2:
        raise ParameterError(
            f"null='binomial' is about two groups, and {statistic.spec.name} sees {viewed.pop.n_groups} here: take "
            "null='multinomial', or pop.versus('a')."
        )
    totals = viewed.pop.totals
    parts = totals != np.floor(totals)
    if parts.any():
        raise DataError(
            f"{have(int(parts.sum()), len(parts))} a total that is not a whole number of people "
            f"(first: {first_of(viewed.pop.ids[parts][:4])}), and people are drawn one by one. Round the counts first."
        )
    return viewed, of_shares(viewed.pop)


def _result(statistic: Statistic, null: Floats, alternative: str, model: str, notes: tuple[str, ...]) -> TestResult:
    defined = null[np.isfinite(null)]
    undefined = len(null) - len(defined)
    if undefined:
        notes = (
            *notes,
            f"the index is undefined on {plural(undefined, 'replicate')} of {len(null):,}; they do not count",
        )
    if statistic.observed.messages[0]:
        notes = (str(statistic.observed.messages[0]), *notes)
    expected = float(defined.mean()) if len(defined) else float("nan")
    spread = float(defined.std(ddof=1)) if len(defined) > 1 else 0.0
    value = statistic.value
    varies = spread > 1e-12 * max(1.0, abs(expected))
    return TestResult(
        statistic=value,
        null=null,
        p_value=p_value(value, null, alternative),
        expected=expected,
        z=(value - expected) / spread if varies else float("nan"),
        alternative=alternative,
        model=model,
        undefined=undefined,
        about=statistic.described,
        title=named(statistic),
        notes=notes,
    )
