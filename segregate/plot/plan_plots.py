"""What a plan would change, and what changed where a city invested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..errors import DataError, ParameterError
from ..schools.investment import BeforeAfter
from ..schools.planned_site import WhatIf
from ._axes import GREY, LINES, add_key, drawing, dress, finish
from ._dumbbells import draw_dumbbells, limits_of, signed
from ._numerals import decimals, number, number_ticks, probability
from ._style import SMALL, pt
from ._words import environment_named, index_title, interval_of, opened, say, sentences, versus_named

__all__ = ["draw_before_after", "draw_what_if", "prepare_before_after", "prepare_what_if"]

WIDTH = 6.0
"""Width of a new figure in inches."""
MOST = 24
"""Most values that are shown, those that change the most."""


def prepare_what_if(result: WhatIf, *, most: int = MOST) -> pd.DataFrame:
    """Return what the plot of a plan shows.

    Parameters
    ----------
    result : WhatIf
        From `segregate.what_if`.
    most : int, optional
        How many values: those that change the most, for their size.

    Returns
    -------
    DataFrame
        A row per index and group: ``label``, ``before``, ``after``, ``start`` (0) and ``end`` (the change, as a share
        of the value before), ``text`` (the change) and ``first``.

    Raises
    ------
    DataError
        When no value is there before and after.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> plan = sg.what_if(schools, close=["010005"], to="010001", indices=["H", "D"])
    >>> sg.plot.prepare_what_if(plan)["label"].to_list()
    ['Information theory', 'Dissimilarity']
    """
    if not isinstance(result, WhatIf):
        raise ParameterError(f"This plot shows what segregate.what_if returns, not {type(result).__name__}.")
    if most < 1:
        raise ParameterError(f"most={most!r} is a number of values, 1 or more.")
    table = result.table
    known = table[table["change"].notna()]
    if not len(known):
        raise DataError("No value is there before and after, so there is nothing to draw.")
    earlier, moved = known["before"].to_numpy(dtype=float), known["change"].to_numpy(dtype=float)
    share = np.divide(moved, np.abs(earlier), out=np.full(len(known), np.nan), where=earlier != 0)
    share[moved == 0] = 0.0
    chosen = np.sort(np.argsort(-np.nan_to_num(np.abs(share), nan=np.inf), kind="stable")[:most])
    shown = known.iloc[chosen]
    found = pd.DataFrame({"label": [_label(row) for row in shown.to_dict("records")]})
    found["before"], found["after"] = shown["before"].to_numpy(), shown["after"].to_numpy()
    found["start"], found["end"] = 0.0, share[chosen]
    ends = found[["before", "after"]].to_numpy().tolist()
    digits = [min(max(decimals([now - then], [then]), 2), 5) for then, now in ends]
    found["text"] = [
        say("what_if.way", before=number(then, few), after=number(now, few))
        for (then, now), few in zip(ends, digits, strict=True)
    ]
    family = shown["family"].to_numpy()
    found["first"] = np.r_[True, family[1:] != family[:-1]]
    return found


def _label(row: Mapping[Any, Any]) -> str:
    name = index_title(str(row["index"]))
    if not row["group"]:
        return name
    versus = str(row["versus"])
    group = str(row["group"])
    return f"{name}: {say('about.pair', group=group, versus=versus_named(versus)) if versus else group}"


def draw_what_if(
    result: WhatIf,
    *,
    most: int = MOST,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw indices before and after a plan.

    Parameters
    ----------
    result : WhatIf
        From `segregate.what_if`.
    most : int, optional
        How many values: those that change the most, for their size.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule a new figure.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        A row per index, from a hollow dot (before) to a full one (after), in per cent of the value before; the values
        stand on the right.
    """
    shown = prepare_what_if(result, most=most)
    said = [say("what_if.units", n=len(result.units))]
    known = int(result.rows["change"].notna().sum())
    if known > len(shown):
        said.append(say("what_if.most", n=len(shown), total=number(known, 0)))
    said.append(say("about.environment", environment=environment_named(str(result.before.environment))))
    said += map(opened, result.notes)
    if result.before.source:
        said.append(say("about.source", source=result.before.source))
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        draw_dumbbells(
            axes,
            shown,
            own=own,
            axis=say("what_if.axis"),
            head=say("what_if.head"),
            words=(say("what_if.before"), say("what_if.after")),
            title=say("what_if.title") if title is None else title,
            caption=sentences(said) if caption is None else caption,
            percent=True,
        )
    return axes


# before and after ----------------------------------------------------------------------


