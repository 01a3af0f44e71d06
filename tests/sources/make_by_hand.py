"""Synthetic files with columns named as on the page of tables that are mapped by hand (invented numbers and names)."""

from pathlib import Path

import geopandas as gpd
import shapely


def make(folder: Path) -> None:
    """Write sections with shares, a long table, a grid with ids and one with shapes beside it."""
    (folder / "secciones.csv").write_text(
        "CUSEC;total;foreign_share\n0400101001;1.250;12,4\n0400101002;980;3,1\n2807901001;1.610;31,7\n",
        encoding="utf-8",
    )
    (folder / "deso.csv").write_text(
        "region;birth;people\n"
        "0114A0010;Sweden;1 204\n0114A0010;abroad;96\n"
        "0114A0020;Sweden;860\n0114A0020;abroad;..\n"
        "0114C1010;Sweden;640\n0114C1010;abroad;410\n",
        encoding="utf-8",
    )
    (folder / "kn100m.csv").write_text(
        "cell,danish,other\nKN100mN61754E7243,40,3\nKN100mN61754E7244,25,9\nKN100mN61755E7243,<3,12\n", encoding="utf-8"
    )
    ids = ["22500006649000", "22510006649000", "22520006649000"]
    lines = [f"{cell},{own},{other}" for cell, own, other in zip(ids, (30, 12, 7), (2, 9, 5), strict=True)]
    (folder / "ssb.csv").write_text("\n".join(["SSBid,born_here,born_abroad", *lines]) + "\n", encoding="utf-8")
    east = [250_000, 251_000, 252_000]
    squares = [shapely.box(x, 6_649_000, x + 1000, 6_650_000) for x in east]
    gpd.GeoDataFrame({"SSBid": ids}, geometry=squares, crs=25833).to_file(folder / "ssb_grid.gpkg")
