"""Synthetic files in the layout of INSEE's base-ic-evol-struct-pop (invented numbers)."""

from pathlib import Path

from .fixture import Read

FILE = "base-ic-evol-struct-pop-2021.CSV"
ROWS = [
    # IRIS, COM, P21_POP, _FR, _ETR, _IMM; weighted, so with decimals
    ("010040101", "01004", "858.173", "800.123", "58.05", "70.5"),
    ("010040102", "01004", "1500.5", "1200.25", "300.25", "350.75"),
    ("2A0040101", "2A004", "600", "600", "0", "12.5"),
    ("751010101", "75101", "1000.4", "700.1", "300.3", "280"),
]
POPULATION = 3959.073
READS = [
    Read(
        FILE,
        4,
        {"french": 3300.473, "foreign": 658.6},
        POPULATION,
        notes=("recognised as insee_iris", "the groups are by nationality, in the columns of P21"),
    ),
    Read(FILE, 4, {"immigrant": 713.75, "not_immigrant": 3245.323}, POPULATION, source="insee_iris:by=immigration"),
    Read("years.csv", 4, {"foreign": 658.6}, POPULATION, source={"source": "insee_iris", "year": 2021, "decimal": ","}),
    Read("spreadsheet.csv", 4, {"foreign": 658.6}, POPULATION, notes=("2 codes of IRIS had 8 digits",)),
]


def make(folder: Path) -> None:
    """Write the file as published, one with two years and decimal commas, and one without leading zeros."""
    columns = ["POP", "POP_FR", "POP_ETR", "POP_IMM"]
    head = ["IRIS", "COM", "TYP_IRIS", "LAB_IRIS", *(f"P21_{c}" for c in columns), "C21_POP15P"]
    lines = [[iris, com, "H", "1", *counts, "500.5"] for iris, com, *counts in ROWS]
    _write(folder / FILE, head, lines)
    _write(folder / "spreadsheet.csv", head, [[line[0].lstrip("0"), *line[1:]] for line in lines])
    old = ["900", "800", "100", "90"]
    both = [[iris, com, *old, *(count.replace(".", ",") for count in counts)] for iris, com, *counts in ROWS]
    _write(folder / "years.csv", ["IRIS", "COM", *(f"P{year}_{c}" for year in (16, 21) for c in columns)], both)


def _write(path: Path, head: list[str], lines: list[list[str]]) -> None:
    path.write_text("\n".join(";".join(line) for line in [head, *lines]) + "\n", encoding="utf-8")
