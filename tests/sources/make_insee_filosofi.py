"""Synthetic files in the layout of INSEE's Filosofi squares of 200 m (invented numbers)."""

from pathlib import Path

from .fixture import Read

HEAD = ["idcar_200m", "idcar_1km", "idcar_nat", "i_est_200", "lcog_geo", "ind", "men", "men_pauv", "ind_snv"]
ROWS = [
    ("CRS3035RES200mN2029800E4252400", "CRS3035RES1000mN2029000E4252000", "1", "2A041", "4.5", "2", "0.5", "60000.1"),
    ("CRS3035RES200mN2030000E4252400", "CRS3035RES1000mN2030000E4252000", "0", "2A041", "100.5", "40", "10", "2e6"),
    ("CRS3035RES200mN2890200E3760400", "CRS3035RES1000mN2890000E3760000", "0", "7511375114", "300", "150", "30", "7e6"),
]
REUNION = [
    ("CRS2975RES200mN7634000E338000", "CRS2975RES1000mN7634000E338000", "0", "97411", "50", "20", "8.5", "5e5"),
]
NOTES = (r"imputed by the publisher \(i_est_200 = 1\): 1 square of 3", "the squares are in EPSG:3035")
CAPITAL = (r"imputed by the publisher \(I_est_200 = 1\): 1 square of 3",)
READS = [
    Read("carreaux_200m_met.csv", 3, {"poor": 40.5, "not_poor": 151.5}, 192, crs=3035, notes=NOTES),
    Read("Filosofi2017_carreaux_200m_met.csv", 3, {"poor": 40.5, "not_poor": 151.5}, 192, crs=3035, notes=CAPITAL),
    Read("carreaux_200m_met.csv", 2, {"poor": 40}, 190, source="insee_filosofi:imputed=drop", crs=3035),
    Read("carreaux_200m_reun.csv", 1, {"poor": 8.5, "not_poor": 11.5}, 20, crs=2975, notes=("in EPSG:2975",)),
]


def make(folder: Path) -> None:
    """Write metropolitan France, the same with the capitals of 2017, and Réunion in its own coordinates."""
    capitals = [name.capitalize() for name in HEAD]
    for name, head, rows in (
        ("carreaux_200m_met.csv", HEAD, ROWS),
        ("Filosofi2017_carreaux_200m_met.csv", capitals, ROWS),
        ("carreaux_200m_reun.csv", HEAD, REUNION),
    ):
        lines = [[square, km, square, *rest] for square, km, *rest in rows]
        (folder / name).write_text("\n".join(",".join(line) for line in [head, *lines]) + "\n", encoding="utf-8")
