"""How numbers are written and which rows are read, on the command line."""

import zipfile

import pandas as pd
import pytest

from segregate.cli._options import parse_marks
from segregate.errors import ParameterError

TEXT = "id;a;b;city\n01;1.234;<5;x\n02;2;6.000;x\n03;*;9;y\n"
WANTED = ["--groups", "a,b", "--id", "id", "-i", "D", "--format", "csv"]


@pytest.fixture
def file(tmp_path):
    (tmp_path / "t.csv").write_text(TEXT, encoding="utf-8")
    return tmp_path / "t.csv"


def value(out):
    return float(out.splitlines()[1].split(",")[list(out.splitlines()[0].split(",")).index("value")])


def test_marks_decimals_and_rows(cli, file):
    options = ["--marks", "*=1-4", "--decimal", ",", "--suppressed", "low"]
    code, out, said = cli("measure", file, *WANTED, *options, "--where", "city = 'x'")
    assert code == 0, said
    assert "1 count in 1 unit of 2 ('b': 1) count as the least that is possible" in said
    assert value(out) == pytest.approx(0.5 * (1234 / 1236 + 6000 / 6000 - 2 / 1236))
    code, _, said = cli("measure", file, *WANTED, *options)
    assert code == 0
    assert "2 counts in 2 units of 3" in said
    code, _, said = cli("measure", file, *WANTED, "--thousands", ".", "--suppressed", "low")
    assert (code, "no mark with a known meaning: '*'" in said) == (1, True)


def test_a_zipped_table(cli, file):
    with zipfile.ZipFile(file.with_suffix(".zip"), "w") as archive:
        archive.write(file, "t.csv")
        archive.write(file, "u.csv")
    options = ["--marks", "*=missing", "--missing", "drop", "--decimal", ",", "--suppressed", "high"]
    code, _, said = cli("measure", file.with_suffix(".zip"), *WANTED, *options)
    assert (code, "holds 2 tables: 't.csv', 'u.csv'" in said) == (2, True)
    assert cli("measure", file.with_suffix(".zip"), *WANTED, *options, "--layer", "u.csv")[0] == 0


def test_convert_takes_conditions(cli, tmp_path):
    from tests.sources import make_nomis_ts021

    make_nomis_ts021.make(tmp_path)
    where = "\"geography code\" LIKE 'W%'"
    code, _, _ = cli("convert", tmp_path / "census2021-ts021-oa.csv", tmp_path / "out.csv", "--where", where)
    assert code == 0
    assert pd.read_csv(tmp_path / "out.csv")["geography_code"].tolist() == ["W00000007"]


def test_what_marks_stand_for():
    assert parse_marks(None) is None
    found = parse_marks(["*=1-4, ..=missing", "-9999=suppressed", "-=0", "a\\,b=2.5", "x=y=0"])
    assert found == {"*": (1, 4), "..": "missing", "-9999": "suppressed", "-": 0, "a,b": 2.5, "x=y": 0}
    for wrong in ("*", "*=", "*=secret", "*=1-", "*=-4"):
        with pytest.raises(ParameterError, match="--marks takes a mark and what it stands for"):
            parse_marks([wrong])
