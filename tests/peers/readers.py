"""How each kind of entry of reference_values.json is read: numbers into rows, the rest into reasons."""

from .entries import DECOMPOSITION, MERGING, NO_INDEX, ON_A_GRID, numbers_in, scalar
from .readers_of_nearness import NEARNESS
from .readers_of_places import PLACES
from .shapes import each, first_group, one, pairs, versus

# one function for each shape of entry -----------------------------------------------------


def named(indices):
    """Make a reader of an entry whose numbers have names: name -> index, or the reason to leave it."""

    def read(entry):
        base = entry.params.get("base", "e")
        for name, value in entry.value.items():
            index = indices[name]
            if index == NO_INDEX:
                entry.leave(index, numbers_in(value))
                continue
            based = {} if base == "e" or index != "mutual_information" else {"base": base}
            entry.row(name, index, scalar(value), **based)

    return read


def rest(entry):
    """Read a group against the rest: D, or M and H."""
    group, other = entry.groups
    assert other == "rest"
    entry.groups = None
    if isinstance(entry.value, dict):
        entry.row("M", "mutual_information", entry.value["M"], versus=group)
        entry.row("H", "information_theory", entry.value["H"], versus=group)
    else:
        entry.row("", "dissimilarity", entry.value, versus=group)


def exact(entry):
    """Return whether the own contact of a person is left out."""
    return {"exact": True} if entry.params.get("exact") else {}


def inequality(entry):
    """Return the parameter of Atkinson's index."""
    return {"b": entry.params["delta"]}


def exposures(entry):
    """Read a matrix of exposures; its diagonal is isolation."""
    for row, values in zip(entry.value["rows"], entry.value["matrix"], strict=True):
        for col, value in zip(entry.value["cols"], values, strict=True):
            exposure(entry, row, col, value, **exact(entry))


def exposure(entry, group, other, value, **own):
    """Add the row of one cell of a matrix of exposures."""
    if group == other:
        entry.row(f"{group} {other}", "isolation", value, group=group, **own)
    else:
        entry.row(f"{group} {other}", "exposure", value, group=group, other=other, **own)


def exposures_long(entry):
    """Read exposures as a long table."""
    for group, other, value in zip(*(entry.value[key] for key in ("of", "to", "exposure")), strict=True):
        exposure(entry, group, other, value)


def aspatial(entry):
    """Read D, R, H and the matrix of exposures, all without neighbours."""
    for name, index in (("d", "dissimilarity"), ("r", "relative_diversity"), ("h", "information_theory")):
        entry.row(name, index, entry.value[name])
    for group, values in zip(entry.groups, entry.value["p"], strict=True):
        for other, value in zip(entry.groups, values, strict=True):
            exposure(entry, group, other, value)


def summaries(index, **params):
    """Make a reader of mean, least and greatest value per unit; LQ has the mean of each group."""

    def read(entry):
        for name, value in entry.value.items():
            if name.startswith("mean_"):
                entry.row(name, index, value, local="mean", group=name.removeprefix("mean_"), **params)
            elif name == "n":
                entry.leave(NO_INDEX)
            else:
                summary = "weighted mean" if name == "sum_p_ls" else name
                entry.row(name, index, value, local=summary, **params)

    return read


def local_values(entry):
    """Read the local M of every unit, with its share of the people."""
    unit = entry.params["unit"]
    for name, value in zip(entry.value[unit], entry.value["ls"], strict=True):
        entry.row(name, "divergence", value, local={"at": name})
    entry.leave(NO_INDEX, len(entry.value["p"]))


def within_states(entry):
    """Read M and H of every state alone, its share of the people and its entropy over that of all."""
    for number, state in enumerate(entry.value["state"]):
        region = {"by": "state", "region": state}
        entry.row(f"M {state}", "mutual_information", entry.value["M"][number], **region)
        entry.row(f"H {state}", "information_theory", entry.value["H"][number], **region)
        entry.row(f"ent_ratio {state}", "entropy", entry.value["ent_ratio"][number], **region, over="city")
    entry.leave(NO_INDEX, len(entry.value["p"]))


