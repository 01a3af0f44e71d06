"""Common Core of Data: pupils are counted once, blanks and codes are not zero, ids are text."""

import csv

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import read_source

from .make_nces_ccd import HEAD, LONG, rows

IDS = ["010000500870", "010000500871", "010000600900"]


def asked(**options):
    return {"source": "nces_ccd", **options}


@pytest.fixture
def written(tmp_path):
    def write(lines, name=LONG, head=HEAD):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *lines])
        return tmp_path / name

    return write


def changed(column, value, where):
    """Return the rows of the long file with a value put where a condition on the row holds."""
    place = HEAD.index(column)
    return [
        [*row[:place], value, *row[place + 1 :]] if where(dict(zip(HEAD, row, strict=True))) else row for row in rows()
    ]


def test_only_category_set_a_is_counted(made):
    found = read_source(made("nces_ccd") / LONG)
    everything = sum(row[HEAD.index("STUDENT_COUNT")] or 0 for row in rows())
    counted = np.nansum(found.frame[list(found.groups)].to_numpy())
    assert counted == 234
    assert everything > 4 * counted, "subtotals, derived rows and totals repeat the pupils"
    assert found.frame["published_total"].tolist() == [113, 111, 25]


def test_ids_are_text(made):
    population = sg.read(made("nces_ccd") / LONG, missing="drop", suppressed="drop")
    assert population.ids.tolist() == IDS[:2]
    assert population.attributes["district"].tolist() == ["0100005", "0100005"]


def test_blank_counts_are_not_zero(made):
    found = read_source(made("nces_ccd") / LONG)
    assert found.kinds.loc[IDS[2], ["black", "asian"]].tolist() == ["missing", "suppressed"]
    assert found.low.loc[IDS[2], "black"] == 3, "the boys, of whom the number is there"
    assert np.isinf(found.high.loc[IDS[2], "black"])
    with pytest.raises(DataError, match="suppressed"):
        sg.read(made("nces_ccd") / LONG)
    with pytest.raises(DataError, match="'black': 1"):
        sg.read(made("nces_ccd") / LONG, suppressed="low")


def test_words_of_the_flag_may_be_told(made):
    known = {"Not reported": 0, "Suppressed": [1, 2]}
    found = read_source(made("nces_ccd") / LONG, source=asked(marks=known))
    assert found.frame.set_index("NCESSCH").loc[IDS[2], "black"] == 3
    assert (found.low.loc[IDS[2], "asian"], found.high.loc[IDS[2], "asian"]) == (2, 4), "two cells of 1 or 2 each"


def test_a_race_without_rows_is_nobody_only_where_the_total_is_reached(made):
    found = read_source(made("nces_ccd") / LONG)
    assert found.kinds["pacific"].tolist() == ["known", "known", "missing"]
    assert found.frame["pacific"].tolist()[:2] == [0, 0]


def test_not_specified_is_said_and_may_be_a_group(made):
    out = read_source(made("nces_ccd") / LONG)
    assert "not_specified" not in out.groups
    group = read_source(made("nces_ccd") / LONG, source="nces_ccd:not_specified=group")
    assert group.frame["not_specified"].iloc[:2].tolist() == [3, 0]


def test_grades(made):
    file = made("nces_ccd") / LONG
    assert read_source(file, source="nces_ccd:grades=k12").frame["white"].tolist() == [42, 55, 13]
    one = read_source(file, source=asked(grades=["Grade 1", "grade 9"])).frame
    assert one["white"].iloc[:2].tolist() == [20, 55]
    assert np.isnan(one["white"].iloc[2]), "a school whose rows are not all its pupils"
    with pytest.raises(
        ParameterError, match=r"There are no grades 'grade 13'; the file has 'pre-kindergarten', 'kinder"
    ):
        read_source(file, source=asked(grades=["Grade 13"]))
    with pytest.raises(ParameterError, match="grades='k8' is not known"):
        read_source(file, source="nces_ccd:grades=k8")


def test_rows_twice_are_refused(written):
    lines = rows()
    with pytest.raises(DataError, match=r"2 rows of .* repeat a school, race, sex and grade .*'010000500870'"):
        read_source(written([*lines, *lines[:2]]))


