"""The methods by which `segregate.corrected` corrects an index."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from .._progress import Progress
from ..errors import ParameterError, plural
from ._corrected_beta import fit_mixture
from ._corrected_bounds import Counts, bounds_by_size, bounds_of
from ._corrected_density import density_corrected
from ._corrected_shares import at_home, members, of_shares
from ._draws import resampled
from ._replicates import interval_of, replicate
from ._statistic import Statistic
from .expectation import baseline

__all__ = ["MANY", "METHODS", "NAN", "POINT", "Asked", "Found"]

Floats = npt.NDArray[np.float64]
NAN = float("nan")
TINY = 1e-12
POINT = 1e-6
"""Bounds that are no further apart are one value."""
MANY = 5_000
"""Units up to which the likeliest distribution is found in a few seconds, so that it can be looked for unasked."""
MISFIT = 50.0
"""What a mixture may lose in twice the logarithm of the likelihood against any distribution; where it is right, it lost
at most 47 in 640 simulated cities of 300 units."""
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
    lost = 0.0
    if len(x) <= MANY:
        best = Counts.of(x, t)
        lost = 2 * len(x) * best.log_likelihood(best.likeliest()) - 2 * fitted.likelihood
    if lost > MISFIT:
        notes = (
            f"{plural(asked.components, 'component')} fit the counts badly (twice the log-likelihood is {lost:.0f} "
            "below that of the likeliest distribution): take more components, or method='bounds'",
            *notes,
        )
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
