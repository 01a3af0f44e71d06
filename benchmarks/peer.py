"""PySAL segregation in a virtual environment of its own, driven as a subprocess.

It is never imported beside segregate: importing it switches numpy's warnings off.

    python -m benchmarks.peer [--peer-env FOLDER] [--python PYTHON]

makes the environment, once; `benchmarks.run` does so by itself when it needs it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .data import Table

VERSION = "2.6.0"
OLDEST = (3, 12)
SCRIPT = Path(__file__).with_name("peer_pysal.py")


def default_folder() -> Path:
    """Return where the environment is kept: the user's cache, or the folder for temporary files."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        cache = Path(tempfile.gettempdir())
    if not os.access(cache, os.W_OK):
        cache = Path(tempfile.gettempdir())
    return cache / "segregate" / f"pysal-segregation-{VERSION}"


def interpreter(folder: Path) -> Path:
    """Return the interpreter of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ready(folder: Path) -> bool:
    """Say whether an environment holds the peer."""
    if not interpreter(folder).exists():
        return False
    code = "import importlib.metadata as m, pyarrow; print(m.version('segregation'))"
    return answer(interpreter(folder), code) == VERSION


def answer(python: Path, code: str) -> str:
    """Return what an interpreter prints, or nothing where it fails (pyenv's shims may)."""
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def candidates() -> Iterator[Path]:
    """List interpreters that may be new enough: this one, those on the PATH, those of pyenv."""
    yield Path(sys.executable)
    names = [f"python3.{minor}" for minor in (13, 12, 14)]
    yield from (Path(found) for name in names if (found := shutil.which(name)))
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for pattern in ("3.13.*", "3.12.*", "3.14.*"):
        yield from (folder / "bin" / "python" for folder in sorted(versions.glob(pattern)))


def find_python() -> Path:
    """Return an interpreter new enough for the peer."""
    for python in candidates():
        found = answer(python, "import sys; print(*sys.version_info[:2])").split()
        if found and tuple(map(int, found)) >= OLDEST:
            return python
    sys.exit(f"PySAL segregation {VERSION} needs Python {OLDEST[0]}.{OLDEST[1]} or later; give one: --python PATH.")


def prepare(folder: Path | None = None, python: Path | None = None) -> Path:
    """Make the environment where it is not there yet, and return its folder."""
    folder = folder or default_folder()
    if not ready(folder):
        print(f"Making an environment with segregation {VERSION}; this takes a minute.", file=sys.stderr)
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([str(python or find_python()), "-m", "venv", str(folder)], check=True, stdout=sys.stderr)
        install = [str(interpreter(folder)), "-m", "pip", "install", "--quiet", f"segregation=={VERSION}", "pyarrow"]
        subprocess.run(install, check=True, stdout=sys.stderr)
        if not ready(folder):
            sys.exit("The environment was made, but segregation cannot be found in it.")
    return folder


def ask(
    folder: Path,
    table: Table,
    classes: Mapping[str, str],
    *,
    regions: int | None = None,
    repeats: int = 1,
    limit: float = 600,
    seed: int = 0,
    batch: bool = False,
) -> tuple[pd.DataFrame, list[list[float]], dict[str, Any]]:
    """Have the peer measure a table.

    Parameters
    ----------
    folder : path
        The environment.
    table : Table
        What to measure.
    classes : mapping
        Index and the peer's class.
    regions : int, optional
        Only so many regions, drawn at random.
    repeats : int
        How often each call is timed.
    limit : float
        Seconds after which no further region is begun; they come in a random order.
    batch : bool
        Call the functions that compute everything at once; the table needs polygons. The seconds are then those
        of the calls: all groups together first, then group by group until the limit is reached.

    Returns
    -------
    values : DataFrame
        Columns region, index, group, value and error: a row per call.
    seconds : list
        One list a repeat, with the seconds of every call.
    facts : dict
        Versions, seconds of the import and of the first calls, number of regions.
    """
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        columns = [*table.groups, *([] if table.by is None else [table.by]), *(["geometry"] if batch else [])]
        table.frame[columns].to_parquet(room / "data.parquet", index=False)
        request = {
            "groups": list(table.groups),
            "by": table.by,
            "classes": dict(classes),
            "regions": regions,
            "repeats": repeats,
            "limit": limit,
            "seed": seed,
            "batch": batch,
        }
        (room / "request.json").write_text(json.dumps(request), encoding="utf-8")
        clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
        subprocess.run([interpreter(folder), SCRIPT, room], check=True, stdout=sys.stderr, env=clean)
        reply = json.loads((room / "reply.json").read_text(encoding="utf-8"))
    values = pd.DataFrame(reply.pop("rows"), columns=["region", "index", "group", "value", "error"])
    return values.astype({"value": float}), reply.pop("seconds"), reply


def main() -> None:
    """Make the environment."""
    parser = argparse.ArgumentParser(description="Make the environment of the peer.")
    options(parser)
    arguments = parser.parse_args()
    print(prepare(arguments.peer_env, arguments.python))


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the peer lives."""
    parser.add_argument("--peer-env", type=Path, help="folder of the peer's environment; made where it is not there")
    parser.add_argument("--python", type=Path, help=f"interpreter to make it with, {OLDEST[0]}.{OLDEST[1]} or later")


if __name__ == "__main__":
    main()
