"""Our numbers beside those of other packages, through the public door."""

from functools import cache

import numpy as np
import pytest

import segregate as sg
from tests.peers.make_values import folder, tables
from tests.peers.rows import DATA, HERE, MISSING, data_is_here, is_long, rows, table

needs_data = pytest.mark.skipif(not data_is_here(), reason=MISSING)
needs_values = pytest.mark.skipif(
    not (folder() / "reference_values.json").is_file(),
    reason="reference_values.json is not here (SEGREGATE_PEERS or ../shared/peers)",
)


@cache
def population(dataset, unit, names, where, total, groups):
    """Return the population of a table."""
    frame = table(dataset)
    for column, value in where:
        frame = frame[frame[column] == value]
    if not is_long(dataset):
        return sg.Population.from_frame(frame, list(groups), total=total)
    every = sg.Population.from_long(frame, unit=unit, group=names, count="n")
    return every.select(*groups) if groups else every


def evaluate(row):
    """Return our value for a row."""
    params = row.params
    pop = population(
        row.dataset,
        params.get("unit", "school"),
        params.get("names", "race"),
        tuple(params.get("where", {}).items()),
        params.get("total"),
        row.groups,
    )
    if "versus" in params:
        pop = pop.versus(params["versus"])
    own = row.own("base", "scaled", "exact")
    focal = row.own("group", "other")
    if "local" in params:
        return summary(sg.local(pop, sg.bind(row.index, **own), **focal), pop, params["local"])
    if "by" in params:
        measured = sg.measure(pop, sg.bind(row.index, **own), by=params["by"]).set_index(params["by"])
        value = measured.loc[params["region"], "value"]
    else:
        value = getattr(sg, row.index)(pop, **own, **focal)
    return value / getattr(sg, row.index)(pop, **own, **focal) if "over" in params else value


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
    value = evaluate(row)
    if row.relation == "equal":
        assert row.agrees(value), f"{value!r} is not {row.value!r}"
    else:
        assert not row.agrees(value), "equal after all: the reason in the table is out of date"


@needs_data
@pytest.mark.parametrize(
    ("indices", "versus"),
    [
        (["isolation", "correlation_ratio"], "rest"),
        (["exposure"], "pairs"),
    ],
)
def test_measure_gives_the_same_as_the_functions(indices, versus):
    pop = population("peers_inputs/segregation_schools00.csv", "school", "race", (), None, ())
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


@needs_values
def test_the_tables_are_what_the_script_makes():
    values, missing, _ = tables(folder())
    assert (HERE / "values.csv").read_text(encoding="utf-8") == values
    assert (HERE / "not_covered.csv").read_text(encoding="utf-8") == missing


@needs_data
def test_every_dataset_is_there():
    assert [row.dataset for row in rows() if not (DATA / row.dataset).is_file()] == []


def test_every_index_has_a_peer():
    """The share of a group in a unit is a column of every table: there is nothing to compare."""
    assert set(sg.catalogue().index) - {row.index for row in rows()} <= {"share"}
