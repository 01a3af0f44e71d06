"""Run by an interpreter that has PySAL segregation: the four spatial calls of `benchmarks.environments`.

    python peer_environments.py FOLDER

FOLDER holds data.parquet and request.json and gets reply.json. This script knows nothing of segregate.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

TOTAL = "everybody in the unit"


def main(folder: Path) -> None:
    """Do what request.json asks for."""
    import geopandas as gpd

    warnings.simplefilter("ignore")
    from segregation.dynamics import compute_multiscalar_profile
    from segregation.multigroup import GlobalDistortion, MultiInfoTheory
    from segregation.singlegroup import DistanceDecayIsolation

    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    groups, radii = request["groups"], request["radii"]
    frame = gpd.read_parquet(folder / "data.parquet")
    frame[TOTAL] = frame[groups].sum(axis=1)
    calls = {
        "isolation within an exponential decay": lambda: DistanceDecayIsolation(frame, groups[0], TOTAL).statistic,
        "H within a triangular kernel of 2 km": lambda: (
            MultiInfoTheory(frame, groups, distance=2000, decay=True, function="triangular").statistic
        ),
        "profile of H over ten radii": lambda: compute_multiscalar_profile(
            frame, segregation_index=MultiInfoTheory, distances=list(radii), groups=groups, function="triangular"
        ).iloc[-1],
        "distortion": lambda: GlobalDistortion(frame, groups).statistic,
    }
    reply = {}
    for name, call in calls.items():
        seconds, value, error = [], float("nan"), ""
        try:
            for _ in range(request["repeats"]):
                begun = time.perf_counter()
                value = float(call())
                seconds.append(time.perf_counter() - begun)
                if seconds[-1] > 60:
                    break
        except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        reply[name] = {"seconds": seconds, "value": value if value == value else None, "error": error}
    reply["versions"] = {name: version(name) for name in ("segregation", "numpy", "geopandas")}
    (folder / "reply.json").write_text(json.dumps(reply), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
