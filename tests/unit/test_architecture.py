"""Who may import whom, and other promises about the shape of the code."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import segregate as sg

ROOT = Path(sg.__file__).parent
ORDER = [
    ["_version", "errors", "_html", "_languages", "_optional", "_names", "_arrays"],
    ["_progress", "results"],
    ["kernels"],
    ["_crs", "_checks", "_centre", "environment"],
    ["_places"],
    ["_segments"],
    ["_disclosure", "_provenance", "_text_numbers"],
    [
        "_buffer",
        "_crossed",
        "_door",
        "_grouping",
        "_long",
        "_margins",
        "_reference",
        "_regions",
        "_repr",
        "_typed",
        "_uncertain",
        "population",
    ],
    ["registry"],
    ["indices"],
    ["_evaluate"],
    ["_measure", "_catalogue"],
    ["_profile", "_sensitivity", "_edges", "_barriers"],
    ["inference"],
    ["decomposition"],
    ["schools"],
    ["io", "plot"],
    ["batch"],
    ["reporting"],
    ["cli"],
    ["_stub", "__main__"],
    ["testing"],
]
"""Rooms from left to right; a room imports itself and what stands to its left, or beside it."""
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
WALLS = {
    "pandas": lambda room: room != "kernels",
    "libpysal": lambda room: room == "environment",
    "esda": lambda room: room == "inference",
    "matplotlib": lambda room: room == "plot",
    "mapclassify": lambda room: room == "plot",
    "typer": lambda room: room == "cli",
    "jinja2": lambda room: room == "reporting",
}
"""Libraries that only some rooms may import."""


def room_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules():
    return [path for path in ROOT.rglob("*.py") if room_of(path) != "__init__"]


def imports(path):
    """Yield (module, whether it is ours, whether it is only for types) for every import of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    package = ["segregate", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            for alias in node.names:
                if stem == "segregate":
                    yield f"segregate.{alias.name}"


def test_every_room_has_its_place():
    assert {room_of(path) for path in modules()} <= set(RANK)


def test_imports_go_one_way():
    wrong = []
    for path in modules():
        room = room_of(path)
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "segregate" and len(parts) > 1 and RANK[parts[1]] > RANK[room]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
            wall = WALLS.get(parts[0])
            if wall is not None and not wall(room):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_kernels_know_numpy_and_numba_only():
    allowed = {
        "numpy",
        "numba",
        "__future__",
        "functools",
        "logging",
        "math",
        "os",
        "threading",
        "types",
        "collections",
        "typing",
    }
    for path in (ROOT / "kernels").glob("*.py"):
        for name in imports(path):
            assert name.split(".")[0] in allowed | {"segregate"}, f"{path.name} imports {name}"
            assert not name.startswith("segregate") or name.startswith("segregate.kernels"), path.name


def test_indices_decorate_only_through_kernel():
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert ".njit(" not in text or path.name == "_jit.py", path
        assert "fastmath=True" not in text, path


def test_no_file_is_too_long():
    long = [path for path in [*ROOT.rglob("*.py")] if len(path.read_text(encoding="utf-8").splitlines()) > 500]
    assert not long


def test_importing_every_module_leaves_every_public_name_as_it_is():
    """A module called like a public function would replace it when it is imported."""
    before = {name: getattr(sg, name) for name in sg.__all__}
    for module in pkgutil.walk_packages(sg.__path__, "segregate."):
        if module.name.endswith("__main__"):
            continue  # it is the command line
        importlib.import_module(module.name)
    for name, value in before.items():
        assert getattr(sg, name) is value, name


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_does_no_work():
    heavy = ["numpy", "pandas", "numba", "matplotlib", "libpysal", "scipy"]
    code = f"import sys, segregate; print([m for m in {heavy} if m in sys.modules])"
    assert run(code) == "[]"


def test_importing_touches_nothing_global():
    code = """
import os, warnings, random
import numpy as np, pandas as pd, matplotlib
state = lambda: (np.geterr(), warnings.filters[:], dict(os.environ), random.getstate(),
                 np.random.get_state()[1].tolist(), dict(matplotlib.rcParams), pd.get_option('display.max_rows'))
import geopandas, numba, scipy.sparse, mapclassify, matplotlib.pyplot, rich, typer, pyogrio, pyarrow, openpyxl
before = state()
import pkgutil, importlib, segregate as sg
for module in pkgutil.walk_packages(sg.__path__, 'segregate.'):
    if not module.name.endswith('__main__'):
        importlib.import_module(module.name)
sg.measure(sg.sample('schools'))
print(before == state())
"""
    assert run(code) == "True"


def test_measuring_needs_no_matplotlib_and_no_libpysal():
    code = """
import sys, segregate as sg
sg.measure(sg.sample('schools'))
print([m for m in ('matplotlib', 'libpysal', 'typer') if m in sys.modules])
"""
    assert run(code) == "[]"
