"""The number that an oracle gives for a row: plain loops over the same table."""

import json
import math
from functools import cache
from importlib import import_module

from tests.oracles._common import add, home
from tests.oracles._places import Places, borders, places_of
from tests.oracles.test_axioms import PLACED
from tests.peers.nearness import as_matrix, people_met, shared_out, weights
from tests.peers.rows import is_long, table, within_rings


@cache
def city(dataset, unit, names, where, total, groups, inline):
    """Return units, groups and counts of a table."""
    if inline:
        return list(range(len(inline))), list(groups), [[float(people) for people in row] for row in inline]
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


@cache
def land(dataset):
    """Return where the units of a file lie."""
    return places_of(table(dataset))


@cache
def edges(dataset, units):
    """Return the borders between some units of a file."""
    return borders(land(dataset), list(units))


def two_groups(counts, group):
    """Return the group and everybody else."""
    return [[row[group], math.fsum(row) - row[group]] for row in counts]


def evaluate(row):
    """Return what the oracle of a row's index gives."""
    params = row.params
    units, groups, counts = city(*row.source)
    whole = counts
    if "by" in params:
        frame = table(row.dataset)
        region = dict(zip(frame[params.get("unit", "school")], frame[params["by"]], strict=True))
        counts = [cell for place, cell in zip(units, counts, strict=True) if region[place] == params["region"]]
    if "versus" in params:
        counts = two_groups(counts, groups.index(params["versus"]))
    if "merge" in params:
        counts = [
            [add(cell[groups.index(name)] for name in names) for names in params["merge"].values()] for cell in counts
        ]
    own = row.own | {name: groups.index(group) for name, group in row.focal.items()}
    if "within" in params:
        return amid(row, counts, own)
    if row.index in PLACED:
        return placed(row, counts, own)
    if "local" in params:
        return summary(row.index, counts, params["local"], units, own)
    value = once(row.index, counts, own)
    return value / once(row.index, whole, own) if "over" in params else value


CACHE = {}


def once(index, counts, own):
    """Return a value; the pairs of Gini's index take long, so equal questions are asked once."""
    key = (index, str(own), tuple(map(tuple, counts)))
    if key not in CACHE:
        CACHE[key] = import_module(f"tests.oracles.{index}").oracle(counts, *home(counts), **own)
    return CACHE[key]


def placed(row, counts, own):
    """Return the value of an index that sees where the units are; a centre is the number of a unit."""
    oracle = import_module(f"tests.oracles.{row.index}").oracle
    places = land(row.dataset)
    if row.index == "boundary_dissimilarity":
        lived_in = tuple(j for j, cell in enumerate(counts) if add(cell) > 0)
        return oracle(counts, places, **own, edges=edges(row.dataset, lived_in))
    if "rings" in row.params:
        centres = own["centre"]
        near = within_rings(places.points, centres, row.params["rings"])
        chosen = [j for j, there in enumerate(near) if there]
        counts = [counts[j] for j in chosen]
        places = Places([places.area[j] for j in chosen], [places.points[j] for j in chosen])
        own = {**own, "centre": [chosen.index(j) for j in centres]}
    return oracle(counts, places, **own)


@cache
def pairs_of(dataset, side, within):
    """Return the weights of all pairs of units of a file, or of the points of a raster."""
    places = shared_out(((),) * len(table(dataset)), dataset, side)[1] if side else land(dataset)
    return weights(json.loads(within), places)


def amid(row, counts, own):
    """Return the value of an index within an environment."""
    oracle = import_module(f"tests.oracles.{row.index}").oracle
    side = row.params.get("raster")
    pairs = pairs_of(row.dataset, side, json.dumps(row.params["within"], sort_keys=True))
    if side:
        counts = shared_out(counts, row.dataset, side)[0]
    if row.index not in PLACED:
        return oracle(counts, met(row, tuple(map(tuple, counts)), pairs), home(counts)[1], **own)
    nearness = as_matrix(pairs)
    if "pooled" not in row.params:
        return oracle(counts, nearness=nearness, **own)
    people = [add(cell) for cell in counts]
    together = add(one * c * people[j] for one, row_of in zip(people, pairs, strict=True) for j, c in row_of)
    together /= add(people) ** 2
    if row.params["pooled"] == "everybody":
        return together
    return oracle(counts, nearness=nearness, group=own["group"], other=own["group"]) / together


MET = {}


def met(row, counts, pairs):
    """Return whom people meet; the indices of one entry ask for the same."""
    key = (row.dataset, row.groups, row.params.get("raster"), json.dumps(row.params["within"], sort_keys=True))
    if key not in MET:
        MET[key] = people_met(counts, pairs)
    return MET[key]


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