def local_groups(entry):
    """Read the local M of every group, with its share of the people: schools are the groups of that entry."""
    entry.recipe = {}
    for name, value in zip(entry.value["race"], entry.value["ls"], strict=True):
        entry.row(name, "group_divergence", value, group=name)
    entry.leave(NO_INDEX, len(entry.value["p"]))


def by_state(entry):
    """Read M of every state."""
    entry.recipe = {}
    for state, value in zip(entry.value["state"], entry.value["M"], strict=True):
        entry.row(f"M {state}", "mutual_information", value, by="state", region=state)


def nested(entry):
    """Read M and H of states; districts within states and schools within districts are left."""
    names = {"M": "mutual_information", "H": "information_theory"}
    for between, within, stat, value in zip(*entry.value.values(), strict=True):
        if within:
            entry.leave(DECOMPOSITION)
        else:
            entry.row(f"{stat} {between}", names[stat], value, unit=between)


def between(entry):
    """Read the whole M and that between states; what is within them is left."""
    for name, value in entry.value.items():
        if name == "M":
            entry.row(name, "mutual_information", value)
        elif name == "M_B_state":
            entry.row(name, "mutual_information", scalar(value), unit="state")
        else:
            entry.leave(DECOMPOSITION, numbers_in(value))


def change(entry):
    """Read M before and after a change; the parts of the difference are left."""
    before, after = entry.file.split(" -> ")
    state = {"where": {"state": entry.params["state"]}} if "state" in entry.params else {}
    for name, value in entry.value.items():
        if name in ("M1", "M2"):
            entry.row(name, "mutual_information", value, file=before if name == "M1" else after, **state)
        else:
            entry.leave(DECOMPOSITION, numbers_in(value))


def compressed(entry):
    """Read M of a state before its schools are merged."""
    for name, value in entry.value.items():
        if name == "initial_M":
            entry.row(name, "mutual_information", value, where={"state": entry.params["state"]})
        else:
            entry.leave(MERGING, numbers_in(value))


def normalized(entry):
    """Read M over the logarithm of the number of groups: M to that base."""
    for name, value in entry.value.items():
        entry.row(name, "mutual_information", value, base=len(entry.groups))


def diversity(entry):
    """Read the entropy of all, to a base."""
    base = entry.params["base"]
    entry.row("", "entropy", entry.value, **({} if base == "e" else {"base": base}))


def profile(entry):
    """Read a concentration profile: the index, and points of the curve that are left."""
    group = entry.entry["groups"]
    other = group[0] + {"1": "2", "2": "1"}[group[1]]
    asked = {"thresholds": entry.params["n"]}
    entry.row(
        "R",
        "concentration_profile",
        entry.value["R"],
        groups=[group, other],
        group=group,
        theirs=asked,
        differs=ON_A_GRID,
    )
    entry.leave(NO_INDEX, numbers_in([entry.value["y_at"], entry.value["y"]]))


def ordinal(entry):
    """Read four ordinal indices, with their names or without."""
    values = entry.value.values() if isinstance(entry.value, dict) else entry.value
    for kind, value in zip(("entropy", "variance", "sqrt", "absolute"), values, strict=True):
        entry.row(kind, "ordinal", value, kind=kind)


def rank_order(entry):
    """Read three rank-order indices, and H of the people below and above each threshold."""
    for name, kind in (("Hr", "information"), ("Rr", "variance"), ("Sr", "hutchens")):
        fit = {"kind": kind, "degree": entry.params["polorder"], "weights": "none"}
        entry.row(name, "rank_order", entry.value[name], **fit)
    for number, value in enumerate(entry.value["Hp"], start=1):
        halves = {"low": entry.groups[:number], "high": entry.groups[number:]}
        entry.row(f"Hp {number}", "information_theory", value, merge=halves)


