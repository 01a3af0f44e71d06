"""What the page about exporting says is run."""

import re
import shlex
import shutil
from pathlib import Path

import matplotlib
import pytest

import segregate as sg
from segregate.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "exporting.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def test_every_block_runs_and_leaves_its_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(matplotlib.pyplot, "show", lambda: None)
    code = "\n".join(blocks("python"))
    exec(compile(code, "exporting.md", "exec"), {})
    matplotlib.pyplot.close("all")
    named = set(re.findall(r'"(\w+\.(?:\w{2,7}))"', code))
    assert len(named) >= 13
    assert {path.name for path in tmp_path.iterdir()} == named | {"black.qml"}
    assert (tmp_path / "interval.md").read_text().startswith("**information theory")


def test_every_command_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copy(sg.sample_path("sacramento"), tmp_path / "tracts.gpkg")
    for command in "".join(blocks("sh")).splitlines():
        name, *arguments = shlex.split(command)
        assert name == "segregate"
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code in (0, None), capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {
        *("tracts.gpkg", "indices.xlsx", "divergence.geojson", "map.gpkg", "map.png")
    }
