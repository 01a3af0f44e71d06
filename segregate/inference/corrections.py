"""An index without the part of it that small units alone make."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from .._checks import check_choice
from .._progress import Progress
from .._regions import warn_about
from ..errors import ParameterError, plural
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._corrected_beta import fit_mixture
from ._corrected_bounds import bounds_by_size, bounds_of
from ._corrected_density import density_corrected
from ._corrected_shares import at_home, members, of_shares
from ._draws import resampled
from ._replicates import check_level, check_replicates, interval_of, replicate
from ._statistic import Statistic, named
from .expectation import baseline, counted

__all__ = ["METHODS", "Corrected", "corrected"]

Floats = npt.NDArray[np.float64]
NAN = float("nan")
TINY = 1e-12
POINT = 1e-6
"""Bounds that are no further apart are one value."""
UNLIKE = 3.0
"""Standard errors by which the shares of people and of units differ before it is said."""


class Found(NamedTuple):
    """What a method gives."""

    value: float
    low: float = NAN
    high: float = NAN
    expected: float = NAN
    least: float = NAN
    greatest: float = NAN
    replicates: int = 0
    notes: tuple[str, ...] = ()


class Asked(NamedTuple):
    """What a method is given."""

    statistic: Statistic
    replicates: int
    level: float
    rng: np.random.Generator | int | None
    progress: Progress
    components: int
    sizes: str


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
    What they are after differs. "carrington_troske" rescales what was measured; where units are segregated by more
    than chance, it is too low or too high by amounts that no formula tells. All others estimate the index of the
    chances behind the counts. How far each comes is in `docs/small-units.md`, by simulation. In short:
    "allen_bootstrap" and "allen_density" take away a part of the bias of D only, "miller_madow" needs expected
    counts of a few people, "leave_one_out" has no bias that matters; "beta_mixture" is near the truth from two people
    a unit on where shares have one peak or two at the ends; "bounds" assumes least and says least.

    The interval of "allen_bootstrap" is the basic one, that of "beta_mixture" follows from the covariance of the
    estimate (the sandwich; on the scale of logits for indices from 0 to 1), and that of "bounds" holds the values of
    all distributions under which the counts are nearly as likely as under the likeliest (by the ratio of likelihoods
    and chi-squared with one degree of freedom; no theorem says that this is right, but simulation does). Both take the
    units for a sample. These two methods weigh all units alike, large or small, where the index itself weighs people:
    if shares go with size, a note says so, and where units are large and few, that matters more than the bias.

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
    0.407 0.406
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


def _only_for(statistic: Statistic, method: str, names: tuple[str, ...], why: str) -> None:
    if statistic.spec.name not in names:
        raise ParameterError(f"method={method!r} is for {', '.join(names)}, {why}; not for {statistic.spec.name}.")


def _carrington_troske(asked: Asked) -> Found:
    statistic = asked.statistic
    ends = statistic.spec.at
    if ends.get("even") != 0 or ends.get("complete") != 1:
        raise ParameterError(
            "method='carrington_troske' is for indices that are 0 in an even city and 1 in one of complete separation; "
            f"{statistic.spec.name} is not. Dissimilarity, information_theory or correlation_ratio are."
        )
    if not math.isfinite(statistic.value):
        return Found(NAN)
    by_chance = baseline(statistic, asked.replicates, asked.rng, asked.progress)
    excess = statistic.value - by_chance.value
    scale = 1 - by_chance.value if excess >= 0 else by_chance.value
    notes = by_chance.notes
    if not scale > TINY:
        why = "random allocation gives complete separation" if excess >= 0 else "random allocation gives an even city"
        return Found(NAN, expected=by_chance.value, notes=(*notes, f"{why}, so there is nothing to compare with"))
    return Found(excess / scale, expected=by_chance.value, replicates=by_chance.replicates, notes=notes)


def _allen_bootstrap(asked: Asked) -> Found:
    viewed = asked.statistic.of_view()
    if not math.isfinite(viewed.value):
        return Found(NAN)
    draw = resampled(viewed.pop)
    drawn = replicate(
        lambda states: viewed.on(draw(states)),
        asked.replicates,
        asked.rng,
        progress=asked.progress,
        what=f"{viewed.spec.name} of people drawn again",
        chunk=viewed.chunk,
    )
    defined = drawn.values[np.isfinite(drawn.values)]
    notes = drawn.notes
    if len(defined) < len(drawn.values):
        missing = plural(len(drawn.values) - len(defined), "replicate")
        notes = (*notes, f"the index is undefined on {missing}, left out")
    if not len(defined):
        return Found(NAN, notes=notes)
    low, high = interval_of(viewed.value, drawn.values, asked.level, "basic")
    return Found(2 * viewed.value - float(defined.mean()), low, high, replicates=len(defined), notes=notes)


def _allen_density(asked: Asked) -> Found:
    statistic, method = asked.statistic, "allen_density"
    names = ("dissimilarity", "karmel_maclachlan", "gorard")
    _only_for(statistic, method, names, "sums of gaps between two groups")
    x, t = members(statistic, method)
    if not 0 < x.sum() < t.sum():
        return Found(NAN)
    d = density_corrected(x, t - x)
    share = float(x.sum() / t.sum())
    scale = {"karmel_maclachlan": 2 * share * (1 - share), "gorard": 1 - share}.get(statistic.spec.name, 1.0)
    return Found(d * scale)


def _miller_madow(asked: Asked) -> Found:
    statistic, method = asked.statistic, "miller_madow"
    _only_for(statistic, method, ("mutual_information", "information_theory"), "whose bias it is")
    at_home(statistic, method)
    if not math.isfinite(statistic.value):
        return Found(NAN)
    counts = statistic.view.counts
    units, sizes = int((counts.sum(axis=1) > 0).sum()), counts.sum(axis=0)
    sizes = sizes[sizes > 0]
    bias = (units - 1) * (len(sizes) - 1) / (2 * float(sizes.sum()))
    if statistic.spec.name == "mutual_information":
        return Found(statistic.value - bias / math.log(statistic.bound.chosen.get("base", math.e)))
    shares = sizes / sizes.sum()
    return Found(statistic.value + bias / math.fsum(shares * np.log(shares)))


def _leave_one_out(asked: Asked) -> Found:
    statistic, method = asked.statistic, "leave_one_out"
    names = ("correlation_ratio", "normalized_exposure", "relative_diversity", "squared_coefficient_of_variation")
    if statistic.spec.name == "isolation":
        raise ParameterError(
            "isolation without the person herself is sg.isolation(pop, group=..., exact=True), or "
            "sg.bind('isolation', exact=True)."
        )
    _only_for(statistic, method, names, "differences of mean contacts")
    x, t = members(statistic, method)
    together = t > 1
    alone = int((~together).sum())
    x, t = x[together], t[together]
    notes = (f"{plural(alone, 'unit')} with a single person left out",) if alone else ()
    group, rest = math.fsum(x), math.fsum(t - x)
    if not (group and rest):
        why = "nobody of one of the two groups lives in a unit with somebody else"
        return Found(NAN, notes=(*notes, why))
    own = math.fsum(x / group * (x - 1) / (t - 1))
    return Found(own - math.fsum((t - x) / rest * x / (t - 1)), notes=notes)


def _beta_mixture(asked: Asked) -> Found:
    statistic, method = asked.statistic, "beta_mixture"
    known = of_shares(statistic, method, beside=("gini",))
    x, t = members(statistic, method)
    if not 0 < x.sum() < t.sum():
        return Found(NAN)
    if t.max() == 1:
        return Found(NAN, notes=("all units have a single person, which says nothing of how shares differ",))
    model, at = fit_mixture(x, t, asked.components)

    def value(parameters: Floats) -> float:
        mixture = model.mixture(parameters)
        return mixture.gini() if known is None else known.value(mixture.average(known), mixture.mean)

    fitted = model.mixture(at)
    found = value(at)
    notes: tuple[str, ...] = ()
    low, high = NAN, NAN
    covariance = None if fitted.at_the_edge else model.covariance(at)
    if fitted.at_the_edge:
        notes = ("a component has the same share in all units, or one group only: there is no interval",)
    elif covariance is None:
        notes = ("the likelihood is flat around the estimate, so there is no interval: fewer components may do",)
    else:
        slope = np.array([(value(at + step) - value(at - step)) / 2e-4 for step in 1e-4 * np.eye(len(at))])
        low, high = _around(found, math.sqrt(max(float(slope @ covariance @ slope), 0.0)), asked.level)
    return Found(found, low, high, notes=(*notes, *_of_sizes(x, t, fitted.mean)))


def _around(value: float, error: float, level: float) -> tuple[float, float]:
    """Return an interval around an estimate; within 0 and 1 by its logit."""
    reach = float(ndtri((1 + level) / 2)) * error
    if not 0 < value < 1:
        return value - reach, value + reach
    middle, reach = math.log(value / (1 - value)), reach / (value * (1 - value))
    return 1 / (1 + math.exp(min(reach - middle, 700))), 1 / (1 + math.exp(-middle - reach))


def _bounds(asked: Asked) -> Found:
    statistic, method = asked.statistic, "bounds"
    known = of_shares(statistic, method)
    assert known is not None
    x, t = members(statistic, method)
    share = float(x.sum() / t.sum()) if t.sum() else 0.0
    if not 0 < share < 1:
        return Found(NAN)
    notes: tuple[str, ...] = ()
    if asked.sizes == "independent":
        found = bounds_of(x, t, known, asked.level)
        notes = _of_sizes(x, t, found.mean)
    else:
        found = bounds_by_size(x, t, known)
        if found.alone:
            notes = (
                f"{plural(found.alone, 'unit')} of {len(t):,} "
                f"{'is the only one' if found.alone == 1 else 'are the only ones'} of their size, and "
                "correct nothing: sizes='independent' lets units of all sizes help each other",
            )
        notes = (*notes, "there is no interval where every size has a distribution of its own")
    value = (found.least + found.greatest) / 2
    if found.greatest - found.least > POINT:
        value = NAN
        notes = (f"units tell the first {found.moments} moments of the share, which leaves more than one value", *notes)
    return Found(value, found.low, found.high, least=found.least, greatest=found.greatest, notes=notes)


def _of_sizes(x: Floats, t: Floats, mean: float) -> tuple[str, ...]:
    """Say that shares go with the size of units, if they do; the methods take them not to."""
    off = x - mean * t
    error = math.sqrt(math.fsum(off * off))
    share = float(x.sum() / t.sum())
    if np.ptp(t) == 0 or not error or abs(math.fsum(off)) < UNLIKE * error:
        return ()
    return (
        f"the group's share is {share:.4g} among people, but {mean:.4g} in the mean unit: shares go with the size of "
        "units, which this method takes not to be so",
    )


METHODS: dict[str, Callable[[Asked], Found]] = {
    "carrington_troske": _carrington_troske,
    "allen_bootstrap": _allen_bootstrap,
    "allen_density": _allen_density,
    "miller_madow": _miller_madow,
    "leave_one_out": _leave_one_out,
    "beta_mixture": _beta_mixture,
    "bounds": _bounds,
}
