"""Synthetic files in the layouts of the sources, made anew for each run of the tests."""

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder with the synthetic files of a source; ``made("nomis_ts021")``."""
    folders: dict[str, Path] = {}

    def folder(source: str) -> Path:
        if source not in folders:
            place = tmp_path_factory.mktemp(source)
            importlib.import_module(f"tests.sources.make_{source}").make(place)
            folders[source] = place
        return folders[source]

    return folder
