"""The table behind schools against homes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._checks import check_choice
from .._measure import local
from ..errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural
from ..population import Population
from ..registry import IndexLike

__all__ = ["COLUMNS", "Meaning", "Side", "prepare_school_home"]

SEPARATION = ("divergence", "distortion")
"""Local indices of which a higher value means more separated."""
COLUMNS = ["label", "zone", "home", "school", "size", "difference", "named"]
Side = pd.Series | pd.DataFrame | Population
Meaning = Literal["value", "separation"]
Floats = npt.NDArray[np.float64]


def prepare_school_home(
    schools: Side,
    homes: Side,
    *,
    index: IndexLike | None = None,
    group: str | None = None,
    key: str | None = None,
    sizes: pd.Series | None = None,
    labels: pd.Series | None = None,
    name: str | None = None,
    meaning: Meaning | None = None,
    most: int = 5,
) -> pd.DataFrame:
    """Put the value at school beside that at home.

    Parameters
    ----------
    schools, homes : Series, DataFrame or Population
        Both of one kind. Series of numbers are matched by their index: each school has a name of its own, and
        ``homes`` has the value where its pupils live under the same name. Tables of `segregate.local` have ids and
        "value"; populations are measured here (`segregate.local`), each in its own environment.
    index : str, function or bound index, optional
        Of populations: a local index, as a rule "share" if ``group`` is given, else "divergence".
    group : str, optional
        Of populations: the group that the index is about.
    key : str, optional
        Of tables and populations: the column of the schools with the id of the zone or district where their pupils
        live; the homes are keyed by their ids. Without it schools and homes have the same ids. Homes that have this
        column too, and many units per zone, are summed by it (populations only).
    sizes : Series, optional
        Pupils by school; of populations the people of the schools.
    labels : Series, optional
        What schools are called, by school; else their ids.
    name : str, optional
        What the value is called; as a rule the recorded index, and "Value" for Series.
    meaning : {"value", "separation"}, optional
        Whether a higher value means more separated. As a rule it does for divergence and distortion.
    most : int
        How many of the schools farthest from the line are named.

    Returns
    -------
    DataFrame
        One row per school, indexed as ``schools``: ``label``, ``zone``, ``home`` and ``school`` (NaN where there is
        none), ``size`` (NaN without sizes), ``difference`` (school less home) and ``named``.

    Raises
    ------
    ParameterError
        When the two are not of one kind, or arguments do not go with it.
    UnknownNameError
        When a column or group is not there.
    DataError
        When names are there twice, sizes are negative, or no school has both values.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> table = sg.plot.prepare_school_home(schools, schools, group="hispanic", key="district")
    >>> table[["home", "school"]].round(3).iloc[0].to_dict()
    {'home': 0.266, 'school': 0.198}
    """
    if isinstance(most, bool) or not isinstance(most, int | np.integer) or most < 0:
        raise ParameterError(f"most= is how many schools are named, a whole number from 0, not {most!r}.")
    if meaning is not None:
        check_choice("meaning", meaning, ("value", "separation"))
    kinds = (Population, pd.DataFrame, pd.Series)
    kind = next((one for one in kinds if isinstance(schools, one) and isinstance(homes, one)), None)
    if kind is None:
        raise ParameterError(
            "Schools and homes are two Series, two tables of segregate.local or two Populations, not "
            f"{type(schools).__name__} and {type(homes).__name__}."
        )
    given = {"index=": index is not None, "group=": group is not None, "key=": key is not None}
    alien = [
        one for one, was in given.items() if was and kind is not Population and (one != "key=" or kind is pd.Series)
    ]
    if alien:
        raise ParameterError(
            f"{', '.join(alien)} {'is' if len(alien) == 1 else 'are'} for populations, and these are {kind.__name__}."
        )
    record: dict[str, Any] = {}
    if isinstance(schools, Population) and isinstance(homes, Population):
        asked: IndexLike = index if index is not None else "share" if group is not None else "divergence"
        zones = _zones(schools.attributes, schools.ids, key)
        if sizes is None:
            sizes = pd.Series(schools.totals, index=schools.ids)
        there = homes if key is None else _by_zone(homes, key)
        at_school, at_home = local(schools, asked, group=group), local(there, asked, group=group)
        record = _record(at_school.attrs, at_home.attrs)
        values = pd.Series(_numbers(at_school), index=schools.ids)
        known = pd.Series(_numbers(at_home), index=there.ids)
    elif isinstance(schools, pd.DataFrame) and isinstance(homes, pd.DataFrame):
        record = _record(schools.attrs, homes.attrs)
        values, known = _series(schools, "schools"), _series(homes, "homes")
        zones = _zones(schools, values.index, key)
    else:
        assert isinstance(schools, pd.Series)
        assert isinstance(homes, pd.Series)
        values, known = (_floats(one, what) for one, what in ((schools, "schools"), (homes, "homes")))
        zones = pd.Series(values.index, index=values.index)
    for what, one in (("schools", values), ("homes", known)):
        if not one.index.is_unique:
            again = one.index[one.index.duplicated()].unique()
            raise DataError(
                f"{plural(len(again), 'name')} of {what} {'is' if len(again) == 1 else 'are'} there more than once "
                f"(first: {first_of(again)}); each needs one value."
            )
    table = pd.DataFrame({"zone": zones.to_numpy(), "school": values.to_numpy(dtype=float)}, index=values.index)
    table.insert(1, "home", known.reindex(pd.Index(zones.to_numpy())).to_numpy(dtype=float))
    table.insert(0, "label", _labels(labels, table.index))
    table["size"] = _sizes(sizes, table.index)
    table["difference"] = table["school"] - table["home"]
    if not table["difference"].notna().any():
        raise DataError(
            f"No school has a value at school and one at home ({plural(len(table), 'school')}; zones of schools: "
            f"{first_of(zones)}; homes: {first_of(known.index)}). Their ids must match"
            f"{'' if kind is pd.Series else '; key= names the column of the schools that says the zone'}."
        )
    apart = table["difference"].abs()
    order = apart[apart > 0].sort_values(ascending=False, kind="stable").index[:most]
    table["named"] = table.index.isin(order)
    found = str(record.get("index") or "")
    record["called"] = name
    record["separation"] = (found in SEPARATION) if meaning is None else meaning == "separation"
    table.attrs = {"segregate": record}
    return table


def _numbers(frame: pd.DataFrame) -> Floats:
    values = frame["value"]
    if not pd.api.types.is_numeric_dtype(values.dtype):
        raise ParameterError("The index gives categories, and a scatter shows numbers; take another local index.")
    return values.to_numpy(dtype=np.float64)


def _record(schools: dict[Any, Any], homes: dict[Any, Any]) -> dict[str, Any]:
    """Return what both record, and the sources of both."""
    one, other = ((attrs.get("segregate") or {}) for attrs in (schools, homes))
    if one.get("index") != other.get("index") or one.get("group") != other.get("group"):
        what = [f"{r.get('index')}{' of ' + str(r['group']) if r.get('group') else ''}" for r in (one, other)]
        raise ParameterError(f"Schools and homes are compared in one index, and they record {what[0]} and {what[1]}.")
    kept = {
        key: value for key, value in one.items() if repr(other.get(key)) == repr(value) or key in ("units", "people")
    }
    sources = list(dict.fromkeys(str(record["source"]) for record in (one, other) if record.get("source")))
    notes = dict.fromkeys([*(one.get("notes") or ()), *(other.get("notes") or ())])
    return {**kept, "source": "; ".join(sources) or None, "notes": list(notes)}


def _by_zone(homes: Population, key: str) -> Population:
    """Return homes summed by a column, or as they are where their ids are the zones."""
    if key not in homes.attributes.columns:
        return homes
    if not homes.at_home:
        raise ParameterError(
            f"Homes that are summed by {key!r} have no environment; take population.home(), or give zones as units."
        )
    without = homes.attributes[key].isna()
    if without.any():
        raise DataError(
            f"{plural(int(without.sum()), 'unit')} of the homes {'has' if without.sum() == 1 else 'have'} no {key!r} "
            f"(first: {first_of(homes.ids[without.to_numpy()])}); leave them out: population.subset(...)."
        )
    counts = pd.DataFrame(homes.counts, columns=list(homes.groups)).groupby(homes.attributes[key].to_numpy()).sum()
    return Population.from_frame(counts.rename_axis(key).reset_index(), list(homes.groups), id=key)


def _zones(table: pd.DataFrame, ids: pd.Index, key: str | None) -> pd.Series:
    """Return the zone of every school."""
    if key is None:
        return pd.Series(ids, index=ids)
    if key not in table.columns:
        raise UnknownNameError(
            f"The schools have no column {key!r} that says where pupils live. {nearest(key, map(str, table.columns))}"
        )
    return pd.Series(table[key].to_numpy(), index=ids)


def _series(table: pd.DataFrame, what: str) -> pd.Series:
    """Return the values of a local table by id."""
    if "value" not in table.columns:
        raise UnknownNameError(
            f"The table of {what} has no column 'value'. {nearest('value', map(str, table.columns))}"
        )
    ids = table.index if not isinstance(table.index, pd.RangeIndex) else pd.Index(table.iloc[:, 0])
    return _floats(pd.Series(table["value"].to_numpy(), index=ids), what)


def _floats(series: pd.Series, what: str) -> pd.Series:
    kind = series.dtype
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        raise DataError(f"The values of {what} are not numbers: their type is {kind} (first: {first_of(series)}).")
    found = pd.Series(series.to_numpy(dtype=np.float64, na_value=np.nan), index=series.index)
    endless = np.isinf(found.to_numpy())
    if endless.any():
        number = int(endless.sum())
        raise DataError(
            f"{plural(number, 'value')} of {what} {'is' if number == 1 else 'are'} infinite "
            f"(first: {first_of(found.index[endless])})."
        )
    return found


def _labels(labels: pd.Series | None, index: pd.Index) -> list[str]:
    if labels is None:
        return [str(one) for one in index]
    found = labels.reindex(index)
    return [str(one) if pd.isna(label) else str(label) for label, one in zip(found, index, strict=True)]


def _sizes(sizes: pd.Series | None, index: pd.Index) -> Floats:
    """Return the pupils of every school."""
    if sizes is None:
        return np.full(len(index), np.nan)
    found = _floats(sizes, "sizes").reindex(index).to_numpy(dtype=np.float64)
    wrong = ~(found >= 0)
    if wrong.any():
        number = int(wrong.sum())
        raise DataError(
            f"{plural(number, 'school')} of {len(index):,} {'has' if number == 1 else 'have'} no number of pupils, or "
            f"a negative one (first: {first_of(index[wrong])}); sizes= needs one for each."
        )
    return found
