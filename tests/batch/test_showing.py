"""Progress: a bar in a terminal, one in Jupyter, lines elsewhere."""

import io
import os
import pty
import re
import sys
import types

import pytest

from segregate.batch import _showing
from segregate.batch._showing import showing


def test_lines_where_there_is_no_terminal(capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(_showing.time, "monotonic", lambda: now[0])
    with showing(True, 2, 8, "a run") as step:
        for k in range(6):
            now[0] += 4
            step(f"city {k}")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "a run: 5 of 8 tasks, 0.25 a second, 12 s left (city 2)",
        "a run: 8 of 8 tasks, 0.25 a second (city 5)",
    ]


def test_nothing_or_a_function(capsys):
    for progress in (None, False):
        with showing(progress, 0, 1, "a run") as step:
            step("a city")
    seen = []
    with showing(lambda *pair: seen.append(pair), 3, 5, "a run") as step:
        step("a city")
        step("another")
    assert seen == [(4, 5), (5, 5)]
    assert capsys.readouterr() == ("", "")


def test_a_bar_in_a_terminal(monkeypatch):
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "140")
        for name in ("NO_COLOR", "CI", "TTY_INTERACTIVE", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        with showing(True, 2, 8, "[b]a run[/b]") as step:
            for k in range(5):
                step(f"[i]city {k}[/i]")
                _showing.time.sleep(0.15)
        terminal.flush()
        os.set_blocking(master, False)
        seen = b""
        try:
            while piece := os.read(master, 65536):
                seen += piece
        except BlockingIOError:
            pass
    os.close(master)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert "[b]a run[/b]" in text, "a name is no markup"
    assert "[i]city 4[/i]" in text
    assert "7/8" in text
    assert re.search(r"[0-9.]+ a second", text)
    assert re.search(r"0:00:0[0-9]", text), "the time that is left"


class ZMQInteractiveShell:
    pass


@pytest.fixture
def notebook(monkeypatch):
    shell = types.ModuleType("IPython")
    shell.get_ipython = ZMQInteractiveShell
    monkeypatch.setitem(sys.modules, "IPython", shell)


def test_a_bar_in_a_notebook(notebook, monkeypatch):
    made = []

    class Bar:
        def __init__(self, **how):
            self.how, self.done = how, how["initial"]
            made.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.closed = True

        def update(self):
            self.done += 1

    module = types.ModuleType("tqdm.auto")
    module.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    with showing(True, 2, 8, "a run") as step:
        step("a city")
        step("another")
    [bar] = made
    assert bar.how == {"total": 8, "initial": 2, "desc": "a run", "unit": "task"}
    assert bar.done == 4
    assert bar.closed


def test_lines_in_a_notebook_without_tqdm(notebook, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with showing(True, 0, 1, "a run") as step:
        step("a city")
    assert capsys.readouterr().err.startswith("a run: 1 of 1 tasks, ")


def test_the_real_tqdm_where_it_is_installed(notebook, monkeypatch):
    pytest.importorskip("tqdm")
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    assert _showing._tqdm() is not None
