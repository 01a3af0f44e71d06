"""`segregate.read` on files of public sources, and what it remembers of them."""

import hashlib
import json
import pickle

import pandas as pd
import pytest

import segregate as sg
from segregate._provenance import fingerprint
from segregate.errors import ParameterError, UnknownNameError

FILE = "census2021-ts021-oa.csv"


@pytest.fixture
def file(made):
    return made("nomis_ts021") / FILE


def test_a_layout_is_recognised_and_said(file):
    population = sg.read(file)
    assert population.groups == ("asian", "black", "mixed", "white", "other")
    assert population.notes[0].startswith("recognised as nomis_ts021: it has 2 columns of that layout")
    assert sum(note.startswith("beware: Counts are perturbed") for note in population.notes) == 1
    assert population.source == f"Office for National Statistics (Nomis), Census 2021, TS021 ethnic group ({FILE})"


def test_named_groups_win_over_recognition(file):
    columns = ["Ethnic group: White", "Ethnic group: Mixed or Multiple ethnic groups"]
    population = sg.read(file, groups=columns, id="geography code")
    assert population.groups == tuple(columns)
    assert population.provenance.layout is None


def test_what_the_source_knows_is_not_given_again(file):
    with pytest.raises(ParameterError, match=r"read as nomis_ts021, which knows .* leave groups= and total= out"):
        sg.read(file, source="nomis_ts021", groups=["a"], total="b")
    with pytest.raises(ParameterError, match=r"leave id= out"):
        sg.read(file, id="geography code")


def test_files_of_no_source_ask_for_groups():
    with pytest.raises(ParameterError, match="groups= is needed"):
        sg.read(sg.sample_path("schools"))


def test_a_source_that_does_not_fit_says_what_is_missing():
    with pytest.raises(UnknownNameError, match=r"schools.csv has no column 'GRD_ID'"):
        sg.read(sg.sample_path("schools"), source="eurostat_grid_2021")


def test_provenance(file):
    population = sg.read(file, source="nomis_ts021:detail=detailed")
    about = population.provenance
    assert about.layout == "nomis_ts021"
    assert about.options == {"detail": "detailed"}
    assert about.files[0].sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert about.files[0].size == file.stat().st_size
    assert about.read.endswith("+00:00")
    assert "Open Government Licence" in about.line
    assert about.caveats
    assert about.meanings["roma"].endswith("White: Roma")
    steps = population.versus("irish").subset(population.totals > 150).provenance.steps
    assert steps[1].startswith("groups irish, rest from ")
    assert steps[2] == "2 of 3 units"
    assert json.loads(json.dumps(about.record()))["files"][0]["name"] == FILE
    assert pickle.loads(pickle.dumps(population)).provenance == about


def test_tables_record_where_their_data_come_from(file):
    population = sg.read(file, source="nomis_ts021:detail=broad")
    for table in (sg.measure(population, "H"), sg.local(population, "share", group=population.groups[0])):
        about = table.attrs["segregate"]
        assert about["licence"] == population.provenance.licence != ""
        assert about["files"] == [
            {"name": FILE, "size": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        ]
        assert about["steps"] == list(population.provenance.steps) != []
        assert any(note.startswith("beware: ") for note in about["notes"])
        assert json.loads(json.dumps(about)) == about
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    assert "licence" not in sg.measure(frame, "H", groups=["a", "b"]).attrs["segregate"]


def test_samples_say_where_they_come_from():
    about = sg.sample("sacramento").provenance
    data = sg.sample_path("sacramento.parquet").read_bytes()
    assert about.files[0].sha256 == hashlib.sha256(data).hexdigest()
    assert about.line == "Source: US Census Bureau, Census 2000 SF3. Public domain."
    assert len(about.caveats) == 2
    assert sg.sample("schools").provenance.source.startswith("synthetic schools")


def test_provenance_of_files_of_no_source():
    path = sg.sample_path("schools")
    about = sg.read(path, groups=["asian", "black"]).provenance
    assert (about.source, about.layout, about.licence) == ("schools.csv", None, "")
    assert about.files[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert about.line == "Source: schools.csv."
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    assert sg.Population.from_frame(frame, ["a", "b"]).provenance is None


def test_large_files_are_not_hashed(file, monkeypatch):
    monkeypatch.setattr("segregate._provenance.LARGE", 10)
    assert fingerprint(file)[0].sha256 is None


def test_within_is_a_step(made):
    population = sg.read(made("zensus_2022") / "Zensus2022_Religion_10km-Gitter.csv")
    assert population.within(sg.Kernel(radius=1000)).provenance.steps[-1].startswith("within kernel biweight 1000 m")


def test_only_some_attributes(file):
    assert list(sg.read(file, columns=["geography"]).attributes) == ["geography_code", "geography"]
    with pytest.raises(UnknownNameError, match=r"no column 'geografy' \(columns=\)\. Did you mean 'geography'"):
        sg.read(file, columns=["geografy"])
    with pytest.raises(ParameterError, match="columns= takes a list"):
        sg.read(file, columns="geography")


def test_join_needs_its_column(file, made):
    with pytest.raises(ParameterError, match="join= and on= belong together"):
        sg.read(file, on="code")
    shapes = made("eurostat_grid_2021") / "ESTAT_Census_2021_V3.gpkg"
    with pytest.raises(UnknownNameError, match="has no column 'code'"):
        sg.read(file, join=shapes, on="code")


def test_rows_are_chosen_while_the_file_is_read(made):
    file = made("eurostat_grid_2021") / "ESTAT_Census_2021_V3.gpkg"
    greece = sg.read(file, where="CNTR_ID = 'EL'", suppressed="drop")
    assert greece.n_units == 1
    box = (4_285_000, 2_684_500, 4_286_500, 2_686_500)
    assert sg.read(file, bbox=box).n_units == 2


def test_marks_in_a_plain_file(tmp_path):
    (tmp_path / "a.csv").write_text("id,a,b\n01,<5,7\n02,*,8\n03,20,9\n")
    with pytest.raises(sg.DataError, match="values that are not numbers"):
        sg.read(tmp_path / "a.csv", groups=["a", "b"], id="id")
    population = sg.read(tmp_path / "a.csv", groups=["a", "b"], id="id", marks={"*": (1, 4)}, suppressed="high")
    assert population.counts.tolist() == [[4, 7], [4, 8], [20, 9]]
    assert population.ids.tolist() == ["01", "02", "03"]
