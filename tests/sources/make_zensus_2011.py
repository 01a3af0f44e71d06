"""Synthetic file in the long layout of the 100 m grid of Zensus 2011 (invented numbers)."""

from pathlib import Path

from .fixture import Read

ROWS = [
    # easting and northing in units of 100 m, attribute, code, text, count, quality
    (26890, 43370, " INSGESAMT", 0, "Einheiten insgesamt", 40, 0),
    (26890, 43370, "STAATSANGE_KURZ", 1, "Deutschland", 30, 0),
    (26890, 43370, "STAATSANGE_KURZ", 2, "Ausland/Sonstige", 9, 1),
    (26890, 43370, "STAATSANGE_GRP", 1, "Deutschland", 30, 0),
    (26890, 43370, "STAATSANGE_GRP", 21, "EU27-Land", 6, 0),
    (26890, 43370, "STAATSANGE_GRP", 22, "Sonstiges Europa (Türkei, ...)", 3, 2),
    (26890, 43370, "GEBURTLAND_GRP", 1, "Deutschland", 25, 0),
    (26890, 43370, "GEBURTLAND_GRP", 23, "Sonstige Welt", 15, 0),
    (26891, 43372, "INSGESAMT", 0, "Einheiten insgesamt", 12, 0),
    (26891, 43372, "STAATSANGE_KURZ", 1, "Deutschland", 12, 0),
    (26891, 43372, "STAATSANGE_GRP", 1, "Deutschland", 12, 0),
    (26891, 43372, "GEBURTLAND_GRP", 1, "Deutschland", 12, 0),
    (26892, 43372, "INSGESAMT", 0, "Einheiten insgesamt", -1, 0),
]
READS = [
    Read(
        "Bevoelkerung100M.csv",
        3,
        {"german": 42, "eu27": 6, "other_europe": 3},
        52,
        crs=3035,
        spare=1,
        notes=("recognised as zensus_2011", "read as Windows-1252"),
    ),
    Read("Bevoelkerung100M.csv", 3, {"german": 37, "other_world": 15}, 52, source="zensus_2011:about=birth", crs=3035),
    Read(
        "Bevoelkerung100M.csv",
        3,
        {"german": 42, "foreign": 9},
        52,
        source={"source": "zensus_2011", "about": "citizenship", "empty": "zero", "geometry": "none"},
        spare=1,
        notes=("INSGESAMT in 1 unit of 2: 0 people more and 1 fewer",),
    ),
]


def make(folder: Path) -> None:
    """Write the file as it comes: Latin-1, with old and new ids."""
    lines = ["Gitter_ID_100m;Gitter_ID_100m_neu;Merkmal;Auspraegung_Code;Auspraegung_Text;Anzahl;Anzahl_q"]
    for north, east, attribute, code, text, count, quality in ROWS:
        old, new = f"100mN{north}E{east}", f"CRS3035RES100mN{north}00E{east}00"
        lines.append(f'{old};{new};{attribute};{code};"{text}";{count};{quality}')
    (folder / "Bevoelkerung100M.csv").write_bytes(("\r\n".join(lines) + "\r\n").encode("latin-1"))
