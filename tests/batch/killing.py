"""A run in a process of its own, and how to stop it: at its files, at its workers, by signals."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from segregate.batch._tasks import HEAVY
from tests.batch.plans import country, plan

FILES = ("results.parquet", "manifest.json", "league.parquet", "summary.html")
CODE = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
if __name__ == "__main__":
    from segregate.batch import run
    from pathlib import Path
    run(json.loads(Path(sys.argv[1]).read_text()))
"""
CITIES = 12
POLL = 0.002
LONGEST = 120

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")


def long_plan(folder, output, kind="local"):
    """Return a plan of so many tasks with some tenths of a second of work each, and its script's argument."""
    file = folder / "country.parquet"
    if not file.exists():
        country(cities=CITIES, units=HEAVY // 2 + 1).to_parquet(file)
    given = plan(
        folder,
        measure={"indices": ["H", "isolation"]},
        bootstrap={"replicates": 59, "seed": 1},
        test={"replicates": 59, "seed": 1},
        engine={"kind": kind, "workers": 2},
    )
    given["plan"]["output"] = str(folder / output)
    path = folder / f"{output}.json"
    path.write_text(json.dumps(given))
    return path


def start(path, **how):
    """Start a run in a group of processes of its own; it keeps its stderr beside the plan."""
    stream = path.with_suffix(".err").open("ab")
    with stream:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", CODE, str(path)], stderr=stream, start_new_session=True, **how
        )


def content(folder):
    """Return the bytes of what a run leaves."""
    return {name: (folder / name).read_bytes() for name in FILES}


def parts(folder):
    """Return how many tasks are done."""
    return len(list((folder / "parts").glob("*.parquet")))


def until(what, process=None):
    """Wait for something; return whether it came before the process ended."""
    end = time.monotonic() + LONGEST
    while not what():
        if process is not None and process.poll() is not None:
            return False
        assert time.monotonic() < end, "waited for too long"
        time.sleep(POLL)
    return True


def below(root):
    """Return the processes that a process started, and those that these started, with their commands."""
    found, fresh = {}, {root}
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ProcessLookupError):
            state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            if state != "Z":
                parents[int(entry.name)] = (int(parent), (entry / "cmdline").read_text())
    while fresh:
        fresh = {pid for pid, (parent, _) in parents.items() if parent in fresh}
        found |= {pid: parents[pid][1] for pid in fresh}
    return found


def workers_of(process, sign):
    """Return the workers of a run, by a word of their commands."""
    return sorted(
        pid for pid, command in below(process.pid).items() if sign in command and "resource_tracker" not in command
    )


def gone(pid):
    """Return whether a process is no more, or only waits to be counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (OSError, ProcessLookupError):
        return True


def kill(pid):
    """End a process at once; it may have ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def undisturbed(folder, kind="local"):
    """Return what a run leaves that nobody disturbs."""
    path = long_plan(folder, "undisturbed", kind)
    assert start(path).wait(LONGEST) == 0, path.with_suffix(".err").read_text()
    return content(folder / "undisturbed")


def moments(seed, many):
    """Return random moments of a run: at its start, when so many tasks are done, or when a file is there; and a delay.

    They are spread over the run: every fifth at its start, every fifth while results are put together.
    """
    rng = np.random.default_rng(seed)
    found = []
    for number in range(many):
        if number % 5 == 0:
            found.append(("start", 0, rng.uniform(0, 3)))
        elif number % 5 == 4:
            file = rng.choice(["results.parquet", "league.parquet", "manifest.json"])
            found.append((str(file), 0, rng.uniform(0, 0.02)))
        else:
            found.append(("parts", int(rng.integers(1, 4)), rng.uniform(0, 0.3)))
    return found
