"""A sheet of measured outcomes under the themes of intercultural-city work."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from .. import _html
from .._checks import check_level
from .._languages import language_of
from ..errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural
from ..indices import resolve
from ..inference._replicates import check_replicates
from ..inference.over_years import trend as follow
from ..inference.resampling import bootstrap
from ..population import Population
from ..registry import BoundIndex, IndexLike, IndexSpec
from ..results import Result
from ._sheet_lines import Line, lines_of, seen_by, statistic_of
from .comparing_homes import Gap
from .meeting_places import Meeting
from .reaching import Access
from .school_years import begins

__all__ = ["STATEMENT", "THEMES", "Scorecard", "scorecard"]

THEMES = ("neighbourhoods", "education", "public space", "public services", "housing")
"""In the order in which the sheet shows them."""
STATEMENT = (
    "These are measured outcomes. They are not the score of the Council of Europe's Intercultural Cities programme, "
    "which rates what a city does (its policies) by a questionnaire"
)
MEASURED = "information_theory"
"""Of all groups, where nothing else is asked for."""
MEASURED_OF_GROUP = ("dissimilarity", "correlation_ratio")
"""Beside it, of a group."""
SHOWN = ("theme", "indicator", "value", "low", "high", "since", "change", "better", "peer_low", "peer_high")
OPTIONAL = ("low", "high", "since", "change", "peer_low", "peer_high")
"""Columns that are shown where they hold something."""
ALL = "measure, source, notes and more columns are in .table"
KEYS = ("theme", "indicator", "index", "group", "versus", "environment")
"""By which a table of peers is matched."""


@dataclass(frozen=True, eq=False, repr=False)
class Scorecard(Result):
    """Measured outcomes of a city.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    level : float
        Confidence of the intervals.
    name : str
        Of the city, "" where it is not said.
    """

    rows: pd.DataFrame
    level: float
    name: str
    _words: tuple[tuple[str, dict[str, str]], ...]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_scorecard"

    @property
    def table(self) -> pd.DataFrame:
        """A row per indicator.

        Returns
        -------
        DataFrame
            theme; indicator (in words); measure, index, group, versus, environment, params; value, low, high; year,
            since, earlier (the value then), change, change_low, change_high; better ("lower", "higher", or "" where
            neither is better in itself); peers (how many), peer_low, peer_middle, peer_high and peers_better (how many
            do better); source and note. ``attrs["segregate"]["statement"]`` says what the sheet is not.
        """
        found = self.rows.copy()
        found.attrs["segregate"] = {"statement": STATEMENT, "level": self.level, "title": "Scorecard"}
        return found

    def _headline(self) -> str:
        of = f" of {self.name}" if self.name else ""
        themes = list(dict.fromkeys(self.rows["theme"]))
        return f"Scorecard{of}: {plural(len(self.rows), 'indicator')} of {', '.join(themes)}"

    def _narrow(self) -> pd.DataFrame:
        known = [name for name in SHOWN if name not in OPTIONAL or self.rows[name].notna().any()]
        return self.rows[known]

    def __repr__(self) -> str:
        return "\n".join([self._headline(), self._narrow().to_string(index=False), ALL, f"{STATEMENT}.", *self._said()])

    def _repr_html_(self) -> str:
        shown = self._narrow().to_html(index=False, border=0, na_rep="\N{EN DASH}")
        return _html.block(self._headline(), shown, _html.lines([ALL, f"{STATEMENT}."]), _html.lines(self._said()))


def scorecard(
    data: Mapping[str, Any],
    *,
    group: str | Mapping[str, str] | None = None,
    indices: IndexLike | Sequence[IndexLike] | Mapping[str, Any] | None = None,
    peers: Mapping[str, Any] | pd.DataFrame | None = None,
    sources: Mapping[str, str] | None = None,
    name: str = "",
    level: float = 0.95,
    replicates: int = 199,
    rng: np.random.Generator | int | None = 0,
) -> Scorecard:
    """Put what was measured about a city on one sheet, by theme.

    Parameters
    ----------
    data : mapping of theme to what was measured
        Themes are "neighbourhoods", "education", "public space", "public services" and "housing". What was measured is
        a Population (it is measured here), a result of `segregate.access`, `segregate.meeting` or
        `segregate.schools.gap`; ``{year: one of these}`` for a trend; or a list of several.
    group : str or mapping of theme to str, optional
        The group that the sheet is about; populations are then measured for it too, and of access and meeting only
        its lines are shown.
    indices : index, list of indices or mapping of theme to these, optional
        Of populations: by default H, and with a group D and V as well.
    peers : optional
        For the range of other cities: ``{theme: {city: Population}}``, or ``{city: Population}`` where one theme only
        holds populations; or a table with a row per city and indicator, the column "value", and any of theme,
        indicator, index, group, versus and environment, by which rows are matched.
    sources : mapping of theme to str, optional
        In place of the sources that the data carry.
    name : str, optional
        Of the city.
    level, replicates, rng
        Of the bootstrap intervals of populations (people are drawn again) and of their changes.

    Returns
    -------
    Scorecard
        `.table` and `.plot()`, one page.

    Raises
    ------
    UnknownNameError
        For themes that are not known.
    ParameterError
        For what cannot be put on the sheet.

    Notes
    -----
    The themes are those under which intercultural cities report what they do. The sheet shows what is seen on the
    ground, and is **not** the score of the Council of Europe's programme, which rates policies by a questionnaire; a
    city may rank high there and be separated, or the other way round. No total is made of the lines: they are not of
    one kind. "Lower is better" is said of separation alone; that a group lives together may be its wish.

    Access is shown as a ratio: what the group reaches over what everybody reaches, 1 where there is no gap.
    Results that come without an interval (access, meeting, gap) have none here.

    Examples
    --------
    >>> import segregate as sg
    >>> districts = sg.sample("schools").split("district")
    >>> sheet = sg.scorecard({"education": {2019: districts["North"], 2024: districts["South"]}}, replicates=99)
    >>> sheet.table[["theme", "index", "since"]].to_numpy().tolist()
    [['education', 'information_theory', 2019]]
    """
    if not isinstance(data, Mapping) or not data:
        raise ParameterError("scorecard takes what was measured by theme: {'education': schools}.")
    level, replicates = check_level(level), check_replicates(replicates)
    entries = {_theme(theme): what for theme, what in data.items()}
    draws = _Draws(level, replicates, rng if rng is None or isinstance(rng, int) else int(rng.integers(2**63)))
    found: list[_Row] = []
    for theme in [theme for theme in THEMES if theme in entries]:
        about = _of_theme(group, theme)
        asked = _of_theme(indices, theme)
        for one in entries[theme] if isinstance(entries[theme], (list, tuple)) else [entries[theme]]:
            found += _rows(theme, one, None if about is None else str(about), asked, draws)
    if not found:
        raise DataError("There is nothing to put on the sheet: no indicator was found.")
    compared = _peers(found, peers)
    cells = [row.cells | compared[k] for k, row in enumerate(found)]
    rows = pd.DataFrame(cells).assign(
        **{name: pd.Series([row[name] for row in cells], dtype=object) for name in ("year", "since")}
    )
    for theme, source in (sources or {}).items():
        rows.loc[rows["theme"] == _theme(theme), "source"] = source
    words = tuple((row.line.kind, dict(row.line.words)) for row in found)
    return Scorecard(rows, level, name, words)


class _Draws(NamedTuple):
    level: float
    replicates: int
    seed: int | None


class _Row(NamedTuple):
    """A line of the sheet, and the index that peers are measured by."""

    line: Line
    cells: dict[str, Any]
    bound: BoundIndex | None
    theme: str
    group: str | None


def _theme(theme: object) -> str:
    plain = str(theme).strip().lower().replace("_", " ").replace("neighborhood", "neighbourhood")
    plain = {"neighbourhood": "neighbourhoods", "schools": "education"}.get(plain, plain)
    if plain not in THEMES:
        raise UnknownNameError(f"There is no theme {theme!r}. {nearest(plain, THEMES)} Themes: {', '.join(THEMES)}.")
    return plain


def _of_theme(given: Any, theme: str) -> Any:
    """Return what is said for a theme, or for all."""
    if isinstance(given, Mapping) and "index" not in given:
        return {_theme(one): what for one, what in given.items()}.get(theme)
    return given


def _indices(asked: Any, group: str | None) -> list[tuple[BoundIndex, str | None]]:
    """Return indices, each with the group that it is about."""
    if asked is None:
        of_group = [] if group is None else [(resolve(name), group) for name in MEASURED_OF_GROUP]
        return [(resolve(MEASURED), None), *of_group]
    single = isinstance(asked, (str, BoundIndex, Mapping)) or callable(asked)
    many = [asked] if single or not isinstance(asked, Iterable) else list(asked)
    bound = [resolve(one) for one in many]
    for one in bound:
        if one.spec.level == "local":
            raise ParameterError(f"{one.spec.name} gives one value per unit; a sheet shows indices of the whole.")
    return [(one, group) for one in bound]


def _rows(theme: str, what: Any, group: str | None, asked: Any, draws: _Draws) -> list[_Row]:
    """Return the lines of one entry, with their trend where it is given by year."""
    years: dict[Any, Any] = {}
    if isinstance(what, Mapping):
        if not what:
            raise ParameterError(f"{theme!r} is a mapping of no years.")
        begun = sorted(((begins(year), one) for year, one in what.items()), key=lambda item: item[0][0])
        years = {year if shown == f"{year:.10g}" else shown: one for (year, shown), one in begun}
    every = list(years.values()) or [what]
    kinds = {type(one) for one in every}
    if len(kinds) > 1 or not isinstance(every[0], (Population, Access, Meeting, Gap)):
        raise ParameterError(
            f"{theme!r} holds {first_of(sorted(kind.__name__ for kind in kinds))}; it takes a Population, or a result "
            "of access, meeting or schools.gap, {year: one of these}, or a list of them."
        )
    if isinstance(every[0], Population):
        return _of_population(theme, years or {"": every[0]}, _indices(asked, group), draws)
    earlier = {line.key: line.value for line in lines_of(every[0], group)} if len(years) > 1 else {}
    rows = []
    for line in lines_of(every[-1], group):
        cells = _cells(theme, line)
        if years:
            cells["year"] = list(years)[-1]
        if line.key in earlier:
            cells |= {"since": next(iter(years)), "earlier": earlier[line.key]}
            cells["change"] = line.value - earlier[line.key]
        rows.append(_Row(line, cells, None, theme, None))
    return rows


def _of_population(
    theme: str,
    years: Mapping[Any, Population],
    bound: Sequence[tuple[BoundIndex, str | None]],
    draws: _Draws,
) -> list[_Row]:
    """Measure a population, the last of several years, with interval and change."""
    then, now = next(iter(years)), list(years)[-1]
    first, last = years[then], years[now]
    rows = []
    for one, group in bound:
        _check_group(last, group)
        statistic = statistic_of(last, one, group)
        line = Line.of_statistic(statistic, theme, _better(one.spec, statistic.first, statistic.second), last.source)
        cells = _cells(theme, line)
        cells["note"] = str(statistic.observed.messages[0])
        if np.isfinite(statistic.value):
            cells |= _interval(last, one, group, draws, cells)
        if len(years) > 1:
            cells |= {"year": now, "since": then}
            before = statistic_of(first, one, group).value
            cells |= {"earlier": before, "change": statistic.value - before}
            if np.isfinite([before, statistic.value]).all() and np.isfinite(cells["low"]):
                pair = follow(
                    [(begins(year)[0], seen_by(one, years[year], group)) for year in (then, now)],
                    one,
                    level=draws.level,
                    replicates=draws.replicates,
                    rng=draws.seed,
                    group=group,
                )
                change = pair.table.iloc[1]
                cells |= {"change_low": change["change_low"], "change_high": change["change_high"]}
        elif then != "":
            cells["year"] = then
        rows.append(_Row(line, cells, one, theme, group))
    return rows


def _check_group(pop: Population, group: str | None) -> None:
    if group is not None and group not in pop.groups:
        raise UnknownNameError(f"There is no group {group!r}. {nearest(group, pop.groups)}")


def _interval(
    pop: Population, index: BoundIndex, group: str | None, draws: _Draws, cells: dict[str, Any]
) -> dict[str, Any]:
    try:
        drawn = bootstrap(
            seen_by(index, pop, group),
            index,
            interval="basic",
            level=draws.level,
            replicates=draws.replicates,
            rng=draws.seed,
            group=group,
        )
    except ParameterError as error:  # an environment that cannot be computed again
        return {"note": "; ".join(filter(None, [cells["note"], f"no interval: {error}"]))}
    said = [cells["note"], *drawn.notes]
    if drawn.low > drawn.value or drawn.high < drawn.value:
        said.append("the interval leaves out the value, for it takes off the bias of small units")
    return {"low": drawn.low, "high": drawn.high, "note": "; ".join(dict.fromkeys(filter(None, said)))}


def _better(spec: IndexSpec, group: str, versus: str) -> str:
    """Say which direction means more contact."""
    if spec.family == "diversity" or spec.name in ("extremes", "local_exposure", "share"):
        return ""
    if spec.name == "exposure":
        return "lower" if group == versus else "higher"
    return "lower"


def _cells(theme: str, line: Line) -> dict[str, Any]:
    """Return a row without interval, trend and peers."""
    indicator = language_of("en").text(f"scorecard.indicator.{line.kind}", **line.words)
    nothing = math.nan
    return {
        "theme": theme,
        "indicator": indicator[:1].upper() + indicator[1:],
        "measure": line.measure,
        "index": line.index,
        "group": line.group,
        "versus": line.versus,
        "environment": line.environment,
        "params": line.params,
        "value": line.value,
        **{"low": nothing, "high": nothing, "year": None, "since": None, "earlier": nothing},
        **{"change": nothing, "change_low": nothing, "change_high": nothing, "better": line.better},
        **{"peers": 0, "peer_low": nothing, "peer_middle": nothing, "peer_high": nothing, "peers_better": 0},
        "source": line.source,
        "note": line.note,
    }


# peers ---------------------------------------------------------------------------------


def _peers(rows: Sequence[_Row], peers: Any) -> list[dict[str, Any]]:
    """Return the range of peers for each line."""
    if peers is None:
        return [{} for _ in rows]
    if isinstance(peers, pd.DataFrame):
        known = [_of_table(row, peers) for row in rows]
        if not any(known):
            raise DataError(
                "No row of peers= fits any line of the sheet; the column value is needed, and rows are matched by "
                f"those there are of {', '.join(KEYS)}."
            )
    else:
        known = _of_populations(rows, peers)
    return [_range(row, values) for row, values in zip(rows, known, strict=True)]


def _of_table(row: _Row, table: pd.DataFrame) -> list[float]:
    if "value" not in table.columns or not set(KEYS) & {*table.columns}:
        raise ParameterError(f"peers= is a table with the column value and some of {', '.join(KEYS)}.")
    fits = np.ones(len(table), dtype=bool)
    for key in KEYS:
        if key in table.columns:
            fits &= (table[key].fillna("").astype(str) == row.cells[key]).to_numpy()
    values = table.loc[fits, "value"].to_numpy(dtype=float)
    return [float(value) for value in values if np.isfinite(value)]


def _of_populations(rows: Sequence[_Row], peers: Any) -> list[list[float]]:
    themes = list(dict.fromkeys(row.theme for row in rows if row.bound is not None))
    if not isinstance(peers, Mapping) or not peers:
        raise ParameterError("peers= is {theme: {city: Population}}, {city: Population} or a table.")
    if all(isinstance(one, Population) for one in peers.values()):
        if len(themes) != 1:
            raise ParameterError(
                f"peers= gives populations, and {plural(len(themes), 'theme')} of the sheet "
                f"{'holds' if len(themes) == 1 else 'hold'} populations; say for which: {{'education': {{...}}}}."
            )
        peers = {themes[0]: peers}
    by_theme = {_theme(theme): cities for theme, cities in peers.items()}
    absent = [theme for theme in by_theme if theme not in themes]
    if absent:
        raise ParameterError(f"peers= names {first_of(absent)}, for which the sheet has no population.")
    found: list[list[float]] = []
    for row in rows:
        if row.bound is None or row.theme not in by_theme:
            found.append([])
            continue
        cities = by_theme[row.theme]
        if not isinstance(cities, Mapping) or not all(isinstance(one, Population) for one in cities.values()):
            raise ParameterError(f"peers= of {row.theme!r} is a mapping of cities to populations.")
        values = [statistic_of(pop, row.bound, row.group).value for pop in cities.values()]
        found.append([value for value in values if np.isfinite(value)])
    return found


def _range(row: _Row, values: Sequence[float]) -> dict[str, Any]:
    if not values:
        return {}
    better, value = row.cells["better"], row.cells["value"]
    beats = {"lower": sum(one < value for one in values), "higher": sum(one > value for one in values)}.get(better, 0)
    ends = {"peer_low": min(values), "peer_middle": float(np.median(values)), "peer_high": max(values)}
    return {"peers": len(values), **ends, "peers_better": beats}