def test_several_years_are_a_question(written):
    older = [["2021-2022", *row[1:]] for row in rows()]
    file = written([*older, *rows()])
    with pytest.raises(ParameterError, match=r"holds 2 school years: '2021-2022', '2022-2023'.*'year': '2022-2023'"):
        read_source(file)
    assert read_source(file, source="nces_ccd:year=2021-2022").frame["published_total"].sum() == 249
    with pytest.raises(ParameterError, match=r"no school year '2019'; it has '2021-2022'"):
        read_source(file, source=asked(year="2019"))


def test_a_file_without_category_set_a_is_refused(written):
    lines = [row for row in rows() if not row[HEAD.index("TOTAL_INDICATOR")].startswith("Category")]
    with pytest.raises(DataError, match=r"no rows of 'Category Set A .* only 'Subtotal 4 - By Grade'"):
        read_source(written(lines))


def test_an_unknown_race_is_refused(written):
    lines = changed("RACE_ETHNICITY", "Martian", lambda row: row["RACE_ETHNICITY"] == "Asian")
    with pytest.raises(DataError, match="RACE_ETHNICITY of .* holds 'Martian'"):
        read_source(written(lines))


def test_leading_zeros_that_a_spreadsheet_took_are_put_back(written):
    place = HEAD.index("NCESSCH")
    lines = [[*row[:place], str(int(row[place])), *row[place + 1 :]] for row in rows()]
    found = read_source(written(lines))
    assert found.frame["NCESSCH"].tolist() == IDS
    assert "leading zeros put back to 3 ids of 12 digits in NCESSCH" in found.notes


def test_digits_that_a_spreadsheet_took_are_lost(written):
    lines = changed("NCESSCH", "1.00005E+11", lambda row: True)
    with pytest.raises(DataError, match=r"not 12 digits \(first: '1.00005E\+11'\).*digits are lost"):
        read_source(written(lines))


def test_districts_are_units_of_a_district_file(written):
    keep = [place for place, name in enumerate(HEAD) if name not in ("NCESSCH", "SCHID", "ST_SCHID", "SCH_NAME")]
    lines = [[row[place] for place in keep] for row in rows() if row[HEAD.index("NCESSCH")] != IDS[1]]
    found = read_source(written(lines, "ccd_lea_052_2223_l_1a_083023.csv", [HEAD[place] for place in keep]))
    assert found.frame["LEAID"].tolist() == ["0100005", "0100006"]
    assert found.frame["white"].tolist() == [47, 13]


@pytest.mark.parametrize("file", ["sc102a.txt", "sc092a.csv", "ccd_sch_052_1516_w.csv"])
def test_codes_of_wide_files_are_not_summed(made, file):
    found = read_source(made("nces_ccd") / file)
    assert found.frame["NCESSCH"].tolist() == IDS
    assert found.kinds["native"].tolist() == ["known", "known", "missing"]  # -1
    assert found.kinds["pacific"].tolist() == ["known", "missing", "known"]  # -2
    assert found.kinds["asian"].tolist() == ["known", "known", "missing"]  # -9
    assert found.frame["white"].tolist() == [47, 65, 13], "not the columns by sex"
    assert sg.read(made("nces_ccd") / file, missing="drop").ids.tolist() == IDS[:1]


def test_not_applicable_may_be_told_to_be_nobody(made):
    population = sg.read(made("nces_ccd") / "sc102a.txt", source=asked(marks={-2: 0}), missing="drop")
    assert population.ids.tolist() == IDS[:2]
    assert population.totals.tolist() == [110, 111]


def test_five_groups_of_the_years_before(made):
    found = read_source(made("nces_ccd") / "sc021a.txt")
    assert found.groups == ("native", "asian", "black", "hispanic", "white")
    assert found.meanings["asian"].endswith("Asian or Pacific Islander")


def test_wide_files_of_two_years_and_without_a_group_are_refused(made, tmp_path):
    frame = pd.read_csv(made("nces_ccd") / "sc092a.csv", dtype=str)
    frame.assign(WHITE10=1).to_csv(tmp_path / "two.csv", index=False)
    with pytest.raises(DataError, match="two.csv has 'WHITE09', 'WHITE10' for 'white'; read one year at a time"):
        read_source(tmp_path / "two.csv")
    frame.drop(columns="BLACK09").to_csv(tmp_path / "none.csv", index=False)
    with pytest.raises(DataError, match=r"none.csv has no column for 'black' \(BLACK\|BL, also with a year\)"):
        read_source(tmp_path / "none.csv")
    with pytest.raises(ParameterError, match="are for long files, with RACE_ETHNICITY"):
        read_source(made("nces_ccd") / "sc092a.csv", source="nces_ccd:grades=k12")
