"""Every benchmark runs tiny, so that none can rot, and gives right values; no time is judged here."""

import json
import math
import os
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

import segregate as sg
from segregate.registry import specs
from tests.oracles._common import home

ROOT = Path(__file__).resolve().parents[2]


def module(name):
    """Import a module of the benchmarks, which are no part of the package, from the repository."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    return import_module(f"benchmarks.{name}")


CASES = module("cases").CASES
MEASURING = [case for case in CASES if isinstance(case, module("cases").Measuring)]
names = [case.name for case in MEASURING]


def table_of(case):
    try:
        return case.table(True)
    except module("data").DataMissingError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("case", MEASURING, ids=names)
def test_case_runs_and_agrees_with_each_region_alone(case):
    table_of(case)
    found = module("worker").run(case, quick=True, peer_env=None)
    json.dumps(found, allow_nan=False)
    assert found["rows"] > 0
    assert found["ours"]["runs"] == 2
    assert [peer["kind"] for peer in found["peers"]] == [peer.kind for peer in case.peers if peer.kind == "alone"]
    for peer in found["peers"]:
        assert peer["holds"]
        assert peer["regions"] == found["regions"]
        assert all(row["agree"] == row["calls"] > 0 for row in peer["indices"])


@pytest.mark.parametrize("case", MEASURING, ids=names)
def test_case_agrees_with_the_oracles(case):
    table = table_of(case)
    measured = case.ours(table.population(), table.by)
    frame = table.frame if table.by is None else table.frame.dropna(subset=[table.by])
    regions = {"": frame} if table.by is None else dict(list(frame.groupby(table.by)))
    for label, region in list(regions.items())[:3]:
        counts = region[list(table.groups)].astype(float).to_numpy().tolist()
        rows = measured if table.by is None else measured[measured[table.by] == label]
        for row in rows.itertuples():
            name = row.index.split(" ")[0]
            spec = specs[name]
            people, group = counts, {}
            if spec.needs:
                continue  # test_places looks at them
            if row.group:
                m = table.groups.index(row.group)
                people = [[unit[m], math.fsum(unit) - unit[m]] for unit in counts]
                group = {None: {}, "group": {"group": 0}, "pair": {"group": 0, "other": 1}}[spec.focal]
            oracle = import_module(f"tests.oracles.{name}").oracle(people, *home(people), **group)
            assert row.value == pytest.approx(oracle, rel=1e-10, abs=1e-12, nan_ok=True), (label, row)


@pytest.mark.parametrize("case", [case for case in CASES if case not in MEASURING and case.quick], ids=lambda c: c.name)
def test_case_starts(case):
    found = module("worker").run(case, quick=True, peer_env=None)
    assert found["ours"]["median"] > 0
    assert found["budget"]["allowed"] > case.seconds


def test_commands_that_are_not_run_here_are_written_down_right(tmp_path):
    for case in CASES:
        if case not in MEASURING:
            flag, code, *_ = case.command(tmp_path)
            assert flag == "-c"
            compile(code, case.name, "exec")


@pytest.mark.parametrize("case", MEASURING, ids=names)
def test_peer_agrees(case):
    folder = os.environ.get("SEGREGATE_PEER_ENV")
    if not folder:
        pytest.skip("SEGREGATE_PEER_ENV names no environment of the peer (python -m benchmarks.peer makes one)")
    table_of(case)
    found = module("worker").run(case, quick=True, peer_env=Path(folder))
    for peer in found["peers"]:
        assert "batch" in peer or not any(row["differ"] for row in peer["indices"])
        assert sum(row["agree"] for row in peer["indices"]) > 0


def test_peer_classes_are_of_indices_that_exist():
    names = {name.split(" ")[0] for name in module("cases").PYSAL_BATCH}
    assert names <= set(sg.catalogue().index)


def test_peer_needs_an_interpreter_that_is_new_enough(monkeypatch, tmp_path):
    peer = module("peer")
    monkeypatch.setattr(peer, "candidates", lambda: iter([Path(sys.executable), tmp_path / "none"]))
    monkeypatch.setattr(peer, "OLDEST", (3, 0))
    assert peer.find_python() == Path(sys.executable)
    monkeypatch.setattr(peer, "OLDEST", (4, 0))
    with pytest.raises(SystemExit, match="give one: --python PATH"):
        peer.find_python()
    assert not peer.ready(tmp_path)


def test_verdicts():
    rows = {"region": ["a", "a", "b", "b", "c"], "index": "D", "group": ["x", "y", "x", "y", "x"]}
    ours = pd.DataFrame({**rows, "value": [0.5, 0.25, math.nan, math.nan, 0.5]})
    theirs = pd.DataFrame({**rows, "value": [0.5 + 1e-13, math.nan, 0.0, math.nan, 0.51]}).iloc[::-1]
    compare = module("compare")
    judged = compare.verdicts(ours, theirs, rtol=1e-12, atol=0)
    assert judged["verdict"].tolist() == ["differ", "agree", "ours_undefined", "peer_undefined", "agree"]
    (row,) = compare.summary(judged, [[1.0, 2.0, 4.0, 8.0, 16.0]], lacking={"b"})
    assert (row["agree"], row["differ"], row["ours_undefined"], row["peer_undefined"]) == (2, 1, 1, 1)
    assert row["ours_undefined_where_a_group_is_absent"] == 1
    assert row["seconds"]["median"] == 31
    assert row["seconds_where_agree"]["median"] == 18
    with pytest.raises(ValueError, match="1 rows of the peer have no counterpart"):
        compare.verdicts(ours.iloc[1:], theirs, rtol=1e-12, atol=0)


def test_ratio_is_by_the_medians_and_at_worst():
    compare = module("compare")
    theirs, ours = compare.spread([9.0, 10.0, 12.0]), compare.spread([1.0, 2.0, 3.0])
    assert compare.ratio(theirs, ours) == {"median": 5, "min": 3, "max": 12}


def test_page_is_what_the_figures_say():
    report = module("report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert not results["quick"]
    assert report.PAGE.read_text(encoding="utf-8") == report.render(results), "run: python -m benchmarks.report"


def test_figures_name_no_place():
    text = module("report").RESULTS.read_text(encoding="utf-8")
    assert not any(word in text for word in (str(ROOT), str(Path.home()), "/tmp", "/home", "\\\\"))