def prepare_before_after(result: BeforeAfter) -> pd.DataFrame:
    """Return what the plot of a difference in differences shows.

    Parameters
    ----------
    result : BeforeAfter
        From `segregate.before_after`.

    Returns
    -------
    DataFrame
        Three lines: ``line`` ("area", "comparison", "expected": the area if it had changed as the comparison did),
        ``before``, ``after``, ``label`` and ``text`` (the change).

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.testing import school_city
    >>> years = school_city(0, blocks=(6, 6), schools=3).blocks_by_year
    >>> found = sg.before_after(
    ...     years[2020], years[2025], area="invested", index="share", group="minority", placebos=9, replicates=9, rng=1)
    >>> sg.plot.prepare_before_after(found)["line"].to_list()
    ['area', 'comparison', 'expected']
    """
    if not isinstance(result, BeforeAfter):
        raise ParameterError(f"This plot shows what segregate.before_after returns, not {type(result).__name__}.")
    (then, now), (other_then, other_now) = result.table[["before", "after"]].to_numpy(dtype=float)[:2].tolist()
    lines = {
        "area": (then, now),
        "comparison": (other_then, other_now),
        "expected": (then, then + other_now - other_then),
    }
    digits = _digits(result)
    return pd.DataFrame(
        {
            "line": list(lines),
            "before": [then for then, _ in lines.values()],
            "after": [now for _, now in lines.values()],
            "label": [say(f"before_after.{name}") for name in lines],
            "text": [signed(now - then, digits) for then, now in lines.values()],
        }
    )


def draw_before_after(
    result: BeforeAfter,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw how an area changed, how the comparison did, and the difference between them.

    Parameters
    ----------
    result : BeforeAfter
        From `segregate.before_after`.
    title, caption, ax, width, managed
        As in `draw_what_if`.

    Returns
    -------
    Axes
        Lines from before to after; the dotted one is the area if it had changed as the comparison did. The bar on the
        right is the difference in differences.
    """
    shown = prepare_before_after(result)
    looks: dict[str, dict[str, Any]] = {
        "area": {"color": LINES[0], "linewidth": 2.0},
        "comparison": {"color": GREY, "linewidth": 1.6},
        "expected": {"color": LINES[0], "linewidth": 1.2, "dashes": (1.6, 1.4), "dash_capstyle": "butt"},
    }
    about = result.about
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        what = index_title(about["index"])
        named = say("before_after.of", what=what, group=about["group"]) if about["group"] else what
        ink = dress(axes, "", named, own=own)
        axes.set_ylim(*limits_of(shown[["before", "after"]].to_numpy()))
        axes.set_xlim(-0.12, 1.45)
        entries: list[tuple[Artist, str]] = []
        for row in shown.to_dict("records"):
            look = looks[row["line"]]
            axes.plot([0, 1], [row["before"], row["after"]], zorder=3, gid=row["line"], **look)
            if row["line"] != "expected":
                axes.plot(
                    [0, 1], [row["before"], row["after"]], linestyle="", marker="o", color=look["color"], zorder=4
                )
            entries.append((Line2D([], [], **look), say("before_after.entry", name=row["label"], change=row["text"])))
        after = shown.set_index("line")["after"]
        axes.plot(
            [1.06, 1.06], [after["expected"], after["area"]], color=ink, linewidth=1.6, zorder=2, gid="difference"
        )
        digits = _digits(result)
        axes.annotate(
            signed(result.value, digits),
            (1.06, (after["expected"] + after["area"]) / 2),
            xytext=(pt(5), 0),
            textcoords="offset points",
            va="center",
            ha="left",
            fontsize=pt(SMALL),
            color=ink,
            parse_math=False,
            gid="label",
        )
        number_ticks(axes.yaxis, most=6)
        axes.set_xticks([0, 1], [say("what_if.before"), say("what_if.after")])
        axes.tick_params(axis="x", length=0)
        finish(
            axes,
            title=say("before_after.title") if title is None else title,
            caption=_caption(result, digits) if caption is None else caption,
            ratio=0.55,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink),
        )
    return axes


def _digits(result: BeforeAfter) -> int:
    """Return the decimals that show the interval, or three digits of the difference."""
    return max(decimals([result.high - result.low, result.value / 10], [result.value]), 2)


def _caption(result: BeforeAfter, digits: int) -> str:
    rows = result.rows.set_index("place")["units"]
    counts = {"area": number(rows["area"], 0), "comparison": number(rows["comparison"], 0)}
    said = [say("before_after.units", **counts)]
    value = signed(result.value, digits)
    if np.isfinite([result.low, result.high]).all():
        ends = {"low": signed(result.low, digits), "high": signed(result.high, digits)}
        said.append(say("before_after.within", value=value, interval=interval_of(result.level), **ends))
    else:
        said.append(say("before_after.plain", value=value))
    said.append(say("before_after.placebo", p=probability(result.p_value), n=len(result.placebos)))
    said += map(opened, result.notes)
    return sentences(said)
