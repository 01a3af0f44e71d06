"""Run by an interpreter that has PySAL segregation: tests of H for `benchmarks.inference`.

    python peer_inference.py FOLDER

FOLDER holds a table and request.json and gets reply.json. This script knows nothing of segregate.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Do what request.json asks for."""
    import pandas as pd

    warnings.simplefilter("ignore")
    from segregation.inference import SingleValueTest
    from segregation.multigroup import MultiInfoTheory

    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    reply: dict[str, Any] = {"versions": {name: version(name) for name in ("segregation", "numpy", "pandas")}}
    for name, asked in request.items():
        frame = pd.read_parquet(folder / f"{name}.parquet")
        measured = MultiInfoTheory(frame, list(frame.columns))
        reply[name] = {"statistic": float(measured.statistic)}
        for approach, iterations in asked["iterations"].items():
            how = {"null_approach": approach, "two_tailed": False}
            SingleValueTest(measured, iterations_under_null=2, **how)  # starts its workers
            seconds, null = [], []
            for _ in range(asked["repeats"]):
                begun = time.perf_counter()
                found = SingleValueTest(measured, iterations_under_null=iterations, **how)
                seconds.append(time.perf_counter() - begun)
                null += [float(value) for value in found.est_sim]
            reply[name][approach] = {"seconds": seconds, "iterations": iterations, "null": null}
    (folder / "reply.json").write_text(json.dumps(reply), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
