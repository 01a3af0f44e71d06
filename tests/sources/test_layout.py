"""What every source keeps: its synthetic file is recognised, its totals are those that the file publishes."""

import importlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate._disclosure import Cells
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io._from_source import converted
from segregate.io.sources import (
    Opened,
    SourceFrame,
    layouts,
    names,
    open_source,
    read_source,
    recognise,
    resolve,
    sources,
)

ROOT = Path(__file__).parents[2]
TESTS = Path(__file__).parent


def maker(source):
    return importlib.import_module(f"tests.sources.make_{source}")


MADE = [source for source in names() if (TESTS / f"make_{source}.py").exists()]
READS = [(source, read) for source in MADE for read in maker(source).READS]
reads = pytest.mark.parametrize(("source", "read"), READS, ids=[f"{s}-{r.file}-{r.source}" for s, r in READS])


@pytest.mark.parametrize("source", names())
def test_a_source_is_complete(source):
    known = layouts[source]
    assert (TESTS / f"make_{source}.py").is_file(), "tests/sources/make_<source>.py writes its synthetic files"
    page = ROOT / "docs" / "sources" / f"{source}.md"
    assert page.is_file(), "docs/sources/<source>.md is its page"
    text = page.read_text(encoding="utf-8")
    assert known.page in text
    assert f"]({source}.md)" in (ROOT / "docs" / "sources" / "index.md").read_text(encoding="utf-8")
    for words in (known.title, known.publisher, known.area, known.years, known.units, known.licence):
        assert words
    assert known.page.startswith("https://")
    assert known.function.__doc__
    assert all(meaning for meaning in known.groups.values())


@reads
def test_totals_are_those_that_the_file_publishes(made, source, read):
    found = read_source(made(source) / read.file, source=read.source)
    assert len(found.frame) == read.units
    assert found.frame[found.id].is_unique
    assert found.frame[found.id].dtype == "str"
    for group, people in read.groups.items():
        assert np.nansum(found.frame[group]) == pytest.approx(people, rel=1e-12), group
    column = found.total if found.total is not None else "published_total"
    if column in found.frame:
        assert np.nansum(found.frame[column]) == pytest.approx(read.published, rel=1e-12)
    if found.total is None:
        everybody = np.nansum(found.frame[list(found.groups)].to_numpy())
        assert abs(everybody - read.published) <= read.spare + 1e-9 * read.published
    assert (found.geometry is None) == (read.crs is None)
    if read.crs is not None:
        assert found.frame.crs.to_epsg() == read.crs
    for pattern in read.notes:
        assert any(re.search(pattern, note) for note in found.notes), (pattern, found.notes)
    assert found.licence
    assert found.source
    assert set(found.groups) == set(found.meanings) - {found.total}, "each group has a meaning"


@reads
def test_intervals_hold_what_was_printed(made, source, read):
    found = read_source(made(source) / read.file, source=read.source)
    for column in found.columns:
        cells = found.typed(column)
        printed = ~np.isnan(cells.value)
        low, high = (np.nan_to_num(bound, nan=edge)[printed] for bound, edge in ((cells.low, 0), (cells.high, np.inf)))
        assert (low <= cells.value[printed]).all()
        assert (cells.value[printed] <= high).all()
        known = cells.of_kind("known")
        assert (cells.low[known] == cells.high[known]).all()
        assert np.isnan(cells.value[cells.of_kind("suppressed") | cells.of_kind("missing")]).all()
        assert (found.frame[column].dropna() >= 0).all(), "a sentinel was taken for people"


@reads
def test_what_is_written_is_read_again(made, tmp_path, source, read):
    found = read_source(made(source) / read.file, source=read.source)
    table, _ = converted(found, "low")
    table.to_parquet(tmp_path / "out.parquet")
    again = sg.read(
        tmp_path / "out.parquet",
        groups=found.groups,
        total=found.total,
        id=found.id,
        missing="drop",
        excess=found.excess if found.total is not None else "raise",
    )
    straight = sg.read(made(source) / read.file, source=read.source, suppressed="low", missing="drop")
    assert again.groups == straight.groups
    assert again.ids.tolist() == straight.ids.tolist()
    np.testing.assert_array_equal(again.counts, straight.counts)
    assert (again.geometry is None) == (straight.geometry is None)
    if again.geometry is not None:
        assert again.geometry.geom_equals(straight.geometry).all()
        assert again.crs == straight.crs
    for name in found.columns:
        if not found.typed(name).plain:
            assert table[f"{name}_kind"].tolist() == found.kinds[name].tolist()


