"""Hypothesis strategies: cities, and pairs of cities that an axiom compares.

A city is a list of units, a unit a list of counts, one for each group. An axiom is a strategy of ``Change``:
two cities, where each unit and group of the second came from, and how the index of the second stands to that
of the first. ``AXIOMS`` holds them by name.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from hypothesis import assume
from hypothesis import strategies as st

City = list[list[float]]
Relation = Literal["same", "not above"]


@dataclass(frozen=True)
class Change:
    """Two cities and what an axiom says about them.

    Attributes
    ----------
    before, after
        The counts: n lists of M floats.
    units
        For every unit of ``after`` the number of the unit of ``before`` it came from, None if it is new.
    groups
        For every group of ``after`` the number of the group of ``before`` it came from, None if it is new.
    group, other
        A focal group, and a second one, as numbers in ``before``; both have people. Where people move, those
        of ``group`` move towards the unit where they are scarcer.
    relation
        What the axiom claims of the index of ``after``: "same" as before, or "not above" it.
    """

    before: City
    after: City
    units: list[int | None]
    groups: list[int | None]
    group: int
    other: int
    relation: Relation

    def group_after(self, group: int) -> int:
        """Return the number that a group of ``before`` has in ``after``."""
        return self.groups.index(group)


def as_two(change: Change) -> Change:
    """Return the same change of the focal group and everybody else, whichever comes first."""
    first, second = change.group, change.group_after(change.group)

    def two(city: City, group: int, turned: bool) -> City:
        pairs = [[row[group], sum(count for m, count in enumerate(row) if m != group)] for row in city]
        return [pair[::-1] for pair in pairs] if turned else pairs

    turned = first != second  # the order of the groups has changed
    groups: list[int | None] = [1, 0] if turned else [0, 1]
    return replace(
        change,
        before=two(change.before, first, False),
        after=two(change.after, second, turned),
        groups=groups,
        group=0,
        other=1,
    )


def counts(whole: bool = False) -> st.SearchStrategy[float]:
    """Return a strategy of counts: none, few, many, and, unless ``whole``, parts of people."""
    few = st.integers(0, 12).map(float)
    many = st.integers(13, 100_000).map(float)
    kinds = [st.just(0.0), few, few, many]
    if not whole:
        kinds.append(st.floats(0.015625, 5000.0, allow_nan=False, width=32).map(float))
    return st.one_of(kinds)


@st.composite
def cities(
    draw: st.DrawFn,
    *,
    units: tuple[int, int] = (2, 12),
    groups: tuple[int, int] = (2, 5),
    whole: bool = False,
    peopled: bool = False,
) -> City:
    """Draw a city with people of at least two groups; some units and groups may have none.

    Parameters
    ----------
    units, groups
        Fewest and most of them.
    whole
        Only whole numbers.
    peopled
        At least two units have people.
    """
    n = draw(st.integers(*units))
    m = draw(st.integers(*groups))
    cell = counts(whole)
    city = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
    if draw(st.integers(0, 3)) == 0:
        dominating = draw(st.integers(0, m - 1))
        for row in city:
            row[dominating] *= 1000.0
    assume(len(_groups_with_people(city)) >= 2)
    assume(not peopled or sum(sum(row) > 0 for row in city) >= 2)
    return city


def _groups_with_people(city: City) -> list[int]:
    return [m for m in range(len(city[0])) if any(row[m] > 0 for row in city)]


def _focal(draw: st.DrawFn, city: City) -> tuple[int, int]:
    """Draw two groups with people."""
    group, other = draw(st.permutations(_groups_with_people(city)))[:2]
    return group, other


def _same(
    draw: st.DrawFn,
    before: City,
    after: City,
    units: list[int | None],
    groups: list[int | None] | None = None,
) -> Change:
    group, other = _focal(draw, before)
    every = list(range(len(before[0])))
    return Change(before, after, units, every if groups is None else groups, group, other, "same")


@st.composite
def unit_order(draw: st.DrawFn) -> Change:
    """Draw a city and the same with its units in another order."""
    before = draw(cities())
    order = draw(st.permutations(range(len(before))))
    return _same(draw, before, [list(before[j]) for j in order], list(order))


@st.composite
def group_order(draw: st.DrawFn) -> Change:
    """Draw a city and the same with its groups in another order."""
    before = draw(cities())
    order = draw(st.permutations(range(len(before[0]))))
    after = [[row[m] for m in order] for row in before]
    return _same(draw, before, after, list(range(len(before))), list(order))


@st.composite
def scale(draw: st.DrawFn) -> Change:
    """Draw a city and the same with every count multiplied by one number."""
    before = draw(cities())
    factor = draw(st.sampled_from([0.001, 1 / 3, 0.5, 2.0, 7.0, 1000.0]))
    after = [[count * factor for count in row] for row in before]
    return _same(draw, before, after, list(range(len(before))))


@st.composite
def copy(draw: st.DrawFn) -> Change:
    """Draw a city and the same with a second copy of every unit."""
    before = draw(cities())
    after = [list(row) for row in before + before]
    return _same(draw, before, after, list(range(len(before))) * 2)


@st.composite
def unit_split(draw: st.DrawFn) -> Change:
    """Draw a city and the same with a unit split into two of its composition (organizational equivalence)."""
    before = draw(cities())
    split = draw(st.integers(0, len(before) - 1))
    part = draw(st.sampled_from([0.5, 0.25, 0.125, 0.1, 0.9]))
    first = [count * part for count in before[split]]
    second = [count * (1.0 - part) for count in before[split]]
    after = [list(row) for row in before]
    after[split] = first
    return _same(draw, before, [*after, second], [*range(len(before)), split])


@st.composite
def empty_unit(draw: st.DrawFn) -> Change:
    """Draw a city and the same with one more unit, without people, anywhere among them."""
    before = draw(cities())
    place = draw(st.integers(0, len(before)))
    after = [list(row) for row in before]
    after.insert(place, [0.0] * len(before[0]))
    units: list[int | None] = list(range(len(before)))
    units.insert(place, None)
    return _same(draw, before, after, units)


@st.composite
def empty_group(draw: st.DrawFn) -> Change:
    """Draw a city and the same with one more group, without people, anywhere among them."""
    before = draw(cities())
    place = draw(st.integers(0, len(before[0])))
    after = [[*row[:place], 0.0, *row[place:]] for row in before]
    groups: list[int | None] = list(range(len(before[0])))
    groups.insert(place, None)
    return _same(draw, before, after, list(range(len(before))), groups)


def _pair_of_units(draw: st.DrawFn, city: City) -> tuple[int, int]:
    peopled = [j for j, row in enumerate(city) if sum(row) > 0]
    source, target = draw(st.permutations(peopled))[:2]
    return source, target


def _moved(draw: st.DrawFn, before: City, moves: list[tuple[int, int, int, float]], focal: tuple[int, int]) -> Change:
    """Carry out moves (source, target, group, people); the result may not rise above the first."""
    after = [list(row) for row in before]
    for source, target, group, people in moves:
        after[source][group] = max(after[source][group] - people, 0.0)
        after[target][group] += people
    units: list[int | None] = list(range(len(before)))
    groups: list[int | None] = list(range(len(before[0])))
    return Change(before, after, units, groups, *focal, relation="not above")


@st.composite
def transfers(draw: st.DrawFn) -> Change:
    """Draw a city and the same after people of a group moved to a unit where they are scarcer, and stay so.

    With x of the group and y of everybody else, p_i >= p_j holds after the move of d people from i to j where
    d <= (x_i y_j - x_j y_i) / (y_i + y_j). Both units keep people.
    """
    before = draw(cities(peopled=True))
    i, j = _pair_of_units(draw, before)
    m = draw(st.sampled_from(_groups_with_people(before)))
    xi, xj = before[i][m], before[j][m]
    yi, yj = sum(before[i]) - xi, sum(before[j]) - xj
    if xi * (xj + yj) < xj * (xi + yi):
        i, j, xi, xj, yi, yj = j, i, xj, xi, yj, yi
    assume(xi > 0)
    most = (xi * yj - xj * yi) / (yi + yj) if yi + yj > 0 else xi
    part = draw(st.sampled_from([0.01, 0.1, 0.5, 0.9, 1.0]))
    if yi == 0:
        part = min(part, 0.9)
    people = min(max(most, 0.0), xi) * part
    assume(people > 0)
    other = draw(st.sampled_from([g for g in _groups_with_people(before) if g != m]))
    return _moved(draw, before, [(i, j, m, people)], (m, other))


@st.composite
def exchanges(draw: st.DrawFn) -> Change:
    """Draw a city and the same after people of two groups changed places, each to where they are scarcer.

    d people of m go from i to j and d of n from j to i: p_im >= p_jm and p_jn >= p_in hold afterwards where d
    is at most each of these differences over 1/t_i + 1/t_j. Unit totals stay.
    """
    before = draw(cities(peopled=True))
    i, j = _pair_of_units(draw, before)
    m, n = _focal(draw, before)
    ti, tj = sum(before[i]), sum(before[j])
    if before[i][m] / ti < before[j][m] / tj:
        i, j, ti, tj = j, i, tj, ti
    first = before[i][m] / ti - before[j][m] / tj
    second = before[j][n] / tj - before[i][n] / ti
    assume(first > 0 and second > 0)
    most = min(first, second) / (1.0 / ti + 1.0 / tj)
    people = most * draw(st.sampled_from([0.01, 0.1, 0.5, 0.9, 1.0]))
    return _moved(draw, before, [(i, j, m, people), (j, i, n, people)], (m, n))


AXIOMS: dict[str, Callable[[], st.SearchStrategy[Change]]] = {
    "unit_order": unit_order,
    "group_order": group_order,
    "scale": scale,
    "copy": copy,
    "unit_split": unit_split,
    "empty_unit": empty_unit,
    "empty_group": empty_group,
    "transfers": transfers,
    "exchanges": exchanges,
}
"""The axioms by name: name -> function that returns the strategy."""
