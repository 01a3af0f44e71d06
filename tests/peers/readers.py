"""How each kind of entry of reference_values.json is read: numbers into rows, the rest into reasons."""

import json
import math
from collections import Counter

SCHOOLS = "peers_inputs/segregation_schools00.csv"
SCHOOLS_LATER = "peers_inputs/segregation_schools05.csv"
BIRTHS = "peers_inputs/sf_nc_epsg32119.gpkg"
SACRAMENTO = "sacramento_2000_sf3/sacramentot2.parquet"
DATASETS = {
    "segregation_schools00.csv": SCHOOLS,
    "segregation_schools05.csv": SCHOOLS_LATER,
    "sf_nc_epsg32119.csv": BIRTHS,
    "oasisr_segdata.csv": "peers_inputs/oasisr_segdata.gpkg",
    "seg_segdata.csv": "peers_inputs/oasisr_segdata.gpkg",
}

# why a number is not compared
OTHER_INDEX = "another index, not in the catalogue yet"
ENVIRONMENT = "within an environment of neighbours"
SPACE = "index of clustering, centralization, concentration or borders"
INFERENCE = "inference: expected, corrected, bootstrapped"
DECOMPOSITION = "decomposition between and within, or over time"
ORDERED = "index of ordered groups"
MERGING = "merging of units into few (compress)"
NO_INDEX = "not an index: share of the people, number of units or points"
ITSELF = "a group against itself"

LEFT_OUT = {
    OTHER_INDEX: (
        "Atkinson",
        "CMulti",
        "C squared CV",
        "Gorard",
        "Hutchens",
        "Karmel-Maclachlan",
        "symmetric Atkinson",
        "conprof",
        "ds_atkinson",
    ),
    ENVIRONMENT: ("spseg", "DPxx"),
    SPACE: (
        *("ACE", "ACL", "ACO", "DIMorrill", "DIWong", "Delta", "ISMorrill", "ISWong", "Poo", "Pxx", "Pxy"),
        *("RCE", "RCL", "SP", "isp", "ds_delta", "dissim user nb", "deseg"),
    ),
    INFERENCE: (
        *("D bias-corrected", "dissimilarity_expected", "mutual_local bias-corrected", "mutual_local_expected"),
        *("mutual_total bias-corrected", "mutual_total within bias-corrected", "mutual_total_expected"),
    ),
    DECOMPOSITION: ("ipf", "mutual_total conditional", "mutual_total within"),
    ORDERED: ("ordinalseg", "rankorderseg"),
    MERGING: ("merge_units",),
    NO_INDEX: ("number of units",),
}
"""Reason -> how the names of the entries begin; for entries without a reader in ``READERS``."""


class Entry:
    """One entry of the file: its rows, and the reasons for what becomes no row."""

    def __init__(self, entry):
        self.entry = entry
        self.index = entry["index"]
        self.value = entry["value"]
        self.params = entry["params"]
        self.rows = []
        self.left_out = Counter()
        self.groups = entry["groups"] if isinstance(entry["groups"], list) else None
        self.recipe = {}
        self.file = entry["dataset"]
        if self.file.startswith("segregation_schools"):
            self.recipe = {
                key: name
                for key, name, usual in (
                    ("unit", self.params.get("unit"), "school"),
                    ("names", self.params.get("group"), "race"),
                )
                if isinstance(name, str) and name != usual
            }
            if "names" in self.recipe:
                self.groups = None
                self.recipe.setdefault("unit", "race")

    def row(self, part, index, value, *, groups=None, file=None, **params):
        """Add a row for one number of the entry."""
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            raise SystemExit(f"entry {self.entry['id']}: {part} is {value!r}, not a number")
        chosen = self.groups if groups is None else groups
        self.rows.append(
            {
                "id": f"{self.entry['id']} {part}".strip(),
                "dataset": DATASETS[file or self.file],
                "index": index,
                "groups": json.dumps(chosen) if chosen else "",
                "params": json.dumps({**self.recipe, **params}, sort_keys=True),
                "value": repr(value),
                "rtol": "1e-10",
                "atol": "1e-12",
                "peer": self.entry["peer"],
                "version": self.entry["version"],
                "peer_index": self.index,
                "relation": "equal",
            }
        )

    def leave(self, reason, numbers=1):
        """Count numbers of the entry that become no row."""
        self.left_out[reason] += numbers


def numbers_in(value):
    """Return how many numbers a value of the file holds."""
    if isinstance(value, dict):
        return sum(numbers_in(part) for key, part in value.items() if key not in ("rows", "cols"))
    if isinstance(value, list):
        return sum(numbers_in(part) for part in value)
    return int(isinstance(value, (int, float)))


