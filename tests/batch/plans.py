"""Small synthetic countries for tests of batches."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

GROUPS = ["a", "b", "c"]


def country(seed=1, cities=6, units=40):
    """Return a table of units of several cities, with places in metres."""
    rng = np.random.default_rng(seed)
    many = cities * units
    table = pd.DataFrame(rng.integers(0, 60, (many, 3)), columns=GROUPS)
    table.insert(0, "unit", [f"u{k:05d}" for k in range(many)])
    table["city"] = np.repeat([f"C{k:02d}" for k in range(cities)], units)
    table["name"] = np.repeat([f"City {k}" for k in range(cities)], units)
    table["x"] = rng.uniform(0, 3000, many) + 1e5 * np.repeat(np.arange(cities), units) + 4e6
    table["y"] = rng.uniform(0, 3000, many) + 3e6
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


def plan(folder: Path, **parts):
    """Return a plan over a country that is written to `folder`, with other parts where they are given."""
    file = folder / "country.parquet"
    if not file.exists():
        country().to_parquet(file)
    data = {"path": str(file), "by": "city", "groups": GROUPS, "id": "unit", "points": ["x", "y"], "crs": "EPSG:3035"}
    made = {
        "plan": {"name": "a small country", "output": str(folder / "out")},
        "data": [data],
        "measure": {
            "indices": ["D", "H", "isolation", {"index": "atkinson", "b": 0.1}],
            "environments": [{"kind": "home"}, {"kind": "kernel", "radius": [400, 800]}],
        },
        "engine": {"workers": 1},
    }
    return made | parts


def toml(content, path: Path):
    """Write a plan as TOML."""
    lines = []
    for name, part in content.items():
        for one in part if name == "data" else [part]:
            lines.append(f"[[{name}]]" if name == "data" else f"[{name}]")
            lines += [f"{key} = {_value(value)}" for key, value in one.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _value(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
