"""Synthetic extracts of NHGIS: CSV and codebook (invented numbers and codes in the published layout)."""

import csv
from pathlib import Path

from .fixture import Read

RULE = "-" * 80
NOT = "Not Hispanic or Latino"
ORIGIN = [
    "Total",
    NOT,
    f"{NOT}: White alone",
    f"{NOT}: Black or African American alone",
    f"{NOT}: American Indian and Alaska Native alone",
    f"{NOT}: Asian alone",
    f"{NOT}: Native Hawaiian and Other Pacific Islander alone",
    f"{NOT}: Some other race alone",
    f"{NOT}: Two or more races",
    f"{NOT}: Two or more races: Two races including Some other race",
    f"{NOT}: Two or more races: Two races excluding Some other race, and three or more races",
    "Hispanic or Latino",
    "Hispanic or Latino: White alone",
]
TENURE = ["Total", "Owner occupied", "Renter occupied"]
ROWS = {
    "G0600670000100": ([4000, 3000, 1500, 400, 20, 900, 30, 10, 140, 5, 135, 1000, 600], [1600, 900, 700]),
    "G0600670000200": ([1500, 1000, 700, 100, 0, 150, 0, 0, 50, 0, 50, 500, 300], [500, 100, 400]),
    "G0400130000300": ([200, 150, 100, 20, 5, 15, 0, 5, 5, 0, 5, 50, 40], [90, 80, 10]),
}
STATES = {"06": "California", "04": "Arizona"}
PEOPLE = {
    "white": 2300,
    "black": 520,
    "native": 25,
    "asian": 1065,
    "pacific": 30,
    "other_race": 15,
    "multiracial": 195,
    "hispanic": 1550,
}
TOTAL = 5700
ACS = "nhgis0001_ds244_20195_2019_tract"
DESCRIBED = "nhgis0002_ds244_20195_2019_tract"
DECENNIAL = "nhgis0003_ds248_2020_blck_grp"
READS = [
    Read(
        f"{ACS}.csv",
        3,
        PEOPLE,
        TOTAL,
        notes=("recognised as nhgis", r"table ALUK \(B03002, Hispanic or Latino Origin by Race; Total population\)"),
    ),
    Read(f"{DESCRIBED}.csv", 3, PEOPLE, TOTAL, notes=("the second header row", "table AQ9F")),
    Read(f"{DECENNIAL}.csv", 3, PEOPLE, TOTAL, notes=("the counts carry noise", "table U7C")),
    Read(
        f"{ACS}.csv",
        3,
        {"owners": 1080, "tenants": 1110},
        2190,
        source={"source": "nhgis", "groups": {"owners": "ALWME002", "tenants": "ALWME003"}},
        notes=(r"owners is ALWME002 \(Owner occupied\)",),
    ),
    Read(
        f"{ACS}.csv",
        3,
        {"owners": 1080},
        2190,
        source={"source": "nhgis", "groups": {"owners": "ALWME002"}, "total": "ALWME001"},
    ),
]


def codebook(name: str, dataset: str, tables: list[tuple[str, str, str, str, list[str]]], kinds: str) -> str:
    """Return a codebook; `tables` have title, universe, source code, code and labels, `kinds` is "EM" or ""."""
    lines = [RULE, f"Codebook for NHGIS data file '{name}'", RULE, " ", "Contents", "    - Data Summary"]
    lines += ["    - Data Dictionary", "    - Citation and Use", " ", RULE, "Data Summary", RULE, " "]
    lines += [
        "Year:             2015-2019",
        "Geographic level: Census Tract",
        f"Dataset:          {dataset}",
        "Tables:",
        " ",
    ]
    for place, (title, universe, source, code, _) in enumerate(tables, start=1):
        lines += [
            f"{place}. {title}",
            f"   Universe:    {universe}",
            f"   Source code: {source}",
            f"   NHGIS code:  {code}",
            " ",
        ]
    lines += [RULE, "Data Dictionary", RULE, " ", "Context Fields ", "        GISJOIN:     GIS Join Match Code"]
    lines += ["        YEAR:        Data File Year", "        STATE:       State Name", " "]
    for kind in kinds or " ":
        if kinds:
            lines += [f"Data Type ({kind}):", "    Estimates" if kind == "E" else "    Margins of error", " "]
        for place, (title, universe, source, code, labels) in enumerate(tables, start=1):
            lines += [f"    Table {place}:     {title}", f"    Universe:    {universe}", f"    Source code: {source}"]
            lines += [f"    NHGIS code:  {code}"]
            lines += [f"        {code}{kind.strip()}{n:03}:    {label}" for n, label in enumerate(labels, start=1)]
            lines += [" "]
    lines += [RULE, "Citation and Use", RULE, " ", "    Table 9: cite us as: IPUMS NHGIS, University of Minnesota", ""]
    return "\r\n".join(lines)


