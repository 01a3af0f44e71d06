"""Zensus 2022 and 2011: their traps."""

import numpy as np
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import read_source

GROUPS = "Zensus2022_Staatsangehoerigkeit_Gruppen_1km-Gitter.csv"


def asked(**options):
    return {"source": "zensus_2022", **options}


@pytest.fixture
def folder(made):
    return made("zensus_2022")


def test_the_dash_is_a_suppressed_count(folder):
    found = read_source(folder / GROUPS)
    assert found.kinds.iloc[1].tolist() == ["perturbed"] + ["suppressed"] * 4
    assert found.low["eu27"].tolist()[1] == 0
    assert np.isinf(found.high["eu27"].iloc[1])
    with pytest.raises(DataError, match=r"6 counts in 2 units of 3 are suppressed"):
        sg.read(folder / GROUPS)
    assert sg.read(folder / GROUPS, suppressed="low").size == 1286
    with pytest.raises(DataError, match="6 suppressed counts of 6 have no upper end"):
        sg.read(folder / GROUPS, suppressed="middle")


def test_the_dash_may_be_called_zero(folder):
    population = sg.read(folder / GROUPS, source=asked(dash="zero"))
    assert population.size == 1286
    assert set(population.disclosure.table["kind"]) == {"perturbed"}


@pytest.mark.parametrize("dash", ["–", "-", "—", " – "])
def test_dashes_of_all_lengths(folder, tmp_path, dash):
    text = (folder / GROUPS).read_text(encoding="utf-8").replace("–", dash)
    (tmp_path / GROUPS).write_text(text, encoding="utf-8")
    assert int((read_source(tmp_path / GROUPS).kinds == "suppressed").sum().sum()) == 6


def test_the_sum_of_the_foreigners_is_not_counted_again(folder):
    found = read_source(folder / GROUPS)
    assert "foreign" not in found.groups
    assert found.frame[list(found.groups)].iloc[0].sum() == 1001 + 100 + 60 + 70 + 3
    assert found.frame["published_total"].iloc[0] == 1234


def test_citizenship_and_birth_are_told_apart_by_the_name_only(folder, tmp_path):
    assert "citizenship" in read_source(folder / GROUPS).meanings["eu27"]
    born = read_source(folder / "Zensus2022_Geburtsland_Gruppen_1km-Gitter.csv")
    assert born.meanings["eu27"].startswith("country of birth (which is not citizenship)")
    (tmp_path / "gitter.csv").write_bytes((folder / GROUPS).read_bytes())
    with pytest.raises(
        ParameterError, match="gitter.csv does not say whether its groups are citizenships or countries"
    ):
        read_source(tmp_path / "gitter.csv")
    named = read_source(tmp_path / "gitter.csv", source=asked(about="birth"))
    assert "birth" in named.meanings["german"]


def test_latin_1_and_utf_8_are_the_same(folder, tmp_path):
    file = "Zensus2022_Staatsangehoerigkeit_100m-Gitter.csv"
    (tmp_path / file).write_bytes((folder / file).read_bytes().decode("cp1252").encode("utf-8-sig"))
    latin, plain = read_source(folder / file), read_source(tmp_path / file)
    assert latin.frame.equals(plain.frame)
    assert any("read as Windows-1252" in note for note in latin.notes)
    assert not any("Windows" in note for note in plain.notes)


def test_the_total_as_denominator(folder):
    file = "Zensus2022_Religion_10km-Gitter.csv"
    population = sg.read(folder / file, source=asked(denominator="total"))
    assert population.totals.tolist() == [2001]  # the groups hold one more than the total
    assert any("1 unit of 1 hold more people in the groups than in the total (1 people)" in n for n in population.notes)


def test_geometry_of_each_width(folder):
    for file, width in ((GROUPS, 1000), ("Zensus2022_Staatsangehoerigkeit_100m-Gitter.csv", 100)):
        squares = read_source(folder / file).geometry
        assert squares.area.tolist() == [width**2] * len(squares)
        points = read_source(folder / file, source=asked(geometry="points")).geometry
        assert points.geom_equals(squares.centroid).all()


def test_files_without_known_groups_are_a_question(tmp_path):
    head = "GITTER_ID_1km;x_mp_1km;y_mp_1km;Insgesamt_Bevoelkerung;Unter18\n"
    (tmp_path / "alter.csv").write_text(head + "CRS3035RES1000mN2689000E4337000;4337500;2689500;10;3\n")
    with pytest.raises(DataError, match="alter.csv has Insgesamt_Bevoelkerung but no groups that are known"):
        read_source(tmp_path / "alter.csv")


def test_2011_reads_one_attribute(made):
    folder = made("zensus_2011")
    found = read_source(folder / "Bevoelkerung100M.csv")
    assert found.groups == ("german", "eu27", "other_europe", "other_world", "other_or_unknown")
    assert found.frame["german"].sum() == 42, "not the 30 + 30 + 25 of three attributes"
    assert found.kinds.iloc[0].tolist() == ["perturbed"] * 3 + ["suppressed"] * 2
    assert np.isnan(found.frame["published_total"].iloc[2]), "-1 is secret"
    with pytest.raises(DataError, match=r"no rows of RELIGION_KURZ; it has 'GEBURTLAND_GRP', 'INSGESAMT'"):
        read_source(folder / "Bevoelkerung100M.csv", source="zensus_2011:about=religion")


def test_2011_with_old_ids_is_the_same_place(made, tmp_path):
    text = (made("zensus_2011") / "Bevoelkerung100M.csv").read_text(encoding="latin-1")
    old = "\n".join(";".join(line.split(";")[:1] + line.split(";")[2:]) for line in text.splitlines())
    (tmp_path / "old.csv").write_text(old, encoding="latin-1")
    before, now = read_source(tmp_path / "old.csv"), read_source(made("zensus_2011") / "Bevoelkerung100M.csv")
    assert before.frame["Gitter_ID_100m"].iloc[0] == "100mN26890E43370"
    assert before.geometry.geom_equals(now.geometry).all()


def test_2011_rows_that_come_twice_and_codes_that_are_not_known(made, tmp_path):
    text = (made("zensus_2011") / "Bevoelkerung100M.csv").read_text(encoding="latin-1")
    line = next(line for line in text.splitlines() if "STAATSANGE_GRP;21" in line)
    (tmp_path / "twice.csv").write_text(f"{text}{line}\n", encoding="latin-1")
    with pytest.raises(DataError, match="1 cell with two rows of one group"):
        read_source(tmp_path / "twice.csv")
    (tmp_path / "code.csv").write_text(text.replace("STAATSANGE_GRP;21", "STAATSANGE_GRP;25"), encoding="latin-1")
    with pytest.raises(DataError, match=r"1 row of STAATSANGE_GRP with codes that are not known \(first: '25'\)"):
        read_source(tmp_path / "code.csv")
