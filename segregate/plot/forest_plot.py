"""Many values with their intervals, one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import DataError, ParameterError, first_of
from ..inference.resampling import Interval
from ._axes import drawing, dress, finish, one_call
from ._numerals import decimals, number, number_ticks
from ._rows import add_intervals, head_of, lay_rows, ratio_of, said_of
from ._save import SavePath
from ._style import Size
from ._words import environment_named, index_title, level_of, opened, say, sentences, translated, versus_named

__all__ = ["draw_forest", "forest", "prepare_forest"]

Intervals = pd.DataFrame | Interval | Sequence[Interval] | Mapping[str, Interval]
"""What a forest shows."""
WIDTH = 6.5
"""Width of a new figure in inches."""
MOST = 500
"""Most rows."""
NEEDED = ("index", "value", "low", "high")
ABOUT = ("group", "versus", "environment", "params")


def prepare_forest(data: Intervals) -> pd.DataFrame:
    """Return what a forest of intervals shows.

    Parameters
    ----------
    data : DataFrame, Interval, list of Interval, or mapping from label to Interval
        A table of ``segregate.measure(..., interval=0.95)``, or any with the columns index, value, low and high; or
        results of `segregate.bootstrap` of one level.

    Returns
    -------
    DataFrame
        One row per value, those of an index together: ``label`` ("Dissimilarity, black against rest"; what all rows
        share is left out), ``index``, ``value``, ``low``, ``high``, ``text`` (the numbers, as written beside the row),
        ``status`` and ``message``.

    Raises
    ------
    ParameterError
        For anything else, for intervals of different levels, and for more than 500 rows.
    DataError
        When no row has a value.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools").select("white", "black")
    >>> shown = sg.plot.prepare_forest(sg.measure(schools, ["D", "isolation"], interval=0.95))
    >>> shown["label"].to_list()
    ['Dissimilarity', 'Isolation, white against black', 'Isolation, black against white']
    """
    table = _table(data).reset_index(drop=True)
    if not table["value"].notna().any():
        said = first_of([message for message in table["message"] if message]) if table["message"].any() else "no reason"
        raise DataError(f"No row has a value, so there is nothing to draw: {said}.")
    kinds = list(dict.fromkeys(table["index"]))
    table = table.assign(label=_labels(table)).sort_values("index", key=lambda c: c.map(kinds.index), kind="stable")
    parts = []
    for _, rows in table.groupby("index", sort=False):
        digits = decimals(rows["high"] - rows["low"], rows["value"])
        numbers: list[list[float]] = rows[["value", "low", "high"]].to_numpy(dtype=float).tolist()
        texts = [_text(value, low, high, digits) for value, low, high in numbers]
        parts.append(rows.assign(text=texts))
    shown = ["label", "index", "value", "low", "high", "text", "status", "message"]
    return pd.concat(parts)[shown].reset_index(drop=True)


def _table(data: Intervals) -> pd.DataFrame:
    """Return a table of intervals with all the columns that labels are made of, and the name of every row."""
    if isinstance(data, pd.DataFrame):
        lost = [column for column in NEEDED if column not in data.columns]
        if lost:
            raise ParameterError(
                f"A forest needs the columns {', '.join(NEEDED)}, and there is no {first_of(lost)}: take "
                "sg.measure(pop, ..., interval=0.95)."
            )
        table = data.copy()
        before = list(table.columns[: list(table.columns).index("index")])
        table["_name"] = [", ".join(map(str, row)) for row in table[before].to_numpy().tolist()] if before else ""
    else:
        named = dict(data) if isinstance(data, Mapping) else None
        several = _several(data)
        levels = sorted({one.level for one in several})
        if len(levels) > 1:
            listed = ", ".join(f"{100 * level:g} %" for level in levels)
            raise ParameterError(f"Intervals of {listed} cannot be compared in one forest; take one level.")
        rows = [
            {**one.about, "value": one.value, "low": one.low, "high": one.high, "message": "; ".join(one.notes)}
            for one in several
        ]
        table = pd.DataFrame(rows, columns=["index", *ABOUT, "value", "low", "high", "message"])
        table["_name"] = [str(name) for name in named] if named is not None else ""
    if not 0 < len(table) <= MOST:
        raise ParameterError(f"A forest shows 1 to {MOST} rows, not {len(table):,}.")
    for column in (*ABOUT, "message"):
        table[column] = table[column].astype(object).where(table[column].notna(), "") if column in table else ""
    if "status" not in table:
        table["status"] = np.where(table["value"].isna(), "undefined", "ok")
    table["index"] = [index_title(str(name)) for name in table["index"]]
    return table


def _several(data: Interval | Sequence[Interval] | Mapping[str, Interval]) -> list[Interval]:
    """Return intervals in a list."""
    given = data.values() if isinstance(data, Mapping) else data if isinstance(data, Sequence) else [data]
    for one in given:
        if not isinstance(one, Interval):
            raise ParameterError(
                "A forest shows a table of segregate.measure(interval=...), or intervals of segregate.bootstrap, not "
                f"{type(one).__name__}."
            )
    return list(given)


def _labels(table: pd.DataFrame) -> list[str]:
    """Name each row by what is not the same in all of them."""
    several = table["index"].nunique() > 1
    environments = table["environment"].nunique() > 1
    shared = _shared(table)
    params = table.groupby("index")["params"].transform("nunique") > 1
    labels = []
    for k, row in enumerate(table[["_name", "index", *ABOUT]].to_dict("records")):
        about = "" if shared and row["_name"] else _pair(row)
        parts = [
            row["_name"],
            about,
            environment_named(row["environment"]) if environments else "",
            row["params"] if params[k] else "",
        ]
        parts = [str(part) for part in parts if part]
        labels.append(", ".join([row["index"], *parts] if several or len(table) == 1 or not parts else parts))
    return labels


def _pair(row: Mapping[Any, Any]) -> str:
    """Say which group is compared with which."""
    if not row["versus"]:
        return str(row["group"])
    return say("about.pair", group=row["group"], versus=versus_named(row["versus"]))


def _shared(table: pd.DataFrame) -> str:
    """Return what all rows with names of their own are about, if that is one group or pair."""
    pairs = {_pair(row) for row in table[["group", "versus"]].to_dict("records")}
    return pairs.pop() if len(pairs) == 1 and table["_name"].ne("").all() and len(table) > 1 else ""


def _text(value: float, low: float, high: float, digits: int) -> str:
    """Write a value with its interval."""
    if not np.isfinite(value):
        return say("number.undefined")
    if not np.isfinite([low, high]).all():
        return say("interval.none_of", value=number(value, digits))
    return say("interval.value", value=number(value, digits), low=number(low, digits), high=number(high, digits))


def draw_forest(
    data: Intervals,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw a forest of intervals.

    Parameters
    ----------
    data : DataFrame, Interval, list of Interval, or mapping from label to Interval
        See `prepare_forest`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; names and numbers take their room from the place of the axes. As a rule a new figure.
    width : float, optional
        Width of a new figure in inches; it is as high as its rows need.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        One row per value; its numbers stand on the right. A hollow dot has no interval. The axis need not start at 0.

    Raises
    ------
    ParameterError, DataError
        As `prepare_forest`.
    """
    shown = prepare_forest(data)
    indices = list(dict.fromkeys(shown["index"]))
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, indices[0] if len(indices) == 1 else say("axis.value"), "", own=own)
        ends = shown[["value", "low", "high"]].to_numpy(dtype=float)
        low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
        room = 0.04 * ((high - low) or abs(high) or 1.0)
        axes.set_xlim(low - room, high + room)
        first = (shown["index"] != shown["index"].shift()).tolist()
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), first, own=own)
        number_ticks(axes.xaxis, most=6)
        add_intervals(axes, shown, places)
        over = head_of(axes, _head(data), ink)
        finish(
            axes,
            title=_title(indices, shown["label"].tolist(), _shared(_table(data))) if title is None else title,
            caption=_caption(data, shown) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            over=over,
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


def forest(
    data: Intervals,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
    size: Size | None = None,
    language: str | None = None,
) -> Axes:
    """Draw a forest of intervals, and save it.

    Parameters
    ----------
    data : DataFrame, Interval, list of Interval, or mapping from label to Interval
        A table of ``segregate.measure(..., interval=0.95)``, or results of `segregate.bootstrap`.
    title, caption, ax, width, managed
        As in `draw_forest`.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"A4-landscape"``, ``"half-page"``, ``"column"``, ``"slide"``, or width and height
        in inches; see `style`.
    language : str, optional
        Of texts and numbers: ``"en"``, ``"fr"``, ``"de"``, ``"es"`` or ``"it"``; see `style`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import segregate as sg
    >>> table = sg.measure(sg.sample("schools"), "D", by="district", interval=0.95)
    >>> ax = sg.plot.forest(table, managed=False)
    >>> ax.get_title(loc="left")
    'Dissimilarity, with intervals'
    """

    def draw() -> Axes:
        return draw_forest(data, title=title, caption=caption, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)


def _how(data: Intervals) -> Mapping[str, Any]:
    """Return level, kind and resampling of intervals, as far as they are known."""
    if isinstance(data, pd.DataFrame):
        record = data.attrs.get("segregate")
        found = record.get("interval") if isinstance(record, Mapping) else None
        return found if isinstance(found, Mapping) else {}
    several = _several(data)
    same = {(one.kind, one.resample) for one in several}
    kind, resample = same.pop() if len(same) == 1 else ("", "")
    return {"level": several[0].level, "interval": kind, "resample": resample}


def _head(data: Intervals) -> str:
    level = _how(data).get("level")
    return say("forest.head_plain") if level is None else say("forest.head", level=level_of(level))


def _title(indices: Sequence[str], labels: Sequence[str], shared: str) -> str:
    if len(labels) == 1:
        return say("interval.title", what=labels[0])
    of = say("about.of", group=shared) if shared else ""
    return say("forest.title", what=f"{indices[0] if len(indices) == 1 else say('axis.segregation')}{of}")


def _caption(data: Intervals, shown: pd.DataFrame) -> str:
    how = _how(data)
    said = []
    if how.get("interval") and how.get("resample"):
        kind, resample = translated(how["interval"], "interval_kind"), translated(how["resample"], "resample")
        said.append(say("forest.how", kind=kind, resample=resample))
    table = data if isinstance(data, pd.DataFrame) else _table(data)
    if "environment" in table and table["environment"].nunique() == 1 and table["environment"].iloc[0]:
        said.append(say("about.environment", environment=environment_named(table["environment"].iloc[0])))
    said += said_of(shown)
    record = data.attrs.get("segregate") if isinstance(data, pd.DataFrame) else None
    if isinstance(record, Mapping):
        said += [str(note) for note in record.get("notes") or ()]
        said += [say("about.source", source=record["source"])] if record.get("source") else []
    return sentences(map(opened, said))
