"""What stands on a line of the scorecard, of each kind of result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ParameterError, UnknownNameError, nearest
from ..inference._statistic import Statistic
from ..population import REST, Population
from ..registry import BoundIndex
from .comparing_homes import Gap
from .meeting_places import Meeting
from .reaching import Access

__all__ = ["Line", "lines_of", "seen_by", "statistic_of"]

WORDED = ("information_theory", "dissimilarity", "correlation_ratio", "isolation", "exposure")
"""Indices that are said in words of their own."""
NO_INTERVAL = "no interval: the result carries none"


@dataclass(frozen=True)
class Line:
    """A line of the sheet.

    Attributes
    ----------
    kind : str
        Key of its words in ``scorecard.indicator``.
    words : mapping
        What the words name.
    """

    kind: str
    words: Mapping[str, str]
    measure: str
    index: str
    group: str
    versus: str
    environment: str
    params: str
    value: float
    better: str
    source: str
    note: str

    @property
    def key(self) -> tuple[str, ...]:
        """What is the same in other years."""
        return (self.kind, self.index, self.group, self.versus, self.environment)

    @classmethod
    def of_statistic(cls, one: Statistic, theme: str, better: str, source: str | None) -> Line:
        """Return the line of an index on a population."""
        about = one.described
        kind, words = _worded(about["index"], about["group"], about["versus"], one.spec.title)
        if kind == "information_theory" and theme == "education":
            kind = "information_theory_schools"
        name, group, versus = about["index"], about["group"], about["versus"]
        environment, params = about["environment"], about["params"]
        measure = _measure(about["symbol"], group, versus, environment)
        return cls(kind, words, measure, name, group, versus, environment, params, one.value, better, source or "", "")


def seen_by(index: BoundIndex, pop: Population, group: str | None) -> Population:
    """Return whom an index looks at: of a pair the group and everybody else."""
    return pop.versus(group) if group is not None and index.spec.focal == "pair" and pop.n_groups > 2 else pop


def statistic_of(pop: Population, index: BoundIndex, group: str | None) -> Statistic:
    """Return an index on a population; about all groups where none is named."""
    return Statistic(seen_by(index, pop, group), index, group)


def lines_of(result: Access | Meeting | Gap, group: str | None) -> list[Line]:
    """Return the lines of a result, those of one group where it is named."""
    if isinstance(result, Access):
        return _of_access(result, group)
    return _of_meeting(result, group) if isinstance(result, Meeting) else _of_gap(result)


def _worded(index: str, group: str, versus: str, title: str) -> tuple[str, dict[str, str]]:
    if index == "information_theory":
        return ("information_theory_group", {"group": group}) if group else (index, {})
    if index in WORDED and group:
        if index == "exposure":
            pair = {"group": group, "versus": versus}
            return ("exposure_others", {"group": group}) if versus == REST else (index, pair)
        return index, {"group": group}
    return ("index_of_group", {"index": title, "group": group}) if group else ("index", {"index": title})


def _measure(symbol: str, group: str, versus: str, environment: str) -> str:
    pair = f"{group} against {versus}" if versus else group
    return ", ".join(filter(None, [symbol, pair, environment]))


def _of_access(result: Access, group: str | None) -> list[Line]:
    table = result.table.set_index("group")
    if group is not None and group not in table.index:
        raise UnknownNameError(f"There is no group {group!r} in the access. {nearest(group, table.index[:-1])}")
    near = result.method == "nearest"
    params = json.dumps(result.about["params"], default=str)
    means: dict[Any, float] = table["mean"].to_dict()
    without: dict[Any, float] = table["without"].to_dict()
    everybody = means[""]
    names: list[str] = [group] if group is not None else table.index[:-1].tolist()
    lines = []
    for name in names:
        ratio = means[name] / everybody if everybody > 0 else np.nan
        kind = "way" if near else "access"
        known = ("access", name, "", f"{result.method}, {result.about['unit']}", params)
        source = result.population.source or ""
        measure = f"mean over that of everybody ({result.method})"
        better = "lower" if near else "higher"
        lines.append(Line(kind, {"group": name}, measure, *known, float(ratio), better, source, NO_INTERVAL))
        if max(without.values()) > 0:
            cut = ("without_access", *known[1:])
            share, said = float(without[name]), "share of people"
            lines.append(Line("without", {"group": name}, said, *cut, share, "lower", source, NO_INTERVAL))
    return lines


def _of_meeting(result: Meeting, group: str | None) -> list[Line]:
    table = result.table
    away = table[(table["setting"] != "home") & table["value"].notna()]
    own = away["group"] == away["versus"]
    if own.any():  # pairs of groups: how much a group meets itself says it for all others
        away = away[own]
    if group is not None and (away["group"] != "").any():
        if group not in set(away["group"]):
            raise UnknownNameError(f"There is no group {group!r} in the settings. {nearest(group, set(away['group']))}")
        away = away[away["group"] == group]
    lines = []
    for row in away.to_dict("records"):
        title = result.about["index"]
        kind, words = _worded(row["index"], row["group"], row["versus"], title)
        if row["index"] == "exposure" and row["group"] == row["versus"]:
            kind, words = "isolation", {"group": row["group"]}
        better = "" if row["family"] == "diversity" else "lower"
        if kind in ("exposure", "exposure_others"):
            better = "higher"
        at = f"{row['setting']}: {row['environment']}"
        measure = _measure(row["symbol"], row["group"], row["versus"], row["setting"])
        home, mixing = (f"{row[name]:.3g}" for name in ("home", "mixing"))
        note = f"{home} at home, {mixing} if all mixed; {NO_INTERVAL}"
        known = (row["index"], row["group"], row["versus"], at, row["params"], float(row["value"]))
        words = {**words, "setting": row["setting"]}
        lines.append(Line(f"{kind}_in", words, measure, *known, better, result.about.get("source") or "", note))
    if not lines:
        raise ParameterError("The settings hold no value that can be put on the sheet.")
    return lines


def _of_gap(result: Gap) -> list[Line]:
    about = result.about
    title = about["index"].replace("_", " ")
    known = (about["index"], about["group"], about["versus"])
    note = (
        f"residence {result.residence:+.3g}, zone drawing {result.zoning:+.3g}, choice {result.choice:+.3g}; "
        f"{NO_INTERVAL}"
    )
    group = f", {about['group']}" if about["group"] else ""
    return [
        Line(
            "gap_schools",
            {},
            f"{title}{group}, schools",
            *known,
            "schools",
            about["params"],
            result.schools,
            "lower",
            "",
            note,
        ),
        Line(
            "gap_added",
            {},
            f"{title}{group}, zone drawing and choice",
            *known,
            "schools less homes",
            about["params"],
            result.zoning + result.choice,
            "lower",
            "",
            NO_INTERVAL,
        ),
    ]