def _rows(stem: str, kinds: str, tenure: str) -> tuple[list[str], list[list[object]]]:
    header = ["GISJOIN", "YEAR", "STATE"]
    rows: list[list[object]] = [[key, "2015-2019", STATES[key[1:3]]] for key in ROWS]
    for kind in kinds or " ":
        for code, place in ((stem, 0), (tenure, 1)):
            if not code:
                continue
            width = len(next(iter(ROWS.values()))[place])
            header += [f"{code}{kind.strip()}{n:03}" for n in range(1, width + 1)]
            for row, counts in zip(rows, ROWS.values(), strict=True):
                row += counts[place] if kind != "M" else [25] * width
    return header, rows


def make(folder: Path) -> None:
    """Write an extract of the ACS, one with a second header row in Latin-1, and one of the census."""
    origin = ("Hispanic or Latino Origin by Race", "Total population", "B03002")
    tenure = ("Tenure", "Occupied housing units", "B25003")
    acs = "2019 American Community Survey: 5-Year Data [2015-2019, Block Groups & Larger Areas]"
    header, rows = _rows("ALUK", "EM", "ALWM")
    _write(folder, ACS, header, rows, "utf-8")
    tables = [(*origin, "ALUK", ORIGIN), (*tenure, "ALWM", TENURE)]
    (folder / f"{ACS}_codebook.txt").write_text(codebook(ACS, acs, tables, "EM"), encoding="utf-8", newline="")
    header, rows = _rows("AQ9F", "EM", "")
    described: list[object] = ["GIS Join Match Code", "Data File Year", "State Name"]
    described += [f"{kind}: {label}" for kind in ("Estimates", "Margins of error") for label in ORIGIN]
    rows[2][2] = "Doña Ana"
    _write(folder, DESCRIBED, header, [described, *rows], "cp1252")
    text = codebook(DESCRIBED, acs, [(*origin, "AQ9F", ORIGIN)], "EM")
    (folder / f"{DESCRIBED}_codebook.txt").write_text(text, encoding="utf-8", newline="")
    header, rows = _rows("U7C", "", "")
    _write(folder, DECENNIAL, header, rows, "utf-8")
    adults = ("Hispanic or Latino, and Not Hispanic or Latino by Race for the Population 18 Years and Over",)
    both = [
        ("Hispanic or Latino, and Not Hispanic or Latino by Race", "Total population", "P2", "U7C", ORIGIN),
        (*adults, "Total population 18 years and over", "P4", "U7E", ORIGIN),
    ]
    text = codebook(DECENNIAL, "2020 Census: P.L. 94-171 Redistricting Data Summary File", both[:1], "")
    (folder / f"{DECENNIAL}_codebook.txt").write_text(text, encoding="utf-8", newline="")
    _write(folder, "nhgis0004_ds248_2020_tract", header, rows, "utf-8")
    text = codebook("nhgis0004_ds248_2020_tract", "2020 Census", [both[0], (*both[1][:4], ORIGIN)], "")
    (folder / "nhgis0004_ds248_2020_tract_codebook.txt").write_text(
        text.replace("Total population 18 years and over", "Total population"), encoding="utf-8", newline=""
    )


def _write(folder: Path, name: str, header: list[str], rows: list[list[object]], encoding: str) -> None:
    with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([header, *rows])
