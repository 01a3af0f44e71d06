"""How the entries about areas, a centre or borders are read."""

from .entries import NO_INDEX, NO_NUMBER, ONE_BY_ONE, numbers_in
from .shapes import each, first_group, pairs, versus


def centre(entry):
    """Return the centre, or several; rows are counted from 1 there. With K, only the units near it count.

    Those are the units at distance 0 and at the next K distances that occur.
    """
    params = entry.params
    if "center_row_1based" in params:
        return {"centre": params["center_row_1based"] - 1}
    near = {"rings": params["K"] + 1} if "K" in params else {}
    return {"centre": [row - 1 for row in params["centers_row_1based"]], **near}


def ties(entry):
    """Say why ACE differs: on the grid units are equally far, and two centres are both at distance 0."""
    several = "centers_row_1based" in entry.params
    return ONE_BY_ONE if several or "pattern" in entry.params else ""


def morrill(entry):
    """Return the neighbours and the lags of D(adj)."""
    params = entry.params
    made = {"contiguity": "queen"} if "queen" in (params.get("contiguity") or params["nb"]) else {}
    if "K" not in params:
        return made
    if params["beta"] != 1:
        raise SystemExit(f"entry {entry.entry['id']}: beta is {params['beta']}, and not 1")
    return {**made, "order": params["K"], "decay": {"exp": "exp", "rec": "reciprocal"}[params["f"]]}


def wong(entry):
    """Return which of D(w) and D(s) is asked for, and the perimeter of D(s)."""
    if entry.params["variant"] == "w":
        return {"adjust": "length"}
    return {"adjust": "shape", "perimeter": {"int": "interior", "all": "whole"}[entry.params["ptype"]]}


def with_neighbours(entry):
    """Read D(adj) with neighbours that the user gives."""
    entry.row("", "boundary_dissimilarity", entry.value, **morrill(entry))


def adjusted(entry):
    """Read D, D(adj), D(w) and D(s); an old version has no number but D."""
    how = {
        "dm": {"contiguity": "queen"} if entry.params.get("use_queen") else {},
        "dw": {"adjust": "length"},
        "ds": {"adjust": "shape"},
    }
    for name, value in entry.value.items():
        if value is None:
            entry.leave(NO_NUMBER)
        elif name == "d":
            entry.row(name, "dissimilarity", value)
        else:
            entry.row(name, "boundary_dissimilarity", value, **how[name])


def concentration(entry):
    """Read ACO and RCO of the first group, and numbers of units that are left."""
    for name, value in entry.value.items():
        index = {"ACO": "absolute_concentration", "RCO": "relative_concentration"}.get(name)
        if index:
            entry.row(name, index, value, group=entry.groups[0])
        else:
            entry.leave(NO_INDEX, numbers_in(value))


PLACES = {
    # R OasisR
    "Delta": each("delta"),
    "ACO": each("absolute_concentration"),
    "ACE": each("absolute_centralization", centre, ties),
    "ACEPoly": each("absolute_centralization", centre, ties),
    "ACEDuncan": each("relative_centralization", centre),
    "ACEDuncanPoly": each("relative_centralization", centre),
    "ACEDuncanPolyK": each("relative_centralization", centre),
    "RCE": pairs("relative_centralization", centre),
    "RCEPoly": pairs("relative_centralization", centre),
    "RCEPolyK": pairs("relative_centralization", centre),
    "ISMorrill": versus("boundary_dissimilarity", morrill),
    "DIMorrill": pairs("boundary_dissimilarity", morrill),
    "DIMorrillK": pairs("boundary_dissimilarity", morrill),
    "ISWong": versus("boundary_dissimilarity", wong),
    "DIWong": pairs("boundary_dissimilarity", wong),
    # R seg
    "dissim user nb (Morrill D(adj))": with_neighbours,
    "dissim adjust=TRUE": adjusted,
    "dissim adjust=TRUE (D, D(adj) rook, D(w), D(s))": adjusted,
    "dissim adjust=TRUE (D, D(adj), D(w), D(s))": adjusted,
    # R divseg
    "ds_delta": first_group("delta"),
    # the formula written out
    "ACO, RCO (Massey-Denton: n1,n2 both from X)": concentration,
}
"""Name of an entry -> what reads it."""
