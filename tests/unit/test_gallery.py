"""The gallery shows every plot, its page is that of its scripts, and each script runs."""

import importlib.util
import inspect
import runpy
import sys
from pathlib import Path

import pytest

import segregate as sg
from tests.helpers import quietly

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("make_gallery", ROOT / "docs" / "make_gallery.py")
make_gallery = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make_gallery)
SCRIPTS = make_gallery.scripts()
LONGEST, LARGEST = 15, 100_000


def one_call_plots():
    """Return the names of plots that take save=."""
    return {
        name
        for name in sg.plot.__all__
        if inspect.isfunction(getattr(sg.plot, name)) and "save" in inspect.signature(getattr(sg.plot, name)).parameters
    }


def test_every_plot_has_a_script():
    assert "map" in one_call_plots()
    assert {script.stem for script in SCRIPTS} == one_call_plots()


def test_the_page_is_that_of_the_scripts():
    stale = "docs/gallery.md is stale: python docs/make_gallery.py --text"
    assert make_gallery.PAGE.read_text(encoding="utf-8") == make_gallery.page(), stale


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_are_short_and_have_their_pictures(script):
    text = script.read_text(encoding="utf-8")
    assert f"sg.plot.{script.stem}(" in text
    assert len([line for line in text.splitlines() if line.strip()]) <= LONGEST
    picture = make_gallery.PICTURES / f"{script.stem}.png"
    assert 0 < picture.stat().st_size <= LARGEST
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_pictures_without_a_script_are_gone():
    assert {path.stem for path in make_gallery.PICTURES.glob("*.png")} == {script.stem for script in SCRIPTS}


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_run(script, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", [str(script), str(tmp_path)])
    quietly(runpy.run_path, str(script), run_name="__main__")
    assert [path.name for path in tmp_path.iterdir()] == [f"{script.stem}.png"]


@pytest.mark.slow
def test_a_script_runs_alone(tmp_path):
    assert make_gallery.draw(ROOT / "docs" / "gallery" / "pair_matrix.py", tmp_path).is_file()
