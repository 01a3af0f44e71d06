"""An index on a population and, in the same environment, on other tables of its units."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from .._evaluate import Assessor
from .._profile import view_of
from .._segments import Evaluation, Segments
from ..environment._met import met_within
from ..environment.base import Operator
from ..errors import ParameterError
from ..indices import resolve
from ..population import REST, Population
from ..registry import IndexLike
from ._stack import Stack, met_by, stack_of

__all__ = ["Around", "Statistic", "named"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CELLS = 9 * 2**18
"""Numbers in the tables that are evaluated at once: enough for several threads, more would only take memory."""


class Around:
    """Who meets whom when other people live in the units of a population.

    Parameters
    ----------
    pop : Population
        The units, and the environment that every table keeps.
    whole : Population, optional
        The population whose people W counts, where `pop` holds only some of the groups.
    regions : ndarray of shape (n,), optional
        Numbers of the regions at whose edges the environment stops.
    """

    def __init__(self, pop: Population, whole: Population | None = None, regions: Ints | None = None) -> None:
        self.pop = pop
        self.regions = regions
        self.whole = pop if whole is None else whole

    @property
    def of_totals(self) -> bool:
        """Whether W depends on how many people live in each unit."""
        return not self.pop.at_home and bool(getattr(self.pop.environment, "of_totals", True))

    @cached_property
    def operator(self) -> Operator | None:
        """W for the people who are there now; None at home."""
        if self.pop.at_home:
            return None
        operator = self.whole.environment.on(self.whole.home(), regions=self.regions)
        around = met_within(operator, self.pop.counts).people
        given = self.pop.surroundings
        if not np.allclose(around, given, rtol=1e-9, atol=1e-9 * float(given.max(initial=1.0))):
            raise ParameterError(
                f"The surroundings of this population are not those that its environment ({self.pop.environment}) "
                "gives to its own units and groups: units or groups were chosen after within, or it stops at the "
                "edges of regions, or has a buffer. They are needed anew: take the units you want, then "
                "within(environment), and name the groups by group= and other=."
            )
        return operator

    def stack(
        self, tables: Floats, *, moved: bool = True, order: Ints | None = None, base: Segments | None = None
    ) -> Stack:
        """Put tables one after another, with whom people meet in them.

        Parameters
        ----------
        tables : ndarray of shape (B, n, M)
            Who lives in the units of the population.
        moved : bool
            Whether units may have other totals than they have now.
        order, base : optional
            Units sorted by region, and their segments; by default the population is one region.
        """
        base = self.pop.segments if base is None else base
        around, presence = None, None
        if not self.pop.at_home:
            operator = None if self.of_totals and moved else self.operator
            around, presence = met_by(operator, tables, self._built)
        if order is not None:
            tables = tables[:, order]
            around = None if around is None else around[:, order]
            presence = None if presence is None else presence[:, order]
        return stack_of(base, tables, around, presence)

    def _built(self, table: Floats) -> Operator:
        lived_in = replace(self.pop.home(), counts=frozen(table))
        return self.pop.environment.on(self.pop._share_places(lived_in), regions=self.regions)

    def drawn(self, rows: Ints, starts: Ints) -> Segments:
        """Return units drawn with replacement, each with its people and its surroundings as they are.

        Parameters
        ----------
        rows : ndarray of shape (k,)
            Units, replicate after replicate.
        starts : ndarray of shape (B + 1,)
            First of each replicate.
        """
        pop = self.pop
        counts = frozen(pop.counts[rows])
        around = counts if pop.at_home else frozen(pop.surroundings[rows])
        beside = (None if given is None else frozen(given[rows]) for given in (pop._presence, pop._raised))
        return Segments(counts, around, frozen(starts, np.int64), pop.groups, pop.ids, pop.places, *beside)


class Statistic:
    """An index on a population.

    Parameters
    ----------
    pop : Population
        The units.
    index : index
        One that gives a number for a whole population.
    group, other : str, optional
        The group, or the pair, where the index is about one; any other index compares `group` with everybody else,
        or with `other`.
    around : Around, optional
        Who meets whom, where several statistics share it.
    alone : bool
        As in `segregate._profile.view_of`.
    """

    def __init__(
        self,
        pop: Population,
        index: IndexLike,
        group: str | None = None,
        other: str | None = None,
        *,
        around: Around | None = None,
        alone: bool = True,
    ) -> None:
        if not isinstance(pop, Population):
            raise ParameterError(f"This takes a Population, not {type(pop).__name__}.")
        self.pop = pop
        self.bound = resolve(index)
        self.spec = self.bound.spec
        if self.spec.level == "local":
            raise ParameterError(
                f"{self.spec.name} gives one value per unit; inference is about indices that give one number: "
                "segregate.catalogue() lists them. Hot spots of units: segregate.hotspots."
            )
        if alone and other is not None and group is None and self.spec.focal is None:
            raise ParameterError(f"other={other!r} is set against a group: say which by group=.")
        if alone and other not in (None, REST) and self.spec.focal == "group":
            raise ParameterError(
                f"{self.spec.name} takes one group against everybody else, and no other=; to compare two groups "
                f"alone: population.select({group!r}, {other!r})."
            )
        self.view, self.focal, self.first, self.second = view_of(self.bound, pop, group, other, alone=alone)
        self.around = Around(pop) if around is None else around

    @cached_property
    def observed(self) -> Evaluation:
        """The index on the population, with status and message."""
        found: Evaluation = self.bound(Assessor(self.view.segments), **self.focal)
        return found

    @property
    def value(self) -> float:
        """The index on the population; NaN where it is undefined."""
        return float(self.observed.values[0])

    @property
    def needs_places(self) -> bool:
        """Whether the index looks at areas, borders or distances of its own, not at whom people meet."""
        return bool(self.spec.needs) and self.pop.at_home

    @property
    def sees_space(self) -> bool:
        """Whether it matters where units lie."""
        return self.needs_places or not self.pop.at_home

    @property
    def chunk(self) -> int:
        """How many replicates are worth being computed at once."""
        return max(1, CELLS // max(1, self.pop.counts.size))

    @property
    def described(self) -> dict[str, str]:
        """What tables say of the index."""
        return {
            "index": self.spec.name,
            "symbol": self.spec.symbol,
            "group": self.first,
            "versus": self.second,
            "environment": str(self.pop.environment),
            "params": self.bound.params,
        }

    def of_view(self) -> Statistic:
        """Return the same index on the people whom it compares alone, the groups put together as it sees them."""
        if self.view is self.pop:
            return self
        viewed = Statistic(self.view, self.bound, around=Around(self.view, self.around.whole))
        viewed.first, viewed.second = self.first, self.second
        return viewed

    def on(self, tables: Floats, *, moved: bool = True) -> Floats:
        """Return the values of other tables of the same units, in the same environment, (B,).

        Parameters
        ----------
        tables : ndarray of shape (B, n_units, n_groups)
            Who lives in the units.
        moved : bool
            Whether units may have other totals than they have now.
        """
        parts = range(0, len(tables), self.chunk)
        found = [self.on_stack(self.around.stack(tables[at : at + self.chunk], moved=moved)) for at in parts]
        return np.concatenate(found) if found else np.empty(0)

    def on_stack(self, stack: Stack) -> Floats:
        """Return the values of the tables of a stack, (B,)."""
        assessor = stack.assessor(self._viewed(stack.segments), by_table=bool(self.spec.needs))
        found: Evaluation = self.bound(assessor, **self.focal)
        return found.values

    def on_rows(self, rows: Ints, starts: Ints) -> Floats:
        """Return the values of units drawn with replacement, (B,); see `Around.drawn`."""
        segments = self.around.drawn(rows, starts)
        found: Evaluation = self.bound(Assessor(self._viewed(segments)), **self.focal)
        return found.values

    def check_rows(self) -> None:
        """Refuse an index whose units cannot be drawn again."""
        if self.needs_places:
            raise ParameterError(
                f"{self.spec.name} looks at {' and '.join(sorted(self.spec.needs))} of the units, which would not be "
                "drawn with them; draw people instead: resample='people'."
            )

    def _viewed(self, segments: Segments) -> Segments:
        """Put groups together as the index sees them."""
        if self.view is self.pop:
            return segments
        rest = self.second == REST and REST not in self.pop.groups
        target = [0 if name == self.first else 1 if rest or name == self.second else -1 for name in self.pop.groups]
        return segments.regroup(np.array(target, dtype=np.int64), self.view.groups)


def named(statistic: Statistic) -> str:
    """Return what the index is about, for headlines: "dissimilarity of black against rest"."""
    about = statistic.described
    against = f" against {about['versus']}" if about["versus"] else ""
    of = f" of {about['group']}{against}" if about["group"] else ""
    home = "" if statistic.pop.at_home else f", {about['environment']}"
    return f"{about['index'].replace('_', ' ')}{of}{home}"
