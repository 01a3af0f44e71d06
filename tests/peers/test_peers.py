"""Our numbers beside those of other packages, through the public door."""

import csv
import json
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from tests.peers.entries import INLINE
from tests.peers.make_values import folder, tables
from tests.peers.nearness import environment, population_of
from tests.peers.rows import DATA, HERE, MISSING, data_is_here, is_long, rows, table, within_rings
from tests.peers.theirs import THEIRS

needs_data = pytest.mark.skipif(not data_is_here(), reason=MISSING)
needs_values = pytest.mark.skipif(
    not (folder() / "reference_values.json").is_file(),
    reason="reference_values.json is not here (SEGREGATE_PEERS or ../shared/peers)",
)


@cache
def population(dataset, unit, names, where, total, groups, inline):
    """Return the population of a table."""
    if inline:
        return sg.Population.from_frame(pd.DataFrame(inline, columns=list(groups)), list(groups))
    frame = table(dataset)
    for column, value in where:
        frame = frame[frame[column] == value]
    if not is_long(dataset):
        return sg.Population.from_frame(frame, list(groups), total=total)
    every = sg.Population.from_long(frame, unit=unit, group=names, count="n")
    return every.select(*groups) if groups else every


def evaluate(row):
    """Return our value for a row."""
    params, own, focal = row.params, row.own, row.focal
    pop = population(*row.source)
    if "versus" in params:
        pop = pop.versus(params["versus"])
    if "merge" in params:
        pop = pop.merge(params["merge"])
    if "rings" in params:
        pop = pop.subset(np.array(within_rings(pop.points.tolist(), own["centre"], params["rings"])))
    if "within" in params:
        pop = amid(row.source, params.get("raster"), json.dumps(params["within"], sort_keys=True))
    if "pooled" in params:
        return pooled(pop, **focal)
    if "local" in params:
        return summary(sg.local(pop, sg.bind(row.index, **own), **focal), pop, params["local"])
    if "by" in params:
        measured = sg.measure(pop, sg.bind(row.index, **own), by=params["by"]).set_index(params["by"])
        value = measured.loc[params["region"], "value"]
    else:
        value = getattr(sg, row.index)(pop, **own, **focal)
    return value / getattr(sg, row.index)(pop, **own, **focal) if "over" in params else value


@cache
def amid(source, side, within):
    """Return the population of a table within an environment, or that of the points of a raster."""
    pop = population(*source)
    if side:
        pop = population_of(pop, source[0], side)
    return pop.within(environment(json.loads(within), pop))


def pooled(pop, group=None):
    """Return the mean proximity of everybody, or that of a group over it."""
    sizes = dict(zip(pop.groups, pop.counts.sum(axis=0), strict=True))
    together = math.fsum(
        sizes[m] * sizes[n] * sg.mean_proximity(pop, group=m, other=n) for m in pop.groups for n in pop.groups
    )
    together /= math.fsum(sizes.values()) ** 2
    return together if group is None else sg.mean_proximity(pop, group=group, other=group) / together


def summary(local, pop, how):
    """Return a summary of the values of the units."""
    if isinstance(how, dict):
        return local["value"].to_numpy()[list(pop.ids).index(how["at"])]
    values = local["value"].to_numpy()
    there = ~np.isnan(values)
    if how == "weighted mean":
        return np.average(values[there], weights=pop.totals[there])
    return {"mean": np.mean, "min": np.min, "max": np.max}[how](values[there])


@needs_data
@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_we_give_what_the_peer_gives(row):
    if math.isnan(row.value):
        with pytest.warns(sg.UndefinedIndexWarning):
            value = evaluate(row)
    else:
        value = evaluate(row)
    if row.relation == "equal":
        assert row.agrees(value), f"{value!r} is not {row.value!r}"
    else:
        assert not row.agrees(value), "equal after all: the reason in the table is out of date"
        assert value == pytest.approx(row.ours, rel=1e-9, abs=1e-12)


DIFFERENT = [row for row in rows() if row.relation != "equal"]


@needs_data
@pytest.mark.parametrize("row", DIFFERENT, ids=lambda row: row.id)
def test_the_reason_for_a_difference_gives_the_number_of_the_peer(row):
    value = THEIRS[row.relation.removeprefix("differs: ")](row)
    assert row.agrees(value), f"{value!r} is not {row.value!r}"


def test_every_reason_is_one_that_occurs():
    assert {row.relation for row in DIFFERENT} == {f"differs: {reason}" for reason in THEIRS}


@needs_data
@pytest.mark.parametrize(
    ("indices", "versus"),
    [
        (["isolation", "correlation_ratio"], "rest"),
        (["exposure"], "pairs"),
    ],
)
def test_measure_gives_the_same_as_the_functions(indices, versus):
    pop = population("peers_inputs/segregation_schools00.csv", "school", "race", (), None, (), ())
    measured = {
        (line["index"], line["group"], line["versus"] if versus == "pairs" else None): line["value"]
        for line in sg.measure(pop, indices, versus=versus).to_dict("records")
    }
    asked = [
        row
        for row in rows()
        if row.dataset.endswith("schools00.csv") and row.index in indices and set(row.params) <= {"group", "other"}
    ]
    assert asked
    for row in asked:
        assert row.agrees(measured[row.index, row.params["group"], row.params.get("other")]), row.id


@needs_data
@needs_values
def test_the_tables_are_what_the_script_makes():
    values, missing, _ = tables(folder())
    assert (HERE / "values.csv").read_text(encoding="utf-8") == values
    assert (HERE / "not_covered.csv").read_text(encoding="utf-8") == missing


@needs_data
def test_every_dataset_is_there():
    files = {row.dataset for row in rows()} - {INLINE}
    assert [name for name in files if not (DATA / name).is_file()] == []


def test_every_index_has_a_peer():
    """no_peer.csv says of which indices no package has given a number, and why."""
    with (HERE / "no_peer.csv").open(encoding="utf-8", newline="") as file:
        without = {line["index"]: line["reason"] for line in csv.DictReader(file)}
    assert set(without) == set(sg.catalogue().index) - {row.index for row in rows()}
    assert all(without.values())
