"""Synthetic files in the layout of ISTAT's census sections (invented numbers; continents under invented names)."""

from pathlib import Path

from .fixture import Read

ROWS = [
    # section, P1, ST1, ST2 (male), ST3..ST5 (ages), two continents
    ("10010000001", 120, 20, 9, 10, 8, 2, 12, 8),
    ("10010000002", 0, 0, 0, 0, 0, 0, 0, 0),
    ("400120000003", 300, 75, 35, 30, 40, 5, 25, 30),
]
CONTINENTS = {"europe": "ST_EUROPA", "africa": "ST_AFRICA"}
NOTE = ("all residents are P1, foreigners ST1",)
READS = [
    Read("sezioni_2021.csv", 3, {"italian": 325, "foreign": 95}, 420, notes=("recognised as istat_sections", *NOTE)),
    Read("sezioni_2011.csv", 3, {"italian": 325, "foreign": 95}, 420, notes=("read as Windows-1252", *NOTE)),
    Read(
        "sezioni_2011.csv",
        3,
        {"europe": 37, "africa": 38},
        420,
        source={"source": "istat_sections", "groups": CONTINENTS},
    ),
    Read(
        "renamed.csv",
        3,
        {"foreign": 95},
        420,
        source={"source": "istat_sections", "population": "POP21", "foreign": "STR"},
        notes=("all residents are POP21, foreigners STR",),
    ),
]


def make(folder: Path) -> None:
    """Write 2021, 2011 in Latin-1 with continents, and a file whose columns have other names."""
    ages = ["ST3", "ST4", "ST5"]
    new = [["058091", *row[:7]] for row in ROWS]
    _write(folder / "sezioni_2021.csv", ["PROCOM", "SEZ21_ID", "P1", "ST1", "ST2_B", *ages], new)
    _write(folder / "renamed.csv", ["PROCOM", "SEZ21_ID", "POP21", "STR", "ST2_B", *ages], new)
    head = ["PROCOM", "COMUNE", "SEZ2011", "P1", "ST1", "ST2", *ages, *CONTINENTS.values()]
    _write(folder / "sezioni_2011.csv", head, [["40012", "Forlì", *row] for row in ROWS], "cp1252")


def _write(path: Path, head: list[str], rows: list[list[object]], encoding: str = "utf-8") -> None:
    text = "\n".join(";".join(map(str, row)) for row in [head, *rows]) + "\n"
    path.write_bytes(text.encode(encoding))