MUTUAL = {"M": "mutual_information", "H": "information_theory"}

READERS = {
    # R segregation
    "mutual_total (M,H)": named(MUTUAL),
    "mutual_total (M,H) group/unit swapped": named(MUTUAL),
    "mutual_total_nested": nested,
    "mutual_within by state (M,p,H,ent_ratio)": within_states,
    "mutual_local summary": summaries("divergence"),
    "mutual_local by race": local_groups,
    "mutual_local by state": local_values,
    "entropy": diversity,
    "entropy within (conditional)": one("entropy", local="weighted mean"),
    "exposure (full matrix, long)": exposures_long,
    "isolation": each("isolation", exact),
    "D two-group": one("dissimilarity"),
    "M,H two-group": named(MUTUAL),
    "D group vs rest": rest,
    "M,H group vs rest": rest,
    "compress": compressed,
    "segcurve: Gini from the curve": named({"gini": "gini", "n_points": NO_INDEX}),
    # R mutualinf
    "mutual": named(MUTUAL),
    "mutual within": between,
    "mutual nested within": between,
    "mutual by": by_state,
    # R OasisR
    "ISDuncan": versus("dissimilarity"),
    "HTheil": versus("information_theory"),
    "Gini": versus("gini"),
    "Gini2": pairs("gini"),
    "DIDuncan": pairs("dissimilarity"),
    "Eta2": each("correlation_ratio"),
    "HShannon": one("entropy"),
    "NShannon": one("entropy", scaled=True),
    "ISimpson": one("simpson"),
    "GiniMulti": one("gini"),
    "DMulti": one("dissimilarity"),
    "PMulti": one("normalized_exposure"),
    "RelDivers": one("relative_diversity"),
    "HMulti": one("information_theory"),
    "Atkinson": versus("atkinson", inequality),
    "CMulti": one("squared_coefficient_of_variation"),
    "Gorard": each("gorard"),
    "ordinalseg": ordinal,
    "rankorderseg": rank_order,
    "xPx": each("isolation", exact),
    "xPy": exposures,
    "LQ": summaries("location_quotient"),
    "HLoc": summaries("entropy", scaled=True),
    "LShannon": summaries("entropy"),
    "LSimpson": summaries("simpson"),
    # R seg
    "dissim D": one("dissimilarity"),
    "conprof (concentration profile R)": profile,
    "spatseg aspatial (env = own unit)": aspatial,
    # R divseg
    "ds_atkinson": one("atkinson"),
    "ds_dissim": one("dissimilarity"),
    "ds_entropy": one("information_theory"),
    "ds_correlation": first_group("correlation_ratio"),
    "ds_interaction": first_group("exposure", pair=True),
    "ds_isolation": first_group("isolation"),
    # the formula written out
    "D pairwise": pairs("dissimilarity"),
    "Gini pairwise (curve, O(n log n))": pairs("gini"),
    "exposure matrix xPy": exposures,
    "M": one("mutual_information"),
    "mutual_difference": change,
    "M/log(min(G,n)) and M/log G": normalized,
    "H multigroup": one("information_theory"),
    "entropy E": one("entropy"),
    "D multigroup": one("dissimilarity"),
    "R relative diversity": one("relative_diversity"),
    "P normalised exposure": one("normalized_exposure"),
    "C squared CV": one("squared_coefficient_of_variation"),
    "symmetric Atkinson (multigroup, w=1/G)": one("hutchens"),
    "Hutchens square root S, pairwise": pairs("hutchens"),
    "Hutchens vs rest": versus("hutchens"),
    "Atkinson b=.5 pairwise (check: 1-(1-S)^2)": pairs("atkinson"),
    "Karmel-Maclachlan vs rest (share who must move, margins kept)": versus("karmel_maclachlan"),
    **PLACES,
    **NEARNESS,
}
"""Name of an entry -> what reads it."""