def scalar(value):
    """Return the number in a number, a list of one or a 1 x 1 matrix."""
    while not isinstance(value, (int, float)):
        value = value["matrix"] if isinstance(value, dict) else value[0]
    return value


# one function for each shape of entry -----------------------------------------------------


def one(index, **params):
    """Make a reader of an entry that is one number for all its groups."""

    def read(entry):
        entry.row("", index, scalar(entry.value), **params)

    return read


def named(indices):
    """Make a reader of an entry whose numbers have names: name -> index, or the reason to leave it."""

    def read(entry):
        base = entry.params.get("base", "e")
        for name, value in entry.value.items():
            index = indices[name]
            if index not in ("mutual_information", "information_theory", *DIRECT):
                entry.leave(index, numbers_in(value))
                continue
            based = {} if base == "e" or index != "mutual_information" else {"base": base}
            entry.row(name, index, scalar(value), **based)

    return read


DIRECT = ("dissimilarity", "gini", "relative_diversity")


def versus(index):
    """Make a reader of one number for each group, against the rest."""

    def read(entry):
        for group, value in entry.value.items():
            entry.row(group, index, value, versus=group)

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


def each(index, **params):
    """Make a reader of one number for each group, of a focal index."""

    def read(entry):
        exact = {"exact": True} if entry.params.get("exact") else {}
        for group, value in entry.value.items():
            entry.row(group, index, value, group=group, **params, **exact)

    return read


def pairs(index):
    """Make a reader of a matrix of two-group indices."""

    def read(entry):
        for row, values in zip(entry.value["rows"], entry.value["matrix"], strict=True):
            for col, value in zip(entry.value["cols"], values, strict=True):
                if row == col:
                    entry.leave(ITSELF, numbers_in(value))
                else:
                    entry.row(f"{row} {col}", index, value, groups=[row, col])

    return read


def exposures(entry):
    """Read a matrix of exposures; its diagonal is isolation."""
    exact = {"exact": True} if entry.params.get("exact") else {}
    for row, values in zip(entry.value["rows"], entry.value["matrix"], strict=True):
        for col, value in zip(entry.value["cols"], values, strict=True):
            exposure(entry, row, col, value, **exact)


def exposure(entry, group, other, value, **exact):
    """Add the row of one cell of a matrix of exposures."""
    if group == other:
        entry.row(f"{group} {other}", "isolation", value, group=group, **exact)
    else:
        entry.row(f"{group} {other}", "exposure", value, group=group, other=other, **exact)


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


def bandwidths(index):
    """Make a reader of an index at several bandwidths, 0 among them."""

    def read(entry):
        for name, value in entry.value.items():
            if name == "bw0":
                entry.row(name, index, value)
            else:
                entry.leave(ENVIRONMENT)

    return read


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


def first_group(index, *, pair=False):
    """Make a reader of a focal index of the first column, or of the first and the second."""

    def read(entry):
        group, other = entry.groups
        entry.row("", index, entry.value, group=group, **({"other": other} if pair else {}))

    return read


DISSIM = {"d": "dissimilarity", **dict.fromkeys(("dm", "dw", "ds", "user"), SPACE)}
MUTUAL = {"M": "mutual_information", "H": "information_theory"}

READERS = {
    # R segregation
    "mutual_total (M,H)": named(MUTUAL),
    "mutual_total (M,H) group/unit swapped": named(MUTUAL),
    "mutual_total_nested": nested,
    "mutual_within by state (M,p,H,ent_ratio)": within_states,
    "mutual_local summary": summaries("divergence"),
    "mutual_local by race": local_values,
    "mutual_local by state": local_values,
    "entropy": diversity,
    "entropy within (conditional)": one("entropy", local="weighted mean"),
    "exposure (full matrix, long)": exposures_long,
    "isolation": each("isolation"),
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
    "xPx": each("isolation"),
    "xPy": exposures,
    "LQ": summaries("location_quotient"),
    "HLoc": summaries("entropy", scaled=True),
    "LShannon": summaries("entropy"),
    "LSimpson": summaries("simpson"),
    # R seg
    "dissim D": one("dissimilarity"),
    "dissim adjust=TRUE": named(DISSIM),
    "dissim adjust=TRUE (D, D(adj) rook, D(w), D(s))": named(DISSIM),
    "dissim adjust=TRUE (D, D(adj), D(w), D(s))": named(DISSIM),
    "spatseg aspatial (env = own unit)": aspatial,
    # R segregr
    "spatial D": bandwidths("dissimilarity"),
    "spatial H": bandwidths("information_theory"),
    # R divseg
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
}
"""Name of an entry -> what reads it."""
