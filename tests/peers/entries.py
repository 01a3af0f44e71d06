"""An entry of reference_values.json, and the reasons why a number of it is not compared or not equal."""

import json
import math
from collections import Counter

SCHOOLS = "peers_inputs/segregation_schools00.csv"
SCHOOLS_LATER = "peers_inputs/segregation_schools05.csv"
BIRTHS = "peers_inputs/sf_nc_epsg32119.gpkg"
PATTERNS = "peers_inputs/oasisr_segdata.gpkg"
SACRAMENTO = "sacramento_2000_sf3/sacramentot2.parquet"
INLINE = "inline"
DATASETS = {
    "segregation_schools00.csv": SCHOOLS,
    "segregation_schools05.csv": SCHOOLS_LATER,
    "sf_nc_epsg32119.csv": BIRTHS,
    "oasisr_segdata.csv": PATTERNS,
    "seg_segdata.csv": PATTERNS,
}

# why a number is not compared
SMOOTHED = "smoothed first by a kernel of another package, whose grid and edges are its own"
SURFACES = "Sadahiro and Hong's decomposition of surfaces, which is not in the catalogue"
INFERENCE = "expected, corrected and bootstrapped values: in tests/peers/test_inference_values.py"
DECOMPOSITION = "parts between and within, and over time: in tests/peers/test_decompositions.py"
MERGING = "merging of units into few: all agree with segregate.compress, in tests/unit/test_compress.py"
NO_INDEX = "not an index: shares of the people, numbers of units, points of a curve"
NO_NUMBER = "the package gives no number there"
ITSELF = "a group against itself"

LEFT_OUT = {
    SMOOTHED: ("spseg smoothing=kernel",),
    SURFACES: ("deseg",),
    INFERENCE: (
        *("D bias-corrected", "dissimilarity_expected", "mutual_local bias-corrected", "mutual_local_expected"),
        *("mutual_total bias-corrected", "mutual_total within bias-corrected", "mutual_total_expected"),
    ),
    DECOMPOSITION: ("ipf", "mutual_total conditional", "mutual_total within"),
    MERGING: ("merge_units",),
    NO_INDEX: ("number of units",),
}
"""Reason -> how the names of the entries begin; for entries without a reader."""

# why a number is not equal; theirs.py gives the number of the other package for each of them
ONE_BY_ONE = "units equally far from the centre are taken one by one, so the order of the rows decides"
ON_A_GRID = "the areas under the curve are sums over a grid of thresholds, not exact"
TURNED = "of distances in place of nearness the ratio is taken from 1, not 1 from the ratio"


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
        if self.file.startswith("inline"):
            self.recipe = {"table": self.params["x"]}
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

    def row(self, part, index, value, *, groups=None, file=None, differs="", **params):
        """Add a row for one number of the entry; a number that is not there is one that is undefined."""
        if value is not None and not math.isfinite(value):
            raise SystemExit(f"entry {self.entry['id']}: {part} is {value!r}, not a number")
        chosen = self.groups if groups is None else groups
        self.rows.append(
            {
                "id": f"{self.entry['id']} {part}".strip(),
                "dataset": INLINE if "table" in self.recipe else DATASETS[file or self.file],
                "index": index,
                "groups": json.dumps(chosen) if chosen else "",
                "params": json.dumps({**self.recipe, **params}, sort_keys=True),
                "value": "nan" if value is None else repr(value),
                "rtol": "1e-10",
                "atol": "0" if index == "mean_proximity" else "1e-12",
                "peer": self.entry["peer"],
                "version": self.entry["version"],
                "peer_index": self.index,
                "relation": f"differs: {differs}" if differs else "equal",
            }
        )

    def leave(self, reason, numbers=1):
        """Count numbers of the entry that become no row."""
        self.left_out[reason] += numbers


def numbers_in(value):
    """Return how many numbers a value of the file holds, those that are undefined included."""
    if isinstance(value, dict):
        return sum(numbers_in(part) for key, part in value.items() if key not in ("rows", "cols"))
    if isinstance(value, list):
        return sum(numbers_in(part) for part in value)
    return int(value is None or isinstance(value, (int, float)))


def scalar(value):
    """Return the number in a number, a list of one or a 1 x 1 matrix."""
    while not isinstance(value, (int, float)):
        value = value["matrix"] if isinstance(value, dict) else value[0]
    return value
