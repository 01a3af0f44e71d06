"""Small units: what was measured, what chance alone would make, and every correction that fits, side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from .._progress import Progress, progress_over
from .._regions import warn_about
from ..errors import ParameterError, plural
from ..population import Population
from ..results import Result
from ._corrected_methods import MANY as MANY_UNITS
from ._corrected_methods import METHODS, Asked
from ._replicates import check_replicates
from ._statistic import Statistic
from .corrections import Corrected, correction
from .expectation import Expected, baseline, counted

__all__ = ["WHEN", "SmallUnits", "small_units"]

LEVEL = 0.95
TWO = ("dissimilarity", "information_theory", "correlation_ratio")
MANY = ("dissimilarity", "information_theory", "relative_diversity")
"""The indices that are shown, for two groups and for more."""
WHEN = {
    "raw": "as measured: for units of hundreds of people it needs no correction",
    "expected": "what chance alone would make of the same units and groups",
    "carrington_troske": "to say by how much a city is beyond chance; as an estimate of what is behind the counts "
    "right for V, far too low for D",
    "allen_bootstrap": "for units of 30 people or more; takes away a part of the bias only",
    "allen_density": "for units of 10 people or more; takes away a part of the bias only",
    "miller_madow": "for units of 10 people or more",
    "leave_one_out": "always: it has no bias that matters",
    "beta_mixture": "for many units, small ones too, whose shares have one peak, or two at the ends",
    "bounds": "for many units, small ones too, of which nothing else is known; look at the interval",
}
"""When to look at what."""


@dataclass(frozen=True, repr=False)
class SmallUnits(Result):
    """Indices corrected for small units, side by side; `small_units` makes it.

    Attributes
    ----------
    expected : tuple of Expected
        The mean of each index under random allocation.
    corrected : tuple of Corrected
        Each index by each method that is for it.
    units, people : float
        Units with people, and people.
    typical : float
        People in the median unit.
    notes : tuple of str
        What was left out, and what the methods say, once.
    """

    expected: tuple[Expected, ...]
    corrected: tuple[Corrected, ...]
    units: int
    people: float
    typical: float
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_small_units"

    @property
    def table(self) -> pd.DataFrame:
        """One row per index and way to look at it.

        Returns
        -------
        DataFrame
            Columns: ``index``, ``symbol``, ``group``, ``versus``, ``method`` ("raw", "expected", and the methods of
            `segregate.corrected`), ``value``, ``low`` and ``high`` (95 % interval), ``least`` and ``greatest``
            (bounds), and ``when``: when to look at it.
        """
        rows: list[dict[str, Any]] = []
        for by_chance in self.expected:
            about = {name: by_chance.about[name] for name in ("index", "symbol", "group", "versus")}
            rows.append({**about, "method": "raw", "value": by_chance.raw})
            rows.append({**about, "method": "expected", "value": by_chance.value})
            for one in self.corrected:
                if one.about["index"] == about["index"]:
                    found = {name: getattr(one, name) for name in ("value", "low", "high", "least", "greatest")}
                    rows.append({**about, "method": one.method, **found})
        columns = ["index", "symbol", "group", "versus", "method", "value", "low", "high", "least", "greatest"]
        table = pd.DataFrame(rows, columns=columns)
        table["when"] = table["method"].map(WHEN)
        return table

    def _headline(self) -> str:
        found = self.expected[0]
        part = f" ({found.value / found.raw:.0%} of it)" if found.raw > 0 and math.isfinite(found.value) else ""
        return (
            f"{plural(self.units, 'unit')} with a median of {self.typical:,.0f} people: {found.title} is "
            f"{found.raw:.4g}; chance alone would make {found.value:.4g}{part}"
        )


def small_units(
    pop: Population,
    *,
    group: str | None = None,
    other: str | None = None,
    replicates: int = 199,
    round: str | None = None,  # noqa: A002 - the word of numpy and pandas
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> SmallUnits:
    """Show how much of an index small units make, and what each correction gives.

    The indices are D and H, with V for two groups and R for more. Each is shown as measured, as random allocation would
    make it, and by every method of `segregate.corrected` that is for it, the bounds among them.

    Parameters
    ----------
    pop : Population
        The units, with whole numbers of people. Within an environment only the methods that draw apply.
    group, other : str, optional
        The group, which is set against everybody else, or against `other`. Without it all groups are compared, for
        which there are fewer methods.
    replicates : int
        Random tables of the methods that draw.
    round : {"largest_remainder"}, optional
        Makes counts whole; otherwise parts of people are an error.
    rng : Generator, int or None
        Source of randomness. The same number gives the same bits.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    SmallUnits
        `.table`, `.plot()`, `.expected`, `.corrected`.

    Raises
    ------
    DataError
        For parts of people.

    Notes
    -----
    Which to trust, and how far, is in `docs/small-units.md`, by simulation. Methods that disagree by more than their
    intervals say that the answer hangs on what is assumed of the shares of units. Bounds of more than 5,000 units take
    minutes, and are left out; `segregate.corrected` finds them.

    References
    ----------
    Those of `segregate.corrected` and `segregate.expected`.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.small_units(sg.sample("schools"), group="black", replicates=19, rng=1)
    >>> found.table.query("symbol == 'D'").set_index("method")["value"].round(3).loc[["raw", "expected"]].to_dict()
    {'raw': 0.407, 'expected': 0.058}
    """
    replicates = check_replicates(replicates)
    if not isinstance(pop, Population):
        raise ParameterError(f"small_units takes a Population, not {type(pop).__name__}.")
    first, notes = counted(pop, "dissimilarity", group, other, round)
    warn_about(first.observed)
    viewed = first.of_view()
    people = viewed.pop
    names, about = (TWO, people.groups[0]) if people.n_groups == 2 else (MANY, None)
    statistics = [Statistic(people, name, about, around=viewed.around) for name in names]
    steps = [(statistic, method) for statistic in statistics for method in METHODS]
    source = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
    streams = iter(source.spawn(len(statistics) + len(steps)))
    expected = tuple(baseline(statistic, replicates, next(streams), None) for statistic in statistics)
    found: list[Corrected] = []
    with progress_over(progress, len(steps), "correcting") as done:
        for statistic, method in steps:
            asked = Asked(statistic, replicates, LEVEL, next(streams), None, 1, "independent")
            if _fits(statistic, method):
                found.append(correction(asked, method))
            done()
    said = [note for one in (*expected, *found) for note in one.notes]
    if people.n_groups > 2:
        said.append("allen_density, leave_one_out, beta_mixture and bounds are about two groups: name one by group=")
    if (people.totals > 0).sum() > MANY_UNITS and people.n_groups == 2 and people.at_home:
        said.append(f"bounds are left out, since they take long for more than {MANY_UNITS:,} units: method='bounds'")
    if not people.at_home:
        said.append("the other methods are for people at home: small_units(pop.home())")
    totals = people.totals[people.totals > 0]
    return SmallUnits(
        expected=expected,
        corrected=tuple(found),
        units=len(totals),
        people=float(totals.sum()),
        typical=float(np.median(totals)) if len(totals) else float("nan"),
        notes=tuple(dict.fromkeys((*said, *notes))),
    )


def _fits(statistic: Statistic, method: str) -> bool:
    """Say whether a method is for an index of these people, and quick enough."""
    of_two = {
        "allen_density": ("dissimilarity",),
        "leave_one_out": ("correlation_ratio",),
        "beta_mixture": TWO,
        "bounds": TWO,
    }
    if method == "bounds" and (statistic.pop.totals > 0).sum() > MANY_UNITS:
        return False
    if method in of_two:
        return statistic.pop.at_home and statistic.pop.n_groups == 2 and statistic.spec.name in of_two[method]
    if method == "miller_madow":
        return statistic.pop.at_home and statistic.spec.name == "information_theory"
    return True
