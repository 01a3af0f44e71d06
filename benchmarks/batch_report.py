"""Make docs/benchmarks-batch.md from results_batch.json and results_batch_large.json; nobody types a number.

python -m benchmarks.batch_report
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .batch import PARTS, RESULTS
from .data import ROOT
from .report import _number, _span, _table

__all__ = ["render"]

PAGE = ROOT / "docs" / "benchmarks-batch.md"
LARGE = Path(__file__).with_name("results_batch_large.json")
EUROPE = 4.2e6
"""Square kilometres of the European Union, about; every cell of 100 m counted, inhabited or not."""
CLUSTER = 100
"""Workers of the reckoning."""
NAMES = {
    "change": "change",
    "additions": "units or groups that came",
    "removals": "that went",
    "group_margin": "sizes of groups",
    "unit_margin": "sizes of units",
    "structure": "structure",
}


def render(results: Mapping[str, Any], large: Mapping[str, Any] | None) -> str:
    """Return the page for some results."""
    return "\n\n".join(_parts(results, large)) + "\n"


def _parts(results: Mapping[str, Any], large: Mapping[str, Any] | None) -> Iterator[str]:
    found, machine = results["found"], results["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    yield "<!-- Made by `python -m benchmarks.batch_report` from benchmarks/results_batch.json; do not edit. -->"
    yield "# Benchmarks of batches"
    memory = f", {machine['memory_gb']:g} GB of memory" if machine["memory_gb"] else ""
    loads = [one["load"] for one in found.values() if one["load"] is not None]
    yield (
        f"Measured on {results['date']}: {machine['model']}, {machine['cpus']} cores{memory}, Python "
        f"{results['python']}; {libraries}. Medians, least and greatest behind them. A run is a process of its own, "
        "and its seconds are those of the whole call: libraries loaded, files hashed and read, workers started, "
        "every value computed, tables, ranks and summary written."
    )
    if loads and max(loads) > machine["cpus"] / 2:
        yield (
            f"**The machine was busy**: before the parts {min(loads):g} to {max(loads):g} processes wanted one of its "
            f"{machine['cpus']} cores. So two workers rarely had a core each, and seconds are longer than on an idle "
            "machine; they compare with each other, not with those of other pages."
        )
    if "tracts" in found:
        yield from _tracts(found["tracts"])
    if "censuses" in found:
        yield from _censuses(found["censuses"])
    if large is not None:
        yield from _large(large)
    if "dask" in found:
        yield from _dask(found["dask"])
    if "dask" in found and "tiles" in found:
        yield from _europe(found["tiles"], found["dask"])


# tracts -------------------------------------------------------------------------------


def _tracts(one: Mapping[str, Any]) -> Iterator[str]:
    yield "## All metropolitan and micropolitan areas of the United States"
    yield (
        f"{one['cities']:,} areas, {one['units']:,} census tracts, {one['groups']} groups; at home and within "
        f"{', '.join(f'{radius:,}' for radius in one['radii'])} m, {len(one['indices'])} indices of evenness and "
        f"exposure, each group against the rest: {one['values']:,} values, of which {one['undefined']:,} are "
        f"undefined, with their reason. {len(one['home_indices']) - len(one['indices'])} more indices have a meaning "
        "only at home; the last row has all of them."
    )
    rows = []
    for workers, run in one["workers"].items():
        rate = one["values"] / run["seconds"]["median"]
        what = f"home and {len(one['radii'])} radii, {workers} worker{'s' if workers != '1' else ''}"
        rows.append((what, _span(run["seconds"]), _span(run["in_tasks"]), str(run["tasks"]), f"{rate:,.0f}"))
    home = one["home"]
    rows.append(
        (
            f"home, {len(one['home_indices'])} indices, 1 worker",
            _span(home["seconds"]),
            _span(home["in_tasks"]),
            str(home["tasks"]),
            "",
        )
    )
    yield _table(("what", "seconds", "of which in tasks, all workers together", "tasks", "values a second"), rows)
    same = "the same bytes" if one["same_bytes"] else "**not the same bytes**"
    ones, twos = (one["workers"][many]["seconds"]["median"] for many in ("1", "2"))
    yield (
        f"One worker and two leave {same}. Two workers take {_number(twos / ones)} times as long as one, in these "
        f"runs: the {one['workers']['1']['tasks']} tasks are too few and too short to earn back the start of a "
        "worker, which loads its libraries first; [longer tasks](#dask-and-what-a-task-costs-besides-its-work) show "
        "what a second worker brings."
    )
    if "peer" in one:
        yield from _peer(one["peer"], one.get("peer_at_scale"))


def _peer(peer: Mapping[str, Any], scale: Mapping[str, Any] | None) -> Iterator[str]:
    yield f"### Beside PySAL segregation {peer['versions']['segregation']}"
    ours, theirs = peer["ours"]["seconds"], peer["seconds_where_agree"]
    yield (
        f"In the same run, {peer['cities']:,} of the areas drawn at random ({peer['units']:,} tracts), at home: "
        f"{peer['calls']:,} calls of the peer's classes took {_number(peer['seconds'])} s, imports and first calls "
        f"not counted; {peer['agree']:,} of them give our value (relative {peer['rtol']:g}), and these took "
        f"{_number(theirs)} s. A whole run of ours over the same areas and indices with one worker, from the file to "
        f"the written tables, takes {_span(ours)}: **{_number(theirs / ours['median'])} times faster**; of its "
        f"seconds {_number(peer['ours']['in_tasks']['median'])} are in tasks, "
        f"{_number(theirs / peer['ours']['in_tasks']['median'])} times faster, the rest is a start that does not grow "
        "with the number of areas."
    )
    rows = [
        (f"`{row['index']}`", f"{row['calls']:,}", f"{row['agree']:,}", f"{row['largest_gap']:.1e}")
        for row in peer["indices"]
    ]
    yield _table(("index", "calls", "same value", "largest gap among these"), rows)
    if scale is not None:
        names = ", ".join(f"`{name}`" for name in scale["indices"])
        yield (
            f"At the four radii ({names}; {scale['cities']} areas, triangular kernel) {scale['agree']:,} of "
            f"{scale['calls']:,} values of the peer are ours and the others are not: it feeds smoothed counts to the "
            "aspatial formula, which weighs people by their surroundings, where ours keeps each person's weight. "
            "Where no tract has another one within the radius, the two are the same. So there is no ratio; "
            "[benchmarks-environments.md](benchmarks-environments.md) has the seconds of both."
        )


# censuses -----------------------------------------------------------------------------


def _censuses(one: Mapping[str, Any]) -> Iterator[str]:
    yield "## Two censuses of England and Wales"
    yield (
        f"{one['authorities']:,} authorities, {one['units']:,} small areas that are the same in 2011 and 2021, five "
        f"groups; H and M with {one['replicates']:,} bootstrap replicates, and ranks that hold together: "
        f"{_span(one['run']['seconds'])} with two workers, {one['run']['tasks']} tasks. [reproduce.md](reproduce.md) "
        "has the plan."
    )
    rows = [
        (year, f"{ranks['cities']:,}", f"{ranks['alone']:,}", f"{ranks['median_width']:g}", f"{ranks['widest']:,}")
        for year, ranks in one["ranks"].items()
    ]
    head = ("census", "authorities", "with one rank possible", "ranks possible, median", "most")
    yield _table(head, rows)
    rows = [
        (
            year,
            row["city"],
            f"{row['value']:.4f}",
            f"{row['low']:.4f} to {row['high']:.4f}",
            f"{row['rank_low']:.0f} to {row['rank_high']:.0f}",
        )
        for year, ranks in one["ranks"].items()
        for row in ranks["first"]
    ]
    yield "The first five by H. Intervals have the bias of small areas taken off; values and ranks have not."
    yield _table(("census", "authority", "H", "interval", "ranks possible"), rows)
    yield (
        f"The change of M taken apart, authority by authority with `sg.change`: {_number(one['change_seconds'])} s "
        f"for all. M fell in {one['fell']:,} of {one['authorities']:,}. The parts add up to the difference of the two "
        f"values of the run to {one['largest_gap']:.0e}. The ten largest changes, and the median of all:"
    )
    rows = [(row["city"], *(f"{row[name]:+.4f}" for name in PARTS)) for row in one["largest"]]
    rows.append(("median", *(f"{one['parts'][name]:+.4f}" for name in PARTS)))
    yield _table(("authority", *(NAMES[name] for name in PARTS)), rows)


# large --------------------------------------------------------------------------------


def _large(one: Mapping[str, Any]) -> Iterator[str]:
    yield "## Eight million units"
    yield (
        f"{one['units']:,} synthetic units x {one['groups']} groups in {one['cities']:,} cities, "
        f"{one['file'] / 1e6:,.0f} MB of Parquet; {len(one['indices'])} indices, {one['values']:,} values. In memory "
        f"is one `sg.measure(by=)` of the table after reading it. Values differ by {one['largest_difference']:.0e} at "
        f"the most. {one['load']:.3g} processes wanted one of {one['cores']} cores."
    )
    rows = [
        (
            case,
            f"{_number(run['seconds'])} s ({', '.join(_number(x) for x in run['all_seconds'])})",
            f"{run['memory'] / 1e9:.1f} GB",
        )
        for case, run in one["cases"].items()
    ]
    yield _table(("how", "seconds, median (all)", "peak memory, workers included"), rows)


# Dask ---------------------------------------------------------------------------------


def _dask(one: Mapping[str, Any]) -> Iterator[str]:
    yield "## Dask, and what a task costs besides its work"
    large = one["engines"]["local 1"]["large"]["tasks"]
    yield (
        f"Three kinds of tasks: {one['tiny']:,} of files that cannot be read, which have nothing to do but say so; "
        f"{one['tiny']:,} of files of 20 units; and {large} with replicates. The first task of each worker, which "
        "loads kernels, is not counted, nor is the start of workers. Besides the work is the time of a worker for a "
        "task, less what it spends in it: the scheduler, the way there and back, and waiting for the runner, which "
        "writes each table and waits until it is on the disk."
    )
    titles = {"empty": "nothing to do", "tiny": "20 units", "large": "replicates"}
    for what, title in titles.items():
        rows = []
        for name, engine in sorted(one["engines"].items(), key=lambda pair: (pair[0].split()[0] != "local", pair[0])):
            run, workers = engine[what], int(name[-1])
            rows.append(
                (
                    f"{name[:-2]}, {workers} worker{'s' if workers > 1 else ''}",
                    _span(run["seconds"]),
                    _number(run["rate"]["median"]),
                    f"{1000 * run['inside']['median']:.1f} ms",
                    f"{1000 * run['besides']['median']:.1f} ms" if workers == 1 else "",
                )
            )
        yield _table((title, "seconds in all", "tasks a second", "work of a task", "besides"), rows)
    same = "the same bytes" if one["same_bytes"] else "**not the same bytes**"
    local, two = (one["engines"][f"local {many}"]["large"]["rate"]["median"] for many in (1, 2))
    dask, pair = (one["engines"][f"dask {many}"]["large"]["rate"]["median"] for many in (1, 2))
    yield (
        f"All four leave {same}. A second worker does {_number(two / local)} times as many tasks with replicates in a "
        f"second, with Dask {_number(pair / dask)} times."
    )


# Europe -------------------------------------------------------------------------------


def _europe(tiles: Mapping[str, Any], dask: Mapping[str, Any]) -> Iterator[str]:
    yield "## A hundred workers and the whole of Europe: a reckoning"
    units = tiles["units"]
    cells = EUROPE * 100
    engines = dask["engines"]
    least = max(engines["dask 1"]["empty"]["besides"]["median"], 0.0)
    most = 1 / max(engine["empty"]["rate"]["median"] for name, engine in engines.items() if "dask" in name)
    yield (
        "On paper, from figures measured here. The table: every cell of 100 m of the European Union, "
        f"{EUROPE / 1e6:g} million km², {cells / 1e6:,.0f} million cells, inhabited or not. Measured: a synthetic "
        f"grid of {units:,} such cells, three groups, two indices, in tiles of 10 km, one worker. Handing out a task "
        f"and writing its table takes between {1000 * least:.1f} ms (besides its work) and {1000 * most:.1f} ms (with "
        "nothing to do, all of it counted, what workers do as well)."
    )
    rows = []
    worst: list[tuple[float, str]] = []
    for row in tiles["rows"]:
        sort = tiles["sort"]["median"] / units * cells
        work = row["in_tasks"] / units * cells / CLUSTER
        tasks = row["tasks"] / units * cells
        low, high = tasks * least, tasks * most
        radii = ", ".join(f"{radius:,}" for radius in row["radii"])
        hand = f"{_hours(low)} to {_hours(high)}"
        both = f"{_hours(sort + max(work, low))} to {_hours(sort + max(work, high))}"
        rows.append((f"{radii} m", _hours(sort), _hours(work), f"{tasks:,.0f}", hand, both))
        worst.append(max((sort, "sorting into tiles"), (work, "the work"), (low, "handing out and writing tasks")))
    head = (
        "radii",
        "sorting into tiles, by one process",
        f"work, {CLUSTER} workers",
        "tasks",
        "handing out and writing, by one process",
        "in all",
    )
    yield _table(head, rows)
    names = list(dict.fromkeys(name for _, name in worst))
    store = tiles["store"] / units * cells / 1e9
    yield (
        f"The bottleneck is {' or '.join(names)}. What one process does does not get shorter with more workers, so "
        f"with {CLUSTER} of them it is what to mend first: several processes that sort, and tasks of more tiles. The "
        f"tiles take {store:,.0f} GB of shared disk. Not in the reckoning: a network and a disk that a hundred "
        "workers share, for which a machine of two cores has no figure."
    )


def _hours(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(_read(RESULTS), _read(LARGE)), encoding="utf-8")


if __name__ == "__main__":
    main()