@pytest.mark.parametrize("source", MADE)
def test_a_source_recognises_only_its_own_files(made, source):
    for file in {read.file for read in maker(source).READS if read.source == "auto"}:
        found = recognise(open_source(made(source) / file))
        assert found[0].name == source
        assert len(found) == 1 or found[1].score < found[0].score, f"{file} may be of {found}"


def test_sources_lists_them():
    table = sources()
    assert list(table["name"]) == sorted(layouts)
    assert set(table["certain"]) <= {"seen", "partly", "mapping"}
    row = table.set_index("name").loc["nomis_ts021"]
    assert row["options"] == "detail='broad'"
    assert row["groups"].startswith("asian, black")


def test_resolve_takes_text_and_mappings():
    wanted = {"detail": "detailed"}
    assert resolve("nomis_ts021:detail=detailed") == (layouts["nomis_ts021"], wanted)
    assert resolve({"source": "nomis_ts021", "detail": "detailed"}) == (layouts["nomis_ts021"], wanted)


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ("nomis_ts02", UnknownNameError, "There is no source 'nomis_ts02'. Did you mean 'nomis_ts021'?"),
        ("nomis_ts021:detailed", ParameterError, "Options of a source are written name=value: nomis_ts021:detailed="),
        ({"detail": "broad"}, ParameterError, "does not say which source"),
        (3, ParameterError, "source= takes the name of a source, or a mapping with its options, not 3"),
    ],
)
def test_resolve_refuses(asked, error, message):
    with pytest.raises(error, match=re.escape(message)):
        resolve(asked)


def test_an_unknown_option_is_refused(made):
    with pytest.raises(ParameterError, match="has no option 'detial'. Did you mean 'detail'"):
        read_source(made("nomis_ts021") / "measures.csv", source="nomis_ts021:detial=broad")


def test_a_file_of_no_source_is_refused():
    with pytest.raises(DataError, match=r"schools.csv has the layout of no source that is known .*groups=\[...\]"):
        read_source(sg.sample_path("schools"))


def test_two_layouts_that_fit_are_a_question(made, monkeypatch):
    twin = layouts["nomis_ts021"]
    monkeypatch.setitem(layouts, "twin", type(twin)(**{**vars(twin), "name": "twin"}))
    with pytest.raises(ParameterError, match=r"may be of 2 sources: nomis_ts021 \(.*\); twin .* Say which: source="):
        read_source(made("nomis_ts021") / "measures.csv")


def test_opened_finds_columns_whatever_their_case():
    opened = Opened(Path("a.csv"), ("GEO_ID", " Total  people", "n_1", "n_2"), lambda _: pd.DataFrame())
    assert opened.find("code", "geo_id") == "GEO_ID"
    assert opened.find("total people") == " Total  people"
    assert opened.find("nothing", optional=True) == ""
    assert opened.matching(r"N_\d") == ["n_1", "n_2"]
    with pytest.raises(UnknownNameError, match="a.csv has no column 'GEOID'. Did you mean 'GEO_ID'"):
        opened.find("GEOID")


def test_text_that_is_not_utf8_is_read_only_where_the_source_comes_so(tmp_path, made):
    text = (made("nomis_ts021") / "measures.csv").read_text(encoding="utf-8").replace("E00000001", "Môn", 1)
    (tmp_path / "latin.csv").write_bytes(text.encode("cp1252"))
    with pytest.raises(DataError, match="latin.csv is not UTF-8, and files of nomis_ts021 are"):
        read_source(tmp_path / "latin.csv")


def test_source_frame_checks_its_columns():
    ids = pd.Series(["a", "b"], name="id")
    with pytest.raises(DataError, match="'x' has 1 cells for 2 rows"):
        SourceFrame(pd.DataFrame({"id": ids, "x": [1, 2]}), ("x",), "id", cells={"x": Cells.known([1])})
    with pytest.raises(UnknownNameError, match="no column 'y'"):
        SourceFrame(pd.DataFrame({"id": ids, "x": [1, 2]}), ("y",), "id")
