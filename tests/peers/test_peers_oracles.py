"""The oracles give what other packages give: both judges of our numbers agree with each other."""

import math
from functools import cache
from importlib import import_module

import pytest

from tests.oracles._common import add, home
from tests.peers.rows import MISSING, data_is_here, is_long, rows, table

pytestmark = pytest.mark.skipif(not data_is_here(), reason=MISSING)

DIVERSITY = ("entropy", "simpson")


@cache
def city(dataset, unit, names, where, total, groups):
    """Return units, groups and counts of a table."""
    frame = table(dataset)
    for column, value in where:
        frame = frame[frame[column] == value]
    if is_long(dataset):
        found = {}
        for place, name, people in zip(frame[unit], frame[names], frame["n"], strict=True):
            cell = found.setdefault(place, {})
            cell[name] = cell.get(name, 0.0) + float(people)
        every = list(groups) or sorted({name for cell in found.values() for name in cell})
        return list(found), every, [[cell.get(name, 0.0) for name in every] for cell in found.values()]
    counts = [[float(people) for people in row] for row in frame[list(groups)].to_numpy().tolist()]
    if total:
        for row, everybody in zip(counts, frame[total].tolist(), strict=True):
            row.append(everybody - math.fsum(row))
        return list(range(len(counts))), [*groups, "other"], counts
    return list(range(len(counts))), list(groups), counts


def two_groups(counts, group):
    """Return the group and everybody else."""
    return [[row[group], math.fsum(row) - row[group]] for row in counts]


def evaluate(row):
    """Return what the oracle of a row's index gives."""
    params = row.params
    unit, names = params.get("unit", "school"), params.get("names", "race")
    where = tuple(params.get("where", {}).items())
    units, groups, counts = city(row.dataset, unit, names, where, params.get("total"), row.groups)
    whole = counts
    if "by" in params:
        frame = table(row.dataset)
        region = dict(zip(frame[unit], frame[params["by"]], strict=True))
        counts = [cell for place, cell in zip(units, counts, strict=True) if region[place] == params["region"]]
    if "versus" in params:
        counts = two_groups(counts, groups.index(params["versus"]))
    own = row.own("base", "scaled", "exact")
    own |= {name: groups.index(group) for name, group in row.own("group", "other").items()}
    value = (
        summary(row.index, counts, params["local"], units, own) if "local" in params else once(row.index, counts, own)
    )
    return value / once(row.index, whole, own) if "over" in params else value


CACHE = {}


def once(index, counts, own):
    """Return a value; the pairs of Gini's index take long, so equal questions are asked once."""
    key = (index, str(own), tuple(map(tuple, counts)))
    if key not in CACHE:
        CACHE[key] = import_module(f"tests.oracles.{index}").oracle(counts, *home(counts), **own)
    return CACHE[key]


def summary(index, counts, how, units, own):
    """Return a summary of the values of the units."""
    values = import_module(f"tests.oracles.{index}").local(counts, *home(counts), **own)
    if isinstance(how, dict):
        return values[units.index(how["at"])]
    people = [add(row) for row in counts]
    pairs = [(value, size) for value, size in zip(values, people, strict=True) if not math.isnan(value)]
    if how == "weighted mean":
        return math.fsum(value * size for value, size in pairs) / math.fsum(people)
    if how == "mean":
        return math.fsum(value for value, _ in pairs) / len(pairs)
    return {"min": min, "max": max}[how](value for value, _ in pairs)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_the_oracle_gives_what_the_peer_gives(row):
    value = evaluate(row)
    if row.relation == "equal":
        assert row.agrees(value), f"{value!r} is not {row.value!r}"
    else:
        assert not row.agrees(value), "equal after all: the reason in the table is out of date"
