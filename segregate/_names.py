"""Where each public name lives; the indices are found by their files."""

from __future__ import annotations

from pathlib import Path

__all__ = ["HOME", "ROOMS"]

_MODULES = {
    "population": ["Population"],
    "environment": ["Contiguity", "Decay", "Flows", "Home", "Kernel", "Nearest", "Network", "Weights"],
    "io": ["Harmonised", "harmonise", "read", "read_raster", "sample", "sample_path"],
    "io.sources": ["sources"],
    "io.tables": ["save_table"],
    "plot.exploring": ["explore"],
    "_barriers": ["Barriers", "barriers"],
    "_catalogue": ["catalogue", "explain"],
    "_edges": ["Edges", "edges"],
    "_measure": ["contributions", "local", "measure"],
    "_profile": ["Profile", "profile"],
    "_sensitivity": ["Sensitivity", "sensitivity"],
    "indices": ["bind"],
    "inference": [
        "hotspots",
        "Interval",
        "TestResult",
        "bootstrap",
        *("Comparison", "Ranking", "Trend", "compare", "rank", "trend"),
        *("Corrected", "Expected", "SmallUnits", "corrected", "expected", "small_units"),
        "monte_carlo_test",
        *("Propagated", "propagate"),
        *("Bounds", "bounds"),
    ],
    "decomposition": ["BetweenWithin", "Change", "Structure", "between_within", "change", "compress", "structure"],
    "errors": [
        "DataError",
        "GeometryError",
        "MissingDependencyError",
        "ParameterError",
        "SegregateError",
        "SegregateWarning",
        "UndefinedIndexWarning",
        "UnknownNameError",
    ],
    "batch": ["run"],
    "reporting": ["report"],
    "schools.reaching": ["Access", "access"],
    "schools.planned_site": ["WhatIf", "what_if"],
    "schools.meeting_places": ["Meeting", "meeting"],
    "schools.sheet": ["Scorecard", "scorecard"],
    "schools.investment": ["BeforeAfter", "before_after"],
    "_version": ["version"],
}
HOME = {name: module for module, names in _MODULES.items() for name in names} | {
    file.stem: f"indices.{file.stem}" for file in (Path(__file__).parent / "indices").glob("[!_]*.py")
}
ROOMS = [
    *("batch", "decomposition", "environment", "errors", "indices", "inference", "io"),
    *("kernels", "plot", "population", "registry", "reporting", "results", "schools"),
]
