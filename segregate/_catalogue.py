"""What indices there are, and what a value says in plain words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .errors import ParameterError, nearest
from .indices import resolve, specs
from .population import REST

__all__ = ["catalogue", "explain"]


def catalogue(family: str | None = None) -> pd.DataFrame:
    """Return the indices that there are, one row each.

    Parameters
    ----------
    family : str, optional
        Only this family: "evenness", "exposure", "concentration", "centralization",
        "clustering", "boundaries", "scale", "ordered", "diversity" or "local".

    Returns
    -------
    DataFrame
        Indexed by name, with symbol, family, level ("global": a number a population, "local":
        a number a unit), summary, bounds, what it needs and what holds for it.

    Examples
    --------
    >>> import segregate as sg
    >>> list(sg.catalogue("exposure").index)
    ['correlation_ratio', 'exposure', 'extremes', 'isolation']
    """
    families = sorted({spec.family for spec in specs.values()})
    if family is not None and family not in families:
        raise ParameterError(f"There is no family {family!r}. {nearest(family, families)}")
    rows = {
        spec.name: {
            "symbol": spec.symbol,
            "family": spec.family,
            "level": spec.level,
            "summary": spec.summary,
            "low": spec.bounds[0],
            "high": spec.bounds[1],
            "groups": f"{spec.groups[0]}" if spec.groups[0] == spec.groups[1] else f"{spec.groups[0]}+",
            "focal": spec.focal or "",
            "environment": spec.environment,
            "additive": spec.additive,
            "needs": ", ".join(sorted(spec.needs)),
            "required": ", ".join(spec.required),
            "params": json.dumps(dict(spec.defaults)),
            "holds": ", ".join(sorted(spec.holds)),
            "holds_within": ", ".join(sorted(spec.holds_within)),
            "cite": ", ".join(spec.cite),
        }
        for spec in sorted(specs.values(), key=lambda spec: spec.name)
        if family in (None, spec.family)
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("index")


def explain(row: Mapping[str, Any] | pd.Series[Any]) -> str:
    """Say in plain words what a row of `measure` means, and what it does not.

    Parameters
    ----------
    row : Series or mapping
        A row of the table, with index, value, group, versus, status and message.

    Returns
    -------
    str
        Two sentences, or why there is no value.

    Examples
    --------
    >>> import segregate as sg
    >>> table = sg.measure(sg.sample("sacramento"), "simpson")
    >>> print(sg.explain(table.iloc[0]).split(".")[0])
    Two people picked at random in the city are of different groups in 50
    """
    if not isinstance(row, (Mapping, pd.Series)):
        raise ParameterError(f"explain takes a row of measure, such as table.iloc[0], not {row!r}.")
    missing = [name for name in ("index", "value") if name not in row]
    if missing:
        raise ParameterError(f"explain takes a row of measure; this has no {missing[0]!r}.")
    spec = resolve(row["index"]).spec
    value = float(row["value"])
    message = str(row.get("message", "") or "")
    if math.isnan(value):
        return f"{spec.title} has no value here: {message or 'it is undefined for these counts'}."
    words = {
        "value": f"{value:.3g}",
        "percent": f"{value:.1%}",
        "points": f"{100 * value:.1f}",
        "unit": _unit(json.loads(row.get("params") or "{}")),
        "group": str(row.get("group", "") or ""),
        "other": "other groups" if row.get("versus") == REST else repr(row.get("versus", "")),
    }
    text = f"{spec.means.format_map(words)} {spec.beware.format_map(words)}"
    return f"{text} ({message[0].upper()}{message[1:]}.)" if message else text


def _unit(params: Mapping[str, Any]) -> str:
    """Return the unit of information that the parameters imply."""
    if params.get("scaled") or params.get("normalize"):
        return "of the greatest possible"
    base = params.get("base", math.e)
    return {math.e: "nats", 2: "bits"}.get(base, f"units of information to base {base:g}")
