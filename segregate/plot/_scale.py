"""Classes: which values share a colour, and the limits between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError, UnknownNameError, nearest
from ._digits import NOISE, rounded_limits, shortest_limits, written_digits
from ._heard import heard
from ._words import marked, people, say, translated

__all__ = ["Scale", "class_of", "is_ratio", "make_scale", "positions"]

SCHEMES = {
    "quantiles": "quantiles",
    "equal_interval": "equal intervals",
    "fisher_jenks": "Fisher-Jenks",
    "fisher_jenks_sampled": "Fisher-Jenks on a sample",
    "jenks_caspall": "Jenks-Caspall",
    "jenks_caspall_forced": "Jenks-Caspall, forced",
    "jenks_caspall_sampled": "Jenks-Caspall on a sample",
    "natural_breaks": "natural breaks",
    "max_p": "max-p",
    "maximum_breaks": "maximum breaks",
    "pretty_breaks": "pretty breaks",
    "box_plot": "box plot",
    "head_tail_breaks": "head/tail breaks",
    "percentiles": "percentiles",
    "std_mean": "standard deviations around the mean",
}
"""Schemes of mapclassify by name, and how a caption calls them."""
OWN_NUMBER = frozenset({"box_plot", "head_tail_breaks", "percentiles", "std_mean"})
"""Schemes that set their own number of classes."""
RATIOS = (1.05, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0)
"""Ratios used as limits around a centre, and their inverses."""
WIDEST_MIDDLE = 1.5
"""Largest ratio that the class in the middle may reach to; each further one may reach twice as far."""
MOST_CLASSES = 20


@dataclass(frozen=True)
class Scale:
    """Limits of the classes, and how they were found.

    Attributes
    ----------
    limits : tuple of float
        Inner limits, increasing; a value on a limit belongs to the class below it.
    digits : int
        Decimals with which the limits are written.
    open_ends : tuple of bool
        Whether the lowest and the highest class reach beyond the data.
    scheme : str
        How the limits were found, in words.
    notes : tuple of str
        What the reader should know, such as fewer classes than asked for.
    """

    limits: tuple[float, ...]
    digits: int
    open_ends: tuple[bool, bool]
    scheme: str
    notes: tuple[str, ...] = ()


def make_scale(
    values: NDArray[np.float64],
    *,
    scheme: str,
    k: int | None,
    breaks: Iterable[float] | None,
    center: float | None,
    ratio: bool,
    bounds: tuple[float | None, float | None],
) -> Scale:
    """Find the classes of some values.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite values; there may be none.
    scheme : str
        ``"auto"`` or the name of a mapclassify scheme.
    k : int or None
        Number of classes; None is 5.
    breaks : iterable of float or None
        Limits set by hand.
    center : float or None
        Value in the middle of a diverging scale.
    ratio : bool
        Whether values are ratios, so that twice and half are equally far from the centre.
    bounds : tuple of float or None
        Smallest and largest value that there can be.

    Returns
    -------
    Scale
        The limits.

    Raises
    ------
    ParameterError
        When ``k`` or ``breaks`` cannot be used, or do not go together with the scheme.
    UnknownNameError
        When the scheme is not known.
    """
    name = _scheme_name(scheme)
    if breaks is not None:
        if name not in ("auto", "user_defined") or k is not None:
            raise ParameterError("breaks= sets the classes itself; leave out scheme= and k=.")
        return _by_hand(breaks, bounds)
    if name == "user_defined":
        raise ParameterError("Classes set by hand need their limits: breaks=[...].")
    if k is not None:
        if name in OWN_NUMBER:
            raise ParameterError(f"The scheme {name!r} sets its own number of classes; leave out k=.")
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 2 <= k <= MOST_CLASSES:
            raise ParameterError(
                f"k, the number of classes, must be a whole number from 2 to {MOST_CLASSES}, not {k!r}."
            )
    if not len(values):
        return Scale((), 0, (False, False), say("scheme.none"))
    if center is None or not np.any(values != center):
        return _sequential(values, name, k)
    return _centred(values, name, k or 5, center, ratio=ratio)


def _scheme_name(scheme: str) -> str:
    """Return the name of a scheme as this module writes it."""

    def plain(name: str) -> str:
        return "".join(letter for letter in name.casefold() if letter.isalnum())

    known = {plain(name): name for name in ("auto", "user_defined", *SCHEMES)}
    if not isinstance(scheme, str) or plain(scheme) not in known:
        raise UnknownNameError(
            f"There is no classification scheme {scheme!r}. {nearest(scheme, known.values())} "
            "scheme=None gives a continuous scale."
        )
    return known[plain(scheme)]


def _by_hand(breaks: Iterable[float] | str, bounds: tuple[float | None, float | None]) -> Scale:
    """Check limits given by the user; classes that no value can reach are left out."""
    problem = "breaks= must be increasing finite numbers, at least one"
    if isinstance(breaks, str):
        raise ParameterError(f"{problem}; got {breaks!r}.")
    try:
        given = [float(limit) for limit in breaks]
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{problem}; got {breaks!r}.") from error
    if not given or not all(math.isfinite(limit) for limit in given) or any(a >= b for a, b in pairwise(given)):
        raise ParameterError(f"{problem}; got {given}.")
    low, high = bounds
    limits = [limit for limit in given if (low is None or limit >= low) and (high is None or limit < high)]
    digits, exact = written_digits(given)
    return Scale(
        tuple(limits), digits, (True, True), say("scheme.by_hand"), () if exact else (say("scheme.written_rounded"),)
    )


def _sequential(values: NDArray[np.float64], name: str, k: int | None) -> Scale:
    """Find the classes of values that have no centre."""
    how = "quantiles" if name == "auto" else name
    found, notes = _limits(values, how, k or 5, of="")
    limits, digits, said = _printable(found, values, rounding=name == "auto", notes=notes)
    return Scale(limits, digits, (False, False), translated(SCHEMES[how], "scheme") + said, tuple(notes))


def _printable(
    limits: list[float], values: NDArray[np.float64], *, rounding: bool, notes: list[str], fixed: Sequence[float] = ()
) -> tuple[tuple[float, ...], int, str]:
    """Return limits with few digits, these digits, and what a caption must say about them.

    Limits of a scheme that the user named keep every unit in the class that the scheme gives it;
    those of the default may move to round numbers.
    """
    rounded = rounded_limits(limits, values, fixed=fixed) if rounding else None
    if rounded is not None:
        found, digits, moved = rounded
        return tuple(found), digits, say("scheme.rounded") if moved else ""
    found, digits, exact = shortest_limits(limits, values, fixed=fixed)
    if not exact:
        notes.append(say("scheme.written_rounded"))
    return tuple(found), digits, ""


def _centred(values: NDArray[np.float64], name: str, k: int, center: float, *, ratio: bool) -> Scale:
    """Find classes that lie the same way on both sides of a centre.

    The distances from the centre are classed (as logarithms where values are ratios), and each
    limit is used on both sides. With an odd number of classes the middle one holds the centre,
    with an even number the centre is itself a limit.
    """
    distance = np.abs(np.log(values[values > 0] / center)) if ratio else np.abs(values - center)
    odd = k % 2 == 1 or name in OWN_NUMBER
    how = "quantiles" if name == "auto" else name
    steps: list[float] = []
    notes: list[str] = []
    if how == "quantiles":
        shares = [(2 * i - 1) / k if odd else 2 * i / k for i in range(1, (k + 1) // 2)]
        steps = _quantiles(distance, shares) if len(distance) else []
    elif len(distance):
        steps, notes = _limits(distance, how, k // 2 + odd, of="distances")
    steps = [step for step in steps if step > 0]
    middle_value = marked(f"{center:g}")
    about = say("scheme.around", value=middle_value)
    middle = [] if odd and steps else [center]
    if ratio and name == "auto":
        chosen = _nice_ratios(steps)
        limits = sorted({_two_digits(center / r) for r in chosen} | {_two_digits(center * r) for r in chosen})
        limits = sorted({*limits, *middle})
        digits, _ = written_digits(limits)
        return Scale(tuple(limits), digits, (True, True), say("scheme.ratios", value=middle_value))
    if ratio:
        limits = [center * math.exp(-s) for s in steps] + [center * math.exp(s) for s in steps]
    else:
        limits = [center - s for s in steps] + [center + s for s in steps]
    wanted = sorted({*limits, *middle})
    inner, digits, said = _printable(wanted, values, rounding=name == "auto", notes=notes, fixed=middle)
    below, above = [end for end in inner if end < center], [end for end in inner if end > center]
    pairs = min(len(below), len(above))  # a limit that cannot be written goes with its twin
    inner = (*below[len(below) - pairs :], *(end for end in inner if end == center), *above[:pairs])
    scheme = say("scheme.distance", scheme=translated(SCHEMES[how], "scheme"), value=middle_value)
    if how == "quantiles":
        scheme = say("scheme.both_sides", value=middle_value)
    return Scale(inner, digits, (True, True), (scheme if steps else about) + said, tuple(notes))


def _nice_ratios(steps: list[float]) -> list[float]:
    """Replace logarithmic distances by the nearest usual ratios, all different."""
    logs = np.log(RATIOS)
    chosen: list[int] = []
    for number, step in enumerate(steps):
        # a middle class wider than that would call neutral what nobody calls so
        step = min(step, np.log(WIDEST_MIDDLE * 2.0**number))
        near = int(np.argmin(np.abs(logs - step)))
        chosen.append(max(near, chosen[-1] + 1) if chosen else near)
    return [RATIOS[i] for i in chosen if i < len(RATIOS)]


def _two_digits(value: float) -> float:
    """Round to two significant digits, or keep what has three, such as 1.25."""
    for digits in (2, 3):
        rounded = float(f"{value:.{digits}g}")
        if digits == 3 or math.isclose(rounded, value, rel_tol=0.012):
            return rounded
    return value


def _quantiles(values: NDArray[np.float64], shares: list[float]) -> list[float]:
    """Return quantiles, each once."""
    return sorted({float(q) for q in np.quantile(values, shares)}) if shares else []


def _limits(values: NDArray[np.float64], name: str, k: int, *, of: str) -> tuple[list[float], list[str]]:
    """Return the inner limits that a scheme finds, and notes."""
    found_values = np.unique(values)
    notes: list[str] = []
    if len(found_values) == 1:
        return [], [] if of else [say("scheme.same")]
    asked = name not in OWN_NUMBER
    used = min(k, len(found_values)) if asked else k
    if asked and used == 1:
        limits = []
    elif name == "quantiles":
        limits = _quantiles(values, [i / used for i in range(1, used)])
    else:
        limits, notes = _mapclassify(values, name, used)
    noise = NOISE * (found_values[-1] - found_values[0])
    inner = sorted({limit for limit in limits if found_values[0] <= limit < found_values[-1]})
    limits = [limit for before, limit in pairwise([-np.inf, *inner]) if limit - before > noise]
    if asked and not of and len(limits) + 1 < k:
        why = say("scheme.values", n=len(found_values)) if used < k else say("scheme.ties")
        notes.append(say("scheme.fewer", n=len(limits) + 1, asked=people(k), why=why))
    return limits, notes


def _mapclassify(values: NDArray[np.float64], name: str, k: int) -> tuple[list[float], list[str]]:
    """Ask mapclassify for upper limits; what it warns of becomes notes.

    Some schemes draw from the global random state; it is set for the call, so that the same
    map comes out every time, and put back afterwards.
    """
    import mapclassify

    state = np.random.get_state()  # noqa: NPY002
    try:
        np.random.set_state(np.random.RandomState(0).get_state())  # noqa: NPY002
        found, caught = heard(lambda: mapclassify.classify(values, name, k=k).bins)
    except (ArithmeticError, LookupError, NameError, ValueError) as error:
        raise ParameterError(
            f"The scheme {name!r} cannot class these values ({error}). Try quantiles, or fewer classes."
        ) from error
    finally:
        np.random.set_state(state)  # noqa: NPY002
    bins = [float(limit) for limit in np.ravel(found)]
    if not all(math.isfinite(limit) for limit in bins):
        raise ParameterError(f"The scheme {name!r} finds no classes for these values. Try quantiles.")
    return bins, sorted({f"mapclassify: {warning.message}".rstrip(".") for warning in caught})


def class_of(values: NDArray[np.float64], limits: tuple[float, ...]) -> NDArray[np.intp]:
    """Return the number of the class of every value, from 0; a value on a limit is in the class below.

    Values must not be missing.
    """
    return np.searchsorted(np.asarray(limits, dtype=np.float64), values, side="left")


def is_ratio(values: NDArray[np.float64], center: float | None, bounds: tuple[float | None, float | None]) -> bool:
    """Say whether values are ratios around a centre, such as location quotients.

    That is so for what is bounded by 0 below and by nothing above. Where bounds are not known,
    a centre of 1 and no negative value are taken to mean it.
    """
    if center is None or center <= 0 or (len(values) and values.min() < 0):
        return False
    return bounds == (0.0, None) or (bounds == (None, None) and center == 1)


def positions(n_classes: int, limits: tuple[float, ...], center: float | None) -> NDArray[np.float64]:
    """Return the place of every class on a colour map, from 0 to 1.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    limits : tuple of float
        Inner limits.
    center : float or None
        Value that takes the middle colour.

    Returns
    -------
    ndarray of shape (n_classes,)
        Equal steps; with a centre, as many steps to both sides as the longer side needs.
    """
    if center is None:
        return np.linspace(0, 1, n_classes) if n_classes > 1 else np.array([0.5] * n_classes)
    index = np.arange(n_classes, dtype=np.float64)
    middle = int(np.searchsorted(limits, center, side="left"))
    if center in limits:
        signed = index - (middle + 0.5)
        reach = max(middle + 0.5, n_classes - middle - 1.5)
    else:
        signed = index - middle
        reach = float(max(middle, n_classes - 1 - middle, 1))
    return np.asarray(0.5 + 0.5 * signed / reach)
