"""Synthetic files in the layout of the grids of Zensus 2022 (invented numbers)."""

from pathlib import Path

from .fixture import Read

WORLD = [
    "Insgesamt_Bevoelkerung",
    "Deutschland",
    "Ausland_Sonstige",
    "EU27_Land",
    "Sonstiges_Europa",
    "Sonstige_Welt",
    "Sonstige",
]
ROWS = {
    "CRS3035RES1000mN2689000E4337000": ["1234", "1001", "233", "100", "60", "70", "3"],
    "CRS3035RES1000mN2690000E4337000": ["12", "12", "–", "–", "–", "–", "–"],
    "CRS3035RES1000mN2691000E4338000": ["40", "30", "9", "6", "–", "4", "–"],
}
GROUPS = {"german": 1043, "eu27": 106, "other_europe": 60, "other_world": 74, "other_or_unknown": 3}
NOTES = (
    "Ausland_Sonstige left out",
    "6 counts printed as a dash",
)
READS = [
    Read(
        "Zensus2022_Staatsangehoerigkeit_Gruppen_1km-Gitter.csv",
        3,
        GROUPS,
        1286,
        crs=3035,
        notes=("the groups are citizenship", "recognised as zensus_2022", *NOTES),
    ),
    Read("Zensus2022_Geburtsland_Gruppen_1km-Gitter.csv", 3, GROUPS, 1286, crs=3035, notes=("country of birth",)),
    Read(
        "Zensus2022_Staatsangehoerigkeit_100m-Gitter.csv",
        2,
        {"german": 33, "foreign": 3},
        36,
        crs=3035,
        notes=("read as Windows-1252",),
    ),
    Read(
        "Zensus2022_Religion_10km-Gitter.csv",
        1,
        {"catholic": 500, "protestant": 300, "other_or_none": 1201},
        2000,
        crs=3035,
        spare=1,
        notes=("1 people more and 0 fewer",),
    ),
    Read(
        "Zensus2022_Staatsangehoerigkeit_nach_Laendern_1km-Gitter.csv",
        1,
        {"german": 70, "turkish": 11, "other_countries": 9},
        100,
        crs=3035,
    ),
    Read(
        "Zensus2022_Religion_10km-Gitter.csv",
        1,
        {"catholic": 500},
        2000,
        source={"source": "zensus_2022", "denominator": "total", "geometry": "none"},
    ),
]


def _write(path: Path, size: str, columns: list[str], rows: dict[str, list[str]], encoding: str = "utf-8") -> None:
    width = {"100m": 100, "1km": 1000, "10km": 10_000}[size]
    lines = [";".join([f"GITTER_ID_{size}", f"x_mp_{size}", f"y_mp_{size}", *columns])]
    for cell, counts in rows.items():
        north, east = (int(part) for part in cell.rpartition("mN")[2].split("E"))
        lines.append(";".join([cell, str(east + width // 2), str(north + width // 2), *counts]))
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))


def make(folder: Path) -> None:
    """Write files by citizenship, by country of birth, by country and by religion."""
    for what in ("Staatsangehoerigkeit", "Geburtsland"):
        _write(folder / f"Zensus2022_{what}_Gruppen_1km-Gitter.csv", "1km", WORLD, ROWS)
    _write(
        folder / "Zensus2022_Staatsangehoerigkeit_100m-Gitter.csv",
        "100m",
        ["Insgesamt_Bevoelkerung", "Deutschland", "Ausland_Sonstige", "werterlaeuternde_Zeichen"],
        {
            "CRS3035RES100mN2689000E4337000": ["12", "12", "–", ""],
            "CRS3035RES100mN2689100E4337000": ["24", "21", "3", ""],
        },
        "cp1252",
    )
    _write(
        folder / "Zensus2022_Religion_10km-Gitter.csv",
        "10km",
        ["Insgesamt_Bevoelkerung", "Roemisch_katholisch", "Evangelisch", "Sonstige_keine_ohneAngabe"],
        {"CRS3035RES10000mN2690000E4330000": ["2000", "500", "300", "1201"]},
    )
    countries = [
        "Deutschland",
        "Bosn_u_Herzegowina",
        "Griechenland",
        "Italien",
        "Kasachstan",
        "Kroatien",
        "Niederlande",
    ]
    countries += ["Oesterreich", "Polen", "Rumaenien", "Russ_Foederation", "Tuerkei", "Ukraine", "Sonstige"]
    counts = ["70", "–", "–", "–", "–", "–", "–", "–", "5", "–", "–", "11", "5", "9"]
    _write(
        folder / "Zensus2022_Staatsangehoerigkeit_nach_Laendern_1km-Gitter.csv",
        "1km",
        ["Insgesamt_Bevoelkerung", *countries],
        {"CRS3035RES1000mN2689000E4337000": ["100", *counts]},
    )
