"""An index without the part of it that small units alone make."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from .._checks import check_choice
from .._progress import Progress
from .._regions import warn_about
from ..errors import ParameterError
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._corrected_methods import METHODS, NAN, Asked, Found
from ._replicates import check_level, check_replicates
from ._statistic import named
from .expectation import counted

__all__ = ["Corrected", "corrected"]


@dataclass(frozen=True, repr=False)
class Corrected(Result):
    """An index corrected for small units; `corrected` makes it. ``float(result)`` is the value.

    Attributes
    ----------
    value : float
        The corrected index; NaN where it is undefined, or where "bounds" are no single value.
    raw : float
        The index as measured.
    low, high : float
        Ends of the interval of "allen_bootstrap", "beta_mixture" and "bounds"; NaN for the others.
    level : float
        Confidence of the interval; NaN without one.
    method : str
        How it was corrected.
    expected : float
        The mean under random allocation that "carrington_troske" subtracts; NaN for the others.
    least, greatest : float
        The bounds of "bounds": the values that the counts allow; NaN for the others.
    replicates : int
        Random tables that were drawn and count.
    about : mapping
        Index, symbol, group, versus, environment and params.
    """

    value: float
    raw: float
    low: float
    high: float
    level: float
    method: str
    expected: float
    least: float
    greatest: float
    replicates: int
    about: dict[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_small_units"

    def __float__(self) -> float:
        return self.value

    @property
    def table(self) -> pd.DataFrame:
        """One row: what was asked for, method, raw, expected, value, low, high, level, least, greatest, replicates."""
        row = {
            **self.about,
            "method": self.method,
            "raw": self.raw,
            "expected": self.expected,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "least": self.least,
            "greatest": self.greatest,
            "replicates": self.replicates,
        }
        return pd.DataFrame([row])

    def _headline(self) -> str:
        shown = f"{self.value:.4g}"
        if math.isfinite(self.least) and not math.isfinite(self.value):
            shown = f"between {self.least:.4g} and {self.greatest:.4g}"
        interval = f" ({self.level:.0%} interval {self.low:.4g} to {self.high:.4g})" if math.isfinite(self.low) else ""
        return f"{self.title}: {self.raw:.4g} measured, {shown} corrected by {self.method}{interval}"


def corrected(
    pop: Population,
    index: IndexLike,
    *,
    method: str = "carrington_troske",
    group: str | None = None,
    other: str | None = None,
    components: int | None = None,
    sizes: str | None = None,
    replicates: int = 999,
    level: float = 0.95,
    round: str | None = None,  # noqa: A002 - the word of numpy and pandas
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Corrected:
    r"""Correct an index for the unevenness that chance alone makes in small units.

    Parameters
    ----------
    pop : Population
        The units, with whole numbers of people. "carrington_troske" and "allen_bootstrap" keep its environment, the
        others are for people at home.
    index : str, function or bound index
        An index that gives one number for a population and fits the method, see Notes.
    method : str
        One of

        - ``"carrington_troske"``: :math:`(S - S^*) / (1 - S^*)`, or :math:`(S - S^*) / S^*` below
          :math:`S^*`, with :math:`S^*` the mean under random allocation, see `segregate.expected`: 0 as expected by
          chance, 1 for complete separation, -1 for the evenest spread. For indices from 0 (even) to 1 (complete).
        - ``"allen_bootstrap"``: :math:`2 S - \bar S_b`, with :math:`\bar S_b` the mean over tables of as many people
          drawn with replacement. For all indices.
        - ``"allen_density"``: :math:`\tfrac{1}{2} \sum_j \sigma_j n_j`, with :math:`\sigma_j` the standard error of
          :math:`x_j / X - y_j / Y`, :math:`z_j` its size in standard errors, and :math:`n_j` the value that
          makes :math:`z_j` likeliest: the largest root of :math:`n = z \tanh(n z)`, 0 for z up to 1. For D of two
          groups, KM and GS.
        - ``"miller_madow"``: :math:`M - (J - 1)(G - 1) / (2 T)`, with J units and G groups that have people, and the
          same over the entropy for H. For M and H.
        - ``"leave_one_out"``: :math:`\sum_j \frac{x_j}{X} \frac{x_j - 1}{t_j - 1} - \sum_j \frac{y_j}{Y}
          \frac{x_j}{t_j - 1}`: nobody counts as their own neighbour. For V, and for P, R and C of two groups, which
          equal it.
        - ``"beta_mixture"``: the shares of units are drawn from a mixture of beta distributions, the people of a unit
          from its share. The mixture is fitted by maximum likelihood, and the index is that of the mixture.
        - ``"bounds"``: the shares are drawn from any distribution. Units of t people tell its first t moments; the
          bounds are those of the index among all distributions that share the moments of the likeliest one.

        The last two are for D, KM, GS, S, H, M, V, P, R, C, isolation, A and O of two groups, the first of them for G,
        too.
    group, other : str, optional
        The group, or the pair, where the index is about one. An index that compares groups takes `group` against
        everybody else, or against `other`.
    components : int, optional
        Beta distributions of "beta_mixture", 1 as a rule.
    sizes : {"independent", "free"}, optional
        For "bounds": whether shares do not depend on the size of units (as a rule), so that one distribution is
        estimated for all, or each size has a distribution of its own, for which many units of each size are needed.
    replicates : int
        Random tables, where a method draws some: "allen_bootstrap", and "carrington_troske" where the mean has no
        formula.
    level : float
        Confidence of the intervals of "allen_bootstrap", "beta_mixture" and "bounds"; the other methods have none.
    round : {"largest_remainder"}, optional
        Makes counts whole; otherwise parts of people are an error.
    rng : Generator, int or None
        Source of randomness of the methods that draw. The same number gives the same bits.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do), where a method draws.

    Returns
    -------
    Corrected
        ``float(result)`` is the value; `.raw`, `.low`, `.high`, `.least`, `.greatest`, `.table`, `.plot()`.

    Raises
    ------
    DataError
        For parts of people.
    ParameterError
        For an index that the method is not for, with those that it is for, and arguments that cannot be used.

    Notes
    -----
    What they are after differs. "carrington_troske" rescales what was measured. For V that takes the bias away, for H
    nearly; as an estimate of the D behind the counts it is far too low. All others estimate the index of the shares
    behind the counts. How far each comes is in `docs/small-units.md`, by simulation. In short: "allen_bootstrap" needs
    units of 30 people or more, "allen_density" and "miller_madow" of 10, "leave_one_out" has no bias that matters;
    "beta_mixture" is right from few people a unit on where the shares come from such distributions, and wrong by more
    than its interval where they do not (a note says so where the counts tell); "bounds" assumes least, and its
    interval holds the truth about as often as it says.

    The interval of "allen_bootstrap" is the basic one; it takes the units as they are. The other two take them for a
    sample: that of "beta_mixture" follows from the covariance of the estimate (the sandwich; on the scale of logits for
    indices from 0 to 1), and that of "bounds" holds the values of all distributions under which the counts are nearly
    as likely as under the likeliest (by the ratio of likelihoods and chi-squared with one degree of freedom; no theorem
    stands behind it, simulation does). These two methods weigh all units alike, large or small, where the index itself
    weighs people: if shares go with size, a note says so, and where units are large and few, that matters more than the
    bias.

    For random cities "carrington_troske" is a little below 0 on average, since deviations below :math:`S^*` are
    divided by less; :math:`S - S^*` itself is 0 on average.

    References
    ----------
    Carrington and Troske (1997), doi:10.1080/07350015.1997.10524718; Allen, Burgess, Davidson and Windmeijer (2015),
    doi:10.1111/ectj.12039; Miller (1955), Note on the bias of information estimates; Fossett (2017), New methods for
    measuring and analyzing segregation, doi:10.1007/978-3-319-41304-4; Rathelot (2012),
    doi:10.1080/07350015.2012.707586; D'Haultfoeuille and Rathelot (2017), doi:10.3982/QE501; Wang (2007),
    doi:10.1111/j.1467-9868.2007.00583.x.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools").versus("black")
    >>> found = sg.corrected(schools, "D", method="allen_density")
    >>> print(f"{found.raw:.3f} {found.value:.3f}")
    0.407 0.405
    """
    check_choice("method", method, tuple(METHODS))
    replicates, level = check_replicates(replicates), check_level(level)
    for word, given, owner in (("components", components, "beta_mixture"), ("sizes", sizes, "bounds")):
        if given is not None and method != owner:
            raise ParameterError(f"{word}= is for method={owner!r}; {method!r} takes none.")
    if components is not None and not _is_count(components):
        raise ParameterError(
            f"components={components!r} is a whole number, 1 or more; more than 3 are hardly told apart."
        )
    if sizes is not None:
        check_choice("sizes", sizes, ("independent", "free"))
    statistic, notes = counted(pop, index, group, other, round)
    asked = Asked(statistic, replicates, level, rng, progress, components or 1, sizes or "independent")
    result = correction(asked, method, notes)
    warn_about(statistic.observed)
    return result


def correction(asked: Asked, method: str, notes: tuple[str, ...] = ()) -> Corrected:
    """Return an index corrected by a method; ParameterError where it is not for this index."""
    statistic = asked.statistic
    found = METHODS[method](asked)
    if not math.isfinite(statistic.value):
        found = Found(NAN)
    said = (str(statistic.observed.messages[0]),) if statistic.observed.messages[0] else ()
    return Corrected(
        value=found.value,
        raw=statistic.value,
        low=found.low,
        high=found.high,
        level=asked.level if math.isfinite(found.low) else NAN,
        method=method,
        expected=found.expected,
        least=found.least,
        greatest=found.greatest,
        replicates=found.replicates,
        about=statistic.described,
        title=named(statistic),
        notes=(*said, *found.notes, *notes),
    )


def _is_count(number: object) -> bool:
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool) and int(number) >= 1
